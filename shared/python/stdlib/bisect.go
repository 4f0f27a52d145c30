package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newBisect makes the bisect module.
func newBisect(Host) *runtime.Module {
	const parameters = "(a, x, lo=0, hi=None, *, key=None)"
	find := func(name string, right bool) *runtime.Native {
		return clinic(name+parameters, func(th *thread, a args) (value, error) {
			i, err := bisect(th, a, a.Vals[1], right)
			return runtime.NewInt(i), err
		})
	}
	insert := func(name string, right bool) *runtime.Native {
		return clinic(name+parameters, func(th *thread, a args) (value, error) {
			x := a.Vals[1]
			if key := a.Vals[4]; key != runtime.None {
				var err error
				if x, err = runtime.Call(th, key, x); err != nil {
					return nil, err
				}
			}
			i, err := bisect(th, a, x, right)
			if err != nil {
				return nil, err
			}
			_, err = runtime.CallAttr(th, a.Vals[0], "insert", runtime.NewInt(i), a.Vals[1])
			return runtime.None, err
		})
	}
	return runtime.NewModule("bisect", members(
		find("bisect", true), find("bisect_right", true), find("bisect_left", false),
		insert("insort", true), insert("insort_right", true), insert("insort_left", false),
	))
}

// bisect finds where x belongs in a sorted sequence, right of its equals or left.
func bisect(th *thread, a args, x value, right bool) (int64, error) {
	lo, err := runtime.Index(a.Vals[2])
	if err != nil {
		return 0, err
	}
	if lo < 0 {
		return 0, runtime.Errorf(runtime.ValueError, "lo must be non-negative")
	}
	hi := int64(-1)
	if a.Vals[3] != runtime.None {
		if hi, err = runtime.Index(a.Vals[3]); err != nil {
			return 0, err
		}
	}
	if hi == -1 {
		n, err := runtime.Len(th, a.Vals[0])
		if err != nil {
			return 0, err
		}
		hi = int64(n)
	}
	for lo < hi {
		if err := th.Step(); err != nil {
			return 0, err
		}
		mid := lo + (hi-lo)/2
		item, err := runtime.GetItem(th, a.Vals[0], runtime.NewInt(mid))
		if err != nil {
			return 0, err
		}
		if key := a.Vals[4]; key != runtime.None {
			if item, err = runtime.Call(th, key, item); err != nil {
				return 0, err
			}
		}
		var below bool
		if right {
			below, err = less(th, x, item)
			below = !below
		} else {
			below, err = less(th, item, x)
		}
		switch {
		case err != nil:
			return 0, err
		case below:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return lo, nil
}

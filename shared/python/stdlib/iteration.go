package stdlib

import (
	"errors"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func iteration() runtime.Members {
	m := members(
		define("iter(obj, sentinel=, /)", makeIter),
		define("next(iterator, default=, /)", nextItem),
		define("sorted(iterable, /, *, key=None, reverse=False)", func(th *thread, a args) (value, error) {
			vs, err := runtime.Collect(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.NewList(vs...), runtime.SortValues(th, vs, a.Vals[1], a.Vals[2])
		}),
		define("any(iterable, /)", func(th *thread, a args) (value, error) { return quantify(th, a.Vals[0], true) }),
		define("all(iterable, /)", func(th *thread, a args) (value, error) { return quantify(th, a.Vals[0], false) }),
	)
	for name, construct := range map[string]func(*thread, *runtime.Class, args) (value, error){
		"enumerate": makeEnumerate, "zip": makeZip, "map": makeMap, "filter": makeFilter, "reversed": makeReversed,
	} {
		class := runtime.NewIteratorClass("builtins", name)
		m[name] = runtime.Constructor(class, construct)
	}
	return m
}

func makeIter(th *thread, a args) (value, error) {
	if a.Vals[1] == nil {
		return runtime.Iter(th, a.Vals[0])
	}
	fn, sentinel := a.Vals[0], a.Vals[1]
	return runtime.NewIterator(callableIterator, func(th *thread) (value, error) {
		v, err := runtime.Call(th, fn)
		if err != nil {
			return nil, err
		}
		if same, err := runtime.Equal(th, v, sentinel); same || err != nil {
			return nil, err
		}
		return v, nil
	}, fn, sentinel), nil
}

var callableIterator = runtime.NewIteratorClass("builtins", "callable_iterator")

func nextItem(th *thread, a args) (value, error) {
	var v value
	var err error
	it, ok := a.Vals[0].(runtime.Iterator)
	if ok {
		v, err = it.Next(th)
	} else {
		var found bool
		v, found, err = runtime.CallSpecial(th, a.Vals[0], "__next__")
		if !found {
			return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not an iterator", a.Vals[0].Class().Name)
		}
		if err != nil && a.Vals[1] != nil && runtime.AsException(err).IsA(runtime.StopIteration) {
			return a.Vals[1], nil
		}
	}
	if v != nil || err != nil {
		return v, err
	}
	if a.Vals[1] != nil {
		return a.Vals[1], nil
	}
	return nil, runtime.StopOf(a.Vals[0])
}

var errDecided = errors.New("decided")

// quantify is any (stop at true) and all (stop at false).
func quantify(th *thread, v value, stop bool) (value, error) {
	err := runtime.Iterate(th, v, func(x value) error {
		ok, err := runtime.Truth(th, x)
		if err == nil && ok == stop {
			return errDecided
		}
		return err
	})
	if errors.Is(err, errDecided) {
		return runtime.NewBool(stop), nil
	}
	return runtime.NewBool(!stop), err
}

func makeEnumerate(th *thread, c *runtime.Class, a args) (value, error) {
	vals := make([]value, 2)
	if len(a.Vals) == 0 {
		return nil, runtime.Errorf(runtime.TypeError, "enumerate() missing required argument 'iterable'")
	}
	if err := runtime.NewSignature("enumerate", "iterable, start=0").Bind("enumerate", a, vals); err != nil {
		return nil, err
	}
	it, err := runtime.Iter(th, vals[0])
	if err != nil {
		return nil, err
	}
	n, err := runtime.Index(vals[1])
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		v, err := it.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		n++
		return runtime.NewTuple(runtime.NewInt(n-1), v), nil
	}, it), nil
}

// iterators opens all positional arguments.
func iterators(th *thread, vs []value) ([]runtime.Iterator, []value, error) {
	its, holds := make([]runtime.Iterator, len(vs)), make([]value, len(vs))
	for i, v := range vs {
		it, err := runtime.Iter(th, v)
		if err != nil {
			return nil, nil, err
		}
		its[i], holds[i] = it, it
	}
	return its, holds, nil
}

func makeZip(th *thread, c *runtime.Class, a args) (value, error) {
	strict := a.Kw("strict") == runtime.True
	its, holds, err := iterators(th, a.Pos())
	if err != nil {
		if e := runtime.AsException(err); e.IsA(runtime.TypeError) {
			return nil, zipError(a.Pos())
		}
		return nil, err
	}
	done := false
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		if done || len(its) == 0 {
			return nil, nil
		}
		out := make([]value, len(its))
		for i, it := range its {
			v, err := it.Next(th)
			if err != nil {
				return nil, err
			}
			if v == nil {
				done = true
				return nil, strictError(th, strict, its, i)
			}
			out[i] = v
		}
		return runtime.NewTuple(out...), th.Alloc(16*len(out) + 32)
	}, holds...), nil
}

func zipError(vs []value) error {
	for _, v := range vs {
		if v.Class().Lookup("__iter__") == nil && v.Class().Lookup("__getitem__") == nil {
			return runtime.Errorf(runtime.TypeError, "'%s' object is not iterable", v.Class().Name)
		}
	}
	return runtime.Errorf(runtime.TypeError, "zip argument is not iterable")
}

// strictError checks, when argument i of zip ended, that all end together.
func strictError(th *thread, strict bool, its []runtime.Iterator, i int) error {
	if !strict {
		return nil
	}
	which := func(n int) string {
		if n == 1 {
			return "argument 1"
		}
		return "arguments 1-" + runtime.FormatInt(n)
	}
	if i > 0 {
		return runtime.Errorf(runtime.ValueError, "zip() argument %d is shorter than %s", i+1, which(i))
	}
	for j := 1; j < len(its); j++ {
		v, err := its[j].Next(th)
		if err != nil {
			return err
		}
		if v != nil {
			return runtime.Errorf(runtime.ValueError, "zip() argument %d is longer than %s", j+1, which(j))
		}
	}
	return nil
}

func makeMap(th *thread, c *runtime.Class, a args) (value, error) {
	if a.NPos() < 2 {
		return nil, runtime.Errorf(runtime.TypeError, "map() must have at least two arguments.")
	}
	fn := a.Vals[0]
	its, holds, err := iterators(th, a.Pos()[1:])
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		in := make([]value, len(its))
		for i, it := range its {
			v, err := it.Next(th)
			if v == nil || err != nil {
				return nil, err
			}
			in[i] = v
		}
		return runtime.Call(th, fn, in...)
	}, append(holds, fn)...), nil
}

func makeFilter(th *thread, c *runtime.Class, a args) (value, error) {
	if a.NPos() != 2 {
		return nil, runtime.Errorf(runtime.TypeError, "filter expected 2 arguments, got %d", a.NPos())
	}
	fn := a.Vals[0]
	it, err := runtime.Iter(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		for {
			v, err := it.Next(th)
			if v == nil || err != nil {
				return nil, err
			}
			if err := th.Work(2 << 10); err != nil {
				return nil, err
			}
			keep := v
			if fn != runtime.None {
				if keep, err = runtime.Call(th, fn, v); err != nil {
					return nil, err
				}
			}
			ok, err := runtime.Truth(th, keep)
			if err != nil {
				return nil, err
			}
			if ok {
				return v, nil
			}
		}
	}, it, fn), nil
}

func makeReversed(th *thread, c *runtime.Class, a args) (value, error) {
	if a.NPos() != 1 {
		return nil, runtime.Errorf(runtime.TypeError, "reversed expected 1 argument, got %d", a.NPos())
	}
	v := a.Vals[0]
	if r, found, err := runtime.CallSpecial(th, v, "__reversed__"); found {
		return r, err
	}
	switch x := v.(type) {
	case *runtime.Range:
		n := x.Len()
		return runtime.Iter(th, &runtime.Range{Start: x.Start + (n-1)*x.Step, Stop: x.Start - x.Step, Step: -x.Step})
	case *runtime.Set, runtime.Iterator:
		return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not reversible", v.Class().Name)
	}
	if items, ok := runtime.Snapshot(v); ok {
		v = runtime.NewTuple(items...)
	}
	n, err := runtime.Len(th, v)
	if err != nil {
		if v.Class().Lookup("keys") == nil {
			return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not reversible", v.Class().Name)
		}
		return nil, err
	}
	if s, ok := v.(runtime.Str); ok { // characters once, not a scan for each
		runes, err := runtime.Collect(th, s)
		if err != nil {
			return nil, err
		}
		v = runtime.NewTuple(runes...)
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		if n--; n < 0 {
			return nil, nil
		}
		return runtime.GetItem(th, v, runtime.NewInt(int64(n)))
	}, v), nil
}

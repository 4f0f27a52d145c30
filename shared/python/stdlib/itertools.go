package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newItertools makes the itertools module. Its iterators are lazy; shared ones
// (a count() at class level that all users draw from) let one thread in at a time.
func newItertools(Host) *runtime.Module {
	m := runtime.Members{}
	for _, t := range []iteratorType{
		{"count", "start=0, step=1", makeCount},
		{"cycle", "iterable, /", makeCycle},
		{"repeat", "object, times=", makeRepeat},
		{"accumulate", "iterable, func=None, *, initial=None", makeAccumulate},
		{"compress", "data, selectors", makeCompress},
		{"dropwhile", "predicate, iterable, /", makeDropWhile},
		{"filterfalse", "function, iterable, /", makeFilterFalse},
		{"groupby", "iterable, key=None", makeGroupBy},
		{"pairwise", "iterable, /", makePairwise},
		{"starmap", "function, iterable, /", makeStarMap},
		{"takewhile", "predicate, iterable, /", makeTakeWhile},
		{"combinations", "iterable, r", makeCombinations},
		{"combinations_with_replacement", "iterable, r", makeMultisets},
		{"permutations", "iterable, r=None", makePermutations},
		{"islice", "", makeSliceIterator},
		{"zip_longest", "", makeZipLongest},
		{"product", "", makeProduct},
	} {
		m[t.name] = t.class()
	}
	chain := runtime.NewIteratorClass("itertools", "itertools.chain")
	runtime.DefineMembers(chain, runtime.Members{"from_iterable": &runtime.ClassMethod{
		Fn: define("chain.from_iterable(self, iterable, /)", func(th *thread, a args) (value, error) {
			it, err := runtime.Iter(th, a.Vals[1])
			return newChain(chain, it), err
		}),
	}})
	m["chain"] = runtime.Constructor(chain, func(_ *thread, c *runtime.Class, a args) (value, error) {
		if len(a.Names) > 0 {
			return nil, runtime.Errorf(runtime.TypeError, "chain() takes no keyword arguments")
		}
		sources := runtime.NewTuple(append([]value(nil), a.Vals...)...)
		return newChain(c, runtime.ItemsIterator(sources)), nil
	})
	m["tee"] = define("tee(iterable, n=2, /)", tee)
	return runtime.NewModule("itertools", m)
}

// iteratorType is a class of itertools: make gets one value for each parameter, or
// all arguments when there are no parameters.
type iteratorType struct {
	name, params string
	make         func(th *thread, c *runtime.Class, a args) (value, error)
}

func (t iteratorType) class() *runtime.Class {
	class := runtime.NewIteratorClass("itertools", "itertools."+t.name)
	if t.params == "" {
		return runtime.Constructor(class, t.make)
	}
	sig := runtime.NewSignature(t.name, t.params).Clinic()
	return runtime.Constructor(class, func(th *thread, c *runtime.Class, a args) (value, error) {
		vals := make([]value, sig.Len())
		if err := sig.Bind(t.name, a, vals); err != nil {
			return nil, err
		}
		return t.make(th, c, args{Vals: vals})
	})
}

// shownIterator is an iterator whose repr tells its state.
type shownIterator struct {
	*runtime.NativeIterator
	show func(th *thread) (string, error)
}

// Repr implements the text of any value.
func (s *shownIterator) Repr(th *thread) (string, error) { return s.show(th) }

func makeCount(_ *thread, c *runtime.Class, a args) (value, error) {
	next, step := a.Vals[0], a.Vals[1]
	if !runtime.IsNumber(next) || !runtime.IsNumber(step) {
		return nil, runtime.Errorf(runtime.TypeError, "a number is required")
	}
	it := runtime.NewIterator(c, func(th *thread) (value, error) {
		v := next
		var err error
		next, err = runtime.Binary(th, runtime.Add, v, step)
		return v, err
	})
	return &shownIterator{it, func(th *thread) (string, error) {
		var now value
		if err := it.While(th, func() { now = next }); err != nil {
			return "", err
		}
		s, err := runtime.Repr(th, now)
		if n, ok := runtime.AsInt(step); err != nil || ok && n == 1 && isInteger(step) {
			return "count(" + s + ")", err
		}
		by, err := runtime.Repr(th, step)
		return "count(" + s + ", " + by + ")", err
	}}, nil
}

func isInteger(v value) bool {
	_, ok := runtime.Data(v).(runtime.Float)
	return !ok
}

func makeCycle(th *thread, c *runtime.Class, a args) (value, error) {
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	var saved []value
	at, ended := 0, false
	var it *runtime.NativeIterator
	it = runtime.NewIterator(c, func(th *thread) (value, error) {
		if !ended {
			v, err := source.Next(th)
			if v == nil && err == nil {
				ended = true
			} else {
				if err == nil {
					it.Keep(v)
					saved, err = grow(th, saved, v)
				}
				return v, err
			}
		}
		if len(saved) == 0 {
			return nil, nil
		}
		v := saved[at]
		at = (at + 1) % len(saved)
		return v, nil
	}, source).Holding(func() []value { return saved })
	return it, nil
}

// grow appends v and charges what the slice takes more.
func grow(th *thread, vs []value, v value) ([]value, error) {
	if len(vs) == cap(vs) {
		if err := th.Alloc(len(vs)*16 + 64); err != nil {
			return vs, err
		}
	}
	return append(vs, v), nil
}

func makeRepeat(_ *thread, c *runtime.Class, a args) (value, error) {
	v, left, endless := a.Vals[0], int64(0), a.Vals[1] == nil
	if !endless {
		n, err := runtime.Index(a.Vals[1])
		if err != nil {
			return nil, err
		}
		left = max(n, 0)
	}
	it := runtime.NewIterator(c, func(*thread) (value, error) {
		if endless {
			return v, nil
		}
		if left == 0 {
			return nil, nil
		}
		left--
		return v, nil
	}, v)
	return &shownIterator{it, func(th *thread) (string, error) {
		var n int64
		if err := it.While(th, func() { n = left }); err != nil {
			return "", err
		}
		s, err := runtime.Repr(th, v)
		if err == nil && !endless {
			s += ", " + runtime.FormatInt(int(n))
		}
		return "repeat(" + s + ")", err
	}}, nil
}

func makeAccumulate(th *thread, c *runtime.Class, a args) (value, error) {
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	fn, initial := a.Vals[1], a.Vals[2]
	var total value
	var it *runtime.NativeIterator
	it = runtime.NewIterator(c, func(th *thread) (value, error) {
		if initial != runtime.None {
			total, initial = initial, runtime.None
			return total, nil
		}
		v, err := source.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		switch {
		case total == nil:
		case fn == runtime.None:
			v, err = runtime.Binary(th, runtime.Add, total, v)
		default:
			v, err = runtime.Call(th, fn, total, v)
		}
		if err != nil {
			return nil, err
		}
		it.Keep(v)
		total = v
		return v, nil
	}, source, fn, initial).Holding(func() []value { return present(total) })
	return it, nil
}

// present drops what is not there yet.
func present(vs ...value) []value {
	out := vs[:0]
	for _, v := range vs {
		if v != nil {
			out = append(out, v)
		}
	}
	return out
}

// newChain yields what the iterables yield that sources yields.
func newChain(c *runtime.Class, sources runtime.Iterator) value {
	var now runtime.Iterator
	var it *runtime.NativeIterator
	it = runtime.NewIterator(c, func(th *thread) (value, error) {
		for {
			if now == nil {
				v, err := sources.Next(th)
				if v == nil || err != nil {
					return nil, err
				}
				it.Keep(v)
				if now, err = runtime.Iter(th, v); err != nil {
					return nil, err
				}
				it.Keep(now)
			}
			v, err := now.Next(th)
			if v != nil || err != nil {
				return v, err
			}
			now = nil
			if err := th.Work(3 << 10); err != nil {
				return nil, err
			}
		}
	}, sources).Holding(func() []value {
		if now == nil {
			return nil
		}
		return []value{now}
	})
	return it
}

func makeCompress(th *thread, c *runtime.Class, a args) (value, error) {
	its, holds, err := iterators(th, a.Vals)
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		for {
			v, err := its[0].Next(th)
			if v == nil || err != nil {
				return nil, err
			}
			keep, err := its[1].Next(th)
			if keep == nil || err != nil {
				return nil, err
			}
			if ok, err := runtime.Truth(th, keep); ok || err != nil {
				return v, err
			}
			if err := th.Step(); err != nil {
				return nil, err
			}
		}
	}, holds...), nil
}

// sifting opens the iterable of a predicate and its items.
func sifting(th *thread, c *runtime.Class, a args, next func(th *thread, source runtime.Iterator, test func(*thread, value) (bool, error)) (value, error)) (value, error) {
	fn := a.Vals[0]
	source, err := runtime.Iter(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	test := func(th *thread, v value) (bool, error) {
		if err := th.Work(2 << 10); err != nil {
			return false, err
		}
		r, err := runtime.Call(th, fn, v)
		if err != nil {
			return false, err
		}
		return runtime.Truth(th, r)
	}
	if fn == runtime.None {
		test = runtime.Truth
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) { return next(th, source, test) }, source, fn), nil
}

type predicate = func(*thread, value) (bool, error)

func makeDropWhile(th *thread, c *runtime.Class, a args) (value, error) {
	started := false
	return sifting(th, c, callable(a), func(th *thread, source runtime.Iterator, test predicate) (value, error) {
		for {
			v, err := source.Next(th)
			if v == nil || err != nil || started {
				return v, err
			}
			dropped, err := test(th, v)
			if err != nil {
				return nil, err
			}
			if !dropped {
				started = true
				return v, nil
			}
		}
	})
}

func makeTakeWhile(th *thread, c *runtime.Class, a args) (value, error) {
	ended := false
	return sifting(th, c, callable(a), func(th *thread, source runtime.Iterator, test predicate) (value, error) {
		if ended {
			return nil, nil
		}
		v, err := source.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		ok, err := test(th, v)
		if err != nil {
			return nil, err
		}
		if !ok {
			ended = true
			return nil, nil
		}
		return v, nil
	})
}

// callable keeps a None predicate from standing for the truth of the items, which
// only filterfalse knows.
func callable(a args) args {
	if a.Vals[0] != runtime.None {
		return a
	}
	none := define("None(x, /)", func(*thread, args) (value, error) {
		return nil, runtime.Errorf(runtime.TypeError, "'NoneType' object is not callable")
	})
	return args{Vals: []value{none, a.Vals[1]}}
}

func makeFilterFalse(th *thread, c *runtime.Class, a args) (value, error) {
	return sifting(th, c, a, func(th *thread, source runtime.Iterator, test predicate) (value, error) {
		for {
			v, err := source.Next(th)
			if v == nil || err != nil {
				return nil, err
			}
			ok, err := test(th, v)
			if !ok || err != nil {
				return v, err
			}
			if err := th.Step(); err != nil {
				return nil, err
			}
		}
	})
}

func makePairwise(th *thread, c *runtime.Class, a args) (value, error) {
	source, err := runtime.Iter(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	var before value
	var it *runtime.NativeIterator
	it = runtime.NewIterator(c, func(th *thread) (value, error) {
		if before == nil {
			v, err := source.Next(th)
			if v == nil || err != nil {
				return nil, err
			}
			before = v
		}
		v, err := source.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		it.Keep(v)
		pair := runtime.NewTuple(before, v)
		before = v
		return pair, th.Alloc(64)
	}, source).Holding(func() []value { return present(before) })
	return it, nil
}

func makeStarMap(th *thread, c *runtime.Class, a args) (value, error) {
	fn := a.Vals[0]
	source, err := runtime.Iter(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		v, err := source.Next(th)
		if v == nil || err != nil {
			return nil, err
		}
		in, err := runtime.Collect(th, v)
		if err != nil {
			return nil, err
		}
		return runtime.Call(th, fn, in...)
	}, source, fn), nil
}

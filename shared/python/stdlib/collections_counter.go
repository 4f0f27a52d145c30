package stdlib

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var elementsIterator = runtime.NewIteratorClass("itertools", "itertools.chain")

var zero, one = runtime.NewInt(0), runtime.NewInt(1)

// newCounterClass makes the class Counter.
func newCounterClass() *runtime.Class {
	class := runtime.NewFrozenClass("collections", "Counter", []*runtime.Class{runtime.DictClass}, nil)
	runtime.DefineMembers(class, counterMembers())
	runtime.DefineMembers(class, counterOperators(class))
	runtime.DefineMembers(class, runtime.Members{
		"__class_getitem__": subscriptable(),
		"fromkeys": &runtime.ClassMethod{Fn: runtime.NewRaw("fromkeys", func(*thread, args) (value, error) {
			return nil, runtime.Errorf(runtime.NotImplementedError, "Counter.fromkeys() is undefined.  Use Counter(iterable) instead.")
		})},
	})
	return class
}

func counterMembers() runtime.Members {
	duplicate := func(th *thread, a args) (value, error) { return runtime.Call(th, a.Vals[0].Class(), a.Vals[0]) }
	return members(
		runtime.NewRaw("__init__", func(th *thread, a args) (value, error) { return count(th, "__init__", a, runtime.Add) }),
		runtime.NewRaw("update", func(th *thread, a args) (value, error) { return count(th, "update", a, runtime.Add) }),
		runtime.NewRaw("subtract", func(th *thread, a args) (value, error) { return count(th, "subtract", a, runtime.Sub) }),
		define("__missing__(self, key, /)", func(*thread, args) (value, error) { return zero, nil }),
		define("__delitem__(self, elem, /)", func(th *thread, a args) (value, error) {
			_, err := dictOf(a.Vals[0]).Delete(th, a.Vals[1])
			return runtime.None, err
		}),
		define("total(self, /)", func(th *thread, a args) (value, error) {
			sum := zero
			for _, n := range dictOf(a.Vals[0]).All() {
				var err error
				if sum, err = runtime.Binary(th, runtime.Add, sum, n); err != nil {
					return nil, err
				}
				if err := th.Step(); err != nil {
					return nil, err
				}
			}
			return sum, nil
		}),
		define("most_common(self, n=None)", func(th *thread, a args) (value, error) {
			pairs, err := mostCommon(th, dictOf(a.Vals[0]))
			if err != nil {
				return nil, err
			}
			if a.Vals[1] != runtime.None {
				if _, err := runtime.Compare(th, runtime.Ge, a.Vals[1], zero); err != nil {
					return nil, err
				}
				n, err := runtime.Index(a.Vals[1])
				if err != nil {
					return nil, err
				}
				pairs = pairs[:min(max(n, 0), int64(len(pairs)))]
			}
			return runtime.NewList(pairs...), nil
		}),
		define("elements(self, /)", func(_ *thread, a args) (value, error) { return elements(dictOf(a.Vals[0])), nil }),
		define("copy(self, /)", duplicate), define("__copy__(self, /)", duplicate),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			name, d := a.Vals[0].Class().BareName(), dictOf(a.Vals[0])
			if d.Len() == 0 {
				return runtime.Str(name + "()"), nil
			}
			if err := th.Enter(); err != nil {
				return nil, err
			}
			defer th.Leave()
			if pairs, err := mostCommon(th, d); err == nil {
				d = runtime.NewDict()
				for _, p := range pairs {
					if err := d.Set(th, tupleItems(p)[0], tupleItems(p)[1]); err != nil {
						return nil, err
					}
				}
			} else if !runtime.AsException(err).IsA(runtime.TypeError) {
				return nil, err
			}
			s, err := runtime.Repr(th, d)
			return runtime.Str(name + "(" + s + ")"), err
		}),
	)
}

// count is update and subtract: a mapping gives counts, anything else elements.
func count(th *thread, name string, a args, op runtime.Op) (value, error) {
	if a.NPos() > 2 {
		return nil, runtime.Errorf(runtime.TypeError, "Counter.%s() takes from 1 to 2 positional arguments but %d were given", name, a.NPos())
	}
	d := dictOf(a.Vals[0])
	if a.NPos() == 2 && a.Vals[1] != runtime.None {
		if err := countFrom(th, d, a.Vals[1], op); err != nil {
			return nil, err
		}
	}
	if len(a.Names) == 0 {
		return runtime.None, nil
	}
	return runtime.None, countFrom(th, d, a.KwDict(), op)
}

func countFrom(th *thread, d *runtime.Dict, from value, op runtime.Op) error {
	if !isMapping(from) {
		return runtime.Iterate(th, from, func(k value) error {
			if err := th.Work(4 << 10); err != nil { // a place in a table, read and written
				return err
			}
			return d.Change(th, k, func(old value) (value, error) { return runtime.Binary(th, op, orZero(old), one) })
		})
	}
	if op == runtime.Add && d.Len() == 0 { // counts are taken as they are
		return runtime.MergeInto(th, d, from)
	}
	counts := dictOf(from)
	if counts == nil {
		counts = runtime.NewDict()
		if err := runtime.MergeInto(th, counts, from); err != nil {
			return err
		}
	}
	for k, n := range counts.All() {
		err := d.Change(th, k, func(old value) (value, error) {
			if op == runtime.Add {
				return runtime.Binary(th, op, n, orZero(old))
			}
			return runtime.Binary(th, op, orZero(old), n)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func orZero(v value) value {
	if v == nil {
		return zero
	}
	return v
}

// mostCommon is pairs of elements and counts, the highest first.
func mostCommon(th *thread, d *runtime.Dict) ([]value, error) {
	if err := th.AllocMany(d.Len(), 64); err != nil {
		return nil, err
	}
	var pairs []value
	for k, n := range d.All() {
		pairs = append(pairs, runtime.NewTuple(k, n))
	}
	second := define("count(pair, /)", func(_ *thread, a args) (value, error) { return tupleItems(a.Vals[0])[1], nil })
	return pairs, runtime.SortValues(th, pairs, second, runtime.True)
}

// elements yields each element as often as it counts.
func elements(d *runtime.Dict) value {
	var keys []value
	at, left, started := 0, int64(0), false
	return runtime.NewIterator(elementsIterator, func(th *thread) (value, error) {
		if !started {
			keys, _ = runtime.Snapshot(d)
			started = true
			at = -1
		}
		for left <= 0 {
			if at++; at >= len(keys) {
				at = len(keys)
				return nil, nil
			}
			n, err := d.Get(th, keys[at])
			if err != nil {
				return nil, err
			}
			if n == nil { // removed meanwhile
				continue
			}
			if left, err = runtime.Index(n); err != nil {
				return nil, err
			}
			if err := th.Step(); err != nil {
				return nil, err
			}
		}
		left--
		return keys[at], nil
	}, d)
}

// counterOperators are those between counters; results are plain counters that keep
// only positive counts.
func counterOperators(class *runtime.Class) runtime.Members {
	m := runtime.Members{}
	choose := func(less runtime.CmpOp) func(th *thread, x, y value) (value, error) {
		return func(th *thread, x, y value) (value, error) {
			r, err := runtime.Compare(th, less, x, y)
			if err != nil {
				return nil, err
			}
			if ok, err := runtime.Truth(th, r); ok || err != nil {
				return x, err
			}
			return y, nil
		}
	}
	arith := func(op runtime.Op) func(th *thread, x, y value) (value, error) {
		return func(th *thread, x, y value) (value, error) { return runtime.Binary(th, op, x, y) }
	}
	for name, f := range map[string]func(th *thread, x, y value) (value, error){
		"add__": arith(runtime.Add), "sub__": arith(runtime.Sub), "or__": choose(runtime.Gt), "and__": choose(runtime.Lt),
	} {
		m["__"+name] = define("__"+name+"(self, other, /)", func(th *thread, a args) (value, error) {
			if !a.Vals[1].Class().Is(class) {
				return runtime.NotImplemented, nil
			}
			out, err := combineCounts(th, dictOf(a.Vals[0]), dictOf(a.Vals[1]), f)
			return runtime.Instance(class, out), err
		})
		m["__i"+name] = define("__i"+name+"(self, other, /)", func(th *thread, a args) (value, error) {
			d, other := dictOf(a.Vals[0]), dictOf(a.Vals[1])
			if other == nil {
				return runtime.NotImplemented, nil
			}
			out, err := combineCounts(th, d, other, f)
			if err != nil {
				return nil, err
			}
			d.Clear()
			return a.Vals[0], runtime.MergeInto(th, d, out)
		})
	}
	sign := func(name string, op runtime.Op) {
		m[name] = define(name+"(self, /)", func(th *thread, a args) (value, error) {
			out, err := combineCounts(th, runtime.NewDict(), dictOf(a.Vals[0]), arith(op))
			return runtime.Instance(class, out), err
		})
	}
	sign("__pos__", runtime.Add)
	sign("__neg__", runtime.Sub)
	for name, op := range map[string]runtime.CmpOp{
		"__eq__": runtime.Eq, "__le__": runtime.Le, "__ge__": runtime.Ge, "__lt__": runtime.Lt, "__gt__": runtime.Gt, "__ne__": runtime.Ne,
	} {
		m[name] = define(name+"(self, other, /)", func(th *thread, a args) (value, error) {
			if !a.Vals[1].Class().Is(class) {
				return runtime.NotImplemented, nil
			}
			ok, err := compareCounts(th, op, dictOf(a.Vals[0]), dictOf(a.Vals[1]))
			return runtime.NewBool(ok), err
		})
	}
	return m
}

// combineCounts is f of both counts of each element, where that is positive.
func combineCounts(th *thread, x, y *runtime.Dict, f func(th *thread, x, y value) (value, error)) (*runtime.Dict, error) {
	out := runtime.NewDict()
	return out, eachCount(th, x, y, func(k, a, b value) error {
		n, err := f(th, a, b)
		if err != nil {
			return err
		}
		r, err := runtime.Compare(th, runtime.Gt, n, zero)
		if err != nil {
			return err
		}
		if ok, err := runtime.Truth(th, r); !ok || err != nil {
			return err
		}
		return out.Set(th, k, n)
	})
}

// eachCount visits the elements of both, an absent one counting zero.
func eachCount(th *thread, x, y *runtime.Dict, f func(k, a, b value) error) error {
	seen, _ := runtime.Snapshot(x)
	more, _ := runtime.Snapshot(y)
	for _, k := range slices.Concat(seen, more) {
		if err := th.Work(8 << 10); err != nil { // two look-ups, a sum, a comparison, an entry
			return err
		}
		a, err := x.Get(th, k)
		if err != nil {
			return err
		}
		b, err := y.Get(th, k)
		if err != nil {
			return err
		}
		if a != nil && b != nil && len(seen) == 0 {
			continue // visited as an element of x
		}
		if len(seen) > 0 {
			seen = seen[1:]
		}
		if err := f(k, orZero(a), orZero(b)); err != nil {
			return err
		}
	}
	return nil
}

// compareCounts tells whether op holds for every element; the strict orders are the
// weak ones without equality.
func compareCounts(th *thread, op runtime.CmpOp, x, y *runtime.Dict) (bool, error) {
	switch op {
	case runtime.Ne:
		same, err := compareCounts(th, runtime.Eq, x, y)
		return !same, err
	case runtime.Lt, runtime.Gt:
		weak := map[runtime.CmpOp]runtime.CmpOp{runtime.Lt: runtime.Le, runtime.Gt: runtime.Ge}[op]
		ok, err := compareCounts(th, weak, x, y)
		if !ok || err != nil {
			return false, err
		}
		return compareCounts(th, runtime.Ne, x, y)
	}
	all := true
	err := eachCount(th, x, y, func(_, a, b value) error {
		r, err := runtime.Compare(th, op, a, b)
		if err != nil {
			return err
		}
		ok, err := runtime.Truth(th, r)
		all = all && ok
		return err
	})
	return all, err
}

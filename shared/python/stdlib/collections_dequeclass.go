package stdlib

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var (
	dequeIterator        = runtime.NewIteratorClass("_collections", "_collections._deque_iterator")
	dequeReverseIterator = runtime.NewIteratorClass("_collections", "_collections._deque_reverse_iterator")
)

func asDeque(v value) (*deque, bool) {
	d, ok := runtime.Data(v).(*deque)
	return d, ok
}

func selfDeque(a args) *deque {
	d, _ := asDeque(a.Vals[0]) // a method is called only with instances of its class
	return d
}

// newDequeClass makes the class deque.
func newDequeClass() *runtime.Class {
	class := runtime.NewFrozenClass("collections", "collections.deque", nil, nil)
	runtime.Constructor(class, func(_ *thread, cls *runtime.Class, _ args) (value, error) {
		return runtime.Instance(cls, &deque{class: class, maxlen: -1}), nil
	})
	// like makes a deque of the class and the bound of another.
	like := func(of value, items []value) value {
		d := &deque{class: class, maxlen: -1}
		if from, ok := asDeque(of); ok {
			d.maxlen = from.maxlen
		}
		d.replace(items)
		return runtime.Instance(of.Class(), d)
	}
	runtime.DefineMembers(class, dequeEnds())
	runtime.DefineMembers(class, dequeItems())
	runtime.DefineMembers(class, dequeOperators(like))
	sig := runtime.NewSignature("deque", "iterable=, maxlen=None").Clinic()
	runtime.DefineMembers(class, runtime.Members{
		"__doc__":  runtime.None,
		"__hash__": runtime.None,
		"__init__": runtime.NewRaw("__init__", func(th *thread, a args) (value, error) {
			vals := make([]value, 2)
			if err := sig.Bind("deque", args{Vals: a.Vals[1:], Names: a.Names}, vals); err != nil {
				return nil, err
			}
			return runtime.None, initDeque(th, selfDeque(a), vals[0], vals[1])
		}),
		"maxlen": runtime.Attribute("maxlen", func(_ *thread, v value) (value, error) {
			if d, ok := asDeque(v); ok && d.maxlen >= 0 {
				return runtime.NewInt(int64(d.maxlen)), nil
			}
			return runtime.None, nil
		}, func(*thread, value, value) error {
			return runtime.Errorf(runtime.AttributeError, "attribute 'maxlen' of 'collections.deque' objects is not writable")
		}),
		"__class_getitem__": subscriptable(),
	})
	return class
}

// subscriptable lets a class stand in annotations with arguments.
func subscriptable() value {
	return &runtime.ClassMethod{Fn: define("__class_getitem__(cls, key, /)", func(_ *thread, a args) (value, error) {
		return runtime.NewAlias(a.Vals[0], a.Vals[1]), nil
	})}
}

func initDeque(th *thread, d *deque, from, maxlen value) error {
	bound := -1
	if maxlen != runtime.None {
		n, ok := runtime.AsInt(maxlen)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "an integer is required")
		}
		if n < 0 {
			return runtime.Errorf(runtime.ValueError, "maxlen must be non-negative")
		}
		bound = int(n)
	}
	d.Lock()
	d.maxlen = bound
	d.Unlock()
	d.replace(nil)
	if from == nil {
		return nil
	}
	return d.extend(th, from, false)
}

// dequeEnds are the methods that work at the ends.
func dequeEnds() runtime.Members {
	push := func(name string, left bool) *runtime.Native {
		return define(name+"(self, item, /)", func(th *thread, a args) (value, error) {
			return runtime.None, selfDeque(a).push(th, a.Vals[1], left)
		})
	}
	pop := func(name string, left bool) *runtime.Native {
		return define(name+"(self, /)", func(_ *thread, a args) (value, error) { return selfDeque(a).pop(left) })
	}
	extend := func(name string, left bool) *runtime.Native {
		return define(name+"(self, iterable, /)", func(th *thread, a args) (value, error) {
			return runtime.None, selfDeque(a).extend(th, a.Vals[1], left)
		})
	}
	return members(
		push("append", false), push("appendleft", true), pop("pop", false), pop("popleft", true),
		extend("extend", false), extend("extendleft", true),
		define("clear(self, /)", func(_ *thread, a args) (value, error) {
			selfDeque(a).replace(nil)
			return runtime.None, nil
		}),
		define("rotate(self, n=1, /)", func(th *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			return runtime.None, selfDeque(a).rotate(th, n)
		}),
		define("reverse(self, /)", func(th *thread, a args) (value, error) {
			d := selfDeque(a)
			items, err := d.items(th)
			slices.Reverse(items)
			d.replace(items)
			return runtime.None, err
		}),
	)
}

// dequeItems are the methods that look for items.
func dequeItems() runtime.Members {
	return members(
		define("__len__(self, /)", func(_ *thread, a args) (value, error) { return runtime.NewInt(int64(selfDeque(a).Len())), nil }),
		define("__iter__(self, /)", func(_ *thread, a args) (value, error) { return selfDeque(a).iterator(dequeIterator, false), nil }),
		define("__reversed__(self, /)", func(_ *thread, a args) (value, error) {
			return selfDeque(a).iterator(dequeReverseIterator, true), nil
		}),
		define("__contains__(self, item, /)", func(th *thread, a args) (value, error) {
			i, err := selfDeque(a).find(th, a.Vals[1], 0, selfDeque(a).Len())
			return runtime.NewBool(i >= 0), err
		}),
		define("__getitem__(self, index, /)", func(_ *thread, a args) (v value, err error) {
			d := selfDeque(a)
			err = d.touch(a.Vals[1], func(i int) { v = *d.at(i) })
			return v, err
		}),
		define("__setitem__(self, index, item, /)", func(_ *thread, a args) (value, error) {
			d, v := selfDeque(a), a.Vals[2]
			d.Keep(v)
			return runtime.None, d.touch(a.Vals[1], func(i int) { *d.at(i) = v })
		}),
		define("__delitem__(self, index, /)", func(th *thread, a args) (value, error) {
			d := selfDeque(a)
			if err := th.Work(d.Len() * 8); err != nil {
				return nil, err
			}
			return runtime.None, d.touch(a.Vals[1], d.remove)
		}),
		define("count(self, item, /)", func(th *thread, a args) (value, error) {
			items, err := selfDeque(a).items(th)
			if err != nil {
				return nil, err
			}
			n, want := int64(0), a.Vals[1]
			err = runtime.Iterate(th, runtime.NewTuple(items...), func(v value) error {
				same, err := runtime.Equal(th, v, want)
				if same {
					n++
				}
				return err
			})
			return runtime.NewInt(n), err
		}),
		define("index(self, item, start=0, stop=9223372036854775807, /)", dequeIndex),
		define("remove(self, item, /)", func(th *thread, a args) (value, error) {
			d := selfDeque(a)
			i, err := d.find(th, a.Vals[1], 0, d.Len())
			if err != nil {
				return nil, err
			}
			if i < 0 {
				return nil, notInDeque(th, a.Vals[1])
			}
			if err := th.Work(d.Len() * 8); err != nil {
				return nil, err
			}
			return runtime.None, d.touch(runtime.NewInt(int64(i)), d.remove)
		}),
		define("insert(self, index, item, /)", dequeInsert),
	)
}

func dequeIndex(th *thread, a args) (value, error) {
	d := selfDeque(a)
	n := int64(d.Len())
	var bounds [2]int64
	for i := range bounds {
		at, err := runtime.Index(a.Vals[2+i])
		if err != nil {
			return nil, err
		}
		if at < 0 {
			at = max(at+n, 0)
		}
		bounds[i] = min(at, n)
	}
	i, err := d.find(th, a.Vals[1], int(bounds[0]), int(bounds[1]))
	if err != nil {
		return nil, err
	}
	if i >= 0 {
		return runtime.NewInt(int64(i)), nil
	}
	return nil, notInDeque(th, a.Vals[1])
}

func notInDeque(th *thread, v value) error {
	text, err := runtime.Repr(th, v)
	if err != nil {
		return err
	}
	return runtime.Errorf(runtime.ValueError, "%s is not in deque", text)
}

func dequeInsert(th *thread, a args) (value, error) {
	d := selfDeque(a)
	at, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	items, err := d.items(th)
	if err != nil {
		return nil, err
	}
	if d.maxlen >= 0 && len(items) >= d.maxlen {
		return nil, runtime.Errorf(runtime.IndexError, "deque already at its maximum size")
	}
	if at < 0 {
		at = max(at+int64(len(items)), 0)
	}
	d.replace(slices.Insert(items, int(min(at, int64(len(items)))), a.Vals[2]))
	return runtime.None, nil
}

func dequeOperators(like func(of value, items []value) value) runtime.Members {
	m := members(
		define("copy(self, /)", func(th *thread, a args) (value, error) {
			items, err := selfDeque(a).items(th)
			return like(a.Vals[0], items), err
		}),
		define("__add__(self, other, /)", func(th *thread, a args) (value, error) {
			other, ok := asDeque(a.Vals[1])
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, `can only concatenate deque (not "%s") to deque`, a.Vals[1].Class().Name)
			}
			items, err := selfDeque(a).items(th)
			if err != nil {
				return nil, err
			}
			more, err := other.items(th)
			return like(a.Vals[0], append(items, more...)), err
		}),
		define("__iadd__(self, other, /)", func(th *thread, a args) (value, error) {
			return a.Vals[0], selfDeque(a).extend(th, a.Vals[1], false)
		}),
		define("__imul__(self, n, /)", func(th *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			items, err := selfDeque(a).repeat(th, n)
			if err == nil {
				selfDeque(a).replace(items)
			}
			return a.Vals[0], err
		}),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			d := selfDeque(a)
			items, err := d.items(th)
			if err != nil {
				return nil, err
			}
			s, err := runtime.Repr(th, runtime.NewList(items...))
			if d.maxlen >= 0 {
				s += ", maxlen=" + runtime.FormatInt(d.maxlen)
			}
			return runtime.Str(a.Vals[0].Class().BareName() + "(" + s + ")"), err
		}),
	)
	times := func(th *thread, a args) (value, error) {
		n, ok := runtime.AsInt(a.Vals[1])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "can't multiply sequence by non-int of type '%s'", a.Vals[1].Class().Name)
		}
		items, err := selfDeque(a).repeat(th, n)
		return like(a.Vals[0], items), err
	}
	m["__mul__"], m["__rmul__"] = define("__mul__(self, n, /)", times), define("__rmul__(self, n, /)", times)
	m["__copy__"] = define("__copy__(self, /)", m["copy"].(*runtime.Native).Func())
	for op, name := range map[runtime.CmpOp]string{
		runtime.Eq: "__eq__", runtime.Ne: "__ne__", runtime.Lt: "__lt__", runtime.Le: "__le__", runtime.Gt: "__gt__", runtime.Ge: "__ge__",
	} {
		m[name] = define(name+"(self, other, /)", func(th *thread, a args) (value, error) {
			other, ok := asDeque(a.Vals[1])
			if !ok {
				return runtime.NotImplemented, nil
			}
			x, err := selfDeque(a).items(th)
			if err != nil {
				return nil, err
			}
			y, err := other.items(th)
			if err != nil {
				return nil, err
			}
			return runtime.Compare(th, op, runtime.NewTuple(x...), runtime.NewTuple(y...))
		})
	}
	return m
}

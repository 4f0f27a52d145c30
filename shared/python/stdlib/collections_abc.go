package stdlib

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// abstractClass is one of collections.abc: what it needs, and which classes that do
// not inherit from it count as it.
type abstractClass struct {
	name       string
	bases      []string
	abstract   []string
	structural bool     // a class with all of abstract counts
	native     []string // native classes that count besides
	mixin      func() runtime.Members
}

// Native classes whose special methods Go code has and the class does not list.
var (
	sizedNatives    = []string{"range", "dict_keys", "dict_values", "dict_items", "mappingproxy"}
	callableNatives = []string{"function", "method", "builtin_function_or_method", "method_descriptor", "type", "EnumType", "ABCMeta", "GenericAlias"}
	viewNatives     = []string{"dict_keys", "dict_items"}
	mutableMappings = []string{"dict", "ChainMap", "_Environ"} // each module has abstract classes of its own to inherit from
)

func abstractClasses() []abstractClass {
	return []abstractClass{
		{"Hashable", nil, []string{"__hash__"}, true, nil, nil},
		{"Awaitable", nil, []string{"__await__"}, true, []string{"coroutine", "Task", "Future"}, nil},
		{"Coroutine", []string{"Awaitable"}, []string{"send", "throw"}, false, []string{"coroutine"}, nil},
		{"AsyncIterable", nil, []string{"__aiter__"}, true, []string{"async_generator"}, nil},
		{"AsyncIterator", []string{"AsyncIterable"}, []string{"__anext__"}, true, []string{"async_generator"}, nil},
		{"Iterable", nil, []string{"__iter__"}, true, sizedNatives, nil},
		{"Iterator", []string{"Iterable"}, []string{"__next__"}, true, nil, iteratorMixin},
		{"Generator", []string{"Iterator"}, []string{"send", "throw"}, false, []string{"generator"}, nil},
		{"Reversible", []string{"Iterable"}, []string{"__reversed__"}, true, []string{"list", "dict", "range", "dict_keys", "dict_values", "dict_items", "tuple", "str", "bytes"}, nil},
		{"Sized", nil, []string{"__len__"}, true, sizedNatives, nil},
		{"Container", nil, []string{"__contains__"}, true, sizedNatives, nil},
		{"Collection", []string{"Sized", "Iterable", "Container"}, []string{"__len__", "__iter__", "__contains__"}, true, sizedNatives, nil},
		{"Callable", nil, []string{"__call__"}, true, callableNatives, nil},
		{"Set", []string{"Collection"}, nil, false, append([]string{"set", "frozenset"}, viewNatives...), setMixin},
		{"MutableSet", []string{"Set"}, []string{"add", "discard"}, false, []string{"set"}, mutableSetMixin},
		{"Mapping", []string{"Collection"}, []string{"__getitem__"}, false, append([]string{"mappingproxy"}, mutableMappings...), mappingMixin},
		{"MutableMapping", []string{"Mapping"}, []string{"__setitem__", "__delitem__"}, false, mutableMappings, mutableMappingMixin},
		{"Sequence", []string{"Reversible", "Collection"}, []string{"__getitem__"}, false, []string{"tuple", "str", "range", "bytes", "list", "deque"}, sequenceMixin},
		{"MutableSequence", []string{"Sequence"}, []string{"__setitem__", "__delitem__", "insert"}, false, []string{"list", "deque"}, mutableSequenceMixin},
	}
}

// newCollectionsABC makes the module collections.abc.
func newCollectionsABC(Host) *runtime.Module {
	m := runtime.Members{}
	for name, c := range makeAbstract() {
		m[name] = c
	}
	return runtime.NewModule("collections.abc", m)
}

// makeAbstract makes the classes by name.
func makeAbstract() map[string]*runtime.Class {
	made := map[string]*runtime.Class{}
	hooks := abstractHooks()
	for _, a := range abstractClasses() {
		var bases []*runtime.Class
		for _, b := range a.bases {
			bases = append(bases, made[b])
		}
		var mixin runtime.Members
		if a.mixin != nil {
			mixin = a.mixin()
		}
		c := runtime.NewFrozenClass("collections.abc", a.name, bases, mixin)
		runtime.DefineMembers(c, runtime.Members{"__class_getitem__": subscriptable()})
		c.Abstract(a.abstract...)
		runtime.SetAbstract(c)
		own := hooks
		own.Covers = a.covers
		made[a.name] = c.SetHooks(own)
	}
	return made
}

// covers tells classes that count as this one without inheriting from it.
func (a abstractClass) covers(sub *runtime.Class) bool {
	for _, k := range sub.MRO() {
		if !k.Scripted() && slices.Contains(a.native, k.BareName()) {
			return true
		}
	}
	if !a.structural {
		return false
	}
	has := func(name string) bool { v := sub.Lookup(name); return v != nil && v != runtime.None }
	if a.name == "Hashable" {
		return has("__hash__") && !sub.Is(runtime.ListClass) && !slices.Contains(viewNatives, sub.BareName())
	}
	if a.name == "Iterator" && !has("__iter__") {
		return false
	}
	return !slices.ContainsFunc(a.abstract, func(name string) bool { return !has(name) })
}

func iteratorMixin() runtime.Members {
	return members(define("__iter__(self, /)", func(_ *thread, a args) (value, error) { return a.Vals[0], nil }))
}

// lookup is self[key], nil when that is a KeyError.
func lookup(th *thread, self, key value) (value, error) {
	v, err := runtime.GetItem(th, self, key)
	if err != nil {
		if e := runtime.AsException(err); e.IsA(runtime.KeyError) && e.Catchable() {
			return nil, nil
		}
	}
	return v, err
}

// snapshotOf is a dict with the entries of a mapping.
func snapshotOf(th *thread, v value) (*runtime.Dict, error) {
	d := runtime.NewDict()
	return d, runtime.Iterate(th, v, func(k value) error {
		x, err := runtime.GetItem(th, v, k)
		if err != nil {
			return err
		}
		return d.Set(th, k, x)
	})
}

func mappingMixin() runtime.Members {
	view := func(name string) *runtime.Native {
		return define(name+"(self, /)", func(th *thread, a args) (value, error) {
			d, err := snapshotOf(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.CallAttr(th, d, name)
		})
	}
	return members(
		view("keys"), view("values"), view("items"),
		define("get(self, key, default=None)", func(th *thread, a args) (value, error) {
			v, err := lookup(th, a.Vals[0], a.Vals[1])
			if v == nil && err == nil {
				return a.Vals[2], nil
			}
			return v, err
		}),
		define("__contains__(self, key, /)", func(th *thread, a args) (value, error) {
			v, err := lookup(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(v != nil), err
		}),
		define("__eq__(self, other, /)", func(th *thread, a args) (value, error) {
			if a.Vals[1].Class().Lookup("keys") == nil {
				return runtime.NotImplemented, nil
			}
			x, err := snapshotOf(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			y, err := snapshotOf(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			same, err := runtime.Equal(th, x, y)
			return runtime.NewBool(same), err
		}),
	)
}

func mutableMappingMixin() runtime.Members {
	return members(
		define("pop(self, key, default=)", func(th *thread, a args) (value, error) {
			v, err := runtime.GetItem(th, a.Vals[0], a.Vals[1])
			if err != nil {
				if e := runtime.AsException(err); a.Vals[2] != nil && e.IsA(runtime.KeyError) && e.Catchable() {
					return a.Vals[2], nil
				}
				return nil, err
			}
			return v, runtime.DelItem(th, a.Vals[0], a.Vals[1])
		}),
		define("popitem(self, /)", func(th *thread, a args) (value, error) {
			it, err := runtime.Iter(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			k, err := it.Next(th)
			if err != nil {
				return nil, err
			}
			if k == nil {
				return nil, runtime.NewException(runtime.KeyError)
			}
			v, err := runtime.GetItem(th, a.Vals[0], k)
			if err != nil {
				return nil, err
			}
			return runtime.NewTuple(k, v), runtime.DelItem(th, a.Vals[0], k)
		}),
		define("clear(self, /)", func(th *thread, a args) (value, error) {
			keys, err := runtime.Collect(th, a.Vals[0])
			for _, k := range keys {
				if err == nil {
					err = runtime.DelItem(th, a.Vals[0], k)
				}
			}
			return runtime.None, err
		}),
		runtime.NewRaw("update", func(th *thread, a args) (value, error) {
			d, self := runtime.NewDict(), a.Vals[0]
			if err := runtime.FillDict(th, d, "update", args{Vals: a.Vals[1:], Names: a.Names}); err != nil {
				return nil, err
			}
			for k, v := range d.All() {
				if err := runtime.SetItem(th, self, k, v); err != nil {
					return nil, err
				}
			}
			return runtime.None, nil
		}),
		define("setdefault(self, key, default=None)", func(th *thread, a args) (value, error) {
			v, err := lookup(th, a.Vals[0], a.Vals[1])
			if v != nil || err != nil {
				return v, err
			}
			return a.Vals[2], runtime.SetItem(th, a.Vals[0], a.Vals[1], a.Vals[2])
		}),
	)
}

// eachIndexed visits self[0], self[1] and so on until an IndexError.
func eachIndexed(th *thread, self value, f func(i int64, v value) (stop bool, err error)) error {
	for i := int64(0); ; i++ {
		if err := th.Step(); err != nil {
			return err
		}
		v, err := runtime.GetItem(th, self, runtime.NewInt(i))
		if err != nil {
			if e := runtime.AsException(err); e.IsA(runtime.IndexError) && e.Catchable() {
				return nil
			}
			return err
		}
		if stop, err := f(i, v); stop || err != nil {
			return err
		}
	}
}

func sequenceMixin() runtime.Members {
	find := func(th *thread, self, want value) (at int64, n int64, err error) {
		at = -1
		err = eachIndexed(th, self, func(i int64, v value) (bool, error) {
			same, err := runtime.Equal(th, v, want)
			if same {
				if at < 0 {
					at = i
				}
				n++
			}
			return false, err
		})
		return at, n, err
	}
	all := func(th *thread, self value, backward bool) (value, error) {
		var items []value
		err := eachIndexed(th, self, func(_ int64, v value) (bool, error) {
			var err error
			items, err = grow(th, items, v)
			return false, err
		})
		if err != nil {
			return nil, err
		}
		if backward {
			slices.Reverse(items)
		}
		return runtime.Iter(th, runtime.NewTuple(items...))
	}
	return members(
		define("__iter__(self, /)", func(th *thread, a args) (value, error) { return all(th, a.Vals[0], false) }),
		define("__reversed__(self, /)", func(th *thread, a args) (value, error) { return all(th, a.Vals[0], true) }),
		define("__contains__(self, value, /)", func(th *thread, a args) (value, error) {
			at, _, err := find(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(at >= 0), err
		}),
		define("index(self, value, /)", func(th *thread, a args) (value, error) {
			at, _, err := find(th, a.Vals[0], a.Vals[1])
			if at < 0 && err == nil {
				err = runtime.NewException(runtime.ValueError)
			}
			return runtime.NewInt(at), err
		}),
		define("count(self, value, /)", func(th *thread, a args) (value, error) {
			_, n, err := find(th, a.Vals[0], a.Vals[1])
			return runtime.NewInt(n), err
		}),
	)
}

func mutableSequenceMixin() runtime.Members {
	add := func(th *thread, self, v value) error {
		n, err := runtime.Len(th, self)
		if err != nil {
			return err
		}
		_, err = runtime.CallAttr(th, self, "insert", runtime.NewInt(int64(n)), v)
		return err
	}
	extend := func(th *thread, self, from value) error {
		items, err := runtime.Collect(th, from)
		for _, v := range items {
			if err == nil {
				err = add(th, self, v)
			}
		}
		return err
	}
	return members(
		define("append(self, value, /)", func(th *thread, a args) (value, error) { return runtime.None, add(th, a.Vals[0], a.Vals[1]) }),
		define("extend(self, values, /)", func(th *thread, a args) (value, error) { return runtime.None, extend(th, a.Vals[0], a.Vals[1]) }),
		define("__iadd__(self, values, /)", func(th *thread, a args) (value, error) { return a.Vals[0], extend(th, a.Vals[0], a.Vals[1]) }),
		define("pop(self, index=-1)", func(th *thread, a args) (value, error) {
			v, err := runtime.GetItem(th, a.Vals[0], a.Vals[1])
			if err != nil {
				return nil, err
			}
			return v, runtime.DelItem(th, a.Vals[0], a.Vals[1])
		}),
		define("remove(self, value, /)", func(th *thread, a args) (value, error) {
			i, err := runtime.CallAttr(th, a.Vals[0], "index", a.Vals[1])
			if err != nil {
				return nil, err
			}
			return runtime.None, runtime.DelItem(th, a.Vals[0], i)
		}),
		define("clear(self, /)", func(th *thread, a args) (value, error) {
			for {
				n, err := runtime.Len(th, a.Vals[0])
				if n == 0 || err != nil {
					return runtime.None, err
				}
				if err := th.Step(); err != nil {
					return nil, err
				}
				if err := runtime.DelItem(th, a.Vals[0], runtime.NewInt(-1)); err != nil {
					return nil, err
				}
			}
		}),
	)
}

// plainSet is a built-in set of what v yields.
func plainSet(th *thread, v value) (value, error) {
	return runtime.Call(th, runtime.SetClass, v)
}

func setMixin() runtime.Members {
	m := runtime.Members{}
	for name, op := range map[string]runtime.Op{"__and__": runtime.And, "__or__": runtime.Or, "__sub__": runtime.Sub, "__xor__": runtime.Xor} {
		m[name] = define(name+"(self, other, /)", func(th *thread, a args) (value, error) {
			r, err := bothSets(th, a, func(x, y value) (value, error) { return runtime.Binary(th, op, x, y) })
			if err != nil {
				return nil, err
			}
			return runtime.Call(th, a.Vals[0].Class(), r)
		})
	}
	for name, op := range map[string]runtime.CmpOp{
		"__eq__": runtime.Eq, "__lt__": runtime.Lt, "__le__": runtime.Le, "__gt__": runtime.Gt, "__ge__": runtime.Ge,
	} {
		m[name] = define(name+"(self, other, /)", func(th *thread, a args) (value, error) {
			if a.Vals[1].Class().Lookup("__contains__") == nil {
				return runtime.NotImplemented, nil
			}
			return bothSets(th, a, func(x, y value) (value, error) { return runtime.Compare(th, op, x, y) })
		})
	}
	m["isdisjoint"] = define("isdisjoint(self, other, /)", func(th *thread, a args) (value, error) {
		return bothSets(th, a, func(x, y value) (value, error) { return runtime.CallAttr(th, x, "isdisjoint", y) })
	})
	return m
}

func bothSets(th *thread, a args, f func(x, y value) (value, error)) (value, error) {
	x, err := plainSet(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	y, err := plainSet(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	return f(x, y)
}

func mutableSetMixin() runtime.Members {
	return members(
		define("remove(self, value, /)", func(th *thread, a args) (value, error) {
			has, err := runtime.Contains(th, a.Vals[0], a.Vals[1])
			if err != nil {
				return nil, err
			}
			if !has {
				return nil, runtime.NewException(runtime.KeyError, a.Vals[1])
			}
			return runtime.CallAttr(th, a.Vals[0], "discard", a.Vals[1])
		}),
		define("__ior__(self, other, /)", func(th *thread, a args) (value, error) {
			self := a.Vals[0]
			return self, runtime.Iterate(th, a.Vals[1], func(v value) error {
				_, err := runtime.CallAttr(th, self, "add", v)
				return err
			})
		}),
		define("clear(self, /)", func(th *thread, a args) (value, error) {
			items, err := runtime.Collect(th, a.Vals[0])
			for _, v := range items {
				if err == nil {
					_, err = runtime.CallAttr(th, a.Vals[0], "discard", v)
				}
			}
			return runtime.None, err
		}),
	)
}

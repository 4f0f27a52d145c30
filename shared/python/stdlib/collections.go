package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newCollections makes the collections module. Its containers are classes as a
// script's, with methods in Go: scripts inherit from them.
func newCollections(Host) *runtime.Module {
	m := members(define("namedtuple(typename, field_names, *, rename=False, defaults=None, module=None)", namedTuple))
	m["deque"], m["defaultdict"] = newDequeClass(), newDefaultDictClass()
	m["OrderedDict"], m["Counter"] = newOrderedDictClass(), newCounterClass()
	m["ChainMap"] = newChainMapClass()
	return runtime.NewModule("collections", m)
}

// dictOf is the dict within an instance of a class below dict, nil for other values.
func dictOf(v value) *runtime.Dict {
	d, _ := runtime.Data(v).(*runtime.Dict)
	return d
}

// isMapping tells what counts as a mapping rather than as a sequence of keys.
func isMapping(v value) bool {
	return dictOf(v) != nil || v.Class().Lookup("keys") != nil && v.Class().Lookup("__getitem__") != nil
}

const factoryName = "default_factory"

func newDefaultDictClass() *runtime.Class {
	class := runtime.NewFrozenClass("collections", "collections.defaultdict", []*runtime.Class{runtime.DictClass}, nil)
	build := func(th *thread, cls *runtime.Class, factory, from value) (value, error) {
		return runtime.Call(th, cls, factory, from)
	}
	duplicate := func(th *thread, a args) (value, error) {
		factory, err := runtime.GetAttr(th, a.Vals[0], factoryName)
		if err != nil {
			return nil, err
		}
		return build(th, a.Vals[0].Class(), factory, a.Vals[0])
	}
	merge := func(th *thread, self, left, right value) (value, error) {
		if dictOf(left) == nil || dictOf(right) == nil {
			return runtime.NotImplemented, nil
		}
		factory, err := runtime.GetAttr(th, self, factoryName)
		if err != nil {
			return nil, err
		}
		v, err := build(th, self.Class(), factory, left)
		if err != nil {
			return nil, err
		}
		return v, runtime.MergeInto(th, dictOf(v), right)
	}
	runtime.DefineMembers(class, members(
		runtime.NewRaw("__init__", initDefaultDict),
		define("__missing__(self, key, /)", missingDefault),
		define("copy(self, /)", duplicate), define("__copy__(self, /)", duplicate),
		define("__or__(self, other, /)", func(th *thread, a args) (value, error) { return merge(th, a.Vals[0], a.Vals[0], a.Vals[1]) }),
		define("__ror__(self, other, /)", func(th *thread, a args) (value, error) { return merge(th, a.Vals[0], a.Vals[1], a.Vals[0]) }),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			if err := th.Enter(); err != nil {
				return nil, err
			}
			defer th.Leave()
			factory, err := runtime.GetAttr(th, a.Vals[0], factoryName)
			if err != nil {
				return nil, err
			}
			by, err := runtime.Repr(th, factory)
			if err != nil {
				return nil, err
			}
			s, err := runtime.Repr(th, dictOf(a.Vals[0]))
			return runtime.Str(a.Vals[0].Class().BareName() + "(" + by + ", " + s + ")"), err
		}),
	))
	runtime.DefineMembers(class, runtime.Members{
		"fromkeys": fromKeys(), "__class_getitem__": subscriptable(), factoryName: runtime.None,
	})
	return class
}

func initDefaultDict(th *thread, a args) (value, error) {
	factory, rest := runtime.None, a.Vals[1:]
	if a.NPos() > 1 {
		factory, rest = a.Vals[1], a.Vals[2:]
		if factory != runtime.None && !runtime.Callable(factory) {
			return nil, runtime.Errorf(runtime.TypeError, "first argument must be callable or None")
		}
	}
	if err := runtime.SetOwn(th, a.Vals[0], factoryName, factory); err != nil {
		return nil, err
	}
	return runtime.None, runtime.FillDict(th, dictOf(a.Vals[0]), "dict", args{Vals: rest, Names: a.Names})
}

// missingDefault makes the value of a key that is not there; of several threads
// that do, all get the first one's.
func missingDefault(th *thread, a args) (value, error) {
	factory, err := runtime.GetAttr(th, a.Vals[0], factoryName)
	if err != nil {
		return nil, err
	}
	if factory == runtime.None {
		return nil, runtime.NewException(runtime.KeyError, a.Vals[1])
	}
	v, err := runtime.Call(th, factory)
	if err != nil {
		return nil, err
	}
	if m, ok := a.Vals[0].Class().Lookup("__setitem__").(*runtime.Function); ok { // overridden by the script
		_, err := runtime.CallSelf(th, m, a.Vals[0], args{Vals: []value{a.Vals[1], v}})
		return v, err
	}
	return dictOf(a.Vals[0]).SetDefault(th, a.Vals[1], v)
}

// fromKeys is dict.fromkeys for classes below dict.
func fromKeys() value {
	return &runtime.ClassMethod{Fn: define("fromkeys(cls, iterable, value=None)", func(th *thread, a args) (value, error) {
		d, err := runtime.Call(th, a.Vals[0])
		if err != nil {
			return nil, err
		}
		v := a.Vals[2]
		return d, runtime.Iterate(th, a.Vals[1], func(k value) error { return runtime.SetItem(th, d, k, v) })
	})}
}

// initOrderedDict is dict.__init__ with messages of its own.
func initOrderedDict(th *thread, a args) (value, error) {
	d := dictOf(a.Vals[0])
	if a.NPos() > 2 {
		return nil, runtime.Errorf(runtime.TypeError, "expected at most 1 arguments, got %d", a.NPos()-1)
	}
	rest := args{Vals: a.Vals[1:], Names: a.Names}
	if a.NPos() == 2 && !isMapping(a.Vals[1]) {
		rest.Vals = a.Vals[2:]
		err := runtime.Iterate(th, a.Vals[1], func(pair value) error {
			kv, err := runtime.Collect(th, pair)
			if err != nil {
				return err
			}
			switch n := len(kv); {
			case n < 2:
				return runtime.Errorf(runtime.ValueError, "need more than %d value%s to unpack", n, pluralS(n))
			case n > 2:
				return runtime.Errorf(runtime.ValueError, "too many values to unpack (expected 2)")
			}
			return runtime.SetItem(th, a.Vals[0], kv[0], kv[1])
		})
		if err != nil {
			return nil, err
		}
	}
	return runtime.None, runtime.FillDict(th, d, "dict", rest)
}

func newOrderedDictClass() *runtime.Class {
	class := runtime.NewFrozenClass("collections", "collections.OrderedDict", []*runtime.Class{runtime.DictClass}, nil)
	duplicate := func(th *thread, a args) (value, error) { return runtime.Call(th, a.Vals[0].Class(), a.Vals[0]) }
	merge := func(th *thread, self, left, right value) (value, error) {
		if dictOf(left) == nil || dictOf(right) == nil {
			return runtime.NotImplemented, nil
		}
		v, err := runtime.Call(th, self.Class(), left)
		if err != nil {
			return nil, err
		}
		return v, runtime.MergeInto(th, dictOf(v), right)
	}
	equal := func(th *thread, a args) (bool, value, error) {
		x, y := dictOf(a.Vals[0]), dictOf(a.Vals[1])
		if y == nil {
			return false, runtime.NotImplemented, nil
		}
		same, err := runtime.Equal(th, x, y)
		if same && err == nil && a.Vals[1].Class().Is(class) {
			ks, _ := runtime.Snapshot(x)
			others, _ := runtime.Snapshot(y)
			same, err = runtime.Equal(th, runtime.NewTuple(ks...), runtime.NewTuple(others...))
		}
		return same, nil, err
	}
	runtime.DefineMembers(class, members(
		runtime.NewRaw("__init__", initOrderedDict),
		define("move_to_end(self, key, last=True)", func(th *thread, a args) (value, error) {
			last, err := runtime.Truth(th, a.Vals[2])
			if err != nil {
				return nil, err
			}
			found, err := dictOf(a.Vals[0]).Move(th, a.Vals[1], last)
			if !found && err == nil {
				err = runtime.NewException(runtime.KeyError, a.Vals[1])
			}
			return runtime.None, err
		}),
		define("popitem(self, last=True)", func(th *thread, a args) (value, error) {
			last, err := runtime.Truth(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			k, v, ok := dictOf(a.Vals[0]).Pop(last)
			if !ok {
				return nil, runtime.NewException(runtime.KeyError, runtime.Str("dictionary is empty"))
			}
			return runtime.NewTuple(k, v), nil
		}),
		define("copy(self, /)", duplicate), define("__copy__(self, /)", duplicate),
		define("__or__(self, other, /)", func(th *thread, a args) (value, error) { return merge(th, a.Vals[0], a.Vals[0], a.Vals[1]) }),
		define("__ror__(self, other, /)", func(th *thread, a args) (value, error) { return merge(th, a.Vals[0], a.Vals[1], a.Vals[0]) }),
		define("__ior__(self, other, /)", func(th *thread, a args) (value, error) {
			return a.Vals[0], runtime.MergeInto(th, dictOf(a.Vals[0]), a.Vals[1])
		}),
		define("__eq__(self, other, /)", func(th *thread, a args) (value, error) {
			same, other, err := equal(th, a)
			if other != nil {
				return other, nil
			}
			return runtime.NewBool(same), err
		}),
		define("__ne__(self, other, /)", func(th *thread, a args) (value, error) {
			same, other, err := equal(th, a)
			if other != nil {
				return other, nil
			}
			return runtime.NewBool(!same), err
		}),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			name, d := a.Vals[0].Class().BareName(), dictOf(a.Vals[0])
			if d.Len() == 0 {
				return runtime.Str(name + "()"), nil
			}
			if err := th.Enter(); err != nil {
				return nil, err
			}
			defer th.Leave()
			var pairs []value
			for k, v := range d.All() {
				pairs = append(pairs, runtime.NewTuple(k, v))
			}
			s, err := runtime.Repr(th, runtime.NewList(pairs...))
			return runtime.Str(name + "(" + s + ")"), err
		}),
	))
	runtime.DefineMembers(class, runtime.Members{"fromkeys": fromKeys(), "__class_getitem__": subscriptable()})
	return class
}

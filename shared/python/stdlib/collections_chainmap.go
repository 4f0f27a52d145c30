package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newChainMapClass makes the class ChainMap: several mappings looked up one after
// another, of which only the first is changed.
func newChainMapClass() *runtime.Class {
	class := runtime.NewFrozenClass("collections", "ChainMap", []*runtime.Class{makeAbstract()["MutableMapping"]}, nil)
	class.Abstract()
	runtime.DefineMembers(class, chainLookups())
	runtime.DefineMembers(class, chainChanges())
	runtime.DefineMembers(class, chainCopies())
	runtime.DefineMembers(class, runtime.Members{"__hash__": runtime.None})
	return class
}

// chained are the mappings of a ChainMap.
func chained(v value) []value {
	if l, ok := runtime.OwnAttribute(v, "maps").(*runtime.List); ok {
		return l.Items()
	}
	return nil
}

// firstMap is the mapping that changes go to.
func firstMap(v value) (value, error) {
	if maps := chained(v); len(maps) > 0 {
		return maps[0], nil
	}
	return nil, runtime.Errorf(runtime.IndexError, "list index out of range")
}

// merged is one dict of all: the first mapping that has a key wins, the last one
// tells its place.
func merged(th *thread, v value) (*runtime.Dict, error) {
	maps, d := chained(v), runtime.NewDict()
	for _, m := range slices.Backward(maps) {
		if err := runtime.MergeInto(th, d, m); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func chainLookups() runtime.Members {
	find := func(th *thread, v, key value) (value, error) {
		for _, m := range chained(v) {
			x, err := lookup(th, m, key)
			if x != nil || err != nil {
				return x, err
			}
		}
		return nil, nil
	}
	return members(
		runtime.NewRaw("__init__", func(th *thread, a args) (value, error) {
			if err := th.AllocMany(len(a.Vals), 64); err != nil {
				return nil, err
			}
			maps := append([]value(nil), a.Vals[1:]...)
			if len(maps) == 0 {
				maps = []value{runtime.NewDict()}
			}
			return runtime.None, runtime.SetOwn(th, a.Vals[0], "maps", runtime.NewList(maps...))
		}),
		define("__getitem__(self, key, /)", func(th *thread, a args) (value, error) {
			v, err := find(th, a.Vals[0], a.Vals[1])
			if v != nil || err != nil {
				return v, err
			}
			r, found, err := runtime.CallSpecial(th, a.Vals[0], "__missing__", a.Vals[1])
			if !found && err == nil {
				err = runtime.NewException(runtime.KeyError, a.Vals[1])
			}
			return r, err
		}),
		define("get(self, key, default=None)", func(th *thread, a args) (value, error) {
			v, err := find(th, a.Vals[0], a.Vals[1])
			if v == nil && err == nil {
				return a.Vals[2], nil
			}
			return v, err
		}),
		define("__contains__(self, key, /)", func(th *thread, a args) (value, error) {
			v, err := find(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(v != nil), err
		}),
		define("__len__(self, /)", func(th *thread, a args) (value, error) {
			d, err := merged(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.NewInt(int64(d.Len())), nil
		}),
		define("__iter__(self, /)", func(th *thread, a args) (value, error) {
			d, err := merged(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.Iter(th, d)
		}),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			if err := th.Enter(); err != nil {
				return nil, err
			}
			defer th.Leave()
			var parts []string
			for _, m := range chained(a.Vals[0]) {
				s, err := runtime.Repr(th, m)
				if err != nil {
					return nil, err
				}
				parts = append(parts, s)
			}
			text := a.Vals[0].Class().BareName() + "(" + strings.Join(parts, ", ") + ")"
			return runtime.Str(text), th.Alloc(len(text))
		}),
	)
}

func chainChanges() runtime.Members {
	missing := func(th *thread, key value) error {
		text, err := runtime.Repr(th, key)
		if err != nil {
			return err
		}
		return runtime.NewException(runtime.KeyError, runtime.Str("Key not found in the first mapping: "+text))
	}
	return members(
		define("__setitem__(self, key, value, /)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.None, runtime.SetItem(th, m, a.Vals[1], a.Vals[2])
		}),
		define("__delitem__(self, key, /)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			if err = runtime.DelItem(th, m, a.Vals[1]); err != nil && runtime.AsException(err).IsA(runtime.KeyError) {
				err = missing(th, a.Vals[1])
			}
			return runtime.None, err
		}),
		define("pop(self, key, default=)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			v, err := lookup(th, m, a.Vals[1])
			switch {
			case err != nil:
				return nil, err
			case v != nil:
				return v, runtime.DelItem(th, m, a.Vals[1])
			case a.Vals[2] != nil:
				return a.Vals[2], nil
			}
			return nil, missing(th, a.Vals[1])
		}),
		define("popitem(self, /)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			v, err := runtime.CallAttr(th, m, "popitem")
			if err != nil && runtime.AsException(err).IsA(runtime.KeyError) {
				err = runtime.NewException(runtime.KeyError, runtime.Str("No keys found in the first mapping."))
			}
			return v, err
		}),
		define("clear(self, /)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.CallAttr(th, m, "clear")
		}),
	)
}

func chainCopies() runtime.Members {
	of := func(th *thread, self value, maps ...value) (value, error) {
		return runtime.Call(th, self.Class(), maps...)
	}
	duplicate := func(th *thread, a args) (value, error) {
		maps := append([]value(nil), chained(a.Vals[0])...)
		if len(maps) == 0 {
			return of(th, a.Vals[0])
		}
		first, err := runtime.CallAttr(th, maps[0], "copy")
		if err != nil {
			return nil, err
		}
		maps[0] = first
		return of(th, a.Vals[0], maps...)
	}
	m := members(
		runtime.NewRaw("new_child", func(th *thread, a args) (value, error) {
			if a.NPos() > 2 {
				return nil, runtime.Errorf(runtime.TypeError, "ChainMap.new_child() takes from 1 to 2 positional arguments but %d were given", a.NPos())
			}
			child, given := value(a.KwDict()), a.Vals[0]
			if a.NPos() == 2 && a.Vals[1] != runtime.None {
				for k, v := range a.KwDict().All() {
					if err := runtime.SetItem(th, a.Vals[1], k, v); err != nil {
						return nil, err
					}
				}
				child = a.Vals[1]
			}
			return of(th, given, append([]value{child}, chained(given)...)...)
		}),
		define("copy(self, /)", duplicate), define("__copy__(self, /)", duplicate),
		define("__or__(self, other, /)", func(th *thread, a args) (value, error) {
			if !isMapping(a.Vals[1]) {
				return runtime.NotImplemented, nil
			}
			other := a.Vals[1]
			v, err := duplicate(th, a)
			if err != nil {
				return nil, err
			}
			m, err := firstMap(v)
			if err != nil {
				return nil, err
			}
			_, err = runtime.CallAttr(th, m, "update", other)
			return v, err
		}),
		define("__ior__(self, other, /)", func(th *thread, a args) (value, error) {
			m, err := firstMap(a.Vals[0])
			if err != nil {
				return nil, err
			}
			_, err = runtime.CallAttr(th, m, "update", a.Vals[1])
			return a.Vals[0], err
		}),
	)
	m["parents"] = &runtime.Getter{Name: "parents", Get: func(th *thread, v value) (value, error) {
		maps := chained(v)
		return of(th, v, maps[min(1, len(maps)):]...)
	}}
	return m
}

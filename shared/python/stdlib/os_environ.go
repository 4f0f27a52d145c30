package stdlib

import (
	"maps"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newEnviron makes os.environ: a mapping of strings that keeps them in d.
func newEnviron(d *runtime.Dict) *runtime.Object {
	class := runtime.NewFrozenClass("os", "_Environ", []*runtime.Class{makeAbstract()["MutableMapping"]}, nil)
	runtime.DefineMembers(class, environMembers(d))
	runtime.DefineMembers(class, runtime.Members{"__hash__": runtime.None})
	environ := runtime.NewObject(class)
	if err := runtime.SetOwn(runtime.NewThread(runtime.Limits{}), environ, "_data", d); err != nil { // where d is seen to be shared by the users
		panic(err) // the class has no such property
	}
	return environ
}

// environment is the variables that the host gave.
func environment(h Host) *runtime.Dict {
	d := runtime.NewDict()
	for _, k := range slices.Sorted(maps.Keys(h.Environ)) {
		d.SetStr(k, runtime.Str(h.Environ[k]))
	}
	return d
}

// onlyText refuses what is not a string.
func onlyText(v value) error {
	if _, ok := runtime.AsStr(v); !ok {
		return runtime.Errorf(runtime.TypeError, "str expected, not %s", v.Class().Name)
	}
	return nil
}

func environMembers(d *runtime.Dict) runtime.Members {
	duplicate := func(th *thread, _ args) (value, error) { return runtime.CallAttr(th, d, "copy") }
	return members(
		define("__getitem__(self, key, /)", func(th *thread, a args) (value, error) {
			if err := onlyText(a.Vals[1]); err != nil {
				return nil, err
			}
			return runtime.GetItem(th, d, a.Vals[1])
		}),
		define("__setitem__(self, key, value, /)", func(th *thread, a args) (value, error) {
			for _, v := range a.Vals[1:] {
				if err := onlyText(v); err != nil {
					return nil, err
				}
			}
			name, _ := runtime.AsStr(a.Vals[1])
			text, _ := runtime.AsStr(a.Vals[2])
			switch {
			case strings.ContainsRune(name, 0) || strings.ContainsRune(text, 0):
				return nil, runtime.Errorf(runtime.ValueError, "embedded null byte")
			case strings.Contains(name, "="):
				return nil, runtime.Errorf(runtime.ValueError, "illegal environment variable name")
			case name == "":
				return nil, runtime.Errorf(runtime.OSError, "[Errno 22] Invalid argument")
			}
			return runtime.None, d.Set(th, runtime.Str(name), runtime.Str(text))
		}),
		define("__delitem__(self, key, /)", func(th *thread, a args) (value, error) {
			if err := onlyText(a.Vals[1]); err != nil {
				return nil, err
			}
			return runtime.None, runtime.DelItem(th, d, a.Vals[1])
		}),
		define("__iter__(self, /)", func(th *thread, _ args) (value, error) {
			keys, err := runtime.Collect(th, d) // others may change it on the way
			if err != nil {
				return nil, err
			}
			return runtime.Iter(th, runtime.NewList(keys...))
		}),
		define("__len__(self, /)", func(*thread, args) (value, error) { return runtime.NewInt(int64(d.Len())), nil }),
		define("__repr__(self, /)", func(th *thread, _ args) (value, error) {
			s, err := runtime.Repr(th, d)
			return runtime.Str("environ(" + s + ")"), err
		}),
		define("copy(self)", duplicate),
		define("__or__(self, other, /)", func(th *thread, a args) (value, error) {
			both, err := duplicate(th, a)
			if err != nil {
				return nil, err
			}
			if !runtime.IsMapping(a.Vals[1]) {
				return runtime.NotImplemented, nil
			}
			return both, runtime.MergeInto(th, both.(*runtime.Dict), a.Vals[1])
		}),
		define("__ror__(self, other, /)", func(th *thread, a args) (value, error) {
			if !runtime.IsMapping(a.Vals[1]) {
				return runtime.NotImplemented, nil
			}
			both := runtime.NewDict()
			if err := runtime.MergeInto(th, both, a.Vals[1]); err != nil {
				return nil, err
			}
			return both, runtime.MergeInto(th, both, d)
		}),
		define("__ior__(self, other, /)", func(th *thread, a args) (value, error) {
			_, err := runtime.CallAttr(th, a.Vals[0], "update", a.Vals[1])
			return a.Vals[0], err
		}),
	)
}

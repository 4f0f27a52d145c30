package stdlib

import (
	"strconv"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newCopy makes the copy module.
func newCopy(Host) *runtime.Module {
	m := members(
		define("copy(x)", func(th *thread, a args) (value, error) { return shallowCopy(th, a.Vals[0]) }),
		define("deepcopy(x, memo=None, _nil=None)", func(th *thread, a args) (value, error) {
			memo, ok := a.Vals[1].(*runtime.Dict)
			if !ok {
				memo = runtime.NewDict()
			}
			return deepCopy(th, a.Vals[0], memo)
		}),
	)
	failed := runtime.NewExceptionClass("copy", "Error", runtime.ExceptionClass)
	m["Error"], m["error"] = failed, failed
	return runtime.NewModule("copy", m)
}

// indivisible tells values that are their own copies.
func indivisible(v value) bool {
	switch v.(type) {
	case runtime.Str, runtime.Int, runtime.Bool, runtime.Float, *runtime.BigInt, runtime.Bytes, runtime.NoneType, runtime.EllipsisType,
		runtime.NotImplementedType, *runtime.Class, *runtime.Function, *runtime.Native, *runtime.Range, *runtime.Property, *runtime.Module:
		return true
	}
	return false
}

func shallowCopy(th *thread, v value) (value, error) {
	if indivisible(v) {
		return v, nil
	}
	if r, found, err := runtime.CallSpecial(th, v, "__copy__"); found {
		return r, err
	}
	switch x := v.(type) {
	case *runtime.List:
		items, err := runtime.Collect(th, x)
		return runtime.NewList(items...), err
	case *runtime.Dict:
		return runtime.CallAttr(th, x, "copy")
	case *runtime.Set:
		if x.Class() == runtime.FrozenSetClass {
			return x, nil
		}
		return runtime.CallAttr(th, x, "copy")
	case *runtime.Tuple:
		return x, nil
	case *runtime.Object:
		return copyInstance(th, x, func(v value) (value, error) { return v, nil }, func(value) error { return nil })
	case *runtime.Exception:
		return runtime.NewException(x.Class(), x.Args...), nil
	case runtime.Iterator:
		return nil, uncopyable(v)
	}
	return v, nil
}

func uncopyable(v value) error {
	return runtime.Errorf(runtime.TypeError, "cannot pickle '%s' object", v.Class().Name)
}

// copyInstance makes an instance of the same class, whose data and attributes are
// part's of the old ones; made sees it before they are.
func copyInstance(th *thread, o *runtime.Object, part func(value) (value, error), made func(value) error) (value, error) {
	if err := th.Alloc(96); err != nil {
		return nil, err
	}
	out := runtime.NewObject(o.Class())
	if err := made(out); err != nil {
		return nil, err
	}
	if data := runtime.Data(o); data != value(o) {
		fresh, err := copyData(th, data, part)
		if err != nil {
			return nil, err
		}
		runtime.SetData(out, fresh)
	}
	for k, v := range runtime.Attributes(o).All() {
		name, _ := runtime.AsStr(k)
		p, err := part(v)
		if err != nil {
			return nil, err
		}
		if err := runtime.SetOwn(th, out, name, p); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// copyData copies what an instance carries of a built-in type, one level.
func copyData(th *thread, data value, part func(value) (value, error)) (value, error) {
	switch x := data.(type) {
	case *runtime.List:
		items, err := parts(th, x, part)
		return runtime.NewList(items...), err
	case *runtime.Tuple:
		items, err := parts(th, x, part)
		return runtime.NewTuple(items...), err
	case *runtime.Set:
		items, err := parts(th, x, part)
		if err != nil {
			return nil, err
		}
		return runtime.Call(th, x.Class(), runtime.NewList(items...))
	case *runtime.Dict:
		out := runtime.NewDict()
		return out, copyEntries(th, x, out, part)
	case *deque:
		items, err := parts(th, runtime.NewTuple(x.Snapshot()...), part)
		out := &deque{class: x.class, maxlen: x.maxlen}
		out.replace(items)
		return out, err
	}
	return data, nil
}

// parts is part of each item.
func parts(th *thread, v value, part func(value) (value, error)) ([]value, error) {
	items, err := runtime.Collect(th, v)
	if err != nil {
		return nil, err
	}
	for i, x := range items {
		if err := th.Step(); err != nil {
			return nil, err
		}
		if items[i], err = part(x); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func copyEntries(th *thread, from, to *runtime.Dict, part func(value) (value, error)) error {
	for k, v := range from.All() {
		if err := th.Step(); err != nil {
			return err
		}
		key, err := part(k)
		if err != nil {
			return err
		}
		if v, err = part(v); err != nil {
			return err
		}
		if err := to.Set(th, key, v); err != nil {
			return err
		}
	}
	return nil
}

// deepCopy copies v and all it holds; memo has the copies made so far, by id.
func deepCopy(th *thread, v value, memo *runtime.Dict) (value, error) {
	if indivisible(v) {
		return v, nil
	}
	if err := th.Step(); err != nil {
		return nil, err
	}
	if err := th.Enter(); err != nil {
		return nil, err
	}
	defer th.Leave()
	id := runtime.NewInt(runtime.ID(v))
	if done, err := memo.Get(th, id); done != nil || err != nil {
		return done, err
	}
	keep := func(made value) error { return memo.Set(th, id, made) }
	part := func(x value) (value, error) { return deepCopy(th, x, memo) }
	made, err := deepParts(th, v, memo, part, keep)
	if err != nil {
		return nil, err
	}
	if made != v {
		if err := keep(made); err != nil {
			return nil, err
		}
		// The original must outlive the memo, or another object could get its id.
		err = memo.Set(th, runtime.Str("keep "+strconv.FormatInt(runtime.ID(v), 10)), v)
	}
	return made, err
}

func deepParts(th *thread, v value, memo *runtime.Dict, part func(value) (value, error), keep func(value) error) (value, error) {
	if r, found, err := runtime.CallSpecial(th, v, "__deepcopy__", memo); found {
		return r, err
	}
	switch x := v.(type) {
	case *runtime.List:
		out := runtime.NewList()
		if err := keep(out); err != nil {
			return nil, err
		}
		return out, runtime.Iterate(th, x, func(item value) error {
			p, err := part(item)
			if err != nil {
				return err
			}
			return out.Push(th, p)
		})
	case *runtime.Dict:
		out := runtime.NewDict()
		if err := keep(out); err != nil {
			return nil, err
		}
		return out, copyEntries(th, x, out, part)
	case *runtime.Tuple:
		return deepTuple(th, x, memo, part)
	case *runtime.Set:
		return copyData(th, x, part)
	case *runtime.Object:
		return copyInstance(th, x, part, keep)
	case *runtime.BoundMethod:
		self, err := part(x.Self)
		return &runtime.BoundMethod{Self: self, Fn: x.Fn}, err
	case *runtime.Exception:
		items, err := parts(th, runtime.NewTuple(x.Args...), part)
		return runtime.NewException(x.Class(), items...), err
	case runtime.Iterator:
		return nil, uncopyable(v)
	}
	return v, nil
}

// deepTuple is the tuple itself when nothing within it changed, and the copy that was
// made meanwhile when it holds itself.
func deepTuple(th *thread, t *runtime.Tuple, memo *runtime.Dict, part func(value) (value, error)) (value, error) {
	items, err := parts(th, t, part)
	if err != nil {
		return nil, err
	}
	if done, err := memo.Get(th, runtime.NewInt(runtime.ID(t))); done != nil || err != nil {
		return done, err
	}
	for i, x := range items {
		if x != t.Items[i] {
			return runtime.NewTuple(items...), nil
		}
	}
	return t, nil
}

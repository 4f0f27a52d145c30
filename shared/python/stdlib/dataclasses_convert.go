package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// plain is asdict (or astuple): dataclasses within containers too.
func plain(th *thread, v value, dict bool, factory value) (value, error) {
	if err := th.Step(); err != nil {
		return nil, err
	}
	if err := th.Enter(); err != nil {
		return nil, err
	}
	defer th.Leave()
	switch x := v.(type) {
	case *runtime.List:
		out := runtime.NewList()
		for _, item := range x.Items() {
			p, err := plain(th, item, dict, factory)
			if err != nil {
				return nil, err
			}
			out.Append(p)
		}
		return out, nil
	case *runtime.Tuple:
		out := make([]value, len(x.Items))
		for i, item := range x.Items {
			p, err := plain(th, item, dict, factory)
			if err != nil {
				return nil, err
			}
			out[i] = p
		}
		return runtime.NewTuple(out...), nil
	case *runtime.Object:
		if t, ok := runtime.Data(v).(*runtime.Tuple); ok && v.Class().Lookup("_fields") != nil {
			items, err := plain(th, t, dict, factory)
			if err != nil {
				return nil, err
			}
			return runtime.CallAttr(th, v.Class(), "_make", items)
		}
	case *runtime.Dict:
		out := runtime.NewDict()
		for k, item := range x.All() {
			p, err := plain(th, item, dict, factory)
			if err != nil {
				return nil, err
			}
			key, err := plain(th, k, dict, factory)
			if err != nil {
				return nil, err
			}
			if err := out.Set(th, key, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	fields := fieldsOf(v.Class())
	if fields == nil {
		return deepCopy(th, v, runtime.NewDict())
	}
	d, vs := runtime.NewDict(), []value{}
	for _, f := range fields {
		if f.initVar {
			continue
		}
		x, err := runtime.GetAttr(th, v, f.name)
		if err != nil {
			return nil, err
		}
		p, err := plain(th, x, dict, factory)
		if err != nil {
			return nil, err
		}
		d.SetStr(f.name, p)
		vs = append(vs, p)
	}
	made := value(runtime.NewTuple(vs...))
	if dict {
		made = d
	}
	if factory == runtime.None {
		return made, nil
	}
	if dict {
		pairs := make([]value, 0, len(vs))
		for k, x := range d.All() {
			pairs = append(pairs, runtime.NewTuple(k, x))
		}
		made = runtime.NewList(pairs...)
	}
	return runtime.Call(th, factory, made)
}

func replaceFields(th *thread, a args) (value, error) {
	if a.NPos() != 1 {
		return nil, runtime.Errorf(runtime.TypeError, "replace() takes 1 positional argument but %d were given", a.NPos())
	}
	fields := fieldsOf(a.Vals[0].Class())
	if fields == nil {
		return nil, runtime.Errorf(runtime.TypeError, "replace() should be called on dataclass instances")
	}
	var call args
	for _, f := range fields {
		v := a.Kw(f.name)
		if !f.init {
			if v != nil {
				return nil, runtime.Errorf(runtime.ValueError, "field %s is declared with init=False, it cannot be specified with replace()", f.name)
			}
			continue
		}
		if v == nil && f.initVar && f.def == nil {
			return nil, runtime.Errorf(runtime.ValueError, "InitVar %s must be specified with replace()", runtime.Quote(f.name))
		}
		if v == nil {
			var err error
			if v, err = runtime.GetAttr(th, a.Vals[0], f.name); err != nil {
				return nil, err
			}
		}
		call.Vals, call.Names = append(call.Vals, v), append(call.Names, f.name)
	}
	for i, n := range a.Names {
		if a.Vals[0].Class().Lookup(fieldsKey).(*runtime.Dict).GetStr(n) == nil {
			call.Vals, call.Names = append(call.Vals, a.Vals[1+i]), append(call.Names, n)
		}
	}
	return runtime.CallArgs(th, a.Vals[0].Class(), call)
}

package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newJSON(Host) *runtime.Module {
	m := members(
		define("loads(s, *, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, object_pairs_hook=None)", loads),
		define("dumps(obj, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None, "+
			"separators=None, default=None, sort_keys=False)", dumps),
	)
	m["JSONDecodeError"] = runtime.JSONDecodeError
	return runtime.NewModule("json", m)
}

func loads(th *thread, a args) (value, error) {
	var text string
	switch s := a.Vals[0].(type) {
	case runtime.Str:
		text = string(s)
	case runtime.Bytes:
		text = string(s)
	default:
		t, ok := runtime.AsStr(s)
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "the JSON object must be str, bytes or bytearray, not %s", s.Class().Name)
		}
		text = t
	}
	if strings.HasPrefix(text, "\ufeff") {
		if _, ok := a.Vals[0].(runtime.Bytes); !ok {
			return runtime.ParseJSONString(th, text)
		}
		text = strings.TrimPrefix(text, "\ufeff")
	}
	v, err := runtime.ParseJSONString(th, text)
	if err != nil {
		return nil, err
	}
	hook, pairs := a.Vals[2], a.Vals[6]
	if hook == runtime.None && pairs == runtime.None {
		return v, nil
	}
	return hooked(th, v, hook, pairs)
}

// hooked calls the hook for each object, inner ones first.
func hooked(th *thread, v, hook, pairs value) (value, error) {
	switch x := v.(type) {
	case *runtime.List:
		out := runtime.NewList()
		for _, item := range x.Items() {
			h, err := hooked(th, item, hook, pairs)
			if err != nil {
				return nil, err
			}
			out.Append(h)
		}
		return out, nil
	case *runtime.Dict:
		d, list := runtime.NewDict(), runtime.NewList()
		for k, item := range x.All() {
			h, err := hooked(th, item, hook, pairs)
			if err != nil {
				return nil, err
			}
			if err := d.Set(th, k, h); err != nil {
				return nil, err
			}
			list.Append(runtime.NewTuple(k, h))
		}
		if pairs != runtime.None {
			return runtime.Call(th, pairs, list)
		}
		return runtime.Call(th, hook, d)
	}
	return v, nil
}

func dumps(th *thread, a args) (value, error) {
	f := runtime.DefaultJSON
	f.Default = a.Vals[8]
	for at, into := range map[int]*bool{1: &f.SkipKeys, 2: &f.ASCII, 4: &f.AllowNaN, 9: &f.SortKeys} {
		ok, err := runtime.Truth(th, a.Vals[at])
		if err != nil {
			return nil, err
		}
		*into = ok
	}
	if indent := a.Vals[6]; indent != runtime.None {
		f.Pretty, f.ItemSeparator = true, ","
		if s, ok := runtime.AsStr(indent); ok {
			f.Indent = s
		} else if n, ok := runtime.AsInt(indent); ok {
			f.Indent = strings.Repeat(" ", int(max(0, min(n, 100))))
		}
	}
	if a.Vals[7] != runtime.None {
		parts := make([]value, 2)
		if err := runtime.Unpack(th, a.Vals[7], parts, -1); err != nil {
			return nil, err
		}
		item, ok1 := runtime.AsStr(parts[0])
		key, ok2 := runtime.AsStr(parts[1])
		if !ok1 || !ok2 {
			return nil, runtime.Errorf(runtime.TypeError, "separators must be a pair of str")
		}
		f.ItemSeparator, f.KeySeparator = item, key
	}
	s, err := runtime.WriteJSON(th, a.Vals[0], f)
	return runtime.Str(s), err
}

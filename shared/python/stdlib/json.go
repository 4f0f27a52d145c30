package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newJSON(Host) *runtime.Module {
	const (
		loadOptions = "*, cls=None, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, object_pairs_hook=None)"
		dumpOptions = "*, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, cls=None, indent=None, " +
			"separators=None, default=None, sort_keys=False)"
	)
	m := members(
		define("loads(s, "+loadOptions, loads),
		define("load(fp, "+loadOptions, func(th *thread, a args) (value, error) {
			text, err := runtime.CallAttr(th, a.Vals[0], "read")
			if err != nil {
				return nil, err
			}
			return loads(th, args{Vals: append([]value{text}, a.Vals[1:]...)})
		}),
		define("dumps(obj, "+dumpOptions, dumps),
		define("dump(obj, fp, "+dumpOptions, func(th *thread, a args) (value, error) {
			text, err := dumps(th, args{Vals: append([]value{a.Vals[0]}, a.Vals[2:]...)})
			if err != nil {
				return nil, err
			}
			_, err = runtime.CallAttr(th, a.Vals[1], "write", text)
			return runtime.None, err
		}),
	)
	m["JSONDecodeError"], m["JSONEncoder"], m["JSONDecoder"] = runtime.JSONDecodeError, jsonEncoderClass, jsonDecoderClass
	return runtime.NewModule("json", m)
}

// given keeps the options that are not None, as keyword arguments.
func given(names []string, vals []value) args {
	var a args
	for i, v := range vals {
		if v != runtime.None {
			a.Names, a.Vals = append(a.Names, names[i]), append(a.Vals, v)
		}
	}
	return a
}

// loads has the options cls, object_hook, parse_float, parse_int, parse_constant and
// object_pairs_hook.
func loads(th *thread, a args) (value, error) {
	text, err := jsonText(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if cls := a.Vals[1]; cls != runtime.None {
		decoder, err := runtime.CallArgs(th, cls, given(decoderOptions, a.Vals[2:]))
		if err != nil {
			return nil, err
		}
		return runtime.CallAttr(th, decoder, "decode", runtime.Str(text))
	}
	return decodeJSON(th, text, a.Vals[2:])
}

func jsonText(v value) (string, error) {
	if s, ok := runtime.AsStr(v); ok {
		if strings.HasPrefix(s, "\ufeff") {
			e := runtime.Errorf(runtime.JSONDecodeError, "Unexpected UTF-8 BOM (decode using utf-8-sig): line 1 column 1 (char 0)")
			return "", e
		}
		return s, nil
	}
	b, ok := bytesOf(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "the JSON object must be str, bytes or bytearray, not %s", v.Class().Name)
	}
	return strings.TrimPrefix(b, "\ufeff"), nil
}

// decoderOptions are the options of JSONDecoder in the order in which decodeJSON finds
// their values.
var decoderOptions = []string{"object_hook", "parse_float", "parse_int", "parse_constant", "object_pairs_hook"}

func decodeJSON(th *thread, text string, options []value) (value, error) {
	if err := th.Work(min(len(text), runtime.JSONPart) << 4); err != nil { // the rest is paid as it is read
		return nil, err
	}
	hook, pairs := options[0], options[4]
	var v value
	var err error
	if numbers := options[1:4]; slices.ContainsFunc(numbers, func(v value) bool { return v != runtime.None }) {
		var h runtime.JSONHooks
		for i, into := range []*value{&h.Float, &h.Int, &h.Constant} {
			if numbers[i] != runtime.None {
				*into = numbers[i]
			}
		}
		v, err = runtime.ParseJSONHooked(th, text, h)
	} else {
		v, err = runtime.ParseJSONString(th, text)
	}
	if err != nil || hook == runtime.None && pairs == runtime.None {
		return v, err
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
			if err := out.Push(th, h); err != nil {
				return nil, err
			}
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
			if err := list.Push(th, runtime.NewTuple(k, h)); err != nil {
				return nil, err
			}
		}
		if pairs != runtime.None {
			return runtime.Call(th, pairs, list)
		}
		return runtime.Call(th, hook, d)
	}
	return v, nil
}

// dumps has the options skipkeys, ensure_ascii, check_circular, allow_nan, cls, indent,
// separators, default and sort_keys.
func dumps(th *thread, a args) (value, error) {
	o := a.Vals[1:]
	options := []value{o[0], o[1], o[2], o[3], o[8], o[5], o[6], o[7]}
	if cls := o[4]; cls != runtime.None {
		encoder, err := runtime.CallArgs(th, cls, given(encoderOptions, options))
		if err != nil {
			return nil, err
		}
		return runtime.CallAttr(th, encoder, "encode", a.Vals[0])
	}
	f, err := jsonFormat(th, options)
	if err != nil {
		return nil, err
	}
	s, err := runtime.WriteJSON(th, a.Vals[0], f)
	return runtime.Str(s), err
}

// encoderOptions are the options of JSONEncoder in the order in which jsonFormat finds
// their values.
var encoderOptions = []string{"skipkeys", "ensure_ascii", "check_circular", "allow_nan", "sort_keys", "indent", "separators", "default"}

func jsonFormat(th *thread, options []value) (runtime.JSONFormat, error) {
	f := runtime.DefaultJSON
	f.Default = options[7]
	for at, into := range map[int]*bool{0: &f.SkipKeys, 1: &f.ASCII, 3: &f.AllowNaN, 4: &f.SortKeys} {
		ok, err := runtime.Truth(th, options[at])
		if err != nil {
			return f, err
		}
		*into = ok
	}
	if indent := options[5]; indent != runtime.None {
		f.Pretty, f.ItemSeparator = true, ","
		if s, ok := runtime.AsStr(indent); ok {
			f.Indent = s
		} else if n, ok := runtime.AsInt(indent); ok {
			f.Indent = strings.Repeat(" ", int(max(0, min(n, 100))))
		}
	}
	if options[6] == runtime.None {
		return f, nil
	}
	parts := make([]value, 2)
	if err := runtime.Unpack(th, options[6], parts, -1); err != nil {
		return f, err
	}
	item, ok1 := runtime.AsStr(parts[0])
	key, ok2 := runtime.AsStr(parts[1])
	if !ok1 || !ok2 {
		return f, runtime.Errorf(runtime.TypeError, "separators must be a pair of str")
	}
	f.ItemSeparator, f.KeySeparator = item, key
	return f, nil
}

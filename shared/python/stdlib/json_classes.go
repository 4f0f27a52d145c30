package stdlib

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The encoder and the decoder are classes as scripts write them, so that scripts may
// inherit from them; their options stand in attributes.
var (
	jsonEncoderClass = runtime.NewFrozenClass("json.encoder", "JSONEncoder", nil, members(
		define("__init__(self, *, skipkeys=False, ensure_ascii=True, check_circular=True, allow_nan=True, sort_keys=False, indent=None, separators=None, default=None)",
			func(th *thread, a args) (value, error) {
				names := encoderOptions
				if a.Vals[8] == runtime.None { // the method of the class stays visible
					names = names[:7]
				}
				return runtime.None, setOptions(th, a, names)
			}),
		define("default(self, o)", func(_ *thread, a args) (value, error) {
			return nil, runtime.Errorf(runtime.TypeError, "Object of type %s is not JSON serializable", a.Vals[1].Class().Name)
		}),
		define("encode(self, o)", func(th *thread, a args) (value, error) {
			options, err := getOptions(th, a.Vals[0], encoderOptions)
			if err != nil {
				return nil, err
			}
			f, err := jsonFormat(th, options)
			if err != nil {
				return nil, err
			}
			s, err := runtime.WriteJSON(th, a.Vals[1], f)
			return runtime.Str(s), err
		}),
	))
	jsonDecoderClass = runtime.NewFrozenClass("json.decoder", "JSONDecoder", nil, members(
		define("__init__(self, *, object_hook=None, parse_float=None, parse_int=None, parse_constant=None, object_pairs_hook=None)",
			func(th *thread, a args) (value, error) { return runtime.None, setOptions(th, a, decoderOptions) }),
		define("decode(self, s)", func(th *thread, a args) (value, error) {
			options, err := getOptions(th, a.Vals[0], decoderOptions)
			if err != nil {
				return nil, err
			}
			text, err := jsonText(a.Vals[1])
			if err != nil {
				return nil, err
			}
			return decodeJSON(th, text, options)
		}),
	))
)

// setOptions keeps the arguments after self under their names.
func setOptions(th *thread, a args, names []string) error {
	for i, name := range names {
		if err := runtime.SetAttr(th, a.Vals[0], name, a.Vals[1+i]); err != nil {
			return err
		}
	}
	return nil
}

func getOptions(th *thread, self value, names []string) ([]value, error) {
	out := make([]value, len(names))
	for i, name := range names {
		v, err := runtime.GetAttr(th, self, name)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newOS makes the os module: the environment the host gave, names of paths, and
// nothing of the machine.
func newOS(h Host) *runtime.Module {
	environ := environment(h)
	m := members(
		define("getenv(key, default=None)", func(th *thread, a args) (value, error) {
			if _, ok := runtime.AsStr(a.Vals[0]); !ok {
				return nil, runtime.Errorf(runtime.TypeError, "str expected, not %s", a.Vals[0].Class().Name)
			}
			v, err := environ.Get(th, a.Vals[0])
			if v == nil && err == nil {
				return a.Vals[1], nil
			}
			return v, err
		}),
		define("getpid()", func(*thread, args) (value, error) { return runtime.NewInt(1), nil }),
		define("urandom(size, /)", func(th *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[0])
			if err != nil {
				return nil, err
			}
			if n < 0 {
				return nil, runtime.Errorf(runtime.ValueError, "negative argument not allowed")
			}
			b, err := secretBytes(th, runtime.NewInt(n))
			return runtime.Bytes(b), err
		}),
	)
	for name, text := range map[string]string{
		"linesep": "\n", "sep": "/", "name": "posix", "curdir": ".", "pardir": "..", "extsep": ".", "pathsep": ":",
	} {
		m[name] = runtime.Str(text)
	}
	m["environ"], m["path"] = newEnviron(environ), newOSPath(h)
	return runtime.NewModule("os", m)
}

package stdlib

import (
	"maps"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newOS makes the os module: the environment the host gave, and nothing else.
func newOS(h Host) *runtime.Module {
	environ := runtime.NewDict()
	for _, k := range slices.Sorted(maps.Keys(h.Environ)) {
		environ.SetStr(k, runtime.Str(h.Environ[k]))
	}
	m := members(
		define("getenv(key, default=None)", func(th *thread, a args) (value, error) {
			v, err := environ.Get(th, a.Vals[0])
			if v == nil && err == nil {
				return a.Vals[1], nil
			}
			return v, err
		}),
		define("getpid()", func(*thread, args) (value, error) { return runtime.NewInt(1), nil }),
	)
	m["environ"], m["linesep"], m["sep"], m["name"] = environ, runtime.Str("\n"), runtime.Str("/"), runtime.Str("posix")
	return runtime.NewModule("os", m)
}

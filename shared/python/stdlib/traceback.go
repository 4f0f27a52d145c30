package stdlib

import (
	"io"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newTraceback makes the traceback module; what it prints goes to stderr.
func newTraceback(Host) *runtime.Module {
	current := func(th *thread) string {
		if e := th.Handling(); e != nil {
			return e.Traceback()
		}
		return "NoneType: None\n"
	}
	return runtime.NewModule("traceback", members(
		define("format_exc(limit=None, chain=True)", func(th *thread, _ args) (value, error) {
			s := current(th)
			return runtime.Str(s), th.Alloc(len(s))
		}),
		define("print_exc(limit=None, file=None, chain=True)", func(th *thread, _ args) (value, error) {
			to := th.Stderr()
			if to == nil {
				return runtime.None, nil
			}
			if _, err := io.WriteString(to, current(th)); err != nil {
				return nil, runtime.Errorf(runtime.OSError, "%v", err).WithCause(err)
			}
			return runtime.None, nil
		}),
	))
}

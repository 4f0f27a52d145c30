package scenario

import (
	"net/http"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// httpxModule is what `import httpx` gives: its exceptions, and the classes that scripts
// name, make or are given. What sends requests is not there: a task is given a client.
func httpxModule(stdlib.Host) *runtime.Module {
	members := runtime.Members{
		"codes": codesClass, "Timeout": timeoutClass, "BasicAuth": basicAuthClass, "Headers": headersClass,
		"Cookies": cookiesClass, "URL": urlClass, "Request": requestClass, "Response": responseClass,
	}
	for _, c := range httpxErrors {
		members[c.Name] = c
	}
	return runtime.NewModule("httpx", members)
}

// codesClass is httpx.codes: the statuses by their names.
var codesClass = runtime.NewNativeClass("httpx", "codes", codes())

func codes() runtime.Members {
	m := runtime.Members{
		"get_reason_phrase": codesFunction("get_reason_phrase", func(status int64) runtime.Value {
			return runtime.Str(http.StatusText(int(status)))
		}),
	}
	for i, name := range []string{"is_informational", "is_success", "is_redirect", "is_client_error", "is_server_error"} {
		m[name] = codesFunction(name, func(status int64) runtime.Value { return runtime.NewBool(status/100 == int64(i)+1) })
	}
	m["is_error"] = codesFunction("is_error", func(status int64) runtime.Value {
		return runtime.NewBool(status >= http.StatusBadRequest && status < 600)
	})
	for status := http.StatusContinue; status < 600; status++ {
		if name := codeName(status); name != "" {
			m[name] = runtime.NewInt(int64(status))
			m[strings.ToLower(name)] = runtime.NewInt(int64(status))
		}
	}
	return m
}

// codeName is the name of a status in Python.
func codeName(status int) string {
	if status == http.StatusTeapot {
		return "IM_A_TEAPOT"
	}
	return strings.ToUpper(strings.NewReplacer(" ", "_", "-", "_").Replace(http.StatusText(status)))
}

func codesFunction(name string, of func(status int64) runtime.Value) *runtime.StaticMethod {
	return &runtime.StaticMethod{Fn: runtime.NewNative(name+"(value, /)", func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		status, ok := runtime.AsInt(a.Vals[0])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "%s() takes an int, not %s", name, a.Vals[0].Class().Name)
		}
		return of(status), nil
	})}
}

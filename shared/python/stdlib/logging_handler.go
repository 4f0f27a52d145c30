package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// Handlers, filters and formatters are classes as scripts write them, so that scripts
// may inherit from them; their state stands in attributes.
var (
	filterClass        = runtime.NewFrozenClass("logging", "Filter", nil, filterMembers())
	handlerClass       = runtime.NewFrozenClass("logging", "Handler", nil, handlerMembers())
	streamHandlerClass = runtime.NewFrozenClass("logging", "StreamHandler", []*runtime.Class{handlerClass}, streamHandlerMembers())
	nullHandlerClass   = runtime.NewFrozenClass("logging", "NullHandler", []*runtime.Class{handlerClass}, members(
		define("handle(self, record)", func(*thread, args) (value, error) { return runtime.None, nil }),
		define("emit(self, record)", func(*thread, args) (value, error) { return runtime.None, nil }),
	))
)

// passes asks all filters, which are objects with a method filter or functions.
func passes(th *thread, filters, record value) (bool, error) {
	list, ok := filters.(*runtime.List)
	if !ok || list.Len() == 0 {
		return true, nil
	}
	for _, f := range list.Items() {
		method, err := runtime.Find(th, f, "filter")
		if err != nil {
			return false, err
		}
		if method == nil {
			method = f
		}
		r, err := runtime.Call(th, method, record)
		if err != nil {
			return false, err
		}
		if ok, err := runtime.Truth(th, r); err != nil || !ok {
			return false, err
		}
	}
	return true, nil
}

func filterMembers() runtime.Members {
	return members(
		define("__init__(self, name='')", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.SetAttr(th, a.Vals[0], "name", a.Vals[1])
		}),
		define("filter(self, record)", func(th *thread, a args) (value, error) {
			var names [2]string
			for i, v := range a.Vals {
				name, err := runtime.GetAttr(th, v, "name")
				if err != nil {
					return nil, err
				}
				names[i], _ = runtime.AsStr(name)
			}
			under := len(names[1]) > len(names[0]) && names[1][:len(names[0])] == names[0] && names[1][len(names[0])] == '.'
			return runtime.NewBool(names[0] == "" || names[0] == names[1] || under), nil
		}),
	)
}

// startHandler sets what every handler has; a handler that was not initialised, as by
// a subclass without super().__init__(), lacks it.
func startHandler(th *thread, h value, level int64) error {
	for _, f := range []struct {
		name string
		v    value
	}{{"level", runtime.NewInt(level)}, {"formatter", runtime.None}, {"filters", runtime.NewList()}, {"name", runtime.None}} {
		if err := runtime.SetAttr(th, h, f.name, f.v); err != nil {
			return err
		}
	}
	return nil
}

func handlerMembers() runtime.Members {
	nothing := func(*thread, args) (value, error) { return runtime.None, nil }
	filters := func(th *thread, h value) (*runtime.List, error) {
		v, err := runtime.GetAttr(th, h, "filters")
		if err != nil {
			return nil, err
		}
		l, ok := v.(*runtime.List)
		if !ok {
			return nil, noMethod(v, "append")
		}
		return l, nil
	}
	return members(
		define("__init__(self, level=0)", func(th *thread, a args) (value, error) {
			level, err := readLevel(a.Vals[1], namedLevels)
			if err != nil {
				return nil, err
			}
			return runtime.None, startHandler(th, a.Vals[0], level)
		}),
		define("setLevel(self, level)", func(th *thread, a args) (value, error) {
			level, err := readLevel(a.Vals[1], namedLevels)
			if err != nil {
				return nil, err
			}
			return runtime.None, runtime.SetAttr(th, a.Vals[0], "level", runtime.NewInt(level))
		}),
		define("setFormatter(self, fmt)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.SetAttr(th, a.Vals[0], "formatter", a.Vals[1])
		}),
		define("format(self, record)", func(th *thread, a args) (value, error) {
			f, err := runtime.GetAttr(th, a.Vals[0], "formatter")
			if err != nil {
				return nil, err
			}
			if f == runtime.None {
				if f, err = runtime.Call(th, formatterClass); err != nil {
					return nil, err
				}
			}
			return runtime.CallAttr(th, f, "format", a.Vals[1])
		}),
		define("filter(self, record)", func(th *thread, a args) (value, error) {
			l, err := filters(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			ok, err := passes(th, l, a.Vals[1])
			return runtime.NewBool(ok), err
		}),
		define("handle(self, record)", func(th *thread, a args) (value, error) {
			ok, err := runtime.CallAttr(th, a.Vals[0], "filter", a.Vals[1])
			if err != nil {
				return nil, err
			}
			wanted, err := runtime.Truth(th, ok)
			if err != nil || !wanted {
				return ok, err
			}
			_, err = runtime.CallAttr(th, a.Vals[0], "emit", a.Vals[1])
			return ok, err
		}),
		define("emit(self, record)", func(*thread, args) (value, error) {
			return nil, runtime.Errorf(runtime.NotImplementedError, "emit must be implemented by Handler subclasses")
		}),
		define("addFilter(self, filter)", func(th *thread, a args) (value, error) {
			l, err := filters(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.None, appendOnce(th, l, a.Vals[1])
		}),
		define("removeFilter(self, filter)", func(th *thread, a args) (value, error) {
			l, err := filters(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return runtime.None, dropItem(th, l, a.Vals[1])
		}),
		define("handleError(self, record)", func(th *thread, a args) (value, error) {
			return runtime.None, reportFailure(th, th.Handling(), a.Vals[1])
		}),
		define("flush(self)", nothing), define("close(self)", nothing), define("acquire(self)", nothing), define("release(self)", nothing),
	)
}

func streamHandlerMembers() runtime.Members {
	m := members(
		define("__init__(self, stream=None)", func(th *thread, a args) (value, error) {
			if err := startHandler(th, a.Vals[0], 0); err != nil {
				return nil, err
			}
			return runtime.None, runtime.SetAttr(th, a.Vals[0], "stream", a.Vals[1])
		}),
		define("setStream(self, stream)", func(th *thread, a args) (value, error) {
			old, err := runtime.GetAttr(th, a.Vals[0], "stream")
			if err != nil {
				return nil, err
			}
			if old == a.Vals[1] {
				return runtime.None, nil
			}
			return old, runtime.SetAttr(th, a.Vals[0], "stream", a.Vals[1])
		}),
		define("emit(self, record)", func(th *thread, a args) (value, error) {
			err := emitLine(th, a.Vals[0], a.Vals[1])
			if err == nil {
				return runtime.None, nil
			}
			e := runtime.AsException(err)
			if !e.Catchable() || e.IsA(runtime.RecursionError) || !e.IsA(runtime.ExceptionClass) {
				return nil, err
			}
			outer := th.Handle(e)
			defer th.Handle(outer)
			return runtime.CallAttr(th, a.Vals[0], "handleError", a.Vals[1])
		}),
	)
	m["terminator"] = runtime.Str("\n")
	return m
}

// emitLine formats a record and writes it as one piece.
func emitLine(th *thread, h, record value) error {
	stream, err := runtime.GetAttr(th, h, "stream")
	if err != nil {
		return err
	}
	to := th.Stderr()
	if stream == runtime.None && to == nil {
		return nil
	}
	msg, err := runtime.CallAttr(th, h, "format", record)
	if err != nil {
		return err
	}
	end, err := runtime.GetAttr(th, h, "terminator")
	if err != nil {
		return err
	}
	line, err := runtime.Binary(th, runtime.Add, msg, end)
	if err != nil {
		return err
	}
	if stream != runtime.None {
		_, err = runtime.CallAttr(th, stream, "write", line)
		return err
	}
	text, ok := runtime.AsStr(line)
	if !ok {
		return runtime.Errorf(runtime.TypeError, "a log line must be str, not %s", line.Class().Name)
	}
	return writeTo(to, text)
}

// reportFailure tells on stderr why a record could not be written, as a mistake in a
// log line must not end the task.
func reportFailure(th *thread, e *runtime.Exception, record value) error {
	to := th.Stderr()
	if to == nil || e == nil {
		return nil
	}
	var text strings.Builder
	text.WriteString("--- Logging error ---\n" + e.Traceback())
	for _, f := range []struct{ title, name string }{{"Message: ", "msg"}, {"Arguments: ", "args"}} {
		v, err := runtime.Find(th, record, f.name)
		if v == nil || err != nil {
			continue
		}
		s, err := runtime.Repr(th, v)
		if err != nil {
			return err
		}
		text.WriteString(f.title + s + "\n")
	}
	return writeTo(to, text.String())
}

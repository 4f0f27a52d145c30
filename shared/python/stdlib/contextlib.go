package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newContextlib makes the contextlib module. What redirects sys.stdout is left out:
// there is no sys here.
func newContextlib(Host) *runtime.Module {
	decorated := newDecoratedClass()
	m := runtime.Members{
		"suppress":                    newSuppressClass(),
		"nullcontext":                 newNullContextClass(),
		"closing":                     newClosingClass(),
		"aclosing":                    newAclosingClass(),
		"ExitStack":                   newExitStackClass(),
		"AbstractContextManager":      newAbstractManager("AbstractContextManager", "__enter__", "__exit__"),
		"AbstractAsyncContextManager": newAbstractManager("AbstractAsyncContextManager", "__aenter__", "__aexit__"),
		"ContextDecorator":            newContextDecorator(decorated),
		"contextmanager":              newContextManager(decorated),
		"asynccontextmanager":         newAsyncContextManager(decorated),
	}
	return runtime.NewModule("contextlib", m)
}

// itself is a method that gives its self.
func itself(name string) *runtime.Native {
	return method(name+"(self, /)", func(_ *thread, self value, _ []value) (value, error) { return self, nil })
}

// exitMethod is an __exit__; e is nil when the body ended well.
func exitMethod(f func(th *thread, self value, e *runtime.Exception) (value, error)) *runtime.Native {
	return method("__exit__(self, typ, value, traceback)", func(th *thread, self value, a []value) (value, error) {
		e, err := exitCause(th, a)
		if err != nil {
			return nil, err
		}
		return f(th, self, e)
	})
}

// exitCause is the exception among the arguments of an __exit__, nil without one.
func exitCause(th *thread, a []value) (*runtime.Exception, error) {
	if a[0] == runtime.None {
		return nil, nil
	}
	if a[1] == runtime.None {
		made, err := runtime.Call(th, a[0])
		if err != nil {
			return nil, err
		}
		a[1] = made
	}
	if e, ok := a[1].(*runtime.Exception); ok {
		return e, nil
	}
	return nil, runtime.Errorf(runtime.TypeError, "exceptions must be classes or instances deriving from BaseException, not %s", a[1].Class().Name)
}

// soon is an async method: its result is there when it is awaited.
func soon(signature string, f func(th *thread, self value, a []value) (value, error)) *runtime.Native {
	name, _, _ := strings.Cut(signature, "(")
	return method(signature, func(_ *thread, self value, a []value) (value, error) {
		kept := append([]value(nil), a...)
		return runtime.NewCoroutine(name, func(th *thread) (value, error) { return f(th, self, kept) }), nil
	})
}

// newAbstractManager makes the base of context managers that give themselves.
func newAbstractManager(name, enter, exit string) *runtime.Class {
	first := itself(enter)
	if enter == "__aenter__" {
		first = soon("__aenter__(self, /)", func(_ *thread, self value, _ []value) (value, error) { return self, nil })
	}
	c := runtime.NewFrozenClass("contextlib", name, nil, members(first))
	hooks := abstractHooks()
	hooks.Covers = func(sub *runtime.Class) bool { return sub.Lookup(enter) != nil && sub.Lookup(exit) != nil }
	return c.SetHooks(hooks).Abstract(exit)
}

func newSuppressClass() *runtime.Class {
	return runtime.NewFrozenClass("contextlib", "suppress", nil, members(
		runtime.NewRaw("__init__", func(th *thread, a args) (value, error) {
			if len(a.Names) > 0 {
				return nil, runtime.Errorf(runtime.TypeError, "suppress.__init__() got an unexpected keyword argument '%s'", a.Names[0])
			}
			return runtime.None, runtime.SetOwn(th, a.Vals[0], "_exceptions", runtime.NewTuple(append([]value(nil), a.Vals[1:]...)...))
		}),
		method("__enter__(self, /)", func(*thread, value, []value) (value, error) { return runtime.None, nil }),
		method("__exit__(self, exctype, excinst, exctb)", func(th *thread, self value, a []value) (value, error) {
			if a[0] == runtime.None {
				return runtime.False, nil
			}
			which, err := runtime.GetAttr(th, self, "_exceptions")
			if err != nil {
				return nil, err
			}
			is, err := runtime.IsSubclass(th, a[0], which)
			return runtime.NewBool(is), err
		}),
	))
}

func newNullContextClass() *runtime.Class {
	result := func(th *thread, self value, _ []value) (value, error) {
		return runtime.GetAttr(th, self, "enter_result")
	}
	nothing := func(*thread, value, []value) (value, error) { return runtime.None, nil }
	return runtime.NewFrozenClass("contextlib", "nullcontext", nil, members(
		method("__init__(self, enter_result=None)", func(th *thread, self value, a []value) (value, error) {
			return runtime.None, runtime.SetOwn(th, self, "enter_result", a[0])
		}),
		method("__enter__(self, /)", result),
		runtime.NewRaw("__exit__", func(*thread, args) (value, error) { return runtime.None, nil }),
		soon("__aenter__(self, /)", result),
		soon("__aexit__(self, typ=None, value=None, traceback=None)", nothing),
	))
}

func newClosingClass() *runtime.Class {
	return runtime.NewFrozenClass("contextlib", "closing", nil, members(
		keepThing(),
		method("__enter__(self, /)", func(th *thread, self value, _ []value) (value, error) { return runtime.GetAttr(th, self, "thing") }),
		runtime.NewRaw("__exit__", func(th *thread, a args) (value, error) { return closeThing(th, a.Vals[0], "close") }),
	))
}

func newAclosingClass() *runtime.Class {
	return runtime.NewFrozenClass("contextlib", "aclosing", nil, members(
		keepThing(),
		soon("__aenter__(self, /)", func(th *thread, self value, _ []value) (value, error) { return runtime.GetAttr(th, self, "thing") }),
		soon("__aexit__(self, typ=None, value=None, traceback=None)", func(th *thread, self value, _ []value) (value, error) {
			v, err := closeThing(th, self, "aclose")
			if err != nil {
				return nil, err
			}
			_, err = runtime.Await(th, v)
			return runtime.None, err
		}),
	))
}

func keepThing() *runtime.Native {
	return method("__init__(self, thing)", func(th *thread, self value, a []value) (value, error) {
		return runtime.None, runtime.SetOwn(th, self, "thing", a[0])
	})
}

// closeThing calls close or aclose of the thing; what the first gives is of no use.
func closeThing(th *thread, self value, name string) (value, error) {
	thing, err := runtime.GetAttr(th, self, "thing")
	if err != nil {
		return nil, err
	}
	v, err := runtime.CallAttr(th, thing, name)
	if err != nil || name == "aclose" {
		return v, err
	}
	return runtime.None, nil
}

package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// userClass is VUser. Its hooks do nothing, so that a script's may call super's.
var userClass = func() *runtime.Class {
	nothing := func(*runtime.Thread, runtime.Args) (runtime.Value, error) { return runtime.None, nil }
	c, err := runtime.NewClass("loadpilot", "VUser", nil, runtime.Members{
		"on_start": runtime.NewNative("on_start(self, client)", nothing),
		"on_stop":  runtime.NewNative("on_stop(self, client)", nothing),
	})
	if err != nil {
		panic(err) // a class without bases cannot conflict with any
	}
	return c
}()

// A collector is the side of the loadpilot module that gathers what one loading of a
// file declares.
type collector struct {
	tables   map[string]*table // of the data files
	declared []declaration
	perUser  bool            // some data has order="user"
	globals  *runtime.Module // the file, once it is loaded
	closed   bool            // the file is loaded; nothing is declared any more
}

// members are the names of the loadpilot module.
func (c *collector) members() runtime.Members {
	return runtime.Members{
		"scenario":        runtime.NewRaw("scenario", c.scenario),
		"task":            runtime.NewRaw("task", task),
		"VUser":           userClass,
		"LoadClient":      clientClass,
		"ResponseWrapper": responseClass,
		"data":            runtime.NewNative("data(name, /, *, order='sequence', end='cycle', columns=None)", c.data),
		"DataExhausted":   exhausted,
		"event":           runtime.NewNative("event(name, ms, ok=True)", event),
		"counter":         runtime.NewNative("counter(name, value=1)", counter),
		"gauge":           runtime.NewNative("gauge(name, value)", gauge),
		"iteration":       &runtime.Getter{Name: "iteration", Get: iteration},
	}
}

// iteration is the number of the arrival that is running, −1 outside of tasks.
func iteration(th *runtime.Thread, _ runtime.Value) (runtime.Value, error) {
	if inv, ok := th.Host.(*invocation); ok {
		return runtime.NewInt(inv.iteration), nil
	}
	return runtime.NewInt(-1), nil
}

// scenario is the decorator, with or without parameters.
func (c *collector) scenario(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	if a.NPos() == 1 && len(a.Names) == 0 {
		switch v := a.Vals[0].(type) {
		case *runtime.Class, *runtime.Function:
			return c.declare(v, nil, nil)
		}
	}
	if a.NPos() > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "@scenario takes its parameters by name, as in @scenario(rps=100)")
	}
	names, args := slices.Clone(a.Names), slices.Clone(a.Vals)
	return runtime.NewNative("scenario(cls, /)", func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return c.declare(a.Vals[0], names, args)
	}), nil
}

func (c *collector) declare(v runtime.Value, names []string, args []runtime.Value) (runtime.Value, error) {
	class, ok := v.(*runtime.Class)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "@scenario belongs on a class, not on a %s", v.Class().Name)
	}
	if c.closed {
		return nil, runtime.Errorf(runtime.RuntimeError, "@scenario cannot be used while the test runs")
	}
	c.declared = append(c.declared, declaration{class, names, args})
	return class, nil
}

// task is the decorator: @task, @task(5) or @task(weight=5).
func task(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	weight := a.Kw("weight")
	switch {
	case len(a.Vals) == 0:
		weight = runtime.NewInt(1)
	case a.NPos() == 1 && len(a.Names) == 0:
		if _, isInt := runtime.AsInt(a.Vals[0]); !isInt {
			return markTask(th, a.Vals[0], runtime.NewInt(1))
		}
		weight = a.Vals[0]
	case a.NPos() > 0 || len(a.Names) > 1 || weight == nil:
		return nil, runtime.Errorf(runtime.TypeError, "@task takes one parameter, weight, as in @task(weight=5)")
	}
	return runtime.NewNative("task(function, /)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return markTask(th, a.Vals[0], weight)
	}), nil
}

func markTask(th *runtime.Thread, fn, weight runtime.Value) (runtime.Value, error) {
	switch fn.(type) {
	case *runtime.Function, *runtime.Object:
		return fn, runtime.SetAttr(th, fn, mark, weight)
	}
	return nil, runtime.Errorf(runtime.TypeError, "@task belongs on a method, not on a %s", fn.Class().Name)
}

// module is what `import loadpilot` gives.
func (c *collector) module(stdlib.Host) *runtime.Module {
	return runtime.NewModule("loadpilot", c.members())
}

// hostModules are the modules that scenario files have beside those of the language.
func hostModules(c *collector) map[string]stdlib.Factory {
	return map[string]stdlib.Factory{"loadpilot": c.module, "httpx": httpxModule}
}

package stdlib

import (
	"slices"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// decorated is a function that stands for another one, which it wraps.
type decorated struct {
	class *runtime.Class
	call  func(th *thread, a args) (value, error)
	holds []value
}

// Class implements runtime.Value.
func (d *decorated) Class() *runtime.Class { return d.class }

// PublishTo implements runtime.Container.
func (d *decorated) PublishTo(queue []value) []value { return append(queue, d.holds...) }

// newDecoratedClass makes the class of decorated functions: methods where a class holds them.
func newDecoratedClass() *runtime.Class {
	return runtime.Constructor(runtime.NewFrozenClass("builtins", "function", nil, members(
		runtime.NewRaw("__call__", func(th *thread, a args) (value, error) {
			return runtime.Data(a.Vals[0]).(*decorated).call(th, args{Vals: a.Vals[1:], Names: a.Names})
		}),
		method("__get__(self, obj, cls=None, /)", func(_ *thread, self value, a []value) (value, error) {
			if a[0] == runtime.None {
				return self, nil
			}
			return &runtime.BoundMethod{Self: a[0], Fn: self}, nil
		}),
	)), nil)
}

// newDecorated is call under the name of fn.
func newDecorated(th *thread, class *runtime.Class, fn value, call func(th *thread, a args) (value, error), holds ...value) (value, error) {
	if err := th.Alloc(256); err != nil {
		return nil, err
	}
	d := runtime.Instance(class, &decorated{class: class, call: call, holds: append(holds, fn)})
	return d, updateWrapper(th, d, fn, nil, nil)
}

// decorate makes the function that calls fn within a context manager.
func decorate(th *thread, class *runtime.Class, manager, fn value) (value, error) {
	return newDecorated(th, class, fn, func(th *thread, a args) (value, error) {
		fresh := manager
		if m, ok := runtime.Data(manager).(*generatorManager); ok {
			var err error
			if fresh, err = m.again(th); err != nil {
				return nil, err
			}
		}
		if _, err := runtime.Enter(th, fresh, false); err != nil {
			return nil, err
		}
		v, err := runtime.CallArgs(th, fn, a)
		return leaveContext(th, fresh, v, err)
	}, manager)
}

// leaveContext ends what Enter began, with the result of the body.
func leaveContext(th *thread, manager, v value, err error) (value, error) {
	if err == nil {
		_, err = runtime.Exit(th, manager, nil, false)
		return v, err
	}
	e := runtime.AsException(err)
	outer := th.Handle(e)
	defer th.Handle(outer)
	swallowed, err := runtime.Exit(th, manager, e, false)
	switch {
	case err != nil:
		return nil, err
	case swallowed && e.Catchable():
		return runtime.None, nil
	}
	return nil, e
}

func newContextDecorator(decorated *runtime.Class) *runtime.Class {
	return runtime.NewFrozenClass("contextlib", "ContextDecorator", nil, members(
		method("__call__(self, func)", func(th *thread, self value, a []value) (value, error) {
			return decorate(th, decorated, self, a[0])
		}),
	))
}

// generatorManager is the data of what a function under @contextmanager gives.
type generatorManager struct {
	class *runtime.Class
	fn    value
	given args
	gen   value // the generator or asynchronous generator of fn
	used  atomic.Bool
}

// Class implements runtime.Value.
func (m *generatorManager) Class() *runtime.Class { return m.class }

// PublishTo implements runtime.Container.
func (m *generatorManager) PublishTo(queue []value) []value {
	return append(append(queue, m.fn, m.gen), m.given.Vals...)
}

// again calls the function anew: a decorator enters at each call.
func (m *generatorManager) again(th *thread) (value, error) {
	return newGeneratorManager(th, m.class, m.fn, m.given)
}

// enter refuses to enter twice: the generator is spent. The message is CPython's.
func (m *generatorManager) enter() error {
	if m.used.Swap(true) {
		return runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute 'args'", m.class.Name)
	}
	return nil
}

func newGeneratorManager(th *thread, class *runtime.Class, fn value, a args) (value, error) {
	if err := th.AllocMany(len(a.Vals)+8, 24); err != nil {
		return nil, err
	}
	given := args{Vals: slices.Clone(a.Vals), Names: slices.Clone(a.Names)}
	gen, err := runtime.CallArgs(th, fn, a)
	if err != nil {
		return nil, err
	}
	return runtime.Instance(class, &generatorManager{class: class, fn: fn, given: given, gen: gen}), nil
}

func newContextManager(decorated *runtime.Class) *runtime.Native {
	of := func(v value) *generatorManager { return runtime.Data(v).(*generatorManager) }
	class := runtime.Constructor(runtime.NewFrozenClass("contextlib", "_GeneratorContextManager", nil, members(
		method("__enter__(self, /)", func(th *thread, self value, _ []value) (value, error) {
			m := of(self)
			if err := m.enter(); err != nil {
				return nil, err
			}
			v, err := advance(th, m.gen, nil)
			if v == nil && err == nil {
				err = runtime.Errorf(runtime.RuntimeError, "generator didn't yield")
			}
			return v, err
		}),
		exitMethod(func(th *thread, self value, e *runtime.Exception) (value, error) {
			v, err := advance(th, of(self).gen, e)
			return settle(v, err, e, "")
		}),
		method("__call__(self, func)", func(th *thread, self value, a []value) (value, error) {
			return decorate(th, decorated, self, a[0])
		}),
	)), nil)
	return managerFactory("contextmanager(func)", decorated, class)
}

// managerFactory is the decorator that makes managers of class from calls of a function.
func managerFactory(signature string, decorated, class *runtime.Class) *runtime.Native {
	return define(signature, func(th *thread, a args) (value, error) {
		fn := a.Vals[0]
		return newDecorated(th, decorated, fn, func(th *thread, a args) (value, error) {
			return newGeneratorManager(th, class, fn, a)
		})
	})
}

// settle is what an __exit__ gives when its generator went on: v is what it yielded,
// nil at its end; e is what was thrown into it, nil if nothing was. prefix stands before the throw() of messages.
func settle(v value, err error, e *runtime.Exception, prefix string) (value, error) {
	switch {
	case e == nil && err != nil:
		return nil, err
	case e == nil && v == nil:
		return runtime.False, nil
	case e == nil:
		return nil, runtime.Errorf(runtime.RuntimeError, "generator didn't stop")
	case err == nil && v == nil:
		return runtime.True, nil
	case err == nil:
		return nil, runtime.Errorf(runtime.RuntimeError, "generator didn't stop after %sthrow()", prefix)
	}
	failed := runtime.AsException(err)
	stopped := (e.IsA(runtime.StopIteration) || e.IsA(runtime.StopAsyncIteration)) && failed.IsA(runtime.RuntimeError) && failed.Cause == e
	if failed == e || stopped {
		return runtime.False, nil
	}
	return nil, failed
}

// advance continues a generator, or any iterator that a function gave in its place,
// and throws e into it unless nil. It gives nil at the end.
func advance(th *thread, gen value, e *runtime.Exception) (value, error) {
	if e != nil {
		if g, ok := gen.(*runtime.Generator); ok {
			defer e.KeepTrace()()
			return g.Resume(th, runtime.None, e)
		}
		return runtime.CallAttr(th, gen, "throw", e)
	}
	if it, ok := gen.(runtime.Iterator); ok {
		return it.Next(th)
	}
	v, found, err := runtime.CallSpecial(th, gen, "__next__")
	if !found {
		return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not an iterator", gen.Class().Name)
	}
	if err != nil && runtime.AsException(err).IsA(runtime.StopIteration) {
		return nil, nil
	}
	return v, err
}

func newAsyncContextManager(decorated *runtime.Class) *runtime.Native {
	of := func(v value) *generatorManager { return runtime.Data(v).(*generatorManager) }
	class := runtime.Constructor(runtime.NewFrozenClass("contextlib", "_AsyncGeneratorContextManager", nil, members(
		soon("__aenter__(self, /)", func(th *thread, self value, _ []value) (value, error) {
			m := of(self)
			if err := m.enter(); err != nil {
				return nil, err
			}
			v, err := advanceAsync(th, m.gen, nil)
			if v == nil && err == nil {
				err = runtime.Errorf(runtime.RuntimeError, "generator didn't yield")
			}
			return v, err
		}),
		soon("__aexit__(self, typ, value, traceback)", func(th *thread, self value, a []value) (value, error) {
			e, err := exitCause(th, a)
			if err != nil {
				return nil, err
			}
			v, err := advanceAsync(th, of(self).gen, e)
			return settle(v, err, e, "a")
		}),
	)), nil)
	return managerFactory("asynccontextmanager(func)", decorated, class)
}

// advanceAsync does what advance does, for asynchronous generators.
func advanceAsync(th *thread, gen value, e *runtime.Exception) (value, error) {
	name, given := "__anext__", []value(nil)
	if e != nil {
		name, given = "athrow", []value{e}
		defer e.KeepTrace()()
	}
	if e == nil && gen.Class().Lookup(name) == nil {
		return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not an async iterator", gen.Class().Name)
	}
	step, err := runtime.CallAttr(th, gen, name, given...)
	if err != nil {
		return nil, err
	}
	v, err := runtime.Await(th, step)
	if err == nil {
		return v, nil
	}
	if stop := runtime.AsException(err); stop != e && stop.IsA(runtime.StopAsyncIteration) {
		return nil, nil
	}
	return nil, err
}

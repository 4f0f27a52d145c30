package stdlib

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// exitStack is the data of an ExitStack: what is left to do, the last first.
type exitStack struct {
	runtime.Guard
	class *runtime.Class
	exits []exitStep
}

// exitStep is an __exit__ that gets the exception, or a plain call.
type exitStep struct {
	fn    value
	plain bool
	given args
}

// Class implements runtime.Value.
func (s *exitStack) Class() *runtime.Class { return s.class }

// PublishTo implements runtime.Container.
func (s *exitStack) PublishTo(queue []value) []value {
	if !s.Share() {
		return queue
	}
	for _, step := range s.exits {
		queue = append(append(queue, step.fn), step.given.Vals...)
	}
	return queue
}

func (s *exitStack) push(th *thread, step exitStep) error {
	if err := th.AllocMany(len(step.given.Vals)+8, 24); err != nil {
		return err
	}
	s.Keep(step.fn)
	s.Keep(step.given.Vals...)
	s.Lock()
	defer s.Unlock()
	s.exits = append(s.exits, step)
	return nil
}

func (s *exitStack) pop() (step exitStep, ok bool) {
	s.Lock()
	defer s.Unlock()
	if len(s.exits) == 0 {
		return step, false
	}
	last := len(s.exits) - 1
	step = s.exits[last]
	s.exits = slices.Delete(s.exits, last, last+1)
	return step, true
}

// all takes every step away.
func (s *exitStack) all() []exitStep {
	s.Lock()
	defer s.Unlock()
	steps := s.exits
	s.exits = nil
	return steps
}

// run does one step; e is the exception that is under way, or nil.
func (step exitStep) run(th *thread, e *runtime.Exception) (swallowed bool, err error) {
	outer := th.Handle(e)
	defer th.Handle(outer)
	if step.plain {
		_, err = runtime.CallArgs(th, step.fn, step.given)
		return false, err
	}
	about := []value{runtime.None, runtime.None, runtime.None}
	if e != nil {
		about[0], about[1] = e.Class(), e
	}
	v, err := runtime.Call(th, step.fn, about...)
	if err != nil {
		return false, err
	}
	return runtime.Truth(th, v)
}

// unwind does all that is left: each step sees the exception that those before left.
func (s *exitStack) unwind(th *thread, e *runtime.Exception) (swallowed value, err error) {
	received, pending := e, false
	for {
		if err := th.Step(); err != nil && (e == nil || e.Catchable()) {
			return nil, err
		}
		step, ok := s.pop()
		if !ok {
			break
		}
		done, err := step.run(th, e)
		switch {
		case err != nil:
			e, pending = runtime.AsException(err), true
		case done && e != nil && e.Catchable():
			e, pending = nil, false
		}
	}
	if pending {
		return nil, e
	}
	return runtime.NewBool(received != nil && e == nil), nil
}

func newExitStackClass() *runtime.Class {
	of := func(v value) *exitStack { return runtime.Data(v).(*exitStack) }
	base := runtime.Constructor(runtime.NewFrozenClass("contextlib", "_BaseExitStack", nil, members(
		method("enter_context(self, cm)", func(th *thread, self value, a []value) (value, error) {
			exit, err := boundExit(a[0])
			if err != nil {
				return nil, err
			}
			v, err := runtime.Enter(th, a[0], false)
			if err != nil {
				return nil, err
			}
			return v, of(self).push(th, exitStep{fn: exit})
		}),
		method("push(self, exit)", func(th *thread, self value, a []value) (value, error) {
			step := exitStep{fn: a[0]}
			if member := a[0].Class().Lookup("__exit__"); member != nil {
				step.fn = &runtime.BoundMethod{Self: a[0], Fn: member}
			}
			return a[0], of(self).push(th, step)
		}),
		runtime.NewRaw("callback", func(th *thread, a args) (value, error) {
			if a.NPos() < 2 {
				return nil, runtime.Errorf(runtime.TypeError, "_BaseExitStack.callback() missing 1 required positional argument: 'callback'")
			}
			given := args{Vals: slices.Clone(a.Vals[2:]), Names: slices.Clone(a.Names)}
			return a.Vals[1], of(a.Vals[0]).push(th, exitStep{fn: a.Vals[1], plain: true, given: given})
		}),
		method("pop_all(self)", func(th *thread, self value, _ []value) (value, error) {
			fresh, err := runtime.Call(th, self.Class())
			if err != nil {
				return nil, err
			}
			to, ok := runtime.Data(fresh).(*exitStack)
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "'%s' object is not an ExitStack", fresh.Class().Name)
			}
			to.exits = of(self).all()
			return fresh, nil
		}),
	)), nil)
	class := runtime.NewFrozenClass("contextlib", "ExitStack", []*runtime.Class{base}, members(
		itself("__enter__"),
		exitMethod(func(th *thread, self value, e *runtime.Exception) (value, error) { return of(self).unwind(th, e) }),
		method("close(self)", func(th *thread, self value, _ []value) (value, error) {
			_, err := of(self).unwind(th, nil)
			return runtime.None, err
		}),
	))
	return runtime.Constructor(class, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		if cls == class && len(a.Vals) > 0 {
			return nil, runtime.Errorf(runtime.TypeError, "_BaseExitStack.__init__() takes 1 positional argument but %d were given", len(a.Vals)+1)
		}
		return runtime.Instance(cls, &exitStack{class: class}), nil
	})
}

// boundExit is the __exit__ of a context manager.
func boundExit(manager value) (value, error) {
	c := manager.Class()
	exit := c.Lookup("__exit__")
	if c.Lookup("__enter__") == nil || exit == nil {
		return nil, runtime.Errorf(runtime.TypeError, "'%s.%s' object does not support the context manager protocol", c.Module, c.QualName())
	}
	return &runtime.BoundMethod{Self: manager, Fn: exit}, nil
}

package runtime

import "fmt"

// futures are what scripts may hold of both kinds.
type futures interface {
	Value
	future() *Future
}

func (f *Future) future() *Future { return f }

// futureMethod makes a method that first checks that the thread may use the future.
func futureMethod(signature string, call func(f *Future, a Args) (Value, error)) *Native {
	return NewNative(signature, func(th *Thread, a Args) (Value, error) {
		f := a.Vals[0].(futures).future()
		if err := f.Reach(th); err != nil {
			return nil, err
		}
		return call(f, a)
	})
}

func futureMembers() Members {
	return members(
		futureMethod("result(self, /)", func(f *Future, _ Args) (Value, error) { return f.Result() }),
		futureMethod("done(self, /)", func(f *Future, _ Args) (Value, error) { return NewBool(f.done), nil }),
		futureMethod("cancelled(self, /)", func(f *Future, _ Args) (Value, error) { return NewBool(f.Cancelled()), nil }),
		futureMethod("cancel(self, /, msg=None)", func(f *Future, a Args) (Value, error) { return NewBool(f.Cancel(a.Vals[1])), nil }),
		futureMethod("exception(self, /)", func(f *Future, _ Args) (Value, error) {
			switch {
			case !f.done:
				return nil, Errorf(InvalidStateError, "Exception is not set.")
			case f.Cancelled():
				return f.Result()
			case f.err == nil:
				return None, nil
			}
			return asException(f.err), nil
		}),
	)
}

func taskMembers() Members {
	self := func(a Args) *Task { return a.Vals[0].(*Task) }
	return members(
		NewNative("get_name(self, /)", func(_ *Thread, a Args) (Value, error) { return Str(self(a).title()), nil }),
		NewNative("set_name(self, value, /)", func(th *Thread, a Args) (Value, error) {
			t := self(a)
			if err := t.Reach(th); err != nil {
				return nil, err
			}
			var err error
			t.Name, err = ToStr(th, a.Vals[1])
			return None, err
		}),
	)
}

// title is the name of the task as scripts see it.
func (t *Task) title() string {
	if t.Name != "" {
		return t.Name
	}
	return fmt.Sprintf("Task-%d", t.Number)
}

func (f *Future) state() string {
	switch {
	case f.Cancelled():
		return "cancelled"
	case f.done:
		return "finished"
	}
	return "pending"
}

// Repr implements the text of a future.
func (f *Future) Repr(th *Thread) (string, error) {
	return "<Future " + f.state() + ">", f.Reach(th)
}

// Repr implements the text of a task.
func (t *Task) Repr(th *Thread) (string, error) {
	return fmt.Sprintf("<Task %s name='%s' coro=<%s()>>", t.state(), t.title(), t.coro.Name()), t.Reach(th)
}

func members(natives ...*Native) Members {
	m := Members{}
	for _, n := range natives {
		m[n.Name] = n
	}
	return m
}

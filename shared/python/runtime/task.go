package runtime

import (
	"context"
	"slices"
)

// Exceptions of package asyncio.
var (
	CancelledError    = NewExceptionClass("asyncio.exceptions", "CancelledError", BaseException)
	InvalidStateError = NewExceptionClass("asyncio.exceptions", "InvalidStateError", ExceptionClass)
)

// Classes of what scripts may wait for; package asyncio adds their members.
var (
	FutureClass = newFuture("Future")
	TaskClass   = newFuture("Task", FutureClass)
)

func newFuture(name string, bases ...*Class) *Class {
	c := newBuiltin(name, bases...)
	c.Module, c.make = "_asyncio", nil
	return c
}

// Future is a value that is not there yet. It belongs to the loop that made it.
type Future struct {
	loop      *Loop
	done      bool
	value     Value
	err       error
	cancelled bool  // err is the CancelledError of a cancel
	message   Value // what cancel() was given
	callbacks []handle
	cancel    func(message Value) bool // instead of the future's own; nil
	shared    bool                     // other users can reach the value
}

// NewFuture makes a future that someone will complete.
func (l *Loop) NewFuture() *Future { return &Future{loop: l} }

// NewDependent makes a future that is cancelled by cancelling what it stands for.
func (l *Loop) NewDependent(cancel func(message Value) bool) *Future {
	return &Future{loop: l, cancel: cancel}
}

// Class implements Value.
func (*Future) Class() *Class { return FutureClass }

// Reach checks that th may use the future: its loop runs on th, or has ended.
func (f *Future) Reach(th *Thread) error {
	if th.task != nil && th.task.loop == f.loop || f.loop.closed.Load() {
		return nil
	}
	return Errorf(RuntimeError, "Task got Future attached to a different loop")
}

func (f *Future) publishTo(queue []Value) []Value {
	if f.shared {
		return queue
	}
	f.shared = true
	return append(queue, f.outcome()...)
}

func (f *Future) outcome() []Value {
	var vs []Value
	if f.value != nil {
		vs = append(vs, f.value)
	}
	if f.err != nil {
		vs = append(vs, asException(f.err))
	}
	return vs
}

// Done tells whether the future has its value or error.
func (f *Future) Done() bool { return f.done }

// Cancelled tells whether the future ended by a cancel.
func (f *Future) Cancelled() bool {
	return f.cancelled
}

// OnDone calls back in the loop's round after the future is done.
func (f *Future) OnDone(call func()) {
	if f.done {
		f.loop.Soon(call)
		return
	}
	f.callbacks = append(f.callbacks, handle{run: call})
}

// SetResult completes the future; a second time does nothing.
func (f *Future) SetResult(v Value) { f.complete(v, nil) }

// SetError completes the future with an error.
func (f *Future) SetError(err error) { f.complete(nil, err) }

func (f *Future) complete(v Value, err error) {
	if f.done {
		return
	}
	f.done, f.value, f.err = true, v, err
	if f.shared {
		publish(f.outcome()...)
	}
	f.loop.ready = append(f.loop.ready, f.callbacks...)
	f.callbacks = nil
}

// Cancel ends the future with CancelledError; false when it is done already.
func (f *Future) Cancel(message Value) bool {
	switch {
	case f.done:
		return false
	case f.cancel != nil:
		return f.cancel(message)
	}
	f.message, f.cancelled = message, true
	f.SetError(newCancelled(message))
	return true
}

// TimeIsUp is the message of a cancel because a limit of the script has passed, as that of asyncio.wait_for. Scripts do not see
// it; the context of what the coroutine waits for outside ends with the cause context.DeadlineExceeded.
var TimeIsUp Value = timeIsUp{}

type timeIsUp struct{}

// Class implements Value.
func (timeIsUp) Class() *Class { return None.Class() }

func newCancelled(message Value) error {
	if message == nil || message == None || message == TimeIsUp {
		return NewException(CancelledError)
	}
	return NewException(CancelledError, message)
}

// Result is what the future was completed with.
func (f *Future) Result() (Value, error) {
	if !f.done {
		return nil, Errorf(InvalidStateError, "Result is not set.")
	}
	if f.Cancelled() {
		return nil, NewException(CancelledError, asException(f.err).args()...)
	}
	return f.value, f.err
}

// Await waits until the future is done.
func (f *Future) Await(th *Thread) (Value, error) {
	if err := f.Reach(th); err != nil {
		return nil, err
	}
	if !f.done {
		if err := f.wait(th); err != nil {
			return nil, err
		}
	}
	return f.Result()
}

func (f *Future) wait(th *Thread) error {
	t := th.task
	switch {
	case t == nil:
		return Errorf(RuntimeError, "await wasn't used with future")
	case f == &t.Future:
		return Errorf(RuntimeError, "Task cannot await on itself")
	}
	if err := t.mayWait(); err != nil {
		return err
	}
	f.callbacks = append(f.callbacks, handle{task: t})
	t.waiting = f
	if t.mustCancel && f.Cancel(t.message) {
		t.mustCancel, t.ctx = false, nil
	}
	err := t.suspend()
	t.waiting = nil
	if !f.done { // the end of f must not wake who waits for something else by then
		f.callbacks = slices.DeleteFunc(f.callbacks, func(h handle) bool { return h.task == t })
	}
	if err == nil && !f.done {
		err = Errorf(RuntimeError, "deadlock: nothing is left that could end this await")
	}
	return err
}

// Task is a coroutine that runs beside others.
type Task struct {
	Future
	Number int    // by creation, within the invocation
	Name   string // given by the script

	coro       *Coroutine
	th         *Thread
	started    bool
	wake       chan struct{}   // the baton arrives here
	waiting    *Future         // what the coroutine waits for
	mustCancel bool            // raise CancelledError at the next chance
	ctx        context.Context //nolint:containedctx // of what the coroutine waits for outside
	stop       context.CancelCauseFunc
}

// Class implements Value.
func (*Task) Class() *Class { return TaskClass }

// TimeIsUp tells whether the last cancel of the task was one with that message.
func (t *Task) TimeIsUp() bool { return t.message == TimeIsUp }

// Start begins a coroutine beside the one that runs on th.
func (l *Loop) Start(th *Thread, c *Coroutine) (*Task, error) {
	if err := th.Alloc(taskBytes); err != nil {
		return nil, err
	}
	t := l.newTask(th, c)
	l.tasks = append(l.tasks, t)
	l.ready = append(l.ready, handle{task: t})
	return t, nil
}

func (l *Loop) newTask(th *Thread, c *Coroutine) *Task {
	th.tasks++
	t := &Task{Number: th.tasks, coro: c, wake: make(chan struct{}, 1)}
	t.loop = l
	t.cancel = t.interrupt
	return t
}

// Task is the coroutine that runs on th, nil without a loop.
func (th *Thread) Task() *Task { return th.task }

// Coroutine is what the task runs.
func (t *Task) Coroutine() *Coroutine { return t.coro }

// interrupt is task.cancel(): the coroutine gets CancelledError where it waits.
func (t *Task) interrupt(message Value) bool {
	t.message = message
	if t.waiting != nil && t.waiting.Cancel(message) {
		return true
	}
	t.mustCancel = true
	if t.stop != nil {
		var cause error
		if message == TimeIsUp {
			cause = context.DeadlineExceeded
		}
		t.stop(cause)
	}
	return true
}

// run is the goroutine of a task.
func (t *Task) run() {
	l, th := t.loop, t.th
	var v Value
	err := t.interrupted()
	if err == nil {
		v, err = protect(func() (Value, error) { return t.coro.Await(th) })
	}
	t.finish(v, err)
	to := l.next(th)
	clear(th.stack)
	th.sp, th.depth, th.handling, th.task = 0, 0, nil, nil
	baton := th.budget
	l.idle = append(l.idle, th)
	l.hand(&baton, to)
}

func (t *Task) finish(v Value, err error) {
	l := t.loop
	for i, other := range l.tasks {
		if other == t {
			l.tasks = append(l.tasks[:i:i], l.tasks[i+1:]...)
			break
		}
	}
	if t.stop != nil {
		t.stop(nil)
	}
	t.cancelled = err != nil && asException(err).IsA(CancelledError)
	t.complete(v, err)
}

// switchSteps is the time of giving the baton away and getting it back.
const switchSteps = 24

// mayWait is asked before the task enters a queue that wakes it: who cannot suspend
// must not be woken.
func (t *Task) mayWait() error {
	th := t.th
	th.quota -= switchSteps
	if err := th.Step(); err != nil {
		return err
	}
	if th.suspended+th.depth > maxSuspended {
		return Errorf(MemoryError, "too many nested calls wait").WithCause(ErrMemoryLimit)
	}
	return nil
}

// suspend gives the baton away until the task is woken.
func (t *Task) suspend() error {
	l, th := t.loop, t.th
	th.suspended += th.depth
	if to := l.next(th); to != t {
		l.hand(&th.budget, to)
		<-t.wake
	}
	th.suspended -= th.depth
	if th.fatal != nil {
		return th.end(th.fatal)
	}
	return t.interrupted()
}

// interrupted is the CancelledError that waits for the coroutine.
func (t *Task) interrupted() error {
	if !t.mustCancel {
		return nil
	}
	t.mustCancel, t.ctx = false, nil
	return newCancelled(t.message)
}

// Pause lets the other coroutines run that are ready, as asyncio.sleep(0) does.
func (th *Thread) Pause() error {
	t := th.task
	if t == nil {
		return nil
	}
	if err := t.mayWait(); err != nil {
		return err
	}
	t.loop.ready = append(t.loop.ready, handle{task: t})
	return t.suspend()
}

// block runs wait on another goroutine while other coroutines have the baton.
func (t *Task) block(wait func()) {
	l := t.loop
	var panicked any
	finished := make(chan struct{})
	l.outside++
	go func() {
		defer close(finished)
		defer l.arrive(t)
		defer func() { panicked = recover() }()
		wait()
	}()
	th := t.th
	th.suspended += th.depth
	if to := l.next(th); to != t {
		l.hand(&th.budget, to)
		<-t.wake
	}
	th.suspended -= th.depth
	if th.fatal != nil && t.stop != nil {
		t.stop(nil) // the invocation ends: what is waited for is not wanted any more
	}
	<-finished
	if panicked != nil {
		panic(panicked)
	}
}

// context is heard by what the coroutine waits for outside: a cancel of the task ends it.
func (t *Task) context() context.Context {
	if t.ctx == nil {
		if t.stop != nil {
			t.stop(nil)
		}
		t.ctx, t.stop = context.WithCancelCause(t.th.ctx)
	}
	return t.ctx
}

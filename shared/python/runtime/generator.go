package runtime

import "sync/atomic"

// Generator is a suspended function body. The compiled body keeps where it stands
// in its frame, so a generator needs no goroutine and an abandoned one is garbage.
type Generator struct {
	frame   *Frame
	started bool
	done    bool
	returns Value
	turn    turn
}

// resumeSteps is the time of going into a body and out of it again.
const resumeSteps = 4

// State is where one compound statement of a generator continues.
type State struct {
	Pos   int // 0: not entered
	Iter  Iterator
	Value Value
	Err   error
	Flow  int        // how a body was left while its finally block runs
	Outer *Exception // what was being handled before an except clause
}

// Class implements Value.
func (*Generator) Class() *Class { return generatorClass }

// NewGenerator makes a generator from a frame with bound arguments.
func NewGenerator(f *Frame) *Generator { return &Generator{frame: f} }

// suspend makes the generator or coroutine of a call.
func (fn *Function) suspend(th *Thread, a Args) (Value, error) {
	code := fn.Code
	if err := th.Alloc(code.NLocals*16 + code.NStates*64 + 200); err != nil {
		return nil, err
	}
	f := &Frame{Fn: fn, Locals: make([]Value, code.NLocals), States: make([]State, code.NStates)}
	if err := fn.bind(th, a, f.Locals); err != nil {
		return nil, err
	}
	if code.NCells > 0 {
		f.makeCells(code)
	}
	switch {
	case code.Async && code.Generator:
		return &AsyncGenerator{Generator{frame: f}}, nil
	case code.Async:
		return &Coroutine{frame: f}, nil
	}
	return NewGenerator(f), nil
}

// Next implements Iterator.
func (g *Generator) Next(th *Thread) (Value, error) { return g.Resume(th, None, nil) }

// Resume continues the body, with a value for the waiting yield or an error
// raised at it. It gives nil, nil when the body returned.
func (g *Generator) Resume(th *Thread, sent Value, thrown error) (Value, error) {
	shared, err := g.turn.take(th)
	if err != nil {
		return nil, err
	}
	defer g.turn.give(shared)
	if g.done {
		return nil, thrown
	}
	if !g.started {
		if thrown != nil {
			g.done = true
			return nil, g.frame.Fail(thrown, &Span{Line: g.frame.Fn.Code.Line})
		}
		if sent != None {
			return nil, Errorf(TypeError, "can't send non-None value to a just-started generator")
		}
	}
	if err := th.enter(""); err != nil {
		return nil, err
	}
	th.quota -= resumeSteps
	f := g.frame
	f.Thread, f.Sent, f.Thrown, f.Yielded = th, sent, thrown, false
	g.started = true
	outer := th.handling
	v, err := f.Fn.Code.Body(f)
	th.handling = outer
	th.leave()
	f.Thread = nil
	if err != nil {
		g.done = true
		if e := asException(err); e.IsA(StopIteration) {
			wrapped := Errorf(RuntimeError, "generator raised StopIteration")
			wrapped.Cause, wrapped.Context, wrapped.trace = e, e, e.points()
			return nil, wrapped
		}
		return nil, err
	}
	if f.Yielded {
		return v, nil
	}
	g.done, g.returns = true, v
	return nil, nil
}

// Send is the method of that name, and Throw with a nil value; both give
// StopIteration at the end.
func (g *Generator) Send(th *Thread, v Value) (Value, error) {
	return g.orStop(g.Resume(th, v, nil))
}

// Throw raises err at the waiting yield.
func (g *Generator) Throw(th *Thread, err error) (Value, error) {
	return g.orStop(g.Resume(th, None, err))
}

func (g *Generator) orStop(v Value, err error) (Value, error) {
	if v != nil || err != nil {
		return v, err
	}
	stop := NewException(StopIteration)
	if g.returns != nil && g.returns != None {
		stop.Args = []Value{g.returns}
		g.returns = nil
	}
	return nil, stop
}

// Close raises GeneratorExit at the waiting yield.
func (g *Generator) Close(th *Thread) error {
	if g.done || !g.started {
		g.done = true
		return nil
	}
	v, err := g.Resume(th, None, NewException(generatorExitClass))
	if err != nil {
		if e := asException(err); e.IsA(generatorExitClass) || e.IsA(StopIteration) {
			return nil
		}
		return err
	}
	if v != nil {
		return Errorf(RuntimeError, "generator ignored GeneratorExit")
	}
	return nil
}

// Result is what the body returned, once it has.
func (g *Generator) Result() Value {
	if g.returns == nil {
		return None
	}
	return g.returns
}

func (g *Generator) publishTo(queue []Value) []Value {
	if !g.turn.share() {
		return queue
	}
	return g.frame.publishTo(queue)
}

func (f *Frame) publishTo(queue []Value) []Value {
	queue = append(queue, f.Fn)
	for _, v := range f.Locals {
		if v != nil {
			queue = append(queue, v)
		}
	}
	for _, s := range f.Cells {
		queue = s.publishTo(queue)
	}
	for _, s := range f.States {
		if s.Iter != nil {
			queue = append(queue, s.Iter)
		}
		if s.Value != nil {
			queue = append(queue, s.Value)
		}
	}
	return queue
}

// Coroutine is the call of an async function, or of a native one that waits. It runs
// to its end when awaited.
type Coroutine struct {
	frame  *Frame // nil for native ones
	name   string // of native ones
	native func(th *Thread) (Value, error)
	used   atomic.Bool
}

// NewCoroutine makes a coroutine of a native function; name is for messages.
func NewCoroutine(name string, run func(th *Thread) (Value, error)) *Coroutine {
	return &Coroutine{name: name, native: run}
}

// Class implements Value.
func (*Coroutine) Class() *Class { return coroutineClass }

// Name is the name of the function that was called.
func (c *Coroutine) Name() string {
	if c.frame != nil {
		return c.frame.Fn.Name()
	}
	return c.name
}

func (c *Coroutine) publishTo(queue []Value) []Value {
	if c.frame == nil || c.used.Load() {
		return queue
	}
	return c.frame.publishTo(queue)
}

// Await runs the body.
func (c *Coroutine) Await(th *Thread) (Value, error) {
	if c.used.Swap(true) {
		return nil, Errorf(RuntimeError, "cannot reuse already awaited coroutine")
	}
	if err := th.enter(""); err != nil {
		return nil, err
	}
	defer th.leave()
	if c.native != nil {
		return c.native(th)
	}
	c.frame.Thread = th
	return c.frame.Fn.Code.Body(c.frame)
}

// Awaitable is a native value that `await` waits for.
type Awaitable interface {
	Value
	Await(th *Thread) (Value, error)
}

// Await is `await v`: a coroutine runs, an object with __await__ is iterated to its
// end. What a host's function returned at once, an answer or a list of them, is the
// result itself.
func Await(th *Thread, v Value) (Value, error) {
	switch v := v.(type) {
	case Awaitable:
		return v.Await(th)
	case *List:
		return v, nil
	}
	if v.Class().Lookup("__await__") != nil {
		it, _, err := CallSpecial(th, v, "__await__")
		if err != nil {
			return nil, err
		}
		return Drain(th, it)
	}
	if !IsAwaitable(v) {
		return nil, Errorf(TypeError, "object %s can't be used in 'await' expression", v.Class().Name)
	}
	return v, nil
}

// IsAwaitable tells what `await` accepts.
func IsAwaitable(v Value) bool {
	switch v.(type) {
	case Awaitable, *List:
		return true
	case *Object:
		return v.Class().Lookup("__await__") != nil
	}
	return v.Class().builtin && v.Class().Module != "builtins"
}

// Drain iterates v to its end and gives a generator's return value.
func Drain(th *Thread, v Value) (Value, error) {
	it, err := Iter(th, v)
	if err != nil {
		return nil, err
	}
	for {
		x, err := it.Next(th)
		if err != nil {
			return nil, err
		}
		if x == nil {
			break
		}
		if err := th.Step(); err != nil {
			return nil, err
		}
		if err := th.Pause(); err != nil {
			return nil, err
		}
	}
	if g, ok := it.(*Generator); ok {
		return g.Result(), nil
	}
	return None, nil
}

// turn lets one thread at a time into an iterator that several may reach.
type turn struct {
	ch    chan struct{} // nil while private
	owner atomic.Pointer[Thread]
	busy  bool
}

func (t *turn) share() bool {
	if t.ch != nil {
		return false
	}
	t.ch = make(chan struct{}, 1)
	return true
}

// take waits for the turn; a thread that has it already is refused, as is
// entering a private iterator again. What it returns is for give.
func (t *turn) take(th *Thread) (shared bool, err error) {
	if t.ch == nil {
		if t.busy {
			return false, errExecuting()
		}
		t.busy = true
		return false, nil
	}
	if t.owner.Load() == th {
		return true, errExecuting()
	}
	select {
	case t.ch <- struct{}{}:
		t.owner.Store(th)
		return true, nil
	default:
		th.StepAside()
	}
	select {
	case t.ch <- struct{}{}:
		t.owner.Store(th)
		return true, nil
	case <-th.done:
		return true, th.Cancelled()
	}
}

// give ends the turn. An iterator may be published while it runs, so it ends the
// way it began.
func (t *turn) give(shared bool) {
	if !shared {
		t.busy = false
		return
	}
	t.owner.Store(nil)
	<-t.ch
}

func errExecuting() error { return Errorf(ValueError, "generator already executing") }

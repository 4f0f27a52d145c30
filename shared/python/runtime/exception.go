package runtime

import (
	"errors"
	"fmt"
	"slices"
)

// exceptionSteps is the time of a raise beyond the step of the statement: the exception, its
// message and the way out of the frames.
const exceptionSteps = 40

const (
	maxTrace       = 2000 // places in a traceback; a deeper one loses its outermost frames
	freeTrace      = 16   // places that cost nothing beyond the exception itself
	placeBytes     = 48   // of a place further out, while the list grows too
	exceptionBytes = 320  // what an exception costs, with its first places
)

// Exception is an instance of BaseException or of a class below it. It is also
// the Go error of every failing operation.
type Exception struct {
	Object
	Args    []Value
	Cause   *Exception // of `raise … from …`
	Context *Exception // what was being handled

	hideContext bool // `from` was given
	trace       []tracePoint
	fatal       error // not nil: no except clause catches it
	cause       error // what errors.Is finds
	comparison  *Comparison
	hint        func() string // what the traceback adds, as "Did you mean: 'x'?"
}

type tracePoint struct {
	code *Code
	at   *Span
}

// Comparison is what a failed assert compared.
type Comparison struct {
	Op          string // as written: "==", "not in", …
	Left, Right Value
}

// Class implements Value.
func (e *Exception) Class() *Class { return e.class }

// NewException makes an exception without running Python code.
func NewException(class *Class, args ...Value) *Exception {
	return &Exception{Object: Object{class: class}, Args: args}
}

// Errorf makes an exception with a formatted message.
func Errorf(class *Class, format string, args ...any) *Exception {
	return NewException(class, Str(fmt.Sprintf(format, args...)))
}

// Error is the last line of the traceback, as `TypeError: message`.
func (e *Exception) Error() string {
	name := e.class.qual
	if m := e.class.Module; m != "builtins" && m != "__main__" {
		name = m + "." + name
	}
	text := e.safeMessage()
	if text == "" {
		return name
	}
	return name + ": " + text
}

// Message is str(exception).
func (e *Exception) Message() string { return e.safeMessage() }

// safeMessage runs a script's __str__ on a thread of its own, with small limits.
func (e *Exception) safeMessage() string {
	th := NewThread(Limits{Steps: 10_000, Bytes: 1 << 20, Depth: 100})
	s, err := protect(func() (Value, error) {
		s, err := ToStr(th, e)
		return Str(s), err
	})
	if err != nil {
		return "<exception str() failed>"
	}
	return string(s.(Str))
}

// args are the arguments, which others may replace but not change.
func (e *Exception) args() []Value {
	e.lock()
	defer e.unlock()
	return e.Args
}

// setArgs replaces the arguments.
func (e *Exception) setArgs(vs []Value) {
	if e.shared() {
		publish(vs...)
	}
	e.lock()
	e.Args = vs
	e.unlock()
}

// link reads or sets Cause or Context.
func (e *Exception) link(at **Exception) *Exception {
	e.lock()
	defer e.unlock()
	return *at
}

func (e *Exception) setLink(at **Exception, to *Exception) {
	if e.shared() && to != nil {
		publish(to)
	}
	e.lock()
	*at = to
	e.unlock()
}

// contextHidden tells whether the traceback leaves the context out.
func (e *Exception) contextHidden() bool {
	e.lock()
	defer e.unlock()
	return e.hideContext
}

// points is the trace so far, innermost first.
func (e *Exception) points() []tracePoint {
	e.lock()
	defer e.unlock()
	return slices.Clone(e.trace)
}

// untraced tells that no script's frame has seen the exception: the operation
// itself made it.
func (e *Exception) untraced() bool {
	e.lock()
	defer e.unlock()
	return len(e.trace) == 0
}

// passed adds a place to the trace; what was being handled there becomes the context. All
// that is kept is charged. When the memory is spent, an exception keeps no more than the
// innermost places and no context, so that what catches it again and again stays small.
func (e *Exception) passed(th *Thread, p tracePoint) {
	outer := th.handling
	if e.shared() && outer != nil {
		publish(outer)
	}
	e.lock()
	defer e.unlock()
	n := len(e.trace)
	th.quota-- // of the place
	if n == 0 {
		th.quota -= exceptionSteps
	}
	if n == 0 && th.spend(exceptionBytes) && e.Context == nil && outer != e {
		e.Context = outer
	}
	if n < freeTrace || n < maxTrace && th.spend(placeBytes) {
		e.trace = append(e.trace, p)
	}
}

// spend charges n bytes if they are left.
func (th *Thread) spend(n int64) bool {
	if n > th.bytes {
		return false
	}
	th.bytes -= n
	return true
}

// Unwrap gives the limit or host error behind the exception, if any.
func (e *Exception) Unwrap() error {
	if e.fatal != nil {
		return e.fatal
	}
	return e.cause
}

// WithCause sets the Go error that errors.Is and errors.As find behind e.
func (e *Exception) WithCause(err error) *Exception {
	e.cause = err
	return e
}

// Comparison is the comparison that a failed assert made, nil for anything else.
func (e *Exception) Comparison() *Comparison { return e.comparison }

// SetComparison is for compiled assert statements.
func (e *Exception) SetComparison(c *Comparison) { e.comparison = c }

// IsA tells whether the exception is an instance of class.
func (e *Exception) IsA(class *Class) bool { return e.class.Is(class) }

// asException turns any Go error into an exception.
func asException(err error) *Exception {
	if e, ok := err.(*Exception); ok { //nolint:errorlint // the fast path of every failure
		return e
	}
	if e := (*Exception)(nil); errors.As(err, &e) {
		return e
	}
	return Errorf(RuntimeError, "%s", err.Error()).WithCause(err)
}

// AsException gives the exception behind err.
func AsException(err error) *Exception { return asException(err) }

// Catchable tells whether an except clause may handle the exception.
func (e *Exception) Catchable() bool { return e.fatal == nil }

func (e *Exception) publishTo(queue []Value) []Value {
	if e.shared() {
		return queue
	}
	queue = e.Object.publishTo(queue)
	queue = append(queue, e.Args...)
	for _, x := range []*Exception{e.Cause, e.Context} {
		if x != nil {
			queue = append(queue, x)
		}
	}
	return queue
}

// makeException is BaseException.__new__: the arguments are kept as they come.
func makeException(th *Thread, cls *Class, a Args) (Value, error) {
	if err := th.Alloc(exceptionBytes + 16*len(a.Pos())); err != nil {
		return nil, err
	}
	return NewException(cls, append([]Value(nil), a.Pos()...)...), nil
}

// RaiseValue is what `raise v` raises.
func RaiseValue(th *Thread, v Value) *Exception {
	if c, ok := v.(*Class); ok && c.Is(BaseException) {
		made, err := Call(th, c)
		if err != nil {
			return asException(err)
		}
		v = made
	}
	e, ok := v.(*Exception)
	if !ok {
		return Errorf(TypeError, "exceptions must derive from BaseException")
	}
	return e
}

// Raise finishes `raise v from cause`; cause is nil without `from`.
func Raise(th *Thread, v, cause Value) error {
	e := RaiseValue(th, v)
	if e.shared() { // a constant of the module: its trace would grow with every raise
		e.lock()
		e.trace = nil
		e.unlock()
	}
	if h := th.handling; h != nil && h != e {
		th.quota -= int64(e.setContext(h) / 4) // the links it looked at
	}
	if cause == nil {
		return e
	}
	e.lock()
	e.hideContext = true
	e.unlock()
	if cause == None {
		e.setLink(&e.Cause, nil)
		return e
	}
	if c, ok := cause.(*Class); !ok || !c.Is(BaseException) {
		if _, ok := cause.(*Exception); !ok {
			return Errorf(TypeError, "exception causes must derive from BaseException")
		}
	}
	e.setLink(&e.Cause, RaiseValue(th, cause))
	return e
}

// setContext avoids a cycle of contexts; it gives the number of links it looked at.
func (e *Exception) setContext(h *Exception) (links int) {
	for o := h; o != nil && links < maxTrace; links++ {
		next := o.link(&o.Context)
		if next == e {
			o.setLink(&o.Context, nil)
			break
		}
		o = next
	}
	e.setLink(&e.Context, h)
	return links
}

// Reraise is a bare `raise`.
func Reraise(th *Thread) error {
	if th.handling == nil {
		return Errorf(RuntimeError, "No active exception to reraise")
	}
	return th.handling
}

// Handle marks e as being handled until restore is called.
func (th *Thread) Handle(e *Exception) (outer *Exception) {
	outer, th.handling = th.handling, e
	return outer
}

// Matches tells whether an except clause for class (or a tuple of them) handles e.
func Matches(e *Exception, want Value) (bool, error) {
	switch w := want.(type) {
	case *Class:
		if w.Is(BaseException) {
			return e.Catchable() && e.class.Is(w), nil
		}
	case *Tuple:
		for _, item := range w.Items {
			c, ok := item.(*Class)
			if !ok || !c.Is(BaseException) {
				return false, errCatch()
			}
			if e.Catchable() && e.class.Is(c) {
				return true, nil
			}
		}
		return false, nil
	}
	return false, errCatch()
}

func errCatch() error {
	return Errorf(TypeError, "catching classes that do not inherit from BaseException is not allowed")
}

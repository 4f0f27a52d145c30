package runtime

// File is a compiled source file, for tracebacks.
type File struct {
	Name   string
	Module string
	Lines  []string
}

// Line is source line n counted from 1, "" when there is none.
func (f *File) Line(n int) string {
	if n < 1 || n > len(f.Lines) {
		return ""
	}
	return f.Lines[n-1]
}

// Span is a stretch of source: lines from 1, columns in characters from 1, the
// end exclusive. Mark, when not zero, are the columns of the operator or the
// brackets that a traceback marks with ^ between ~.
type Span struct {
	Line, Col, EndLine, EndCol int32
	MarkCol, MarkEnd           int32
}

// Param is one parameter of a function.
type Param struct {
	Name string
	Slot int // position among the locals
}

// Code is the immutable compiled form of a function body.
type Code struct {
	Name     string
	QualName string
	File     *File
	Doc      Value // a docstring or None

	Params  []string // positional-only, positional, then keyword-only names: locals 0…
	PosOnly int
	NPos    int  // positional parameters, the positional-only ones included
	VarArgs int  // local of *args, -1 without
	VarKw   int  // local of **kwargs, -1 without
	NLocals int  // locals in all
	Simple  bool // only positional parameters

	NCells     int   // cells the function makes
	ParamCells []int // pairs: local, cell: parameters that inner functions use
	Free       int   // cells it gets from outside

	Extra     int // steps of a call beyond the first, by the length of the body
	NStates   int // compound statements of a generator that a yield can leave
	Line      int32
	Generator bool
	Async     bool
	// Body runs the function; that of a generator up to the next yield.
	Body func(f *Frame) (Value, error)
}

// Frame is one running call.
type Frame struct {
	Thread *Thread
	Fn     *Function
	Locals []Value
	Cells  []*Slot
	Result Value // what `return` returned

	// Of generators only.
	States  []State
	Sent    Value // for the yield that waits
	Thrown  error // to be raised at the yield that waits
	Yielded bool  // Body stopped at a yield
}

// frame gives the frame record of the current depth, which is reused.
func (th *Thread) frame() *Frame {
	if th.depth >= len(th.frames) {
		for range max(8, th.depth+1-len(th.frames)) {
			th.frames = append(th.frames, &Frame{})
		}
	}
	f := th.frames[th.depth]
	f.Thread = th
	return f
}

// Fail adds the place where an error passed through this frame. Every operation
// that can fail by itself calls it; what merely evaluates operands does not.
func (f *Frame) Fail(err error, at *Span) error {
	e := asException(err)
	e.passed(f.Thread, tracePoint{code: f.Fn.Code, at: at})
	return e
}

package compiler

import (
	"slices"
	"unicode"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

type (
	frame = runtime.Frame
	value = runtime.Value

	// expr evaluates an expression.
	expr func(f *frame) (value, error)
	// stmt runs a statement.
	stmt func(f *frame) (flow, error)
	// test evaluates an expression as a condition.
	test func(f *frame) (bool, error)
	// store assigns to a target.
	store func(f *frame, v value) error
)

// flow is how control leaves a statement.
type flow int

const (
	next     flow = iota
	breaks        // leaves the loop
	repeats       // goes on with the loop
	returned      // leaves the function; Frame.Result has the value
	yielded       // leaves a generator for now; Frame.Result has the value
)

// Env is what a file is compiled against.
type Env struct {
	// Builtins are the names found without an import.
	Builtins map[string]value
	// Modules are the native modules that may be imported.
	Modules func(name string) *runtime.Module
	// Advice has, for names and modules that do not exist here, what to use instead.
	Advice map[string]string
}

// Program is a compiled file.
type Program struct {
	Code    *runtime.Code
	Globals map[string]int // numbers of the module's names
	Imports []string       // the native modules it names
}

// unit is the compilation of one file.
type unit struct {
	env      Env
	module   *syntax.Module
	file     *runtime.File
	scopes   scopes
	globals  map[string]int
	imports  []string
	imported map[binding]value // what imports bound so far
	th       *runtime.Thread   // for constant folding
	line     struct {          // the line that mark looked at last
		n    int32
		text []rune
	}
	err error
}

// Compile refuses what the language leaves out; the error is a *syntax.Error.
func Compile(m *syntax.Module, env Env) (*Program, error) {
	all, top, err := analyse(m)
	if err != nil {
		return nil, err
	}
	u := &unit{
		env: env, module: m, scopes: all, globals: map[string]int{}, imported: map[binding]value{},
		file: &runtime.File{Name: m.File, Module: "__main__", Lines: m.Lines},
		th:   runtime.NewThread(runtime.Limits{Bytes: 1 << 20}),
	}
	for _, name := range top.order {
		u.global(name)
	}
	c := &function{unit: u, scope: top, code: &runtime.Code{Name: "<module>", QualName: "<module>", File: u.file, VarArgs: -1, VarKw: -1}}
	c.code.Body = c.body(m.Body)
	if u.err != nil {
		return nil, u.err
	}
	c.finish()
	return &Program{Code: c.code, Globals: u.globals, Imports: u.imports}, nil
}

// refuse remembers the first error.
func (u *unit) refuse(n syntax.Node, format string, args ...any) {
	if u.err == nil {
		u.err = syntax.NewError(u.module, n.Range(), format, args...)
	}
}

// global numbers a name of the module.
func (u *unit) global(name string) int {
	i, ok := u.globals[name]
	if !ok {
		i = len(u.globals)
		u.globals[name] = i
	}
	return i
}

// function is the compilation of one code block.
type function struct {
	*unit
	scope   *scope
	code    *runtime.Code
	nslots  int
	gen     bool
	temps   int
	prelude []stmt // of the statement being compiled: yields within its expressions
}

// slot is the local slot of a name.
func (c *function) slot(name string) int {
	i, ok := c.scope.slots[name]
	if !ok || i < 0 {
		i = c.nslots
		c.nslots++
		c.scope.slots[name] = i
	}
	return i
}

func (c *function) finish() {
	c.code.NLocals = c.nslots
	c.code.NCells = len(c.scope.cells)
	c.code.Free = len(c.scope.nfree)
}

// body compiles a function's statements to a Body.
func (c *function) body(list []syntax.Stmt) func(f *frame) (value, error) {
	c.code.Extra = extraSteps(list)
	if !c.gen && len(list) == 1 {
		if r, ok := list[0].(*syntax.Return); ok && r.Value != nil {
			return c.expr(r.Value)
		}
	}
	run := c.block(list)
	if c.gen {
		return func(f *frame) (value, error) {
			how, err := run(f)
			if err != nil {
				return nil, err
			}
			v := f.Result
			f.Result = nil
			f.Yielded = how == yielded
			if v == nil {
				v = runtime.None
			}
			return v, nil
		}
	}
	return func(f *frame) (value, error) {
		how, err := run(f)
		if err != nil {
			return nil, err
		}
		if how == returned {
			return f.Result, nil
		}
		return runtime.None, nil
	}
}

// define compiles a function definition to an expression that makes the function.
func (c *function) define(n syntax.Node, name string, ps *syntax.Parameters, compile func(in *function) func(f *frame) (value, error)) expr {
	in := &function{unit: c.unit, scope: c.scopes[n]}
	in.code = &runtime.Code{
		Name: name, QualName: in.scope.qual + name, File: c.file, VarArgs: -1, VarKw: -1, Line: n.Range().Start.Line,
	}
	defaults, kwonly := c.parameters(in, ps)
	in.gen = in.scope.yields
	in.code.Generator = in.gen
	in.code.Body = compile(in)
	in.finish()
	capture := c.captures(in.scope)
	code, at := in.code, c.span(n)
	return func(f *frame) (value, error) {
		if err := f.Thread.Alloc(128); err != nil {
			return nil, f.Fail(err, at)
		}
		fn := &runtime.Function{Code: code, Globals: f.Fn.Globals}
		if capture != nil {
			fn.Free = capture(f)
		}
		var err error
		if fn.Defaults, err = evalAll(f, defaults); err != nil {
			return nil, err
		}
		if fn.KwOnly, err = evalAll(f, kwonly); err != nil {
			return nil, err
		}
		return fn, nil
	}
}

// parameters gives the locals their first slots and compiles the defaults.
func (c *function) parameters(in *function, ps *syntax.Parameters) (defaults, kwonly []expr) {
	code := in.code
	positional := slices.Concat(ps.PosOnly, ps.Args)
	for _, p := range slices.Concat(positional, ps.KwOnly) {
		code.Params = append(code.Params, p.Name)
		in.slot(p.Name)
	}
	for _, p := range positional {
		if p.Default != nil {
			defaults = append(defaults, c.expr(p.Default))
		}
	}
	for _, p := range ps.KwOnly {
		var e expr
		if p.Default != nil {
			e = c.expr(p.Default)
		}
		kwonly = append(kwonly, e)
	}
	code.PosOnly, code.NPos = len(ps.PosOnly), len(positional)
	if ps.VarArg != nil {
		code.VarArgs = in.slot(ps.VarArg.Name)
	}
	if ps.KwArg != nil {
		code.VarKw = in.slot(ps.KwArg.Name)
	}
	code.Simple = ps.VarArg == nil && ps.KwArg == nil && len(ps.KwOnly) == 0
	for _, p := range ps.All() {
		if cell, ok := in.scope.cells[p.Name]; ok {
			code.ParamCells = append(code.ParamCells, in.scope.slots[p.Name], cell)
		}
	}
	return defaults, kwonly
}

// captures collects the cells that an inner scope gets; nil when it gets none.
func (c *function) captures(in *scope) func(f *frame) []*runtime.Slot {
	if len(in.nfree) == 0 {
		return nil
	}
	type source struct {
		own bool
		i   int
	}
	from := make([]source, len(in.nfree))
	for i, name := range in.nfree {
		if cell, ok := c.scope.cells[name]; ok && (c.scope.kind != classScope || name == "__class__") {
			from[i] = source{true, cell}
		} else {
			from[i] = source{false, c.scope.free[name]}
		}
	}
	return func(f *frame) []*runtime.Slot {
		out := make([]*runtime.Slot, len(from))
		for i, s := range from {
			if s.own {
				out[i] = f.Cells[s.i]
			} else {
				out[i] = f.Fn.Free[s.i]
			}
		}
		return out
	}
}

func evalAll(f *frame, list []expr) ([]value, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make([]value, len(list))
	for i, e := range list {
		if e == nil {
			continue
		}
		v, err := e(f)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

// span is the place of a node.
func (u *unit) span(n syntax.Node) *runtime.Span {
	r := n.Range()
	s := &runtime.Span{Line: r.Start.Line, Col: r.Start.Col, EndLine: r.End.Line, EndCol: r.End.Col}
	if r.Start.Line == r.End.Line {
		u.mark(n, s)
	} else if a, ok := n.(*syntax.Attribute); ok {
		s.Line, s.Col = u.attributeStart(a)
	}
	return s
}

// attributeStart is where an attribute of an expression on several lines is shown: at
// its name.
func (u *unit) attributeStart(a *syntax.Attribute) (line, col int32) {
	text, start := u.runes(a.End.Line), a.End.Col-1
	for start > 0 && int(start) <= len(text) && (text[start-1] == '_' || unicode.IsLetter(text[start-1]) || unicode.IsDigit(text[start-1])) {
		start--
	}
	return a.End.Line, start + 1
}

// mark finds what a traceback shows as ^ between ~: the operator of a binary
// expression, the brackets of a subscript.
func (u *unit) mark(n syntax.Node, s *runtime.Span) {
	switch n := n.(type) {
	case *syntax.BinaryExpr:
		line := u.runes(s.Line)
		end := min(int(s.EndCol)-1, len(line))
		left, right := int(n.Left.Range().End.Col)-1, int(n.Right.Range().Start.Col)-1
		for left < right && left < end && (line[left] == ' ' || line[left] == '\t') {
			left++
		}
		width := 1
		if left+1 < right && left+1 < end && line[left+1] != ' ' && line[left+1] != '\t' {
			width = 2
		}
		for left < end && (line[left] == ' ' || line[left] == ')' || line[left] == '#' || line[left] == '\t') {
			left++
		}
		s.MarkCol, s.MarkEnd = int32(left+1), int32(left+width+1) //nolint:gosec // columns of a line
	case *syntax.Subscript:
		line := u.runes(s.Line)
		end := min(int(s.EndCol)-1, len(line))
		left, right := int(n.Value.Range().End.Col)-1, int(n.Index.Range().End.Col)
		for left < end && line[left] != '[' {
			left++
		}
		for right < end && line[right] != ']' {
			right++
		}
		if right < end {
			right++
		}
		s.MarkCol, s.MarkEnd = int32(left+1), int32(right+1) //nolint:gosec // columns of a line
	}
}

// runes is a line as characters. All that stands in one line asks for it in turn.
func (u *unit) runes(n int32) []rune {
	if u.line.n != n {
		u.line.n, u.line.text = n, []rune(u.module.Line(n))
	}
	return u.line.text
}

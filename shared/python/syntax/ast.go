package syntax

// A Pos is a place in a file: the line counts from 1, the column counts
// characters from 1.
type Pos struct {
	Line, Col int32
}

// A Span is what a node covers: from its first character to the one after its last.
// Parentheses around an expression are not part of it.
type Span struct {
	Start, End Pos
}

// Range returns the span itself, so that each struct that embeds a Span is a Node.
func (s Span) Range() Span { return s }

// A Node is anything in the tree that has a place in the file.
type Node interface {
	Range() Span
}

// A Stmt is a statement.
type Stmt interface {
	Node
	stmt()
}

// An Expr is an expression, or the target of an assignment.
type Expr interface {
	Node
	expr()
}

// A Module is a parsed file.
type Module struct {
	File  string
	Lines []string // the source, a line each, without line ends
	Body  []Stmt
}

// Line returns source line n, counted from 1, or "" when the file has no such line.
func (m *Module) Line(n int32) string {
	if n < 1 || int(n) > len(m.Lines) {
		return ""
	}
	return m.Lines[n-1]
}

// Statements.
type (
	// FunctionDef is `def` or `async def`. Its span starts at that word, not at
	// the first decorator.
	FunctionDef struct {
		Span
		Name       string
		Binds      string // Name, or its private form in a class
		NameSpan   Span
		Params     *Parameters
		Returns    Expr // annotation, or nil
		Body       []Stmt
		Decorators []Expr // in source order
		Async      bool
		Generator  bool // a yield stands in its body
	}

	// ClassDef is a class; its span starts at the word `class`.
	ClassDef struct {
		Span
		Name       string
		Binds      string // Name, or its private form in a class
		NameSpan   Span
		Bases      []Expr // *Starred is possible
		Keywords   []*Keyword
		Body       []Stmt
		Decorators []Expr
	}

	// Return has a nil Value when it stands alone.
	Return struct {
		Span
		Value Expr
	}

	// Delete removes names, attributes and items; lists and tuples nest.
	Delete struct {
		Span
		Targets []Expr
	}

	// Assign is `a = b, *c = value`: Targets in source order, which is also the
	// order of assignment.
	Assign struct {
		Span
		Targets []Expr
		Value   Expr
	}

	// AugAssign is `target op= value`; Target is a *Name, *Attribute or *Subscript.
	AugAssign struct {
		Span
		Target Expr
		Op     BinaryOperator
		Value  Expr
	}

	// AnnAssign is `target: annotation = value`; Value may be nil. Target is a
	// *Name, *Attribute or *Subscript. Simple reports a bare name without
	// parentheses, which alone makes the name a local one and an annotation of its class.
	AnnAssign struct {
		Span
		Target     Expr
		Annotation Expr
		Value      Expr
		Simple     bool
	}

	// For is a `for` loop; Else runs when it was not left by break.
	For struct {
		Span
		Target Expr
		Iter   Expr
		Body   []Stmt
		Else   []Stmt
		Async  bool
	}

	// While is a `while` loop; Else runs when it was not left by break.
	While struct {
		Span
		Test Expr
		Body []Stmt
		Else []Stmt
	}

	// If holds an `elif` as a single *If in Else.
	If struct {
		Span
		Test Expr
		Body []Stmt
		Else []Stmt
	}

	// With enters its items from left to right.
	With struct {
		Span
		Items []*WithItem
		Body  []Stmt
		Async bool
	}

	// Raise is `raise Exc from Cause`; both may be nil, Cause only with Exc.
	Raise struct {
		Span
		Exc   Expr
		Cause Expr
	}

	// Try has handlers, or a Finally, or both; Else only with handlers.
	Try struct {
		Span
		Body     []Stmt
		Handlers []*ExceptHandler
		Else     []Stmt
		Finally  []Stmt
	}

	// Assert has a nil Msg when none is given.
	Assert struct {
		Span
		Test Expr
		Msg  Expr
	}

	// Import is `import a.b as c, d`.
	Import struct {
		Span
		Names []*Alias
	}

	// ImportFrom is `from module import a as b`. Level counts leading dots.
	ImportFrom struct {
		Span
		Module string
		Names  []*Alias
		Level  int
	}

	// Global is `global a, b`.
	Global struct {
		Span
		Names []string
	}

	// Nonlocal is `nonlocal a, b`.
	Nonlocal struct {
		Span
		Names []string
	}

	// ExprStmt is an expression whose value is dropped.
	ExprStmt struct {
		Span
		Value Expr
	}

	// Pass does nothing.
	Pass struct{ Span }

	// Break leaves the nearest loop.
	Break struct{ Span }

	// Continue starts the next round of the nearest loop.
	Continue struct{ Span }
)

// Parts of statements and calls.
type (
	// Parameters are those of a function or lambda.
	Parameters struct {
		PosOnly []*Parameter
		Args    []*Parameter
		VarArg  *Parameter // *args, or nil; nil too for a bare *
		KwOnly  []*Parameter
		KwArg   *Parameter // **kwargs, or nil
	}

	// Parameter is one parameter. Its span is that of name and annotation.
	Parameter struct {
		Span
		Name       string
		Annotation Expr // or nil
		Default    Expr // or nil
	}

	// Keyword is `name=value` in a call or class head, or `**value` with Name "".
	Keyword struct {
		Span
		Name  string
		Value Expr
	}

	// WithItem is `context as target`; Target may be nil.
	WithItem struct {
		Span
		Context Expr
		Target  Expr
	}

	// ExceptHandler is one `except` clause; Type is nil for a bare one, Name "" without `as`.
	ExceptHandler struct {
		Span
		Type Expr
		Name string
		Body []Stmt
	}

	// Alias is an imported name: `Name as AsName`; AsName is "" when not given.
	Alias struct {
		Span
		Name   string // with dots in an Import
		AsName string
	}

	// Comprehension is one `for target in iter if … if …`.
	Comprehension struct {
		Span
		Target Expr
		Iter   Expr
		Ifs    []Expr
		Async  bool
	}
)

func (*FunctionDef) stmt() {}
func (*ClassDef) stmt()    {}
func (*Return) stmt()      {}
func (*Delete) stmt()      {}
func (*Assign) stmt()      {}
func (*AugAssign) stmt()   {}
func (*AnnAssign) stmt()   {}
func (*For) stmt()         {}
func (*While) stmt()       {}
func (*If) stmt()          {}
func (*With) stmt()        {}
func (*Raise) stmt()       {}
func (*Try) stmt()         {}
func (*Assert) stmt()      {}
func (*Import) stmt()      {}
func (*ImportFrom) stmt()  {}
func (*Global) stmt()      {}
func (*Nonlocal) stmt()    {}
func (*ExprStmt) stmt()    {}
func (*Pass) stmt()        {}
func (*Break) stmt()       {}
func (*Continue) stmt()    {}

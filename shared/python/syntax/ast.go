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

// Expressions.
type (
	// BoolOp is `a and b and c` or the same with or; at least two values.
	BoolOp struct {
		Span
		Or     bool
		Values []Expr
	}

	// NamedExpr is `target := value`.
	NamedExpr struct {
		Span
		Target *Name
		Value  Expr
	}

	// BinaryExpr is `left op right`.
	BinaryExpr struct {
		Span
		Op    BinaryOperator
		Left  Expr
		Right Expr
	}

	// UnaryExpr is `op operand`.
	UnaryExpr struct {
		Span
		Op      UnaryOperator
		Operand Expr
	}

	// IfExpr is `body if test else orElse`.
	IfExpr struct {
		Span
		Test Expr
		Body Expr
		Else Expr
	}

	// Lambda is an anonymous function. Generator reports a yield in its body.
	Lambda struct {
		Span
		Params    *Parameters
		Body      Expr
		Generator bool
	}

	// Dict is a dict display. A nil key stands for `**value`.
	Dict struct {
		Span
		Keys   []Expr
		Values []Expr
	}

	// Set is a set display; never empty.
	Set struct {
		Span
		Elts []Expr // *Starred is possible
	}

	// ListComp is `[elt for …]`.
	ListComp struct {
		Span
		Elt        Expr
		Generators []*Comprehension
	}

	// SetComp is `{elt for …}`.
	SetComp struct {
		Span
		Elt        Expr
		Generators []*Comprehension
	}

	// DictComp is `{key: value for …}`.
	DictComp struct {
		Span
		Key        Expr
		Value      Expr
		Generators []*Comprehension
	}

	// GeneratorExp is `(elt for …)`.
	GeneratorExp struct {
		Span
		Elt        Expr
		Generators []*Comprehension
	}

	// Await is `await value`.
	Await struct {
		Span
		Value Expr
	}

	// Yield has a nil Value when it stands alone.
	Yield struct {
		Span
		Value Expr
	}

	// YieldFrom is `yield from value`.
	YieldFrom struct {
		Span
		Value Expr
	}

	// Compare is `left op1 c1 op2 c2 …`; Ops and Comparators are of equal length.
	Compare struct {
		Span
		Left        Expr
		Ops         []CompareOperator
		Comparators []Expr
	}

	// Call keeps the source order within Args (with *Starred) and within Keywords.
	Call struct {
		Span
		Func     Expr
		Args     []Expr
		Keywords []*Keyword
	}

	// JoinedStr is an f-string, together with the literals written next to it. Its
	// values are string *Constant and *FormattedValue.
	JoinedStr struct {
		Span
		Values []Expr
	}

	// FormattedValue is `{value!r:spec}`. `{value=}` is a string *Constant with the
	// source text followed by a FormattedValue, whose conversion is then 'r' unless
	// one or a spec was given.
	FormattedValue struct {
		Span
		Value      Expr
		Conversion byte       // 's', 'r', 'a', or 0
		Spec       *JoinedStr // or nil
	}

	// Constant is a literal. Value is nil for None, or a bool, int64, *big.Int
	// (only beyond int64), float64, string, Bytes or Ellipsis.
	Constant struct {
		Span
		Value any
	}

	// Attribute is `value.attr`; it ends where the attribute's name does.
	Attribute struct {
		Span
		Value Expr
		Attr  string
	}

	// Subscript is `value[index]`; Index may be a *Slice, or a *Tuple with slices.
	Subscript struct {
		Span
		Value Expr
		Index Expr
	}

	// Slice is `lower:upper:step` inside a Subscript; each may be nil.
	Slice struct {
		Span
		Lower Expr
		Upper Expr
		Step  Expr
	}

	// Starred is `*value` in a call, a display or a target.
	Starred struct {
		Span
		Value Expr
	}

	// Name is an identifier.
	Name struct {
		Span
		ID string
	}

	// List is a list display or target.
	List struct {
		Span
		Elts []Expr
	}

	// Tuple is a tuple display or target; unlike other expressions its span
	// includes its parentheses, if it has them.
	Tuple struct {
		Span
		Elts []Expr
	}
)

// Bytes is the value of a bytes literal.
type Bytes string

// Ellipsis is the value of the literal `...`.
type Ellipsis struct{}

// A BinaryOperator is the operator of a BinaryExpr or an AugAssign.
type BinaryOperator uint8

// The binary operators.
const (
	Add BinaryOperator = iota
	Sub
	Mult
	MatMult
	Div
	Mod
	Pow
	LShift
	RShift
	BitOr
	BitXor
	BitAnd
	FloorDiv
)

// String returns the operator as written.
func (op BinaryOperator) String() string {
	return [...]string{"+", "-", "*", "@", "/", "%", "**", "<<", ">>", "|", "^", "&", "//"}[op]
}

// A UnaryOperator is the operator of a UnaryExpr.
type UnaryOperator uint8

// The unary operators.
const (
	Not UnaryOperator = iota
	UAdd
	USub
	Invert
)

// String returns the operator as written.
func (op UnaryOperator) String() string {
	return [...]string{"not", "+", "-", "~"}[op]
}

// A CompareOperator is one operator of a Compare.
type CompareOperator uint8

// The comparison operators.
const (
	Eq CompareOperator = iota
	NotEq
	Lt
	LtE
	Gt
	GtE
	Is
	IsNot
	In
	NotIn
)

// String returns the operator as written.
func (op CompareOperator) String() string {
	return [...]string{"==", "!=", "<", "<=", ">", ">=", "is", "is not", "in", "not in"}[op]
}

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

func (*BoolOp) expr()         {}
func (*NamedExpr) expr()      {}
func (*BinaryExpr) expr()     {}
func (*UnaryExpr) expr()      {}
func (*IfExpr) expr()         {}
func (*Lambda) expr()         {}
func (*Dict) expr()           {}
func (*Set) expr()            {}
func (*ListComp) expr()       {}
func (*SetComp) expr()        {}
func (*DictComp) expr()       {}
func (*GeneratorExp) expr()   {}
func (*Await) expr()          {}
func (*Yield) expr()          {}
func (*YieldFrom) expr()      {}
func (*Compare) expr()        {}
func (*Call) expr()           {}
func (*JoinedStr) expr()      {}
func (*FormattedValue) expr() {}
func (*Constant) expr()       {}
func (*Attribute) expr()      {}
func (*Subscript) expr()      {}
func (*Slice) expr()          {}
func (*Starred) expr()        {}
func (*Name) expr()           {}
func (*List) expr()           {}
func (*Tuple) expr()          {}

package syntax

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

package syntax

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

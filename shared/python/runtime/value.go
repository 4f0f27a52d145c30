package runtime

import (
	"math"
	"math/big"
)

// Value is any Python value. Its dynamic type is a pointer or a basic kind, so
// that == compares identity.
type Value interface {
	// Class is the value's Python type.
	Class() *Class
}

// The plain immutable values.
type (
	// NoneType is the type of None.
	NoneType struct{}
	// EllipsisType is the type of `...`.
	EllipsisType struct{}
	// NotImplementedType is the type of NotImplemented.
	NotImplementedType struct{}
	// Bool is True or False.
	Bool bool
	// Int is an integer within int64.
	Int int64
	// Float is a double.
	Float float64
	// Str is text in UTF-8, indexed by code point.
	Str string
	// Bytes is an immutable byte string.
	Bytes string
)

// BigInt is an integer outside int64. It is never modified.
type BigInt struct{ v *big.Int }

// Tuple is an immutable sequence.
type Tuple struct{ Items []Value }

// The singletons.
var (
	None           Value = NoneType{}
	Ellipsis       Value = EllipsisType{}
	NotImplemented Value = NotImplementedType{}
	True           Value = Bool(true)
	False          Value = Bool(false)
	emptyTuple           = &Tuple{}
)

// Class implements Value.
func (NoneType) Class() *Class { return noneClass }

// Class implements Value.
func (EllipsisType) Class() *Class { return ellipsisClass }

// Class implements Value.
func (NotImplementedType) Class() *Class { return notImplementedClass }

// Class implements Value.
func (Bool) Class() *Class { return BoolClass }

// Class implements Value.
func (Int) Class() *Class { return IntClass }

// Class implements Value.
func (*BigInt) Class() *Class { return IntClass }

// Class implements Value.
func (Float) Class() *Class { return FloatClass }

// Class implements Value.
func (Str) Class() *Class { return StrClass }

// Class implements Value.
func (Bytes) Class() *Class { return BytesClass }

// Class implements Value.
func (*Tuple) Class() *Class { return TupleClass }

var (
	nanValue Value = Float(math.NaN())
	infValue Value = Float(math.Inf(1))
)

// NewTuple takes ownership of items.
func NewTuple(items ...Value) *Tuple {
	if len(items) == 0 {
		return emptyTuple
	}
	return &Tuple{Items: items}
}

// Boxing an int64 above 255 allocates; scripts mostly use status codes, counters
// and ids, so the small ones are boxed once.
const (
	minSmallInt = -64
	maxSmallInt = 1024
)

var smallInts = func() (box [maxSmallInt - minSmallInt + 1]Value) {
	for i := range box {
		box[i] = Int(i + minSmallInt)
	}
	return box
}()

// NewInt boxes n without allocating when it is small.
func NewInt(n int64) Value {
	if n >= minSmallInt && n <= maxSmallInt {
		return smallInts[n-minSmallInt]
	}
	return Int(n)
}

// NewBool boxes b.
func NewBool(b bool) Value {
	if b {
		return True
	}
	return False
}

// NewBigInt normalises n to Int when it fits; it takes ownership of n.
func NewBigInt(n *big.Int) Value {
	if n.IsInt64() {
		return NewInt(n.Int64())
	}
	return &BigInt{v: n}
}

// Is tells whether a and b are the same object. NaN is itself.
func Is(a, b Value) bool {
	if x, ok := a.(Float); ok && x != x {
		y, ok := b.(Float)
		return ok && y != y
	}
	return a == b
}

// AsInt reads a Python integer (or bool) that fits int64.
func AsInt(v Value) (int64, bool) {
	switch v := v.(type) {
	case Int:
		return int64(v), true
	case Bool:
		if v {
			return 1, true
		}
		return 0, true
	case *Object:
		if v.native != nil {
			return AsInt(v.native)
		}
	}
	return 0, false
}

// AsStr reads a Python string, also of a subclass of str.
func AsStr(v Value) (string, bool) {
	switch v := v.(type) {
	case Str:
		return string(v), true
	case *Object:
		if s, ok := v.native.(Str); ok {
			return string(s), true
		}
	}
	return "", false
}

// native gives the built-in value inside an instance of a class that inherits
// from a built-in type, and any other value as it is.
func native(v Value) Value {
	if o, ok := v.(*Object); ok && o.native != nil {
		return o.native
	}
	return v
}

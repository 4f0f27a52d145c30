package runtime

import (
	"cmp"
	"math"
	"math/big"
)

// CmpOp is a rich comparison.
type CmpOp uint8

// The comparisons, in the order of the syntax tree's.
const (
	Eq CmpOp = iota
	Ne
	Lt
	Le
	Gt
	Ge
)

var cmpNames = [...]struct {
	symbol, method string
	mirror         CmpOp
}{
	Eq: {"==", "__eq__", Eq}, Ne: {"!=", "__ne__", Ne}, Lt: {"<", "__lt__", Gt},
	Le: {"<=", "__le__", Ge}, Gt: {">", "__gt__", Lt}, Ge: {">=", "__ge__", Le},
}

// Compare is `a op b`; scripts may give any value as the result.
func Compare(th *Thread, op CmpOp, a, b Value) (Value, error) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			return NewBool(holds(op, cmp.Compare(x, y))), nil
		}
	}
	if !a.Class().builtin || !b.Class().builtin {
		if v, err := compareInstances(th, op, a, b); v != nil || err != nil {
			return v, err
		}
	}
	if op == Eq || op == Ne {
		same, err := equal(th, native(a), native(b))
		return NewBool(same == (op == Eq)), err
	}
	if known, ok, err := order(th, op, native(a), native(b)); known || err != nil {
		return NewBool(ok), err
	}
	return nil, Errorf(TypeError, "'%s' not supported between instances of '%s' and '%s'",
		cmpNames[op].symbol, a.Class().Name, b.Class().Name)
}

// compareInstances tries the methods of scripts' classes; nil when none answers.
func compareInstances(th *Thread, op CmpOp, a, b Value) (Value, error) {
	ca, cb := a.Class(), b.Class()
	left, right := ca.script(cmpNames[op].method), cb.script(cmpNames[cmpNames[op].mirror].method)
	if right != nil && ca != cb && cb.Is(ca) {
		if v, err := callMethod(th, b, right, a); err != nil || v != NotImplemented {
			return v, err
		}
		right = nil
	}
	if left != nil {
		if v, err := callMethod(th, a, left, b); err != nil || v != NotImplemented {
			return v, err
		}
	}
	if right != nil {
		if v, err := callMethod(th, b, right, a); err != nil || v != NotImplemented {
			return v, err
		}
	}
	if op == Ne && (ca.script("__eq__") != nil || cb.script("__eq__") != nil) {
		v, err := compareInstances(th, Eq, a, b)
		if v == nil || err != nil {
			return nil, err
		}
		same, err := Truth(th, v)
		return NewBool(!same), err
	}
	return nil, nil
}

// script is a method that a built-in class did not give.
func (c *Class) script(name string) Value {
	if c.builtin {
		return nil
	}
	m := c.Lookup(name)
	if n, ok := m.(*Native); ok && n.owner != nil && n.owner.builtin {
		return nil
	}
	return m
}

// Holds tells whether a op b when a compares to b as c does to 0.
func (op CmpOp) Holds(c int) bool { return holds(op, c) }

func holds(op CmpOp, c int) bool {
	switch op {
	case Eq:
		return c == 0
	case Ne:
		return c != 0
	case Lt:
		return c < 0
	case Le:
		return c <= 0
	case Gt:
		return c > 0
	}
	return c >= 0
}

// Equal is `a is b or a == b` as containers compare their items.
func Equal(th *Thread, a, b Value) (bool, error) {
	if Is(a, b) {
		return true, nil
	}
	if !a.Class().builtin || !b.Class().builtin {
		v, err := compareInstances(th, Eq, a, b)
		if err != nil {
			return false, err
		}
		if v != nil {
			return Truth(th, v)
		}
	}
	return equal(th, native(a), native(b))
}

// equal compares built-in values.
func equal(th *Thread, a, b Value) (bool, error) {
	if a == b {
		f, ok := a.(Float)
		return !ok || f == f, nil
	}
	switch x := a.(type) {
	case Str, NoneType, Int, Bool, Float, *BigInt, Bytes:
		if simple(b) {
			return simpleEqual(a, b), nil
		}
	case *List:
		if y, ok := b.(*List); ok {
			return equalItems(th, x.Items(), y.Items())
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return equalItems(th, x.Items, y.Items)
		}
	case *Dict:
		if y, ok := b.(*Dict); ok {
			return equalDicts(th, x, y)
		}
	case *Range:
		if y, ok := b.(*Range); ok {
			n := x.Len()
			return n == y.Len() && (n == 0 || x.Start == y.Start && (n == 1 || x.Step == y.Step)), nil
		}
	case *BoundMethod:
		if y, ok := b.(*BoundMethod); ok {
			return x.Self == y.Self && x.Fn == y.Fn, nil
		}
	case *Slice:
		if y, ok := b.(*Slice); ok {
			return equalItems(th, []Value{x.Lo, x.Hi, x.Step}, []Value{y.Lo, y.Hi, y.Step})
		}
	case Comparer:
		if v, err := x.CompareTo(th, Eq, b); v != nil || err != nil {
			return v == True, err
		}
	}
	if y, ok := b.(Comparer); ok {
		v, err := y.CompareTo(th, Eq, a)
		return v == True, err
	}
	if x, ok := asSet(a); ok {
		if y, ok := asSet(b); ok {
			return x.Len() == y.Len() && subset(th, x, y), nil
		}
	}
	return false, nil
}

// Comparer is for native types with an order or an equality of their own; a nil
// value means that the other's type is not supported. The right operand is asked
// when the left one cannot tell.
type Comparer interface {
	CompareTo(th *Thread, op CmpOp, other Value) (Value, error)
}

func simpleEqual(a, b Value) bool {
	switch x := a.(type) {
	case Str:
		y, ok := b.(Str)
		return ok && x == y
	case Bytes:
		y, ok := b.(Bytes)
		return ok && x == y
	case Int:
		if y, ok := b.(Int); ok {
			return x == y
		}
	}
	if isNumber(a) && isNumber(b) {
		c, ok := compareNumbers(a, b)
		return ok && c == 0
	}
	return a == b
}

// exactInts bounds the integers that are floats, too.
const exactInts = 1 << 53

// compareNumbers is exact, also between integers and floats; false for NaN.
func compareNumbers(a, b Value) (int, bool) {
	x, xf := a.(Float)
	y, yf := b.(Float)
	switch {
	case xf && yf:
		if x != x || y != y {
			return 0, false
		}
		return cmp.Compare(x, y), true
	case xf:
		c, ok := compareNumbers(b, a)
		return -c, ok
	case yf:
		f := float64(y)
		if f != f {
			return 0, false
		}
		if math.IsInf(f, 0) {
			return -int(math.Copysign(1, f)), true
		}
		if n, ok := AsInt(a); ok && -exactInts <= n && n <= exactInts {
			return cmp.Compare(float64(n), f), true
		}
		return new(big.Float).SetInt(AsBig(a)).Cmp(big.NewFloat(f)), true
	}
	if m, ok := AsInt(a); ok {
		if n, ok := AsInt(b); ok {
			return cmp.Compare(m, n), true
		}
	}
	return AsBig(a).Cmp(AsBig(b)), true
}

func equalItems(th *Thread, xs, ys []Value) (bool, error) {
	if len(xs) != len(ys) {
		return false, nil
	}
	if err := th.enter(" in comparison"); err != nil {
		return false, err
	}
	defer th.leave()
	for i, x := range xs {
		if i >= len(ys) {
			return false, nil
		}
		same, err := Equal(th, x, ys[i])
		if !same || err != nil {
			return false, err
		}
		if err := th.Step(); err != nil {
			return false, err
		}
	}
	return true, nil
}

func equalDicts(th *Thread, x, y *Dict) (bool, error) {
	xs := x.snapshot()
	if len(xs) != y.Len() {
		return false, nil
	}
	if err := th.enter(" in comparison"); err != nil {
		return false, err
	}
	defer th.leave()
	for _, e := range xs {
		v, err := y.Get(th, e.key)
		if v == nil || err != nil {
			return false, err
		}
		same, err := Equal(th, e.val, v)
		if !same || err != nil {
			return false, err
		}
		if err := th.Step(); err != nil {
			return false, err
		}
	}
	return true, nil
}

// order compares built-in values; known is false when they have no order.
func order(th *Thread, op CmpOp, a, b Value) (known, result bool, err error) {
	if isNumber(a) && isNumber(b) {
		c, ok := compareNumbers(a, b)
		return true, ok && holds(op, c), nil
	}
	switch x := a.(type) {
	case Str:
		if y, ok := b.(Str); ok {
			return true, holds(op, cmp.Compare(x, y)), nil
		}
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return true, holds(op, cmp.Compare(x, y)), nil
		}
	case *List:
		if y, ok := b.(*List); ok {
			return orderItems(th, op, x.Items(), y.Items())
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			return orderItems(th, op, x.Items, y.Items)
		}
	case Comparer:
		if v, err := x.CompareTo(th, op, b); v != nil || err != nil {
			return v != nil, v == True, err
		}
	}
	if y, ok := b.(Comparer); ok {
		v, err := y.CompareTo(th, cmpNames[op].mirror, a)
		return v != nil, v == True, err
	}
	if x, ok := asSet(a); ok {
		if y, ok := asSet(b); ok {
			return true, orderSets(th, op, x, y), nil
		}
	}
	return false, false, nil
}

func orderItems(th *Thread, op CmpOp, xs, ys []Value) (known, result bool, err error) {
	if err := th.enter(" in comparison"); err != nil {
		return false, false, err
	}
	defer th.leave()
	for i := 0; i < len(xs) && i < len(ys); i++ {
		same, err := Equal(th, xs[i], ys[i])
		if err != nil {
			return false, false, err
		}
		if err := th.Step(); err != nil {
			return false, false, err
		}
		if !same {
			v, err := Compare(th, op, xs[i], ys[i])
			if err != nil {
				return false, false, err
			}
			ok, err := Truth(th, v)
			return true, ok, err
		}
	}
	return true, holds(op, cmp.Compare(len(xs), len(ys))), nil
}

func orderSets(th *Thread, op CmpOp, x, y *Set) bool {
	switch op {
	case Lt:
		return x.Len() < y.Len() && subset(th, x, y)
	case Le:
		return subset(th, x, y)
	case Gt:
		return y.Len() < x.Len() && subset(th, y, x)
	}
	return subset(th, y, x)
}

package runtime

// Op is a binary operator.
type Op uint8

// The operators, in the order of the syntax tree's.
const (
	Add Op = iota
	Sub
	Mul
	MatMul
	Div
	Mod
	Pow
	LShift
	RShift
	Or
	Xor
	And
	FloorDiv
)

type opName struct{ symbol, left, right, inplace string }

var opNames = [...]opName{
	Add: {"+", "__add__", "__radd__", "__iadd__"}, Sub: {"-", "__sub__", "__rsub__", "__isub__"},
	Mul: {"*", "__mul__", "__rmul__", "__imul__"}, MatMul: {"@", "__matmul__", "__rmatmul__", "__imatmul__"},
	Div: {"/", "__truediv__", "__rtruediv__", "__itruediv__"}, Mod: {"%", "__mod__", "__rmod__", "__imod__"},
	Pow: {"** or pow()", "__pow__", "__rpow__", "__ipow__"}, LShift: {"<<", "__lshift__", "__rlshift__", "__ilshift__"},
	RShift: {">>", "__rshift__", "__rrshift__", "__irshift__"}, Or: {"|", "__or__", "__ror__", "__ior__"},
	Xor: {"^", "__xor__", "__rxor__", "__ixor__"}, And: {"&", "__and__", "__rand__", "__iand__"},
	FloorDiv: {"//", "__floordiv__", "__rfloordiv__", "__ifloordiv__"},
}

// Binary is `a op b`.
func Binary(th *Thread, op Op, a, b Value) (Value, error) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			if v := smallArith(op, int64(x), int64(y)); v != nil {
				return v, nil
			}
		}
	} else if x, ok := a.(Str); ok && op == Add {
		if y, ok := b.(Str); ok {
			if err := th.Alloc(len(x) + len(y)); err != nil {
				return nil, err
			}
			return x + y, nil
		}
	}
	v, err := binary(th, op, a, b)
	if v == nil && err == nil {
		return nil, unsupported(op, opNames[op].symbol, a, b)
	}
	return v, err
}

// InPlace is `a op= b`.
func InPlace(th *Thread, op Op, a, b Value) (Value, error) {
	if x, ok := a.(Int); ok {
		if y, ok := b.(Int); ok {
			if v := smallArith(op, int64(x), int64(y)); v != nil {
				return v, nil
			}
		}
	}
	switch x := a.(type) {
	case Int, Str, Float:
		if object(b) == nil {
			v, err := Binary(th, op, a, b)
			if e, ok := err.(*Exception); ok && v == nil && len(e.Args) == 1 && e.class == TypeError { //nolint:errorlint // just made
				if u := unsupported(op, opNames[op].symbol, a, b).(*Exception); e.Args[0] == u.Args[0] { //nolint:errorlint // just made
					return nil, unsupported(op, inplaceSymbol(op), a, b)
				}
			}
			return v, err
		}
	case *List:
		switch op {
		case Add:
			vs, err := Collect(th, b)
			if err != nil {
				return nil, err
			}
			return x, x.extend(th, vs)
		case Mul:
			if n, ok := AsInt(b); ok {
				vs, err := repeatItems(th, x.Items(), n)
				if err != nil {
					return nil, err
				}
				x.replace(vs)
				return x, nil
			}
		}
	case *Dict:
		if d, ok := native(b).(*Dict); ok && op == Or {
			return x, x.update(th, d)
		}
	case *Set:
		if s, ok := native(b).(*Set); ok && !x.frozen && (op == Or || op == And || op == Sub || op == Xor) {
			r, err := setOp(th, op, x, s)
			if err != nil {
				return nil, err
			}
			x.assign(r)
			return x, nil
		}
	case *Object:
		if m := x.class.Lookup(opNames[op].inplace); m != nil {
			if v, err := callMethod(th, a, m, b); err != nil || v != NotImplemented {
				return v, err
			}
		}
		if l, ok := x.native.(*List); ok && op == Add {
			vs, err := Collect(th, b)
			if err != nil {
				return nil, err
			}
			return x, l.extend(th, vs)
		}
	}
	v, err := binary(th, op, a, b)
	if v == nil && err == nil {
		return nil, unsupported(op, inplaceSymbol(op), a, b)
	}
	return v, err
}

func inplaceSymbol(op Op) string {
	if op == Pow {
		return "**="
	}
	return opNames[op].symbol + "="
}

// byScript asks the methods of scripts' classes for an operator; nil, nil when none answers.
func byScript(th *Thread, leftName, rightName string, a, b Value) (Value, error) {
	ca, cb := a.Class(), b.Class()
	var left, right Value
	left = ca.script(leftName)
	if ca != cb {
		right = cb.script(rightName)
	}
	if right != nil && left != nil && cb.Is(ca) && cb != ca {
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
	return nil, nil
}

// DivMod is divmod(a, b).
func DivMod(th *Thread, a, b Value) (Value, error) {
	if v, err := byScript(th, "__divmod__", "__rdivmod__", a, b); v != nil || err != nil {
		return v, err
	}
	q, err := Binary(th, FloorDiv, a, b)
	var m Value
	if err == nil {
		m, err = Binary(th, Mod, a, b)
	}
	if err != nil && AsException(err).IsA(TypeError) {
		return nil, Errorf(TypeError, "unsupported operand type(s) for divmod(): '%s' and '%s'", a.Class().Name, b.Class().Name)
	}
	return NewTuple(q, m), err
}

// binary gives nil, nil when the operands do not support op.
func binary(th *Thread, op Op, a, b Value) (Value, error) {
	if v, err := byScript(th, opNames[op].left, opNames[op].right, a, b); v != nil || err != nil {
		return v, err
	}
	if n, ok := a.(BinaryOperand); ok {
		if v, err := n.BinaryOp(th, op, b, false); err != nil || v != nil {
			return v, err
		}
	}
	if n, ok := b.(BinaryOperand); ok {
		if v, err := n.BinaryOp(th, op, a, true); err != nil || v != nil {
			return v, err
		}
	}
	if op == Mod {
		switch x := native(a).(type) {
		case Str, Bytes: // b is shown as its own class wants
			return arith(th, op, x, b)
		}
	}
	return arith(th, op, native(a), native(b))
}

// BinaryOperand is for native types with operators of their own; nil, nil means
// that the operands are not supported. reflected tells that v is the right one.
type BinaryOperand interface {
	BinaryOp(th *Thread, op Op, other Value, reflected bool) (Value, error)
}

func unsupported(op Op, symbol string, a, b Value) error {
	an, bn := a.Class().Name, b.Class().Name
	switch op {
	case Add:
		switch native(a).(type) {
		case Str:
			return Errorf(TypeError, `can only concatenate str (not "%s") to str`, bn)
		case *List:
			return Errorf(TypeError, `can only concatenate list (not "%s") to list`, bn)
		case *Tuple:
			return Errorf(TypeError, `can only concatenate tuple (not "%s") to tuple`, bn)
		case Bytes:
			return Errorf(TypeError, "can't concat %s to bytes", bn)
		}
	case Mul:
		if isSequence(a) {
			return Errorf(TypeError, "can't multiply sequence by non-int of type '%s'", bn)
		}
		if isSequence(b) {
			return Errorf(TypeError, "can't multiply sequence by non-int of type '%s'", an)
		}
	}
	return Errorf(TypeError, "unsupported operand type(s) for %s: '%s' and '%s'", symbol, an, bn)
}

func isSequence(v Value) bool {
	switch native(v).(type) {
	case Str, Bytes, *List, *Tuple:
		return true
	}
	return false
}

// arith is the operators of the built-in types.
func arith(th *Thread, op Op, a, b Value) (Value, error) {
	if isNumber(a) && isNumber(b) {
		return numeric(th, op, a, b)
	}
	switch op {
	case Add:
		return concat(th, a, b)
	case Mul:
		if n, ok := repeatCount(b); ok && isSequence(a) {
			return repeat(th, a, n)
		}
		if n, ok := repeatCount(a); ok && isSequence(b) {
			return repeat(th, b, n)
		}
	case Mod:
		switch x := a.(type) {
		case Str:
			s, err := percentFormat(th, string(x), b)
			return Str(s), err
		case Bytes:
			s, err := percentFormat(th, string(x), b)
			return Bytes(s), err
		}
	case Or:
		if x, ok := a.(*Dict); ok {
			if y, ok := b.(*Dict); ok {
				if err := th.AllocMany(x.Len()+y.Len(), 64); err != nil {
					return nil, err
				}
				d := x.copy()
				return d, d.update(th, y)
			}
		}
		if isTypeArg(a) && isTypeArg(b) {
			return newUnion(a, b), nil
		}
	}
	x, xok := asSet(a)
	y, yok := asSet(b)
	if xok && yok && (op == Or || op == And || op == Sub || op == Xor) {
		return setOp(th, op, x, y)
	}
	return nil, nil
}

// repeatCount reads a repeat factor; big ones are clipped, the byte budget refuses them.
func repeatCount(v Value) (int64, bool) {
	if b, ok := v.(*BigInt); ok {
		return int64(b.v.Sign()) << 62, true
	}
	return AsInt(v)
}

func concat(th *Thread, a, b Value) (Value, error) {
	switch x := a.(type) {
	case Str:
		if y, ok := b.(Str); ok {
			return x + y, th.Alloc(len(x) + len(y))
		}
	case Bytes:
		if y, ok := b.(Bytes); ok {
			return x + y, th.Alloc(len(x) + len(y))
		}
	case *List:
		if y, ok := b.(*List); ok {
			xs, ys := x.Items(), y.Items()
			if err := th.AllocMany(len(xs)+len(ys), 16); err != nil {
				return nil, err
			}
			return NewList(append(append(make([]Value, 0, len(xs)+len(ys)), xs...), ys...)...), nil
		}
	case *Tuple:
		if y, ok := b.(*Tuple); ok {
			if err := th.AllocMany(len(x.Items)+len(y.Items), 16); err != nil {
				return nil, err
			}
			return NewTuple(append(append([]Value(nil), x.Items...), y.Items...)...), nil
		}
	}
	return nil, nil
}

func repeat(th *Thread, v Value, n int64) (Value, error) {
	n = max(n, 0)
	switch v := v.(type) {
	case Str:
		s, err := repeatString(th, string(v), n)
		return Str(s), err
	case Bytes:
		s, err := repeatString(th, string(v), n)
		return Bytes(s), err
	case *Tuple:
		vs, err := repeatItems(th, v.Items, n)
		return NewTuple(vs...), err
	}
	vs, err := repeatItems(th, v.(*List).Items(), n)
	return NewList(vs...), err
}

func repeatItems(th *Thread, items []Value, n int64) ([]Value, error) {
	if n <= 0 || len(items) == 0 {
		return nil, nil
	}
	if err := th.AllocMany(int(n), 16*len(items)); err != nil {
		return nil, err
	}
	out := make([]Value, 0, int(n)*len(items))
	for range n {
		out = append(out, items...)
	}
	return out, nil
}

// Truth is bool(v).
func Truth(th *Thread, v Value) (bool, error) {
	switch v := v.(type) {
	case Bool:
		return bool(v), nil
	case NoneType:
		return false, nil
	case Int:
		return v != 0, nil
	case Str:
		return v != "", nil
	case Float:
		return v != 0, nil
	case Bytes:
		return v != "", nil
	case *List:
		return v.Len() > 0, nil
	case *Dict:
		return v.Len() > 0, nil
	case *Tuple:
		return len(v.Items) > 0, nil
	case *Set:
		return v.Len() > 0, nil
	case *Range:
		return v.Len() > 0, nil
	case *Object:
		return instanceTruth(th, v)
	case interface {
		Truth(th *Thread) (bool, error)
	}:
		return v.Truth(th)
	case interface{ Len() int }:
		return v.Len() > 0, nil
	}
	return true, nil
}

func instanceTruth(th *Thread, o *Object) (bool, error) {
	if m := o.class.Lookup("__bool__"); m != nil {
		r, err := callMethod(th, o, m)
		if err != nil {
			return false, err
		}
		b, ok := r.(Bool)
		if !ok {
			return false, Errorf(TypeError, "__bool__ should return bool, returned %s", r.Class().Name)
		}
		return bool(b), nil
	}
	if m := o.class.script("__len__"); m != nil {
		n, err := instanceLen(th, o, m)
		return n > 0, err
	}
	if o.native != nil {
		return Truth(th, o.native)
	}
	return true, nil
}

// Unary operators.
const (
	Neg    = '-'
	Plus   = '+'
	Invert = '~'
)

// UnaryOperand is for native types with unary operators; nil, nil means that op is
// not supported.
type UnaryOperand interface {
	UnaryOp(th *Thread, op rune) (Value, error)
}

// Unary is `op v`.
func Unary(th *Thread, op rune, v Value) (Value, error) {
	if !v.Class().builtin {
		name := map[rune]string{Neg: "__neg__", Plus: "__pos__", Invert: "__invert__"}[op]
		if m := v.Class().Lookup(name); m != nil {
			return callMethod(th, v, m)
		}
	}
	n := native(v)
	if b, ok := n.(*BigInt); ok {
		if err := th.chargeBits(b.v.BitLen()); err != nil {
			return nil, err
		}
	}
	if r := unaryNumber(op, n); r != nil {
		return r, nil
	}
	if o, ok := v.(UnaryOperand); ok {
		if r, err := o.UnaryOp(th, op); r != nil || err != nil {
			return r, err
		}
	}
	return nil, Errorf(TypeError, "bad operand type for unary %c: '%s'", op, v.Class().Name)
}

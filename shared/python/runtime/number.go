package runtime

import (
	"math"
	"math/big"
	"math/bits"
)

// maxBits bounds big integers: beyond it one multiplication would take seconds.
const maxBits = 1 << 22

func isNumber(v Value) bool {
	switch v.(type) {
	case Int, Bool, Float, *BigInt:
		return true
	}
	return false
}

// smallArith is the common case; nil when the result does not fit or op needs more care.
func smallArith(op Op, x, y int64) Value {
	switch op {
	case Add:
		if s := x + y; (s > x) == (y > 0) {
			return NewInt(s)
		}
	case Sub:
		if d := x - y; (d < x) == (y > 0) {
			return NewInt(d)
		}
	case Mul:
		if hi, lo := bits.Mul64(absInt(x), absInt(y)); hi == 0 && lo < 1<<63 {
			return NewInt(x * y)
		}
	case Mod:
		if y > 0 {
			m := x % y
			if m < 0 {
				m += y
			}
			return NewInt(m)
		}
	case FloorDiv:
		if y > 0 {
			q := x / y
			if x%y < 0 {
				q--
			}
			return NewInt(q)
		}
	case And:
		return NewInt(x & y)
	case Or:
		return NewInt(x | y)
	case Xor:
		return NewInt(x ^ y)
	}
	return nil
}

func absInt(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// AsBig is the integer value of v, nil for other types.
func AsBig(v Value) *big.Int {
	switch v := native(v).(type) {
	case *BigInt:
		return v.v
	case Int:
		return big.NewInt(int64(v))
	case Bool:
		if v {
			return big.NewInt(1)
		}
		return new(big.Int)
	}
	return nil
}

// AsFloat is the value of a real number.
func AsFloat(v Value) (float64, bool) {
	switch v := native(v).(type) {
	case Float:
		return float64(v), true
	case Int:
		return float64(v), true
	case Bool:
		if v {
			return 1, true
		}
		return 0, true
	case *BigInt:
		f, _ := new(big.Float).SetInt(v.v).Float64()
		return f, true
	}
	return 0, false
}

// toFloat refuses integers beyond a double.
func toFloat(v Value) (float64, error) {
	f, _ := AsFloat(v)
	if _, ok := v.(*BigInt); ok && math.IsInf(f, 0) {
		return 0, Errorf(OverflowError, "int too large to convert to float")
	}
	return f, nil
}

func numeric(th *Thread, op Op, a, b Value) (Value, error) {
	_, fa := a.(Float)
	_, fb := b.(Float)
	if fa || fb {
		x, err := toFloat(a)
		if err != nil {
			return nil, err
		}
		y, err := toFloat(b)
		if err != nil {
			return nil, err
		}
		return floatArith(op, x, y)
	}
	if _, ok := a.(Bool); ok && (op == And || op == Or || op == Xor) {
		if y, ok := b.(Bool); ok {
			return boolArith(op, bool(a.(Bool)), bool(y)), nil
		}
	}
	x, xok := AsInt(a)
	y, yok := AsInt(b)
	if xok && yok {
		if v := smallArith(op, x, y); v != nil {
			return v, nil
		}
	}
	return bigArith(th, op, AsBig(a), AsBig(b))
}

func boolArith(op Op, x, y bool) Value {
	switch op {
	case And:
		return NewBool(x && y)
	case Or:
		return NewBool(x || y)
	}
	return NewBool(x != y)
}

func floatArith(op Op, x, y float64) (Value, error) {
	switch op {
	case Add:
		return Float(x + y), nil
	case Sub:
		return Float(x - y), nil
	case Mul:
		return Float(x * y), nil
	case Div:
		if y == 0 {
			return nil, Errorf(ZeroDivisionError, "float division by zero")
		}
		return Float(x / y), nil
	case FloorDiv:
		if y == 0 {
			return nil, Errorf(ZeroDivisionError, "float floor division by zero")
		}
		q, _ := floatDivMod(x, y)
		return Float(q), nil
	case Mod:
		if y == 0 {
			return nil, Errorf(ZeroDivisionError, "float modulo")
		}
		_, m := floatDivMod(x, y)
		return Float(m), nil
	case Pow:
		return floatPow(x, y)
	}
	return nil, nil
}

func floatDivMod(x, y float64) (q, m float64) {
	m = math.Mod(x, y)
	div := (x - m) / y
	if m != 0 {
		if (y < 0) != (m < 0) {
			m += y
			div--
		}
	} else {
		m = math.Copysign(0, y)
	}
	if div == 0 {
		return math.Copysign(0, x/y), m
	}
	q = math.Floor(div)
	if div-q > 0.5 {
		q++
	}
	return q, m
}

func floatPow(x, y float64) (Value, error) {
	if x == 0 && y < 0 {
		return nil, Errorf(ZeroDivisionError, "0.0 cannot be raised to a negative power")
	}
	if x < 0 && y != math.Trunc(y) && !math.IsInf(y, 0) {
		return nil, Errorf(ValueError, "complex numbers are not supported: a negative number to a fractional power")
	}
	r := math.Pow(x, y)
	if math.IsInf(r, 0) && !math.IsInf(x, 0) && !math.IsInf(y, 0) {
		return nil, Errorf(OverflowError, "(34, 'Numerical result out of range')")
	}
	return Float(r), nil
}

// bigArith charges the size of the result, and its time in steps, beforehand.
func bigArith(th *Thread, op Op, x, y *big.Int) (Value, error) {
	size := max(x.BitLen(), y.BitLen())
	switch op {
	case Div:
		return trueDiv(th, x, y)
	case Pow:
		return intPow(th, x, y)
	case LShift, RShift:
		return shift(th, op, x, y)
	case Mul:
		size = x.BitLen() + y.BitLen()
		if err := th.chargeProduct(size); err != nil {
			return nil, err
		}
	case Mod, FloorDiv:
		if y.Sign() == 0 {
			if op == Mod {
				return nil, Errorf(ZeroDivisionError, "integer modulo by zero")
			}
			return nil, Errorf(ZeroDivisionError, "integer division or modulo by zero")
		}
		if err := th.chargeProduct(size); err != nil {
			return nil, err
		}
	}
	if err := th.chargeBits(size); err != nil {
		return nil, err
	}
	z := new(big.Int)
	switch op {
	case Add:
		z.Add(x, y)
	case Sub:
		z.Sub(x, y)
	case Mul:
		z.Mul(x, y)
	case FloorDiv:
		floorDivMod(z, new(big.Int), x, y)
	case Mod:
		floorDivMod(new(big.Int), z, x, y)
	case And:
		z.And(x, y)
	case Or:
		z.Or(x, y)
	case Xor:
		z.Xor(x, y)
	default:
		return nil, nil
	}
	return NewBigInt(z), nil
}

// floorDivMod sets q and m so that m has the sign of y.
func floorDivMod(q, m, x, y *big.Int) {
	q.QuoRem(x, y, m)
	if m.Sign() != 0 && m.Sign() != y.Sign() {
		q.Sub(q, big.NewInt(1))
		m.Add(m, y)
	}
}

// chargeProduct admits a product or division of n bits, whose time grows faster than n.
func (th *Thread) chargeProduct(n int) error {
	if n > maxBits {
		return th.OutOfMemory()
	}
	return th.work(n * (n >> 16))
}

// chargeBits admits an integer of n bits.
func (th *Thread) chargeBits(n int) error {
	if n > maxBits {
		return th.OutOfMemory()
	}
	if err := th.Alloc(n/8 + 32); err != nil {
		return err
	}
	th.quota = max(0, th.quota-int64(n>>10)) // a long operation brings the next check nearer
	return nil
}

func trueDiv(th *Thread, x, y *big.Int) (Value, error) {
	if y.Sign() == 0 {
		return nil, Errorf(ZeroDivisionError, "division by zero")
	}
	if x.IsInt64() && y.IsInt64() && x.BitLen() <= 53 && y.BitLen() <= 53 {
		return Float(float64(x.Int64()) / float64(y.Int64())), nil
	}
	if err := th.chargeBits(max(x.BitLen(), y.BitLen())); err != nil {
		return nil, err
	}
	f := quotient(x, y)
	if math.IsInf(f, 0) {
		return nil, Errorf(OverflowError, "integer division result too large for a float")
	}
	return Float(f), nil
}

// quotient is x/y rounded once. The integer quotient keeps more bits than a float
// has, the lowest of which stands for the remainder.
func quotient(x, y *big.Int) float64 {
	shift := y.BitLen() - x.BitLen() + 66
	if shift >= 0 {
		x = new(big.Int).Lsh(x, uint(shift))
	} else {
		y = new(big.Int).Lsh(y, uint(-shift))
	}
	q, r := new(big.Int).QuoRem(x, y, new(big.Int))
	if r.Sign() != 0 {
		q.SetBit(q, 0, 1)
	}
	f := new(big.Float).SetInt(q)
	r64, _ := f.SetMantExp(f, -shift).Float64()
	return r64
}

func intPow(th *Thread, x, y *big.Int) (Value, error) {
	if y.Sign() < 0 {
		fx, _ := AsFloat(NewBigInt(new(big.Int).Set(x)))
		fy, _ := AsFloat(NewBigInt(new(big.Int).Set(y)))
		return floatPow(fx, fy)
	}
	switch {
	case x.BitLen() > 1:
		if !y.IsInt64() || y.Int64() > maxBits {
			return nil, th.OutOfMemory()
		}
		if err := th.chargeBits(x.BitLen() * int(y.Int64())); err != nil {
			return nil, err
		}
	case x.Sign() < 0: // -1 by parity
		y = new(big.Int).And(y, big.NewInt(1))
	case y.Sign() > 0:
		return NewBigInt(new(big.Int).Set(x)), nil
	}
	return NewBigInt(new(big.Int).Exp(x, y, nil)), nil
}

func shift(th *Thread, op Op, x, y *big.Int) (Value, error) {
	if y.Sign() < 0 {
		return nil, Errorf(ValueError, "negative shift count")
	}
	if op == RShift {
		if !y.IsInt64() || y.Int64() > maxBits {
			if x.Sign() < 0 {
				return NewInt(-1), nil
			}
			return NewInt(0), nil
		}
		n := int(y.Int64())
		if err := th.chargeBits(max(0, x.BitLen()-n)); err != nil {
			return nil, err
		}
		return NewBigInt(new(big.Int).Rsh(x, uint(n))), nil
	}
	if x.Sign() == 0 {
		return NewInt(0), nil
	}
	if !y.IsInt64() || y.Int64() > maxBits {
		return nil, th.OutOfMemory()
	}
	n := int(y.Int64())
	if err := th.chargeBits(x.BitLen() + n); err != nil {
		return nil, err
	}
	return NewBigInt(new(big.Int).Lsh(x, uint(n))), nil
}

// PowMod is pow(x, y, m).
func PowMod(th *Thread, x, y, m *big.Int) (Value, error) {
	if m.Sign() == 0 {
		return nil, Errorf(ValueError, "pow() 3rd argument cannot be 0")
	}
	size := max(x.BitLen(), m.BitLen())
	if size*max(y.BitLen(), 1) > maxBits*8 {
		return nil, th.OutOfMemory()
	}
	if err := th.chargeBits(size); err != nil {
		return nil, err
	}
	if y.Sign() < 0 {
		inv := new(big.Int).ModInverse(x, m)
		if inv == nil {
			return nil, Errorf(ValueError, "base is not invertible for the given modulus")
		}
		x, y = inv, new(big.Int).Neg(y)
	}
	z := new(big.Int).Exp(x, y, new(big.Int).Abs(m))
	if m.Sign() < 0 && z.Sign() > 0 {
		z.Add(z, m)
	}
	return NewBigInt(z), nil
}

func unaryNumber(op rune, v Value) Value {
	switch v := v.(type) {
	case Float:
		switch op {
		case Neg:
			return -v
		case Plus:
			return v
		}
	case Int:
		switch {
		case op == Plus:
			return NewInt(int64(v))
		case op == Invert:
			return NewInt(^int64(v))
		case v != math.MinInt64:
			return NewInt(-int64(v))
		}
		return NewBigInt(new(big.Int).Neg(AsBig(v)))
	case Bool, *BigInt:
		n := AsBig(v)
		switch op {
		case Neg:
			return NewBigInt(new(big.Int).Neg(n))
		case Plus:
			return NewBigInt(new(big.Int).Set(n))
		}
		return NewBigInt(new(big.Int).Not(n))
	}
	return nil
}

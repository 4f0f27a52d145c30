package stdlib

import (
	"math"
	"math/big"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// operand reads the other side of an operator: a Decimal or an integer.
func (m *decimalModule) operand(th *thread, v value) (*decimal, error) {
	if d, ok := v.(*decimal); ok {
		return d, nil
	}
	n := runtime.AsBig(v)
	if n == nil {
		return nil, nil
	}
	d, err := m.fromInt(th, n)
	if err != nil {
		return nil, err
	}
	return d.(*decimal), nil
}

// chargeDigits pays for work on n digits: with the square root of n for what a
// multiplication takes beyond one look at each, and 44 steps for the operation itself.
func chargeDigits(th *thread, n int) error {
	return th.Work(44<<10 + n*int(math.Sqrt(float64(n))))
}

// BinaryOp computes in the context.
func (d *decimal) BinaryOp(th *thread, op runtime.Op, other value, reflected bool) (value, error) {
	o, err := d.m.operand(th, other)
	if o == nil || err != nil {
		return nil, err
	}
	x, y := &d.d, &o.d
	if reflected {
		x, y = y, x
	}
	if err := chargeDigits(th, int(x.NumDigits()+y.NumDigits())); err != nil {
		return nil, err
	}
	c := d.m.arithmetic()
	f := map[runtime.Op]func(out, x, y *apd.Decimal) (apd.Condition, error){
		runtime.Add: c.Add, runtime.Sub: c.Sub, runtime.Mul: c.Mul, runtime.Div: c.Quo, runtime.FloorDiv: c.QuoInteger, runtime.Mod: c.Rem, runtime.Pow: c.Pow,
	}[op]
	if f == nil {
		return nil, nil
	}
	if x.Form == apd.Finite && y.Form == apd.Finite && y.IsZero() && x.IsZero() && (op == runtime.Div || op == runtime.FloorDiv || op == runtime.Mod) {
		return nil, raiseDecimal(decimalInvalid, decimalUndefined)
	}
	if op == runtime.Pow {
		if v, done, err := d.m.integerPower(th, c, x, y); done || err != nil {
			return v, err
		}
	}
	return d.m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) {
		cond, err := f(out, x, y)
		if op == runtime.Div && cond&apd.Inexact == 0 {
			dropZeros(out, x.Exponent-y.Exponent)
		}
		return cond, err
	})
}

// dropZeros brings an exact result to the exponent that it should have, as far as
// its last digits are zeros.
func dropZeros(d *apd.Decimal, ideal int32) {
	if d.Form != apd.Finite || d.Exponent >= ideal {
		return
	}
	if d.IsZero() {
		d.Exponent = ideal
		return
	}
	digits := d.Coeff.String()
	zeros := len(digits) - len(strings.TrimRight(digits, "0"))
	drop := min(int64(zeros), int64(ideal)-int64(d.Exponent))
	n, _ := new(big.Int).SetString(digits[:len(digits)-int(drop)], 10) // digits alone
	d.Coeff.SetMathBigInt(n)
	d.Exponent += int32(drop)
}

// integerPower multiplies where the exact power is short, so that it keeps its zeros.
func (m *decimalModule) integerPower(th *thread, c *apd.Context, x, y *apd.Decimal) (v value, done bool, err error) {
	n, err := y.Int64()
	if err != nil {
		return nil, false, nil //nolint:nilerr // no short integer: the general way
	}
	inverse := n < 0
	if inverse {
		n = -n
	}
	if x.Form != apd.Finite || n < 1 || n > int64(c.Precision) || n*x.NumDigits() > int64(c.Precision) || inverse && x.IsZero() {
		return nil, false, nil
	}
	v, err = m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) {
		out.Set(x)
		var cond apd.Condition
		for range n - 1 {
			step, err := c.Mul(out, out, x)
			if cond |= step; err != nil {
				return cond, err
			}
		}
		if inverse {
			step, err := c.Quo(out, apd.New(1, 0), out)
			if cond |= step; cond&apd.Inexact == 0 {
				dropZeros(out, 0)
			}
			return cond, err
		}
		return cond, nil
	})
	return v, true, err
}

// UnaryOp rounds to the context, also for +d.
func (d *decimal) UnaryOp(th *thread, op rune) (value, error) {
	c := d.m.arithmetic()
	switch op {
	case runtime.Neg:
		if d.d.IsZero() {
			return d.m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) { return c.Abs(out, &d.d) })
		}
		return d.m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) { return c.Neg(out, &d.d) })
	case runtime.Plus:
		return d.m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) { return c.Round(out, &d.d) })
	}
	return nil, nil
}

func (d *decimal) isNaN() bool { return d.d.Form == apd.NaN || d.d.Form == apd.NaNSignaling }

// CompareTo is exact, also with floats.
func (d *decimal) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	o, err := d.m.operand(th, other)
	if err != nil {
		return nil, err
	}
	if f, ok := other.(runtime.Float); ok {
		o = d.m.fromFloat(float64(f)).(*decimal)
	}
	if o == nil {
		return nil, nil
	}
	if d.isNaN() || o.isNaN() {
		if op == runtime.Eq {
			return runtime.False, nil
		}
		return nil, raiseDecimal(decimalInvalid, decimalInvalid)
	}
	apart := max(d.d.Exponent, o.d.Exponent) - min(d.d.Exponent, o.d.Exponent) // digits that one of them gets
	if err := chargeDigits(th, int(apart)); err != nil {
		return nil, err
	}
	return runtime.NewBool(op.Holds(d.d.Cmp(&o.d))), nil
}

// HashValue is that of an equal integer.
func (d *decimal) HashValue(th *thread) (int64, error) {
	if err := chargeDigits(th, int(d.d.NumDigits())); err != nil {
		return 0, err
	}
	if err := th.Work(32 << 10); err != nil { // a power of ten and its remainder
		return 0, err
	}
	switch {
	case d.d.Form == apd.NaNSignaling:
		return 0, runtime.Errorf(runtime.TypeError, "Cannot hash a signaling NaN value")
	case d.d.Form == apd.NaN:
		return runtime.ID(d) >> 4, nil
	case d.d.Form == apd.Infinite && d.d.Negative:
		return -314159, nil
	case d.d.Form == apd.Infinite:
		return 314159, nil
	}
	modulus := big.NewInt(1<<61 - 1)
	n := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(d.d.Exponent)), modulus) // below zero: of the inverse
	n.Mul(n, d.d.Coeff.MathBigInt()).Mod(n, modulus)
	if d.d.Negative {
		n.Neg(n)
	}
	if n.Int64() == -1 {
		return -2, nil
	}
	return n.Int64(), nil
}

// Truth is false for zero.
func (d *decimal) Truth(*thread) (bool, error) { return d.d.Form != apd.Finite || !d.d.IsZero(), nil }

// Str is the scientific text.
func (d *decimal) Str(*thread) (string, error) { return d.text(), nil }

func (d *decimal) text() string {
	sign := ""
	if d.d.Negative {
		sign = "-"
	}
	switch d.d.Form {
	case apd.NaN:
		return sign + "NaN"
	case apd.NaNSignaling:
		return sign + "sNaN"
	case apd.Infinite:
		return sign + "Infinity"
	case apd.Finite:
	}
	return d.d.Text('G')
}

// Repr is the constructor's call.
func (d *decimal) Repr(*thread) (string, error) { return "Decimal('" + d.text() + "')", nil }

// integer is d without its fraction.
func (d *decimal) integer(th *thread) (*big.Int, error) {
	switch {
	case d.isNaN():
		return nil, runtime.Errorf(runtime.ValueError, "cannot convert NaN to integer")
	case d.d.Form == apd.Infinite:
		return nil, runtime.Errorf(runtime.OverflowError, "cannot convert Infinity to integer")
	}
	size := int64(d.d.Exponent) + d.d.NumDigits()
	if size < 0 {
		return new(big.Int), nil
	}
	if err := th.Alloc(int(size)); err != nil {
		return nil, err
	}
	n := d.d.Coeff.MathBigInt()
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(max(int64(d.d.Exponent), -int64(d.d.Exponent))), nil)
	if d.d.Exponent >= 0 {
		n.Mul(n, unit)
	} else {
		n.Quo(n, unit)
	}
	if d.d.Negative {
		n.Neg(n)
	}
	return n, nil
}

// rounded brings d to a whole number.
func (d *decimal) whole(rounding apd.Rounder) *decimal {
	if d.d.Form != apd.Finite || d.d.Exponent >= 0 {
		return d
	}
	out := &decimal{m: d.m}
	if _, err := exactArithmetic(rounding).Quantize(&out.d, &d.d, 0); err != nil {
		return d
	}
	return out
}

// quantize gives d the exponent; the result must fit the precision.
func (d *decimal) quantize(th *thread, exponent int32, rounding apd.Rounder) (value, error) {
	precision := d.m.precision.Load()
	if d.d.Form == apd.Finite && !d.d.IsZero() && int64(d.d.Exponent)+d.d.NumDigits()-int64(exponent) > int64(precision)+1 {
		return nil, raiseDecimal(decimalInvalid, decimalInvalid)
	}
	c := exactArithmetic(rounding)
	v, err := d.m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) { return c.Quantize(out, &d.d, exponent) })
	if err != nil {
		return nil, err
	}
	if q := v.(*decimal); q.d.Form == apd.Finite && !q.d.IsZero() && q.d.NumDigits() > int64(precision) {
		return nil, raiseDecimal(decimalInvalid, decimalInvalid)
	}
	return v, nil
}

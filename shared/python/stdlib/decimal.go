package stdlib

import (
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/cockroachdb/apd/v3"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// Bounds of decimals, tighter than CPython's, so that no operation takes long.
const (
	maxDecimalDigits   = 5000    // of a value, and of the context's precision
	maxDecimalExponent = 100_000 // the largest adjusted exponent
)

// decimal is decimal.Decimal. It knows the module it is of, whose context it computes in.
type decimal struct {
	m *decimalModule
	d apd.Decimal
}

// decimalModule is the state of the decimal module of one program: its users share
// one context.
type decimalModule struct {
	class, context *runtime.Class
	precision      atomic.Uint32
	rounding       atomic.Value // of string
}

// The exceptions; the first ones are the signals that scripts can name.
var (
	decimalException  = runtime.NewExceptionClass("decimal", "DecimalException", runtime.ArithmeticError)
	decimalInvalid    = runtime.NewExceptionClass("decimal", "InvalidOperation", decimalException)
	decimalDivByZero  = runtime.NewExceptionClass("decimal", "DivisionByZero", decimalException, runtime.ZeroDivisionError)
	decimalInexact    = runtime.NewExceptionClass("decimal", "Inexact", decimalException)
	decimalRounded    = runtime.NewExceptionClass("decimal", "Rounded", decimalException)
	decimalOverflow   = runtime.NewExceptionClass("decimal", "Overflow", decimalInexact, decimalRounded)
	decimalSyntax     = runtime.NewExceptionClass("decimal", "ConversionSyntax", decimalInvalid)
	decimalUndefined  = runtime.NewExceptionClass("decimal", "DivisionUndefined", decimalInvalid, runtime.ZeroDivisionError)
	decimalImpossible = runtime.NewExceptionClass("decimal", "DivisionImpossible", decimalInvalid)
	decimalSubnormal  = runtime.NewExceptionClass("decimal", "Subnormal", decimalException)
	decimalUnderflow  = runtime.NewExceptionClass("decimal", "Underflow", decimalInexact, decimalRounded, decimalSubnormal)
	decimalClamped    = runtime.NewExceptionClass("decimal", "Clamped", decimalException)
	decimalFloat      = runtime.NewExceptionClass("decimal", "FloatOperation", decimalException, runtime.TypeError)
	decimalTupleClass = runtime.Constructor(newRecordClass("decimal", "decimal.DecimalTuple", "DecimalTuple", "sign", "digits", "exponent"), makeDecimalTuple)
	decimalRoundings  = map[string]apd.Rounder{
		"ROUND_DOWN": apd.RoundDown, "ROUND_HALF_UP": apd.RoundHalfUp, "ROUND_HALF_EVEN": apd.RoundHalfEven, "ROUND_CEILING": apd.RoundCeiling,
		"ROUND_FLOOR": apd.RoundFloor, "ROUND_UP": apd.RoundUp, "ROUND_HALF_DOWN": apd.RoundHalfDown, "ROUND_05UP": apd.Round05Up,
	}
)

func newDecimal(Host) *runtime.Module {
	m := &decimalModule{}
	m.precision.Store(28)
	m.rounding.Store("ROUND_HALF_EVEN")
	m.class = runtime.NewNativeClass("decimal", "decimal.Decimal", m.members())
	runtime.Constructor(m.class, m.make)
	m.context = runtime.NewNativeClass("decimal", "decimal.Context", m.contextMembers())
	context := &decimalContext{m}
	all := members(define("getcontext(/)", func(*thread, args) (value, error) { return context, nil }))
	for name := range decimalRoundings {
		all[name] = runtime.Str(name)
	}
	for _, c := range []*runtime.Class{
		decimalException, decimalInvalid, decimalDivByZero, decimalInexact, decimalRounded, decimalOverflow, decimalSubnormal, decimalUnderflow,
		decimalClamped, decimalFloat,
	} {
		all[c.Name] = c
	}
	all["Decimal"], all["DecimalTuple"] = m.class, decimalTupleClass
	return runtime.NewModule("decimal", all)
}

// decimalContext is what getcontext gives.
type decimalContext struct{ m *decimalModule }

// Class implements runtime.Value.
func (c *decimalContext) Class() *runtime.Class { return c.m.context }

func (m *decimalModule) contextMembers() runtime.Members {
	return runtime.Members{
		"prec": runtime.Attribute("prec",
			func(*thread, value) (value, error) { return runtime.NewInt(int64(m.precision.Load())), nil },
			func(_ *thread, _, v value) error {
				n, err := runtime.Index(v)
				switch {
				case err != nil:
					return runtime.Errorf(runtime.TypeError, "valid range for prec is [1, MAX_PREC]")
				case n < 1:
					return runtime.Errorf(runtime.ValueError, "valid range for prec is [1, MAX_PREC]")
				case n > maxDecimalDigits:
					return runtime.Errorf(runtime.ValueError, "prec is at most %d here", maxDecimalDigits)
				}
				m.precision.Store(uint32(n))
				return nil
			}),
		"rounding": runtime.Attribute("rounding",
			func(*thread, value) (value, error) { return runtime.Str(m.rounding.Load().(string)), nil },
			func(_ *thread, _, v value) error {
				s, err := roundingArgument(v)
				if err == nil {
					m.rounding.Store(s)
				}
				return err
			}),
	}
}

func roundingArgument(v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if _, known := decimalRoundings[s]; !ok || !known {
		return "", runtime.Errorf(runtime.TypeError,
			"valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]")
	}
	return s, nil
}

// arithmetic is the context that operations compute in.
func (m *decimalModule) arithmetic() *apd.Context {
	return &apd.Context{
		Precision: m.precision.Load(), MaxExponent: maxDecimalExponent, MinExponent: -maxDecimalExponent,
		Rounding: decimalRoundings[m.rounding.Load().(string)],
	}
}

// exact computes without rounding what the arguments hold.
func exactArithmetic(rounding apd.Rounder) *apd.Context {
	return &apd.Context{Precision: 2 * maxDecimalDigits, MaxExponent: maxDecimalExponent, MinExponent: -maxDecimalExponent, Rounding: rounding}
}

// signal is the exception of a condition that CPython traps; nil for others.
func signal(cond apd.Condition, err error) error {
	for _, s := range []struct {
		cond         apd.Condition
		class, shown *runtime.Class
	}{
		{apd.DivisionUndefined, decimalInvalid, decimalUndefined},
		{apd.DivisionByZero, decimalDivByZero, decimalDivByZero},
		{apd.DivisionImpossible, decimalInvalid, decimalImpossible},
		{apd.InvalidOperation, decimalInvalid, decimalInvalid},
		{apd.Overflow | apd.SystemOverflow, decimalOverflow, decimalOverflow},
	} {
		if cond&s.cond != 0 {
			return raiseDecimal(s.class, s.shown)
		}
	}
	if err != nil {
		return raiseDecimal(decimalInvalid, decimalInvalid)
	}
	return nil
}

func raiseDecimal(class, shown *runtime.Class) error {
	return runtime.NewException(class, runtime.NewList(shown))
}

// compute runs an operation of apd, paid for by the digits it may make.
func (m *decimalModule) compute(th *thread, c *apd.Context, f func(out *apd.Decimal) (apd.Condition, error)) (value, error) {
	if err := th.Work(int(c.Precision) << 6); err != nil {
		return nil, err
	}
	if err := th.Alloc(int(c.Precision)/2 + 64); err != nil {
		return nil, err
	}
	out := &decimal{m: m}
	cond, err := f(&out.d)
	if err := signal(cond, err); err != nil {
		return nil, err
	}
	return out, nil
}

// Class implements runtime.Value.
func (d *decimal) Class() *runtime.Class { return d.m.class }

var decimalForm = regexp.MustCompile(`(?i)^([-+]?)(?:(\d+)\.?(\d*)|\.(\d+))(?:e([-+]?\d+))?$`)

func (m *decimalModule) make(th *thread, _ *runtime.Class, a args) (value, error) {
	vals, err := (&parameters{names: []string{"value", "context"}, positional: 2}).bind(a)
	if err != nil {
		return nil, err
	}
	if vals[0] == nil {
		return &decimal{m: m}, nil
	}
	return m.from(th, vals[0])
}

// from is Decimal(v).
func (m *decimalModule) from(th *thread, v value) (value, error) {
	switch x := runtime.Data(v).(type) {
	case *decimal:
		return x, nil
	case runtime.Str:
		return m.parse(th, string(x))
	case runtime.Float:
		return m.fromFloat(float64(x)), nil
	case *runtime.Tuple:
		return m.fromTuple(th, x.Items)
	case *runtime.List:
		return m.fromTuple(th, x.Items())
	}
	n := runtime.AsBig(v)
	if n == nil {
		return nil, runtime.Errorf(runtime.TypeError, "conversion from %s to Decimal is not supported", v.Class().Name)
	}
	return m.fromInt(th, n)
}

func (m *decimalModule) fromInt(th *thread, n *big.Int) (value, error) {
	if n.BitLen() > maxDecimalDigits*3 {
		return nil, raiseDecimal(decimalInvalid, decimalInvalid)
	}
	if err := th.Alloc(n.BitLen()/8 + 64); err != nil {
		return nil, err
	}
	out := &decimal{m: m}
	out.d.Coeff.SetMathBigInt(new(big.Int).Abs(n))
	out.d.Negative = n.Sign() < 0
	return out, nil
}

// fromFloat is exact.
func (m *decimalModule) fromFloat(f float64) value {
	out := &decimal{m: m}
	out.d.Negative = math.Signbit(f)
	switch {
	case math.IsNaN(f):
		out.d.Form, out.d.Negative = apd.NaN, false
		return out
	case math.IsInf(f, 0):
		out.d.Form = apd.Infinite
		return out
	case f == 0:
		return out
	}
	r := new(big.Rat).SetFloat64(math.Abs(f))
	halvings := r.Denom().BitLen() - 1 // the denominator is a power of two
	n := new(big.Int).Exp(big.NewInt(5), big.NewInt(int64(halvings)), nil)
	out.d.Coeff.SetMathBigInt(n.Mul(n, r.Num()))
	out.d.Exponent = int32(-halvings)
	return out
}

func (m *decimalModule) parse(th *thread, text string) (value, error) {
	if err := chargeDigits(th, len(text)); err != nil {
		return nil, err
	}
	text = strings.ReplaceAll(strings.TrimSpace(text), "_", "")
	out := &decimal{m: m}
	sign := strings.TrimLeft(text, "+-")
	switch strings.ToLower(sign) {
	case "nan", "snan", "inf", "infinity":
		if len(text)-len(sign) > 1 {
			return nil, raiseDecimal(decimalInvalid, decimalSyntax)
		}
		out.d.Negative = strings.HasPrefix(text, "-")
		out.d.Form = map[byte]apd.Form{'n': apd.NaN, 's': apd.NaNSignaling, 'i': apd.Infinite}[sign[0]|0x20]
		return out, nil
	}
	parts := decimalForm.FindStringSubmatch(text)
	if parts == nil {
		return nil, raiseDecimal(decimalInvalid, decimalSyntax)
	}
	exponent := 0
	if parts[5] != "" {
		var err error
		if exponent, err = strconv.Atoi(parts[5]); err != nil {
			return nil, raiseDecimal(decimalInvalid, decimalInvalid)
		}
	}
	fraction := parts[3] + parts[4]
	return m.build(th, parts[1] == "-", parts[2]+fraction, exponent-len(fraction))
}

// build makes a finite value within the bounds.
func (m *decimalModule) build(th *thread, negative bool, digits string, exponent int) (value, error) {
	digits = strings.TrimLeft(digits, "0")
	if len(digits) > maxDecimalDigits || exponent+len(digits)-1 > maxDecimalExponent || exponent < -2*maxDecimalExponent || exponent > maxDecimalExponent {
		return nil, raiseDecimal(decimalInvalid, decimalInvalid)
	}
	if err := th.Alloc(len(digits) + 64); err != nil {
		return nil, err
	}
	out := &decimal{m: m}
	if digits != "" {
		n, _ := new(big.Int).SetString(digits, 10) // digits alone
		out.d.Coeff.SetMathBigInt(n)
	}
	out.d.Negative, out.d.Exponent = negative, int32(exponent)
	return out, nil
}

func (m *decimalModule) fromTuple(th *thread, items []value) (value, error) {
	if len(items) != 3 {
		return nil, runtime.Errorf(runtime.ValueError, "argument must be a sequence of length 3")
	}
	sign, ok := runtime.AsInt(items[0])
	if !ok || sign != 0 && sign != 1 {
		return nil, runtime.Errorf(runtime.ValueError, "sign must be an integer with the value 0 or 1")
	}
	list, err := runtime.Collect(th, items[1])
	if err != nil {
		return nil, runtime.Errorf(runtime.ValueError, "coefficient must be a tuple of digits")
	}
	var b strings.Builder
	for _, v := range list {
		n, ok := runtime.AsInt(v)
		if !ok || n < 0 || n > 9 {
			return nil, runtime.Errorf(runtime.ValueError, "coefficient must be a tuple of digits")
		}
		b.WriteByte(byte('0' + n))
	}
	if s, ok := runtime.AsStr(items[2]); ok {
		form, known := map[string]apd.Form{"F": apd.Infinite, "n": apd.NaN, "N": apd.NaNSignaling}[s]
		if !known {
			return nil, runtime.Errorf(runtime.ValueError, "string argument in the third position must be 'F', 'n' or 'N'")
		}
		out := &decimal{m: m}
		out.d.Form, out.d.Negative = form, sign == 1
		return out, nil
	}
	exponent, ok := runtime.AsInt(items[2])
	if !ok {
		return nil, runtime.Errorf(runtime.ValueError, "exponent must be an integer")
	}
	return m.build(th, sign == 1, b.String(), int(max(min(exponent, math.MaxInt32), math.MinInt32)))
}

func makeDecimalTuple(_ *thread, cls *runtime.Class, a args) (value, error) {
	vals := make([]value, 3)
	if err := runtime.NewSignature("DecimalTuple.__new__", "sign, digits, exponent").Bind("DecimalTuple.__new__", a, vals); err != nil {
		return nil, err
	}
	return runtime.Instance(cls, runtime.NewTuple(vals...)), nil
}

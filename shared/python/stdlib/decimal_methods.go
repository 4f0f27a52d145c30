package stdlib

import (
	"math/big"
	"strconv"
	"strings"

	"github.com/cockroachdb/apd/v3"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func (m *decimalModule) members() runtime.Members {
	all := runtime.Members{
		"real": attribute("real", func(d *decimal) value { return d }),
		"imag": attribute("imag", func(*decimal) value { return &decimal{m: m} }),
		"from_float": &runtime.StaticMethod{Fn: define("from_float(f, /)", func(th *thread, a args) (value, error) {
			if _, ok := a.Vals[0].(runtime.Float); !ok && runtime.AsBig(a.Vals[0]) == nil {
				return nil, runtime.Errorf(runtime.TypeError, "argument must be int or float")
			}
			return m.from(th, a.Vals[0])
		})},
	}
	def := func(name, params string, f func(th *thread, d *decimal, a []value) (value, error)) {
		all[name] = method(name+"(self"+params+")", func(th *thread, self value, a []value) (value, error) { return f(th, self.(*decimal), a) })
	}
	for name, f := range map[string]func(d *decimal) bool{
		"is_nan": (*decimal).isNaN, "is_qnan": func(d *decimal) bool { return d.d.Form == apd.NaN },
		"is_snan":     func(d *decimal) bool { return d.d.Form == apd.NaNSignaling },
		"is_infinite": func(d *decimal) bool { return d.d.Form == apd.Infinite },
		"is_finite":   func(d *decimal) bool { return d.d.Form == apd.Finite },
		"is_zero":     func(d *decimal) bool { return d.d.IsZero() },
		"is_signed":   func(d *decimal) bool { return d.d.Negative },
	} {
		def(name, ", /", func(_ *thread, d *decimal, _ []value) (value, error) { return runtime.NewBool(f(d)), nil })
	}
	for name, pick := range map[string]func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error){
		"sqrt":    func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error) { return c.Sqrt },
		"exp":     func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error) { return c.Exp },
		"ln":      func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error) { return c.Ln },
		"log10":   func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error) { return c.Log10 },
		"__abs__": func(c *apd.Context) func(out, x *apd.Decimal) (apd.Condition, error) { return c.Abs },
	} {
		def(name, "", func(th *thread, d *decimal, _ []value) (value, error) {
			c := m.arithmetic()
			return m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) {
				cond, err := pick(c)(out, &d.d)
				switch {
				case cond&apd.Inexact != 0:
				case name == "sqrt":
					dropZeros(out, int32(floorDiv(int64(d.d.Exponent), 2)))
				}
				if name == "log10" && d.d.Form == apd.Finite && !d.d.Negative && strings.TrimRight(d.d.Coeff.String(), "0") == "1" {
					out.SetInt64(int64(d.d.Exponent) + d.d.NumDigits() - 1) // a power of ten
				}
				return cond, err
			})
		})
	}
	m.conversions(def)
	m.adjustments(def)
	return all
}

type decimalDefine = func(name, params string, f func(th *thread, d *decimal, a []value) (value, error))

// conversions are the methods that give numbers and tuples of Python.
func (m *decimalModule) conversions(def decimalDefine) {
	for name, rounding := range map[string]apd.Rounder{
		"__int__": apd.RoundDown, "__trunc__": apd.RoundDown, "__floor__": apd.RoundFloor, "__ceil__": apd.RoundCeiling,
	} {
		def(name, ", /", func(th *thread, d *decimal, _ []value) (value, error) { return d.whole(rounding).asInt(th) })
	}
	def("__float__", ", /", func(th *thread, d *decimal, _ []value) (value, error) {
		if err := chargeDigits(th, int(d.d.NumDigits())); err != nil {
			return nil, err
		}
		if d.d.Form == apd.NaNSignaling {
			return nil, runtime.Errorf(runtime.ValueError, "cannot convert signaling NaN to float")
		}
		f, _ := strconv.ParseFloat(d.text(), 64) // beyond the range it is infinite
		return runtime.Float(f), nil
	})
	def("__round__", ", ndigits=None, /", func(th *thread, d *decimal, a []value) (value, error) {
		if a[0] == runtime.None {
			return d.whole(apd.RoundHalfEven).asInt(th)
		}
		n, err := runtime.Index(a[0])
		if err != nil {
			return nil, err
		}
		return d.quantize(th, int32(-max(min(n, maxDecimalExponent), -maxDecimalExponent)), apd.RoundHalfEven)
	})
	def("as_tuple", ", /", func(th *thread, d *decimal, _ []value) (value, error) {
		sign, exponent := int64(0), runtime.NewInt(int64(d.d.Exponent))
		if d.d.Negative {
			sign = 1
		}
		text := d.d.Coeff.String()
		switch d.d.Form {
		case apd.Infinite:
			exponent = runtime.Str("F")
		case apd.NaN:
			text, exponent = "", runtime.Str("n")
		case apd.NaNSignaling:
			text, exponent = "", runtime.Str("N")
		case apd.Finite:
		}
		if err := th.AllocMany(len(text), 16); err != nil {
			return nil, err
		}
		digits := make([]value, len(text))
		for i := range digits {
			digits[i] = runtime.NewInt(int64(text[i] - '0'))
		}
		return newRecord(decimalTupleClass, runtime.NewInt(sign), runtime.NewTuple(digits...), exponent), nil
	})
	def("as_integer_ratio", ", /", func(th *thread, d *decimal, _ []value) (value, error) {
		switch {
		case d.isNaN():
			return nil, runtime.Errorf(runtime.ValueError, "cannot convert NaN to integer ratio")
		case d.d.Form == apd.Infinite:
			return nil, runtime.Errorf(runtime.OverflowError, "cannot convert Infinity to integer ratio")
		}
		size := max(int64(d.d.Exponent), -int64(d.d.Exponent))
		if err := th.Alloc(int(size)); err != nil {
			return nil, err
		}
		unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(size), nil)
		r := new(big.Rat).SetFrac(d.d.Coeff.MathBigInt(), unit)
		if d.d.Exponent > 0 {
			r.SetInt(unit.Mul(unit, d.d.Coeff.MathBigInt()))
		}
		if d.d.Negative {
			r.Neg(r)
		}
		return runtime.NewTuple(runtime.NewBigInt(new(big.Int).Set(r.Num())), runtime.NewBigInt(new(big.Int).Set(r.Denom()))), nil
	})
	def("adjusted", ", /", func(_ *thread, d *decimal, _ []value) (value, error) {
		if d.d.Form != apd.Finite {
			return runtime.NewInt(0), nil
		}
		return runtime.NewInt(int64(d.d.Exponent) + d.d.NumDigits() - 1), nil
	})
}

func (d *decimal) asInt(th *thread) (value, error) {
	n, err := d.integer(th)
	if err != nil {
		return nil, err
	}
	return runtime.NewBigInt(n), nil
}

// other reads an argument that must be a Decimal or an integer.
func (m *decimalModule) other(th *thread, v value) (*decimal, error) {
	o, err := m.operand(th, v)
	if o == nil && err == nil {
		err = runtime.Errorf(runtime.TypeError, "conversion from %s to Decimal is not supported", v.Class().Name)
	}
	return o, err
}

// rounder is a rounding argument; None stands for the context's.
func (m *decimalModule) rounder(v value) (apd.Rounder, error) {
	if v == runtime.None {
		return m.arithmetic().Rounding, nil
	}
	s, err := roundingArgument(v)
	return decimalRoundings[s], err
}

// adjustments are the methods that give another Decimal.
func (m *decimalModule) adjustments(def decimalDefine) {
	def("quantize", ", exp, rounding=None, context=None", func(th *thread, d *decimal, a []value) (value, error) {
		o, err := m.other(th, a[0])
		if err != nil {
			return nil, err
		}
		rounding, err := m.rounder(a[1])
		if err != nil {
			return nil, err
		}
		switch {
		case d.isNaN():
			return d, nil
		case o.isNaN():
			return o, nil
		case d.d.Form == apd.Infinite && o.d.Form == apd.Infinite:
			return d, nil
		case d.d.Form != o.d.Form:
			return nil, raiseDecimal(decimalInvalid, decimalInvalid)
		}
		return d.quantize(th, o.d.Exponent, rounding)
	})
	for _, name := range []string{"to_integral_value", "to_integral", "to_integral_exact"} {
		def(name, ", rounding=None, context=None", func(_ *thread, d *decimal, a []value) (value, error) {
			rounding, err := m.rounder(a[0])
			return d.whole(rounding), err
		})
	}
	def("normalize", ", context=None", func(th *thread, d *decimal, _ []value) (value, error) {
		c := m.arithmetic()
		return m.compute(th, c, func(out *apd.Decimal) (apd.Condition, error) {
			if d.d.IsZero() {
				out.Negative = d.d.Negative
				return 0, nil
			}
			_, cond, err := c.Reduce(out, &d.d)
			return cond, err
		})
	})
	signed := func(d *decimal, negative bool) value {
		out := &decimal{m: m}
		out.d.Set(&d.d).Negative = negative
		return out
	}
	def("copy_abs", ", /", func(_ *thread, d *decimal, _ []value) (value, error) { return signed(d, false), nil })
	def("copy_negate", ", /", func(_ *thread, d *decimal, _ []value) (value, error) { return signed(d, !d.d.Negative), nil })
	def("copy_sign", ", other, context=None", func(th *thread, d *decimal, a []value) (value, error) {
		o, err := m.other(th, a[0])
		if err != nil {
			return nil, err
		}
		return signed(d, o.d.Negative), nil
	})
	def("conjugate", ", /", func(_ *thread, d *decimal, _ []value) (value, error) { return d, nil })
	def("same_quantum", ", other, context=None", func(th *thread, d *decimal, a []value) (value, error) {
		o, err := m.other(th, a[0])
		if err != nil {
			return nil, err
		}
		return runtime.NewBool(d.d.Form == o.d.Form && (d.d.Form != apd.Finite || d.d.Exponent == o.d.Exponent)), nil
	})
	def("compare", ", other, context=None", func(th *thread, d *decimal, a []value) (value, error) {
		o, err := m.other(th, a[0])
		if err != nil {
			return nil, err
		}
		if d.isNaN() || o.isNaN() {
			return m.parse(th, "NaN")
		}
		return m.fromInt(th, big.NewInt(int64(d.d.Cmp(&o.d))))
	})
	for name, sign := range map[string]int{"max": 1, "min": -1} {
		def(name, ", other, context=None", func(th *thread, d *decimal, a []value) (value, error) {
			o, err := m.other(th, a[0])
			if err != nil {
				return nil, err
			}
			best := d
			if d.isNaN() || !o.isNaN() && o.d.Cmp(&d.d)*sign > 0 {
				best = o
			}
			return best.UnaryOp(th, runtime.Plus)
		})
	}
}

// decimalSpec is a parsed format specification.
type decimalSpec struct {
	fill, align, sign string
	zero              bool
	width, precision  int
	group             bool
	kind              byte
}

// maxDecimalWidth bounds widths and precisions before they are charged.
const maxDecimalWidth = 1 << 24

func parseDecimalSpec(spec string) (f decimalSpec, ok bool) {
	f = decimalSpec{fill: " ", align: ">", precision: -1, kind: 'G'}
	runes := []rune(spec)
	at := 0
	peek := func(set string) bool { return at < len(runes) && strings.ContainsRune(set, runes[at]) }
	number := func() int {
		n := 0
		for peek("0123456789") {
			n = min(n*10+int(runes[at]-'0'), maxDecimalWidth)
			at++
		}
		return n
	}
	aligned := true
	switch {
	case len(runes) > 1 && strings.ContainsRune("<>=^", runes[1]):
		f.fill, f.align, at = string(runes[0]), string(runes[1]), 2
	case peek("<>=^"):
		f.align, at = string(runes[0]), 1
	default:
		aligned = false
	}
	if peek("+- ") {
		f.sign = string(runes[at])
		at++
	}
	if peek("0") {
		if aligned {
			return f, false
		}
		f.zero, f.fill, f.align = true, "0", "="
		at++
	}
	f.width = number()
	if peek(",") {
		f.group = true
		at++
	}
	if peek(".") {
		if at++; !peek("0123456789") {
			return f, false
		}
		f.precision = number()
	}
	if peek("eEfFgG%n") {
		f.kind = byte(runes[at])
		at++
	}
	return f, at == len(runes)
}

// Format is format(d, spec).
func (d *decimal) Format(th *thread, spec string) (string, error) {
	if err := th.AllocMany(len(spec), 4); err != nil {
		return "", err
	}
	f, ok := parseDecimalSpec(spec)
	if !ok {
		return "", runtime.Errorf(runtime.ValueError, "invalid format string")
	}
	if err := th.AllocMany(f.width+max(f.precision, 0)+int(max(d.d.Exponent, -d.d.Exponent))+len(spec), 8); err != nil {
		return "", err
	}
	sign := f.sign
	if d.d.Negative {
		sign = "-"
	} else if sign == "-" {
		sign = ""
	}
	if d.d.Form != apd.Finite {
		body := strings.TrimPrefix(d.text(), "-")
		if f.kind == '%' {
			body += "%"
		}
		if f.zero {
			f.fill, f.align = " ", ">"
		}
		return f.pad(sign, body), nil
	}
	whole, rest := d.digits(f)
	return f.pad(sign, f.grouped(whole, f.width-len(rest)-len(sign))+rest), nil
}

// digits are the text before the point and what follows, with the exponent.
func (d *decimal) digits(f decimalSpec) (whole, rest string) {
	x := new(apd.Decimal).Set(&d.d)
	x.Negative = false
	kind := f.kind | 0x20
	if f.kind == '%' {
		x.Exponent += 2
		kind = 'f'
	}
	round := func(precision int) {
		c := exactArithmetic(d.m.arithmetic().Rounding)
		c.Precision = uint32(min(precision, maxDecimalDigits))
		if x.NumDigits() > int64(precision) {
			_, _ = c.Round(x, x)
		}
	}
	switch {
	case f.precision >= 0 && kind == 'e':
		round(f.precision + 1)
	case f.precision >= 0 && kind == 'f' && -int(x.Exponent) > f.precision:
		x = rescale(x, f.precision, d.m.arithmetic().Rounding)
	case f.precision >= 0 && (kind == 'g' || kind == 'n'):
		round(max(f.precision, 1))
	}
	digits, exponent := x.Coeff.String(), int(x.Exponent)
	if f.precision >= 0 && kind == 'f' && (exponent > -f.precision || x.IsZero()) {
		digits += strings.Repeat("0", max(exponent+f.precision, 0))
		exponent = -f.precision
	}
	if f.precision >= 0 && kind == 'e' && !x.IsZero() && len(digits) < f.precision+1 {
		pad := f.precision + 1 - len(digits)
		digits += strings.Repeat("0", pad)
		exponent -= pad
	}
	if x.IsZero() && kind == 'f' {
		digits = "0"
		exponent = min(exponent, 0)
	}
	left := exponent + len(digits)
	point := 1
	switch {
	case kind == 'e' && x.IsZero() && f.precision >= 0:
		point = 1 - f.precision
	case kind == 'f', kind != 'e' && exponent <= 0 && left > -6:
		point = left
	}
	fraction := ""
	switch {
	case point < 0:
		whole, fraction = "0", strings.Repeat("0", -point)+digits
	case point > len(digits):
		whole = digits + strings.Repeat("0", point-len(digits))
	default:
		whole, fraction = digits[:point], digits[point:]
	}
	if whole == "" {
		whole = "0"
	}
	if fraction != "" {
		rest = "." + fraction
	}
	if e := left - point; e != 0 || kind == 'e' {
		letter := "E"
		if f.kind >= 'a' {
			letter = "e"
		}
		sign := "+"
		if e < 0 {
			sign, e = "-", -e
		}
		rest += letter + sign + strconv.Itoa(e)
	}
	if f.kind == '%' {
		rest += "%"
	}
	return whole, rest
}

// rescale rounds x to a number of places behind the point.
func rescale(x *apd.Decimal, places int, rounding apd.Rounder) *apd.Decimal {
	out := new(apd.Decimal)
	if _, err := exactArithmetic(rounding).Quantize(out, x, int32(-places)); err != nil {
		return x
	}
	return out
}

// grouped inserts commas; zeros fill up to the width.
func (f decimalSpec) grouped(whole string, width int) string {
	if f.zero {
		for len(whole) < width && (!f.group || len(whole)+(len(whole)-1)/3 < width) {
			whole = "0" + whole
		}
	}
	if !f.group {
		return whole
	}
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String()
}

func (f decimalSpec) pad(sign, body string) string {
	n := max(f.width-len(sign)-len(body), 0)
	fill := strings.Repeat(f.fill, n)
	switch f.align {
	case "<":
		return sign + body + fill
	case "=":
		return sign + fill + body
	case "^":
		return strings.Repeat(f.fill, n/2) + sign + body + strings.Repeat(f.fill, n-n/2)
	}
	return fill + sign + body
}

package runtime

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

func makeInt(th *Thread, cls *Class, a Args) (Value, error) {
	base := a.Kw("base")
	pos := a.Pos()
	for _, n := range a.Names {
		if n != "base" {
			return nil, Errorf(TypeError, "'%s' is an invalid keyword argument for int()", n)
		}
	}
	if len(pos) > 1 {
		base = pos[1]
	}
	if len(pos) > 2 {
		return nil, Errorf(TypeError, "int() takes at most 2 arguments (%d given)", len(pos))
	}
	if len(pos) == 0 {
		return wrap(cls, NewInt(0), nil)
	}
	v := pos[0]
	if base != nil {
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "int() can't convert non-string with explicit base")
		}
		b, err := Index(base)
		if err != nil {
			return nil, err
		}
		if b != 0 && (b < 2 || b > 36) {
			return nil, Errorf(ValueError, "int() base must be >= 2 and <= 36, or 0")
		}
		n, err := parseInt(s, int(b), quote(s, false))
		return wrap(cls, n, err)
	}
	n, err := toInt(th, v)
	return wrap(cls, n, err)
}

func toInt(th *Thread, v Value) (Value, error) {
	switch x := native(v).(type) {
	case Int, *BigInt:
		return x, nil
	case Bool:
		n, _ := AsInt(x)
		return NewInt(n), nil
	case Float:
		return FloatToInt(float64(x))
	case Str:
		return parseInt(string(x), 10, quote(string(x), false))
	case Bytes:
		return parseInt(string(x), 10, quoteBytes(string(x)))
	}
	for _, name := range []string{"__int__", "__index__", "__trunc__"} {
		if m := v.Class().Lookup(name); m != nil {
			r, err := callMethod(th, v, m)
			if err != nil {
				return nil, err
			}
			if AsBig(r) == nil {
				return nil, Errorf(TypeError, "%s returned non-int (type %s)", name, r.Class().Name)
			}
			return r, nil
		}
	}
	return nil, Errorf(TypeError, "int() argument must be a string, a bytes-like object or a real number, not '%s'", v.Class().Name)
}

// FloatToInt is int(f).
func FloatToInt(f float64) (Value, error) {
	switch {
	case math.IsNaN(f):
		return nil, Errorf(ValueError, "cannot convert float NaN to integer")
	case math.IsInf(f, 0):
		return nil, Errorf(OverflowError, "cannot convert float infinity to integer")
	case math.Abs(f) < 1<<62:
		return NewInt(int64(f)), nil
	}
	n, _ := big.NewFloat(f).Int(nil)
	return NewBigInt(n), nil
}

// parseInt reads an integer literal as int() does; shown is how errors quote it.
func parseInt(text string, base int, shown string) (Value, error) {
	bad := func() error {
		return Errorf(ValueError, "invalid literal for int() with base %d: %s", base, shown)
	}
	s := asciiDigits(strings.TrimFunc(text, unicode.IsSpace))
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return nil, bad()
	}
	b := base
	if len(digits) > 1 && digits[0] == '0' {
		prefix := map[byte]int{'x': 16, 'o': 8, 'b': 2}[digits[1]|0x20]
		if prefix != 0 && (base == 0 || base == prefix) {
			b, digits = prefix, strings.TrimPrefix(digits[2:], "_")
		} else if base == 0 && strings.Trim(digits, "0_") != "" {
			return nil, bad()
		}
	}
	if b == 0 {
		b = 10
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if strings.HasPrefix(s, "-") {
		digits = "-" + digits
	}
	if n, err := strconv.ParseInt(digits, b, 64); err == nil {
		return NewInt(n), nil
	}
	if len(digits) > maxDigits && b&(b-1) != 0 {
		return nil, Errorf(ValueError,
			"Exceeds the limit (%d digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit",
			maxDigits, len(strings.TrimPrefix(digits, "-")))
	}
	n, ok := new(big.Int).SetString(digits, b)
	if !ok || strings.ContainsAny(digits, "+ ") {
		return nil, bad()
	}
	return NewBigInt(n), nil
}

// asciiDigits replaces the decimal digits of other scripts.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.IsDigit(r) {
			return r
		}
		for zero := r; ; zero-- { // the digits of a script are ten in a row
			if !unicode.IsDigit(zero-1) || r-zero == 9 {
				return '0' + r - zero
			}
		}
	}, s)
}

func makeFloat(th *Thread, cls *Class, a Args) (Value, error) {
	if err := only("float", a, 1); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return wrap(cls, Float(0), nil)
	}
	f, err := toFloatValue(th, a.Vals[0])
	return wrap(cls, Float(f), err)
}

func toFloatValue(th *Thread, v Value) (float64, error) {
	switch x := native(v).(type) {
	case Float, Int, Bool, *BigInt:
		return toFloat(x)
	case Str:
		return parseFloat(string(x), quote(string(x), false))
	case Bytes:
		return parseFloat(string(x), quoteBytes(string(x)))
	}
	if m := v.Class().Lookup("__float__"); m != nil {
		r, err := callMethod(th, v, m)
		if err != nil {
			return 0, err
		}
		if f, ok := r.(Float); ok {
			return float64(f), nil
		}
		return 0, Errorf(TypeError, "%s.__float__ returned non-float (type %s)", v.Class().Name, r.Class().Name)
	}
	if v.Class().Lookup("__index__") != nil {
		n, err := Index(v)
		return float64(n), err
	}
	return 0, Errorf(TypeError, "float() argument must be a string or a real number, not '%s'", v.Class().Name)
}

func parseFloat(text, shown string) (float64, error) {
	s := strings.ToLower(asciiDigits(strings.TrimFunc(text, unicode.IsSpace)))
	f, err := strconv.ParseFloat(s, 64)
	plain := strings.TrimLeft(s, "+-")
	if strings.HasPrefix(plain, "0x") || strings.Contains(s, "_") && !goodUnderscores(s) {
		return 0, Errorf(ValueError, "could not convert string to float: %s", shown)
	}
	if err != nil && strings.Contains(s, "_") {
		f, err = strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	}
	if err != nil && !math.IsInf(f, 0) {
		return 0, Errorf(ValueError, "could not convert string to float: %s", shown)
	}
	return f, nil
}

func goodUnderscores(s string) bool {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || s[i-1] < '0' || s[i-1] > '9' || s[i+1] < '0' || s[i+1] > '9') {
			return false
		}
	}
	return true
}

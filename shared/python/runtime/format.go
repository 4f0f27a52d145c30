package runtime

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxWidth bounds widths and precisions before they are charged.
const maxWidth = 1 << 30

// formatSpec is a parsed format specification.
type formatSpec struct {
	fill      rune
	align     byte // '<', '>', '^', '=', or 0
	sign      byte
	noNegZero bool
	alt       bool
	width     int
	group     byte // ',' or '_'
	precision int  // -1 without
	kind      byte // 0 without
}

func parseSpec(spec string, v Value) (formatSpec, error) {
	f := formatSpec{fill: ' ', precision: -1}
	full, filled := spec, false
	if r, n := utf8.DecodeRuneInString(spec); n > 0 && n < len(spec) && strings.IndexByte("<>=^", spec[n]) >= 0 {
		f.fill, f.align, spec, filled = r, spec[n], spec[n+1:], true
	} else if spec != "" && strings.IndexByte("<>=^", spec[0]) >= 0 {
		f.align, spec = spec[0], spec[1:]
	}
	next := func(set string) byte {
		if spec != "" && strings.IndexByte(set, spec[0]) >= 0 {
			c := spec[0]
			spec = spec[1:]
			return c
		}
		return 0
	}
	f.sign = next("+- ")
	f.noNegZero = next("z") != 0
	f.alt = next("#") != 0
	if next("0") != 0 && !filled {
		f.fill = '0'
		if _, text := AsStr(v); !text && f.align == 0 {
			f.align = '='
		}
	}
	var err error
	if f.width, spec, err = specNumber(spec); err != nil {
		return f, err
	}
	f.width = max(f.width, 0)
	f.group = next(",_")
	if f.group == ',' && next("_") != 0 || f.group == '_' && next(",") != 0 {
		return f, Errorf(ValueError, "Cannot specify both ',' and '_'.")
	}
	if next(".") != 0 {
		if f.precision, spec, err = specNumber(spec); err != nil {
			return f, err
		}
		if f.precision < 0 {
			return f, Errorf(ValueError, "Format specifier missing precision")
		}
	}
	if len(spec) > 1 {
		return f, Errorf(ValueError, "Invalid format specifier '%s' for object of type '%s'", full, v.Class().Name)
	}
	if spec != "" {
		f.kind = spec[0]
	}
	return f, f.checkGroup(v)
}

// checkGroup refuses a separator of thousands where no thousands are.
func (f formatSpec) checkGroup(v Value) error {
	kind := f.kind
	if _, text := AsStr(v); text && kind == 0 {
		kind = 's'
	}
	if f.group == 0 || kind == 0 || strings.IndexByte("defgEG%F", kind) >= 0 || f.group == '_' && strings.IndexByte("boxX", kind) >= 0 {
		return nil
	}
	return Errorf(ValueError, "Cannot specify '%c' with '%c'.", f.group, kind)
}

// specNumber reads a decimal number, -1 when there is none.
func specNumber(s string) (int, string, error) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return -1, s, nil
	}
	v, err := strconv.Atoi(s[:n])
	if err != nil {
		return 0, s, Errorf(ValueError, "Too many decimal digits in format string")
	}
	return min(v, maxWidth), s[n:], nil
}

// Format is format(v, spec).
func Format(th *Thread, v Value, spec string) (string, error) {
	switch x := v.(type) {
	case Str:
		if spec == "" {
			return string(x), nil
		}
		return formatString(th, string(x), spec, v)
	case Int, *BigInt, Bool:
		if spec == "" {
			return ToStr(th, v)
		}
		return formatInt(th, v, spec)
	case Float:
		if spec == "" {
			return FormatFloat(float64(x)), nil
		}
		f, err := parseSpec(spec, v)
		if err != nil {
			return "", err
		}
		return formatFloat(th, float64(x), f, v)
	case *Object, *Exception:
		if m := v.Class().script("__format__"); m != nil {
			r, err := callMethod(th, v, m, Str(spec))
			if err != nil {
				return "", err
			}
			s, ok := AsStr(r)
			if !ok {
				return "", Errorf(TypeError, "__format__ must return a str, not %s", r.Class().Name)
			}
			return s, nil
		}
		if n := native(v); n != v && spec != "" {
			return Format(th, n, spec)
		}
	case interface {
		Format(th *Thread, spec string) (string, error)
	}:
		return x.Format(th, spec)
	}
	if spec != "" {
		return "", Errorf(TypeError, "unsupported format string passed to %s.__format__", v.Class().Name)
	}
	return ToStr(th, v)
}

func formatString(th *Thread, s, spec string, v Value) (string, error) {
	f, err := parseSpec(spec, v)
	if err != nil {
		return "", err
	}
	switch {
	case f.kind != 0 && f.kind != 's':
		return "", unknownCode(f.kind, v)
	case f.sign == ' ':
		return "", Errorf(ValueError, "Space not allowed in string format specifier")
	case f.sign != 0:
		return "", Errorf(ValueError, "Sign not allowed in string format specifier")
	case f.noNegZero:
		return "", Errorf(ValueError, "Negative zero coercion (z) not allowed in string format specifier")
	case f.alt:
		return "", Errorf(ValueError, "Alternate form (#) not allowed in string format specifier")
	case f.align == '=':
		return "", Errorf(ValueError, "'=' alignment not allowed in string format specifier")
	}
	if f.precision >= 0 {
		s = truncateRunes(s, f.precision)
	}
	return pad(th, "", s, f, '<')
}

func truncateRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

func unknownCode(kind byte, v Value) error {
	return Errorf(ValueError, "Unknown format code '%c' for object of type '%s'", kind, v.Class().Name)
}

// pad brings prefix+body to the width; def is the alignment without one given.
func pad(th *Thread, prefix, body string, f formatSpec, def byte) (string, error) {
	n := f.width - utf8.RuneCountInString(prefix) - utf8.RuneCountInString(body)
	if n <= 0 {
		return prefix + body, nil
	}
	if err := th.AllocMany(n, utf8.RuneLen(f.fill)); err != nil {
		return "", err
	}
	align := f.align
	if align == 0 {
		align = def
	}
	fill := strings.Repeat(string(f.fill), n)
	switch align {
	case '<':
		return prefix + body + fill, nil
	case '^':
		left := strings.Repeat(string(f.fill), n/2)
		return left + prefix + body + strings.Repeat(string(f.fill), n-n/2), nil
	case '=':
		return prefix + fill + body, nil
	}
	return fill + prefix + body, nil
}

func formatInt(th *Thread, v Value, spec string) (string, error) {
	f, err := parseSpec(spec, v)
	if err != nil {
		return "", err
	}
	n := AsBig(v)
	switch f.kind {
	case 'e', 'E', 'f', 'F', 'g', 'G', '%':
		x, err := toFloat(NewBigInt(n))
		if err != nil {
			return "", err
		}
		return formatFloat(th, x, f, v)
	case 0, 'd', 'n', 'b', 'o', 'x', 'X', 'c':
	default:
		return "", unknownCode(f.kind, v)
	}
	switch {
	case f.precision >= 0:
		return "", Errorf(ValueError, "Precision not allowed in integer format specifier")
	case f.noNegZero:
		return "", Errorf(ValueError, "Negative zero coercion (z) not allowed in integer format specifier")
	}
	if f.kind == 'c' {
		switch {
		case f.sign != 0:
			return "", Errorf(ValueError, "Sign not allowed with integer format specifier 'c'")
		case f.alt:
			return "", Errorf(ValueError, "Alternate form (#) not allowed with integer format specifier 'c'")
		}
		if !n.IsInt64() || n.Int64() < 0 || n.Int64() > utf8.MaxRune {
			return "", Errorf(OverflowError, "%%c arg not in range(0x110000)")
		}
		return pad(th, "", string(rune(n.Int64())), f, '<')
	}
	return padInt(th, n, f)
}

func padInt(th *Thread, n *big.Int, f formatSpec) (string, error) {
	base, prefix, every := 10, "", 3
	switch f.kind {
	case 'b':
		base, prefix, every = 2, "0b", 4
	case 'o':
		base, prefix, every = 8, "0o", 4
	case 'x':
		base, prefix, every = 16, "0x", 4
	case 'X':
		base, prefix, every = 16, "0X", 4
	}
	if base == 10 {
		if _, err := bigText(n); err != nil {
			return "", err
		}
	}
	if err := th.Alloc(n.BitLen()); err != nil {
		return "", err
	}
	digits := new(big.Int).Abs(n).Text(base)
	if f.kind == 'X' {
		digits = strings.ToUpper(digits)
	}
	if !f.alt {
		prefix = ""
	}
	sign := signText(n.Sign() < 0, f.sign) + prefix
	return pad(th, sign, group(digits, f, len(sign), every), f, '>')
}

func signText(negative bool, sign byte) string {
	switch {
	case negative:
		return "-"
	case sign == '+' || sign == ' ':
		return string(sign)
	}
	return ""
}

// group inserts thousands separators; zero fill takes part in it, as in CPython.
func group(digits string, f formatSpec, prefix, every int) string {
	if f.group == 0 || digits == "inf" || digits == "nan" {
		return digits
	}
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".e%"); i >= 0 && every == 3 {
		whole, rest = digits[:i], digits[i:]
	}
	if f.fill == '0' && f.align == '=' {
		want := min(f.width, 1<<16) - prefix - len(rest)
		for len(whole)+(len(whole)-1)/every < want {
			whole = "0" + whole
		}
	}
	var b strings.Builder
	for i, c := range []byte(whole) {
		if i > 0 && (len(whole)-i)%every == 0 {
			b.WriteByte(f.group)
		}
		b.WriteByte(c)
	}
	return b.String() + rest
}

func formatFloat(th *Thread, x float64, f formatSpec, v Value) (string, error) {
	if f.precision > 0 {
		if err := th.Alloc(f.precision); err != nil {
			return "", err
		}
	}
	negative := math.Signbit(x) && !math.IsNaN(x)
	body, err := floatDigits(math.Abs(x), f, v)
	if err != nil {
		return "", err
	}
	if f.noNegZero && strings.Trim(body, "0.%") == "" {
		negative = false
	}
	if f.kind == 'E' || f.kind == 'F' || f.kind == 'G' {
		body = strings.ToUpper(body)
	}
	sign := signText(negative, f.sign)
	return pad(th, sign, group(body, f, len(sign), 3), f, '>')
}

// floatDigits is the text of a number that is not negative.
func floatDigits(x float64, f formatSpec, v Value) (string, error) {
	precision := f.precision
	if math.IsInf(x, 0) || math.IsNaN(x) {
		s := "inf"
		if math.IsNaN(x) {
			s = "nan"
		}
		if f.kind == '%' {
			s += "%"
		}
		return s, nil
	}
	if precision < 0 {
		precision = 6
	}
	switch f.kind {
	case 'f', 'F':
		return withPoint(strconv.FormatFloat(x, 'f', precision, 64), f.alt), nil
	case 'e', 'E':
		return withPoint(strconv.FormatFloat(x, 'e', precision, 64), f.alt), nil
	case '%':
		return withPoint(strconv.FormatFloat(x*100, 'f', precision, 64), f.alt) + "%", nil
	case 'g', 'G', 'n':
		return generalFloat(x, max(precision, 1), f.alt), nil
	case 0:
		if f.precision < 0 {
			return FormatFloat(x), nil
		}
		s := generalFloat(x, max(precision, 1), f.alt)
		if x >= math.Pow(10, float64(max(precision, 1)-1)) && !strings.Contains(s, "e") || x == 0 && precision <= 1 {
			return scientific(x, max(precision, 1)), nil
		}
		if !strings.ContainsAny(s, ".e") {
			s += ".0"
		}
		return s, nil
	}
	return "", unknownCode(f.kind, v)
}

func withPoint(s string, alt bool) string {
	if !alt || strings.Contains(s, ".") {
		return s
	}
	if i := strings.IndexByte(s, 'e'); i >= 0 {
		return s[:i] + "." + s[i:]
	}
	return s + "."
}

// scientific is how format(x, ".3") shows a number with as many whole digits.
func scientific(x float64, precision int) string {
	s := strconv.FormatFloat(x, 'e', precision-1, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	return mantissa + "e" + exp
}

func generalFloat(x float64, precision int, alt bool) string {
	e := strconv.FormatFloat(x, 'e', precision-1, 64)
	exp, _ := strconv.Atoi(e[strings.IndexByte(e, 'e')+1:])
	if x == 0 {
		exp = 0
	}
	if exp < -4 || exp >= precision {
		mantissa, tail, _ := strings.Cut(e, "e")
		if !alt && strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + tail
	}
	s := strconv.FormatFloat(x, 'f', precision-1-exp, 64)
	if !alt && strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return withPoint(s, alt)
}

// FormatValue is one `{v!conversion:spec}` of an f-string.
func FormatValue(th *Thread, v Value, conversion byte, spec string) (string, error) {
	if conversion == 0 {
		return Format(th, v, spec)
	}
	s, err := convert(th, v, conversion)
	if err != nil || spec == "" {
		return s, err
	}
	return Format(th, Str(s), spec)
}

func convert(th *Thread, v Value, conversion byte) (string, error) {
	switch conversion {
	case 's':
		return ToStr(th, v)
	case 'r':
		return Repr(th, v)
	}
	s, err := Repr(th, v)
	return escapeNonASCII(s), err
}

// escapeNonASCII is what ascii() does to a repr.
func escapeNonASCII(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if r < 0x80 {
			b.WriteRune(r)
			continue
		}
		q := quote(string(r), true)
		b.WriteString(q[1 : len(q)-1])
	}
	return b.String()
}

package runtime

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// strFormat is str.format.
type strFormat struct {
	th   *Thread
	a    Args // without self
	auto int  // next automatic field, -1 once numbers were given
	b    strings.Builder
}

func (f *strFormat) expand(s string, depth int) error {
	if depth > 1 {
		return Errorf(ValueError, "Max string recursion exceeded")
	}
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			f.b.WriteString(s)
			return f.th.Alloc(len(s))
		}
		f.b.WriteString(s[:i])
		if i+1 < len(s) && s[i+1] == s[i] {
			f.b.WriteByte(s[i])
			s = s[i+2:]
			continue
		}
		if s[i] == '}' {
			return Errorf(ValueError, "Single '}' encountered in format string")
		}
		if i+1 == len(s) {
			return Errorf(ValueError, "Single '{' encountered in format string")
		}
		field, rest, err := parseField(s[i+1:])
		if err != nil {
			return err
		}
		if err := f.field(field, depth); err != nil {
			return err
		}
		s = rest
	}
	return nil
}

// A formatField is what stands between braces.
type formatField struct {
	name, spec string
	conversion rune // 0 without
}

// parseField reads a field and the brace that ends it.
func parseField(s string) (f formatField, rest string, err error) {
	end := fieldEnd(s)
	switch {
	case end < 0:
		return f, "", Errorf(ValueError, "expected '}' before end of string")
	case s[end] == '{':
		return f, "", Errorf(ValueError, "unexpected '{' in field name")
	}
	f.name, rest = s[:end], s[end+1:]
	switch s[end] {
	case '}':
		return f, rest, nil
	case '!':
		if rest == "" {
			return f, "", Errorf(ValueError, "end of string while looking for conversion specifier")
		}
		r, n := utf8.DecodeRuneInString(rest)
		f.conversion, rest = r, rest[n:]
		switch {
		case strings.HasPrefix(rest, "}"):
			return f, rest[1:], nil
		case strings.HasPrefix(rest, ":"):
			rest = rest[1:]
		case rest != "":
			return f, "", Errorf(ValueError, "expected ':' after conversion specifier")
		}
	}
	end = closing(rest)
	if end < 0 {
		return f, "", Errorf(ValueError, "unmatched '{' in format spec")
	}
	f.spec = rest[:end]
	return f, rest[end+1:], nil
}

// closing is the place of the brace that ends a field, -1 without one.
func closing(s string) int {
	level := 1
	for i := range len(s) {
		switch s[i] {
		case '{':
			level++
		case '}':
			if level--; level == 0 {
				return i
			}
		}
	}
	return -1
}

func (f *strFormat) field(field formatField, depth int) error {
	v, err := f.lookup(field.name)
	if err != nil {
		return err
	}
	switch c := field.conversion; {
	case c == 0, strings.ContainsRune("sra", c):
	case c > 32 && c < 127:
		return Errorf(ValueError, "Unknown conversion specifier %c", c)
	default:
		return Errorf(ValueError, "Unknown conversion specifier \\x%x", c)
	}
	spec := field.spec
	if strings.Contains(spec, "{") {
		inner := &strFormat{th: f.th, a: f.a, auto: f.auto}
		if err := inner.expand(spec, depth+1); err != nil {
			return err
		}
		f.auto, spec = inner.auto, inner.b.String()
	}
	s, err := FormatValue(f.th, v, byte(field.conversion), spec)
	if err != nil {
		return err
	}
	f.b.WriteString(s)
	return f.th.Alloc(len(s))
}

// fieldEnd is where a field's name ends: at a brace, ! or : outside brackets; -1 without any.
func fieldEnd(s string) int {
	inBrackets := false
	for i := range len(s) {
		switch s[i] {
		case '[':
			inBrackets = true
		case ']':
			inBrackets = false
		case '!', ':', '{', '}':
			if !inBrackets {
				return i
			}
		}
	}
	return -1
}

func (f *strFormat) lookup(name string) (Value, error) {
	end := strings.IndexAny(name, ".[")
	if end < 0 {
		end = len(name)
	}
	v, err := f.argument(name[:end])
	if err != nil {
		return nil, err
	}
	for rest := name[end:]; rest != ""; {
		if rest[0] == '[' {
			key, tail, ok := strings.Cut(rest[1:], "]")
			switch {
			case !ok:
				return nil, Errorf(ValueError, "Missing ']' in format string")
			case key == "":
				return nil, Errorf(ValueError, "Empty attribute in format string")
			}
			var k Value = Str(key)
			n, isNumber, err := fieldNumber(key)
			if err != nil {
				return nil, err
			}
			if isNumber {
				k = NewInt(n)
			}
			if v, err = GetItem(f.th, v, k); err != nil {
				return nil, err
			}
			rest = tail
			continue
		}
		if rest[0] != '.' {
			return nil, Errorf(ValueError, "Only '.' or '[' may follow ']' in format field specifier")
		}
		rest = rest[1:]
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if end == 0 {
			return nil, Errorf(ValueError, "Empty attribute in format string")
		}
		if v, err = GetAttr(f.th, v, rest[:end]); err != nil {
			return nil, err
		}
		rest = rest[end:]
	}
	return v, nil
}

// fieldNumber reads a name that consists of digits.
func fieldNumber(name string) (n int64, isNumber bool, err error) {
	if name == "" || strings.Trim(name, "0123456789") != "" {
		return 0, false, nil
	}
	if n, err = strconv.ParseInt(name, 10, 64); err != nil {
		return 0, false, Errorf(ValueError, "Too many decimal digits in format string")
	}
	return n, true, nil
}

func (f *strFormat) argument(name string) (Value, error) {
	n, isNumber, err := fieldNumber(name)
	switch {
	case err != nil:
		return nil, err
	case name == "":
		if f.auto < 0 {
			return nil, Errorf(ValueError, "cannot switch from manual field specification to automatic field numbering")
		}
		n = int64(f.auto)
		f.auto++
	case isNumber:
		if f.auto > 0 {
			return nil, Errorf(ValueError, "cannot switch from automatic field numbering to manual field specification")
		}
		f.auto = -1
	default:
		if v := f.a.Kw(name); v != nil {
			return v, nil
		}
		return nil, NewException(KeyError, Str(name))
	}
	if n >= int64(f.a.NPos()) {
		return nil, Errorf(IndexError, "Replacement index %d out of range for positional args tuple", n)
	}
	return f.a.Vals[n], nil
}

// percent is the state of a `%` formatting.
type percent struct {
	th     *Thread
	format string
	args   []Value
	next   int
	one    Value // the operand itself
	keyed  bool
	b      strings.Builder
}

// percentFormat is `format % operand`.
func percentFormat(th *Thread, format string, operand Value) (string, error) {
	p := &percent{th: th, format: format, one: operand, args: []Value{operand}}
	if t, ok := native(operand).(*Tuple); ok {
		p.args = t.Items
	}
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			break
		}
		p.b.WriteString(format[:i])
		var err error
		if format, err = p.directive(format[i+1:]); err != nil {
			return "", err
		}
	}
	p.b.WriteString(format)
	_, mapping := native(operand).(*Dict)
	if p.next < len(p.args) && !p.keyed && !mapping {
		return "", Errorf(TypeError, "not all arguments converted during string formatting")
	}
	return p.b.String(), th.Alloc(p.b.Len())
}

func (p *percent) take() (Value, error) {
	if p.next >= len(p.args) {
		return nil, Errorf(TypeError, "not enough arguments for format string")
	}
	p.next++
	return p.args[p.next-1], nil
}

// star reads a number or a `*` that stands for an argument; -1 without either.
func (p *percent) star(s string) (int, string, error) {
	if strings.HasPrefix(s, "*") {
		v, err := p.take()
		if err != nil {
			return 0, s, err
		}
		n, ok := AsInt(v)
		if !ok {
			return 0, s, Errorf(TypeError, "* wants int")
		}
		return int(max(-maxWidth, min(maxWidth, n))), s[1:], nil
	}
	return specNumber(s)
}

// directive formats one % item; s starts after the percent sign.
func (p *percent) directive(s string) (rest string, err error) {
	var v Value
	if strings.HasPrefix(s, "(") {
		d, ok := native(p.one).(*Dict)
		if !ok {
			return "", Errorf(TypeError, "format requires a mapping")
		}
		key, tail, ok := strings.Cut(s[1:], ")")
		if !ok {
			return "", Errorf(ValueError, "incomplete format key")
		}
		if v, err = GetItem(p.th, d, Str(key)); err != nil {
			return "", err
		}
		p.keyed, s = true, tail
	}
	f := formatSpec{fill: ' ', precision: -1}
	zero := false
	for ; s != ""; s = s[1:] {
		switch s[0] {
		case '-':
			f.align = '<'
			continue
		case '+':
			f.sign = '+'
			continue
		case ' ':
			if f.sign == 0 {
				f.sign = ' '
			}
			continue
		case '#':
			f.alt = true
			continue
		case '0':
			zero = true
			continue
		}
		break
	}
	if f.width, s, err = p.star(s); err != nil {
		return "", err
	}
	if f.width < -1 {
		f.align, f.width = '<', -f.width
	}
	f.width = max(f.width, 0)
	if strings.HasPrefix(s, ".") {
		if f.precision, s, err = p.star(s[1:]); err != nil {
			return "", err
		}
		f.precision = max(f.precision, 0)
	}
	s = strings.TrimLeft(s, "hlL")
	if s == "" {
		return "", Errorf(ValueError, "incomplete format")
	}
	r, n := utf8.DecodeRuneInString(s)
	rest = s[n:]
	if r == '%' {
		p.b.WriteByte('%')
		return rest, nil
	}
	if v == nil {
		if v, err = p.take(); err != nil {
			return "", err
		}
	}
	if !strings.ContainsRune("diouxXeEfFgGcrsab", r) {
		shown := r
		if r < ' ' || r >= utf8.RuneSelf-1 {
			shown = '?'
		}
		at := utf8.RuneCountInString(p.format) - utf8.RuneCountInString(s)
		return "", Errorf(ValueError, "unsupported format character '%c' (0x%x) at index %d", shown, r, at)
	}
	if zero && f.align == 0 {
		f.fill, f.align = '0', '='
	}
	text, err := p.convert(byte(r), v, f)
	p.b.WriteString(text)
	return rest, err
}

func (p *percent) convert(kind byte, v Value, f formatSpec) (string, error) {
	switch kind {
	case 's', 'r', 'a', 'b':
		if b, ok := v.(Bytes); ok && kind == 'b' {
			return string(b), nil
		}
		s, err := convert(p.th, v, kind)
		if err != nil {
			return "", err
		}
		if f.precision >= 0 {
			s = truncateRunes(s, f.precision)
		}
		if f.align == '=' {
			f.fill, f.align = ' ', '>'
		}
		return pad(p.th, "", s, f, '>')
	case 'c':
		if s, ok := AsStr(v); ok && utf8.RuneCountInString(s) == 1 {
			return pad(p.th, "", s, f, '>')
		}
		n, ok := AsInt(v)
		if !ok {
			return "", Errorf(TypeError, "%%c requires int or char")
		}
		if n < 0 || n > utf8.MaxRune {
			return "", Errorf(OverflowError, "%%c arg not in range(0x110000)")
		}
		return pad(p.th, "", string(rune(n)), f, '>')
	case 'e', 'E', 'f', 'F', 'g', 'G':
		if m := v.Class().Lookup("__float__"); m != nil && !isNumber(native(v)) {
			f, err := toFloatValue(p.th, v)
			if err != nil {
				return "", err
			}
			v = Float(f)
		}
		if !isNumber(native(v)) {
			return "", Errorf(TypeError, "must be real number, not %s", v.Class().Name)
		}
		x, err := toFloat(native(v))
		if err != nil {
			return "", err
		}
		f.kind = kind
		return formatFloat(p.th, x, f, v)
	}
	if m := v.Class().Lookup("__int__"); m != nil && !isNumber(native(v)) && strings.IndexByte("diu", kind) >= 0 {
		n, err := toInt(p.th, v)
		if err != nil {
			return "", err
		}
		v = n
	}
	n := native(v)
	if x, ok := n.(Float); ok && (kind == 'd' || kind == 'i' || kind == 'u') {
		var err error
		if n, err = FloatToInt(float64(x)); err != nil {
			return "", err
		}
	}
	if AsBig(n) == nil {
		need := "an integer"
		if kind == 'd' || kind == 'i' || kind == 'u' {
			need, kind = "a real number", 'd'
		}
		return "", Errorf(TypeError, "%%%c format: %s is required, not %s", kind, need, v.Class().Name)
	}
	f.kind = kind
	if kind == 'i' || kind == 'u' {
		f.kind = 'd'
	}
	if f.precision > 0 {
		return p.precise(n, f)
	}
	return padInt(p.th, AsBig(n), f)
}

// precise is `%.5d`: the precision is a least number of digits.
func (p *percent) precise(n Value, f formatSpec) (string, error) {
	digits := formatSpec{fill: '0', align: '=', width: f.precision, kind: f.kind, precision: -1}
	if AsBig(n).Sign() < 0 || f.sign != 0 {
		digits.width++
	}
	digits.sign, digits.alt = f.sign, f.alt
	s, err := padInt(p.th, AsBig(n), digits)
	if err != nil {
		return "", err
	}
	f.fill, f.kind = ' ', 0
	if f.align == '=' {
		f.align = '>'
	}
	return pad(p.th, "", s, f, '>')
}

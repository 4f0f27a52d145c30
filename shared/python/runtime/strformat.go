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
		end := closing(s[i+1:])
		if end < 0 {
			if i+1 == len(s) {
				return Errorf(ValueError, "Single '{' encountered in format string")
			}
			return unclosed(s[i+1:])
		}
		if err := f.field(s[i+1:i+1+end], depth); err != nil {
			return err
		}
		s = s[i+1+end+1:]
	}
	return nil
}

// unclosed is the error for a field that nothing ends.
func unclosed(field string) error {
	i := fieldEnd(field)
	switch {
	case i < 0:
		return Errorf(ValueError, "expected '}' before end of string")
	case field[i:] == "!":
		return Errorf(ValueError, "end of string while looking for conversion specifier")
	}
	return Errorf(ValueError, "unmatched '{' in format spec")
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

func (f *strFormat) field(text string, depth int) error {
	name, spec := text, ""
	conversion := byte(0)
	if i := fieldEnd(text); i >= 0 {
		name = text[:i]
		rest := text[i:]
		if rest[0] == '!' {
			if len(rest) < 2 || len(rest) > 2 && rest[2] != ':' {
				return Errorf(ValueError, "expected ':' after conversion specifier")
			}
			conversion, rest = rest[1], rest[2:]
			if strings.IndexByte("sra", conversion) < 0 {
				return Errorf(ValueError, "Unknown conversion specifier %c", conversion)
			}
		}
		spec = strings.TrimPrefix(rest, ":")
	}
	v, err := f.lookup(name)
	if err != nil {
		return err
	}
	if strings.ContainsAny(spec, "{}") {
		inner := &strFormat{th: f.th, a: f.a, auto: f.auto}
		if err := inner.expand(spec, depth+1); err != nil {
			return err
		}
		f.auto, spec = inner.auto, inner.b.String()
	}
	s, err := FormatValue(f.th, v, conversion, spec)
	if err != nil {
		return err
	}
	f.b.WriteString(s)
	return f.th.Alloc(len(s))
}

// fieldEnd is where a field's name ends: at ! or : outside brackets.
func fieldEnd(s string) int {
	inBrackets := false
	for i := range len(s) {
		switch s[i] {
		case '[':
			inBrackets = true
		case ']':
			inBrackets = false
		case '!', ':':
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
			if !ok {
				return nil, Errorf(ValueError, "expected '}' before end of string")
			}
			var k Value = Str(key)
			if n, err := strconv.ParseInt(key, 10, 64); err == nil && n >= 0 {
				k = NewInt(n)
			}
			if v, err = GetItem(f.th, v, k); err != nil {
				return nil, err
			}
			rest = tail
			continue
		}
		rest = rest[1:]
		end := strings.IndexAny(rest, ".[")
		if end < 0 {
			end = len(rest)
		}
		if v, err = GetAttr(f.th, v, rest[:end]); err != nil {
			return nil, err
		}
		rest = rest[end:]
	}
	return v, nil
}

func (f *strFormat) argument(name string) (Value, error) {
	n, err := strconv.Atoi(name)
	switch {
	case name == "":
		if f.auto < 0 {
			return nil, Errorf(ValueError, "cannot switch from manual field specification to automatic field numbering")
		}
		n = f.auto
		f.auto++
	case err == nil:
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
	if n < 0 || n >= f.a.NPos() {
		return nil, Errorf(IndexError, "Replacement index %d out of range for positional args tuple", n)
	}
	return f.a.Vals[n], nil
}

// percent is the state of a `%` formatting.
type percent struct {
	th    *Thread
	args  []Value
	next  int
	one   Value // the operand itself
	keyed bool
	b     strings.Builder
}

// percentFormat is `format % operand`.
func percentFormat(th *Thread, format string, operand Value) (string, error) {
	p := &percent{th: th, one: operand, args: []Value{operand}}
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
		key, tail, ok := strings.Cut(s[1:], ")")
		if !ok {
			return "", Errorf(ValueError, "incomplete format key")
		}
		d, ok := native(p.one).(*Dict)
		if !ok {
			return "", Errorf(TypeError, "format requires a mapping")
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
	if !strings.ContainsRune("diouxXeEfFgGcrsab", r) {
		return "", Errorf(ValueError, "unsupported format character '%c' (%#x) at index %d", r, r, 0)
	}
	if v == nil {
		if v, err = p.take(); err != nil {
			return "", err
		}
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

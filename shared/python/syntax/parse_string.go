package syntax

import "strings"

// strings parses string literals that stand next to each other as one.
func (p *parser) strings() Expr {
	start := p.start()
	var j joiner
	var data Bytes
	hasBytes, hasText := false, false
	for p.atKind(stringLit) || p.atKind(fstringStart) {
		t := p.tok()
		prefix, isBytes := "", false
		if t.kind == stringLit {
			prefix, _ = stringBody(t.text)
			isBytes = strings.Contains(prefix, "b")
		}
		hasBytes, hasText = hasBytes || isBytes, hasText || !isBytes
		if hasBytes && hasText {
			p.fail(Span{start, t.End}, "cannot mix bytes and nonbytes literals")
		}
		switch {
		case t.kind == fstringStart:
			p.fstring(&j)
		case isBytes:
			_, body := stringBody(p.next().text)
			data += p.bytes(t, body, strings.Contains(prefix, "r"))
		default:
			_, body := stringBody(p.next().text)
			if !strings.Contains(prefix, "r") {
				body = p.text(t, body)
			}
			j.text(t.Span, body)
		}
	}
	span := p.since(start)
	switch {
	case hasBytes:
		return &Constant{span, data}
	case j.formatted:
		return &JoinedStr{span, j.flush()}
	}
	return &Constant{span, j.pending.String()}
}

// A joiner collects the values of a JoinedStr and melts neighbouring text together.
type joiner struct {
	values    []Expr
	formatted bool // an f-string took part
	pending   strings.Builder
	span      Span // of pending
}

func (j *joiner) text(at Span, s string) {
	if s == "" {
		return
	}
	if j.pending.Len() == 0 {
		j.span.Start = at.Start
	}
	j.span.End = at.End
	j.pending.WriteString(s)
}

func (j *joiner) value(v Expr) { j.values = append(j.flush(), v) }

// flush returns the values so far.
func (j *joiner) flush() []Expr {
	if j.pending.Len() > 0 {
		j.values = append(j.values, &Constant{j.span, j.pending.String()})
		j.pending.Reset()
	}
	return j.values
}

// fstring parses one f-string into j.
func (p *parser) fstring(j *joiner) {
	defer p.nest()()
	j.formatted = true
	raw := strings.ContainsAny(p.next().text, "rR")
	p.fstringParts(j, raw, false)
	p.next() // the scanner saw to it that this is the end
}

// fstringParts parses text and replacement fields.
func (p *parser) fstringParts(j *joiner, raw, spec bool) {
	for {
		switch t := p.tok(); {
		case t.kind == fstringMiddle:
			s := p.next().text
			if !spec {
				s = strings.NewReplacer("{{", "{", "}}", "}").Replace(s)
			}
			if !raw {
				s = p.text(t, s)
			}
			j.text(t.Span, s)
		case t.is("{"):
			p.field(j, raw)
		default:
			return
		}
	}
}

// field parses a replacement field.
func (p *parser) field(j *joiner, raw bool) {
	defer p.nest()()
	open := p.next()
	if p.atAny("}", ":", "!", "=") {
		p.fail(p.tok(), "f-string: empty expression not allowed")
	}
	f := &FormattedValue{Value: p.yieldOrExpressions()}
	if s, ok := f.Value.(*Starred); ok {
		p.fail(s, "f-string: cannot use starred expression here")
	}
	if p.at("=") {
		equals := p.next()
		after := p.tok()
		text := p.source(open, after)[1:]
		j.text(Span{open.End, equals.End}, text)
		if !p.atAny("!", ":") {
			f.Conversion = 'r'
		}
	}
	if p.eat("!") {
		f.Conversion = p.conversion()
	}
	if p.at(":") {
		start := p.next().End
		var inner joiner
		p.fstringParts(&inner, raw, true)
		f.Spec = &JoinedStr{Span{start, p.start()}, inner.flush()}
	}
	if !p.at("}") {
		p.missingComma()
		p.fail(p.tok(), "f-string: invalid syntax")
	}
	p.next()
	f.Span = p.since(open.Start)
	j.value(f)
}

// conversion parses the letter behind `!`.
func (p *parser) conversion() byte {
	t := p.tok()
	if t.kind == name {
		switch t.text {
		case "s", "r", "a":
			p.next()
			return t.text[0]
		}
	}
	p.fail(t, "f-string: invalid conversion character: expected 's', 'r', or 'a'")
	return 0
}

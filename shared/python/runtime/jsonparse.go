package runtime

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth bounds nesting, as CPython's recursion limit does.
const maxJSONDepth = 900

// JSONDecodeError is json.JSONDecodeError.
var JSONDecodeError = NewExceptionClass("json.decoder", "JSONDecodeError", ValueError)

// ParseJSON turns a body straight into values. It keeps the body, as a string, as
// long as one of its strings lives. The error is a JSONDecodeError with msg, doc, pos,
// lineno and colno, or a MemoryError, or a RecursionError.
func ParseJSON(th *Thread, body []byte) (Value, error) {
	if err := th.Alloc(len(body)); err != nil {
		return nil, err
	}
	return parseJSON(th, string(body), true)
}

// ParseJSONString is ParseJSON of a string.
func ParseJSONString(th *Thread, s string) (Value, error) { return parseJSON(th, s, false) }

// JSONHooks make the numbers of a document; a nil one leaves them as they are.
type JSONHooks struct {
	Float, Int, Constant Value // called with the text
}

// ParseJSONHooked is ParseJSONString with hooks.
func ParseJSONHooked(th *Thread, s string, hooks JSONHooks) (Value, error) {
	p := jsonParser{th: th, s: s, hooks: &hooks, jsonRoom: &jsonRoom{}} // of its own: a hook may parse, too
	p.space()
	v, err := p.value(0)
	if err != nil {
		return nil, err
	}
	if p.space(); p.i < len(p.s) {
		return nil, p.fail("Extra data", p.i)
	}
	return v, nil
}

func parseJSON(th *Thread, s string, lazy bool) (Value, error) {
	p := jsonParser{th: th, s: s, lazy: lazy, jsonRoom: &th.room}
	p.space()
	v, err := p.value(0)
	th.room.clear()
	if err != nil {
		return nil, err
	}
	p.space()
	if p.i < len(p.s) {
		return nil, p.fail("Extra data", p.i)
	}
	return v, nil
}

// JSONPart is how many bytes of a long document are read between two charges of work, which
// look at the cancel signal; who parses pays for the first part.
const JSONPart = 64 << 10

type jsonParser struct {
	th    *Thread // nil: everything has been charged
	s     string
	i     int
	part  int  // where the part that is read began
	lazy  bool // objects within are left as they are until somebody asks for them
	hooks *JSONHooks

	*jsonRoom // nil for a scalar
}

// hook calls the hook for what begins at start, if there is one.
func (p *jsonParser) hook(start int, which func(*JSONHooks) Value) (v Value, called bool, err error) {
	if p.hooks == nil || which(p.hooks) == nil {
		return nil, false, nil
	}
	v, err = Call(p.th, which(p.hooks), Str(p.s[start:p.i]))
	return v, true, err
}

// A jsonRoom holds what is known of the objects and arrays that are open.
type jsonRoom struct {
	members []entry
	items   []Value
}

// keptRoom is how many members and items of it a thread keeps for the next document.
const keptRoom = 128

// clear makes the room ready for the next document.
func (r *jsonRoom) clear() {
	clear(r.members)
	clear(r.items)
	r.members, r.items = r.members[:0], r.items[:0]
	if cap(r.members) > keptRoom || cap(r.items) > keptRoom {
		*r = jsonRoom{}
	}
}

// fail makes the error for byte position at.
func (p *jsonParser) fail(msg string, at int) error {
	before := p.s[:min(at, len(p.s))]
	line := strings.Count(before, "\n") + 1
	pos := utf8.RuneCountInString(before)
	col := utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
	e := Errorf(JSONDecodeError, "%s: line %d column %d (char %d)", msg, line, col, pos)
	e.set("msg", Str(msg))
	e.set("doc", Str(p.s))
	e.set("pos", NewInt(int64(pos)))
	e.set("lineno", NewInt(int64(line)))
	e.set("colno", NewInt(int64(col)))
	return e
}

func (p *jsonParser) space() {
	for p.i < len(p.s) && p.s[p.i] <= ' ' {
		switch p.s[p.i] {
		case ' ', '\t', '\n', '\r':
			p.i++
		default:
			return
		}
	}
}

func (p *jsonParser) value(depth int) (Value, error) {
	if n := p.i - p.part; n > JSONPart && p.th != nil {
		p.part = p.i
		if err := p.th.work(n << 4); err != nil {
			return nil, err
		}
	}
	if p.i >= len(p.s) {
		return nil, p.fail("Expecting value", p.i)
	}
	switch c := p.s[p.i]; {
	case c == '"':
		s, err := p.text()
		return Str(s), err
	case c == '{' && p.lazy:
		return p.lazyObject(depth + 1)
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	for _, w := range jsonWords {
		if strings.HasPrefix(p.s[p.i:], w.text) {
			p.i += len(w.text)
			if w.text[0] < 'a' { // NaN and Infinity, which JSON does not have
				if v, called, err := p.hook(p.i-len(w.text), func(h *JSONHooks) Value { return h.Constant }); called {
					return v, err
				}
			}
			return w.v, nil
		}
	}
	return nil, p.fail("Expecting value", p.i)
}

var jsonWords = []struct {
	text string
	v    Value
}{
	{"true", True}, {"false", False}, {"null", None}, {"NaN", nanValue}, {"Infinity", infValue},
}

// charge charges count values of size bytes.
func (p *jsonParser) charge(count, size int) error {
	if p.th == nil {
		return nil
	}
	return p.th.AllocMany(count, size)
}

func (p *jsonParser) deep(depth int) error {
	if depth > maxJSONDepth {
		return Errorf(RecursionError, "maximum recursion depth exceeded while decoding a JSON document")
	}
	return p.charge(1, 64)
}

func (p *jsonParser) object(depth int) (Value, error) {
	if err := p.deep(depth); err != nil {
		return nil, err
	}
	from := len(p.members)
	p.i++
	p.space()
	if p.i < len(p.s) && p.s[p.i] == '}' {
		p.i++
		return NewDict(), nil
	}
	for {
		if p.i >= len(p.s) || p.s[p.i] != '"' {
			return nil, p.fail("Expecting property name enclosed in double quotes", p.i)
		}
		key, err := p.text()
		if err != nil {
			return nil, err
		}
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ':' {
			return nil, p.fail("Expecting ':' delimiter", p.i)
		}
		p.i++
		p.space()
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		p.member(from, p.th.boxKey(key), v)
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ',' {
			break
		}
		p.i++
		p.space()
	}
	if p.i >= len(p.s) || p.s[p.i] != '}' {
		return nil, p.fail("Expecting ',' delimiter", p.i)
	}
	p.i++
	return p.dict(from)
}

// member adds a member to the object whose members stand from from. In a small one a name
// that comes again takes the place of the first; a large one is looked through in the end.
func (p *jsonParser) member(from int, key, v Value) {
	if open := p.members[from:]; len(open) < linearMax {
		name := key.(Str)
		for i := range open {
			if open[i].key.(Str) == name {
				open[i].val = v
				return
			}
		}
	}
	p.members = append(p.members, entry{key: key, val: v})
}

// dict makes a dict of the members that stand from from.
func (p *jsonParser) dict(from int) (Value, error) {
	open := p.members[from:]
	if err := p.charge(len(open), dictEntryBytes); err != nil {
		return nil, err
	}
	d := newDictSize(len(open))
	if len(open) <= linearMax {
		d.entries, d.live = append(d.entries, open...), len(open)
	} else {
		for i := range open {
			if err := d.setKey(p.th, open[i].key, open[i].val); err != nil {
				return nil, err
			}
		}
	}
	clear(open)
	p.members = p.members[:from]
	return d, nil
}

// boxKey boxes a key of an object; the same few keys come again with every body.
func (th *Thread) boxKey(key string) Value {
	if th == nil || len(key) == 0 || len(key) > 32 {
		return Str(key)
	}
	at := &th.keys[(int(key[0])*7+int(key[len(key)-1])*3+len(key))%len(th.keys)]
	if s, ok := (*at).(Str); ok && string(s) == key {
		return *at
	}
	*at = Str(strings.Clone(key)) // not a part of the body, which would live as long
	return *at
}

func (p *jsonParser) array(depth int) (Value, error) {
	if err := p.deep(depth); err != nil {
		return nil, err
	}
	from := len(p.items)
	p.i++
	p.space()
	if p.i < len(p.s) && p.s[p.i] == ']' {
		p.i++
		return &List{}, nil
	}
	for {
		v, err := p.value(depth)
		if err != nil {
			return nil, err
		}
		p.items = append(p.items, v)
		p.space()
		if p.i >= len(p.s) || p.s[p.i] != ',' {
			break
		}
		p.i++
		p.space()
	}
	if p.i >= len(p.s) || p.s[p.i] != ']' {
		return nil, p.fail("Expecting ',' delimiter", p.i)
	}
	p.i++
	open := p.items[from:]
	if err := p.charge(len(open), 40); err != nil {
		return nil, err
	}
	l := newListSize(len(open))
	l.items = append(l.items, open...)
	clear(open)
	p.items = p.items[:from]
	return l, nil
}

func (p *jsonParser) number() (Value, error) {
	start, whole := p.i, true
	digits := func() bool {
		from := p.i
		for p.i < len(p.s) && p.s[p.i] >= '0' && p.s[p.i] <= '9' {
			p.i++
		}
		return p.i > from
	}
	if p.s[p.i] == '-' {
		p.i++
		if strings.HasPrefix(p.s[p.i:], "Infinity") {
			p.i += len("Infinity")
			if v, called, err := p.hook(start, func(h *JSONHooks) Value { return h.Constant }); called {
				return v, err
			}
			return -infValue.(Float), nil
		}
	}
	if p.i < len(p.s) && p.s[p.i] == '0' {
		p.i++
	} else if !digits() {
		p.i = start
		return nil, p.fail("Expecting value", start)
	}
	if end := p.i; p.i < len(p.s) && p.s[p.i] == '.' {
		if p.i++; digits() {
			whole = false
		} else {
			p.i = end
		}
	}
	if end := p.i; p.i < len(p.s) && p.s[p.i]|0x20 == 'e' {
		p.i++
		if p.i < len(p.s) && (p.s[p.i] == '+' || p.s[p.i] == '-') {
			p.i++
		}
		if digits() {
			whole = false
		} else {
			p.i = end
		}
	}
	if p.hooks != nil {
		if v, called, err := p.hook(start, func(h *JSONHooks) Value {
			if whole {
				return h.Int
			}
			return h.Float
		}); called {
			return v, err
		}
	}
	text := p.s[start:p.i]
	if whole && len(text) < 19 { // fits an int64
		n := int64(0)
		for _, c := range []byte(strings.TrimPrefix(text, "-")) {
			n = 10*n + int64(c-'0')
		}
		if text[0] == '-' {
			n = -n
		}
		return NewInt(n), nil
	}
	if whole {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return NewInt(n), nil
		}
		if len(text) > maxDigits {
			return parseInt(text, 10, text)
		}
		n, _ := new(big.Int).SetString(text, 10)
		return NewBigInt(n), nil
	}
	f, _ := strconv.ParseFloat(text, 64) // beyond the range is inf, as in CPython
	return Float(f), nil
}

// text reads a string; without escapes it is a part of the body.
func (p *jsonParser) text() (string, error) {
	start := p.i
	p.i++
	all := byte(0)
	for j := p.i; j < len(p.s); j++ {
		c := p.s[j]
		all |= c
		switch {
		case c == '"':
			s := p.s[p.i:j]
			p.i = j + 1
			if all >= utf8.RuneSelf {
				s = strings.ToValidUTF8(s, "\uFFFD")
			}
			return s, nil
		case c == '\\':
			return p.escaped(start)
		case c < ' ':
			return "", p.fail("Invalid control character at", j)
		}
	}
	return "", p.fail("Unterminated string starting at", start)
}

// jsonEscapes are the characters that a backslash and a letter stand for, but for \uXXXX.
var jsonEscapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (p *jsonParser) escaped(start int) (string, error) {
	var b []byte
	for p.i < len(p.s) {
		c := p.s[p.i]
		switch {
		case c == '"':
			p.i++
			return strings.ToValidUTF8(string(b), "\uFFFD"), p.charge(len(b), 1)
		case c < ' ':
			return "", p.fail("Invalid control character at", p.i)
		case c != '\\':
			b = append(b, c)
			p.i++
			continue
		}
		if p.i+1 >= len(p.s) {
			break
		}
		e := p.s[p.i+1]
		if e == 'u' {
			r, err := p.unicode()
			if err != nil {
				return "", err
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		plain := jsonEscapes[e]
		if plain == 0 {
			return "", p.fail("Invalid \\escape", p.i)
		}
		b = append(b, plain)
		p.i += 2
	}
	return "", p.fail("Unterminated string starting at", start)
}

// unicode reads \uXXXX, or two of them for one character.
func (p *jsonParser) unicode() (rune, error) {
	hex4 := func(at int) (rune, bool) {
		if at+6 > len(p.s) || p.s[at] != '\\' || p.s[at+1] != 'u' {
			return 0, false
		}
		n, err := strconv.ParseUint(p.s[at+2:at+6], 16, 16)
		return rune(n), err == nil
	}
	r, ok := hex4(p.i)
	if !ok {
		return 0, p.fail("Invalid \\uXXXX escape", p.i+1)
	}
	p.i += 6
	if utf16.IsSurrogate(r) {
		if low, ok := hex4(p.i); ok {
			if both := utf16.DecodeRune(r, low); both != utf8.RuneError {
				p.i += 6
				return both, nil
			}
		}
	}
	return r, nil
}

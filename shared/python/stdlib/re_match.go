package stdlib

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// match is re.Match.
type match struct {
	p        *pattern
	s        *subject
	bounds   []int // of the whole and of each group, in bytes; -1 for one that did not match
	from, to int   // the window that was searched
}

var matchClass = runtime.NewNativeClass("re", "re.Match", matchMembers())

// Class implements runtime.Value.
func (*match) Class() *runtime.Class { return matchClass }

// PublishTo leads to what was searched, which may be an instance.
func (m *match) PublishTo(queue []value) []value { return append(queue, m.s.value) }

// group is a group's text, def when it did not match.
func (m *match) group(i int, def value) value {
	if m.bounds[2*i] < 0 {
		return def
	}
	return m.s.part(m.bounds[2*i], m.bounds[2*i+1])
}

// number finds a group by number or name.
func (m *match) number(key value) (int, error) {
	if s, ok := runtime.AsStr(key); ok {
		if i := slices.Index(m.p.groups, s); i >= 0 && s != "" {
			return i + 1, nil
		}
		return 0, noSuchGroup()
	}
	n, err := runtime.Index(key)
	if err != nil || n < 0 || n > int64(len(m.p.groups)) {
		return 0, noSuchGroup()
	}
	return int(n), nil
}

func noSuchGroup() error { return runtime.Errorf(runtime.IndexError, "no such group") }

// span is where a group stands, in characters, -1 when it did not match.
func (m *match) span(th *thread, i int) (start, end int, err error) {
	if m.bounds[2*i] < 0 {
		return -1, -1, nil
	}
	if err := th.Work(m.bounds[2*i+1]); err != nil {
		return 0, 0, err
	}
	start = m.s.index(m.bounds[2*i])
	return start, m.s.index(m.bounds[2*i+1]), nil
}

// lastGroup is the number of the group that closed last, 0 without one.
func (m *match) lastGroup() int {
	last := 0
	for i := 1; i < len(m.bounds)/2; i++ {
		end := m.bounds[2*i+1]
		if end < 0 {
			continue
		}
		closed := m.p.closed
		if last == 0 || end > m.bounds[2*last+1] || end == m.bounds[2*last+1] && closed[i-1] > closed[last-1] {
			last = i
		}
	}
	return last
}

func (m *match) groups(def value) []value {
	vs := make([]value, len(m.p.groups))
	for i := range vs {
		vs[i] = m.group(i+1, def)
	}
	return vs
}

func matchMembers() runtime.Members {
	place := func(name string, pick func(start, end int) value) *runtime.Native {
		return method(name+"(self, group=0, /)", func(th *thread, self value, a []value) (value, error) {
			m := self.(*match)
			i, err := m.number(a[0])
			if err != nil {
				return nil, err
			}
			start, end, err := m.span(th, i)
			return pick(start, end), err
		})
	}
	return runtime.Members{
		"group": runtime.NewRaw("group", func(_ *thread, a args) (value, error) { return a.Vals[0].(*match).several(a) }),
		"groups": method("groups(self, default=None)", func(th *thread, self value, a []value) (value, error) {
			m := self.(*match)
			return runtime.NewTuple(m.groups(a[0])...), th.AllocMany(len(m.bounds), 16)
		}),
		"groupdict": method("groupdict(self, default=None)", func(th *thread, self value, a []value) (value, error) {
			d := runtime.NewDict()
			m := self.(*match)
			for i, name := range m.p.groups {
				if name != "" {
					d.SetStr(name, m.group(i+1, a[0]))
				}
			}
			return d, th.AllocMany(len(m.bounds), 64)
		}),
		"start": place("start", func(start, _ int) value { return runtime.NewInt(int64(start)) }),
		"end":   place("end", func(_, end int) value { return runtime.NewInt(int64(end)) }),
		"span":  place("span", pair),
		"expand": method("expand(self, template)", func(th *thread, self value, a []value) (value, error) {
			m := self.(*match)
			replace, err := m.p.replacement(th, a[0])
			if err != nil {
				return nil, err
			}
			text, err := replace(m)
			if m.s.bytes {
				return runtime.Bytes(narrow(text)), err
			}
			return runtime.Str(text), err
		}),
		"re":     attribute("re", func(m *match) value { return m.p }),
		"string": attribute("string", func(m *match) value { return m.s.value }),
		"pos":    attribute("pos", func(m *match) value { return runtime.NewInt(int64(m.s.index(m.from))) }),
		"endpos": attribute("endpos", func(m *match) value { return runtime.NewInt(int64(m.s.index(m.to))) }),
		"lastindex": attribute("lastindex", func(m *match) value {
			if i := m.lastGroup(); i > 0 {
				return runtime.NewInt(int64(i))
			}
			return runtime.None
		}),
		"lastgroup": attribute("lastgroup", func(m *match) value {
			if i := m.lastGroup(); i > 0 && m.p.groups[i-1] != "" {
				return runtime.Str(m.p.groups[i-1])
			}
			return runtime.None
		}),
		"regs": &runtime.Getter{Name: "regs", Get: func(th *thread, self value) (value, error) {
			m := self.(*match)
			vs := make([]value, len(m.bounds)/2)
			for i := range vs {
				start, end, err := m.span(th, i)
				if err != nil {
					return nil, err
				}
				vs[i] = pair(start, end)
			}
			return runtime.NewTuple(vs...), nil
		}},
	}
}

func pair(start, end int) value {
	return runtime.NewTuple(runtime.NewInt(int64(start)), runtime.NewInt(int64(end)))
}

// several is group(): the whole, one group, or a tuple of groups.
func (m *match) several(a args) (value, error) {
	if len(a.Names) > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "group() takes no keyword arguments")
	}
	keys := a.Vals[1:]
	if len(keys) == 0 {
		return m.group(0, runtime.None), nil
	}
	vs := make([]value, len(keys))
	for i, key := range keys {
		n, err := m.number(key)
		if err != nil {
			return nil, err
		}
		vs[i] = m.group(n, runtime.None)
	}
	if len(vs) == 1 {
		return vs[0], nil
	}
	return runtime.NewTuple(vs...), nil
}

// GetItem is m[group].
func (m *match) GetItem(_ *thread, key value) (value, error) {
	i, err := m.number(key)
	if err != nil {
		return nil, err
	}
	return m.group(i, runtime.None), nil
}

// Repr shows the place and the beginning of the match.
func (m *match) Repr(th *thread) (string, error) {
	start, end, err := m.span(th, 0)
	if err != nil {
		return "", err
	}
	text, err := runtime.Repr(th, m.group(0, runtime.None))
	if err != nil {
		return "", err
	}
	const shown = 50
	if r := []rune(text); len(r) > shown {
		text = string(r[:shown])
	}
	return fmt.Sprintf("<re.Match object; span=(%d, %d), match=%s>", start, end, text), nil
}

// template is a replacement text: literals with groups between them.
type template struct {
	literals []string
	groups   []int // one fewer
}

func (t *template) fill(th *thread, m *match) (string, error) {
	var b strings.Builder
	for i, literal := range t.literals {
		if i > 0 {
			if n := t.groups[i-1]; m.bounds[2*n] >= 0 {
				literal = m.s.text[m.bounds[2*n]:m.bounds[2*n+1]] + literal
			}
		}
		if err := th.AllocMany(len(literal), 2); err != nil {
			return "", err
		}
		b.WriteString(literal)
	}
	return b.String(), nil
}

// template reads a replacement text.
func (p *pattern) template(th *thread, text string) (t *template, err error) {
	if err := th.AllocMany(len(text), 8); err != nil {
		return nil, err
	}
	r := &templateReader{p: p, text: []rune(text)}
	defer func() {
		if e, ok := r.failed(recover()); ok {
			t, err = nil, e.raise(th, runtime.Str(text))
		}
	}()
	return r.read()
}

// templateReader reads a replacement text; it panics with a *patternError.
type templateReader struct {
	p       *pattern
	text    []rune
	at      int
	literal strings.Builder
	out     template
	unknown string // a group name that the pattern does not have
}

// failed tells what a panic of the reader means; other panics go on.
func (*templateReader) failed(v any) (*patternError, bool) {
	if v == nil {
		return nil, false
	}
	e, ok := v.(*patternError)
	if !ok {
		panic(v)
	}
	return e, true
}

func (r *templateReader) fail(at int, format string, args ...any) {
	panic(&patternError{msg: fmt.Sprintf(format, args...), pos: at})
}

func (r *templateReader) read() (*template, error) {
	for r.at < len(r.text) {
		c := r.text[r.at]
		r.at++
		if c != '\\' {
			r.literal.WriteRune(c)
			continue
		}
		r.escape(r.at - 1)
		if r.unknown != "" {
			return nil, runtime.Errorf(runtime.IndexError, "unknown group name %s", quoted(r.unknown))
		}
	}
	r.out.literals = append(r.out.literals, r.literal.String())
	return &r.out, nil
}

func (r *templateReader) group(number, at int) {
	if number > len(r.p.groups) {
		r.fail(at, "invalid group reference %d", number)
	}
	r.out.literals = append(r.out.literals, r.literal.String())
	r.out.groups = append(r.out.groups, number)
	r.literal.Reset()
}

func (r *templateReader) escape(from int) {
	if r.at == len(r.text) {
		r.fail(from, "bad escape (end of pattern)")
	}
	c := r.text[r.at]
	r.at++
	switch {
	case c == 'g':
		r.named()
	case c == '0':
		r.octal(from, 2)
	case c >= '1' && c <= '9':
		r.numbered(from)
	case simpleEscapes[c] != 0:
		r.literal.WriteRune(simpleEscapes[c])
	case c == 'b':
		r.literal.WriteRune('\b')
	case c < 0x80 && (c|0x20 >= 'a' && c|0x20 <= 'z'):
		r.fail(from, `bad escape \%c`, c)
	default:
		r.literal.WriteString(`\` + string(c))
		if c == '\\' {
			s := r.literal.String()
			r.literal.Reset()
			r.literal.WriteString(s[:len(s)-1])
		}
	}
}

// octal reads up to count digits more; the first stands at from+1.
func (r *templateReader) octal(from, count int) {
	n := r.text[from+1] - '0'
	for range count {
		if r.at < len(r.text) && r.text[r.at] >= '0' && r.text[r.at] <= '7' {
			n = n*8 + r.text[r.at] - '0'
			r.at++
		}
	}
	if n > 0o377 {
		r.fail(from, `octal escape value \%s outside of range 0-0o377`, string(r.text[from+1:r.at]))
	}
	r.literal.WriteRune(n)
}

// numbered reads \1 to \99 or three octal digits.
func (r *templateReader) numbered(from int) {
	digit := func(i int, most rune) bool { return i < len(r.text) && r.text[i] >= '0' && r.text[i] <= most }
	if digit(from+1, '7') && digit(from+2, '7') && digit(from+3, '7') {
		r.octal(from, 2)
		return
	}
	if digit(r.at, '9') {
		r.at++
	}
	n, err := strconv.Atoi(string(r.text[from+1 : r.at]))
	if err != nil {
		r.fail(from+1, "bad group number")
	}
	r.group(n, from+1)
}

// named reads \g<name> or \g<number>, after the g.
func (r *templateReader) named() {
	if r.at == len(r.text) || r.text[r.at] != '<' {
		r.fail(r.at, "missing <")
	}
	r.at++
	start := r.at
	end := slices.Index(r.text[start:], '>')
	if end < 0 {
		if start == len(r.text) {
			r.fail(start, "missing group name")
		}
		r.fail(start, "missing >, unterminated name")
	}
	name := string(r.text[start : start+end])
	r.at = start + end + 1
	if n, err := strconv.Atoi(name); err == nil && n >= 0 {
		r.group(n, start)
		return
	}
	switch i := slices.Index(r.p.groups, name); {
	case name == "":
		r.fail(start, "missing group name")
	case !isIdentifier(name):
		r.fail(start, "bad character in group name %s", quoted(name))
	case i < 0:
		r.unknown = name
	default:
		r.group(i+1, start)
	}
}

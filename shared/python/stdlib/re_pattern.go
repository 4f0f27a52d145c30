package stdlib

import (
	"math"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// pattern is re.Pattern.
type pattern struct {
	*program
	source value // Str or Bytes
}

// subject is a text to be searched. Bytes are searched as characters below 256.
type subject struct {
	value value
	text  string
	bytes bool
	ascii bool // indices are those of text
}

var patternClass = runtime.NewNativeClass("re", "re.Pattern", patternMembers())

// Class implements runtime.Value.
func (*pattern) Class() *runtime.Class { return patternClass }

func (p *pattern) isBytes() bool {
	_, ok := p.source.(runtime.Bytes)
	return ok
}

// subjectOf makes v searchable.
func (p *pattern) subjectOf(th *thread, v value) (*subject, error) {
	data := runtime.Data(v)
	if b, ok := data.(runtime.Bytes); ok {
		if !p.isBytes() {
			return nil, runtime.Errorf(runtime.TypeError, "cannot use a string pattern on a bytes-like object")
		}
		text, err := widen(th, string(b))
		return &subject{value: v, text: text, bytes: true, ascii: len(text) == len(b)}, err
	}
	s, ok := data.(runtime.Str)
	switch {
	case !ok:
		return nil, runtime.Errorf(runtime.TypeError, "expected string or bytes-like object, got '%s'", v.Class().Name)
	case p.isBytes():
		return nil, runtime.Errorf(runtime.TypeError, "cannot use a bytes pattern on a string-like object")
	}
	if err := th.Work(len(s)); err != nil {
		return nil, err
	}
	return &subject{value: v, text: string(s), ascii: utf8.RuneCountInString(string(s)) == len(s)}, nil
}

// widen makes a character of each byte.
func widen(th *thread, b string) (string, error) {
	if err := th.Work(len(b)); err != nil {
		return "", err
	}
	plain := true
	for i := range len(b) {
		plain = plain && b[i] < utf8.RuneSelf
	}
	if plain {
		return b, nil
	}
	if err := th.AllocMany(len(b), 2); err != nil {
		return "", err
	}
	var out strings.Builder
	for i := range len(b) {
		out.WriteRune(rune(b[i]))
	}
	return out.String(), nil
}

// narrow is the bytes that widen made characters of.
func narrow(s string) string {
	b := make([]byte, 0, len(s))
	for _, r := range s {
		b = append(b, byte(r))
	}
	return string(b)
}

// part is a piece of the text as scripts see it.
func (s *subject) part(from, to int) value {
	text := s.text[from:to]
	if !s.bytes {
		return runtime.Str(text)
	}
	if !s.ascii {
		text = narrow(text)
	}
	return runtime.Bytes(text)
}

// empty is the text that stands for a group that did not match.
func (s *subject) empty() value { return s.part(0, 0) }

// index is the place of a byte in characters.
func (s *subject) index(at int) int {
	if s.ascii {
		return at
	}
	return utf8.RuneCountInString(s.text[:at])
}

// offset is the byte at which a character begins; places outside are brought inside.
func (s *subject) offset(index int) int {
	if index <= 0 {
		return 0
	}
	if s.ascii {
		return min(index, len(s.text))
	}
	for at := range s.text {
		if index == 0 {
			return at
		}
		index--
	}
	return len(s.text)
}

// window is what pos and endpos leave of the text, in bytes.
func (s *subject) window(a []value) (from, to int, err error) {
	to = len(s.text)
	for i, v := range a {
		n, err := runtime.Index(v)
		if err != nil {
			return 0, 0, err
		}
		if i == 0 {
			from = s.offset(int(n))
		} else if n < math.MaxInt32 {
			to = s.offset(int(n))
		}
	}
	return from, to, nil
}

func patternMembers() runtime.Members {
	find := func(name string, kind matchKind) *runtime.Native {
		return method(name+"(self, string, pos=0, endpos=9223372036854775807)", func(th *thread, self value, a []value) (value, error) {
			p := self.(*pattern)
			s, err := p.subjectOf(th, a[0])
			if err != nil {
				return nil, err
			}
			return p.match(th, s, kind, a[1:])
		})
	}
	return runtime.Members{
		"search": find("search", searching), "match": find("match", matching), "fullmatch": find("fullmatch", fullMatching),
		"findall": method("findall(self, string, pos=0, endpos=9223372036854775807)", func(th *thread, self value, a []value) (value, error) {
			return self.(*pattern).findAll(th, a)
		}),
		"finditer": method("finditer(self, string, pos=0, endpos=9223372036854775807)", func(th *thread, self value, a []value) (value, error) {
			return self.(*pattern).findIter(th, a)
		}),
		"split": method("split(self, string, maxsplit=0)", func(th *thread, self value, a []value) (value, error) {
			return self.(*pattern).split(th, a)
		}),
		"sub": method("sub(self, repl, string, count=0)", func(th *thread, self value, a []value) (value, error) {
			v, _, err := self.(*pattern).substitute(th, a)
			return v, err
		}),
		"subn": method("subn(self, repl, string, count=0)", func(th *thread, self value, a []value) (value, error) {
			v, n, err := self.(*pattern).substitute(th, a)
			return runtime.NewTuple(v, runtime.NewInt(int64(n))), err
		}),
		"pattern": attribute("pattern", func(p *pattern) value { return p.source }),
		"flags":   attribute("flags", func(p *pattern) value { return runtime.NewInt(int64(p.flags)) }),
		"groups":  attribute("groups", func(p *pattern) value { return runtime.NewInt(int64(len(p.groups))) }),
		"groupindex": attribute("groupindex", func(p *pattern) value {
			d := runtime.NewDict()
			for i, name := range p.groups {
				if name != "" {
					d.SetStr(name, runtime.NewInt(int64(i+1)))
				}
			}
			return d
		}),
	}
}

// match is one search; window are pos and endpos.
func (p *pattern) match(th *thread, s *subject, kind matchKind, window []value) (value, error) {
	from, to, err := s.window(window)
	if err != nil {
		return nil, err
	}
	if from > to {
		return runtime.None, nil
	}
	if err := th.Work(matchWork); err != nil {
		return nil, err
	}
	found, err := p.find(th, s.text[:to], from, kind)
	if err != nil {
		return nil, err
	}
	if found == nil {
		return runtime.None, nil
	}
	return &match{p, s, found, from, to}, th.Alloc(8*len(found) + 64)
}

// A scanner gives the matches of a text one after the other. After an empty match the
// next one begins a character later.
type scanner struct {
	p        *pattern
	s        *subject
	from, to int // the window
	at       int // where the next search begins; beyond to at the end
}

func (p *pattern) scan(th *thread, v value, window []value) (*scanner, error) {
	s, err := p.subjectOf(th, v)
	if err != nil {
		return nil, err
	}
	from, to, err := s.window(window)
	return &scanner{p, s, from, to, from}, err
}

// matchWork is that of a search beyond the characters: 24 steps.
const matchWork = 24 << 10

func (c *scanner) next(th *thread) ([]int, error) {
	if c.at > c.to {
		return nil, nil
	}
	if err := th.Work(matchWork); err != nil {
		return nil, err
	}
	found, err := c.p.find(th, c.s.text[:c.to], c.at, searching)
	if err != nil || found == nil {
		c.at = c.to + 1
		return nil, err
	}
	if c.at = found[1]; found[0] == found[1] {
		if c.at == c.to {
			c.at++
		} else {
			_, n := utf8.DecodeRuneInString(c.s.text[c.at:])
			c.at += n
		}
	}
	return found, th.AllocMany(len(found)+4, 16)
}

// item is what findall gives of a match.
func (c *scanner) item(found []int) value {
	group := func(i int) value {
		if found[2*i] < 0 {
			return c.s.empty()
		}
		return c.s.part(found[2*i], found[2*i+1])
	}
	switch n := len(found) / 2; n {
	case 1, 2:
		return group(n - 1)
	default:
		vs := make([]value, n-1)
		for i := range vs {
			vs[i] = group(i + 1)
		}
		return runtime.NewTuple(vs...)
	}
}

func (p *pattern) findAll(th *thread, a []value) (value, error) {
	c, err := p.scan(th, a[0], a[1:])
	if err != nil {
		return nil, err
	}
	var out []value
	for {
		found, err := c.next(th)
		if err != nil {
			return nil, err
		}
		if found == nil {
			return runtime.NewList(out...), nil
		}
		out = append(out, c.item(found))
	}
}

var patternIterClass = runtime.NewIteratorClass("builtins", "callable_iterator")

func (p *pattern) findIter(th *thread, a []value) (value, error) {
	c, err := p.scan(th, a[0], a[1:])
	if err != nil {
		return nil, err
	}
	return runtime.NewIterator(patternIterClass, func(th *thread) (value, error) {
		found, err := c.next(th)
		if err != nil || found == nil {
			return nil, err
		}
		return &match{p, c.s, found, c.from, c.to}, nil
	}), nil
}

func (p *pattern) split(th *thread, a []value) (value, error) {
	c, err := p.scan(th, a[0], nil)
	if err != nil {
		return nil, err
	}
	most, err := runtime.Index(a[1])
	if err != nil {
		return nil, err
	}
	var out []value
	end := 0
	for n := int64(0); most == 0 || n < most; n++ {
		found, err := c.next(th)
		if err != nil {
			return nil, err
		}
		if found == nil {
			break
		}
		out = append(out, c.s.part(end, found[0]))
		for i := 2; i < len(found); i += 2 {
			if found[i] < 0 {
				out = append(out, runtime.None)
			} else {
				out = append(out, c.s.part(found[i], found[i+1]))
			}
		}
		end = found[1]
	}
	return runtime.NewList(append(out, c.s.part(end, len(c.s.text)))...), nil
}

// substitute is subn: repl, string, count.
func (p *pattern) substitute(th *thread, a []value) (value, int, error) {
	c, err := p.scan(th, a[1], nil)
	if err != nil {
		return nil, 0, err
	}
	most, err := runtime.Index(a[2])
	if err != nil {
		return nil, 0, err
	}
	replace, err := p.replacement(th, a[0])
	if err != nil {
		return nil, 0, err
	}
	var b strings.Builder
	end, n := 0, 0
	for most == 0 || int64(n) < most {
		found, err := c.next(th)
		if err != nil {
			return nil, 0, err
		}
		if found == nil {
			break
		}
		text, err := replace(&match{p, c.s, found, c.from, c.to})
		if err != nil {
			return nil, 0, err
		}
		if err := th.AllocMany(found[0]-end+len(text), 2); err != nil {
			return nil, 0, err
		}
		b.WriteString(c.s.text[end:found[0]])
		b.WriteString(text)
		end = found[1]
		n++
	}
	if n == 0 {
		return c.s.value, 0, nil
	}
	if err := th.AllocMany(len(c.s.text)-end, 2); err != nil {
		return nil, 0, err
	}
	b.WriteString(c.s.text[end:])
	if c.s.bytes {
		return runtime.Bytes(narrow(b.String())), n, nil
	}
	return runtime.Str(b.String()), n, nil
}

// replacement is what gives the text for each match: a template or a function.
func (p *pattern) replacement(th *thread, repl value) (func(m *match) (string, error), error) {
	if runtime.Callable(repl) {
		return func(m *match) (string, error) {
			v, err := runtime.Call(th, repl, m)
			if err != nil {
				return "", err
			}
			if v == runtime.None {
				return "", nil
			}
			return p.plainText(th, v, func(v value) error {
				return runtime.Errorf(runtime.TypeError, "sequence item 0: expected %s instance, %s found", map[bool]string{true: "a bytes-like object", false: "str"}[p.isBytes()], v.Class().Name)
			})
		}, nil
	}
	text, err := p.plainText(th, repl, func(v value) error {
		return runtime.Errorf(runtime.TypeError, "decoding to str: need a bytes-like object, %s found", v.Class().Name)
	})
	if err != nil {
		return nil, err
	}
	t, err := p.template(th, text)
	if err != nil {
		return nil, err
	}
	return func(m *match) (string, error) { return t.fill(th, m) }, nil
}

// plainText reads a text of the pattern's own kind; bytes become characters.
func (p *pattern) plainText(th *thread, v value, wrong func(v value) error) (string, error) {
	switch d := runtime.Data(v).(type) {
	case runtime.Str:
		if !p.isBytes() {
			return string(d), nil
		}
	case runtime.Bytes:
		if p.isBytes() {
			return widen(th, string(d))
		}
	}
	return "", wrong(v)
}

// shownSource is how much of a pattern its repr shows.
const shownSource = 200

// Repr is the call of re.compile.
func (p *pattern) Repr(th *thread) (string, error) {
	text, err := runtime.Repr(th, p.source)
	if err != nil {
		return "", err
	}
	if r := []rune(text); len(r) > shownSource {
		text = string(r[:shownSource])
	}
	flags := p.flags
	if !p.isBytes() {
		flags &^= flagUnicode
	}
	if flags != 0 {
		text += ", " + flagText(int64(flags))
	}
	return "re.compile(" + text + ")", nil
}

// HashValue makes equal patterns equal keys.
func (p *pattern) HashValue(th *thread) (int64, error) {
	return runtime.Hash(th, runtime.NewTuple(p.source, runtime.NewInt(int64(p.flags))))
}

// CompareTo knows equality alone: of source and flags.
func (p *pattern) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*pattern)
	if !ok || op != runtime.Eq {
		return nil, nil
	}
	same, err := runtime.Equal(th, p.source, o.source)
	return runtime.NewBool(same && p.flags == o.flags), err
}

package runtime

import (
	"strings"
	"unicode/utf8"
)

// Checks look at a few members of a body. So the objects of a body are only looked
// through at first, and keep their text: a lazy Dict. One member that is a scalar is read
// from the text each time it is asked for; whatever else is done to the dict unfolds it.
// Lazy dicts are private: publishing unfolds them. All of their memory is charged when
// they are made, as if they had been unfolded.

// What a container and a member of it are charged.
const (
	lazyContainerBytes = 160
	lazyMemberBytes    = 64
)

// The live of a lazy dict counts how often it was read, and has namesDiffer if no name
// stands twice in it: the first is then the last, which counts.
const namesDiffer = 1 << 8

// A lazy dict is read where it lies only if that is fast and seldom, because nothing is
// charged for it.
const (
	maxPeeks      = 8       // of one dict
	maxPeekedDict = 1 << 10 // bytes of JSON
	maxPeekedText = 64      // bytes of a text
)

// lazyObject is the object that begins here as a lazy dict. If its text is not plainly
// right it is parsed at once: that finds the error.
func (p *jsonParser) lazyObject(depth int) (Value, error) {
	s := jsonSkipper{s: p.s, i: p.i, depth: depth}
	if !s.container() {
		return p.object(depth)
	}
	if err := p.charge(1, s.containers*lazyContainerBytes+s.members*lazyMemberBytes); err != nil {
		return nil, err
	}
	d := &Dict{raw: p.s[p.i:s.i]}
	if !s.twice {
		d.live = namesDiffer
	}
	p.i = s.i
	return d, nil
}

// unfold makes an ordinary dict of a lazy one.
func (d *Dict) unfold() {
	p := jsonParser{s: d.raw, lazy: true}
	v, err := p.object(0)
	if err != nil {
		panic("a JSON object that was looked through cannot be read: " + err.Error())
	}
	full, _ := v.(*Dict)
	d.entries, d.index, d.live, d.raw = full.entries, full.index, full.live, ""
}

// peek is the scalar that a lazy dict has under a name, nil if it has none; ok is false if
// only the unfolded dict can tell.
func (d *Dict) peek(name string) (v Value, ok bool) {
	if len(d.raw) > maxPeekedDict || d.live&^namesDiffer >= maxPeeks {
		return nil, false
	}
	d.live++
	s := jsonSkipper{s: d.raw, i: 1}
	at := 0
	for s.space(); s.s[s.i] != '}'; s.space() {
		if s.s[s.i] == ',' {
			s.i++
			s.space()
		}
		key, plain := s.key()
		if !plain {
			return nil, false
		}
		s.space()
		s.i++ // the colon
		s.space()
		if key == name {
			if at = s.i; d.live&namesDiffer != 0 {
				break
			}
		}
		s.value()
	}
	if at == 0 {
		return nil, true
	}
	switch d.raw[at] {
	case '{', '[':
		return nil, false
	case '"':
		if key, plain := (&jsonSkipper{s: d.raw, i: at}).key(); !plain || len(key) > maxPeekedText {
			return nil, false
		}
	}
	p := jsonParser{s: d.raw, i: at}
	v, err := p.value(0)
	return v, err == nil
}

// A jsonSkipper goes over JSON without making values, and counts them.
type jsonSkipper struct {
	s          string
	i          int
	depth      int
	containers int
	members    int
	names      [4]uint64 // a set of hashes of the names of the outermost object
	twice      bool      // a hash came twice, so a name may have
}

// name notes a name of the outermost object, as it stands there. Different texts are the
// same name only with escapes, or if they are not UTF-8.
func (s *jsonSkipper) name(key string) {
	h := uint(len(key))
	for i := range len(key) {
		h = h*31 + uint(key[i])
		s.twice = s.twice || key[i] == '\\' || key[i] >= utf8.RuneSelf
	}
	word, bit := h>>6%4, uint64(1)<<(h%64)
	s.twice = s.twice || s.names[word]&bit != 0
	s.names[word] |= bit
}

func (s *jsonSkipper) space() {
	for s.i < len(s.s) && s.s[s.i] <= ' ' && (s.s[s.i] == ' ' || s.s[s.i] == '\n' || s.s[s.i] == '\t' || s.s[s.i] == '\r') {
		s.i++
	}
}

// take goes over c, if that comes next.
func (s *jsonSkipper) take(c byte) bool {
	if s.i < len(s.s) && s.s[s.i] == c {
		s.i++
		return true
	}
	return false
}

// value goes over a value; it reports false for what is wrong, and for what is too odd to
// be sure of.
func (s *jsonSkipper) value() bool {
	if s.i >= len(s.s) {
		return false
	}
	switch c := s.s[s.i]; {
	case c == '"':
		return s.text()
	case c == '{', c == '[':
		s.depth++
		ok := s.depth <= maxJSONDepth && s.container()
		s.depth--
		return ok
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	for _, w := range jsonWords {
		if strings.HasPrefix(s.s[s.i:], w.text) {
			s.i += len(w.text)
			return true
		}
	}
	return false
}

// container goes over an object or array.
func (s *jsonSkipper) container() bool {
	named, end := s.s[s.i] == '{', byte(']')
	if named {
		end = '}'
	}
	outermost := s.containers == 0
	s.containers++
	s.i++
	s.space()
	if s.take(end) {
		return true
	}
	for {
		if named {
			from := s.i
			if s.i >= len(s.s) || s.s[s.i] != '"' || !s.text() {
				return false
			}
			if outermost {
				s.name(s.s[from:s.i])
			}
			s.space()
			if !s.take(':') {
				return false
			}
			s.space()
		}
		if !s.value() {
			return false
		}
		s.members++
		s.space()
		if s.take(end) {
			return true
		}
		if !s.take(',') {
			return false
		}
		s.space()
	}
}

// text goes over a string.
func (s *jsonSkipper) text() bool {
	for i := s.i + 1; i < len(s.s); i++ {
		switch c := s.s[i]; {
		case c == '"':
			s.i = i + 1
			return true
		case c < ' ':
			return false
		case c == '\\':
			if i++; i >= len(s.s) {
				return false
			}
			if s.s[i] == 'u' {
				for range 4 {
					if i++; i >= len(s.s) || !isHex(s.s[i]) {
						return false
					}
				}
			} else if jsonEscapes[s.s[i]] == 0 {
				return false
			}
		}
	}
	return false
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// key goes over a string and returns what is between its quotes; plain is false if it has
// escapes or characters beyond ASCII.
func (s *jsonSkipper) key() (key string, plain bool) {
	from := s.i + 1
	for i := from; ; i++ {
		switch c := s.s[i]; {
		case c == '"':
			s.i = i + 1
			return s.s[from:i], true
		case c == '\\' || c >= utf8.RuneSelf:
			return "", false
		}
	}
}

// maxPlainNumber is the length of the longest number that is not parsed to be sure of it.
const maxPlainNumber = 64

// number goes over a number.
func (s *jsonSkipper) number() bool {
	from := s.i
	s.take('-')
	if first := s.i; !s.digits() || s.s[first] == '0' && s.i > first+1 {
		return false // also -Infinity, and what follows a zero
	}
	if s.take('.') && !s.digits() {
		return false
	}
	if s.take('e') || s.take('E') {
		if !s.take('-') {
			s.take('+')
		}
		if !s.digits() {
			return false
		}
	}
	return s.i-from <= maxPlainNumber
}

func (s *jsonSkipper) digits() bool {
	from := s.i
	for s.i < len(s.s) && s.s[s.i] >= '0' && s.s[s.i] <= '9' {
		s.i++
	}
	return s.i > from
}

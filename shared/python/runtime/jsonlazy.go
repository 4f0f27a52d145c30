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
	s := jsonSkipper{s: p.s, depth: depth}
	end := s.container(p.i)
	if end < 0 {
		return p.object(depth)
	}
	if err := p.charge(1, s.containers*lazyContainerBytes+s.members*lazyMemberBytes); err != nil {
		return nil, err
	}
	d := &Dict{raw: p.s[p.i:end]}
	if !s.twice {
		d.live = namesDiffer
	}
	p.i = end
	return d, nil
}

// unfold makes an ordinary dict of a lazy one.
func (d *Dict) unfold() {
	p := jsonParser{s: d.raw, lazy: true, jsonRoom: &jsonRoom{}}
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
	s := jsonSkipper{s: d.raw}
	at := 0
	for i := skipSpace(s.s, 1); s.s[i] != '}'; i = skipSpace(s.s, i) {
		if s.s[i] == ',' {
			i = skipSpace(s.s, i+1)
		}
		end, plain := skipText(s.s, i)
		if !plain {
			return nil, false
		}
		key := s.s[i+1 : end-1]
		i = skipSpace(s.s, skipSpace(s.s, end)+1) // the colon
		if key == name {
			if at = i; d.live&namesDiffer != 0 {
				break
			}
		}
		i = s.value(i)
	}
	if at == 0 {
		return nil, true
	}
	switch d.raw[at] {
	case '{', '[':
		return nil, false
	case '"':
		if end, plain := skipText(d.raw, at); !plain || end-at > maxPeekedText+len(`""`) {
			return nil, false
		}
	}
	p := jsonParser{s: d.raw, i: at}
	v, err := p.value(0)
	return v, err == nil
}

// A jsonSkipper goes over JSON without making values, and counts them. What goes over something that
// begins at i returns where it ends, or −1 for what is wrong and for what is too odd to be sure of.
type jsonSkipper struct {
	s          string
	depth      int
	containers int
	members    int
	names      [4]uint64 // a set of hashes of the names of the outermost object
	twice      bool      // a hash came twice, so a name may have
}

// name notes a name of the outermost object, as it stands there in its quotes. Different texts are
// the same name only if they are not plain.
func (s *jsonSkipper) name(key string, plain bool) {
	last := len(key) - 1 // a few bytes tell most names of an object apart
	h := uint32(len(key)) + uint32(key[1])<<8 + uint32(key[last/2])<<16 + uint32(key[last-1])<<24
	h *= 0x9E3779B1
	word, bit := h>>30, uint64(1)<<(h>>24%64)
	s.twice = s.twice || !plain || s.names[word]&bit != 0
	s.names[word] |= bit
}

func (s *jsonSkipper) value(i int) int {
	if i >= len(s.s) {
		return -1
	}
	switch c := s.s[i]; {
	case c == '"':
		end, _ := skipText(s.s, i)
		return end
	case c == '{', c == '[':
		if s.depth++; s.depth > maxJSONDepth {
			return -1
		}
		i = s.container(i)
		s.depth--
		return i
	case c == '-' || c >= '0' && c <= '9':
		return skipNumber(s.s, i)
	}
	for _, w := range jsonWords {
		if strings.HasPrefix(s.s[i:], w.text) {
			return i + len(w.text)
		}
	}
	return -1
}

// container goes over an object or array.
func (s *jsonSkipper) container(i int) int {
	text := s.s
	named, last := text[i] == '{', byte(']')
	if named {
		last = '}'
	}
	outermost := s.containers == 0
	s.containers++
	i = skipSpace(text, i+1)
	if i < len(text) && text[i] == last {
		return i + 1
	}
	for {
		if named {
			if i >= len(text) || text[i] != '"' {
				return -1
			}
			end, plain := skipText(text, i)
			if end < 0 {
				return -1
			}
			if outermost {
				s.name(text[i:end], plain)
			}
			if i = skipSpace(text, end); i >= len(text) || text[i] != ':' {
				return -1
			}
			i = skipSpace(text, i+1)
		}
		if i = s.value(i); i < 0 {
			return -1
		}
		s.members++
		if i = skipSpace(text, i); i >= len(text) {
			return -1
		}
		if text[i] != ',' {
			if text[i] != last {
				return -1
			}
			return i + 1
		}
		i = skipSpace(text, i+1)
	}
}

func skipSpace(s string, i int) int {
	for i < len(s) && s[i] <= ' ' && (s[i] == ' ' || s[i] == '\n' || s[i] == '\t' || s[i] == '\r') {
		i++
	}
	return i
}

// inJSONText tells which bytes of a string stand for themselves.
var inJSONText = func() (table [256]bool) {
	for c := ' '; c < rune(len(table)); c++ {
		table[c] = c != '"' && c != '\\'
	}
	return table
}()

// skipText goes over a string; plain is false if it has escapes or characters beyond ASCII.
func skipText(s string, i int) (end int, plain bool) {
	all := byte(0)
	for i++; i < len(s); i++ {
		c := s[i]
		all |= c
		if inJSONText[c] {
			continue
		}
		switch c {
		case '"':
			return i + 1, all < utf8.RuneSelf
		case '\\':
			if i = skipEscape(s, i+1); i < 0 {
				return -1, false
			}
			all = utf8.RuneSelf
		default:
			return -1, false
		}
	}
	return -1, false
}

// skipEscape goes over what follows a backslash, up to the last byte of it.
func skipEscape(s string, i int) int {
	if i >= len(s) {
		return -1
	}
	if s[i] != 'u' {
		if jsonEscapes[s[i]] == 0 {
			return -1
		}
		return i
	}
	for range 4 {
		if i++; i >= len(s) || !isHex(s[i]) {
			return -1
		}
	}
	return i
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// maxPlainNumber is the length of the longest number that is not parsed to be sure of it.
const maxPlainNumber = 64

// skipNumber goes over a number.
func skipNumber(s string, i int) int {
	from := i
	if s[i] == '-' {
		i++
	}
	first := i
	if i = skipDigits(s, i); i == first || s[first] == '0' && i > first+1 {
		return -1 // also -Infinity, and what follows a zero
	}
	if i < len(s) && s[i] == '.' {
		first = i + 1
		if i = skipDigits(s, first); i == first {
			return -1
		}
	}
	if i < len(s) && s[i]|0x20 == 'e' {
		i++
		if i < len(s) && (s[i] == '-' || s[i] == '+') {
			i++
		}
		first = i
		if i = skipDigits(s, first); i == first {
			return -1
		}
	}
	if i-from > maxPlainNumber {
		return -1
	}
	return i
}

func skipDigits(s string, i int) int {
	for i < len(s) && s[i] >= '0' && s[i] <= '9' {
		i++
	}
	return i
}

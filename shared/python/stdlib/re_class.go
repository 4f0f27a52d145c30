package stdlib

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func quoted(s string) string { return runtime.Quote(s) }

// runeSet is a set of characters: pairs of first and last, in order.
type runeSet []rune

// The sets that escapes name: ASCII ones, and those of Unicode as Python's str methods
// know them.
var (
	asciiDigit = runeSet{'0', '9'}
	asciiSpace = runeSet{'\t', '\r', ' ', ' '}
	asciiWord  = runeSet{'0', '9', 'A', 'Z', '_', '_', 'a', 'z'}
	wideSpace  = runeSet{
		'\t', '\r', 0x1c, ' ', 0x85, 0x85, 0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x2028, 0x2029, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
	}
	wideDigit = sync.OnceValue(func() runeSet { return setOfTables(unicode.Nd) })
	wideWord  = sync.OnceValue(func() runeSet {
		underscore := &unicode.RangeTable{R16: []unicode.Range16{{Lo: '_', Hi: '_', Stride: 1}}}
		return setOfTables(unicode.L, unicode.N, underscore)
	})
)

func setOfTables(tables ...*unicode.RangeTable) runeSet {
	var pairs [][2]rune
	for _, t := range tables {
		for _, r := range t.R16 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				pairs = append(pairs, [2]rune{c, c})
			}
		}
		for _, r := range t.R32 {
			for c := rune(r.Lo); c <= rune(r.Hi); c += rune(r.Stride) {
				pairs = append(pairs, [2]rune{c, c})
			}
		}
	}
	slices.SortFunc(pairs, func(a, b [2]rune) int { return int(a[0] - b[0]) })
	var out runeSet
	for _, p := range pairs {
		if n := len(out); n > 0 && p[0] <= out[n-1]+1 {
			out[n-1] = p[1]
			continue
		}
		out = append(out, p[0], p[1])
	}
	return out
}

// others is the complement.
func (s runeSet) others() runeSet {
	var out runeSet
	from := rune(0)
	for i := 0; i < len(s); i += 2 {
		if s[i] > from {
			out = append(out, from, s[i]-1)
		}
		from = s[i+1] + 1
	}
	if from <= unicode.MaxRune {
		out = append(out, from, unicode.MaxRune)
	}
	return out
}

// text is the set as it stands within brackets.
func (s runeSet) text() string {
	var b strings.Builder
	for i := 0; i < len(s); i += 2 {
		fmt.Fprintf(&b, `\x{%x}-\x{%x}`, s[i], s[i+1])
	}
	return b.String()
}

// category is the content of brackets for \d, \s, \w and their opposites, "" for other
// letters.
func (t *translator) category(r rune, flags int) string {
	wide := flags&flagUnicode != 0
	var set runeSet
	switch unicode.ToLower(r) {
	case 'd':
		if wide && r == 'd' {
			return `\p{Nd}`
		}
		if set = asciiDigit; wide {
			set = wideDigit()
		}
	case 's':
		if set = asciiSpace; wide {
			set = wideSpace
		}
	case 'w':
		if wide && r == 'w' {
			return `\p{L}\p{N}_`
		}
		if set = asciiWord; wide {
			set = wideWord()
		}
	default:
		return ""
	}
	if unicode.IsUpper(r) {
		set = set.others()
	}
	return set.text()
}

// set reads [...], whose bracket stands at from.
func (t *translator) set(from, flags int) {
	t.out.WriteByte('[')
	if t.next('^') {
		t.out.WriteByte('^')
	}
	for first := true; first || t.peek() != ']'; first = false {
		if t.at == len(t.pattern) {
			t.fail(from, "unterminated character set")
		}
		start := t.at
		lo, class := t.setItem(flags)
		if t.peek() != '-' || t.at+1 < len(t.pattern) && t.pattern[t.at+1] == ']' {
			t.writeSetItem(lo, class)
			continue
		}
		if t.at++; t.at == len(t.pattern) {
			t.fail(from, "unterminated character set")
		}
		hi, hiClass := t.setItem(flags)
		if class != "" || hiClass != "" || hi < lo {
			t.fail(start, "bad character range %s", string(t.pattern[start:t.at]))
		}
		fmt.Fprintf(&t.out, `\x{%x}-\x{%x}`, lo, hi)
	}
	t.at++
	t.out.WriteByte(']')
}

func (t *translator) writeSetItem(r rune, class string) {
	if class != "" {
		t.out.WriteString(class)
		return
	}
	fmt.Fprintf(&t.out, `\x{%x}`, r)
}

// setItem reads a character or a class within brackets.
func (t *translator) setItem(flags int) (r rune, class string) {
	from := t.at
	t.at++
	if r = t.pattern[from]; r != '\\' {
		return r, ""
	}
	if t.at == len(t.pattern) {
		t.fail(from, "bad escape (end of pattern)")
	}
	r = t.pattern[t.at]
	if class = t.category(r, flags); class != "" {
		t.at++
		return 0, class
	}
	if r == 'b' {
		t.at++
		return '\b', ""
	}
	if r >= '0' && r <= '7' {
		return t.octal(from, 3), ""
	}
	return t.character(from), ""
}

// escape reads what a backslash at from begins.
func (t *translator) escape(from, flags int) itemKind {
	if t.at == len(t.pattern) {
		t.fail(from, "bad escape (end of pattern)")
	}
	r := t.pattern[t.at]
	if class := t.category(r, flags); class != "" {
		t.at++
		t.out.WriteString("[" + class + "]")
		return plainItem
	}
	switch {
	case r == 'A' || r == 'b' || r == 'B':
		t.at++
		t.out.WriteString(`\` + string(r))
		return anchor
	case r == 'Z':
		t.at++
		t.out.WriteString(`\z`)
		return anchor
	case r == '0':
		t.literal(t.octal(from, 3))
		return plainItem
	case r >= '1' && r <= '9':
		t.numbered(from)
		return plainItem
	}
	t.literal(t.character(from))
	return plainItem
}

// numbered reads \1 to \99, a back-reference, or three octal digits.
func (t *translator) numbered(from int) {
	octal := func(i int) bool { return i < len(t.pattern) && t.pattern[i] >= '0' && t.pattern[i] <= '7' }
	if octal(t.at) && octal(t.at+1) && octal(t.at+2) {
		t.literal(t.octal(from, 3))
		return
	}
	start := t.at
	t.at++
	if t.at < len(t.pattern) && t.pattern[t.at] >= '0' && t.pattern[t.at] <= '9' {
		t.at++
	}
	text := string(t.pattern[start:t.at])
	if n, err := strconv.Atoi(text); err == nil && n > len(t.groups) {
		t.fail(start, "invalid group reference %s", text)
	}
	t.refuse(from, `the back-reference \`+text, "take both parts as groups and compare them in Python")
}

// octal reads at most count octal digits.
func (t *translator) octal(from, count int) rune {
	n, start := rune(0), t.at
	for t.at < len(t.pattern) && t.at-start < count && t.pattern[t.at] >= '0' && t.pattern[t.at] <= '7' {
		n = n*8 + t.pattern[t.at] - '0'
		t.at++
	}
	if n > 0o377 {
		t.fail(from, `octal escape value \%s outside of range 0-0o377`, string(t.pattern[start:t.at]))
	}
	return n
}

// simpleEscapes are those that stand for one character.
var simpleEscapes = map[rune]rune{'a': '\a', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t', 'v': '\v'}

// character reads an escape that stands for one character.
func (t *translator) character(from int) rune {
	r := t.pattern[t.at]
	t.at++
	if c, ok := simpleEscapes[r]; ok {
		return c
	}
	width := map[rune]int{'x': 2, 'u': 4, 'U': 8}[r]
	if width == 0 || t.bytes && r != 'x' {
		if r == 'N' && !t.bytes {
			t.refuse(from, `\N{…}`, `write the character itself or \u and its number`)
		}
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			t.fail(from, `bad escape \%c`, r)
		}
		return r
	}
	start := t.at
	for t.at < len(t.pattern) && t.at-start < width && isHex(t.pattern[t.at]) {
		t.at++
	}
	digits := string(t.pattern[start:t.at])
	n, err := strconv.ParseUint(digits, 16, 32)
	if len(digits) != width || err != nil || n > unicode.MaxRune {
		kind := "incomplete"
		if len(digits) == width {
			kind = "bad"
		}
		t.fail(from, `%s escape \%c%s`, kind, r, digits)
	}
	return rune(n)
}

func isHex(r rune) bool {
	return r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'f'
}

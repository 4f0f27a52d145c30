package stdlib

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Flags of re, with CPython's numbers.
const (
	flagIgnoreCase = 2
	flagLocale     = 4
	flagMultiline  = 8
	flagDotAll     = 16
	flagUnicode    = 32
	flagVerbose    = 64
	flagASCII      = 256
)

// A patternError says what is wrong with a pattern. With unsupported set, Python takes
// the pattern but RE2 has no form of it.
type patternError struct {
	msg         string
	pos         int // in characters, -1 for the whole
	unsupported bool
}

func (e *patternError) Error() string { return e.msg }

// translation is a pattern in the syntax of RE2.
type translation struct {
	expr   string
	flags  int
	groups []string // their names, "" without one
	closed []int    // the place of each group among the closing parentheses
	dollar bool     // has a $ that also stands before a final line break
}

// translator reads Python's syntax. Its methods panic with a *patternError, which
// translate recovers.
type translator struct {
	pattern []rune
	at      int
	bytes   bool
	out     strings.Builder
	translation
	depth   int
	endings int
}

// Limits of a pattern.
const (
	maxPatternDepth = 150
	maxRepeat       = 1000 // of RE2
)

// translate gives the RE2 form of a pattern of str, or of bytes whose bytes are
// characters.
func translate(pattern string, flags int, isBytes bool) (t *translation, failed *patternError) {
	tr := &translator{pattern: []rune(pattern), bytes: isBytes}
	tr.flags = flags
	defer func() {
		if r := recover(); r != nil {
			e, ok := r.(*patternError)
			if !ok {
				panic(r)
			}
			failed = e
		}
	}()
	if !isBytes && tr.flags&flagASCII == 0 {
		tr.flags |= flagUnicode
	}
	tr.alternatives(&tr.flags, true)
	if tr.at < len(tr.pattern) {
		tr.fail(tr.at, "unbalanced parenthesis")
	}
	tr.expr = tr.out.String()
	if tr.flags&flagIgnoreCase != 0 {
		tr.expr = "(?i)" + tr.expr
	}
	return &tr.translation, nil
}

func (t *translator) fail(at int, format string, args ...any) {
	panic(&patternError{msg: fmt.Sprintf(format, args...), pos: at})
}

func (t *translator) refuse(at int, what, instead string) {
	panic(&patternError{msg: what + " is not supported (patterns run on RE2, in time that grows with the text alone): " + instead, pos: at, unsupported: true})
}

// peek is the next character, -1 at the end.
func (t *translator) peek() rune {
	if t.at < len(t.pattern) {
		return t.pattern[t.at]
	}
	return -1
}

func (t *translator) next(r rune) bool {
	if t.peek() != r {
		return false
	}
	t.at++
	return true
}

// alternatives reads up to the end of the pattern or of the group. The flags of the
// whole may change in the first.
func (t *translator) alternatives(flags *int, first bool) {
	if t.depth++; t.depth > maxPatternDepth {
		panic(&patternError{msg: "too deeply nested", pos: t.at, unsupported: true})
	}
	for {
		t.sequence(flags, first)
		first = false
		if !t.next('|') {
			break
		}
		t.out.WriteByte('|')
	}
	t.depth--
}

// What the last item of a sequence was, as far as a repeat cares.
type itemKind int

const (
	noItem itemKind = iota
	anchor
	repeated
	plainItem
)

func (t *translator) sequence(flags *int, first bool) {
	last := noItem
	for t.at < len(t.pattern) {
		r, from := t.peek(), t.at
		if r == '|' || r == ')' {
			return
		}
		t.at++
		switch {
		case *flags&flagVerbose != 0 && strings.ContainsRune(" \t\n\r\v\f", r):
			continue
		case *flags&flagVerbose != 0 && r == '#':
			for t.at < len(t.pattern) && t.pattern[t.at] != '\n' {
				t.at++
			}
			continue
		}
		switch r {
		case '(':
			if t.groupIsEmpty(from, flags, first && last == noItem) {
				continue
			}
			last = plainItem
		case '*', '+', '?', '{':
			if !t.repeat(from, r, last) {
				t.literal('{')
				last = plainItem
				continue
			}
			last = repeated
		default:
			last = t.item(r, from, *flags)
		}
	}
}

// item reads a character, a set, an escape or an anchor.
func (t *translator) item(r rune, from, flags int) itemKind {
	switch r {
	case '[':
		t.set(from, flags)
	case '\\':
		return t.escape(from, flags)
	case '.':
		if flags&flagDotAll != 0 {
			t.out.WriteString("(?s:.)")
		} else {
			t.out.WriteString(`[^\n]`)
		}
	case '^':
		if flags&flagMultiline != 0 {
			t.out.WriteString("(?m:^)")
		} else {
			t.out.WriteString(`\A`)
		}
		return anchor
	case '$':
		if flags&flagMultiline != 0 {
			t.out.WriteString("(?m:$)")
		} else {
			t.out.WriteString(`\z`)
			t.dollar = true
		}
		return anchor
	default:
		t.literal(r)
	}
	return plainItem
}

// literal writes one character as a unit of its own.
func (t *translator) literal(r rune) {
	if r < 0x80 && (r >= '0' && r <= '9' || r|0x20 >= 'a' && r|0x20 <= 'z' || r == ' ' || r == '_') {
		t.out.WriteRune(r)
		return
	}
	fmt.Fprintf(&t.out, `\x{%x}`, r)
}

// repeat reads a quantifier whose first character is r; false for a { that is none.
func (t *translator) repeat(from int, r rune, last itemKind) bool {
	text := string(r)
	if r == '{' {
		var ok bool
		if text, ok = t.counts(from); !ok {
			return false
		}
	}
	switch last {
	case noItem, anchor:
		t.fail(from, "nothing to repeat")
	case repeated:
		t.fail(from, "multiple repeat")
	case plainItem:
	}
	t.out.WriteString(text)
	switch {
	case t.next('?'):
		t.out.WriteByte('?')
	case t.peek() == '+':
		t.refuse(t.at, "the possessive quantifier "+string(t.pattern[from:t.at+1]), "leave out the last +")
	}
	return true
}

// counts reads {m}, {m,}, {,n} or {m,n}.
func (t *translator) counts(from int) (text string, ok bool) {
	if t.peek() == '}' {
		return "", false
	}
	digits := func() string {
		start := t.at
		for t.at < len(t.pattern) && t.pattern[t.at] >= '0' && t.pattern[t.at] <= '9' {
			t.at++
		}
		return string(t.pattern[start:t.at])
	}
	lo := digits()
	hi, comma := lo, t.next(',')
	if comma {
		hi = digits()
	}
	if !t.next('}') {
		t.at = from + 1
		return "", false
	}
	number := func(s string) int {
		n, err := strconv.Atoi(s)
		if s != "" && (err != nil || n > maxRepeat) {
			t.refuse(from, "a repeat of "+s, fmt.Sprintf("use at most %d, or * and + and check the length with len()", maxRepeat))
		}
		return n
	}
	least, most := number(lo), number(hi)
	switch {
	case hi != "" && most < least:
		t.fail(from+1, "min repeat greater than max repeat")
	case hi == "":
		return fmt.Sprintf("{%d,}", least), true
	case !comma:
		return fmt.Sprintf("{%d}", least), true
	}
	return fmt.Sprintf("{%d,%d}", least, most), true
}

// groupIsEmpty reads a group whose parenthesis stands at from; true for comments and
// flags, which match nothing.
func (t *translator) groupIsEmpty(from int, flags *int, first bool) bool {
	name := ""
	if t.next('?') {
		switch r := t.peek(); r {
		case 'P':
			t.at++
			name = t.groupName(from)
		case ':':
			t.at++
			t.group(from, "(?:", *flags)
			return false
		case '#':
			for !t.next(')') {
				if t.at == len(t.pattern) {
					t.fail(from, "missing ), unterminated comment")
				}
				t.at++
			}
			return true
		case '=', '!', '<', '>', '(':
			t.refuseGroup(from, r)
		case -1:
			t.fail(t.at, "unexpected end of pattern")
		default:
			return t.flagGroup(from, flags, first)
		}
	}
	t.groups = append(t.groups, name)
	t.closed = append(t.closed, 0)
	number := len(t.groups)
	t.group(from, "(", *flags)
	t.endings++
	t.closed[number-1] = t.endings
	return false
}

// group reads the content of a group and its end.
func (t *translator) group(from int, open string, flags int) {
	t.out.WriteString(open)
	t.alternatives(&flags, false)
	if !t.next(')') {
		t.fail(from, "missing ), unterminated subpattern")
	}
	t.out.WriteByte(')')
}

// refuseGroup names the kinds of groups that RE2 does not have.
func (t *translator) refuseGroup(from int, r rune) {
	const around = "match what stands there as well and take the rest by a group, or test it in Python"
	end := min(from+3, len(t.pattern))
	switch r {
	case '=', '!':
		t.refuse(from, "look-ahead "+string(t.pattern[from:end]), around)
	case '<':
		switch {
		case from+3 >= len(t.pattern):
			t.fail(from+3, "unexpected end of pattern")
		case t.pattern[from+3] != '=' && t.pattern[from+3] != '!':
			t.fail(from+1, "unknown extension ?<%c", t.pattern[from+3])
		}
		t.refuse(from, "look-behind "+string(t.pattern[from:from+4]), around)
	case '>':
		t.refuse(from, "the atomic group (?>", "write (?: instead")
	}
	t.refuse(from, "the conditional group (?(", "write both cases with |")
}

// groupName reads the name of (?P<name>…), after the P.
func (t *translator) groupName(from int) string {
	switch r := t.peek(); r {
	case '<':
	case '=':
		t.refuse(from, "the back-reference (?P=", "take both parts as groups and compare them in Python")
	case -1:
		t.fail(t.at, "unexpected end of pattern")
	default:
		t.fail(from+1, "unknown extension ?P%c", r)
	}
	t.at++
	start := t.at
	for !t.next('>') {
		if t.at == len(t.pattern) {
			if start == t.at {
				t.fail(start, "missing group name")
			}
			t.fail(start, "missing >, unterminated name")
		}
		t.at++
	}
	name := string(t.pattern[start : t.at-1])
	if name == "" {
		t.fail(start, "missing group name")
	}
	if !isIdentifier(name) {
		t.fail(start, "bad character in group name %s", quoted(name))
	}
	if i := slices.Index(t.groups, name); i >= 0 {
		t.fail(start, "redefinition of group name %s as group %d; was group %d", quoted(name), len(t.groups)+1, i+1)
	}
	return name
}

func isIdentifier(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r) && !unicode.IsMark(r)) {
			return false
		}
	}
	return s != ""
}

var flagLetters = map[rune]int{
	'i': flagIgnoreCase, 'L': flagLocale, 'm': flagMultiline, 's': flagDotAll, 'x': flagVerbose, 'a': flagASCII, 'u': flagUnicode,
}

const typeFlags = flagASCII | flagLocale | flagUnicode

// flagGroup reads (?flags), (?flags:…) and (?flags-flags:…).
func (t *translator) flagGroup(from int, flags *int, first bool) bool {
	if r := t.peek(); r != '-' && flagLetters[r] == 0 {
		t.fail(from+1, "unknown extension ?%c", r)
	}
	on := t.flagLetters("missing -, : or )")
	if on&flagUnicode != 0 && t.bytes {
		t.fail(t.at, "bad inline flags: cannot use 'u' flag with a bytes pattern")
	}
	if on&flagLocale != 0 {
		t.fail(t.at, "bad inline flags: cannot use 'L' flag with a str pattern")
	}
	if n := on & typeFlags; n&(n-1) != 0 {
		t.fail(t.at, "bad inline flags: flags 'a', 'u' and 'L' are incompatible")
	}
	if t.next(')') {
		if !first {
			t.fail(from, "global flags not at the start of the expression")
		}
		if on&flagASCII != 0 {
			*flags &^= flagUnicode
		}
		*flags |= on
		return true
	}
	off := 0
	if t.next('-') {
		if t.peek() < 0 {
			t.fail(t.at, "missing flag")
		}
		if flagLetters[t.peek()] == 0 {
			if unicode.IsLetter(t.peek()) {
				t.fail(t.at, "unknown flag")
			}
			t.fail(t.at, "missing flag")
		}
		off = t.flagLetters("missing :")
		if off&typeFlags != 0 {
			t.fail(t.at, "bad inline flags: cannot turn off flags 'a', 'u' and 'L'")
		}
	}
	if !t.next(':') {
		t.fail(t.at, "missing :")
	}
	if on&off != 0 {
		t.fail(t.at, "bad inline flags: flag turned on and off")
	}
	inner := *flags
	if on&typeFlags != 0 {
		inner &^= typeFlags
	}
	inner = (inner | on) &^ off
	open := "(?:"
	if (inner^*flags)&flagIgnoreCase != 0 {
		if open = "(?i:"; inner&flagIgnoreCase == 0 {
			open = "(?-i:"
		}
	}
	t.group(from, open, inner)
	return false
}

// flagLetters reads letters up to something else; without an end it fails.
func (t *translator) flagLetters(missing string) (flags int) {
	for {
		r := t.peek()
		if n := flagLetters[r]; n != 0 {
			flags |= n
			t.at++
			continue
		}
		switch {
		case r < 0:
			t.fail(t.at, "%s", missing)
		case unicode.IsLetter(r):
			t.fail(t.at, "unknown flag")
		case r != ')' && r != ':' && r != '-':
			t.fail(t.at, "%s", missing)
		}
		return flags
	}
}

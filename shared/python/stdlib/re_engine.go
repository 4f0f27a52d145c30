package stdlib

import (
	"io"
	"math/bits"
	"regexp"
	"regexp/syntax"
	"strings"
	"sync"
	"unicode/utf8"
)

// What a search may match: anywhere, from where it starts, or the whole rest.
type matchKind int

const (
	searching matchKind = iota
	matching
	fullMatching
	matchKinds
)

const (
	// maxInstructions bounds a compiled pattern, and so the time that one character takes: about 0.1 ms.
	maxInstructions = 10_000
	// maxPattern is the length of a pattern, in bytes.
	maxPattern = 20 * maxInstructions
	// instructionSize is what a compiled instruction takes, in bytes, with its share of the machine.
	instructionSize = 200
	// directCost is how many characters times instructions are run without looking at
	// the cancel signal: at most about 10 ms.
	directCost = 1 << 20
)

// program is a compiled pattern. RE2 has no start position: a search that begins
// within a text is given the character before as well, so that \b, ^ and \A see what
// stands there, and skips it.
type program struct {
	translation
	instructions int
	forms        [matchKinds][2]lazyRegexp
}

type lazyRegexp struct {
	once sync.Once
	re   *regexp.Regexp
}

// newProgram compiles a translated pattern.
func newProgram(th *thread, t *translation) (*program, *patternError, error) {
	tree, err := syntax.Parse(t.expr, syntax.Perl)
	if err != nil {
		return nil, tooLarge(), nil
	}
	p := &program{translation: *t, instructions: countInstructions(tree)}
	if p.instructions > maxInstructions {
		return nil, tooLarge(), nil
	}
	if err := th.AllocMany(p.instructions+len(t.expr)/8, instructionSize); err != nil {
		return nil, nil, err
	}
	return p, nil, nil
}

func tooLarge() *patternError {
	return &patternError{msg: "the pattern is too large: use fewer or smaller repeats", pos: -1, unsupported: true}
}

// countInstructions estimates the size of the compiled tree before repeats are written out.
func countInstructions(re *syntax.Regexp) int {
	n := 1
	for _, sub := range re.Sub {
		n += countInstructions(sub)
	}
	switch re.Op {
	case syntax.OpLiteral:
		n += len(re.Rune)
	case syntax.OpCharClass:
		n += bits.Len(uint(len(re.Rune))) / 4 // it is searched by halving
	case syntax.OpRepeat:
		n *= max(re.Min, re.Max, 1)
	case syntax.OpCapture:
		n++
	default:
	}
	return min(n, 1<<30)
}

// form is the pattern as one way of matching needs it: group 1 is the whole match.
func (p *program) form(kind matchKind, inside bool) *regexp.Regexp {
	i, head, tail := 0, "", ""
	if kind != searching {
		head = `\A`
	}
	if inside {
		i = 1
		if head = `\A(?s:.)`; kind == searching {
			head += `(?s:.*?)`
		}
	}
	if kind == fullMatching {
		tail = `\z`
	}
	f := &p.forms[kind][i]
	f.once.Do(func() {
		f.re = regexp.MustCompile(head + "(" + p.expr + ")" + tail) // parsed before
	})
	return f.re
}

// find gives the bounds of the first match at or after byte from, and of its groups;
// nil without one.
func (p *program) find(th *thread, text string, from int, kind matchKind) ([]int, error) {
	found, err := p.run(th, text, from, kind)
	if !p.dollar || err != nil || kind == fullMatching || len(text) <= from || text[len(text)-1] != '\n' {
		return found, err
	}
	// A $ also stands before a final line break, which RE2 cannot look ahead to.
	other, err := p.run(th, text[:len(text)-1], from, kind)
	if len(other) > 0 && (len(found) == 0 || other[0] < found[0]) {
		return other, err
	}
	return found, err
}

func (p *program) run(th *thread, text string, from int, kind matchKind) ([]int, error) {
	base := from
	if from > 0 {
		_, n := utf8.DecodeLastRuneInString(text[:from])
		base -= n
	}
	input, re := text[base:], p.form(kind, from > 0)
	var found []int
	if len(input)*p.instructions <= directCost {
		found = re.FindStringSubmatchIndex(input)
		looked := len(input)
		if found != nil {
			looked = found[1]
		}
		if err := p.charge(th, looked); err != nil {
			return nil, err
		}
	} else {
		r := &heedingReader{th: th, p: p, text: strings.NewReader(input)}
		if found = re.FindReaderSubmatchIndex(r); r.err != nil {
			return nil, r.err
		}
	}
	if found == nil {
		return nil, nil
	}
	for i := range found {
		if found[i] >= 0 {
			found[i] += base
		}
	}
	return found[2:], nil
}

// charge counts characters that were looked at. Of a small pattern few instructions wait for
// a character at a time, of a large one all may: with the square they cost what they take.
func (p *program) charge(th *thread, characters int) error {
	n := p.instructions
	return th.Work(characters * (n + 16 + n*n/128) * 80)
}

// heedingReader ends the text early when the invocation must end.
type heedingReader struct {
	th   *thread
	p    *program
	text *strings.Reader
	read int
	err  error
}

// ReadRune implements io.RuneReader.
func (r *heedingReader) ReadRune() (rune, int, error) {
	const every = 64
	if r.read++; r.read%every == 0 {
		if err := r.p.charge(r.th, every); err != nil {
			r.err = err
			return 0, 0, io.EOF
		}
	}
	return r.text.ReadRune()
}

package sample

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"unicode"
)

// more is how often at most something is repeated beyond what a pattern asks for.
const more = 3

// matching makes a text that matches a pattern, except for what its anchors and word boundaries ask for.
func matching(pattern *syntax.Regexp, r *rand.Rand) string {
	d := drawing{r: r, left: maxText}
	d.draw(pattern)
	return d.text.String()
}

// drawing bounds its steps: nested repetitions multiply.
type drawing struct {
	text strings.Builder
	r    *rand.Rand
	left int
}

func (d *drawing) draw(re *syntax.Regexp) {
	d.left--
	if d.left < 0 {
		return
	}
	switch re.Op {
	case syntax.OpLiteral:
		d.text.WriteString(string(re.Rune))
	case syntax.OpCharClass:
		d.text.WriteRune(d.pick(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		d.text.WriteString(letters(d.r, 1))
	case syntax.OpCapture, syntax.OpConcat:
		for _, sub := range re.Sub {
			d.draw(sub)
		}
	case syntax.OpAlternate:
		d.draw(re.Sub[d.r.IntN(len(re.Sub))])
	case syntax.OpQuest:
		d.repeat(re, 0, 1)
	case syntax.OpStar:
		d.repeat(re, 0, -1)
	case syntax.OpPlus:
		d.repeat(re, 1, -1)
	case syntax.OpRepeat:
		d.repeat(re, re.Min, re.Max)
	default: // the rest matches no text
	}
}

func (d *drawing) repeat(re *syntax.Regexp, least, most int) {
	if most < 0 || most > least+more {
		most = least + more
	}
	for range least + d.r.IntN(most-least+1) {
		if d.left < 0 {
			return
		}
		d.draw(re.Sub[0])
	}
}

// pick returns a rune of a class, which is pairs of first and last: a letter or digit if there is one, or else one that can be printed.
func (d *drawing) pick(class []rune) rune {
	for _, wanted := range [][]rune{{'0', '9', 'A', 'Z', 'a', 'z'}, {' ', '~'}, {0, unicode.MaxRune}} {
		var runes []rune // pairs
		count := 0
		for i := 0; i < len(class); i += 2 {
			for j := 0; j < len(wanted); j += 2 {
				if low, high := max(class[i], wanted[j]), min(class[i+1], wanted[j+1]); low <= high {
					runes = append(runes, low, high)
					count += int(high-low) + 1
				}
			}
		}
		if count == 0 {
			continue
		}
		n := rune(d.r.IntN(count)) //nolint:gosec // at most as many as there are runes
		for i := 0; ; i += 2 {
			if size := runes[i+1] - runes[i] + 1; n >= size {
				n -= size
				continue
			}
			return runes[i] + n
		}
	}
	return unicode.ReplacementChar // an empty class matches nothing
}

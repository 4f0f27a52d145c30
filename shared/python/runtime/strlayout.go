package runtime

import (
	"strings"
	"unicode/utf8"
)

func justify(name string, align byte) *Native {
	return NewNative(name+"(self, width, fillchar=' ', /)", func(th *Thread, a Args) (Value, error) {
		n, err := Index(a.Vals[1])
		if err != nil {
			return nil, err
		}
		fill, ok := AsStr(a.Vals[2])
		if !ok {
			return nil, Errorf(TypeError, "The fill character must be a unicode character, not %s", a.Vals[2].Class().Name)
		}
		if utf8.RuneCountInString(fill) != 1 {
			return nil, Errorf(TypeError, "The fill character must be exactly one character long")
		}
		r, _ := utf8.DecodeRuneInString(fill)
		text := selfStr(a.Vals[0])
		if align == '^' { // CPython puts the odd fill character left of an odd width
			return center(th, text, int(min(n, maxWidth)), r)
		}
		s, err := pad(th, "", text, formatSpec{fill: r, align: align, width: int(max(0, min(n, maxWidth)))}, align)
		return Str(s), err
	})
}

func center(th *Thread, s string, width int, fill rune) (Value, error) {
	n := width - utf8.RuneCountInString(s)
	if n <= 0 {
		return Str(s), nil
	}
	if err := th.AllocMany(n, utf8.RuneLen(fill)); err != nil {
		return nil, err
	}
	left := n/2 + n&width&1
	f := string(fill)
	return Str(strings.Repeat(f, left) + s + strings.Repeat(f, n-left)), nil
}

func strZfill(th *Thread, a Args) (Value, error) {
	n, err := Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	s, sign := selfStr(a.Vals[0]), ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	out, err := pad(th, sign, s, formatSpec{fill: '0', align: '=', width: int(max(0, min(n, maxWidth)))}, '=')
	return Str(out), err
}

func strExpandTabs(th *Thread, a Args) (Value, error) {
	s, err := expandTabs(th, selfStr(a.Vals[0]), a.Vals[1], func(s string) int {
		_, size := utf8.DecodeRuneInString(s)
		return size
	})
	return Str(s), err
}

// expandTabs replaces tabs by spaces up to the next column that is a multiple of width; next is the length of the first character.
func expandTabs(th *Thread, s string, width Value, next func(s string) int) (string, error) {
	n, err := Index(width)
	if err != nil {
		return "", err
	}
	if err := th.AllocMany(strings.Count(s, "\t"), int(max(0, min(n, maxWidth)))); err != nil {
		return "", err
	}
	if err := th.Alloc(len(s)); err != nil {
		return "", err
	}
	var b strings.Builder
	col := int64(0)
	for ; s != ""; s = s[next(s):] {
		switch c := s[0]; {
		case c == '\t' && n > 0:
			fill := n - col%n
			b.WriteString(strings.Repeat(" ", int(fill)))
			col += fill
		case c == '\t':
		default:
			b.WriteString(s[:next(s)])
			if col++; c == '\n' || c == '\r' {
				col = 0
			}
		}
	}
	return b.String(), nil
}

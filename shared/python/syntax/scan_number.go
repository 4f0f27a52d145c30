package syntax

import (
	"strings"
	"unicode/utf8"
)

// number scans a numeric literal and refuses what CPython refuses.
func (s *scanner) number() {
	from, offset := s.here(), s.pos
	switch {
	case s.src[s.pos] == '0' && strings.IndexByte("xXoObB", s.peek(1)) >= 0 && s.peek(1) != 0:
		s.radix()
	default:
		s.decimal(from)
	}
	s.emit(number, from, offset)
}

// radix scans the rest of a literal in base 16, 8 or 2.
func (s *scanner) radix() {
	base, digits := "hexadecimal", "0123456789abcdefABCDEF"
	switch s.peek(1) | 0x20 {
	case 'o':
		base, digits = "octal", "01234567"
	case 'b':
		base, digits = "binary", "01"
	}
	s.skip(2)
	for {
		if s.peek(0) == '_' {
			s.skip(1)
		}
		n := countIn(s.src[s.pos:], digits)
		if n == 0 {
			if isDigit(s.peek(0)) {
				s.fail(KindSyntax, s.here(), Pos{}, "invalid digit '%c' in %s literal", s.peek(0), base)
			}
			s.badNumber(base)
		}
		s.skip(n)
		if s.peek(0) != '_' {
			break
		}
	}
	if isDigit(s.peek(0)) {
		s.fail(KindSyntax, s.here(), Pos{}, "invalid digit '%c' in %s literal", s.peek(0), base)
	}
	s.endOfNumber(base)
}

// decimal scans an integer or a float.
func (s *scanner) decimal(from Pos) {
	start := s.pos
	float := false
	if s.peek(0) != '.' {
		s.digits()
	}
	zeros := s.src[start:s.pos]
	if s.peek(0) == '.' {
		float = true
		s.skip(1)
		if isDigit(s.peek(0)) {
			s.digits()
		}
	}
	if s.peek(0)|0x20 == 'e' {
		n := 1
		if c := s.peek(1); c == '+' || c == '-' {
			n = 2
		}
		if isDigit(s.peek(n)) {
			float = true
			s.skip(n)
			s.digits()
		}
	}
	if s.peek(0)|0x20 == 'j' {
		s.skip(1)
		s.fail(KindSyntax, from, s.here(), "complex numbers are not supported; use two floats")
	}
	if !float && len(zeros) > 1 && zeros[0] == '0' && strings.Trim(zeros, "0_") != "" {
		end := Pos{from.Line, from.Col + int32(countIn(zeros, "0_"))} //nolint:gosec // at most maxSource
		s.fail(KindSyntax, from, end, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
	}
	s.endOfNumber("decimal")
}

// digits passes decimal digits with single underscores between them.
func (s *scanner) digits() {
	for {
		s.skip(countIn(s.src[s.pos:], "0123456789"))
		if s.peek(0) != '_' {
			return
		}
		s.skip(1)
		if !isDigit(s.peek(0)) {
			s.badNumber("decimal")
		}
	}
}

// endOfNumber refuses a name right behind a number, unless it is an operator's word.
func (s *scanner) endOfNumber(base string) {
	rest := s.src[s.pos:]
	for _, w := range []string{"and", "else", "for", "if", "in", "is", "not", "or"} {
		if strings.HasPrefix(rest, w) {
			return
		}
	}
	if r, _ := utf8.DecodeRuneInString(rest); rest != "" && isNameRune(r, true) {
		s.badNumber(base)
	}
}

// badNumber fails at the last character passed.
func (s *scanner) badNumber(base string) {
	at := s.here()
	at.Col--
	s.fail(KindSyntax, at, Pos{}, "invalid %s literal", base)
}

// countIn returns how many bytes of s, from its start, are in set.
func countIn(s, set string) int {
	n := 0
	for n < len(s) && strings.IndexByte(set, s[n]) >= 0 {
		n++
	}
	return n
}

package syntax

import "strings"

// quoted scans a string literal whose prefix has a length.
func (s *scanner) quoted(prefix int) {
	from, offset := s.here(), s.pos
	p := strings.ToLower(s.src[offset : offset+prefix])
	s.skip(prefix)
	quote := s.src[s.pos : s.pos+1]
	if triple := strings.Repeat(quote, 3); strings.HasPrefix(s.src[s.pos:], triple) {
		quote = triple
	}
	s.skip(len(quote))
	if strings.Contains(p, "f") {
		s.emit(fstringStart, from, offset)
		s.fstring(from, quote, strings.Contains(p, "r"))
		return
	}
	for !strings.HasPrefix(s.src[s.pos:], quote) {
		switch {
		case s.pos == len(s.src) || len(quote) == 1 && s.src[s.pos] == '\n':
			s.unterminated(from, quote)
		case s.src[s.pos] == '\\' && s.pos+1 < len(s.src):
			s.skip(2)
		default:
			s.skip(1)
		}
	}
	s.skip(len(quote))
	s.emit(stringLit, from, offset)
}

// unterminated fails because the literal that starts at a place does not end.
func (s *scanner) unterminated(from Pos, quote string) {
	if outer := s.fieldQuote(); outer != "" && outer == quote {
		s.fail(KindSyntax, from, Pos{}, "f-string: expecting '}'")
	}
	if len(quote) == 3 {
		last := s.line
		if s.pos == s.lineStart && last > from.Line {
			last-- // the file ends with a line end
		}
		s.fail(KindSyntax, from, Pos{}, "unterminated triple-quoted string literal (detected at line %d)", last)
	}
	s.fail(KindSyntax, from, Pos{}, "unterminated string literal (detected at line %d)", s.line)
}

// fstring scans the rest of an f-string that started at a place.
func (s *scanner) fstring(from Pos, quote string, raw bool) {
	s.fstringText(from, quote, raw, false)
	at, offset := s.here(), s.pos
	s.skip(len(quote))
	s.emit(fstringEnd, at, offset)
}

// fstringText scans literal text and replacement fields up to, not including, the
// closing quotes, or in a format spec the closing brace.
func (s *scanner) fstringText(from Pos, quote string, raw, spec bool) {
	at, offset := s.here(), s.pos
	flush := func() {
		if s.pos > offset {
			s.emit(fstringMiddle, at, offset)
		}
	}
	for {
		rest := s.src[s.pos:]
		switch {
		case rest == "" || len(quote) == 1 && rest[0] == '\n':
			s.unterminated(from, quote)
		case strings.HasPrefix(rest, quote):
			if spec {
				s.fail(KindSyntax, s.here(), Pos{}, "f-string: expecting '}'")
			}
			flush()
			return
		case rest[0] == '\\' && !raw && len(rest) > 1 && rest[1] != '{' && rest[1] != '}':
			s.skip(2)
		case rest[0] == '\\' && raw && strings.HasPrefix(rest[1:], quote[:1]):
			s.skip(2)
		case !spec && (strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "}}")):
			s.skip(2)
		case rest[0] == '{':
			flush()
			s.field(from, quote, raw)
			at, offset = s.here(), s.pos
		case rest[0] == '}':
			if !spec {
				s.fail(KindSyntax, s.here(), Pos{}, "f-string: single '}' is not allowed")
			}
			flush()
			return
		default:
			s.skip(1)
		}
	}
}

// field scans a replacement field, braces included.
func (s *scanner) field(from Pos, quote string, raw bool) {
	at, offset := s.here(), s.pos
	s.skip(1)
	s.open(at, offset, quote)
	depth := len(s.brackets)
	s.emit(word, at, offset)
	for {
		if s.pos == len(s.src) {
			s.fail(KindSyntax, at, Pos{}, "f-string: expecting '}'")
		}
		inside := len(s.brackets) > depth
		switch c := s.src[s.pos]; {
		case !inside && c == ':':
			from2, offset2 := s.here(), s.pos
			s.skip(1)
			s.emit(word, from2, offset2)
			s.fstringText(from, quote, raw, true)
			s.operator()
			return
		case !inside && c == '!' && s.peek(1) != '=':
			from2, offset2 := s.here(), s.pos
			s.skip(1)
			s.emit(word, from2, offset2)
		case !inside && c == '}':
			s.operator()
			return
		case strings.HasPrefix(s.src[s.pos:], quote) && !s.stringFollows(quote):
			s.fail(KindSyntax, s.here(), Pos{}, "f-string: expecting '}'")
		default:
			s.token()
		}
	}
}

// stringFollows reports whether a whole literal with these quotes starts here, rather
// than the end of the f-string around.
func (s *scanner) stringFollows(quote string) bool {
	body, _, closed := strings.Cut(s.src[s.pos+len(quote):], quote)
	return closed && (len(quote) == 3 || !strings.Contains(body, "\n"))
}

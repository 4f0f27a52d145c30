package syntax

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A scanner cuts a source into tokens. Its methods fail by panicking with an *Error,
// which scan recovers.
type scanner struct {
	file   string
	src    string
	lines  []string
	tokens []token

	pos       int   // offset of the next character
	line      int32 // of the next character, from 1
	lineStart int   // offset of that line
	wide      int   // bytes of that line before pos that continue a character

	indents  []indentation
	brackets []bracket
}

// An indentation is the width of leading white space, with tabs to every eighth
// column and with tabs as one column. Both must agree or the file mixes tabs and spaces.
type indentation struct{ width, alt int }

// A bracket is an open one. In an f-string it is the brace of a replacement field.
type bracket struct {
	token
	quote string // of the f-string, or "" for any other bracket
}

// scan cuts src, whose line ends are all \n, into tokens. The last one is endOfFile, or
// broken where failure says why. The bracket is the innermost of those never closed,
// nil when all are.
func scan(file, src string, lines []string) (tokens []token, unclosed *bracket, failure *Error) {
	s := &scanner{file: file, src: src, lines: lines, line: 1, indents: []indentation{{}}}
	defer func() {
		if r := recover(); r != nil {
			if !isError(r, &failure) {
				panic(r)
			}
			s.emit(broken, s.here(), s.pos)
			tokens = s.tokens
		}
	}()
	for s.pos < len(s.src) {
		s.logicalLine()
	}
	if n := len(s.tokens); n > 0 && s.tokens[n-1].kind != newline {
		s.emit(newline, s.here(), s.pos)
	}
	for range s.indents[1:] {
		s.emit(dedent, s.here(), s.pos)
	}
	s.emit(endOfFile, s.here(), s.pos)
	if n := len(s.brackets); n > 0 {
		return s.tokens, &s.brackets[n-1], nil
	}
	return s.tokens, nil, nil
}

// here is the place of the next character.
func (s *scanner) here() Pos {
	return Pos{s.line, int32(s.pos - s.lineStart - s.wide + 1)} //nolint:gosec // at most maxSource
}

// peek returns the byte n after the next one, 0 past the end.
func (s *scanner) peek(n int) byte {
	if s.pos+n < len(s.src) {
		return s.src[s.pos+n]
	}
	return 0
}

// skip passes n bytes, which may include line ends.
func (s *scanner) skip(n int) {
	for end := s.pos + n; s.pos < end; {
		c := s.src[s.pos]
		s.pos++
		switch {
		case c == '\n':
			s.line++
			s.lineStart, s.wide = s.pos, 0
		case c >= utf8.RuneSelf && !utf8.RuneStart(c):
			s.wide++
		}
	}
}

// emit adds the token from a place to here.
func (s *scanner) emit(k kind, from Pos, offset int) {
	s.tokens = append(s.tokens, token{
		Span: Span{from, s.here()}, kind: k, level: uint8(len(s.brackets)), //nolint:gosec // at most maxBrackets
		offset: int32(offset), text: s.src[offset:s.pos], //nolint:gosec // at most maxSource
	})
}

// fail panics with an error at a place; end is the zero Pos for a single caret.
func (s *scanner) fail(kind string, at, end Pos, format string, args ...any) {
	text := ""
	if int(at.Line) <= len(s.lines) {
		text = s.lines[at.Line-1]
	}
	panic(&Error{
		Kind: kind, File: s.file, Line: int(at.Line), Col: int(at.Col), EndCol: int(end.Col),
		Text: text, Msg: fmt.Sprintf(format, args...),
	})
}

// logicalLine scans indentation and what follows it up to a line end outside brackets.
func (s *scanner) logicalLine() {
	width, blank := s.measureIndent()
	if blank {
		return
	}
	s.indentTo(width)
	for s.pos < len(s.src) {
		if s.src[s.pos] == '\n' && len(s.brackets) == 0 {
			from, offset := s.here(), s.pos
			s.pos++
			s.tokens = append(s.tokens, token{
				Span: Span{from, Pos{from.Line, from.Col + 1}}, kind: newline, offset: int32(offset), text: "\n", //nolint:gosec // at most maxSource
			})
			s.pos--
			s.skip(1)
			return
		}
		s.token()
	}
}

// measureIndent passes the white space a line begins with, and the whole line if it
// holds nothing else, or only a comment.
func (s *scanner) measureIndent() (in indentation, blank bool) {
	for ; ; s.pos++ {
		switch s.peek(0) {
		case ' ':
			in.width++
			in.alt++
			continue
		case '\t':
			in.width = (in.width/8 + 1) * 8
			in.alt++
			continue
		case '\f':
			in = indentation{}
			continue
		case '#':
			s.comment()
		}
		break
	}
	if s.pos == len(s.src) {
		return in, true
	}
	if s.src[s.pos] == '\n' {
		s.skip(1)
		return in, true
	}
	return in, false
}

// indentTo emits the indent or dedents that lead to a width.
func (s *scanner) indentTo(in indentation) {
	top := s.indents[len(s.indents)-1]
	if in.width == top.width && in.alt == top.alt {
		return
	}
	if in.width > top.width && in.alt > top.alt {
		if len(s.indents) == maxIndents {
			s.fail(KindIndentation, s.here(), Pos{}, "too many levels of indentation")
		}
		s.indents = append(s.indents, in)
		s.emit(indent, Pos{s.line, 1}, s.pos)
		return
	}
	for in.width < top.width {
		s.indents = s.indents[:len(s.indents)-1]
		top = s.indents[len(s.indents)-1]
		s.emit(dedent, s.here(), s.pos)
	}
	if in.width != top.width {
		eol := Pos{s.line, int32(utf8.RuneCountInString(s.lines[s.line-1]) + 1)} //nolint:gosec // at most maxSource
		s.fail(KindIndentation, eol, Pos{}, "unindent does not match any outer indentation level")
	}
	if in.alt != top.alt {
		s.fail(KindTab, Pos{s.line, 1}, Pos{}, "inconsistent use of tabs and spaces in indentation")
	}
}

// comment passes a comment, up to the line end.
func (s *scanner) comment() {
	n := strings.IndexByte(s.src[s.pos:], '\n')
	if n < 0 {
		n = len(s.src) - s.pos
	}
	s.skip(n)
}

// token scans one token or a piece of space between tokens.
func (s *scanner) token() {
	switch c := s.src[s.pos]; {
	case c == ' ' || c == '\t' || c == '\f' || c == '\n':
		s.skip(1)
	case c == '#':
		if q := s.fieldQuote(); q != "" {
			s.fail(KindSyntax, s.here(), Pos{}, "f-string expression part cannot include '#'")
		}
		s.comment()
	case c == '\\':
		s.continuation()
	case c >= '0' && c <= '9' || c == '.' && isDigit(s.peek(1)):
		s.number()
	case c == '"' || c == '\'':
		s.quoted(0)
	case c == '_' || c >= utf8.RuneSelf || isASCIILetter(c):
		s.name()
	default:
		s.operator()
	}
}

// fieldQuote returns the quotes of the f-string whose replacement field is the
// innermost open bracket, or "".
func (s *scanner) fieldQuote() string {
	if n := len(s.brackets); n > 0 {
		return s.brackets[n-1].quote
	}
	return ""
}

// continuation passes a backslash at a line's end.
func (s *scanner) continuation() {
	s.skip(1)
	if s.pos == len(s.src) || s.pos+1 == len(s.src) && s.src[s.pos] == '\n' {
		s.fail(KindSyntax, s.here(), Pos{}, "unexpected EOF while parsing")
	}
	if s.src[s.pos] != '\n' {
		s.fail(KindSyntax, s.here(), Pos{}, "unexpected character after line continuation character")
	}
	s.skip(1)
}

// name scans an identifier or keyword, or the prefix of a string literal.
func (s *scanner) name() {
	from, offset := s.here(), s.pos
	if n := stringPrefixLen(s.src[s.pos:]); n > 0 {
		s.quoted(n)
		return
	}
	for i, r := range s.src[offset:] {
		if !isNameRune(r, i == 0) {
			if r >= utf8.RuneSelf {
				s.badCharacter(r)
			}
			break
		}
		s.skip(utf8.RuneLen(r))
	}
	if isKeyword(s.src[offset:s.pos]) {
		s.emit(word, from, offset)
	} else {
		s.emit(name, from, offset)
	}
}

func (s *scanner) badCharacter(r rune) {
	if unicode.IsPrint(r) {
		s.fail(KindSyntax, s.here(), Pos{}, "invalid character '%c' (U+%04X)", r, r)
	}
	s.fail(KindSyntax, s.here(), Pos{}, "invalid non-printable character U+%04X", r)
}

// stringPrefixLen returns the length of the string prefix that src begins with when
// a quote follows it, else 0.
func stringPrefixLen(src string) int {
	for i := range min(3, len(src)) {
		switch c := src[i]; {
		case c == '"' || c == '\'':
			switch strings.ToLower(src[:i]) {
			case "r", "b", "u", "f", "br", "rb", "fr", "rf":
				return i
			}
			return 0
		case !isASCIILetter(c):
			return 0
		}
	}
	return 0
}

// operator scans an operator or delimiter and keeps account of brackets.
func (s *scanner) operator() {
	from, offset := s.here(), s.pos
	n := operatorLen(s.src[s.pos:])
	if n == 0 {
		s.badCharacter(rune(s.src[s.pos]))
	}
	s.skip(n)
	switch c := s.src[offset]; c {
	case '(', '[', '{':
		s.open(from, offset, "")
	case ')', ']', '}':
		s.close(from, c)
	}
	s.emit(word, from, offset)
}

// open notes the bracket at offset.
func (s *scanner) open(from Pos, offset int, quote string) {
	if len(s.brackets) == maxBrackets {
		s.fail(KindSyntax, from, Pos{}, "too many nested parentheses")
	}
	s.brackets = append(s.brackets, bracket{token{Span: Span{from, s.here()}, text: s.src[offset:s.pos]}, quote})
}

// close takes the bracket off that c, at a place, closes.
func (s *scanner) close(at Pos, c byte) {
	n := len(s.brackets)
	if n == 0 {
		s.fail(KindSyntax, at, Pos{}, "unmatched '%c'", c)
	}
	top := s.brackets[n-1]
	s.brackets = s.brackets[:n-1]
	if pair := top.text + string(c); pair == "()" || pair == "[]" || pair == "{}" {
		return
	}
	switch {
	case top.quote != "":
		s.fail(KindSyntax, at, Pos{}, "f-string: unmatched '%c'", c)
	case top.Start.Line != at.Line:
		s.fail(KindSyntax, at, Pos{}, "closing parenthesis '%c' does not match opening parenthesis '%s' on line %d", c, top.text, top.Start.Line)
	}
	s.fail(KindSyntax, at, Pos{}, "closing parenthesis '%c' does not match opening parenthesis '%s'", c, top.text)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isASCIILetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

func isNameRune(r rune, first bool) bool {
	if r < utf8.RuneSelf {
		return r == '_' || isASCIILetter(byte(r)) || !first && isDigit(byte(r)) //nolint:gosec // below RuneSelf
	}
	if unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r) {
		return true
	}
	return !first && (unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc) || unicode.Is(unicode.Other_ID_Continue, r))
}

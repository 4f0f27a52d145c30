package syntax

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Parse reads the source of a file, which must be UTF-8 and at most 1 MiB. The name is
// used in errors only. Each error is an *Error.
func Parse(filename string, src []byte) (*Module, error) {
	m, err := parse(filename, src)
	if err == nil {
		mangle(m)
	}
	return m, err
}

// parse gives the tree with the names of the source.
func parse(filename string, src []byte) (m *Module, err error) {
	text, err := decode(filename, src)
	if err != nil {
		return nil, err
	}
	defer func() {
		var failure *Error
		switch r := recover(); {
		case r == nil:
		case isError(r, &failure):
			m, err = nil, failure
		default:
			panic(r)
		}
	}()
	mod := &Module{File: filename, Lines: strings.Split(strings.TrimSuffix(text, "\n"), "\n")}
	p := &parser{mod: mod, src: text}
	p.tokens, p.unclosed, p.failure = scan(filename, text, mod.Lines)
	for !p.atKind(endOfFile) {
		mod.Body = append(mod.Body, p.statement()...)
	}
	check(mod)
	return mod, nil
}

// isError reports whether a recovered value is an *Error, and sets target to it.
func isError(recovered any, target **Error) bool {
	err, ok := recovered.(error)
	return ok && errors.As(err, target)
}

// decode checks that src can be read and gives its lines one kind of end.
func decode(filename string, src []byte) (string, error) {
	refuse := func(line int, format string, args ...any) (string, error) {
		return "", &Error{Kind: KindSyntax, File: filename, Line: line, Msg: fmt.Sprintf(format, args...)}
	}
	if len(src) > maxSource {
		return refuse(1, "file is too large: %d bytes, at most %d are allowed", len(src), maxSource)
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	line := 1
	for i, r := range text {
		if r == utf8.RuneError && !strings.HasPrefix(text[i:], "\ufffd") {
			return refuse(line, "file is not UTF-8: byte 0x%02x", text[i])
		}
		switch r {
		case 0:
			return refuse(line, "source code cannot contain null bytes")
		case '\n':
			line++
		}
	}
	return text, nil
}

// A parser makes the tree of the tokens. Its methods are named for what they parse and
// panic with an *Error when the tokens are not that.
type parser struct {
	mod      *Module
	src      string
	tokens   []token
	i        int // the next token
	unclosed *bracket
	failure  *Error // of the scanner; the last token is then broken
	depth    int    // of nested calls of nest
	operand  Expr   // the disjunction parsed last, which a missing comma may follow
	after    int    // the token after operand
}

func (p *parser) tok() *token { return &p.tokens[p.i] }

// ahead returns the token n after the next one.
func (p *parser) ahead(n int) *token { return &p.tokens[min(p.i+n, len(p.tokens)-1)] }

// is reports whether t is this keyword, operator or delimiter.
func (t *token) is(s string) bool { return t.kind == word && t.text == s }

// last reports whether t ends the file, or what can be read of it.
func (t *token) last() bool { return t.kind == endOfFile || t.kind == broken }

// isAny reports whether t is one of these.
func (t *token) isAny(words ...string) bool {
	return t.kind == word && slices.Contains(words, t.text)
}

func (p *parser) at(s string) bool       { return p.tok().is(s) }
func (p *parser) atAny(w ...string) bool { return p.tok().isAny(w...) }
func (p *parser) atKind(k kind) bool     { return p.tok().kind == k }
func (p *parser) next() *token           { t := p.tok(); p.i = min(p.i+1, len(p.tokens)-1); return t }
func (p *parser) start() Pos             { return p.tok().Start }
func (p *parser) since(start Pos) Span   { return Span{start, p.tokens[max(p.i-1, 0)].End} }
func (p *parser) startsExpression() bool { return startsExpression(p.tok()) }

func nameNode(t *token) *Name { return &Name{t.Span, identifier(t)} }
func (p *parser) source(from, to *token) string {
	return p.src[from.offset:to.offset]
}

// identifier returns a name as CPython compares it.
func identifier(t *token) string {
	for i := range len(t.text) {
		if t.text[i] >= utf8.RuneSelf {
			return norm.NFKC.String(t.text)
		}
	}
	return t.text
}

// eat passes the next token if it is s.
func (p *parser) eat(s string) bool {
	if p.at(s) {
		p.next()
		return true
	}
	return false
}

// want passes a token that must be there or the syntax is invalid.
func (p *parser) want(s string) *token {
	if !p.at(s) {
		p.unexpected()
	}
	return p.next()
}

// force passes a token whose absence has one explanation only.
func (p *parser) force(s string) {
	if !p.eat(s) {
		p.fail(p.tok(), "expected '%s'", s)
	}
}

// colon passes the colon of a compound statement's head; one missing at the line's end
// is named.
func (p *parser) colon() {
	if p.atKind(newline) {
		p.fail(p.tok(), "expected ':'")
	}
	p.want(":")
}

// identifier passes a name.
func (p *parser) identifier() *token {
	if !p.atKind(name) {
		p.unexpected()
	}
	return p.next()
}

// nest guards recursion: each parser function that can reach itself calls it first and
// defers the result.
func (p *parser) nest() func() {
	p.depth++
	if p.depth > maxDepth {
		p.fail(p.tok(), "code is nested too deeply: more than %d levels", maxDepth)
	}
	return func() { p.depth-- }
}

// try parses with f and reports whether it succeeded; if not, nothing has been passed.
func (p *parser) try(f func()) (ok bool) {
	before := *p
	defer func() {
		var failure *Error
		if r := recover(); r != nil {
			if !isError(r, &failure) {
				panic(r)
			}
			*p = before
			ok = false
		}
	}()
	f()
	return true
}

// fail panics with an error at a node. What the scanner stopped at, unless it was only
// the indentation of a later line, is the better explanation, and so is a bracket of an
// earlier line that was never closed.
func (p *parser) fail(at Node, format string, args ...any) {
	if p.atKind(broken) || p.failure != nil && p.failure.Kind == KindSyntax {
		panic(p.failure)
	}
	if u := p.unclosed; u != nil && (p.tok().Start.Line > u.Start.Line || p.atKind(endOfFile) || p.atKind(newline)) {
		panic(NewError(p.mod, Span{Start: u.Start, End: u.Start}, "'%s' was never closed", u.text))
	}
	panic(NewError(p.mod, at.Range(), format, args...))
}

// failIndentation is fail for the indentation at a place.
func (p *parser) failIndentation(at Span, format string, args ...any) {
	if p.atKind(broken) {
		panic(p.failure)
	}
	err := NewError(p.mod, at, format, args...)
	err.Kind = KindIndentation
	panic(err)
}

// unexpected fails at the next token, with the most helpful message it can find.
func (p *parser) unexpected() {
	t := p.tok()
	if t.kind == indent {
		p.failIndentation(Span{Start: Pos{t.Start.Line, max(t.End.Col-1, 1)}}, "unexpected indent")
	}
	p.missingComma()
	p.fail(t, "invalid syntax")
}

// missingComma fails if the next token begins another expression in the brackets in
// which one has just ended.
func (p *parser) missingComma() {
	first := p.operand
	if first == nil || p.after != p.i || p.tokens[p.i-1].level == 0 || !p.startsExpression() {
		return
	}
	if _, ok := first.(*Name); ok && p.atKind(stringLit) {
		return // rather an unknown string prefix
	}
	var second Expr
	if p.try(func() { second = p.expression() }) && p.tokens[p.i-1].level > 0 {
		p.fail(Span{first.Range().Start, second.Range().End}, "invalid syntax. Perhaps you forgot a comma?")
	}
}

// startsExpression reports whether an expression may begin with t.
func startsExpression(t *token) bool {
	switch t.kind {
	case name, number, stringLit, fstringStart:
		return true
	case word:
		return t.isAny("(", "[", "{", "-", "+", "~", "not", "lambda", "await", "None", "True", "False", "...")
	}
	return false
}

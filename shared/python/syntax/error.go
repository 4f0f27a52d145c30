package syntax

import (
	"fmt"
	"strings"
)

// The kinds of Error, named as CPython's exception classes are.
const (
	KindSyntax      = "SyntaxError"
	KindIndentation = "IndentationError"
	KindTab         = "TabError"
)

// An Error says what is wrong with a file and where. The zero EndCol, and one not
// after Col, stand for a single caret.
type Error struct {
	Kind   string // KindSyntax when ""
	File   string
	Line   int    // from 1
	Col    int    // from 1, in characters
	EndCol int    // the column after the last one marked, on the same line
	Text   string // the source line
	Msg    string
}

// NewError returns an Error of KindSyntax that marks a node of m. What a node covers
// beyond its first line is not marked.
func NewError(m *Module, at Span, format string, args ...any) *Error {
	if last := int32(len(m.Lines)); at.Start.Line > last { //nolint:gosec // at most maxSource
		at.Start.Line = last // the end of the file
	}
	text := m.Line(at.Start.Line)
	end := int(at.End.Col)
	if at.End.Line != at.Start.Line {
		end = len([]rune(text)) + 1
	}
	return &Error{
		Kind: KindSyntax, File: m.File, Line: int(at.Start.Line), Col: int(at.Start.Col), EndCol: end,
		Text: text, Msg: fmt.Sprintf(format, args...),
	}
}

// Error returns the message as CPython prints it at the end of a traceback.
func (e *Error) Error() string {
	kind := e.Kind
	if kind == "" {
		kind = KindSyntax
	}
	var b strings.Builder
	fmt.Fprintf(&b, "  File \"%s\", line %d\n", e.File, e.Line)
	if text := strings.TrimLeft(e.Text, blanks); text != "" {
		fmt.Fprintf(&b, "    %s\n", text)
		b.WriteString(e.carets())
	}
	fmt.Fprintf(&b, "%s: %s", kind, e.Msg)
	return b.String()
}

// blanks is what a line may be indented with.
const blanks = " \t\f"

// carets is the line under the source line; "" when no column is known, or when the
// indentation is what is wrong.
func (e *Error) carets() string {
	if e.Col < 1 {
		return ""
	}
	line := []rune(e.Text)
	indent := len(line) - len([]rune(strings.TrimLeft(e.Text, blanks)))
	if e.Col-1 < indent {
		return ""
	}
	col := min(e.Col-1-indent, len(line)-indent)
	n := max(min(e.EndCol-1-indent, len(line)-indent)-col, 1)
	var b strings.Builder
	b.WriteString("    ")
	for _, r := range line[indent : indent+col] {
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
	}
	b.WriteString(strings.Repeat("^", n))
	b.WriteByte('\n')
	return b.String()
}

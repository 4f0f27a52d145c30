package syntax_test

import (
	"bytes"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

func parse(t *testing.T, source string) *syntax.Module {
	t.Helper()
	m, err := syntax.Parse("t.py", []byte(source))
	require.NoError(t, err)
	return m
}

// parseExpr parses a source that is one expression.
func parseExpr(t *testing.T, source string) syntax.Expr {
	t.Helper()
	m := parse(t, source)
	require.Len(t, m.Body, 1)
	s, ok := m.Body[0].(*syntax.ExprStmt)
	require.True(t, ok, "%T is no expression", m.Body[0])
	return s.Value
}

func span(line, col, endLine, endCol int32) syntax.Span {
	return syntax.Span{Start: syntax.Pos{Line: line, Col: col}, End: syntax.Pos{Line: endLine, Col: endCol}}
}

func name(line, col, endCol int32, id string) *syntax.Name {
	return &syntax.Name{Span: span(line, col, line, endCol), ID: id}
}

func text(line, col, endCol int32, s string) *syntax.Constant {
	return &syntax.Constant{Span: span(line, col, line, endCol), Value: s}
}

// CPython 3.11 gives the parts of an f-string no useful places, so they are checked here.
func TestFStrings(t *testing.T) {
	t.Parallel()
	tests := []struct {
		source string
		want   syntax.Expr
	}{
		{`f"a{b}c"`, &syntax.JoinedStr{Span: span(1, 1, 1, 9), Values: []syntax.Expr{
			text(1, 3, 4, "a"),
			&syntax.FormattedValue{Span: span(1, 4, 1, 7), Value: name(1, 5, 6, "b")},
			text(1, 7, 8, "c"),
		}}},
		{`f"{{é}}{b!r:>{w}}"`, &syntax.JoinedStr{Span: span(1, 1, 1, 19), Values: []syntax.Expr{
			text(1, 3, 8, "{é}"),
			&syntax.FormattedValue{
				Span: span(1, 8, 1, 18), Value: name(1, 9, 10, "b"), Conversion: 'r',
				Spec: &syntax.JoinedStr{Span: span(1, 13, 1, 17), Values: []syntax.Expr{
					text(1, 13, 14, ">"),
					&syntax.FormattedValue{Span: span(1, 14, 1, 17), Value: name(1, 15, 16, "w")},
				}},
			},
		}}},
		{`f"{ b = }"`, &syntax.JoinedStr{Span: span(1, 1, 1, 11), Values: []syntax.Expr{
			text(1, 4, 8, " b = "),
			&syntax.FormattedValue{Span: span(1, 3, 1, 10), Value: name(1, 5, 6, "b"), Conversion: 'r'},
		}}},
		{`f"{b=:d}"`, &syntax.JoinedStr{Span: span(1, 1, 1, 10), Values: []syntax.Expr{
			text(1, 4, 6, "b="),
			&syntax.FormattedValue{
				Span: span(1, 3, 1, 9), Value: name(1, 4, 5, "b"),
				Spec: &syntax.JoinedStr{Span: span(1, 7, 1, 8), Values: []syntax.Expr{text(1, 7, 8, "d")}},
			},
		}}},
		{`'x' f"\x41" "y"`, &syntax.JoinedStr{Span: span(1, 1, 1, 16), Values: []syntax.Expr{text(1, 1, 16, "xAy")}}},
		{`rf"\d{b}"`, &syntax.JoinedStr{Span: span(1, 1, 1, 10), Values: []syntax.Expr{
			text(1, 4, 6, `\d`), &syntax.FormattedValue{Span: span(1, 6, 1, 9), Value: name(1, 7, 8, "b")},
		}}},
		// The same quotes inside, as Python 3.12 allows.
		{`f"{b["k"]}"`, &syntax.JoinedStr{Span: span(1, 1, 1, 12), Values: []syntax.Expr{
			&syntax.FormattedValue{Span: span(1, 3, 1, 11), Value: &syntax.Subscript{
				Span: span(1, 4, 1, 10), Value: name(1, 4, 5, "b"), Index: text(1, 6, 9, "k"),
			}},
		}}},
		{`f"{f"{b}"}"`, &syntax.JoinedStr{Span: span(1, 1, 1, 12), Values: []syntax.Expr{
			&syntax.FormattedValue{Span: span(1, 3, 1, 11), Value: &syntax.JoinedStr{Span: span(1, 4, 1, 10), Values: []syntax.Expr{
				&syntax.FormattedValue{Span: span(1, 6, 1, 9), Value: name(1, 7, 8, "b")},
			}}},
		}}},
	}
	for _, tt := range tests {
		t.Run(tt.source, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, parseExpr(t, tt.source)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestGenerators(t *testing.T) {
	t.Parallel()
	tests := []struct {
		source string
		want   bool
	}{
		{"def f(): yield", true},
		{"def f():\n  if x:\n    y = yield from z", true},
		{"def f():\n  def g(): yield", false},
		{"def f(): return lambda: (yield)", false},
		{"def f(): pass", false},
	}
	for _, tt := range tests {
		f, ok := parse(t, tt.source).Body[0].(*syntax.FunctionDef)
		require.True(t, ok)
		require.Equal(t, tt.want, f.Generator, tt.source)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	many := strings.Repeat
	deep := "code is nested too deeply: more than 1000 levels"
	tests := map[string]struct{ source, want string }{
		"brackets":     {many("(", 201), "too many nested parentheses"},
		"unary":        {many("-", 1_000_000) + "1", deep},
		"not":          {many("not ", 250_000) + "1", deep},
		"power":        {many("1**", 300_000) + "1", deep},
		"lambda":       {many("lambda:", 140_000) + "1", deep},
		"conditional":  {many("1 if 1 else ", 80_000) + "1", deep},
		"attributes":   {"a" + many(".b", 500_000), deep},
		"sum":          {"1" + many("+1", 500_000), deep},
		"calls":        {"a" + many("()", 500_000), deep},
		"elif":         {"if a: b\n" + many("elif a: b\n", 90_000), deep},
		"f-strings":    {many(`f"{`, 300_000), "too many nested parentheses"},
		"format specs": {`f"` + many("{a:", 300_000), "too many nested parentheses"},
		"size":         {many("#", 1<<20+1), "file is too large: 1048577 bytes, at most 1048576 are allowed"},
		"digits":       {many("1", 4301), "Exceeds the limit (4300 digits) for integer string conversion: value has 4301 digits; use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer literals to avoid decimal conversion limits."},
	}
	var blocks strings.Builder
	for i := range 101 {
		blocks.WriteString(many(" ", i) + "if a:\n")
	}
	tests["blocks"] = struct{ source, want string }{blocks.String(), "too many levels of indentation"}
	for label, tt := range tests {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			_, err := syntax.Parse("t.py", []byte(tt.source))
			var e *syntax.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, tt.want, e.Msg)
		})
	}
	parse(t, many("(", 200)+many(")", 200))
	parse(t, "x = [\n"+many("  {'a': b.c + 1},\n", 20_000)+"]\n")
}

func TestEncoding(t *testing.T) {
	t.Parallel()
	tests := []struct{ source, want string }{
		{"a\r\nb\rc\n", ""},
		{"\ufeffa\n", ""},
		{"", ""},
		{"a\n\nb = '\xff'", "  File \"t.py\", line 3\nSyntaxError: file is not UTF-8: byte 0xff"},
		{"a\n\x00", "  File \"t.py\", line 2\nSyntaxError: source code cannot contain null bytes"},
		{"a = '\ufffd'", ""},
	}
	for _, tt := range tests {
		_, err := syntax.Parse("t.py", []byte(tt.source))
		if tt.want == "" {
			require.NoError(t, err, "%q", tt.source)
			continue
		}
		require.EqualError(t, err, tt.want, "%q", tt.source)
	}
}

func TestLine(t *testing.T) {
	t.Parallel()
	m := parse(t, "a\r\n  # b\n")
	require.Equal(t, []string{"a", "  # b"}, m.Lines)
	require.Equal(t, "a", m.Line(1))
	require.Empty(t, m.Line(0))
	require.Empty(t, m.Line(3))
}

// FuzzParse checks that Parse never panics, that each error names a line of the file, and
// that each node lies inside the one around it.
func FuzzParse(f *testing.F) {
	for _, file := range []string{"testdata/errors.txt", "testdata/own.txt", "testdata/grammar.py"} {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for chunk := range bytes.SplitSeq(data, []byte("\n---\n")) {
			source, _, _ := bytes.Cut(chunk, []byte("\n>>>\n"))
			f.Add(source)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := syntax.Parse("t.py", src)
		if err != nil {
			var e *syntax.Error
			if !errors.As(err, &e) || e.Line < 1 || e.Line > bytes.Count(src, []byte("\n"))+bytes.Count(src, []byte("\r"))+1 {
				t.Fatalf("bad error for %q: %#v", src, err)
			}
			_ = err.Error()
			return
		}
		whole := span(1, 1, int32(len(m.Lines)), 1<<30)
		for _, s := range m.Body {
			checkNesting(t, src, s, whole)
		}
	})
}

func checkNesting(t *testing.T, src []byte, n syntax.Node, around syntax.Span) {
	at := n.Range()
	// Adjacent literals melt together, and decorators stand before their function.
	_, isText := n.(*syntax.Constant)
	if before(at.End, at.Start) || !isText && (before(at.Start, around.Start) || before(around.End, at.End)) {
		t.Fatalf("%q: %T at %v, inside %v", src, n, at, around)
	}
	switch d := n.(type) {
	case *syntax.Parameter:
		at = around // its default stands behind it
	case *syntax.FunctionDef:
		if len(d.Decorators) > 0 {
			at.Start = d.Decorators[0].Range().Start
		}
	case *syntax.ClassDef:
		if len(d.Decorators) > 0 {
			at.Start = d.Decorators[0].Range().Start
		}
	}
	syntax.Children(n, func(c syntax.Node) { checkNesting(t, src, c, at) })
}

func before(a, b syntax.Pos) bool {
	return a.Line < b.Line || a.Line == b.Line && a.Col < b.Col
}

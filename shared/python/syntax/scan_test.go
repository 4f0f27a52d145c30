package syntax

import (
	"strings"
	"testing"
)

// FuzzScan checks that the lexer never panics, that it ends, and that its tokens stand
// one behind the other.
func FuzzScan(f *testing.F) {
	for _, seed := range []string{
		"if x:\n\ty = 1\n", "f'{a!r:>{w}}' rf\"\\{b}\"", "0x_ff 1e-3 1_000j 0b2 07", "'''a\nb''' # c\n\\\n(\n[\n{)", "a:=b->c**=d//=e!=f<<=1", "\ufeffx = \"\\N{DASH}\\u12\"\r\n  \f y",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, src string) {
		tokens, _, failure := scan("t.py", src, strings.Split(src, "\n"))
		if failure == nil && len(tokens) == 0 {
			t.Fatalf("%q has neither tokens nor an error", src)
		}
		for i := 1; i < len(tokens); i++ {
			a, b := tokens[i-1].Start, tokens[i].Start
			if b.Line < a.Line || b.Line == a.Line && b.Col < a.Col {
				t.Fatalf("%q: token %d stands before the one before it", src, i)
			}
		}
	})
}

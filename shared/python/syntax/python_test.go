package syntax_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// python311 runs a program with CPython 3.11, whose grammar and messages this package
// follows, and returns its output. Without that version the test is skipped.
func python311(t *testing.T, program string, stdin any) []byte {
	t.Helper()
	version, err := exec.Command("python3", "--version").Output()
	if err != nil || !strings.HasPrefix(string(version), "Python 3.11") {
		t.Skipf("python3 on this machine is not CPython 3.11: %q, %v", version, err)
	}
	in, err := json.Marshal(stdin)
	require.NoError(t, err)
	cmd := exec.Command("python3", "-W", "ignore", "-c", program)
	cmd.Stdin = bytes.NewReader(in)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	return out
}

const compileAll = `
import json, sys, traceback
out = []
for source in json.load(sys.stdin):
    try:
        compile(source, "t.py", "exec", dont_inherit=True)
        out.append("")
    except SyntaxError as e:
        if e.text is None: e.text = source.split("\n")[e.lineno-1]  # as read from a file
        out.append("".join(traceback.format_exception_only(e)).rstrip("\n"))
json.dump(out, sys.stdout)
`

// TestErrorsArePythons checks that CPython prints for testdata/errors.txt what is
// expected there of this package.
func TestErrorsArePythons(t *testing.T) {
	t.Parallel()
	cases := readChunks(t, "testdata/errors.txt")
	var sources []string
	for _, c := range cases {
		sources = append(sources, c.source)
	}
	var got []string
	require.NoError(t, json.Unmarshal(python311(t, compileAll, sources), &got))
	for i, c := range cases {
		if diff := cmp.Diff(c.want, got[i]); diff != "" {
			t.Errorf("%s: %q (-want +python):\n%s", c.at, c.source, diff)
		}
	}
}

const dumpAll = `
import ast, json, sys

def value(v):
    if v is None or isinstance(v, bool): return repr(v)
    if isinstance(v, int): return hex(v)
    if isinstance(v, float): return v.hex()
    if isinstance(v, bytes): return "b" + v.hex()
    if v is ...: return "..."
    return v

def dump(source):
    lines = source.encode().split(b"\n")
    col = lambda line, byte: len(lines[line-1][:byte].decode()) + 1
    out = []
    def visit(n):
        if isinstance(n, ast.JoinedStr):
            out.append(["JoinedStr", n.lineno, col(n.lineno, n.col_offset), n.end_lineno, col(n.end_lineno, n.end_col_offset), ""])
            return
        if hasattr(n, "lineno"):
            text = ""
            if isinstance(n, ast.Constant): text = value(n.value)
            if isinstance(n, ast.Name): text = n.id
            if isinstance(n, ast.Attribute): text = n.attr
            if isinstance(n, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)): text = n.name
            out.append([type(n).__name__, n.lineno, col(n.lineno, n.col_offset), n.end_lineno, col(n.end_lineno, n.end_col_offset), text])
        for child in ast.iter_child_nodes(n): visit(child)
    visit(ast.parse(source))
    return sorted(out)

out = []
for source in json.load(sys.stdin):
    try:
        compile(source, "t.py", "exec", dont_inherit=True)
        out.append(dump(source))
    except (SyntaxError, ValueError):
        out.append(None)
json.dump(out, sys.stdout)
`

// TestTreesArePythons compares trees with CPython's, node by node: kind, place, and
// name or value. The sources are those of testdata and of CPython's own library.
func TestTreesArePythons(t *testing.T) {
	t.Parallel()
	sources := librarySources(t)
	for _, pattern := range []string{"testdata/*.py"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		for _, file := range files {
			src, err := os.ReadFile(file)
			require.NoError(t, err)
			sources = append(sources, string(src))
		}
	}
	var want [][][]any
	require.NoError(t, json.Unmarshal(python311(t, dumpAll, sources), &want))
	compared := 0
	for i, source := range sources {
		m, err := syntax.ParseAsWritten("t.py", []byte(source))
		if err != nil && strings.Contains(err.Error(), "not supported") {
			continue
		}
		if (err == nil) != (want[i] != nil) {
			t.Errorf("Parse: %v, python accepts: %v: %.60q", err, want[i] != nil, source)
			continue
		}
		if err != nil {
			continue
		}
		compared++
		if diff := firstDifference(render(want[i]), render(dump(m))); diff != "" {
			t.Errorf("%.60q: %s", source, diff)
		}
	}
	t.Logf("%d of %d trees compared", compared, len(sources))
	require.Greater(t, compared, len(sources)/2)
}

// librarySources returns some files of CPython's library: the smaller ones.
func librarySources(t *testing.T) []string {
	t.Helper()
	out := python311(t, `import os, json; print(json.dumps(os.path.dirname(os.__file__)))`, nil)
	var dir string
	require.NoError(t, json.Unmarshal(out, &dir))
	pattern := filepath.Join(dir, "*.py")
	if glob := os.Getenv("SYNTAX_TEST_FILES"); glob != "" {
		pattern = glob
	}
	files, err := filepath.Glob(pattern)
	require.NoError(t, err)
	var sources []string
	for _, file := range files {
		src, err := os.ReadFile(file)
		require.NoError(t, err)
		if len(src) < 12<<10 {
			sources = append(sources, string(src))
		}
	}
	return sources
}

func firstDifference(want, got []string) string {
	seen := make(map[string]int)
	for _, s := range got {
		seen[s]++
	}
	for _, s := range want {
		if seen[s] == 0 {
			return "missing " + s
		}
		seen[s]--
	}
	for s, n := range seen {
		if n > 0 {
			return "not python's: " + s
		}
	}
	return ""
}

func render(nodes [][]any) []string {
	out := make([]string, len(nodes))
	for i, n := range nodes {
		out[i] = fmt.Sprint(n...)
	}
	sort.Strings(out)
	return out
}

// dump lists the nodes of m as dumpAll does.
func dump(m *syntax.Module) [][]any {
	var out [][]any
	var visit func(n syntax.Node)
	visit = func(n syntax.Node) {
		if kind := pythonKind(n); kind != "" {
			at := n.Range()
			out = append(out, []any{
				kind, float64(at.Start.Line), float64(at.Start.Col), float64(at.End.Line), float64(at.End.Col), pythonText(n),
			})
		}
		if _, ok := n.(*syntax.JoinedStr); !ok {
			syntax.Children(n, visit)
		}
	}
	for _, s := range m.Body {
		visit(s)
	}
	return out
}

// pythonKind is the name CPython's ast module has for a node, "" if it gives it no place.
func pythonKind(n syntax.Node) string {
	kind := reflect.TypeOf(n).Elem().Name()
	async := reflect.ValueOf(n).Elem().FieldByName("Async")
	switch {
	case kind == "Comprehension" || kind == "WithItem":
		return ""
	case async.IsValid() && async.Bool():
		return "Async" + kind
	}
	renamed := map[string]string{
		"BinaryExpr": "BinOp", "UnaryExpr": "UnaryOp", "IfExpr": "IfExp", "Keyword": "keyword", "Alias": "alias", "Parameter": "arg", "ExprStmt": "Expr",
	}
	if r, ok := renamed[kind]; ok {
		return r
	}
	return kind
}

func pythonText(n syntax.Node) string {
	switch n := n.(type) {
	case *syntax.Name:
		return n.ID
	case *syntax.Attribute:
		return n.Attr
	case *syntax.FunctionDef:
		return n.Name
	case *syntax.ClassDef:
		return n.Name
	case *syntax.Constant:
		return pythonValue(n.Value)
	}
	return ""
}

func pythonValue(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case int64:
		return "0x" + strconv.FormatInt(v, 16)
	case *big.Int:
		return "0x" + v.Text(16)
	case float64:
		return pythonHex(v)
	case syntax.Bytes:
		return fmt.Sprintf("b%x", string(v))
	case syntax.Ellipsis:
		return "..."
	}
	return v.(string)
}

// pythonHex writes a float as float.hex does: 13 digits, no padding of the exponent.
func pythonHex(f float64) string {
	s := strconv.FormatFloat(f, 'x', 13, 64)
	switch {
	case s == "+Inf":
		return "inf"
	case f == 0:
		return "0x0.0p+0"
	}
	mantissa, exponent, _ := strings.Cut(s, "p")
	n, err := strconv.Atoi(exponent)
	if err != nil {
		return s
	}
	return fmt.Sprintf("%sp%+d", mantissa, n)
}

package main

import (
	"bytes"
	"context"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestExecPrintsWhatPythonPrints(t *testing.T) {
	t.Parallel()
	l := setup(t)
	file := l.file("sketch.py", `import json, logging, os
print("start", os.environ.get("REGION"), os.environ.get("HOME"))
def half(x):
    return 1 / x
try:
    half(0)
except ZeroDivisionError as e:
    raise ValueError(json.dumps({"a": [1, None]})) from e
`)
	p := l.run(load.ExitBreached, "exec", file, "--env", "REGION=eu=west")
	require.Equal(t, "start eu=west None\n", p.Stdout())
	path, err := filepath.EvalSymlinks(l.dir)
	require.NoError(t, err)
	path = filepath.Join(path, file)
	want := `Traceback (most recent call last):
  File "` + path + `", line 6, in <module>
    half(0)
  File "` + path + `", line 4, in half
    return 1 / x
           ~~^~~
ZeroDivisionError: division by zero

The above exception was the direct cause of the following exception:

Traceback (most recent call last):
  File "` + path + `", line 8, in <module>
    raise ValueError(json.dumps({"a": [1, None]})) from e
ValueError: {"a": [1, null]}
`
	require.Equal(t, want, p.Stderr())
	if python, err := exec.LookPath("python3"); err == nil {
		oracle := exec.CommandContext(t.Context(), python, path)
		oracle.Env = []string{"REGION=eu=west"}
		var errOut bytes.Buffer
		oracle.Stderr = &errOut
		_ = oracle.Run() // the exception
		require.Equal(t, errOut.String(), p.Stderr(), "this is what %s says", python)
	}
}

func TestExecEnds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		source string
		code   int
		out    string
		says   []string
	}{
		"well":               {"print('a', end='')\n", 0, "a", nil},
		"empty":              {"", 0, "", nil},
		"syntax error":       {"x = 1\nif x\n    pass\n", 2, "", []string{`sketch.py", line 2`, "    if x\n", "^", "SyntaxError: expected ':'"}},
		"refused":            {"print(1)\nopen('x')\n", 2, "", []string{`sketch.py", line 2`, "^", "open is not available"}},
		"scenarios only":     {"import loadpilot\n", 2, "", []string{"loadpilot", "loadpilot run"}},
		"step limit":         {"while True: pass\n", 1, "", []string{"Traceback", "step limit"}},
		"memory limit":       {"print('a')\nx = 'x' * 10**12\n", 1, "a\n", []string{"Traceback", "MemoryError"}},
		"recursion":          {"def f(): f()\nf()\n", 1, "", []string{"RecursionError", "Previous line repeated"}},
		"exit":               {"raise SystemExit\n", 0, "", nil},
		"exit with a code":   {"raise SystemExit(3)\n", 3, "", nil},
		"exit with a reason": {"raise SystemExit('no more')\n", 1, "", []string{"no more\n"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			p := l.run(tc.code, "exec", l.file("sketch.py", tc.source))
			require.Equal(t, tc.out, p.Stdout())
			for _, text := range tc.says {
				require.Contains(t, p.Stderr(), text)
			}
			if len(tc.says) == 0 {
				require.Empty(t, p.Stderr())
			}
		})
	}
}

func TestExecReadsStandardInput(t *testing.T) {
	t.Parallel()
	var out, errOut bytes.Buffer
	code := execute(t.Context(), []string{"exec", "-"}, streams{in: strings.NewReader("print(6 * 7)\n1 / 0\n"), out: &out, err: &errOut, last: &farewell{}})
	require.Equal(t, load.ExitBreached, code)
	require.Equal(t, "42\n", out.String())
	require.Contains(t, errOut.String(), `File "<stdin>", line 2, in <module>`)
}

func TestExecNeedsAScript(t *testing.T) {
	t.Parallel()
	l := setup(t)
	require.Contains(t, l.run(2, "exec", "none.py").Stderr(), "none.py: there is no such file")
	require.Contains(t, l.run(2, "exec", ".").Stderr(), "folder")
	require.Contains(t, l.run(2, "exec").Stderr(), "one file")
	require.Contains(t, l.run(2, "exec", l.file("b.py", "\x00\xff")).Stderr(), "not a Python file")
	p := l.run(2, "exec", l.file("a.py", "pass\n"), "--env", "s3cret")
	require.Contains(t, p.Stderr(), "--env")
	require.NotContains(t, p.Stderr(), "s3cret")
}

// A script prints as it goes, and an interrupt ends it wherever it waits.
func TestExecIsInterrupted(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	printed := make(chan string, 1)
	out := writerFunc(func(b []byte) (int, error) {
		select {
		case printed <- string(b):
		default:
		}
		return len(b), nil
	})
	done := make(chan int)
	go func() {
		in := strings.NewReader("import time\nprint('waiting', end='')\ntime.sleep(3600)\n")
		done <- execute(ctx, []string{"exec", "-"}, streams{in: in, out: out, err: &bytes.Buffer{}, last: &farewell{}})
	}()
	require.Equal(t, "waiting", <-printed)
	cancel()
	require.Equal(t, load.ExitInterrupted, <-done)
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

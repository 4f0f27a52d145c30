package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// program is the binary under test, built once.
var program string

func TestMain(m *testing.M) { os.Exit(buildAndRun(m)) }

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "loadpilot-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	program = filepath.Join(dir, "loadpilot.exe") // the name does no harm where it is not needed
	build := exec.Command("go", "build", "-ldflags", "-X main.version=test", "-o", program, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// lab is a place of its own for the processes of one test: a working folder, a state folder and one for temporary files.
type lab struct {
	t     *testing.T
	dir   string
	state string
	temp  string
	env   []string
}

func setup(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t, dir: t.TempDir(), state: t.TempDir(), temp: t.TempDir()}
	l.env = []string{"XDG_STATE_HOME=" + l.state, "TMPDIR=" + l.temp, "NO_COLOR=1"}
	return l
}

// start starts the program.
func (l *lab) start(args ...string) *testkit.Process {
	l.t.Helper()
	return testkit.Start(l.t, testkit.Command{Path: program, Args: args, Env: l.env, Dir: l.dir})
}

// run runs the program to its end and checks its exit code.
func (l *lab) run(code int, args ...string) *testkit.Process {
	l.t.Helper()
	p := l.start(args...)
	require.Equal(l.t, code, exitCode(p), "loadpilot %v\n%s%s", args, p.Stdout(), p.Stderr())
	return p
}

// exitCode waits for a process. A run that is untrusted only because this machine was too busy to start its iterations in
// time counts as what it would have been otherwise: whether the machine is busy is not what these tests ask.
func exitCode(p *testkit.Process) int {
	code := p.Wait()
	reasons, passed := findings(p.Stdout())
	if code != load.ExitUntrusted || len(reasons) == 0 || slices.ContainsFunc(reasons, notOfTheMachine) {
		return code
	}
	if passed {
		return load.ExitPassed
	}
	return load.ExitBreached
}

func notOfTheMachine(reason string) bool {
	return !strings.HasPrefix(reason, "schedule lag") && !strings.HasPrefix(reason, "a generator used")
}

var trustReasons = regexp.MustCompile(`(?m)^Trust: untrusted\n((?:  .*\n)*)`)

// findings reads the trust reasons and the verdict from a result, as JSON or as a summary.
func findings(output string) (reasons []string, passed bool) {
	var r load.Result
	if json.Unmarshal([]byte(output), &r) == nil {
		return r.Trust.Reasons, r.Verdict.Passed
	}
	if found := trustReasons.FindStringSubmatch(output); found != nil {
		for line := range strings.Lines(found[1]) {
			reasons = append(reasons, strings.TrimSpace(line))
		}
	}
	return reasons, !strings.Contains(output, "Failed:") && !strings.Contains(output, "✗")
}

// result runs the program to its end and reads the only thing it may print with --json.
func (l *lab) result(code int, args ...string) load.Result {
	l.t.Helper()
	return decodeResult(l.t, l.run(code, append(args, "--json")...).Stdout())
}

func decodeResult(t *testing.T, text string) load.Result {
	t.Helper()
	var r load.Result
	require.NoError(t, json.Unmarshal([]byte(text), &r), "%s", text)
	return r
}

// file puts a file into the working folder.
func (l *lab) file(name, content string) string {
	l.t.Helper()
	require.NoError(l.t, os.WriteFile(filepath.Join(l.dir, name), []byte(content), 0o600))
	return name
}

// testdata returns the path of a file of this package, or of the scenarios that users get.
func testdata(t *testing.T, name string) string {
	t.Helper()
	path, err := filepath.Abs(filepath.Join("testdata", name))
	require.NoError(t, err)
	return path
}

// eventually waits until a condition holds.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			t.Fatalf("never: %s", what)
		}
	}
}

// invoke runs the command line within this process.
func invoke(t *testing.T, out, err io.Writer, args ...string) int {
	t.Helper()
	return execute(t.Context(), args, streams{out: out, err: err, last: &farewell{}})
}

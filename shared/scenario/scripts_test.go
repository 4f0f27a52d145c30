package scenario

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Where the scenario files are that CPython runs as well, and what it runs them with.
const (
	scriptsDir = "testdata/scripts"
	stubDir    = "testdata/scripts/stub"
)

// The suite is as large as was promised.
const (
	leastScripts = 30
	leastLines   = 40
)

// TestScriptsRunAsInCPython runs each scenario file, two cycles of its tasks by one user, in
// the engine and in python3 3.11, or compares with the golden files where there is none: what it
// asks for, prints and measures, and which exceptions end its tasks and checks.
func TestScriptsRunAsInCPython(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(scriptsDir + "/*.py")
	require.NoError(t, err)
	assert.GreaterOrEqual(t, len(files), leastScripts)
	oracle := pythonPath(t)
	if oracle == "" {
		t.Log("compared with golden files: no python3 of version 3.11 here")
	} else {
		t.Logf("compared with %s", oracle)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".py"), func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile(file)
			require.NoError(t, err)
			require.GreaterOrEqual(t, bytes.Count(text, []byte("\n")), leastLines, "lines")
			golden := strings.TrimSuffix(file, ".py") + ".golden"
			var want []byte
			if oracle != "" {
				want = runPython(t, oracle, file)
			}
			if *update && want != nil {
				require.NoError(t, os.WriteFile(golden, want, 0o600))
			}
			kept, err := os.ReadFile(golden)
			require.NoError(t, err)
			if want == nil {
				want = kept
			} else if diff := cmp.Diff(string(kept), string(want)); diff != "" {
				t.Errorf("the golden file (-) is not what python3 prints (+):\n%s", diff)
			}
			got := runScript(t, filepath.Base(file), text)
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("python3 (-) and the engine (+) differ:\n%s", diff)
			}
		})
	}
}

// pythonPath finds an interpreter of the version whose texts the engine has.
func pythonPath(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("python3")
	if err != nil {
		return ""
	}
	out, err := exec.CommandContext(t.Context(), path, "-c", "import sys; print(sys.version_info[:2] == (3, 11))").Output()
	if err != nil || strings.TrimSpace(string(out)) != "True" {
		return ""
	}
	return path
}

func runPython(t *testing.T, python, file string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), python, "-W", "ignore", filepath.Join(stubDir, "drive.py"), file)
	cmd.Env = append(os.Environ(), "REGION=eu", "PYTHONIOENCODING=utf-8", "PYTHONDONTWRITEBYTECODE=1")
	var failures bytes.Buffer
	cmd.Stderr = &failures
	out, err := cmd.Output()
	require.NoError(t, err, failures.String())
	return out
}

// runScript does what drive.py does.
func runScript(t *testing.T, name string, text []byte) string {
	t.Helper()
	var out bytes.Buffer
	opts := Options{Env: map[string]string{"REGION": "eu"}, Print: &out, Files: map[string]string{}}
	names, err := DataFiles(name, text)
	require.NoError(t, err)
	for _, n := range names {
		data, err := os.ReadFile(filepath.Join(scriptsDir, n))
		require.NoError(t, err)
		opts.Files[n] = string(data)
	}
	program, err := Compile(t.Context(), name, text, opts)
	require.NoError(t, err)
	for _, scenario := range program.Names() {
		plan, err := program.Plan(scenario)
		require.NoError(t, err)
		before := out.Len()
		runner, err := program.NewRunner(t.Context(), plan, opts)
		require.NoError(t, err)
		out.Truncate(before) // CPython loads the file once
		runUser(t, &out, runner, plan)
	}
	return out.String()
}

// runUser runs two cycles of tasks by one user.
func runUser(t *testing.T, out io.Writer, runner *Runner, plan load.Plan) {
	t.Helper()
	sequence, err := load.NewSequence(plan.Tasks)
	require.NoError(t, err)
	client := newPrintingClient(t, out)
	tell := func(what string, o Outcome) {
		if !o.Failed {
			return
		}
		if o.Check == CheckFailed {
			what = "check_" + what
		}
		fmt.Fprintf(out, "! %s: %s\n", what, lastLine(o))
	}
	fmt.Fprintf(out, "== %s\n", plan.Scenario)
	user := runner.NewUser()
	tell("on_start", user.Start(t.Context(), client))
	for k := range int64(2 * sequence.Cycle()) {
		task := sequence.Task(k)
		fmt.Fprintf(out, "-- %s\n", plan.Tasks[task].Name)
		tell(plan.Tasks[task].Name, user.Run(t.Context(), k, task, client))
	}
	tell("on_stop", user.Stop(t.Context(), client))
}

// lastLine is class and first line of the message of the exception that ended an invocation.
func lastLine(o Outcome) string {
	found := o.Class + ": "
	for line := range strings.Lines(o.Message) {
		class, text, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
		if class[strings.LastIndexByte(class, '.')+1:] == o.Class {
			text, _, _ = strings.Cut(text, "  (left: ")
			text, _, _ = strings.Cut(text, ". Did you mean: ")
			found = o.Class + ": " + text
		}
	}
	return found
}

// A printingClient prints requests and measures as the stub of CPython does, and answers from the
// same table.
type printingClient struct {
	out    io.Writer
	routes map[string]route
	keys   []string // of routes, in the order of the file
}

type route struct {
	Status int    `json:"status"`
	Type   string `json:"type"`
	Body   string `json:"body"`
}

func newPrintingClient(t *testing.T, out io.Writer) *printingClient {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(stubDir, "routes.json"))
	require.NoError(t, err)
	c := &printingClient{out: out}
	require.NoError(t, json.Unmarshal(text, &c.routes))
	c.keys = slices.Sorted(maps.Keys(c.routes))
	return c
}

func (c *printingClient) Do(_ context.Context, r *Request) *Response {
	name := ""
	if r.Name != "" {
		name = " [" + r.Name + "]"
	}
	fmt.Fprintf(c.out, "> %s %s%s\n", r.Method, r.URL, name)
	fields := slices.Clone(r.Header)
	slices.SortStableFunc(fields, func(a, b Field) int { return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	for _, f := range fields {
		fmt.Fprintf(c.out, ">   %s: %s\n", strings.ToLower(f.Name), f.Value)
	}
	if len(r.Body) > 0 {
		fmt.Fprintf(c.out, ">   %s\n", r.Body)
	}
	path, _, _ := strings.Cut(r.URL, "?")
	answer := c.find(r.Method + " " + path)
	return &Response{Status: answer.Status, Body: []byte(answer.Body), Header: func(yield func(name, value string) bool) {
		if answer.Type != "" {
			yield("Content-Type", answer.Type)
		}
	}}
}

func (c *printingClient) find(key string) route {
	if answer, ok := c.routes[key]; ok {
		return answer
	}
	for _, k := range c.keys {
		if strings.HasSuffix(k, "/") && strings.HasPrefix(key, k) {
			return c.routes[k]
		}
	}
	return route{Status: 404, Type: "application/json", Body: `{"detail": "Not Found"}`}
}

func (c *printingClient) Batch(ctx context.Context, reqs []*Request) []*Response {
	out := make([]*Response, len(reqs))
	for i, r := range reqs {
		out[i] = c.Do(ctx, r)
	}
	return out
}

func (c *printingClient) Measure(m Measure) {
	ok := ""
	if m.Kind == load.MeasureEvent {
		ok = " True"
		if m.Failed {
			ok = " False"
		}
	}
	fmt.Fprintf(c.out, "~ %s %s %.3f%s\n", m.Kind, m.Name, m.Value, ok)
}

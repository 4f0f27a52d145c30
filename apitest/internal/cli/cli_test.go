package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/archive"
	"github.com/loadpilot/loadpilot/apitest/grpctarget"
	"github.com/loadpilot/loadpilot/apitest/internal/compare"
	"github.com/loadpilot/loadpilot/apitest/internal/service"
	"github.com/loadpilot/loadpilot/apitest/mux"
	"github.com/loadpilot/loadpilot/apitest/route"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// lab is a program with an API of its own, and a folder for its results.
type lab struct {
	t      *testing.T
	config Config
	in     io.Reader

	mu       sync.Mutex
	requests []string // that arrived: method, URL, and body
	headers  http.Header
}

func setup(t *testing.T) *lab {
	t.Helper()
	l := &lab{t: t}
	routes := mux.New()
	record := func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.requests = append(l.requests, strings.TrimSpace(fmt.Sprintf("%s %s %s", r.Method, r.URL.RequestURI(), body)))
		l.headers = r.Header.Clone()
		if r.Header.Get("Authorization") != "" {
			w.WriteHeader(http.StatusUnauthorized)
		}
	}
	for _, pattern := range []string{"GET /health/{$}", "GET /tasks/{id}", "POST /tasks"} {
		routes.Tag("all").HandleFunc(pattern, record)
	}
	l.config = Config{
		Use: "api-load-test", RedisURL: archive.NoRedis, StateDir: t.TempDir(),
		Service: service.Service{Program: "test 1", Handler: routes, Discoverer: routes},
	}
	return l
}

// run executes a command line and checks the exit code.
func (l *lab) run(code int, args ...string) (stdout, stderr string) {
	l.t.Helper()
	return l.runContext(l.t.Context(), code, args...)
}

func (l *lab) runContext(ctx context.Context, code int, args ...string) (stdout, stderr string) {
	l.t.Helper()
	cmd := New(l.config)
	var out, err bytes.Buffer
	cmd.SetIn(l.in)
	cmd.SetOut(&out)
	cmd.SetErr(&err)
	cmd.SetArgs(args)
	require.Equal(l.t, code, ExitCode(cmd.ExecuteContext(ctx)), "%v\n%s%s", args, &out, &err)
	return out.String(), err.String()
}

// result runs a command that prints a result as JSON, and nothing else.
func (l *lab) result(args ...string) run.Result {
	l.t.Helper()
	out, stderr := l.run(load.ExitPassed, append(args, "--json")...)
	assert.Empty(l.t, stderr)
	var r run.Result
	require.NoError(l.t, json.Unmarshal([]byte(out), &r), "%s", out)
	return r
}

func TestWrongCommandLines(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for line, want := range map[string]string{
		"run":                          "run takes the PATH of one route, or --all",
		"run /health/ --all":           "run takes the PATH of one route, or --all",
		"run /health/ /tasks":          "accepts at most 1 arg(s)",
		"run /health/":                 "--target: ",
		"run /tasks/{id} --in-process": "--path-param: path /tasks/{id} needs a value for id: --path-param id=VALUE",
		"run /tasks/{id} --in-process --path-param id":                `--path-param: "id" is not NAME=VALUE`,
		"run /health/ --in-process --path-param id=1":                 "--path-param: path /health/ has no {id}",
		"run health --in-process":                                     `path: "health" does not begin with /`,
		"run /health/ --in-process --requests 0":                      "--requests: 0 is not above 0",
		"run /health/ --in-process --clients -1":                      "--clients: -1 is not above 0",
		"run /health/ --in-process --clients 20000":                   "--clients: 20000 is not between 1 and 10000",
		"run /health/ --in-process --duration -1s":                    "--duration: -1s is below 0",
		"run /health/ --in-process --header secret":                   "--header: one of them is neither NAME=VALUE nor NAME: VALUE",
		"run /health/ --in-process --query q":                         `--query: "q" is not NAME=VALUE`,
		"run /health/ --in-process --payload @missing":                "--payload: open missing",
		"run /health/ --in-process --payload {{nonsense}}":            "--payload: ",
		"run /health/ --in-process --payload x --generate":            "--generate: there is a --payload already",
		"run /health/ --in-process --generate":                        "--generate: GET /health/ takes no body whose schema is known",
		"run /nowhere --in-process --generate":                        "--generate: ServeMux has no route GET /nowhere",
		"run /health/ --in-process --fail-on p95_ms":                  "--fail-on: ",
		"run /health/ --in-process --fail-on regression>10":           "--fail-on: regression>10 is judged from --requests 200 on, and not with 100",
		"run /health/ --in-process --env MISSING":                     "--env: the environment has no MISSING",
		"run /health/ --in-process --stream --ws":                     "--ws: a WebSocket is no --stream",
		"run /health/ --in-process --redis-url nonsense://":           "--redis-url: ",
		"run /health/ --in-process --target http://127.0.0.1:1":       "--in-process: the handler of this program is called; it goes without --target",
		"run /health/ --in-process --auth-as alice":                   "",
		"list --spec missing.json":                                    "missing.json",
		"recent -n 0":                                                 "--number: 0 is not above 0",
		"recent more":                                                 "unknown command",
		"results":                                                     "accepts 1 arg(s)",
		"results 00000000-0000-7000-8000-000000000000":                "there is no result 00000000-0000-7000-8000-000000000000",
		"compare 00000000-0000-7000-8000-000000000000":                "there is no result",
		"compare 00000000-0000-7000-8000-000000000000 --threshold -1": "--threshold: -1 is below 0",
		"login":                   "accepts 1 arg(s)",
		"run /health/ --nonsense": "unknown flag: --nonsense",
		"nonsense":                "unknown command",
	} {
		out, stderr := l.run(load.ExitConfig, strings.Fields(line)...)
		assert.Empty(t, out, line)
		assert.Contains(t, stderr, want, line)
		assert.NotContains(t, stderr, "Usage:", line)
		assert.NotContains(t, stderr, "secret", line)
	}
	assert.Empty(t, l.requests)
}

func TestProgramsWithoutHandler(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.config.Service = service.Service{}
	_, stderr := l.run(load.ExitConfig, "run", "/health/", "--in-process")
	assert.Contains(t, stderr, "--in-process: this program has no handler; it is for programs that embed apitest")
	_, stderr = l.run(load.ExitConfig, "list")
	assert.Contains(t, stderr, "--target: which API?")
	_, stderr = l.run(load.ExitInfra, "list", "--target", "http://127.0.0.1:1")
	assert.Contains(t, stderr, "127.0.0.1:1")
}

func TestRequestsAreAsTheFlagsSay(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.in = strings.NewReader(`{"from": "stdin"}`)
	file := filepath.Join(t.TempDir(), "body.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"from": "file"}`), 0o600))
	one := []string{"--requests", "1", "--in-process"}
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"/health/"}, "GET /health/"},
		{[]string{"/tasks/{id}", "--path-param", "id=a b"}, "GET /tasks/a%20b"},
		{[]string{"/tasks/1", "--query", "q=a=b", "--query", "q=&"}, "GET /tasks/1?q=a%3Db&q=%26"},
		{[]string{"/tasks", "--method", "post", "--payload", `{"n": {{seq 7}}}`}, `POST /tasks {"n": 7}`},
		{[]string{"/tasks", "--method", "POST", "--payload", "{{seq}}", "--raw-payload"}, `POST /tasks {{seq}}`},
		{[]string{"/tasks", "--method", "POST", "--payload", "@" + file}, `POST /tasks {"from": "file"}`},
		{[]string{"/tasks", "--method", "POST", "--payload", "-"}, `POST /tasks {"from": "stdin"}`},
		{[]string{"/tasks", "--method", "POST", "--payload", "{{env.NAME}}", "--env", "NAME=v"}, `POST /tasks v`},
	} {
		l.requests = nil
		r := l.result(append(append([]string{"run"}, test.args...), one...)...)
		assert.Equal(t, int64(1), r.Metrics.RequestsTotal)
		assert.Equal(t, []string{test.want}, l.requests)
	}
	for _, header := range []string{"X-Tenant=a: b=c", "X-Tenant: a: b=c"} {
		l.result("run", "/health/", "--requests", "1", "--in-process", "--header", header)
		assert.Equal(t, "a: b=c", l.headers.Get("X-Tenant"))
	}
}

// What the endpoint answers is a figure; the exit code is about the run.
func TestExitCodeIsThatOfTheRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	refused := []string{"run", "/health/", "--in-process", "--header", "Authorization=Bearer s3cr3t"}
	out, stderr := l.run(load.ExitPassed, refused...)
	assert.Contains(t, out, "100 failed (100%)")
	assert.Contains(t, out, "  401  100\n")
	assert.Empty(t, stderr)
	assert.NotContains(t, out, "s3cr3t")
	out, stderr = l.run(load.ExitBreached, append(refused, "--fail-on", "error_rate>1", "--fail-on", "error_rate>100")...)
	assert.Contains(t, out, "100 failed (100%)")
	assert.Equal(t, "✗ error_rate>1: it is 100\n", stderr)
	out, _ = l.run(load.ExitPassed, "recent", "--json")
	assert.NotContains(t, out, "s3cr3t")
}

// Refused connections come fast, and many a second.
func TestAServerThatIsDownPassesNoGate(t *testing.T) {
	t.Parallel()
	l := setup(t)
	_, stderr := l.run(load.ExitBreached, "run", "/health/", "--target", "http://127.0.0.1:1",
		"--fail-on", "p95_ms>60000", "--fail-on", "requests_per_second<0.001")
	assert.Equal(t, "✗ p95_ms>60000: no request succeeded\n✗ requests_per_second<0.001: no request succeeded\n", stderr)
}

// A gate that judges nothing says so.
func TestRegressionsThatCannotBeJudged(t *testing.T) {
	t.Parallel()
	l := setup(t)
	gate := []string{"run", "/health/", "--in-process", "--fail-on", "regression>100000"}
	_, stderr := l.run(load.ExitPassed, append(gate, "--requests", "200")...)
	assert.Equal(t, "Not judged: regression>100000: there is no earlier run of the same test.\n", stderr)
	_, stderr = l.run(load.ExitPassed, append(gate, "--requests", "200")...)
	assert.Empty(t, stderr)
	_, stderr = l.run(load.ExitPassed, append(gate, "--duration", "1ns")...)
	assert.Equal(t, "Not judged: regression>100000: too few requests to tell.\n", stderr)
	_, stderr = l.run(load.ExitPassed, "run", "--all", "--in-process", "--fail-on", "regression>10", "--requests", "200", "--clients", "1")
	assert.Equal(t, "Not judged: GET /health/: regression>10: there is no earlier run of the same test.\n", stderr)
}

func TestResultsAreFoundAgain(t *testing.T) {
	t.Parallel()
	l := setup(t)
	first := l.result("run", "/health/", "--in-process", "--requests", "300")
	second := l.result("run", "/health/", "--in-process", "--requests", "300")
	other := l.result("run", "/tasks/1", "--in-process")
	assert.Equal(t, run.ModeInProcess, first.Mode)
	assert.Equal(t, "test 1", first.Program)

	out, stderr := l.run(load.ExitPassed, "recent", "-n", "2", "--json")
	assert.Empty(t, stderr)
	var list []run.Summary
	require.NoError(t, json.Unmarshal([]byte(out), &list))
	require.Len(t, list, 2)
	assert.Equal(t, []string{other.TestID, second.TestID}, []string{list[0].TestID, list[1].TestID})

	assert.Equal(t, first, l.result("results", first.TestID))
	out, _ = l.run(load.ExitPassed, "results", first.TestID)
	assert.Contains(t, out, "  Latency p99.9 ")

	out, _ = l.run(load.ExitPassed, "compare", second.TestID, "--threshold", "1000000", "--json")
	var comparison compare.Comparison
	require.NoError(t, json.Unmarshal([]byte(out), &comparison))
	assert.Equal(t, []string{first.TestID, second.TestID}, []string{comparison.Baseline, comparison.Current})
	_, stderr = l.run(load.ExitConfig, "compare", second.TestID, other.TestID)
	assert.Contains(t, stderr, "different paths cannot be compared")
	_, stderr = l.run(load.ExitConfig, "compare", other.TestID)
	assert.Contains(t, stderr, "there is no other result of GET /tasks/1")

	out, _ = l.run(load.ExitPassed, "run", "/health/", "--in-process")
	assert.Contains(t, out, "Against the last run (just now): too few requests to tell\n")
}

func TestAllRunsWhatNeedsNothing(t *testing.T) {
	t.Parallel()
	l := setup(t)
	out, stderr := l.run(load.ExitPassed, "run", "--all", "--requests", "3", "--in-process")
	assert.Empty(t, stderr)
	assert.Contains(t, out, "Ran 1 route\n")
	assert.Contains(t, out, "Left out 2 routes\n  POST   /tasks  may change something: --unsafe runs it\n  GET    /tasks/{id}  needs a value for {id}\n")
	assert.Equal(t, slices.Repeat([]string{"GET /health/"}, 3), l.requests)

	l.requests = nil
	out, _ = l.run(load.ExitPassed, "run", "--all", "--requests", "1", "--in-process", "--unsafe", "--path-param", "id=7", "--json")
	var results []run.Result
	require.NoError(t, json.Unmarshal([]byte(out), &results))
	assert.Len(t, results, 3)
	assert.Equal(t, []string{"GET /health/", "POST /tasks", "GET /tasks/7"}, l.requests)

	_, stderr = l.run(load.ExitBreached, "run", "--all", "--requests", "1", "--in-process", "--fail-on", "max_ms>0")
	assert.Contains(t, stderr, "✗ GET /health/: max_ms>0")
	out, _ = l.run(load.ExitPassed, "run", "--all", "--tag", "none", "--in-process")
	assert.Equal(t, "Ran 0 routes\n", out)
}

// Events are counted without being asked for, which is said.
func TestStreamsAreRecognized(t *testing.T) {
	t.Parallel()
	l := setup(t)
	routes := mux.New()
	routes.HandleFunc("GET /plain", func(http.ResponseWriter, *http.Request) {})
	routes.HandleFunc("GET /events", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			if _, err := io.WriteString(w, "data: x\n\n"); err != nil {
				return
			}
		}
	})
	l.config.Service.Handler, l.config.Service.Discoverer = routes, routes
	two := []string{"--in-process", "--requests", "2", "--clients", "1"}
	const note = "GET /events is answered with a stream: its events are counted"
	out, stderr := l.run(load.ExitPassed, append([]string{"run", "/events"}, two...)...)
	assert.Equal(t, note+", and each request ends after 10 of them; --events and --duration say otherwise.\n", stderr)
	assert.Contains(t, out, "  Events         20, ")
	out, stderr = l.run(load.ExitPassed, append([]string{"run", "/events", "--stream"}, two...)...)
	assert.Empty(t, stderr)
	assert.Contains(t, out, "  Events         20, ")
	out, stderr = l.run(load.ExitPassed, append([]string{"run", "--all", "--events", "3"}, two...)...)
	assert.Equal(t, note+".\n", stderr)
	assert.Contains(t, out, "Ran 2 routes\n")
	var results []run.Result
	out, _ = l.run(load.ExitPassed, append([]string{"run", "--all", "--events", "3", "--json"}, two...)...)
	require.NoError(t, json.Unmarshal([]byte(out), &results))
	require.Len(t, results, 2)
	assert.Equal(t, int64(6), results[0].Stream.Events)
	assert.Equal(t, run.ProtocolHTTP, results[1].Config.Protocol)
}

// An interrupted run says what was done until then, and keeps it.
func TestInterruptedRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	l.config.Service.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("n") == "20" {
			cancel()
		}
	})
	out, stderr := l.runContext(ctx, load.ExitInterrupted, "run", "/", "--query", "n={{seq}}", "--clients", "1", "--in-process")
	assert.Regexp(t, `^GET /  in-process  interrupted\n  Requests       2[01] in `, out) // that during which it comes may be completed
	assert.Empty(t, stderr)
	out, _ = l.run(load.ExitPassed, "recent")
	assert.Contains(t, out, "just now, interrupted")
}

// Before there is a result, an interrupt is an exit code and nothing else.
func TestInterruptedBeforeTheRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	ctx, cancel := context.WithCancel(t.Context())
	l.config.Service.Login = &run.Login{URL: "/", Body: "{{user}}{{password}}", Token: "token"}
	l.config.Service.Getenv = func(string) string {
		cancel()
		return "password"
	}
	out, stderr := l.runContext(ctx, load.ExitInterrupted, "run", "/health/", "--auth-as", "alice", "--in-process")
	assert.Empty(t, out+stderr)
}

// Nobody types the payload that is waited for.
func TestInterruptedWhileInputIsRead(t *testing.T) {
	t.Parallel()
	l := setup(t)
	in, writer := io.Pipe()
	l.in = in
	ctx, cancel := context.WithCancel(t.Context())
	go func() { // when the read has begun
		_, _ = writer.Write([]byte("p"))
		cancel()
	}()
	out, stderr := l.runContext(ctx, load.ExitInterrupted, "run", "/tasks", "--method", "POST", "--payload", "-", "--in-process")
	assert.Empty(t, out+stderr)
	require.NoError(t, writer.Close())
	assert.Empty(t, l.requests)
}

// Go cannot stop a handler: when too many have been given up the run ends, and says why.
func TestHandlersThatNeverReturn(t *testing.T) {
	t.Parallel()
	l := setup(t)
	over := make(chan struct{})
	t.Cleanup(func() { close(over) })
	l.config.Service.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-over })
	out, stderr := l.run(load.ExitInfra, "run", "/", "--clients", "1", "--timeout", "1ms", "--in-process")
	assert.Contains(t, out, "GET /  in-process  interrupted\n")
	assert.Contains(t, out, "×       timeout\n")
	assert.Contains(t, stderr, "11 calls of the handler have not returned")
}

func TestListForPrograms(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var set route.Set
	out, _ := l.run(load.ExitPassed, "list", "--json", "--method", "post", "--tag", "all", "--filter", "TASKS")
	require.NoError(t, json.Unmarshal([]byte(out), &set))
	assert.Equal(t, []route.Route{{Method: "POST", Path: "/tasks", Params: []string{}, Tags: []string{"all"}}}, set.Routes)
	out, _ = l.run(load.ExitPassed, "list", "--json", "--filter", "nothing")
	assert.Contains(t, out, `"routes": []`)
	out, _ = l.run(load.ExitPassed, "list", "--filter", "health")
	assert.Contains(t, out, "Discovered 3 routes, of which 1 is shown\n")
}

// Redis is a copy: without it everything works, and a line says what was not stored.
func TestWithoutRedis(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.config.RedisURL = "redis://127.0.0.1:1/0"
	out, stderr := l.run(load.ExitPassed, "run", "/health/", "--in-process")
	assert.Contains(t, out, "  200  100\n")
	assert.Contains(t, stderr, "Not stored in Redis at 127.0.0.1:1 (connection refused); kept in "+l.config.StateDir)
	assert.Equal(t, 1, strings.Count(stderr, "\n"))
	_, stderr = l.run(load.ExitPassed, "run", "--all", "--unsafe", "--path-param", "id=7", "--requests", "1", "--in-process")
	assert.Equal(t, 1, strings.Count(stderr, "\n"), "not for each of three routes: %s", stderr)
	out, stderr = l.run(load.ExitPassed, "recent")
	assert.Contains(t, out, "/health/")
	assert.Contains(t, stderr, "Without Redis at 127.0.0.1:1 (connection refused)")
}

func TestHelpShowsWholeCommandLines(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, name := range []string{"list", "run", "recent", "results", "compare", "login"} {
		out, _ := l.run(load.ExitPassed, name, "--help")
		examples := out[strings.Index(out, "Examples:\n"):strings.Index(out, "\n\nFlags:")]
		for line := range strings.Lines(examples[len("Examples:\n"):]) {
			assert.Regexp(t, "^  api-load-test "+name+" (-|/|'/|0199|alice)", line)
		}
	}
}

// What a program says of its Redis is shown without user and password, and counts unless a flag says otherwise.
func TestHelpShowsNoPassword(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for at, want := range map[string]string{
		"":                                  "(default redis://127.0.0.1:6379/0)",
		archive.NoRedis:                     "(default none)",
		"redis://app:s3cr3t@127.0.0.1:1/2":  "(default redis://127.0.0.1:1/2)",
		"redis://app:s3c%r3t@127.0.0.1:1/2": "(default that of the program)",
	} {
		l.config.RedisURL = at
		for _, name := range []string{"run", "recent", "results", "compare"} {
			out, _ := l.run(load.ExitPassed, name, "--help")
			assert.Contains(t, out, want)
			assert.NotContains(t, out, "s3c")
		}
	}
	l.config.RedisURL = "redis://app:s3cr3t@127.0.0.1:1/2"
	_, stderr := l.run(load.ExitPassed, "recent")
	assert.Contains(t, stderr, "127.0.0.1:1")
	assert.NotContains(t, stderr, "s3cr3t")
	_, stderr = l.run(load.ExitPassed, "recent", "--redis-url", archive.NoRedis)
	assert.Empty(t, stderr)
}

// What does not answer is told from what is wrong.
func TestExitCodeOfWhatDoesNotAnswer(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.config.Service = service.Service{
		Login:   &run.Login{URL: "/login", Body: "{{user}}{{password}}", Token: "token"},
		Getenv:  func(string) string { return "hunter2" },
		Openers: []run.Opener{grpctarget.Opener()},
	}
	for _, line := range []string{
		"login alice --target http://127.0.0.1:1",
		"run /health/ --auth-as alice --target http://127.0.0.1:1",
		"run grpc://127.0.0.1:1/a.B/C",
	} {
		out, stderr := l.run(load.ExitInfra, strings.Fields(line)...)
		assert.Empty(t, out, line)
		assert.Contains(t, stderr, "connection refused", line)
		assert.NotContains(t, stderr, "hunter2")
	}
}

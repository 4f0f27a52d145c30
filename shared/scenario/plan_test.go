package scenario

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestPlanDefaults(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
@scenario
class Shop(VUser):
    @task
    def b(self, client): pass
    @task(weight=3)
    def a(self, client): pass
    @task(2)
    def c(self, client): pass
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	want := load.Plan{
		Scenario: "Shop",
		Shape:    load.Shape{Mode: load.ModeRamp, RPS: 10, Duration: time.Minute, RampUp: 10 * time.Second, Steps: 5},
		Tasks:    []load.Task{{Name: "a", Weight: 3}, {Name: "b", Weight: 1}, {Name: "c", Weight: 2}},
		MaxUsers: 10_000, MaxLag: 250 * time.Millisecond, Timeout: 30 * time.Second, GracefulStop: 30 * time.Second,
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// What only looks like a request with a foreign method is not refused.
func TestNoVerbs(t *testing.T) {
	t.Parallel()
	compileScript(t, `
class Graph:
    def connect(self, other): other.connect(self)
    def options(self, parser): return parser.options()

@scenario
class Shop(VUser):
    @task
    def t(self, client):
        self.head(client)
        self.graph.options(client)
`)
}

func TestPlanParameters(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
class Base(VUser):
    @task(weight=2)
    def inherited(self, client): pass
    @task
    def replaced(self, client): pass

@scenario(rps=2.5, duration="2m30s", ramp_up="15s", mode="step", steps=7, thresholds={"p99_ms": 500, "own:error_rate": 1.5},
          users=3, max_users=40, max_lag="1s", timeout="5s", graceful_stop="0s", warmup="20s")
class Shop(Base):
    @task(weight=4)
    def own(self, client): pass
    def replaced(self, client): pass

@scenario(rps=1)
class Other(Base): ...
`)
	require.Equal(t, []string{"Shop", "Other"}, p.Names())
	plan, err := p.Plan("Shop")
	require.NoError(t, err)
	want := load.Plan{
		Scenario:   "Shop",
		Shape:      load.Shape{Mode: load.ModeStep, RPS: 2.5, Duration: 150 * time.Second, RampUp: 15 * time.Second, Steps: 7},
		Tasks:      []load.Task{{Name: "inherited", Weight: 2}, {Name: "own", Weight: 4}},
		Thresholds: []load.Threshold{{Metric: "p99_ms", Limit: 500}, {Scope: "own", Metric: "error_rate", Limit: 1.5}},
		Users:      3, MaxUsers: 40, MaxLag: time.Second, Timeout: 5 * time.Second, Warmup: 20 * time.Second,
	}
	if diff := cmp.Diff(want, plan); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, name := range []string{"", "Missing"} {
		_, err = p.Plan(name)
		require.ErrorIs(t, err, load.ErrInvalid)
		require.ErrorContains(t, err, "Shop, Other")
	}
}

// Thresholds are a dict, whose limits may have options, or a list of texts.
func TestThresholdsOfAScenario(t *testing.T) {
	t.Parallel()
	want := []load.Threshold{
		{Metric: "p99_ms", Limit: 500, Window: 30 * time.Second, Abort: true, Delay: 5 * time.Second},
		{Metric: "error_rate", Limit: 1, Abort: true, Delay: load.DefaultAbortDelay},
		{Scope: "t", Metric: "p95_ms", Limit: 80},
	}
	const class = ")\nclass Shop(VUser):\n    @task\n    def t(self, client): pass\n"
	for _, text := range []string{
		`{"p99_ms[30s]": {"limit": 500, "abort_on_fail": True, "delay": "5s"}, "error_rate": {"limit": 1, "abort_on_fail": True}, "t:p(95)": 80}`,
		`["p99_ms[30s]<500,abort_on_fail,delay=5s", "http_req_failed:rate<0.01,abort_on_fail", "t:p(95)<80"]`,
	} {
		plan, err := compileScript(t, "@scenario(rps=1, thresholds="+text+class).Plan("Shop")
		require.NoError(t, err)
		if diff := cmp.Diff(want, plan.Thresholds); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
	for text, want := range map[string]string{
		`5`:                          "a value of type int is neither a dict such as {\"p99_ms\": 500} nor a list such as [\"p(99)<500\"]",
		`[5]`:                        "a value of type int is not a text",
		`["p98_ms<5"]`:               `unknown key "p98_ms"`,
		`{"p99_ms": {}}`:             "p99_ms: the dict has no limit",
		`{"p99_ms": {"limit": "x"}}`: `p99_ms: limit: "x" is not a number`,
		`{"p99_ms": {"limti": 5}}`:   "p99_ms: limti: there is no such option, only limit, abort_on_fail and delay",
		`{"p99_ms": {"limit": 5, "delay": "5s"}}`:                          "p99_ms: a delay goes with abort_on_fail only",
		`{"p99_ms": {"limit": 5, "abort_on_fail": 1}}`:                     "p99_ms: abort_on_fail: a value of type int is neither True nor False",
		`{"p99_ms": {"limit": 5, "abort_on_fail": True, "delay": "soon"}}`: `p99_ms: the delay "soon" is not a duration such as 10s`,
		`{"p95_ms": 5, "p(95)": 5}`:                                        `"p95_ms" is given twice`,
	} {
		_, err := Compile(t.Context(), "script.py", []byte(prelude+"@scenario(rps=1, thresholds="+text+class), Options{})
		require.ErrorContains(t, err, want)
	}
}

// TestRefused checks the files of testdata/refused.txt: sources, each followed by a line
// `>>>` and the error expected.
func TestRefused(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("testdata/refused.txt")
	require.NoError(t, err)
	for part := range strings.SplitSeq(string(data), "\n---\n") {
		source, want, ok := strings.Cut(part, "\n>>>\n")
		require.True(t, ok, part)
		t.Run(want[strings.LastIndex(strings.TrimSpace(want), "\n")+1:], func(t *testing.T) {
			t.Parallel()
			_, err := Compile(t.Context(), "shop.py", []byte(source), Options{})
			require.ErrorIs(t, err, load.ErrInvalid)
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, "shop.py", e.File)
			require.Positive(t, e.Line)
			if diff := cmp.Diff(strings.TrimSpace(want), strings.TrimSpace(err.Error())); diff != "" {
				t.Errorf("%s (-want +got):\n%s", source, diff)
			}
		})
	}
}

// What a hostile file costs is an error that names its line.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"x = 'a' * 10**10\n":         "MemoryError",
		"def f(n): f(n + 1)\nf(0)\n": "RecursionError: maximum recursion depth exceeded",
		"raise SystemExit(1)\n":      "SystemExit: 1",
	}
	for script, want := range tests {
		t.Run(script, func(t *testing.T) {
			t.Parallel()
			_, err := Compile(t.Context(), "script.py", []byte(prelude+script), Options{})
			var e *Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, want, e.Msg)
			require.Equal(t, 2, e.Line)
		})
	}
}

func TestEnvironment(t *testing.T) {
	t.Parallel()
	script := prelude + `
import os
@scenario(rps=int(os.environ.get("RPS", "5")))
class Shop(VUser):
    @task
    def t(self, client): client.get(os.environ["PATH_"])
    if os.getenv("EXTRA"):
        @task
        def extra(self, client): pass
`
	p, err := Compile(t.Context(), "script.py", []byte(script), Options{Env: map[string]string{"RPS": "7", "EXTRA": "1"}})
	require.NoError(t, err)
	plan, err := p.Plan("")
	require.NoError(t, err)
	require.InDelta(t, 7, plan.Shape.RPS, 0)
	_, err = p.NewRunner(t.Context(), plan, Options{})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.ErrorContains(t, err, `no task "extra" in this environment`)
	r, err := p.NewRunner(t.Context(), plan, Options{Env: map[string]string{"EXTRA": "1", "PATH_": "/p"}})
	require.NoError(t, err)
	client := &fakeClient{}
	require.Equal(t, Outcome{}, r.NewUser().Run(t.Context(), 0, 1, client))
	require.Equal(t, []string{"GET /p"}, client.urls())
}

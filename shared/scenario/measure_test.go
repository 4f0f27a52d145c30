package scenario

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMeasures(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
import loadpilot
from loadpilot import counter as add

@scenario
class Shop(VUser):
    def __init__(self): add("users")
    def on_start(self, client): loadpilot.gauge("depth", -2.5)
    def on_stop(self, client): loadpilot.gauge(name="depth", value=True)

    @task
    def fixed(self, client): client.get("/")

    @task
    def pay(self, client):
        loadpilot.event("checkout", 12.5)
        loadpilot.event("checkout", 7, ok=None)
        add("orders", 3)
        client.get("/")

    def check_pay(self, status_code, body): add(value=0, name="checked")
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]load.MeasureName{
		{Kind: load.MeasureCounter, Name: "checked"},
		{Kind: load.MeasureCounter, Name: "orders"},
		{Kind: load.MeasureCounter, Name: "users"},
		{Kind: load.MeasureEvent, Name: "checkout"},
		{Kind: load.MeasureGauge, Name: "depth"},
	}, plan.Measures))
	r, err := p.NewRunner(t.Context(), plan, Options{})
	require.NoError(t, err)
	client := &fakeClient{}
	take := func(out Outcome) []Measure {
		t.Helper()
		require.False(t, out.Failed, out.Message)
		taken := client.measures
		client.measures = nil
		return taken
	}
	u := r.NewUser()
	require.Equal(t, []Measure{
		{Kind: load.MeasureCounter, Name: "users", Value: 1},
		{Kind: load.MeasureGauge, Name: "depth", Value: -2.5},
	}, take(u.Start(t.Context(), client)))
	require.Empty(t, take(u.Run(t.Context(), 0, 0, client)))
	require.Equal(t, []Measure{
		{Kind: load.MeasureEvent, Name: "checkout", Value: 12.5},
		{Kind: load.MeasureEvent, Name: "checkout", Value: 7, Failed: true},
		{Kind: load.MeasureCounter, Name: "orders", Value: 3},
		{Kind: load.MeasureCounter, Name: "checked", Value: 0},
	}, take(u.Run(t.Context(), 1, 1, client)))
	require.Equal(t, []Measure{{Kind: load.MeasureGauge, Name: "depth", Value: 1}}, take(u.Stop(t.Context(), client)))

	// Without a start the first iteration makes the user, which a task with ready requests must not swallow.
	require.Equal(t, []Measure{{Kind: load.MeasureCounter, Name: "users", Value: 1}}, take(r.NewUser().Run(t.Context(), 2, 0, client)))
}

// What is wrong raises in the script, with the argument's name.
func TestMeasuresAreChecked(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`event("x", -0.1)`:                     "ValueError: event(): ms must be 0 to 86400000",
		`event("x", float("inf"))`:             "ValueError: event(): ms must be 0 to 86400000",
		`event("x", float("nan"))`:             "ValueError: event(): ms must be a number, not nan",
		`event("x", "5")`:                      "TypeError: event(): ms must be a number, not str",
		`event("x", None)`:                     "TypeError: event(): ms must be a number, not NoneType",
		`counter("x", -1)`:                     "ValueError: counter(): value must be 0 to 1000000000000000",
		`counter("x", 10 ** 400)`:              "ValueError: counter(): value must be 0 to 1000000000000000",
		`counter("x", [])`:                     "TypeError: counter(): value must be a number, not list",
		`gauge("x", -1e16)`:                    "ValueError: gauge(): value must be -1000000000000000 to 1000000000000000",
		`gauge("", 1)`:                         "ValueError: gauge(): name must be 1 to 200 printable characters",
		`counter("a\n")`:                       "ValueError: counter(): name must be 1 to 200 printable characters",
		`counter("x" * 201)`:                   "ValueError: counter(): name must be 1 to 200 printable characters",
		`counter(5)`:                           "TypeError: counter(): name must be a str, not int",
		`[counter("x") for _ in iter(int, 1)]`: "MemoryError",
	}
	for call, want := range tests {
		t.Run(call, func(t *testing.T) {
			t.Parallel()
			p := compileScript(t, `
from loadpilot import counter, event, gauge
@scenario
class Shop(VUser):
    @task
    def t(self, client): `+call+"\n")
			plan, err := p.Plan("")
			require.NoError(t, err)
			r, err := p.NewRunner(t.Context(), plan, Options{})
			require.NoError(t, err)
			out := r.NewUser().Run(t.Context(), 0, 0, &instantClient{})
			require.True(t, out.Failed)
			require.Contains(t, out.Message, want)
		})
	}
	_, err := Compile(t.Context(), "script.py", []byte(prelude+"import loadpilot\nloadpilot.counter('x')\n"), Options{})
	require.ErrorContains(t, err, "RuntimeError: counter() works only in on_start, on_stop, tasks and checks")
}

// The names that thresholds may use are those that stand in the file, wherever that is.
func TestMeasureNamesInTheFile(t *testing.T) {
	t.Parallel()
	p := compileScript(t, `
import loadpilot as lp
from loadpilot import event as took, gauge

NAME = "computed"

def helper(c, what):
    c.post("/", json={"name": "no measure"}, name="order")
    c.get("/", name=f"{what}")
    c.batch([{"path": "/a", "name": "batched"}, {"path": "/b", "json": {"x": 1}}])

@scenario
class Shop(VUser):
    @task
    def t(self, client):
        took("late" if self else "soon", 1)
        took("login", 1)
        gauge(NAME, 1)
        lp.counter("orders")
        self.counter("not ours")
        lp.iteration
        counter("nor this")
        {"a": 1}.get("a")
        client.get("/", name="")

    def counter(self, name): pass

def counter(name): lp.event(name=name, ms=1)
`)
	plan, err := p.Plan("")
	require.NoError(t, err)
	require.Empty(t, cmp.Diff([]load.MeasureName{
		{Kind: load.MeasureCounter, Name: "orders"},
		{Kind: load.MeasureEvent, Name: "login"},
		{Kind: load.MeasureRequest, Name: "batched"},
		{Kind: load.MeasureRequest, Name: "order"},
	}, plan.Measures))
}

func BenchmarkMeasure(b *testing.B) {
	p, err := Compile(b.Context(), "script.py", []byte(prelude+`
import loadpilot
@scenario
class Shop(VUser):
    @task
    def t(self, client): loadpilot.event("checkout", 12.5)
`), Options{})
	require.NoError(b, err)
	plan, err := p.Plan("")
	require.NoError(b, err)
	r, err := p.NewRunner(b.Context(), plan, Options{})
	require.NoError(b, err)
	u := r.NewUser()
	b.ReportAllocs()
	for k := range int64(b.N) {
		if got := u.Run(b.Context(), k, 0, &instantClient{}); got.Failed {
			b.Fatal(got.Message)
		}
	}
}

package aggregator

import (
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

var epoch = time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)

// at is a bus time in seconds after second 0.
func at(seconds float64) time.Time { return epoch.Add(time.Duration(seconds * float64(time.Second))) }

// runningRun plans rps iterations in each of seconds seconds, in 7 slices.
func runningRun(rps float64, seconds int) load.Run {
	return load.Run{
		ID: "r", Revision: 1, CreatedAt: at(-3), Pool: "p", Generators: 1, State: load.StateRunning, Slices: 7, T0: at(0),
		Plan: load.Plan{
			Scenario: "Checkout", Target: "http://127.0.0.1", Seed: 42,
			Shape:      load.Shape{Mode: load.ModeConstant, RPS: rps, Duration: time.Duration(seconds) * time.Second},
			Tasks:      []load.Task{{Name: "browse", Weight: 5}, {Name: "buy", Weight: 1}},
			Thresholds: []load.Threshold{{Metric: "p99_ms", Limit: 500}},
			MaxLag:     load.DefaultMaxLag, MaxUsers: 100, Timeout: load.DefaultTimeout, GracefulStop: load.DefaultGracefulStop,
		},
	}
}

func mustAccount(tb testing.TB, run load.Run) *account {
	tb.Helper()
	a, err := newAccount(run)
	if err != nil {
		tb.Fatal(err)
	}
	return a
}

func mustProfile(tb testing.TB, run load.Run) load.Profile {
	tb.Helper()
	p, err := load.NewRunProfile(&run)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// times is a snapshot of the given times in microseconds.
func times(micros ...int64) histogram.Snapshot {
	h := histogram.New()
	for _, m := range micros {
		h.Record(m)
	}
	return h.Snapshot()
}

// tokensOf returns the tokens of a second.
func tokensOf(tb testing.TB, run load.Run, second int) []load.Token {
	tb.Helper()
	p := mustProfile(tb, run)
	return p.Tokens(run.ID, second, run.Slices, run.T0)
}

// report says of a token how many of its arrivals were started and dropped, as the last word.
func report(tok load.Token, started, dropped int64) load.TokenReport {
	return load.TokenReport{Second: tok.Second, Slice: tok.Slice, Planned: tok.Count, Started: started, Dropped: dropped, Final: true}
}

// done is the report of n iterations with one request each, of 1 ms to n ms.
func done(second int, task string, n int64) load.TaskReport {
	micros := make([]int64, n)
	for i := range micros {
		micros[i] = 1000 * int64(i+1)
	}
	return load.TaskReport{
		Second: second, Task: task, Iterations: n, Requests: n, Status: map[int]int64{200: n},
		Response: times(micros...), Service: times(micros...),
	}
}

// log makes the records of a stream.
type log struct {
	records []load.Record
	seqs    map[string]uint64
}

func (l *log) event(instance string, e load.Event) {
	if l.seqs == nil {
		l.seqs = map[string]uint64{}
	}
	l.seqs[instance]++
	e.Run, e.Instance, e.Generator, e.Seq = "r", instance, "gen-"+instance, l.seqs[instance]
	l.records = append(l.records, load.Record{Sequence: uint64(len(l.records)) + 1, Event: &e})
}

func (l *log) decide(d load.Decision) {
	d.Run = "r"
	l.records = append(l.records, load.Record{Sequence: uint64(len(l.records)) + 1, Decision: &d})
}

// feed applies records, which must all be understood.
func feed(tb testing.TB, a *account, records ...load.Record) {
	tb.Helper()
	for _, r := range records {
		if err := a.apply(r); err != nil {
			tb.Fatal(err)
		}
	}
}

// history invents what happens to a run: generators that take its tokens, drop some, fail some, run a few twice or die,
// schedulers that miss some, or publish some as they were before a change of the rate. Each event is a slice of one instance's
// reports.
func history(tb testing.TB, rng *rand.Rand, run load.Run) (events []load.Event, neverIssued map[int]int64) {
	tb.Helper()
	p := mustProfile(tb, run)
	neverIssued = map[int]int64{}
	byInstance := map[string][]load.Event{}
	unchanged := run
	unchanged.Changes = nil
	for s := range p.Seconds() {
		tokens := p.Tokens(run.ID, s, run.Slices, run.T0)
		for _, stale := range tokensOf(tb, unchanged, s) {
			if rng.IntN(4) == 0 && len(run.Changes) > 0 {
				tokens = append(slices.DeleteFunc(tokens, func(t load.Token) bool { return t.Slice == stale.Slice }), stale)
			}
		}
		for _, tok := range tokens {
			instance := strconv.Itoa(rng.IntN(3))
			switch rng.IntN(12) {
			case 0:
				neverIssued[s] += between(p.First(s), p.First(s+1), tok.Slice, run.Slices)
				continue
			case 1: // lost
				continue
			}
			e := tokenHistory(rng, tok)
			byInstance[instance] = append(byInstance[instance], e)
			if rng.IntN(10) == 0 {
				again := tokenHistory(rng, tok)
				byInstance["twice"] = append(byInstance["twice"], again)
			}
		}
	}
	for _, instance := range slices.Sorted(maps.Keys(byInstance)) {
		for i, e := range byInstance[instance] {
			e.Run, e.Instance, e.Generator, e.Seq = run.ID, instance, "gen-"+instance, uint64(i)+1
			events = append(events, e)
		}
	}
	return events, neverIssued
}

func tokenHistory(rng *rand.Rand, tok load.Token) load.Event {
	started := rng.Int64N(tok.Count + 1)
	completed := started - rng.Int64N(min(started, 1)+1)
	task := load.TaskReport{
		Second: tok.Second, Task: []string{"browse", "buy", "other"}[rng.IntN(3)], Iterations: completed,
		Status: map[int]int64{}, Errors: map[string]int64{}, Checks: map[string]load.CheckCount{},
	}
	e := load.Event{
		Users: rng.IntN(50), InFlight: rng.IntN(9), CPUPercent: float64(rng.IntN(1000)) / 10,
		ClockError: time.Duration(rng.IntN(9000)) * time.Microsecond,
		Tokens:     []load.TokenReport{report(tok, started, rng.Int64N(tok.Count+2))},
	}
	var response, failed, lag []int64
	for i := range completed {
		micros := 100 + rng.Int64N(1_000_000)
		response, lag = append(response, micros), append(lag, rng.Int64N(20_000))
		task.Requests++
		task.BytesIn += micros % 1000
		if rng.IntN(5) > 0 {
			task.Status[200]++
			task.Checks["check_buy"] = load.CheckCount{Passed: task.Checks["check_buy"].Passed + 1}
			continue
		}
		class := []string{load.ErrorTimeout, "http_500", "AssertionError"}[rng.IntN(3)]
		failed = append(failed, micros)
		task.Failed++
		task.Errors[class]++
		e.Samples = append(e.Samples, load.ErrorSample{
			Second: tok.Second, Iteration: tok.Arrival(i), Task: task.Task, Class: class, Message: fmt.Sprint("at ", micros),
		})
	}
	task.Response, task.Service, task.FailedTime = times(response...), times(response...), times(failed...)
	e.Tasks, e.Lag, e.Measures = []load.TaskReport{task}, times(lag...), measureHistory(rng)
	e.Connections = connectionHistory(rng)
	if rng.IntN(4) == 0 {
		e.Setup = load.SetupReport{Started: 1, Failed: 1, Requests: 2, Errors: map[string]int64{"http_401": 1}, Response: times(5000, 7000)}
		e.Setup.Connections = connectionHistory(rng)
		e.Samples = append(e.Samples, load.ErrorSample{Iteration: -1, Task: "on_start", Class: "http_401", Message: strconv.Itoa(rng.IntN(100))})
	}
	return e
}

// connectionHistory invents how requests came to their connections.
func connectionHistory(rng *rand.Rand) load.ConnectionReport {
	some := func() histogram.Snapshot {
		micros := make([]int64, rng.IntN(4))
		for i := range micros {
			micros[i] = rng.Int64N(100_000)
		}
		return times(micros...)
	}
	refused := rng.Int64N(3)
	return load.ConnectionReport{
		Opened: rng.Int64N(9), Reused: rng.Int64N(9), Failed: refused + rng.Int64N(3), Refused: refused, ClosedIdle: rng.Int64N(2),
		DNS: some(), Connect: some(), TLS: some(), FirstByte: some(), Transfer: some(),
	}
}

// measureHistory invents what scripts measure, in sizes whose sums are rounded in one way or another.
func measureHistory(rng *rand.Rand) []load.MeasureReport {
	var out []load.MeasureReport
	for _, name := range []string{"orders", "checkout"} {
		micros := rng.Int64N(100_000)
		value := (rng.Float64() - 0.5) * math.Pow(10, float64(rng.IntN(15)))
		for _, r := range []load.MeasureReport{
			{MeasureName: load.MeasureName{Kind: load.MeasureCounter}, Count: 2, Sum: math.Abs(value)},
			{MeasureName: load.MeasureName{Kind: load.MeasureEvent}, Count: 2, Failed: rng.Int64N(3), Times: times(micros, 2*micros)},
			{MeasureName: load.MeasureName{Kind: load.MeasureGauge}, Count: 2, Sum: value, Min: min(value, 0), Max: max(value, 0)},
			{MeasureName: load.MeasureName{Kind: load.MeasureRequest}, Count: 1, Failed: rng.Int64N(2), Times: times(micros)},
		} {
			if r.Name = name; rng.IntN(3) > 0 {
				out = append(out, r)
			}
		}
	}
	return out
}

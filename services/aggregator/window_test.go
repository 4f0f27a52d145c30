package aggregator

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// played is the account of a run of some seconds whose every second has 7 tokens of n iterations each, that take 1 to n ms.
func played(t *testing.T, run load.Run, n int64) *account {
	t.Helper()
	a := mustAccount(t, run)
	var l log
	for s := range a.seconds {
		e := load.Event{}
		for _, tok := range tokensOf(t, run, s) {
			e.Tokens, e.Tasks = append(e.Tokens, report(tok, n, 0)), append(e.Tasks, done(s, "browse", n))
		}
		l.event("a", e)
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	feed(t, a, l.records...)
	return a
}

// 100 s in at most 48 windows: 33 of 3 s and one of 1 s. With a warm-up of 4 s the other 96 s are 48 windows of 2 s.
func TestWindowsAddUpToTheRun(t *testing.T) {
	t.Parallel()
	for warm, want := range map[int]string{0: "34 windows of 3, the last of 1 from 99", 4: "48 windows of 2, the last of 2 from 98"} {
		run := runningRun(14, 100)
		run.Plan.Warmup = time.Duration(warm) * time.Second
		r := played(t, run, 2).result(load.StateDone)
		last := r.Windows[len(r.Windows)-1]
		got := fmt.Sprintf("%d windows of %d, the last of %d from %d", len(r.Windows), r.Windows[0].Seconds, last.Seconds, last.Second)
		if got != want {
			t.Errorf("warm-up of %d s: %s, want %s", warm, got, want)
		}
		sum, response := load.Window{Second: warm}, histogram.New()
		for _, w := range r.Windows {
			if w.Second != sum.Second+sum.Seconds {
				t.Errorf("a window from second %d, want %d", w.Second, sum.Second+sum.Seconds)
			}
			sum.Seconds += w.Seconds
			sum.Started, sum.Requests, sum.Errors = sum.Started+w.Started, sum.Requests+w.Requests, sum.Errors+w.Errors
			err := response.MergeSnapshot(histogram.Snapshot{
				Count: w.Requests, MinMicros: 1000, MaxMicros: 2000, SumMicros: int64(1000 * w.MeanMs * float64(w.Requests)), HDR: w.HDR,
			})
			if err != nil || w.ServiceHDR != w.HDR {
				t.Errorf("window from second %d: %v, service times %q", w.Second, err, w.ServiceHDR)
			}
		}
		if sum.Seconds != 100-warm || sum.Started != r.Ledger.Started || sum.Requests != r.RequestsTotal || sum.Errors != r.ErrorsTotal {
			t.Errorf("the windows come to %+v, the run to %+v", sum, r.Ledger)
		}
		if got := load.NewDistribution(response); got != r.Response {
			t.Errorf("response times of the windows %+v, of the run %+v", got, r.Response)
		}
	}
}

// Each second is in a live line once its reports should be in, and again after it has changed; a line that nobody got counts
// as untold.
func TestLiveLinesTellEachSecond(t *testing.T) {
	t.Parallel()
	run := runningRun(14, 40)
	a := mustAccount(t, run)
	var l log
	told := func(secs float64) string {
		line := a.snapshot(at(secs))
		var out strings.Builder
		for _, s := range line.Seconds {
			fmt.Fprintf(&out, "%d:%d ", s.Second, s.Started)
		}
		a.told(line)
		return out.String()
	}
	begin := func(second int) {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, second)[0], 2, 0)}})
		feed(t, a, l.records[len(l.records)-1])
	}
	begin(0)
	begin(1)
	for _, step := range []struct {
		do   func()
		secs float64
		want string
	}{
		{nil, 1.7, ""},         // second 0 has not ended 0.75 s ago
		{nil, 1.8, "0:2 "},     // second 1 has begun, and is not told yet
		{nil, 1.9, ""},         // nothing new
		{nil, 3.8, "1:2 2:0 "}, // nothing was reported of second 2
		{func() { begin(1) }, 3.9, "1:4 "},
	} {
		if step.do != nil {
			step.do()
		}
		a.snapshot(at(step.secs)) // which was not published
		if got := told(step.secs); got != step.want {
			t.Errorf("%v s: told %q, want %q", step.secs, got, step.want)
		}
	}
	if got := a.snapshot(at(39.9)).Seconds; len(got) != load.RecentSeconds || got[0].Second != 9 || got[29].Second != 38 {
		t.Errorf("after a gap %d seconds, want the newest 30, 9 to 38", len(got))
	}
}

// 12 seconds of 7 iterations each, of which every one takes 10 ms, but 100 ms in second 5: of windows of 2 s that begin each
// second, those from 4 and from 5 are the worst, of 14 requests with a mean of 55 ms.
func TestWorstWindow(t *testing.T) {
	t.Parallel()
	run := runningRun(7, 12)
	run.Plan.Thresholds = nil
	for _, text := range []string{
		"mean_ms[2s]=50", "p99_ms[2s]=101", "error_rate[3s]=1", "rps_min[4s]=7", "rps_min[3s]=6", "browse:mean_ms[2s]=50", "buy:mean_ms[2s]=50",
		"service_max_ms[12s]=101", "mean_ms[20s]=20",
	} {
		th, err := load.ParseThresholdText(text)
		if err != nil {
			t.Fatal(err)
		}
		run.Plan.Thresholds = append(run.Plan.Thresholds, th)
	}
	a := mustAccount(t, run)
	var l log
	for s := range 12 {
		e := load.Event{}
		micros := int64(10_000)
		if s == 5 {
			micros = 100_000
		}
		for i, tok := range tokensOf(t, run, s) {
			started := int64(1)
			if s == 11 && i < 3 { // 3 of 7 are dropped in the last second
				started = 0
			}
			e.Tokens = append(e.Tokens, report(tok, started, 1-started))
			if started == 0 {
				continue
			}
			r := load.TaskReport{Second: s, Task: "browse", Iterations: 1, Requests: 1, Response: times(micros), Service: times(micros)}
			if s == 8 && i == 0 {
				r.Failed = 1
			}
			e.Tasks = append(e.Tasks, r)
		}
		l.event("a", e)
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	feed(t, a, l.records...)
	want := []load.ThresholdResult{
		{Key: "mean_ms[2s]", Value: 55, Limit: 50, Samples: 14},
		{Key: "p99_ms[2s]", Value: 100, Limit: 101, Samples: 14, Passed: true},
		{Key: "error_rate[3s]", Value: 100.0 / 21, Limit: 1, Samples: 21},
		{Key: "rps_min[4s]", Value: 25.0 / 4, Limit: 7, Samples: 28},
		{Key: "rps_min[3s]", Value: 6, Limit: 6, Samples: 21, Passed: true},
		{Key: "browse:mean_ms[2s]", Value: 55, Limit: 50, Samples: 14},
		{Key: "buy:mean_ms[2s]", Limit: 50},
		{Key: "service_max_ms[12s]", Value: 100, Limit: 101, Samples: 81, Passed: true},
		{Key: "mean_ms[20s]", Value: (74*10 + 7*100) / 81.0, Limit: 20, Samples: 81, Passed: true},
	}
	if d := cmp.Diff(want, a.result(load.StateDone).Verdict.Thresholds); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// Seconds whose rate a user has changed are no breach of a rate, and no second more in which it was held: of the windows of 4 s, those
// from 2 to 5 have a pause in them, those from 8 on half the rate.
func TestWindowsOfARateThatWasChanged(t *testing.T) {
	t.Parallel()
	run := runningRun(14, 14)
	run.Plan.Thresholds = []load.Threshold{
		{Metric: "rps_min", Limit: 14, Window: 4 * time.Second, Abort: true},
		{Scope: "browse", Metric: "rps_min", Limit: 14, Window: 4 * time.Second},
		{Metric: "rps_min", Limit: 14, Window: 2 * time.Second},
	}
	run.Changes = []load.Change{
		{Second: 4, Kind: load.ChangePause}, {Second: 7, Kind: load.ChangeResume}, {Second: 10, Kind: load.ChangeRate, RPS: 7},
	}
	a := mustAccount(t, run)
	var l log
	for s := range a.seconds {
		e := load.Event{}
		for _, tok := range tokensOf(t, run, s) {
			e.Tokens, e.Tasks = append(e.Tokens, report(tok, tok.Count, 0)), append(e.Tasks, done(s, "browse", tok.Count))
		}
		l.event("a", e)
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	feed(t, a, l.records...)
	for _, r := range slices.Concat(a.snapshot(at(13.9)).Thresholds, a.result(load.StateDone).Verdict.Thresholds) {
		if r.Value != 14 || r.Samples == 0 || !r.Passed {
			t.Errorf("%+v", r)
		}
	}
}

// However often windows are judged on the way, in whatever order events come, and wherever the run is stopped: in the end they are
// what they are if judged once, and that is what the seconds come to one by one.
func TestWindowsOnTheWay(t *testing.T) {
	t.Parallel()
	for seed := range uint64(6) {
		rng := rand.New(rand.NewPCG(seed, 11))
		run := runningRun(float64(10+rng.IntN(30)), 20+rng.IntN(20))
		run.Plan.Warmup = time.Duration(rng.IntN(4)) * time.Second
		run.Plan.Thresholds = nil
		for _, metric := range []string{"p95_ms", "error_rate", "rps_min", "browse:mean_ms", "other:rps_min"} {
			key := fmt.Sprintf("%s[%ds]", metric, 2+rng.IntN(17))
			th, err := load.ParseThreshold(key, 5)
			if err != nil {
				t.Fatal(err)
			}
			run.Plan.Thresholds = append(run.Plan.Thresholds, th)
		}
		stopped := run
		if seed%2 == 0 {
			stopped.State, stopped.StoppedAt = load.StateStopping, at(12+rng.Float64()*8)
		}
		events, _ := history(t, rng, run)
		rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
		often, once := mustAccount(t, run), mustAccount(t, stopped)
		for i := range events {
			rec := load.Record{Sequence: uint64(i) + 1, Event: &events[i]}
			feed(t, often, rec)
			feed(t, once, rec)
			if i%23 == 0 {
				often.snapshot(at(rng.Float64() * 45))
			}
			if i == len(events)/2 {
				often.update(stopped)
			}
		}
		want, got := once.result(load.StateDone).Verdict.Thresholds, often.result(load.StateDone).Verdict.Thresholds
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("seed %d (-once +often):\n%s", seed, d)
		}
		for i, w := range once.windows {
			if plain := once.plainly(w); !cmp.Equal(plain.value, want[i].Value) || plain.samples != want[i].Samples {
				t.Fatalf("seed %d, %s: %+v, one by one %+v", seed, want[i].Key, want[i], plain)
			}
		}
	}
}

// plainly judges each window on its own, with nothing kept from one to the next.
func (a *account) plainly(w *windows) windowValue {
	var worst windowValue
	end := a.needed()
	if end-a.warm <= w.length {
		return a.window(w, a.warm, end, true, map[int]book{})
	}
	first := a.warm
	for ; first+w.length <= end; first += w.step {
		worst = w.worse(worst, a.window(w, first, first+w.length, true, map[int]book{}))
	}
	return w.worse(worst, a.window(w, end-w.length, end, true, map[int]book{}))
}

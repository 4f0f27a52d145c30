package aggregator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// abortingRun is a run of 30 s with thresholds. Each token brings times of 1 to 10 ms: p99 is 10 ms in every second.
func abortingRun(t *testing.T, b *bus, thresholds ...string) load.Run {
	t.Helper()
	run := begin(b, 30)
	run.Plan.Thresholds = nil
	for _, text := range thresholds {
		th, err := load.ParseThresholdText(text)
		if err != nil {
			t.Fatal(err)
		}
		run.Plan.Thresholds = append(run.Plan.Thresholds, th)
	}
	b.put(run)
	return b.get("r")
}

// Beats come 750 ms after each second; the first one after the delay ends the run.
func TestBreachEndsTheRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		thresholds []string
		stop       time.Duration // from second 0; 0: the run goes on to its end
		breach     string
		passed     bool
	}{
		{"after the delay", []string{"max_ms=1000,abort_on_fail", "p99_ms=5,abort_on_fail,delay=3s"}, 3750 * time.Millisecond, "p99_ms", false},
		{"at the first second", []string{"p99_ms=5,abort_on_fail,delay=0s"}, 1750 * time.Millisecond, "p99_ms", false},
		// Second 4 is closed at 5.6 s, so known to the beat at 5.75 s.
		{"of the first window", []string{"p99_ms[5s]=5,abort_on_fail,delay=0s"}, 5750 * time.Millisecond, "p99_ms[5s]", false},
		{"of a task", []string{"buy:p99_ms[2s]=5,abort_on_fail,delay=0s"}, 2750 * time.Millisecond, "buy:p99_ms[2s]", false},
		{"of the rate", []string{"rps_min[2s]=71,abort_on_fail,delay=4s"}, 4750 * time.Millisecond, "rps_min[2s]", false},
		{"that ends nothing", []string{"p99_ms=5"}, 0, "", false},
		{"of none", []string{"p99_ms=11,abort_on_fail,delay=0s", "rps_min[2s]=70,abort_on_fail,delay=0s", "max_ms=11,abort_on_fail,delay=1s"}, 0, "", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				run := abortingRun(t, b, tt.thresholds...)
				stop := replica(t, deps(b), "one")
				defer stop()
				fleet(t, b, run, 3)
				pass(15 * time.Second)
				got, r := b.get("r"), resultOf(t, b)
				if got.State != load.StateDone || got.Breach != tt.breach || r.Verdict.Passed != tt.passed || !r.Ledger.Balanced() {
					t.Errorf("state %s, breach %q, verdict %+v, ledger %+v", got.State, got.Breach, r.Verdict, r.Ledger)
				}
				if tt.stop == 0 {
					if got.Stopped() || r.Ledger.Cancelled != 0 {
						t.Errorf("stopped at %v: %s", got.StoppedAt, got.Reason)
					}
					return
				}
				if after := got.StoppedAt.Sub(got.T0); after != tt.stop {
					t.Errorf("stopped after %v, want %v", after, tt.stop)
				}
				last := r.Verdict.Thresholds[len(r.Verdict.Thresholds)-1]
				if !last.Aborted || last.Passed || last.Key != tt.breach || !strings.HasPrefix(r.Reason, "threshold "+tt.breach+" is ") {
					t.Errorf("threshold %+v, reason %q", last, r.Reason)
				}
				if total := int64(30 * 70); r.Ledger.Planned != total || r.Ledger.Cancelled == 0 {
					t.Errorf("ledger %+v", r.Ledger)
				}
			})
		})
	}
}

// Another owner's stop, or a user's, stands: what the breach would add comes too late.
func TestBreachOfAStoppedRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := abortingRun(t, b, "p99_ms=5,abort_on_fail,delay=3s")
		stop := replica(t, deps(b), "one")
		defer stop()
		asked := time.AfterFunc(time.Until(run.T0.Add(3500*time.Millisecond)), func() {
			present := b.get("r")
			present.Stop(time.Now(), "stopped by user")
			b.put(present)
		})
		defer asked.Stop()
		fleet(t, b, run, 3)
		pass(15 * time.Second)
		got, r := b.get("r"), resultOf(t, b)
		if got.Breach != "" || r.Reason != "stopped by user" || r.Verdict.Thresholds[0].Aborted {
			t.Errorf("breach %q, reason %q, %+v", got.Breach, r.Reason, r.Verdict.Thresholds[0])
		}
	})
}

// A run in which nothing more is due has come to its end by itself, whatever comes to light while the last iterations end.
func TestBreachAfterTheLastArrival(t *testing.T) {
	t.Parallel()
	run := runningRun(7, 8)
	run.Plan.Thresholds = []load.Threshold{{Metric: "max_ms", Limit: 1, Abort: true, Delay: 7 * time.Second}}
	a := played(t, run, 1)
	for secs, want := range map[float64]bool{6.75: false, 7.75: true, 8: false, 8.75: false} {
		if r, got := a.breached(a.snapshot(at(secs))); got != want {
			t.Errorf("at %v s: %v, %+v", secs, got, r)
		}
	}
}

// What fails at once does not outweigh what takes longer to succeed, in windows and in the whole: a second is waited for, but not
// forever, and what is under way then counts as if it succeeded. When the run is over it does not.
func TestSlowIterationsAreNotHeldAgainstTheRun(t *testing.T) {
	t.Parallel()
	run := runningRun(7, 20)
	run.Plan.Thresholds = []load.Threshold{
		{Metric: "error_rate", Limit: 30, Window: 2 * time.Second, Abort: true},
		{Metric: "error_rate", Limit: 20, Abort: true},
		{Scope: "browse", Metric: "error_rate", Limit: 20, Abort: true},
		{Scope: "page", Metric: "error_rate", Limit: 20, Abort: true},
	}
	run.Plan.Measures = []load.MeasureName{{Kind: load.MeasureRequest, Name: "page"}}
	a := mustAccount(t, run)
	var l log
	slow := load.TaskReport{Second: 1, Task: "browse", Iterations: 10, Requests: 10}
	for s := range 5 {
		e := load.Event{}
		for i, tok := range tokensOf(t, run, s) {
			e.Tokens = append(e.Tokens, report(tok, 1, 0))
			if i < 2 || s > 1 { // five of each of the first two seconds take long, two fail at once
				failed := int64(0)
				if s <= 1 {
					failed = 1
				}
				e.Tasks = append(e.Tasks, load.TaskReport{Second: s, Task: "browse", Iterations: 1, Requests: 1, Failed: failed})
			}
		}
		for _, r := range e.Tasks {
			e.Measures = append(e.Measures, load.MeasureReport{MeasureName: run.Plan.Measures[0], Count: 1, Failed: r.Failed, Times: times(1000)})
		}
		l.event("a", e)
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	feed(t, a, l.records...)
	for _, tt := range []struct {
		secs float64
		want load.ThresholdResult
	}{
		{5.8, load.ThresholdResult{Limit: 30}},                                                      // nothing is judged before second 0 is complete
		{6.1, load.ThresholdResult{Limit: 30}},                                                      // second 0 ended 5.1 s ago
		{7.1, load.ThresholdResult{Limit: 30, Value: 100 * share(4, 14), Samples: 4, Passed: true}}, // second 1, too: 4 of 4 have failed, 10 are under way
	} {
		tt.want.Key = "error_rate[2s]"
		got := a.snapshot(at(tt.secs)).Thresholds[0]
		if got != tt.want {
			t.Errorf("at %v s: %+v, want %+v", tt.secs, got, tt.want)
		}
	}
	// 4 of 25 have failed, 10 more are under way.
	for _, r := range a.snapshot(at(7.1)).Thresholds[1:] {
		if r.Value != 16*share(25, 35) || r.Samples != 25 || !r.Passed {
			t.Errorf("of the run so far: %+v", r)
		}
	}
	for i, r := range a.result(load.StateDone).Verdict.Thresholds {
		if want := []float64{100, 16, 16, 16}[i]; r.Value != want {
			t.Errorf("of the run that is over: %+v, want %v", r, want)
		}
	}
	l.event("a", load.Event{Tasks: []load.TaskReport{slow}})
	feed(t, a, l.records[len(l.records)-1])
	// 4 of 14 have failed in seconds 0 and 1, 2 of 17 in seconds 1 and 2 — the slow ones are all booked in second 1.
	if got := a.snapshot(at(7.2)).Thresholds[0]; got.Value != 400.0/14 || got.Samples != 14 || !got.Passed {
		t.Errorf("with the slow ones: %+v", got)
	}
}

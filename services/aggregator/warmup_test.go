package aggregator

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Whatever happens to a run, each number of it is the sum of what its warm-up and the rest came to.
func TestTheWarmupIsCountedApart(t *testing.T) {
	t.Parallel()
	schema := mustSchema(t, "results.schema.json")
	for seed := range uint64(30) {
		rng := rand.New(rand.NewPCG(seed, 11))
		run := runningRun(float64(20+rng.IntN(80)), 6)
		if seed%3 == 0 {
			run.State, run.StoppedAt, run.Reason = load.StateStopping, at(rng.Float64()*6), "stopped by user"
		}
		const warm = 2
		cut := run
		cut.Plan.Warmup = warm * time.Second
		events, _ := history(t, rng, run)
		whole, apart := mustAccount(t, run), mustAccount(t, cut)
		for i := range events {
			feed(t, whole, load.Record{Sequence: uint64(i) + 1, Event: &events[i]})
			feed(t, apart, load.Record{Sequence: uint64(i) + 1, Event: &events[i]})
		}
		w, a := whole.result(load.StateDone), apart.result(load.StateDone)
		validate(t, schema, a)
		validate(t, mustSchema(t, "live.schema.json"), apart.snapshot(at(1.5)))
		if a.Warmup == nil || w.Warmup != nil {
			t.Fatalf("seed %d: warm-up %+v and %+v", seed, a.Warmup, w.Warmup)
		}
		type sums struct {
			Ledger                               load.Ledger
			Requests, Errors, Times, Tasks, Gens int64
			Secs                                 float64
		}
		of := func(r load.Result) (s sums) {
			s = sums{Ledger: r.Ledger, Requests: r.RequestsTotal, Errors: r.ErrorsTotal, Times: r.Response.Count, Secs: r.DurationSecs}
			for _, task := range r.Tasks {
				s.Tasks += task.Requests
			}
			for _, g := range r.Generators {
				s.Gens += g.Started
			}
			return s
		}
		want, got := of(w), of(a)
		got.Ledger = got.Ledger.Add(a.Warmup.Ledger)
		got.Requests += a.Warmup.Requests
		got.Errors += a.Warmup.Errors
		got.Times += a.Warmup.Response.Count
		got.Tasks += a.Warmup.Requests
		got.Gens += a.Warmup.Ledger.Started
		got.Secs += a.Warmup.DurationSecs
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("seed %d (-whole +sum of the parts):\n%s", seed, diff)
		}
		if !a.Ledger.Balanced() || !a.Warmup.Ledger.Balanced() {
			t.Errorf("seed %d: %+v and %+v", seed, a.Warmup.Ledger, a.Ledger)
		}
		for i := range w.Series {
			if i < warm {
				w.Series[i].Phase = load.PhaseWarmup
			}
		}
		if diff := cmp.Diff(w.Series, a.Series); diff != "" {
			t.Errorf("seed %d: series (-whole +apart):\n%s", seed, diff)
		}
	}
}

// A slow and failing start breaches no threshold, and the rate is that of the seconds that were measured.
func TestTheWarmupIsNotJudged(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 4)
	run.Plan.Warmup = 2 * time.Second
	run.Plan.Thresholds = []load.Threshold{{Metric: "max_ms", Limit: 15}, {Metric: "error_rate", Limit: 1}, {Scope: "buy", Metric: "rps_min", Limit: 70}}
	a := mustAccount(t, run)
	var l log
	for s := range 4 {
		for _, tok := range tokensOf(t, run, s) {
			task := done(s, "buy", tok.Count)
			if s < 2 {
				task.Failed, task.Errors, task.Response = tok.Count, map[string]int64{"timeout": tok.Count}, times(9_000_000)
			}
			l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{task}})
		}
	}
	feed(t, a, l.records...)
	r := a.result(load.StateDone)
	if !r.Verdict.Passed || len(r.Errors) != 0 || r.RPSActual != 70 || r.RequestsPerSec != 70 || r.DurationSecs != 2 {
		t.Errorf("passed %v, errors %v, %v rps, %v requests/s in %v s: %+v", r.Verdict.Passed, r.Errors, r.RPSActual, r.RequestsPerSec,
			r.DurationSecs, r.Verdict)
	}
	if r.Warmup.Errors != 140 || r.Warmup.Response.MaxMs != 9000 {
		t.Errorf("warm-up %+v", r.Warmup)
	}
	if r.Trust.Level != load.TrustTrusted {
		t.Errorf("trust %+v", r.Trust)
	}
}

// A target that is broken during the warm-up looks broken, and what is shown after it is of the run alone.
func TestTheWarmupIsShownWhileItLasts(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 4)
	run.Plan.Warmup = 2 * time.Second
	a := mustAccount(t, run)
	type shown struct {
		Phase                               string
		Requests, Errors, Started, Planned  int64
		ErrorPct, MaxMs                     float64
		Task, TaskErrors, Booked, Completed int64
	}
	look := func(secs float64) shown {
		l := a.snapshot(at(secs))
		validate(t, mustSchema(t, "live.schema.json"), l)
		s := shown{
			Phase: l.Phase, Requests: l.RequestsTotal, Errors: l.ErrorsTotal, Started: l.Started, Planned: l.Planned,
			ErrorPct: l.ErrorRatePct, MaxMs: l.Latency.MaxMs, Booked: l.Ledger.Planned, Completed: l.Ledger.Completed,
		}
		for _, task := range l.Tasks {
			s.Task += task.Requests
			s.TaskErrors += task.Errors
		}
		return s
	}
	expect := func(secs float64, want shown) {
		t.Helper()
		if diff := cmp.Diff(want, look(secs)); diff != "" {
			t.Errorf("at %v s (-want +got):\n%s", secs, diff)
		}
	}
	var l log
	play := func(s int, failed int64, micros ...int64) {
		l.records = nil
		for _, tok := range tokensOf(t, run, s) {
			task := done(s, "buy", tok.Count)
			task.Response = times(micros...)
			if failed > 0 {
				task.Failed, task.Errors = tok.Count, map[string]int64{"connect": tok.Count}
			}
			l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{task}})
		}
		l.records = append(l.records, load.Record{Decision: &load.Decision{Kind: load.DecisionClose, Second: s}})
		feed(t, a, l.records...)
	}
	expect(-1, shown{Phase: load.PhaseWarmup, Planned: 140})
	play(0, 1, 9_000_000)
	expect(1.9, shown{
		Phase: load.PhaseWarmup, Requests: 70, Errors: 70, Started: 70, Planned: 140, ErrorPct: 100, MaxMs: 9000, Task: 70, TaskErrors: 70,
		Booked: 70, Completed: 70,
	})
	play(1, 1, 9_000_000)
	expect(2, shown{Phase: "steady", Planned: 140})
	play(2, 0, 10_000)
	expect(3.9, shown{Phase: "steady", Requests: 70, Started: 70, Planned: 140, MaxMs: 10, Task: 70, Booked: 70, Completed: 70})
}

// Before second 0 a run without a warm-up is not in one.
func TestARunWithoutWarmupBeginsInItsFirstPhase(t *testing.T) {
	t.Parallel()
	if l := mustAccount(t, runningRun(70, 4)).snapshot(at(-1)); l.Phase != "steady" || l.Planned != 280 {
		t.Errorf("phase %q, %d planned", l.Phase, l.Planned)
	}
}

// Steps that were warm-up as a whole are neither held nor given up, and are no measure for the others.
func TestTheKneeIsFoundAfterTheWarmup(t *testing.T) {
	t.Parallel()
	for warm, want := range map[int]int{0: 0, 2: 3, 3: 3} {
		run := runningRun(56, 8)
		run.Plan.Shape = load.Shape{Mode: load.ModeStep, RPS: 56, Duration: 8 * time.Second, Steps: 4}
		run.Plan.Warmup = time.Duration(warm) * time.Second
		a := mustAccount(t, run)
		var l log
		for s := range 8 {
			for _, tok := range tokensOf(t, run, s) {
				task := done(s, "buy", tok.Count)
				if s < 2 || s >= 6 {
					task.Failed = tok.Count
				}
				l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{task}})
			}
		}
		feed(t, a, l.records...)
		if got := a.result(load.StateDone).KneePoint; got.Step != want || got.TotalSteps != 4 {
			t.Errorf("warm-up %d s: knee %+v, want step %d", warm, got, want)
		}
	}
}

package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// With the defaults: expiry = 0.25 s max lag + 5 s ack wait + 2 s = 7.25 s; finish = 0.25 + 30 + 2 = 32.25 s;
// leave = 0.25 + 5 s.
func TestRules(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	want := rules{expiry: 7250 * time.Millisecond, finish: 32250 * time.Millisecond, leave: 5250 * time.Millisecond}
	if got := rulesOf(&run.Plan, time.Second); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
	// ack wait = 1 s lead + 1 s + 4 s max lag + 2 s = 8 s; expiry = 4 + 8 + 2; finish = 4 + 1 + 2;
	// leave = 4 + 5.
	run.Plan.MaxLag, run.Plan.GracefulStop = 4*time.Second, time.Second
	want = rules{expiry: 14 * time.Second, finish: 7 * time.Second, leave: 9 * time.Second}
	if got := rulesOf(&run.Plan, time.Second); got != want {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Two seconds of 7 tokens with 10 arrivals each.
func TestDecide(t *testing.T) {
	t.Parallel()
	closed := func(second int, never int64) load.Decision {
		return load.Decision{Run: "r", Kind: load.DecisionClose, Second: second, NeverIssued: never}
	}
	end := func(through uint64) load.Decision {
		return load.Decision{Run: "r", Kind: load.DecisionEnd, Through: through}
	}
	type setup struct {
		a *account
		l *log
	}
	run := runningRun(70, 2)
	see := func(s setup, second, tokens int) {
		for _, tok := range tokensOf(t, run, second)[:tokens] {
			s.a.saw(tok)
		}
	}
	final := func(s setup, second, tokens int) {
		for _, tok := range tokensOf(t, run, second)[:tokens] {
			s.l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{done(second, "buy", tok.Count)}})
		}
	}
	closeBoth := func(s setup) {
		s.l.decide(closed(0, 0))
		s.l.decide(closed(1, 0))
	}
	for _, tt := range []struct {
		name string
		stop float64
		do   func(setup)
		now  float64
		want []load.Decision
	}{
		{"before the start", 0, func(setup) {}, -0.5, nil},
		{"every token is final and seen: at once", 0, func(s setup) { see(s, 0, 7); final(s, 0, 7) }, 1, []load.Decision{closed(0, 0)}},
		{"the report overtook the token watch", 0, func(s setup) { see(s, 0, 5); final(s, 0, 7) }, 1, []load.Decision{closed(0, 0)}},
		{"one is seen and not reported", 0, func(s setup) { see(s, 0, 7); final(s, 0, 6) }, 8.2, []load.Decision{closed(1, 70)}},
		{"it expires at 1 + 7.25 s", 0, func(s setup) { see(s, 0, 7); final(s, 0, 6) }, 8.25, []load.Decision{closed(0, 0), closed(1, 70)}},
		{"two are absent, they may still come", 0, func(s setup) { see(s, 0, 5); final(s, 0, 5) }, 1.9, nil},
		{"two are absent a second later: never issued", 0, func(s setup) { see(s, 0, 5); final(s, 0, 5) }, 2, []load.Decision{closed(0, 20)}},
		{"a second without any token", 0, func(setup) {}, 2, []load.Decision{closed(0, 70)}},
		{"both seconds at the same time", 0, func(s setup) { final(s, 0, 7); final(s, 1, 7) }, 2, []load.Decision{closed(0, 0), closed(1, 0)}},
		{"the first is stuck, the second is not", 0, func(s setup) { see(s, 0, 7); final(s, 1, 7) }, 3, []load.Decision{closed(1, 0)}},
		{"all closed and completed: the end through event 14", 0, func(s setup) { final(s, 0, 7); final(s, 1, 7); closeBoth(s) }, 2, []load.Decision{end(14)}},
		{"but not before the profile is over", 0, func(s setup) { final(s, 0, 7); final(s, 1, 7); closeBoth(s) }, 1.99, nil},
		{"an iteration is under way", 0, func(s setup) {
			final(s, 0, 7)
			final(s, 1, 7)
			s.l.event("b", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, 1)[0], 1, 0)}})
			closeBoth(s)
		}, 34.2, nil},
		{"it has outlived 2 + 32.25 s", 0, func(s setup) {
			final(s, 0, 7)
			final(s, 1, 7)
			s.l.event("b", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, 1)[0], 1, 0)}})
			closeBoth(s)
		}, 34.25, []load.Decision{end(15)}},
		{"users are still there", 0, func(s setup) {
			final(s, 0, 7)
			final(s, 1, 7)
			s.l.event("a", load.Event{Users: 1})
			closeBoth(s)
		}, 7.2, nil},
		{"they have left", 0, func(s setup) {
			final(s, 0, 7)
			s.l.event("a", load.Event{Users: 1})
			final(s, 1, 7)
			closeBoth(s)
		}, 2, []load.Decision{end(15)}},
		{"they take longer than 2 + 5.25 s", 0, func(s setup) {
			final(s, 0, 7)
			final(s, 1, 7)
			s.l.event("a", load.Event{Users: 1})
			closeBoth(s)
		}, 7.25, []load.Decision{end(15)}},
		{"an iteration that is over elsewhere does not stand for it", 0, func(s setup) {
			final(s, 0, 7)
			final(s, 1, 7)
			s.l.event("b", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, 1)[0], 1, 0)}})
			s.l.event("c", load.Event{Tasks: []load.TaskReport{done(1, "buy", 1)}})
			closeBoth(s)
		}, 10, nil},
		{"stopped at 0.5: tokens of second 0 final, second 1 needs no closing", 0.5, func(s setup) { see(s, 0, 7); see(s, 1, 7); final(s, 0, 7) }, 0.6, []load.Decision{closed(0, 0)}},
		{"stopped at 0.5, closed: the end at once", 0.5, func(s setup) { final(s, 0, 7); s.l.decide(closed(0, 0)) }, 0.6, []load.Decision{end(7)}},
		{"stopped before the start: the end at once", -0.5, func(setup) {}, 0.1, []load.Decision{end(0)}},
		{"ended: nothing", 0, func(s setup) { s.l.decide(end(0)) }, 60, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := run
			if tt.stop != 0 {
				run.State, run.StoppedAt = load.StateStopping, at(tt.stop)
			}
			s := setup{a: mustAccount(t, run), l: &log{}}
			tt.do(s)
			feed(t, s.a, s.l.records...)
			r := rulesOf(&run.Plan, time.Second)
			if d := cmp.Diff(tt.want, s.a.decide(at(tt.now), r)); d != "" {
				t.Errorf("decisions (-want +got):\n%s", d)
			}
		})
	}
}

// Arrivals at 10/s due before 0.05 s: none, since the first is due at 0.05 s. A second with nothing due before the stop
// needs no closing, and one that holds both needs only the tokens with something due before it.
func TestDecideAroundAStop(t *testing.T) {
	t.Parallel()
	run := runningRun(7, 3) // one arrival a token, due at (k + ½)/7 s
	run.State, run.StoppedAt = load.StateStopping, at(1.3)
	a := mustAccount(t, run) // arrivals 0–6 in second 0; of 7–13, 7 and 8 are due at 1.07 and 1.21 s
	var l log
	for _, tok := range tokensOf(t, run, 0) {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, 1, 0)}, Tasks: []load.TaskReport{done(0, "buy", 1)}})
	}
	second := tokensOf(t, run, 1)
	for _, tok := range second {
		a.saw(tok)
	}
	l.decide(load.Decision{Kind: load.DecisionClose})
	for _, tok := range second[:2] {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, 1, 0)}, Tasks: []load.TaskReport{done(1, "buy", 1)}})
	}
	feed(t, a, l.records...)
	r := rulesOf(&run.Plan, time.Second)
	want := []load.Decision{{Run: "r", Kind: load.DecisionClose, Second: 1}}
	if d := cmp.Diff(want, a.decide(at(1.4), r)); d != "" {
		t.Fatalf("decisions (-want +got):\n%s", d)
	}
	feed(t, a, load.Record{Decision: &want[0]})
	end := a.decide(at(1.4), r)
	if len(end) != 1 || end[0].Kind != load.DecisionEnd {
		t.Fatalf("decisions %+v, want the end", end)
	}
	res := a.result(load.StateDone)
	ledger := load.Ledger{Planned: 21, Started: 9, Completed: 9, Cancelled: 12}
	if d := cmp.Diff(ledger, res.Ledger); d != "" {
		t.Errorf("ledger (-want +got):\n%s", d)
	}
	if len(res.Series) != 2 || res.DurationSecs != 1.3 || res.RPSActual != 9/res.DurationSecs {
		t.Errorf("%d lines, %v s, %v rps; want 2, 1.3, 9/1.3", len(res.Series), res.DurationSecs, res.RPSActual)
	}
}

// NATS stood still when the run was stopped 2 s after its start, and for the three seconds after it, so three more seconds were run. They
// are in the totals, and no part of the rates held until the stop.
func TestRatesOfAStopWhoseWordCameLate(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 10)
	run.State, run.StoppedAt = load.StateStopping, at(2)
	a := mustAccount(t, run)
	var l log
	for second := range 5 {
		for _, tok := range tokensOf(t, run, second) {
			l.event("a", load.Event{
				Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{done(second, "buy", tok.Count)},
			})
		}
	}
	feed(t, a, l.records...)
	r := a.result(load.StateDone)
	if r.RequestsTotal != 350 || r.RPSActual != 70 || r.RequestsPerSec != 70 {
		t.Errorf("%d requests, %v rps, %v requests/s; want 350, 70, 70", r.RequestsTotal, r.RPSActual, r.RequestsPerSec)
	}
}

// Seconds that a pause had emptied are waited for again when the run is resumed.
func TestSecondsAfterAResumeAreClosed(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 6)
	run.Changes = []load.Change{{Second: 1, Kind: load.ChangePause}}
	a := mustAccount(t, run)
	r := rulesOf(&run.Plan, time.Second)
	a.obey(load.Decision{Kind: load.DecisionClose})
	if due := a.decide(at(2), r); len(due) > 0 {
		t.Fatalf("decided %+v in a pause", due)
	}
	run.Changes = append(run.Changes, load.Change{Second: 4, Kind: load.ChangeResume})
	a.update(run)
	var closed []load.Decision
	for _, d := range a.decide(at(20), r) {
		if d.Kind == load.DecisionClose {
			closed = append(closed, d)
		}
	}
	want := []load.Decision{
		{Run: "r", Kind: load.DecisionClose, Second: 4, NeverIssued: 70}, {Run: "r", Kind: load.DecisionClose, Second: 5, NeverIssued: 70},
	}
	if d := cmp.Diff(want, closed); d != "" {
		t.Errorf("decisions (-want +got):\n%s", d)
	}
}

package aggregator

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// recorded is a history of the given records.
func recorded(records []load.Record) func(func(load.Record) error) error {
	return func(each func(load.Record) error) error {
		for _, r := range records {
			if err := each(r); err != nil {
				return err
			}
		}
		return nil
	}
}

// wantProven checks that the stored result is what the stream says, and returns what an audit finds beside it.
func wantProven(t *testing.T, b *bus) Audit {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	audit, err := Recompute(b.runs["r"], recorded(b.records))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(audit.Result, b.results["r"]) {
		t.Errorf("recomputed (-stored +recomputed):\n%s", cmp.Diff(string(b.results["r"]), string(audit.Result)))
	}
	return audit
}

// Whoever owned the run, and however it ended.
func TestRecomputeSaysWhatTheOwnersSaid(t *testing.T) {
	t.Parallel()
	for name, play := range map[string]func(*testing.T, *bus){
		"one owner": func(t *testing.T, b *bus) {
			run := begin(b, 5)
			defer replica(t, deps(b), "one")()
			fleet(t, b, run, 3)
			pass(5 * time.Second)
		},
		"a takeover": func(t *testing.T, b *bus) {
			run := begin(b, 5)
			first := replica(t, deps(b), "first")
			defer first()
			pass(time.Millisecond)
			defer replica(t, deps(b), "second")()
			defer time.AfterFunc(3700*time.Millisecond, first).Stop()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
		},
		"a takeover of a run that begins with a warm-up": func(t *testing.T, b *bus) {
			run := begin(b, 5)
			run.Plan.Warmup = 2 * time.Second
			b.put(run)
			run = b.get("r")
			first := replica(t, deps(b), "first")
			defer first()
			pass(time.Millisecond)
			defer replica(t, deps(b), "second")()
			defer time.AfterFunc(3700*time.Millisecond, first).Stop()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
			if r := resultOf(t, b); r.Ledger.Planned != 210 || r.Warmup == nil || r.Warmup.Ledger.Planned != 140 {
				t.Errorf("ledger %+v, warm-up %+v", r.Ledger, r.Warmup)
			}
		},
		"owners that come and go": func(t *testing.T, b *bus) {
			run := begin(b, 8)
			finished := make(chan struct{})
			go func() {
				defer close(finished)
				fleet(t, b, run, 2)
			}()
			for range 8 {
				stop := replica(t, deps(b), "flapping")
				pass(1300 * time.Millisecond)
				stop()
			}
			<-finished
			defer replica(t, deps(b), "last")()
			pass(10 * time.Second)
		},
		"changes of the rate, and a takeover in the pause": func(t *testing.T, b *bus) {
			run := begin(b, 12)
			first := replica(t, deps(b), "first")
			defer first()
			pass(time.Millisecond)
			defer replica(t, deps(b), "second")()
			// Second s is s + 1.5 s from the begin.
			for after, change := range map[time.Duration]load.Change{
				3700 * time.Millisecond: {Kind: load.ChangePause},          // at 2.2: from 4 on
				6700 * time.Millisecond: {Kind: load.ChangeRate, RPS: 140}, // at 5.2: from 7 on
				8700 * time.Millisecond: {Kind: load.ChangeResume},         // at 7.2: from 9 on
			} {
				time.AfterFunc(after, func() { changeRun(t, b, change) })
			}
			defer time.AfterFunc(6*time.Second, first).Stop()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
			r := resultOf(t, b)
			// 4 s at 70, 3 s of pause, 2 s at 140, 3 s at 70.
			if want := (load.Ledger{Planned: 770, Started: 770, Completed: 770}); r.Ledger != want || r.Trust.Level != load.TrustTrusted {
				t.Errorf("ledger %+v, trust %+v", r.Ledger, r.Trust)
			}
			if n := len(storeSeconds(b)); n != 12 {
				t.Errorf("%d seconds in the store, want those of the pause among 12", n)
			}
			for s, want := range []int64{70, 70, 70, 70, 0, 0, 0, 140, 140, 70, 70, 70} {
				if line := r.Series[s]; line.TargetRPS != want || line.Started != want {
					t.Errorf("second %d: %d of %d started, want %d", s, line.Started, line.TargetRPS, want)
				}
			}
		},
		"a stop in a pause": func(t *testing.T, b *bus) {
			run := begin(b, 60)
			defer replica(t, deps(b), "one")()
			defer time.AfterFunc(3700*time.Millisecond, func() { changeRun(t, b, load.Change{Kind: load.ChangePause}) }).Stop()
			defer time.AfterFunc(8*time.Second, func() { stopRun(b) }).Stop()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
			if l := resultOf(t, b).Ledger; l != (load.Ledger{Planned: 280, Started: 280, Completed: 280}) {
				t.Errorf("ledger %+v", l)
			}
		},
		"a stop": func(t *testing.T, b *bus) {
			run := begin(b, 60)
			defer replica(t, deps(b), "one")()
			defer time.AfterFunc(4900*time.Millisecond, func() { stopRun(b) }).Stop()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
		},
		"a stop when all is over": func(t *testing.T, b *bus) {
			run := begin(b, 3)
			defer replica(t, deps(b), "one")()
			fleet(t, b, run, 2)
			stopRun(b)
			pass(5 * time.Second)
		},
		"a stop of which the owner hears when it has published": func(t *testing.T, b *bus) {
			run := begin(b, 60)
			d := deps(b)
			d.Runs, d.Results = deafStore{runStore{b}}, &interrupted{resultLog: resultLog{b}, then: func() {
				run := b.get("r")
				run.StoppedAt, run.Reason = run.T0.Add(40*time.Second), "stopped by user"
				b.put(run)
			}}
			defer replica(t, d, "one")()
			fleet(t, b, run, 2)
			pass(10 * time.Second)
			if r := resultOf(t, b); r.DurationSecs != 40 || b.puts != 2 {
				t.Errorf("%v s, %d results", r.DurationSecs, b.puts)
			}
		},
		"a run that failed": func(t *testing.T, b *bus) {
			begin(b, 5)
			defer replica(t, deps(b), "one")()
			b.event(load.Event{Run: "r", Instance: "a", Seq: 1, Setup: load.SetupReport{Failed: 3, Requests: 3}})
			run := b.get("r")
			run.State, run.T0, run.Cause, run.Reason = load.StateFailed, time.Time{}, load.CauseTarget, "no user could start"
			b.put(run)
			pass(5 * time.Second)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				play(t, b)
				if run := b.get("r"); !run.State.Final() {
					t.Fatalf("the run is %s", run.State)
				}
				if audit := wantProven(t, b); audit.Events == 0 || audit.Late != (Late{}) {
					t.Errorf("%d events, late %+v", audit.Events, audit.Late)
				}
			})
		})
	}
}

// deafStore tells of no change after the first record.
type deafStore struct{ runStore }

func (b deafStore) Watch(ctx context.Context) (<-chan load.Run, error) {
	return follow(ctx, b.bus, func() []load.Run { return b.changes[:1] }), nil
}

// interrupted lets something happen when the first result has been published.
type interrupted struct {
	resultLog

	then func()
}

func (i *interrupted) PublishResult(ctx context.Context, run string, result []byte) error {
	err := i.resultLog.PublishResult(ctx, run, result)
	if i.then != nil {
		i.then()
		i.then = nil
	}
	return err
}

// stopRun does what a user does who stops the run at this instant.
// changeRun changes the rate as the gateway does.
func changeRun(t *testing.T, b *bus, c load.Change) {
	b.with(func() {
		run := b.runs["r"]
		if changed, err := run.Change(c.Kind, c.RPS, time.Now(), 1250*time.Millisecond); !changed || err != nil {
			t.Errorf("%s: changed %v, error %v", c.Kind, changed, err)
		}
		b.store(run)
	})
}

func stopRun(b *bus) {
	b.with(func() {
		run := b.runs["r"]
		run.State, run.StoppedAt, run.Reason = load.StateStopping, time.Now(), "stopped by user"
		b.store(run)
	})
}

// Generators that drop, fail, repeat and die, whose events come in any order and more than once, some after the end.
func TestRecomputeOfWhateverHappened(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 5))
			b := newBus()
			run := begin(b, 1+rng.IntN(5))
			events, _ := history(t, rng, run)
			distinct := int64(len(events))
			events = append(events, events[:len(events)/3]...)
			rng.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
			stop := replica(t, deps(b), "one")
			for i, e := range events {
				b.event(e)
				if i == len(events)/2 {
					pass(2 * time.Second)
					stop()
					stop = replica(t, deps(b), "two")
				}
			}
			pass(2 * time.Minute)
			stop()
			if audit := wantProven(t, b); audit.Events != distinct || audit.Late != (Late{}) {
				t.Errorf("seed %d: %d events, want %d; late %+v", seed, audit.Events, distinct, audit.Late)
			}
			for _, e := range events { // all stored before
				b.event(e)
			}
			late := load.Event{
				Run: "r", Instance: "slow", Seq: 1, Tokens: []load.TokenReport{report(tokensOf(t, run, 0)[0], 7, 0)},
				Tasks: []load.TaskReport{done(0, "buy", 4), done(0, "browse", 2)},
			}
			b.event(late)
			b.event(late)
			if d := cmp.Diff(Late{Events: 1, Started: 7, Requests: 6}, wantProven(t, b).Late); d != "" {
				t.Errorf("seed %d: late (-want +got):\n%s", seed, d)
			}
		})
	}
}

// An event that was stored while its owner ended the run is in no number, and the result says so.
func TestRecomputeSealsBeforeItReads(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	run.State = load.StateDone
	var l log
	one := func() load.Event { return load.Event{Tasks: []load.TaskReport{done(0, "buy", 1)}} }
	l.event("a", one())
	l.event("a", one())
	l.event("a", one())
	l.decide(load.Decision{Kind: load.DecisionEnd, Through: 2})
	l.event("a", one())
	l.decide(load.Decision{Kind: load.DecisionEnd, Through: 5}) // of one that had missed the first
	audit, err := Recompute(run, recorded(l.records))
	if err != nil {
		t.Fatal(err)
	}
	acc := mustAccount(t, run)
	acc.seal(2)
	feed(t, acc, l.records...)
	_, want, err := acc.final(run.State)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(Audit{Result: want, Events: 2, Late: Late{Events: 2, Requests: 2}}, audit); d != "" {
		t.Errorf("audit (-want +got):\n%s", d)
	}
	if !bytes.Contains(audit.Result, []byte(`"late_events":1,`)) {
		t.Errorf("the result counts other events as late than the one before the end: %s", audit.Result)
	}
}

func TestRecomputeNeedsTheWholeHistory(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 1)
	run.State = load.StateDone
	var l log
	for range 3 {
		l.event("a", load.Event{Tasks: []load.TaskReport{done(0, "buy", 1)}})
	}
	l.decide(load.Decision{Kind: load.DecisionEnd, Through: 3})
	l.event("b", load.Event{})
	broken := errors.New("broken")
	purged := slices.DeleteFunc(slices.Clone(l.records), func(r load.Record) bool { return r.Event != nil && r.Sequence < 4 })
	calls := 0
	for name, tt := range map[string]struct {
		history func(func(load.Record) error) error
		want    error
	}{
		"it has not ended":       {recorded(l.records[:3]), load.ErrNotFound},
		"its events were purged": {recorded(purged), load.ErrNotFound},
		"all of it has expired":  {recorded(nil), load.ErrNotFound},
		"it cannot be read":      {func(func(load.Record) error) error { return broken }, broken},
		"it cannot be read to the end": {func(each func(load.Record) error) error {
			if calls++; calls == 2 {
				return broken
			}
			return recorded(l.records)(each)
		}, broken},
	} {
		if audit, err := Recompute(run, tt.history); !errors.Is(err, tt.want) {
			t.Errorf("%s: %+v, error %v; want %v", name, audit, err, tt.want)
		}
	}
	run.Plan.Shape.RPS = 0
	if _, err := Recompute(run, recorded(l.records)); err == nil {
		t.Error("a run without a valid profile was recomputed")
	}
}

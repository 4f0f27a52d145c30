package scheduler

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wantTokens checks that the bus holds exactly the run's tokens of the given seconds, each a function of the record, and
// each stored before its second was a tolerance old.
func wantTokens(t *testing.T, b *bus, run load.Run, want func(second int) bool) {
	t.Helper()
	profile, err := load.NewRunProfile(&run)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]load.Token{}
	for _, p := range b.stored() {
		if p.Run != run.ID {
			continue
		}
		got[p.ID()] = p.Token
		if p.at.After(p.StartAt.Add(tolerance)) {
			t.Errorf("token %s was published %v into its second", p.ID(), p.at.Sub(p.StartAt))
		}
	}
	expected := map[string]load.Token{}
	for s := range profile.Seconds() {
		if want(s) {
			for _, tok := range profile.Tokens(run.ID, s, run.Slices, run.T0) {
				expected[tok.ID()] = tok
			}
		}
	}
	if d := cmp.Diff(expected, got); d != "" {
		t.Errorf("tokens (-want +got):\n%s", d)
	}
}

// pass lets virtual time pass until all is at rest, so that the test may look at the bus.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func every(int) bool { return true }

func TestRunIsPublishedWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 3, "")
		b.put(pendingRun("r", 100, 10))
		stop := replica(t, b)
		defer stop()
		begun := time.Now()
		pass(20 * time.Second)
		run := b.get("r")
		if run.State != load.StateRunning || !run.T0.Equal(begun.Add(1500*time.Millisecond)) {
			t.Fatalf("state %s, T0 %v after the begin; want running, 1.5s", run.State, run.T0.Sub(begun))
		}
		// max(32, 100/100, 4·3) = 32, made coprime to the cycle of 6: 35.
		if run.Slices != 35 {
			t.Errorf("%d slices, want 35", run.Slices)
		}
		wantTokens(t, b, run, every)
		for _, p := range b.stored() {
			if want := p.StartAt.Add(-time.Second); !p.at.Equal(want) {
				t.Fatalf("token %s went out %v before its second, want 1s", p.ID(), p.StartAt.Sub(p.at))
			}
		}
		if opened := b.consumers["r"]; opened.IsZero() || opened.After(run.T0) {
			t.Errorf("consumer opened at %v, T0 %v", opened, run.T0)
		}
		b.change("r", func(r *load.Run) { r.State = load.StateDone })
		synctest.Wait()
		if b.closed["r"] != 1 {
			t.Errorf("consumer closed %d times, want once", b.closed["r"])
		}
	})
}

// Two replicas, one of which dies at some instant between before the start and after the end.
func TestReplicaDies(t *testing.T) {
	t.Parallel()
	for ms := 0; ms <= 8000; ms += 250 {
		synctest.Test(t, func(t *testing.T) {
			b := newBus()
			b.prepared("r", 2, "")
			b.put(pendingRun("r", 50, 5))
			first, second := replica(t, b), replica(t, b)
			defer first()
			defer second()
			pass(time.Duration(ms) * time.Millisecond)
			first()
			pass(20 * time.Second)
			wantTokens(t, b, b.get("r"), every)
			if ms == 8000 && b.copies == 0 {
				t.Error("the second replica published nothing while the first lived")
			}
		})
	}
}

// A replica that begins while the run is under way takes it over from a dead one.
func TestLateReplica(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name        string
		dead, alive time.Duration // from the publication of second 0
		lost        func(second int) bool
	}{
		// Second s goes out at s and begins at s + 1.
		{"within the lead", 3500 * time.Millisecond, 4500 * time.Millisecond, func(int) bool { return false }},
		{"4 and 5 have begun: published at 3 was the last", 3500 * time.Millisecond, 6500 * time.Millisecond, func(s int) bool { return s == 4 || s == 5 }},
		{"all is over", 3500 * time.Millisecond, time.Minute, func(s int) bool { return s > 3 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				b.prepared("r", 1, "")
				b.put(pendingRun("r", 50, 10))
				dead := replica(t, b)
				pass(500*time.Millisecond + tt.dead)
				dead()
				pass(tt.alive - tt.dead)
				alive := replica(t, b)
				defer alive()
				pass(30 * time.Second)
				wantTokens(t, b, b.get("r"), func(s int) bool { return !tt.lost(s) })
			})
		})
	}
}

func TestStopEndsPublishing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 10))
		stop := replica(t, b)
		defer stop()
		pass(500*time.Millisecond + 3500*time.Millisecond) // second 3 went out half a second ago
		b.change("r", func(r *load.Run) { r.State, r.StoppedAt = load.StateStopping, time.Now() })
		pass(20 * time.Second)
		wantTokens(t, b, b.get("r"), func(s int) bool { return s <= 3 })
	})
}

// ask changes the rate as the gateway does, ahead of the lead of DefaultConfig.
func (b *bus) ask(t *testing.T, id string, kind load.ChangeKind, rps float64) {
	t.Helper()
	b.change(id, func(r *load.Run) {
		if changed, err := r.Change(kind, rps, time.Now(), DefaultConfig().Lead+250*time.Millisecond); err != nil || !changed {
			t.Errorf("%s: changed %v, error %v", kind, changed, err)
		}
	})
}

// The rate of a run is changed four times, and one of two replicas dies at some instant from before the start to after the end,
// so also while the run is paused: each second has the tokens that the record says, one lead before it.
func TestChangesOfTheRate(t *testing.T) {
	t.Parallel()
	for ms := 0; ms <= 16_000; ms += 500 {
		synctest.Test(t, func(t *testing.T) {
			b := newBus()
			b.prepared("r", 2, "")
			b.put(pendingRun("r", 50, 14))
			first, second := replica(t, b), replica(t, b)
			defer first()
			defer second()
			dies := time.AfterFunc(time.Duration(ms)*time.Millisecond, first)
			defer dies.Stop()
			// Second s goes out at s + 0.5 s and begins at s + 1.5 s.
			pass(3700 * time.Millisecond)
			b.ask(t, "r", load.ChangePause, 0) // at 2.2: from 4 on
			pass(3 * time.Second)
			b.ask(t, "r", load.ChangeRate, 100) // at 5.2: from 7 on
			pass(2 * time.Second)
			b.ask(t, "r", load.ChangeResume, 0) // at 7.2: from 9 on
			pass(300 * time.Millisecond)
			b.ask(t, "r", load.ChangeRate, 20) // at 7.5, before that was published: from 9 on instead
			pass(20 * time.Second)
			run := b.get("r")
			wantTokens(t, b, run, every)
			for _, p := range b.stored() {
				if want := p.StartAt.Add(-time.Second); !p.at.Equal(want) {
					t.Fatalf("token %s went out %v before its second, want 1s", p.ID(), p.StartAt.Sub(p.at))
				}
			}
			profile, err := load.NewRunProfile(&run)
			if err != nil {
				t.Fatal(err)
			}
			var counts []int64
			for s := range profile.Seconds() {
				counts = append(counts, profile.Count(s))
			}
			if d := cmp.Diff([]int64{50, 50, 50, 50, 0, 0, 0, 100, 100, 20, 20, 20, 20, 20}, counts); d != "" {
				t.Errorf("arrivals of each second (-want +got):\n%s", d)
			}
		})
	}
}

// A run that was paused to its end has nothing left to publish, and goes on all the same when it is resumed.
func TestResumeAfterTheLastPublishedSecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 10))
		dead := replica(t, b)
		pass(2700 * time.Millisecond)
		b.ask(t, "r", load.ChangePause, 0) // at 1.2: from 3 on
		pass(2 * time.Second)
		dead()
		b.ask(t, "r", load.ChangeResume, 0) // at 3.2: from 5 on
		alive := replica(t, b)              // has never seen the run before
		defer alive()
		pass(20 * time.Second)
		wantTokens(t, b, b.get("r"), every)
	})
}

// late is a store whose watch does not tell of changes of the rate.
type late struct{ *bus }

func (l late) Watch(ctx context.Context) (<-chan load.Run, error) {
	in, err := l.bus.Watch(ctx)
	out := make(chan load.Run)
	go func() {
		defer close(out)
		for run := range in {
			if len(run.Changes) > 0 {
				continue
			}
			select {
			case out <- run:
			case <-ctx.Done():
				return
			}
		}
	}()
	return out, err
}

// A replica that the watch tells of no change publishes nothing of the rate before.
func TestAChangeIsFoundThoughTheWatchIsLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 40))
		s, err := New(DefaultConfig(), Deps{Runs: late{b}, Tokens: b, Fleet: b, Clock: b, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		var running sync.WaitGroup
		running.Go(func() { _ = s.Run(ctx) })
		defer running.Wait()
		defer cancel()
		pass(500*time.Millisecond + 3500*time.Millisecond) // second 3 went out, second 4 is due in 0.5 s
		b.ask(t, "r", load.ChangeRate, 20)                 // at 2.5: from 4 on
		pass(5 * time.Second)
		b.ask(t, "r", load.ChangePause, 0) // at 7.5: from 9 on
		pass(time.Minute)
		wantTokens(t, b, b.get("r"), every)
	})
}

func TestStopBeforeTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.put(pendingRun("r", 50, 10))
		stop := replica(t, b)
		defer stop()
		pass(5 * time.Second)
		if s := b.get("r").State; s != load.StatePreparing {
			t.Fatalf("state %s, want preparing", s)
		}
		b.change("r", func(r *load.Run) { r.State, r.StoppedAt = load.StateStopping, time.Now() })
		pass(time.Second)
		if run := b.get("r"); run.State != load.StateAborted || run.Reason == "" {
			t.Errorf("state %s, reason %q; want aborted with a reason", run.State, run.Reason)
		}
		wantTokens(t, b, b.get("r"), func(int) bool { return false })
	})
}

func TestBarrierFails(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		setup func(*bus)
		after time.Duration
		cause load.Cause
	}{
		{"no generator", func(*bus) {}, 30 * time.Second, load.CauseInfra},
		{"no user could start", func(b *bus) { b.prepared("r", 2, "401") }, 0, load.CauseTarget},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				tt.setup(b)
				b.put(pendingRun("r", 50, 10))
				first, second := replica(t, b), replica(t, b)
				defer first()
				defer second()
				if tt.after > 0 {
					pass(tt.after - time.Second)
					if s := b.get("r").State; s != load.StatePreparing {
						t.Fatalf("state %s a second before the time is over", s)
					}
				}
				pass(2 * time.Second)
				run := b.get("r")
				if run.State != load.StateFailed || run.Cause != tt.cause || run.Reason == "" {
					t.Errorf("state %s, cause %q, reason %q", run.State, run.Cause, run.Reason)
				}
			})
		})
	}
}

// The bus is away for 2.3 s in mid-run: what begins meanwhile is lost, nothing is caught up with.
func TestBusAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 10))
		first, second := replica(t, b), replica(t, b)
		defer first()
		defer second()
		pass(500*time.Millisecond + 3500*time.Millisecond) // published: 0 to 3
		b.mu.Lock()
		b.awayTill = time.Now().Add(2300 * time.Millisecond) // at 5.8 of the publications: second 5 began at 6.0
		b.mu.Unlock()
		pass(20 * time.Second)
		wantTokens(t, b, b.get("r"), func(s int) bool { return s != 4 })
	})
}

// A bus that goes away while a run is started delays its second 0: nothing of it is lost.
func TestBusAwayAtTheStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.outage = 10 * time.Second
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 5))
		stop := replica(t, b)
		defer stop()
		pass(30 * time.Second)
		wantTokens(t, b, b.get("r"), every)
	})
}

// When the bus comes back, the generators' announcements have expired: the barrier gives them time to come again.
func TestBusAwayAtTheBarrier(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.put(pendingRun("r", 50, 5))
		stop := replica(t, b)
		defer stop()
		pass(25 * time.Second)
		b.mu.Lock()
		b.awayTill = time.Now().Add(10 * time.Second)
		b.mu.Unlock()
		pass(11 * time.Second)
		b.prepared("r", 1, "")
		pass(10 * time.Second)
		if run := b.get("r"); run.State != load.StateRunning {
			t.Errorf("state %s, reason %q; want running", run.State, run.Reason)
		}
		wantTokens(t, b, b.get("r"), every)
	})
}

// A scheduler that was frozen wakes long after the second that it was about to publish.
func TestFrozen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 40))
		stop := replica(t, b)
		defer stop()
		pass(500*time.Millisecond + 3500*time.Millisecond) // second 3 went out, second 4 is due in 0.5 s
		b.mu.Lock()
		b.ahead = 19500 * time.Millisecond
		b.mu.Unlock()
		pass(time.Minute)
		// It wakes half a second before second 23 begins.
		wantTokens(t, b, b.get("r"), func(s int) bool { return s <= 3 || s >= 23 })
	})
}

// A zombie whose record is old cannot bring a stopped run back, and what it publishes are the same tokens.
func TestZombie(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 5))
		stop := replica(t, b)
		defer stop()
		pass(300 * time.Millisecond)
		old := b.get("r")
		pass(20 * time.Second)
		b.change("r", func(r *load.Run) { r.State = load.StateDone })
		pass(time.Second)

		s, err := New(DefaultConfig(), Deps{Runs: b, Tokens: b, Fleet: b, Clock: b, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		table, err := newTimetable(old, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		before := len(b.stored())
		for second := range table.profile.Seconds() {
			if err := b.Publish(t.Context(), "p", table.tokens(second)); err != nil {
				t.Fatal(err)
			}
		}
		if after := len(b.stored()); after != before {
			t.Errorf("%d tokens after the zombie, %d before", after, before)
		}
		old.State = load.StatePreparing
		w := &worker{Service: s, box: newMailbox(old), log: slog.New(slog.DiscardHandler), run: old}
		if w.start(t.Context(), 1) || b.get("r").State != load.StateDone {
			t.Errorf("the zombie brought the run to %s", b.get("r").State)
		}
	})
}

func TestSeveralRuns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.mu.Lock()
		b.fleet = []load.GeneratorStatus{{Pool: "p", Prepared: map[string]load.Prepared{"a": {}, "b": {}}}}
		b.mu.Unlock()
		stop := replica(t, b)
		defer stop()
		b.put(pendingRun("a", 100, 5))
		pass(1234 * time.Millisecond)
		b.put(pendingRun("b", 30, 8))
		pass(30 * time.Second)
		wantTokens(t, b, b.get("a"), every)
		wantTokens(t, b, b.get("b"), every)
	})
}

func TestStartStopStress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 10, 30))
		rng := rand.New(rand.NewPCG(1, 2))
		for range 200 {
			stop := replica(t, b)
			pass(time.Duration(rng.IntN(200)) * time.Millisecond)
			stop()
		}
		pass(time.Minute)
		wantTokens(t, b, b.get("r"), func(s int) bool {
			for _, p := range b.stored() {
				if p.Second == s {
					return true
				}
			}
			return false
		})
	})
}

// watchless cannot watch.
type watchless struct{ *bus }

func (watchless) Watch(context.Context) (<-chan load.Run, error) { return nil, load.ErrUnavailable }

func TestNoWatchIsAnError(t *testing.T) {
	t.Parallel()
	b := newBus()
	s, err := New(DefaultConfig(), Deps{Runs: watchless{b}, Tokens: b, Fleet: b, Clock: b, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Run(t.Context()); err == nil {
		t.Error("Run succeeded without a watch")
	}
}

package aggregator

import (
	"bytes"
	"context"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// begin puts a run on the bus whose second 0 is a second and a half away: 70 iterations a second.
func begin(b *bus, seconds int) load.Run {
	run := runningRun(70, seconds)
	run.T0, run.CreatedAt = time.Now().Add(1500*time.Millisecond), time.Now()
	b.put(run)
	return b.get("r")
}

// pass lets virtual time pass until all is at rest, so that the test may look at the bus.
func pass(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func resultOf(t *testing.T, b *bus) load.Result {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	var r load.Result
	if err := json.Unmarshal(b.results["r"], &r); err != nil {
		t.Fatalf("result: %v", err)
	}
	return r
}

// wantWhole checks the outcome of a run of which nothing was lost.
func wantWhole(t *testing.T, b *bus, seconds int) {
	t.Helper()
	if s := b.get("r").State; s != load.StateDone {
		t.Fatalf("state %s, want done", s)
	}
	r := resultOf(t, b)
	n := int64(70 * seconds)
	if d := cmp.Diff(load.Ledger{Planned: n, Started: n, Completed: n}, r.Ledger); d != "" {
		t.Errorf("ledger (-want +got):\n%s", d)
	}
	if r.RequestsTotal != n || len(r.Series) != seconds || r.ExitCode() != load.ExitPassed {
		t.Errorf("%d requests, %d seconds, exit %d, trust %v", r.RequestsTotal, len(r.Series), r.ExitCode(), r.Trust)
	}
}

func TestRunToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 5)
		stop := replica(t, deps(b), "one")
		defer stop()
		fleet(t, b, run, 3)
		// The last report is in as second 5 begins; a look every 100 ms, first at the seconds, then at the end.
		pass(300 * time.Millisecond)
		wantWhole(t, b, 5)
		pass(time.Second)

		// Beats come 750 ms after each second: from −1.25 to 0.75 with nothing to show, from 1.75 to 4.75 with seconds 0 to 3,
		// and one at the end.
		if l := b.live[4]; l.Generators != 3 || l.ActiveWorkers != 6 || l.Phase != "steady" || l.State != load.StateRunning {
			t.Errorf("fifth snapshot %+v", l)
		}
		var shown []float64
		for _, l := range b.live {
			shown = append(shown, l.CurrentRPS)
			if l.CurrentRPS != l.TargetRPS {
				t.Errorf("at %v s: %v of %v rps", l.ElapsedSecs, l.CurrentRPS, l.TargetRPS)
			}
		}
		if d := cmp.Diff([]float64{0, 0, 0, 70, 70, 70, 70, 70}, shown); d != "" {
			t.Errorf("current rates shown (-want +got):\n%s", d)
		}
		last := b.live[len(b.live)-1]
		if last.State != load.StateDone || last.Phase != "done" || last.RequestsTotal != 350 || last.Generators != 3 || last.ActiveWorkers != 0 {
			t.Errorf("last snapshot %+v", last)
		}
		final := b.writes[len(b.writes)-1]
		if !bytes.Equal(final.Result, b.results["r"]) || final.State != load.StateDone || final.Verdict != "passed" || final.Trust != "trusted" {
			t.Errorf("last write: state %s, verdict %s, trust %s", final.State, final.Verdict, final.Trust)
		}
		if time.Now().Before(b.expires) {
			t.Error("the lease is still held")
		}
	})
}

// storeSeconds is what a dashboard has after all writes.
func storeSeconds(b *bus) map[int]load.Second {
	out := map[int]load.Second{}
	for _, w := range b.writes {
		for _, s := range w.Seconds {
			out[s.Second] = s
		}
	}
	return out
}

func TestStoreIsAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name       string
		down, up   time.Duration // from the begin; second s is s + 1.5 s from it
		forget     bool
		wantResult bool
	}{
		{"in mid-run", 2 * time.Second, 5 * time.Second, false, true},
		{"it comes back empty", 2 * time.Second, 3 * time.Second, true, true},
		{"from before the start until after the end", 0, 20 * time.Second, true, true},
		{"for good", 0, time.Hour, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				run := begin(b, 6)
				stop := replica(t, deps(b), "one")
				defer stop()
				down := time.AfterFunc(tt.down, func() { b.with(func() { b.down = true }) })
				up := time.AfterFunc(tt.up, func() {
					b.with(func() {
						b.down, b.forget = false, tt.forget
						if tt.forget {
							b.writes = nil
						}
					})
				})
				defer down.Stop()
				defer up.Stop()
				fleet(t, b, run, 2)
				pass(300 * time.Millisecond)
				wantWhole(t, b, 6) // the store has delayed nothing
				pass(time.Minute)
				if !tt.wantResult {
					if len(b.writes) > 0 {
						t.Errorf("%d writes", len(b.writes))
					}
					return
				}
				result := resultOf(t, b)
				if got := b.writes[len(b.writes)-1].Result; !bytes.Equal(got, b.results["r"]) {
					t.Errorf("the store holds another result: %s", got)
				}
				seconds := storeSeconds(b)
				for _, s := range result.Series {
					if d := cmp.Diff(s, seconds[s.Second]); d != "" {
						t.Errorf("second %d of the store (-result +store):\n%s", s.Second, d)
					}
				}
			})
		})
	}
}

// slowStore takes a moment for each write, and gives up when its context ends.
type slowStore struct{ store }

func (s slowStore) Write(ctx context.Context, u load.StoreUpdate) (bool, error) {
	select {
	case <-time.After(300 * time.Millisecond):
		return s.store.Write(ctx, u)
	case <-ctx.Done():
		return false, ctx.Err()
	}
}

// Whoever waits for a run to be done may end the process at that moment, and nobody looks after it any more: the store has the
// result by then.
func TestStoreHasTheResultOfARunThatIsDone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 2)
		d := deps(b)
		d.Store = slowStore{store{b}}
		stop := replica(t, d, "one")
		defer stop()
		fleet(t, b, run, 2)
		for b.get("r").State != load.StateDone {
			pass(10 * time.Millisecond)
		}
		if n := len(b.writes); n == 0 || !bytes.Equal(b.writes[n-1].Result, b.results["r"]) {
			t.Errorf("the last of %d writes does not hold the result", n)
		}
	})
}

// orderly notes results that are published before the store was offered them.
type orderly struct {
	resultLog

	early *int
}

func (o orderly) PublishResult(ctx context.Context, run string, result []byte) error {
	o.with(func() {
		if n := len(o.writes); n == 0 || !bytes.Equal(o.writes[n-1].Result, result) {
			*o.early++
		}
	})
	return o.resultLog.PublishResult(ctx, run, result)
}

// Nobody looks after a run that has failed once its result is published: a crash in between must not leave the store without.
func TestStoreHasTheResultBeforeTheBus(t *testing.T) {
	t.Parallel()
	for _, state := range []load.State{load.StateDone, load.StateFailed, load.StateAborted} {
		t.Run(string(state), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				run := begin(b, 2)
				early := 0
				d := deps(b)
				d.Results = orderly{resultLog{b}, &early}
				stop := replica(t, d, "one")
				defer stop()
				if state != load.StateDone {
					run.State = state
					b.put(run)
				}
				fleet(t, b, run, 2)
				pass(10 * time.Second)
				if r := resultOf(t, b); r.State != state || b.puts != 1 || early != 0 {
					t.Errorf("%d results of a run that is %s, %d before the store had it", b.puts, r.State, early)
				}
			})
		})
	}
}

// Two aggregators: one owns the run at a time. When it is shut down, or loses its lease, the other goes on and comes to the
// same result.
func TestTakeover(t *testing.T) {
	t.Parallel()
	for ms := 500; ms <= 8000; ms += 500 {
		synctest.Test(t, func(t *testing.T) {
			b := newBus()
			run := begin(b, 5)
			first := replica(t, deps(b), "first")
			defer first()
			pass(time.Millisecond)
			second := replica(t, deps(b), "second")
			defer second()
			end := time.AfterFunc(time.Duration(ms)*time.Millisecond, first)
			defer end.Stop()
			fleet(t, b, run, 2)
			pass(5 * time.Second)
			wantWhole(t, b, 5)
			if b.puts != 1 {
				t.Errorf("the result was published %d times", b.puts)
			}
			if b.owners[0] != "first" {
				t.Errorf("owners %v", b.owners)
			}
			var epoch uint64
			for _, w := range b.writes {
				if w.Epoch < epoch {
					t.Errorf("epoch %d written after %d", w.Epoch, epoch)
				}
				epoch = w.Epoch
			}
		})
	}
}

// cutOff is a lease service that its user cannot reach any more after a time.
type cutOff struct {
	leases
	after time.Time
}

func (c cutOff) Renew(ctx context.Context, l load.Lease) (load.Lease, error) {
	if time.Now().After(c.after) {
		return load.Lease{}, load.ErrUnavailable
	}
	return c.leases.Renew(ctx, l)
}

func (c cutOff) Release(context.Context, load.Lease) error { return load.ErrUnavailable }

func (c cutOff) Acquire(ctx context.Context, run, owner string) (load.Lease, error) {
	if time.Now().After(c.after) {
		return load.Lease{}, load.ErrUnavailable
	}
	return c.leases.Acquire(ctx, run, owner)
}

func TestOwnerThatCannotRenewStops(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 10)
		d := deps(b)
		d.Leases = cutOff{leases{b}, time.Now().Add(4500 * time.Millisecond)}
		var liveOfFirst []time.Time
		d.Live = liveFunc(func() { liveOfFirst = append(liveOfFirst, time.Now()) })
		first := replica(t, d, "first")
		defer first()
		pass(time.Millisecond)
		second := replica(t, deps(b), "second")
		defer second()
		begun := time.Now()
		fleet(t, b, run, 2)
		pass(time.Second)
		wantWhole(t, b, 10)
		if d := cmp.Diff([]string{"first", "second"}, b.owners); d != "" {
			t.Errorf("owners (-want +got):\n%s", d)
		}
		// Renewed last after 4 s; gives up within the 3 s that the bus keeps the lease.
		for _, at := range liveOfFirst {
			if at.Sub(begun) > 7*time.Second {
				t.Errorf("the first owner still spoke after %v", at.Sub(begun))
			}
		}
	})
}

// shaky fails each second renewal.
type shaky struct {
	leases
	calls *int
}

func (s shaky) Renew(ctx context.Context, l load.Lease) (load.Lease, error) {
	if *s.calls++; *s.calls%2 == 0 {
		return load.Lease{}, load.ErrUnavailable
	}
	return s.leases.Renew(ctx, l)
}

func TestRenewalIsTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 10)
		d := deps(b)
		calls := 0
		d.Leases = shaky{leases{b}, &calls}
		stop := replica(t, d, "one")
		defer stop()
		fleet(t, b, run, 2)
		pass(time.Second)
		wantWhole(t, b, 10)
		if len(b.owners) != 1 || calls < 10 {
			t.Errorf("owners %v after %d renewals, want one", b.owners, calls)
		}
	})
}

type liveFunc func()

func (f liveFunc) Publish(context.Context, load.Live) error { f(); return nil }

// A second aggregator that begins when all is over replays to the same bytes.
func TestReplayGivesTheSameBytes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 4)
		stop := replica(t, deps(b), "one")
		fleet(t, b, run, 2)
		pass(time.Second)
		stop()
		first := b.results["r"]
		b.with(func() { b.unfinish(run) })
		again := replica(t, deps(b), "two")
		defer again()
		pass(5 * time.Second)
		if !bytes.Equal(first, b.results["r"]) || len(first) == 0 {
			t.Errorf("replayed result differs:\n%s\n%s", first, b.results["r"])
		}
	})
}

// A successor reads an event that came after the number at which its predecessor had ended the run, but before the decision
// was stored. It learns that only from the decision, and reads the stream again.
func TestSuccessorObeysTheEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 4)
		stop := replica(t, deps(b), "one")
		fleet(t, b, run, 2)
		pass(time.Second)
		stop()
		before := resultOf(t, b)
		b.with(func() {
			i := slices.IndexFunc(b.records, func(r load.Record) bool {
				return r.Decision != nil && r.Decision.Kind == load.DecisionEnd
			})
			late := load.Event{Run: "r", Instance: "late", Seq: 1, Tasks: []load.TaskReport{done(0, "buy", 9)}}
			b.records = slices.Insert(b.records, i, load.Record{Event: &late})
			for ; i < len(b.records); i++ {
				b.records[i].Sequence = uint64(i) + 1
			}
			b.unfinish(run)
		})
		again := replica(t, deps(b), "two")
		defer again()
		pass(5 * time.Second)
		after := resultOf(t, b)
		before.LateEvents = 1
		if d := cmp.Diff(before, after); d != "" {
			t.Errorf("result of the successor (-want +got):\n%s", d)
		}
	})
}

func TestStopEndsTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 60)
		stop := replica(t, deps(b), "one")
		defer stop()
		var stopped time.Time
		press := time.AfterFunc(4900*time.Millisecond, func() { // 3.4 s after second 0
			b.with(func() {
				r := b.runs["r"]
				stopped = time.Now()
				r.State, r.StoppedAt, r.Reason = load.StateStopping, stopped, "stopped by user"
				b.store(r)
			})
		})
		defer press.Stop()
		fleet(t, b, run, 2) // reports at 3.5 s that seconds 0 to 2 were run and all else cancelled
		pass(8 * time.Second)
		if s := b.get("r").State; s != load.StateDone {
			t.Fatalf("state %s, want done", s)
		}
		r := resultOf(t, b)
		// 3 whole seconds were run: 210. In second 3, due before 0.4 s, lie ⌈0.4·70 − ½⌉ = 28 that were dropped.
		want := load.Ledger{Planned: 4200, Started: 210, Completed: 210, Dropped: 28, Cancelled: 4200 - 210 - 28}
		if d := cmp.Diff(want, r.Ledger); d != "" {
			t.Errorf("ledger (-want +got):\n%s", d)
		}
		if r.DurationSecs != 3.4 || r.Reason != "stopped by user" || len(r.Series) != 4 {
			t.Errorf("%v s, reason %q, %d lines; want 3.4, stopped by user, 4", r.DurationSecs, r.Reason, len(r.Series))
		}
	})
}

func TestRunsThatNeverStartedGetAResult(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		state load.State
		cause load.Cause
		exit  int
	}{
		{"no user could start", load.StateFailed, load.CauseTarget, load.ExitUntrusted},
		{"no generator", load.StateFailed, load.CauseInfra, load.ExitInfra},
		{"stopped before the start", load.StateAborted, load.CauseNone, load.ExitUntrusted},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				run := runningRun(70, 5)
				run.State, run.T0, run.Slices, run.CreatedAt = load.StatePreparing, time.Time{}, 0, time.Now()
				b.put(run)
				first, second := replica(t, deps(b), "one"), replica(t, deps(b), "two")
				defer first()
				defer second()
				setup := load.Event{
					Run: "r", Instance: "a", Seq: 1,
					Setup:   load.SetupReport{Failed: 3, Requests: 3, Errors: map[string]int64{"http_401": 3}, Response: times(1000, 1000, 1000)},
					Samples: []load.ErrorSample{{Iteration: -1, Task: "on_start", Class: "http_401", Message: "no"}},
				}
				pass(time.Second)
				run = b.get("r")
				run.State, run.Cause, run.Reason = tt.state, tt.cause, "the reason"
				b.put(run)
				pass(500 * time.Millisecond)
				b.event(setup) // the report comes after the record
				pass(5 * time.Second)
				r := resultOf(t, b)
				if r.State != tt.state || r.Cause != tt.cause || r.Reason != "the reason" || r.Verdict.Passed || r.ExitCode() != tt.exit {
					t.Errorf("state %s, cause %q, reason %q, verdict %+v, trust %+v, exit %d; want exit %d",
						r.State, r.Cause, r.Reason, r.Verdict, r.Trust, r.ExitCode(), tt.exit)
				}
				if r.Setup.Failed != 3 || len(r.Setup.Samples) != 1 || r.Setup.Errors["http_401"] != 3 {
					t.Errorf("setup %+v", r.Setup)
				}
				if b.get("r").State != tt.state {
					t.Errorf("state became %s", b.get("r").State)
				}
				if b.puts != 1 || len(b.writes) != 1 || len(b.writes[0].Result) == 0 {
					t.Errorf("%d results published, %d written; want one each", b.puts, len(b.writes))
				}
			})
		})
	}
}

func TestStartStopStress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 20)
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			fleet(t, b, run, 2)
		}()
		rng := rand.New(rand.NewPCG(3, 4))
		for range 100 {
			stop := replica(t, deps(b), "flapping")
			pass(time.Duration(rng.IntN(400)) * time.Millisecond)
			stop()
		}
		<-finished
		stop := replica(t, deps(b), "last")
		defer stop()
		pass(10 * time.Second)
		wantWhole(t, b, 20)
	})
}

func TestConfigRefused(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*Config){
		"no owner":            func(c *Config) { c.Owner = "" },
		"no lead":             func(c *Config) { c.Lead = 0 },
		"expiry too short":    func(c *Config) { c.Expiry = time.Second },
		"negative patience":   func(c *Config) { c.StorePatience = -1 },
		"no patience":         func(c *Config) { c.EventPatience = 0 },
		"nothing but zeroes":  func(c *Config) { *c = Config{} },
		"owner and no values": func(c *Config) { *c = Config{Owner: "x"} },
	} {
		c := DefaultConfig()
		c.Owner = "x"
		change(&c)
		if _, err := New(c, Deps{}); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

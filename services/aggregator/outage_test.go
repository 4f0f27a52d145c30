package aggregator

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// absence is a time for which an aggregator cannot reach the bus.
type absence struct{ down, up time.Time }

func (a absence) refusal() error {
	if now := time.Now(); now.Before(a.down) || !now.Before(a.up) {
		return nil
	}
	return load.ErrUnavailable
}

type absentLeases struct {
	leases
	absence
}

func (a absentLeases) Acquire(ctx context.Context, run, owner string) (load.Lease, error) {
	if err := a.refusal(); err != nil {
		return load.Lease{}, err
	}
	return a.leases.Acquire(ctx, run, owner)
}

func (a absentLeases) Renew(ctx context.Context, l load.Lease) (load.Lease, error) {
	if err := a.refusal(); err != nil {
		return load.Lease{}, err
	}
	return a.leases.Renew(ctx, l)
}

func (a absentLeases) Release(ctx context.Context, l load.Lease) error {
	if err := a.refusal(); err != nil {
		return err
	}
	return a.leases.Release(ctx, l)
}

type absentEvents struct {
	eventLog
	absence
}

func (a absentEvents) Decide(ctx context.Context, d load.Decision) error {
	if err := a.refusal(); err != nil {
		return err
	}
	return a.eventLog.Decide(ctx, d)
}

// The bus is away while the last iterations end, for longer than they are waited for. Their reports come a moment after it is
// back, and are waited for all the same: by the owner that has kept its lease as by one that takes the run over.
func TestReportsAreWaitedForAfterAnOutage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		lasts  time.Duration
		owners int
	}{
		{"the lease is kept", 2 * time.Second, 1},
		{"the lease runs out", 9 * time.Second, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				run := runningRun(70, 2)
				run.Plan.MaxLag, run.Plan.GracefulStop = 100*time.Millisecond, 0
				run.T0, run.CreatedAt = time.Now().Add(1500*time.Millisecond), time.Now()
				b.put(run)
				// The lease is renewed a tenth of a second before.
				away := absence{down: run.T0.Add(2600 * time.Millisecond)}
				away.up = away.down.Add(tt.lasts)
				d := deps(b)
				d.Leases, d.Events = absentLeases{leases{b}, away}, absentEvents{eventLog{b}, away}
				stop := replica(t, d, "one")
				defer stop()

				started, completed := load.Event{Users: 2}, load.Event{}
				for s := range 2 {
					for _, tok := range tokensOf(t, run, s) {
						b.with(func() { b.tokens = append(b.tokens, tok) })
						started.Tokens = append(started.Tokens, report(tok, tok.Count, 0))
					}
					completed.Tasks = append(completed.Tasks, done(s, "buy", 70))
				}
				var l log
				l.event("a", started)
				l.event("a", completed)
				pass(time.Until(run.T0.Add(2 * time.Second)))
				b.event(*l.records[0].Event)
				pass(time.Until(away.up.Add(1500 * time.Millisecond)))
				b.event(*l.records[1].Event)
				pass(5 * time.Second)
				wantWhole(t, b, 2)
				if r := resultOf(t, b); r.LateEvents != 0 {
					t.Errorf("%d late events", r.LateEvents)
				}
				if len(b.owners) != tt.owners {
					t.Errorf("%d owners, want %d", len(b.owners), tt.owners)
				}
			})
		})
	}
}

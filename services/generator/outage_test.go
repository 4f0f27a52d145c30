package generator

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// A server that was killed may have forgotten what it delivered and heard last: tokens come for the first time again, with
// arrivals that could still be started.
func TestTokensThatComeAfterTheirAcknowledgement(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 20*time.Second, &fakeRunner{}, func(r *load.Run) { r.Plan.MaxLag = 5 * time.Second })
		b.start()
		b.publish(0)
		time.Sleep(2 * time.Second)
		require.Equal(t, 10, b.acked())
		b.bus.deliver(false, b.profile.Tokens(b.run.ID, 0, b.run.Slices, b.run.T0)...)
		time.Sleep(3 * time.Second)
		b.end(load.StateDone)
		b.leave()
		b.eachOnce(100)
		sum := b.totals()
		require.EqualValues(t, 100, sum.started)
		require.Zero(t, sum.dropped)
		for id, n := range b.bus.acks {
			require.Equal(t, 2, n, "%s: whoever had it may have died before", id)
		}
	})
}

// The run ends while this generator is cut off: what it has measured since is named.
func TestRunEndsBeforeItIsStored(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 2*time.Second, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.bus.deliver(false, b.profile.Tokens(b.run.ID, 1, b.run.Slices, b.run.T0)...)
		time.Sleep(500 * time.Millisecond)
		b.refuse(true)
		time.Sleep(5 * time.Second)
		b.end(load.StateDone)
		time.Sleep(time.Second)
		sum := b.totals()
		require.Less(t, sum.started, int64(200))
		require.Contains(t, b.log.String(), fmt.Sprintf(
			`msg="run ended before these were stored" run=r1 events=2 started=%d iterations=%d requests=0`,
			200-sum.started, 200-sum.iterations))
		b.leave()
	})
}

// A generator is frozen for 20 s in the middle of second 1. When it wakes, it finds what was due, tokens that waited for it, and
// some of its own that others have accounted for meanwhile. It starts none of that.
func TestFrozen(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, time.Minute, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.publish(1)
		time.Sleep(500 * time.Millisecond)
		b.clock.frozen.Store(int64(20 * time.Second))
		b.bus.deliver(true, b.profile.Tokens(b.run.ID, 1, b.run.Slices, b.run.T0)...)
		for second := 2; second < 21; second++ {
			b.bus.deliver(false, b.profile.Tokens(b.run.ID, second, b.run.Slices, b.run.T0)...)
		}
		time.Sleep(500 * time.Millisecond)
		require.EqualValues(t, 150, b.totals().started)
		b.publish(23)
		time.Sleep(2 * time.Second)
		b.end(load.StateDone)
		b.leave()
		sum := b.totals()
		require.EqualValues(t, 250, sum.started)
		require.Equal(t, map[load.DropReason]int64{load.DropLate: 50 + 1900}, sum.reasons)
		for k, n := range b.runner.ran {
			require.Equal(t, 1, n, "iteration %d", k)
		}
		require.Contains(t, b.log.String(), `msg="this process stood still: what was under way looks slower than it was" run=r1 for=20.`)
	})
}

// The clock of the bus is set back in mid-run: what is due later comes later, and is still waited for.
func TestBusClockIsSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 3*time.Second, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.bus.mu.Lock()
		b.bus.back = 6 * time.Second
		b.bus.mu.Unlock()
		time.Sleep(6 * time.Second)
		b.publish(1)
		b.publish(2)
		time.Sleep(3 * time.Second)
		b.end(load.StateDone)
		b.leave()
		b.eachOnce(300)
		require.Zero(t, b.totals().dropped)
	})
}

// Tokens that are held while the bus is away are spoken for again as soon as it is back, and the log tells it once.
func TestNobodyHearsOfHeldTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 10*time.Second, &fakeRunner{}, nil)
		b.start()
		b.bus.mu.Lock()
		b.bus.deaf, b.bus.refuse = true, true
		b.bus.mu.Unlock()
		b.publish(0)
		b.publish(1)
		time.Sleep(4 * time.Second)
		require.Equal(t, 1, strings.Count(b.log.String(), "held tokens"))
		b.bus.mu.Lock()
		b.bus.deaf = false
		b.bus.mu.Unlock()
		time.Sleep(2 * tickEvery)
		b.bus.mu.Lock()
		require.Equal(t, 20, b.bus.progress)
		b.bus.mu.Unlock()
		b.refuse(false)
		b.end(load.StateDone)
		b.leave()
	})
}

// Nothing is lost while the bus is away, and nothing is acknowledged before it is stored.
func TestBusAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 200, 3*time.Second, &fakeRunner{}, nil)
		b.start()
		b.refuse(true)
		for second := range 3 {
			b.publish(second)
		}
		time.Sleep(10 * time.Second)
		require.Zero(t, b.acked())
		b.bus.mu.Lock()
		require.Positive(t, b.bus.progress)
		b.bus.mu.Unlock()
		b.refuse(false)
		time.Sleep(5 * time.Second)
		require.Equal(t, 60, b.acked())
		sum := b.totals()
		require.EqualValues(t, 600, sum.started)
		require.EqualValues(t, 600, sum.iterations)
		b.end(load.StateDone)
		b.leave()
	})
}

// Without an end to the outage a leaving generator tries for five seconds.
func TestLeavingWithoutBus(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 5*time.Second, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.refuse(true)
		time.Sleep(time.Second)
		from := time.Now()
		b.leave()
		require.GreaterOrEqual(t, time.Since(from), leaveWithin)
		require.Less(t, time.Since(from), 2*leaveWithin)
		require.Empty(t, b.bus.acks)
	})
}

// A target that hangs, or a run of great patience, does not hold up a generator that is told to leave.
func TestLeavingAHangingTarget(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runner := &fakeRunner{onTask: func(ctx context.Context, _ int64) scenario.Outcome {
			<-ctx.Done()
			return scenario.Outcome{Failed: true, Class: "CancelledError"}
		}}
		b := begin(t, 100, time.Minute, runner, func(r *load.Run) {
			r.Plan.MaxUsers, r.Plan.MaxLag, r.Plan.GracefulStop = 10, 30*time.Second, 5*time.Minute
		})
		b.start()
		b.publish(0)
		time.Sleep(time.Second)
		from := time.Now()
		b.leave()
		require.LessOrEqual(t, time.Since(from), finishWithin+leaveWithin)
		sum := b.totals()
		require.EqualValues(t, 10, sum.started)
		require.EqualValues(t, 90, sum.reasons[load.DropStopped])
		require.Zero(t, sum.iterations)
		require.Len(t, b.bus.acks, 10)
	})
}

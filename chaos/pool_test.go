//go:build unix

package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// Four runs share a pool that loses a generator, then a scheduler, then NATS for a moment: one is over before that, one loses the
// generator and the scheduler, one goes through it all, and one begins when it is over.
func TestRunsShareAPoolThatFails(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3, Schedulers: 2})
	submit := func(rps float64, duration string, generators int) *trial {
		return submit(t, f, order{RPS: rps, Duration: duration, MaxLag: slack, Generators: generators})
	}
	before, some, all := submit(30, "3s", 3), submit(45, "9s", 3), submit(60, "18s", 3)
	all.at(4500 * time.Millisecond)
	killed := time.Now()
	f.Generators[1].Kill()
	all.at(7300 * time.Millisecond)
	f.Schedulers[0].Kill()
	all.at(11500 * time.Millisecond)
	down, up := outage{lasts: 500 * time.Millisecond}.befall(t, f)
	f.Await(2)
	after := submit(90, "4s", 2)

	before.lostNothing()
	after.lostNothing()
	lost := aroundLoss(killed)
	some.checkRate(some.check(cost{unreported: untold(45./3, unflushed)}), lost)
	// What was held when NATS went away runs on.
	all.checkRate(all.check(cost{unreported: untold(60./3, unflushed)}), lost, span{down.Add(ahead + delivery), up.Add(recovery)})
	checkEnd(t, f)
}

// lostNothing: the run was what its plan says.
func (r *trial) lostNothing() load.Result {
	t := r.t
	t.Helper()
	result := r.untouched()
	l := result.Ledger
	require.Equal(t, load.Ledger{Planned: l.Planned, Started: l.Planned, Completed: l.Planned}, l, "%s", r)
	require.Empty(t, r.record().Missing(l.Planned), "%s", r)
	return result
}

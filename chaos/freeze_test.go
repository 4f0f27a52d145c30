//go:build unix

package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// How late arrivals may be called where a generator is frozen: a small part of that.
const briefly = "500ms"

// A generator that stands still for less than the bus waits for it has what it held, and drops what is late by then.
func TestAGeneratorIsFrozenForAMoment(t *testing.T) {
	t.Parallel()
	run, result := freeze(t, order{RPS: 90, Duration: "9s"}, 3*time.Second)
	require.LessOrEqual(t, result.Ledger.Dropped, int64(2*30+30/5), "%s: %+v", run, result.Ledger)
	checkEnd(t, run.fleet)
}

// A generator that stands still for longer finds that others have answered for what it held.
func TestAGeneratorIsFrozenForLong(t *testing.T) {
	t.Parallel()
	run, result := freeze(t, order{RPS: 45, Duration: "30s"}, 20*time.Second)
	require.LessOrEqual(t, result.Ledger.Dropped, int64(2*15+15/5), "%s: %+v", run, result.Ledger)
	require.Zero(t, result.LateEvents)
	require.Len(t, incidents(result, load.IncidentLost, "g2"), 1, "%+v", result.Incidents)
	require.Len(t, incidents(result, load.IncidentReturned, "g2"), 1, "%+v", result.Incidents)
	for _, g := range result.Generators {
		require.GreaterOrEqual(t, g.LastSecond, 28, "%s works to the end: %+v", g.Generator, result.Generators)
	}
	checkEnd(t, run.fleet)
}

// freeze has one of three generators stand still in mid-run. It drops what was due meanwhile, and nothing else is missing.
func freeze(t *testing.T, o order, lasts time.Duration) (*trial, load.Result) {
	t.Helper()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	o.MaxLag, o.Generators = briefly, 3
	run := submit(t, f, o)
	run.at(2500 * time.Millisecond)
	frozen := time.Now()
	f.Generators[1].Freeze(t)
	lasting(t, lasts)
	f.Generators[1].Thaw()
	result := run.check(cost{frozen: 1})
	l := result.Ledger
	require.Positive(t, l.Dropped, "%s: %+v", run, l)
	require.Zero(t, l.Lost+l.NeverIssued+l.Unfinished, "%s: %+v", run, l)
	run.checkRate(result, span{frozen, frozen.Add(held)})
	return run, result
}

// The run ends while the generator stands still: when it goes on, it must not.
func TestARunEndsWhileAGeneratorIsFrozen(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	const rate, share = 60, 20
	run := submit(t, f, order{RPS: rate, Duration: "6s", MaxLag: slack, Generators: 3})
	run.at(2500 * time.Millisecond)
	frozen := time.Now()
	f.Generators[1].Freeze(t)
	costs := cost{unreported: untold(share, unflushed), frozen: 1}
	result := run.check(costs)
	require.LessOrEqual(t, holes(result.Ledger), int64(2*share+share/2+share/5), "%+v", result.Ledger)
	run.checkRate(result, aroundLoss(frozen))
	seen := run.record()

	until(t, frozen.Add(20*time.Second))
	f.Generators[1].Thaw()
	f.Await(3)
	// It is as good as the others again, and has forgotten the old run.
	next := submit(t, f, order{RPS: rate, Duration: "3s", MaxLag: slack, Generators: 3})
	require.Len(t, next.lostNothing().Generators, 3)
	require.Equal(t, result, run.check(costs))
	require.Equal(t, seen, run.record())
	checkEnd(t, f)
}

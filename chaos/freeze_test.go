//go:build unix

package chaos_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// A generator that stands still for less than the bus waits for it has what it held, and drops what is late by then.
func TestAGeneratorIsFrozenForAMoment(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	const rate, share = 90, 30
	run := submit(t, f, order{RPS: rate, Duration: "9s", MaxLag: slack, Generators: 3})
	run.at(2500 * time.Millisecond)
	frozen := time.Now()
	f.Generators[1].Freeze(t)
	lasting(t, 3*time.Second)
	f.Generators[1].Thaw()
	result := run.check(cost{})
	l := result.Ledger
	require.Zero(t, l.Lost+l.NeverIssued+l.Unfinished, "%+v", l)
	require.LessOrEqual(t, l.Dropped, int64(2*share+share/5), "%+v", l)
	run.checkRate(result, span{frozen, frozen.Add(held)})
	checkEnd(t, f)
}

// A generator that stands still for longer finds that others have answered for what it held.
func TestAGeneratorIsFrozenForLong(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	const rate, share = 45, 15
	run := submit(t, f, order{RPS: rate, Duration: "30s", MaxLag: slack, Generators: 3})
	run.at(2500 * time.Millisecond)
	frozen := time.Now()
	f.Generators[1].Freeze(t)
	lasting(t, 20*time.Second)
	f.Generators[1].Thaw()
	result := run.check(cost{})
	l := result.Ledger
	require.Zero(t, l.Lost+l.NeverIssued+l.Unfinished, "%+v", l)
	require.LessOrEqual(t, l.Dropped, int64(2*share+share/5), "%+v", l)
	require.Zero(t, result.LateEvents)
	run.checkRate(result, span{frozen, frozen.Add(held)})
	require.Len(t, incidents(result, load.IncidentLost, "g2"), 1, "%+v", result.Incidents)
	require.Len(t, incidents(result, load.IncidentReturned, "g2"), 1, "%+v", result.Incidents)
	for _, g := range result.Generators {
		require.GreaterOrEqual(t, g.LastSecond, 28, "%s works to the end: %+v", g.Generator, result.Generators)
	}
	checkEnd(t, f)
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
	result := run.check(cost{unreported: true})
	require.LessOrEqual(t, holes(result.Ledger), int64(2*share+share/2+share/5), "%+v", result.Ledger)
	run.checkRate(result, aroundLoss(frozen))
	seen := run.record()

	until(t, frozen.Add(20*time.Second))
	f.Generators[1].Thaw()
	f.Await(3)
	// It is as good as the others again, and has forgotten the old run.
	next := submit(t, f, order{RPS: rate, Duration: "3s", MaxLag: slack, Generators: 3})
	require.Len(t, next.lostNothing().Generators, 3)
	require.Equal(t, result, run.check(cost{unreported: true}))
	require.Equal(t, seen, run.record())
	checkEnd(t, f)
}

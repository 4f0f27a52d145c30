//go:build unix

package chaos_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// Tokens of second s + 1 go out when second s begins.
const (
	// Of a departure, how long before and after it a kill may come that is to meet it.
	departureBefore, departureAfter = 3 * time.Millisecond, 5 * time.Millisecond
	schedulerGone                   = 3 * time.Second
)

// departures are n random instants of a run, in order, at which tokens go out, give or take a burst.
func departures(t *testing.T, n int) []time.Duration {
	t.Helper()
	seed := rand.Uint64N(1_000_000)
	rng := rand.New(rand.NewPCG(seed, 0))
	instants := make([]time.Duration, n)
	for i := range instants {
		jitter := time.Duration(rng.Int64N(int64(departureBefore + departureAfter)))
		instants[i] = time.Duration(1+2*i+rng.IntN(2))*time.Second - departureBefore + jitter
	}
	t.Logf("seed %d: %v", seed, instants)
	return instants
}

// publishing waits until a scheduler works on the run.
func (r *trial) publishing(s *testkit.Service) {
	r.t.Helper()
	r.await(s.Name+" publishes", func() bool {
		for line := range strings.Lines(s.Stderr()) {
			if strings.Contains(line, `"publishing"`) && strings.Contains(line, r.id) {
				return true
			}
		}
		return false
	})
}

func TestOneOfTwoSchedulersIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Schedulers: 2, Generators: 2})
	run := submit(t, f, order{RPS: 90, Duration: "8s", MaxLag: "1s", Generators: 2})
	for i, instant := range departures(t, 3) {
		run.at(instant)
		victim := f.Schedulers[i%2]
		victim.Kill()
		victim.Start(t)
		run.publishing(victim)
	}
	result := run.untouched()
	requireWhole(t, run, result)
	checkEnd(t, f)
}

func TestBothSchedulersAreKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Schedulers: 2, Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "9s", MaxLag: "1s", Generators: 2})
	run.at(2500 * time.Millisecond)
	for _, s := range f.Schedulers {
		s.Kill()
	}
	lasting(t, schedulerGone)
	for _, s := range f.Schedulers {
		s.Start(t)
	}
	requireGap(t, run, run.check(cost{}))
	checkEnd(t, f)
}

func TestASchedulerIsFrozen(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "9s", MaxLag: "1s", Generators: 2})
	run.at(2500 * time.Millisecond)
	f.Schedulers[0].Freeze(t)
	lasting(t, schedulerGone)
	f.Schedulers[0].Thaw()
	requireGap(t, run, run.check(cost{}))
	checkEnd(t, f)
}

func TestSchedulersAreKilledBeforeTheStart(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Schedulers: 2, Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "4s", MaxLag: "1s", Generators: 3}) // it waits for the third
	run.await("a scheduler has it", func() bool {
		now, ok := run.look()
		return ok && now.State == load.StatePreparing
	})
	for _, s := range f.Schedulers {
		s.Kill()
	}
	f.Join()
	f.Await(3)
	lasting(t, 2*time.Second)
	now, ok := run.look()
	require.True(t, ok)
	require.Equal(t, load.StatePreparing, now.State, "nobody is there to start it")
	f.Schedulers[1].Start(t)
	requireWhole(t, run, run.untouched())
	checkEnd(t, f)
}

// requireWhole checks that everything was published, and that the target saw each number once, but for those that a busy
// machine could not start in time.
func requireWhole(t *testing.T, r *trial, result load.Result) {
	t.Helper()
	record, l := r.record(), result.Ledger
	require.Empty(t, record.Repeated())
	require.Equal(t, l.Planned-l.Dropped, int64(record.Requests()), "%+v", l)
	require.Len(t, record.Missing(l.Planned), int(l.Dropped), "%+v", l)
	issued, _ := openBus(t, r.fleet).issued(r.id)
	for second, n := range issued {
		require.Equal(t, result.Series[second].TargetRPS, n, "second %d", second)
	}
}

// requireGap checks a run that was without a scheduler for the length of schedulerGone: what nobody published is never issued,
// arrival for arrival, it is not caught up with, and nothing else is missing.
func requireGap(t *testing.T, r *trial, result load.Result) {
	t.Helper()
	record := r.record()
	issued, _ := openBus(t, r.fleet).issued(r.id)
	seen := record.PerSecond(result.StartedAt)
	gaps, within := 0, false
	for i, s := range result.Series {
		require.Equal(t, issued[i], s.Started+s.Ledger.Dropped, "second %d", i)
		if i > 0 && issued[i-1] == 0 && i < len(seen) {
			require.LessOrEqual(t, int64(seen[i]), issued[i], "second %d comes after one without a token; %v", i, seen)
		}
		gap := s.Ledger.NeverIssued > 0
		if gap && !within {
			gaps++
		}
		within = gap
	}
	require.Equal(t, 1, gaps, "%v of %v", issued, result.Series)
	require.True(t, slices.ContainsFunc(result.Incidents, func(i load.Incident) bool {
		return i.Kind == load.IncidentNeverIssued
	}), "%v", result.Incidents)
	l := result.Ledger
	require.GreaterOrEqual(t, l.NeverIssued, result.Series[0].TargetRPS, "a whole second cannot have been published")
	require.Equal(t, l.Planned-l.NeverIssued-l.Dropped, int64(record.Requests()), "%+v", l)
	require.Len(t, record.Missing(l.Planned), int(l.NeverIssued+l.Dropped))
}

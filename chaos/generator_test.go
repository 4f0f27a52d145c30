//go:build unix

package chaos_test

import (
	"encoding/json"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

const (
	// slack is how late arrivals may be called in these tests: a busy machine drops none, and a token that comes again, 5 s
	// after its second, is still too late.
	slack = "1s"
	// unflushed is how long a generator may keep to itself what it has done: a flush, and its way over the bus.
	unflushed = time.Second
	// held is for how long after now a generator may hold tokens: the lead, and their second.
	held = ahead + time.Second
)

// span is a time in which something was not as it should be.
type span struct{ from, to time.Time }

// aroundLoss is what the sudden end of a generator may touch: what it had not told yet, and what it held.
func aroundLoss(at time.Time) span { return span{at.Add(-unflushed), at.Add(held)} }

// checkRate: every second that lies outside of the spans was started as planned.
func (r *trial) checkRate(result load.Result, touched ...span) {
	t := r.t
	t.Helper()
	for _, s := range result.Series {
		from := result.StartedAt.Add(time.Duration(s.Second) * time.Second)
		to := from.Add(time.Second)
		if slices.ContainsFunc(touched, func(x span) bool { return from.Before(x.to) && to.After(x.from) }) {
			continue
		}
		l := s.Ledger
		require.Equal(t, l.Planned, l.Started, "%s: second %d, %+v", r, s.Second, l)
	}
}

// holes is how many iterations the ledger misses: they were not started, or nobody knows how they ended.
func holes(l load.Ledger) int64 { return l.Dropped + l.Lost + l.NeverIssued + l.Unfinished }

// incidents returns those of a kind that concern a generator.
func incidents(result load.Result, kind load.IncidentKind, generator string) []load.Incident {
	var found []load.Incident
	for _, i := range result.Incidents {
		if i.Kind == kind && i.Generator == generator {
			found = append(found, i)
		}
	}
	return found
}

// command starts a run with the command line, as users do, and returns when the gateway knows it.
func command(t *testing.T, f *testkit.Fleet, flags ...string) (*trial, *testkit.Process) {
	t.Helper()
	r := &trial{t: t, fleet: f, target: testkit.StartTargetProcess(t), id: "of the command line"}
	p := testkit.Start(t, testkit.Command{
		Path: program.path,
		Args: append([]string{"run", "testdata/counted.py", "--json", "--target", r.target, "--gateway-url", f.URL()}, flags...),
		Env:  []string{"XDG_STATE_HOME=" + t.TempDir()},
	})
	r.await("the gateway knows it", func() bool {
		known := runs(f)
		if len(known) > 0 {
			r.id = known[0].ID
		}
		return len(known) > 0
	})
	return r, p
}

func TestAGeneratorIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	const rate, share = 90, 30
	run, client := command(t, f, "--rps", strconv.Itoa(rate), "--duration", "7s", "--max-lag", slack, "--external-agents", "3")
	run.at(2500 * time.Millisecond)
	killed := time.Now()
	f.Generators[1].Kill()
	result := run.check(cost{unreported: untold(share, unflushed)})

	// What it held was not started, what it had not told of in the half second before is not known; a tenth more, because a
	// second is not dealt out to the last iteration.
	l := result.Ledger
	missing := len(run.record().Missing(l.Planned))
	t.Logf("%d holes, %d missing at the target", holes(l), missing)
	require.LessOrEqual(t, missing, 2*share+share/5, "%+v", l)
	require.LessOrEqual(t, holes(l), int64(2*share+share/2+share/5), "%+v", l)
	run.checkRate(result, aroundLoss(killed))
	require.Len(t, incidents(result, load.IncidentLost, "g2"), 1, "%+v", result.Incidents)

	// More than 1 % of 630 iterations are missing.
	require.Equal(t, load.TrustUntrusted, result.Trust.Level)
	require.Equal(t, load.ExitUntrusted, client.Wait(), "%s", client.Stderr())
	require.Equal(t, load.ExitUntrusted, result.ExitCode())
	var shown load.Result
	require.NoError(t, json.Unmarshal([]byte(client.Stdout()), &shown))
	require.Equal(t, result, shown)
	checkEnd(t, f)
}

func TestAGeneratorLeavesInOrder(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	run := submit(t, f, order{RPS: 90, Duration: "7s", MaxLag: slack, Generators: 3})
	run.at(2500 * time.Millisecond)
	require.Zero(t, f.Generators[1].Stop())
	result := run.lostNothing()
	require.Empty(t, incidents(result, load.IncidentLost, "g2"), "%+v", result.Incidents)
	require.Len(t, incidents(result, load.IncidentLeft, "g2"), 1, "%+v", result.Incidents)
	checkEnd(t, f)
}

func TestAllGeneratorsAreKilledAndOneJoins(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	run := submit(t, f, order{RPS: 60, Duration: "12s", MaxLag: slack, Generators: 3})
	run.at(2500 * time.Millisecond)
	killed := time.Now()
	for _, g := range f.Generators {
		g.Kill()
	}
	lasting(t, 3*time.Second)
	f.Join()
	run.await("the new generator is ready", func() bool {
		return slices.ContainsFunc(f.List(), func(g testkit.GeneratorStatus) bool {
			return g.Generator == "g4" && slices.Contains(g.Prepared, run.id)
		})
	})
	ready := time.Now()
	result := run.check(cost{unreported: untold(60, unflushed)})
	run.checkRate(result, span{killed.Add(-unflushed), ready.Add(time.Second)})
	// Everything that was published in between came into its hands, too late.
	l := result.Ledger
	require.Zero(t, l.Lost+l.NeverIssued, "%+v", l)
	require.Positive(t, l.Dropped, "%+v", l)
	require.Len(t, incidents(result, load.IncidentJoined, "g4"), 1, "%+v", result.Incidents)
	for _, name := range []string{"g1", "g2", "g3"} {
		require.Len(t, incidents(result, load.IncidentLost, name), 1, "%+v", result.Incidents)
	}
	checkEnd(t, f)
}

//go:build unix

package chaos_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// awayFor is longer than the bus waits for an answer about a token, 5 s, before it asks another generator.
const awayFor = 8 * time.Second

// What a generator held when it was cut off runs on. The others are asked about it, and say that it was too late for them; when
// the one that ran it is back and tells so, that counts.
func TestAGeneratorIsCutOffAndComesBack(t *testing.T) {
	t.Parallel()
	for name, cutOff := range map[string]func(*testkit.Proxy){
		"and knows it":       (*testkit.Proxy).Cut,
		"without being told": (*testkit.Proxy).Stall,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Generators: 3, Proxies: true})
			run := submit(t, f, order{RPS: 60, Duration: "15s", MaxLag: slack, Generators: 3})
			run.at(2600 * time.Millisecond)
			g := f.Generators[1]
			cutOff(g.Proxy)
			lasting(t, awayFor)
			back := time.Now()
			g.Proxy.Heal()
			result := run.check(cost{})
			l := result.Ledger
			require.Zero(t, l.Lost+l.NeverIssued+l.Unfinished+l.Repeated, "%+v", l)
			require.Zero(t, result.LateEvents)
			// Only requests for tokens that were under way when the network came back may have taken some along.
			run.checkRate(result, span{back, back.Add(held)})
			require.Len(t, incidents(result, load.IncidentLost, "g2"), 1, "%+v", result.Incidents)
			require.Len(t, incidents(result, load.IncidentReturned, "g2"), 1, "%+v", result.Incidents)
			for _, g := range result.Generators {
				require.GreaterOrEqual(t, g.LastSecond, 13, "%s works to the end: %+v", g.Generator, result.Generators)
			}
			checkEnd(t, f)
		})
	}
}

// When the run ends first, what the generator did on its own is in nobody's account: it was dropped or lost as far as anybody
// knows. What of it comes late is in no number, and what does not come the generator names.
func TestAGeneratorIsCutOffUntilTheRunHasEnded(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3, Proxies: true})
	const rate, share = 60, 20
	run := submit(t, f, order{RPS: rate, Duration: "6s", MaxLag: slack, Generators: 3})
	run.at(2600 * time.Millisecond)
	cut := time.Now()
	g := f.Generators[1]
	g.Proxy.Cut()
	costs := cost{unreported: untold(share, unflushed+held)}
	result := run.check(costs)
	l := result.Ledger
	require.LessOrEqual(t, holes(l), int64(2*share+share/2+share/5), "%+v", l)
	require.Zero(t, result.LateEvents)
	run.checkRate(result, aroundLoss(cut))
	seen := run.record()
	require.Empty(t, seen.Missing(l.Planned), "it ran on with what it held")

	g.Proxy.Heal()
	run.await("the generator is back and has done with the run", func() bool {
		list := f.List()
		return len(list) == 3 && !slices.ContainsFunc(list, func(g testkit.GeneratorStatus) bool {
			return slices.Contains(g.Prepared, run.id)
		})
	})
	// An event of which it did not learn that it was stored may be in both.
	require.GreaterOrEqual(t, l.Started+run.late()+run.givenUp(g), l.Planned, "%+v", l)

	f.Await(3)
	next := submit(t, f, order{RPS: rate, Duration: "3s", MaxLag: slack, Generators: 3})
	require.Len(t, next.lostNothing().Generators, 3)
	require.Equal(t, result, run.check(costs))
	require.Equal(t, seen, run.record())
	checkEnd(t, f)
}

// late returns how many iterations were reported as started after the run had ended.
func (r *trial) late() int64 {
	t := r.t
	t.Helper()
	p := testkit.Start(t, testkit.Command{
		Path: program.path, Args: []string{"verify", r.id, "--json", "--nats-url", r.fleet.NATS.URL},
	})
	require.Zero(t, p.Wait(), "%s: %s%s", r, p.Stdout(), p.Stderr())
	var found struct {
		LateStarted int64 `json:"late_started"`
	}
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &found))
	t.Logf("%s: %d iterations were reported late", r, found.LateStarted)
	return found.LateStarted
}

// givenUp returns how many iterations a generator started and says that nobody will know.
func (r *trial) givenUp(g *testkit.Service) (started int64) {
	t := r.t
	t.Helper()
	for line := range strings.Lines(g.Log()) {
		var entry struct {
			Message string `json:"msg"`
			Run     string `json:"run"`
			Started int64  `json:"started"`
		}
		if json.Unmarshal([]byte(line), &entry) != nil {
			continue // a life that could not begin says so in plain words
		}
		ended, away := "run ended before these were stored", "measurements are lost"
		if entry.Run == r.id && (strings.HasPrefix(entry.Message, ended) || strings.HasPrefix(entry.Message, away)) {
			started += entry.Started
		}
	}
	t.Logf("%s: %s gave up %d iterations", r, g.Name, started)
	return started
}

// On a slow network everything takes its time, but nothing is lost; how far the clocks may be off is known, and told.
func TestTheNetworkIsSlow(t *testing.T) {
	t.Parallel()
	const delay = 150 * time.Millisecond
	f := startFleet(t, testkit.FleetConfig{Generators: 3, Schedulers: 2, Delay: delay})
	run := submit(t, f, order{RPS: 90, Duration: "6s", MaxLag: slack, Generators: 3})
	result := run.lostNothing()
	require.Len(t, result.Generators, 3)
	for _, g := range result.Generators {
		// Half of a round trip; answers that take more than half a second are not waited for.
		require.GreaterOrEqual(t, g.ClockErrorMs, float64(delay.Milliseconds()), "%+v", g)
		require.LessOrEqual(t, g.ClockErrorMs, 300.0, "%+v", g)
	}
	require.NotEqual(t, load.TrustTrusted, result.Trust.Level)
	require.Contains(t, strings.Join(result.Trust.Reasons, "\n"), "a generator's clock may be off by")
	require.Empty(t, result.Incidents)
	checkEnd(t, f)
}

//go:build unix

package chaos_test

import (
	"encoding/json"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// askStop asks once for the stop of the run.
func (r *trial) askStop() (status int) {
	status, _ = r.fleet.Do(http.MethodPost, "/v1/runs/"+r.id+"/stop", nil, new(view))
	return status
}

// checkQuiet: of what was due after the stop nothing reached the target any more once word of it had come.
func (r *trial) checkQuiet(word time.Time) {
	t := r.t
	t.Helper()
	run, ok := r.look()
	require.True(t, ok, "%s", r)
	require.NotNil(t, run.StoppedAt, "%s", r)
	profile, record := r.profile(), r.record()
	for i, k := range record.Iterations {
		due := run.StartedAt.Add(profile.Due(k))
		if due.Before(*run.StoppedAt) {
			continue
		}
		require.Less(t, record.First.Add(record.At[i]).Sub(word), busy, "%s: iteration %d was due %v after the stop", r, k, due.Sub(*run.StoppedAt))
	}
}

// The run is stopped while a generator lies dead and holds tokens from before the stop and after it.
func TestARunIsStoppedWhileAGeneratorIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 3})
	const share = 30
	run := submit(t, f, order{RPS: 3 * share, Duration: "12s", MaxLag: slack, Generators: 3})
	run.at(3500 * time.Millisecond)
	killed := time.Now()
	f.Generators[1].Kill()
	require.Equal(t, http.StatusOK, run.askStop())
	word := time.Now()
	result := run.check(cost{unreported: untold(share, unflushed), stopped: true})
	run.checkQuiet(word)
	run.checkRate(result, span{killed.Add(-unflushed), result.StartedAt.Add(12 * time.Second)})
	l := result.Ledger
	require.GreaterOrEqual(t, l.Cancelled, int64(6*3*share), "%+v", l)
	// Of what it held, only what was due until the stop is missing.
	require.LessOrEqual(t, l.Dropped+l.Lost, untold(share, unflushed+word.Sub(killed)), "%+v", l)
	checkEnd(t, f)
}

// Nobody can be told of the stop while NATS is away, and the gateway says so. Whoever asks again is heard.
func TestARunIsStoppedWhileNATSIsAway(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	const rate, away = 60, 3 * time.Second
	run := submit(t, f, order{RPS: rate, Duration: "15s", MaxLag: slack, Generators: 2})
	run.at(2600 * time.Millisecond)
	down := time.Now()
	f.NATS.Kill()
	require.Equal(t, http.StatusServiceUnavailable, run.askStop())
	until(t, down.Add(away))
	f.NATS.Start(t)
	run.await("the stop is accepted", func() bool { return run.askStop() == http.StatusOK })
	word := time.Now()
	result := run.check(cost{redelivered: true, stopped: true})
	run.checkQuiet(word)
	run.checkRate(result, span{down.Add(held - delivery), result.StartedAt.Add(15 * time.Second)})
	require.GreaterOrEqual(t, result.Ledger.Cancelled, int64(3*rate), "%+v", result.Ledger)
	now, ok := run.look()
	require.True(t, ok)
	require.True(t, now.StoppedAt.After(down.Add(away)), "what was refused is no stop")
	require.Equal(t, http.StatusOK, run.askStop(), "again does no harm")
	checkEnd(t, f)
}

// An interrupt that does not reach the run does not claim to have stopped it.
func TestAClientIsInterruptedWhileTheGatewayIsAway(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run, client := command(t, f, "--rps", "60", "--duration", "8s", "--max-lag", slack)
	run.at(2500 * time.Millisecond)
	f.Gateway.Kill()
	client.Signal(os.Interrupt)
	require.Equal(t, load.ExitInterrupted, client.Wait(), "%s", client.Stderr())
	require.Contains(t, client.Stderr(), "run "+run.id+" was NOT stopped and goes on: ")
	require.Contains(t, client.Stderr(), "stop it with POST /v1/runs/"+run.id+"/stop at any gateway")
	var printed load.Result
	require.NoError(t, json.Unmarshal([]byte(client.Stdout()), &printed), "%s", client.Stdout())
	require.Equal(t, load.StateRunning, printed.State)
	f.Gateway.Start(t)
	require.Zero(t, run.untouched().Ledger.Cancelled)
	checkEnd(t, f)
}

//go:build unix

package chaos_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// The gateway dies in the midst of a run, and another one takes its address: the run has not noticed, and the new one shows it.
func TestTheGatewayIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "8s", MaxLag: slack, Generators: 2})
	before := run.follow()
	run.at(2500 * time.Millisecond)
	f.Gateway.Kill()
	cut := before()
	require.NotEmpty(t, cut.live)
	require.Nil(t, cut.result)
	lasting(t, time.Second)

	f.Gateway.Start(t)
	run.await("the new gateway knows the run", func() bool {
		now, ok := run.look()
		return ok && now.State == load.StateRunning
	})
	after := run.follow()
	result := run.untouched()
	seen := after()
	require.Equal(t, []load.State{load.StateRunning, load.StateDone}, seen.states)
	require.NotEmpty(t, seen.live)
	require.Equal(t, &result, seen.result)
	checkEnd(t, f)
}

// A client that follows its run through the gateway rides the outage out.
func TestTheGatewayOfAClientIsKilled(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	run, client := command(t, f, "--rps", "60", "--duration", "7s", "--max-lag", slack)
	run.at(2500 * time.Millisecond)
	f.Gateway.Kill()
	lasting(t, time.Second)
	f.Gateway.Start(t)
	result := run.untouched()
	require.Equal(t, result.ExitCode(), client.Wait(), "%s", client.Stderr())
	var printed load.Result
	require.NoError(t, json.Unmarshal([]byte(client.Stdout()), &printed), "%s", client.Stdout())
	require.Equal(t, result, printed)
	checkEnd(t, f)
}

// A run that waits for its generators needs no gateway to start. Whoever asks for it again, with the same key, is told of the
// same run, by whichever gateway.
func TestTheGatewayIsKilledBetweenSubmitAndStart(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 1})
	o := order{RPS: 60, Duration: "4s", MaxLag: slack, Generators: 2, Target: testkit.StartTargetProcess(t)}
	status, first := submitWithKey(t, f, o)
	require.Equal(t, http.StatusCreated, status)
	run := &trial{t: t, fleet: f, target: o.Target, id: first.ID}
	f.Gateway.Kill()
	f.Join()
	run.await("the run starts without a gateway", func() bool {
		return strings.Contains(f.Schedulers[0].Stderr(), `"run starts"`)
	})
	f.Gateway.Start(t)
	run.await("the new gateway answers", func() bool {
		_, ok := run.look()
		return ok
	})
	status, again := submitWithKey(t, f, o)
	require.Equal(t, http.StatusOK, status)
	require.Equal(t, first.ID, again.ID)
	run.untouched()
	require.Len(t, runs(f), 1)
	checkEnd(t, f)
}

// submitWithKey submits a run under the same key each time.
func submitWithKey(t *testing.T, f *testkit.Fleet, o order) (status int, run view) {
	t.Helper()
	source, err := os.ReadFile("testdata/counted.py")
	require.NoError(t, err)
	o.Source = string(source)
	body, err := json.Marshal(o)
	require.NoError(t, err)
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, f.URL()+"/v1/runs", bytes.NewReader(body))
	require.NoError(t, err)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Idempotency-Key", "again")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	defer response.Body.Close()
	require.NoError(t, json.NewDecoder(response.Body).Decode(&run))
	return response.StatusCode, run
}

// runs lists the runs that the gateway knows; none while it does not answer.
func runs(f *testkit.Fleet) []view {
	var list struct{ Runs []view }
	_, _ = f.Do(http.MethodGet, "/v1/runs", nil, &list)
	return list.Runs
}

// story is what the event stream of a run has told.
type story struct {
	states []load.State
	live   []load.Live
	result *load.Result // nil: the stream broke off
}

// follow reads the event stream of the run, beside the test, until it ends or breaks off; what it returns waits for that.
func (r *trial) follow() (end func() story) {
	t := r.t
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, r.fleet.URL()+"/v1/runs/"+r.id+"/events", http.NoBody)
	require.NoError(t, err)
	request.Header.Set("Accept", "application/x-ndjson")
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, response.StatusCode)
	read := make(chan [][]byte, 1)
	go func() {
		defer response.Body.Close()
		var all [][]byte
		for lines := bufio.NewScanner(response.Body); lines.Scan(); {
			all = append(all, bytes.Clone(lines.Bytes()))
		}
		read <- all
	}()
	return func() (s story) {
		for _, line := range <-read {
			if len(line) > 0 { // an empty one keeps the stream alive
				s.add(t, line)
			}
		}
		return s
	}
}

// add takes the next message.
func (s *story) add(t *testing.T, line []byte) {
	t.Helper()
	var m struct {
		Type   string       `json:"type"`
		Run    view         `json:"run"`
		Result *load.Result `json:"result"`
		load.Live
	}
	require.NoError(t, json.Unmarshal(line, &m))
	switch m.Type {
	case "state":
		s.states = append(s.states, m.Run.State)
	case "live":
		s.live = append(s.live, m.Live)
	case "result":
		s.result = m.Result
	}
}

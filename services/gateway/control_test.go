package gateway

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// underWay submits a run of 25 s and lets it run for as long.
func (f *fixture) underWay(since time.Duration) string {
	f.t.Helper()
	a := f.post("/v1/runs", checkout())
	require.Equal(f.t, http.StatusCreated, a.status, "%s", a.body)
	id := decode[Run](f.t, a).ID
	run, err := f.bus.Get(f.t.Context(), id)
	require.NoError(f.t, err)
	run.State, run.T0, run.Slices = load.StateRunning, noon.Add(-since), 1
	_, err = f.bus.Update(f.t.Context(), run)
	require.NoError(f.t, err)
	return id
}

func TestARunIsPausedResumedAndItsRateChanged(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.underWay(10 * time.Second)
	path := "/v1/runs/" + id + "/control"
	f.bus.raced = 2 // somebody else changes the record at the same time
	paused := f.post(path, Control{Action: "pause"})
	require.Equal(t, http.StatusOK, paused.status, "%s", paused.body)
	// Second 10 began now, and a change comes 1.25 s ahead: second 11 begins within them, second 12 after them.
	want := []load.Change{{Second: 12, Kind: load.ChangePause, At: noon}}
	equal(t, want, decode[Run](t, paused).Changes)
	equal(t, want, f.bus.runs[0].Changes)

	again := decode[Run](t, f.post(path, Control{Action: "pause"}))
	equal(t, want, again.Changes)

	rate := decode[Run](t, f.post(path, Control{Action: "rate", RPS: 300}))
	equal(t, []load.Change{{Second: 12, Kind: load.ChangeRate, RPS: 300, At: noon}}, rate.Changes)
	equal(t, rate, decode[Run](t, f.get("/v1/runs/"+id)))

	stopped := decode[Run](t, f.post(path, Control{Action: "stop"}))
	require.Equal(t, load.StateStopping, stopped.State)
	require.Equal(t, "stopped by request", stopped.Reason)
	p := f.post(path, Control{Action: "resume"}).problem(t, http.StatusConflict)
	require.NotContains(t, p.Detail, "try again", "that would not help")
}

func TestControlNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.underWay(10 * time.Second)
	for field, body := range map[string]map[string]any{
		"action": {"action": "halt"},
		"rps":    {"action": "rate"},
		"speed":  {"action": "pause", "speed": 3},
	} {
		p := f.post("/v1/runs/"+id+"/control", body).problem(t, http.StatusUnprocessableEntity)
		require.Equal(t, field, p.Field, p.Detail)
	}
	for _, body := range []Control{{Action: "rate", RPS: -1}, {Action: "pause", RPS: 3}, {Action: "stop", RPS: 3}, {Action: "rate", RPS: 1e9}} {
		p := f.post("/v1/runs/"+id+"/control", body).problem(t, http.StatusUnprocessableEntity)
		require.Equal(t, "rps", p.Field, "%+v", body)
	}
	require.Empty(t, f.bus.runs[0].Changes)
	f.bus.raced = amendTries
	require.Contains(t, f.post("/v1/runs/"+id+"/control", Control{Action: "pause"}).problem(t, http.StatusConflict).Detail, "try again")
	f.bus.raced = 0
	waiting := f.submitted()
	f.post("/v1/runs/"+waiting+"/control", Control{Action: "pause"}).problem(t, http.StatusConflict)
	require.Equal(t, load.StateAborted, decode[Run](t, f.post("/v1/runs/"+waiting+"/control", Control{Action: "stop"})).State)
}

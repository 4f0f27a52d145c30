//go:build unix

package chaos_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// control changes the rate of the run.
func (r *trial) control(action string, rps float64) {
	r.t.Helper()
	order := struct {
		Action string  `json:"action"`
		RPS    float64 `json:"rps,omitempty"`
	}{action, rps}
	_, err := r.fleet.Do(http.MethodPost, "/v1/runs/"+r.id+"/control", order, new(view))
	require.NoError(r.t, err)
}

// One of two schedulers stands still while the run is paused, and comes back in the pause; the owner of the run is killed in it. What
// is planned in the end is run once, in its second.
func TestTheRateIsChangedWhileServicesFail(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Schedulers: 2, Generators: 2})
	run := submit(t, f, order{RPS: 60, Duration: "14s", MaxLag: "1s", Mode: "constant", Generators: 2})
	run.at(1500 * time.Millisecond)
	f.Schedulers[0].Freeze(t)
	run.control("pause", 0) // from 3 on
	run.at(4500 * time.Millisecond)
	f.Schedulers[0].Thaw()
	f.Aggregators[0].Kill()
	f.Aggregators[0].Start(t)
	run.at(5500 * time.Millisecond)
	run.control("rate", 120) // from 7 on
	run.at(8500 * time.Millisecond)
	run.control("resume", 0) // from 10 on
	result := run.untouched()
	require.Len(t, result.Changes, 3)
	paused, double, planned := result.Changes[0].Second, result.Changes[1].Second, result.Changes[2].Second
	require.Equal(t, []load.ChangeKind{load.ChangePause, load.ChangeRate, load.ChangeResume},
		[]load.ChangeKind{result.Changes[0].Kind, result.Changes[1].Kind, result.Changes[2].Kind})
	require.Equal(t, int64(60*(paused+14-planned)+120*(planned-double)), result.Ledger.Planned)
	requireWhole(t, run, result)
	checkEnd(t, f)
}

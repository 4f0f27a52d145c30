package main

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestControlIsRead(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		args    string
		want    gateway.Control
		refused string
	}{
		{args: "r pause", want: gateway.Control{Action: "pause"}},
		{args: "r resume", want: gateway.Control{Action: "resume"}},
		{args: "r stop", want: gateway.Control{Action: "stop"}},
		{args: "r rate 2.5", want: gateway.Control{Action: "rate", RPS: 2.5}},
		{args: "r", refused: "name a run by its id and what to do with it"},
		{args: "r/s pause", refused: "name a run by its id"},
		{args: "r rate", refused: "name the rate"},
		{args: "r rate fast", refused: `"fast" is not a rate`},
		{args: "r rate NaN", refused: `"NaN" is not a rate`},
		{args: "r halt", refused: `"halt" is not one of pause, resume, rate RPS, stop`},
		{args: "r pause 5s", refused: `pause takes nothing more, but there is "5s"`},
	} {
		got, err := parseControl(strings.Fields(tc.args))
		if tc.refused == "" {
			require.NoError(t, err)
			require.Equal(t, tc.want, got)
		} else {
			require.ErrorContains(t, err, tc.refused)
		}
	}
}

func TestControlSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	var out, err bytes.Buffer
	require.Equal(t, load.ExitInfra, invoke(t, &out, &err, "control", "r", "pause", "--gateway-url", "http://127.0.0.1:1"))
	require.Contains(t, err.String(), "--gateway-url http://127.0.0.1:1: unavailable")
	err.Reset()
	require.Equal(t, load.ExitConfig, invoke(t, &out, &err, "control", "r", "pause", "--gateway-url", "10.0.0.5:8080"))
	require.Contains(t, err.String(), "--gateway-url: not a URL")
	require.Empty(t, out.String())
}

func TestChangesAreTold(t *testing.T) {
	t.Parallel()
	changes := []load.Change{
		{Second: 3, Kind: load.ChangePause}, {Second: 7, Kind: load.ChangeRate, RPS: 162.5}, {Second: 10, Kind: load.ChangeResume},
	}
	require.Equal(t, "paused from second 3 on, 162.5/s from second 7 on, as planned from second 10 on", changesText(changes))
	require.True(t, strings.HasSuffix(changesText(append(changes, changes...)), ", 162.5/s from second 7 on, 1 more"))
	var b bytes.Buffer
	require.NoError(t, writeSummary(&b, load.Result{Ledger: load.Ledger{Started: 1}, Changes: changes}, ""))
	require.Contains(t, b.String(), "\n  Changed     paused from second 3 on, ")
	require.Equal(t, "as planned", standing(gateway.Run{State: load.StateRunning}))
	require.Equal(t, "stopping", standing(gateway.Run{State: load.StateStopping, Changes: changes}))
}

// control asks for a change of the rate and returns it as the record has it.
func (f *fleet) control(id string, order ...string) load.Change {
	f.t.Helper()
	p := f.run(load.ExitPassed, append([]string{"control", id, "--gateway-url", f.URL()}, order...)...)
	var run gateway.Run
	_, err := f.Do(http.MethodGet, "/v1/runs/"+id, nil, &run)
	require.NoError(f.t, err)
	require.Equal(f.t, "Run "+id+": "+standing(run)+".\n", p.Stdout())
	return run.Changes[len(run.Changes)-1]
}

// A run is paused for three seconds, in which one of two schedulers is killed, then goes on at twice the rate for five, then as
// planned. Each iteration of the changed plan is run once, in its second, and a fresh reader comes to the same result.
func TestALiveRunIsControlled(t *testing.T) {
	t.Parallel()
	l := setup(t)
	f := &fleet{l, testkit.StartFleet(t, testkit.FleetConfig{Program: program, Schedulers: 2, Generators: 2, Env: l.env, Dir: l.dir})}
	target := testkit.StartTargetProcess(t)
	p := f.counted(target, 100, 14)
	f.underWay(p)
	var list struct{ Runs []gateway.Run }
	_, err := f.Do(http.MethodGet, "/v1/runs", nil, &list)
	require.NoError(t, err)
	id := list.Runs[0].ID
	phase := func(name string) {
		t.Helper()
		eventually(t, "the phase is "+name, func() bool { return strings.Contains(p.Stderr(), "] "+name+": ") })
	}

	pause := f.control(id, "pause")
	phase(load.PhasePaused)
	f.Schedulers[0].Kill()
	double := f.control(id, "rate", "200")
	phase(load.PhaseRate)
	eventually(t, "the second second at twice the rate is told", func() bool {
		var series struct{ Seconds []load.Second }
		_, err := f.Do(http.MethodGet, "/v1/runs/"+id+"/series", nil, &series)
		return err == nil && len(series.Seconds) > double.Second+1
	})
	resume := f.control(id, "resume")

	require.Equal(t, load.ExitPassed, exitCode(p), "%s%s", p.Stdout(), p.Stderr())
	r := decodeResult(t, p.Stdout())
	require.Equal(t, []load.Change{pause, double, resume}, r.Changes)
	shape, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 100, Duration: 14 * time.Second})
	require.NoError(t, err)
	plan := shape.With(r.Changes)
	require.Equal(t, int64(100*14-100*(double.Second-pause.Second)+100*(resume.Second-double.Second)), plan.Total())
	requireWhole(t, r, plan.Total())

	record, err := testkit.FetchRecord(t.Context(), target)
	require.NoError(t, err)
	require.Empty(t, record.Missing(plan.Total()))
	require.Empty(t, record.Repeated())
	seen := append(record.PerSecond(r.StartedAt), make([]int, 14)...) // a pause at the end leaves nothing
	for s := range plan.Seconds() {
		require.Equal(t, plan.Count(s), r.Series[s].Started, "second %d", s)
		require.InDelta(t, plan.Count(s), seen[s], 50, "second %d of %v, as the target saw them", s, seen)
	}
	for _, c := range r.Changes {
		// The lead of 1 s, a quarter for the record to be there, and the rest of a second.
		require.LessOrEqual(t, r.StartedAt.Add(time.Duration(c.Second)*time.Second).Sub(c.At), 2250*time.Millisecond)
	}
	f.run(load.ExitPassed, "verify", id, "--nats-url", f.NATS.URL)

	over := f.run(load.ExitConfig, "control", id, "pause", "--gateway-url", f.URL())
	require.Equal(t, "Error: the rate of a run that is done cannot be changed\n", over.Stderr())
}

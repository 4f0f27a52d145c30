package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// clockSlack is what the readings of the bus's and the target's wall clock may differ by on one host.
const clockSlack = 10 * time.Millisecond

// Whatever the profile, the target receives each arrival no earlier than it is due and no later than the result says: before
// second s no more than the arrivals of the seconds before it, and all of those once the longest lag and the longest service
// time that were reported have passed.
func TestTheTargetSeesTheProfile(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		args  []string
		shape load.Shape
	}{
		"constant": {
			[]string{"--mode", "constant", "--rps", "60", "--duration", "4s"},
			load.Shape{Mode: load.ModeConstant, RPS: 60, Duration: 4 * time.Second},
		},
		"ramp": {
			[]string{"--mode", "ramp", "--rps", "80", "--ramp-up", "3s", "--duration", "3s"},
			load.Shape{Mode: load.ModeRamp, RPS: 80, RampUp: 3 * time.Second, Duration: 3 * time.Second},
		},
		"step": {
			[]string{"--mode", "step", "--rps", "90", "--steps", "3", "--duration", "4500ms"},
			load.Shape{Mode: load.ModeStep, RPS: 90, Steps: 3, Duration: 4500 * time.Millisecond},
		},
		"spike": {
			[]string{"--mode", "spike", "--rps", "100", "--duration", "6s"},
			load.Shape{Mode: load.ModeSpike, RPS: 100, Duration: 6 * time.Second},
		},
		"stages": {
			[]string{"--stage", "2s:70", "--stage", "1s:70", "--stage", "1s:0"},
			load.Shape{Mode: load.ModeStages, Stages: []load.Stage{
				{Duration: 2 * time.Second, RPS: 70}, {Duration: time.Second, RPS: 70}, {Duration: time.Second},
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			profile, err := load.NewProfile(tc.shape)
			require.NoError(t, err)
			l := setup(t)
			target := testkit.StartTargetProcess(t)
			r := l.result(load.ExitPassed, append([]string{"run", testdata(t, "counted.py"), "-t", target}, tc.args...)...)
			requireWhole(t, r, profile.Total())
			record, err := testkit.FetchRecord(t.Context(), target)
			require.NoError(t, err)
			require.Empty(t, record.Missing(profile.Total()))
			require.Empty(t, record.Repeated())

			late := time.Duration((r.Lag.MaxMs+r.Service.MaxMs)*float64(time.Millisecond)) + clockSlack
			for s := range profile.Seconds() {
				require.Equal(t, profile.Count(s), r.Series[s].TargetRPS, "second %d", s)
				start := r.StartedAt.Add(time.Duration(s) * time.Second)
				require.LessOrEqual(t, record.ArrivedBefore(start.Add(-clockSlack)), profile.First(s), "arrivals before second %d", s)
				require.GreaterOrEqual(t, record.ArrivedBefore(start.Add(late)), profile.First(s), "arrivals %v into second %d", late, s)
			}
		})
	}
}

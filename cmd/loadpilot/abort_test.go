package main

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestABreachEndsTheRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	r := l.result(load.ExitBreached, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--rps", "40", "--duration", "60s",
		"--threshold", "p50_ms<0.001,abort_on_fail,delay=1s", "--threshold", "look:error_rate[2s]<50 abort_on_fail")
	require.Equal(t, load.StateDone, r.State)
	require.True(t, r.Ledger.Balanced(), "%+v", r.Ledger)
	require.Equal(t, int64(2400), r.Ledger.Planned)
	require.Equal(t, int64(2400), r.Ledger.Completed+r.Ledger.Cancelled)
	require.Positive(t, r.Ledger.Cancelled)
	require.Contains(t, r.Reason, "threshold p50_ms is ")
	require.False(t, r.Verdict.Passed)
	other, breach := r.Verdict.Thresholds[0], r.Verdict.Thresholds[1]
	require.True(t, breach.Aborted)
	require.False(t, breach.Passed)
	require.Equal(t, "look:error_rate[2s]", other.Key)
	require.True(t, other.Passed, "%+v", other)
}

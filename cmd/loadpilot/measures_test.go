package main

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// A script that measures known numbers on two generators: the result has exactly these, and so has a replay of its events.
func TestMeasuresOfAFleet(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2)
	target := testkit.StartTargetProcess(t)
	args := []string{"run", testdata(t, "measured.py"), "-t", target, "--gateway-url", f.URL(), "--threshold", "number:max=60"}

	refused := f.run(load.ExitConfig, append(args, "--threshold", "order:count_min=60")...)
	require.Contains(t, refused.Stderr(), "counter orders, counter users, event work, gauge number, named request item")

	r := f.result(load.ExitPassed, args...)
	requireWhole(t, r, 120)
	requireShares(t, r, 2, 0.5)
	for i := range r.Measures { // these depend on the target and the machine
		r.Measures[i].Response = load.Distribution{Count: r.Measures[i].Response.Count}
		times := r.Measures[i].Times
		r.Measures[i].Times = load.Distribution{Count: times.Count, MinMs: times.MinMs, MeanMs: times.MeanMs, MaxMs: times.MaxMs}
	}
	users := float64(r.Setup.Users)
	require.Empty(t, cmp.Diff([]load.MeasureResult{
		{Kind: load.MeasureCounter, Name: "orders", Count: 120, Total: 60, PerSec: 20},
		{Kind: load.MeasureCounter, Name: "users", Count: r.Setup.Users, Total: users, PerSec: users / 3},
		{Kind: load.MeasureEvent, Name: "work", Count: 120, Failed: 30, ErrorRatePct: 25, Times: load.Distribution{Count: 120, MeanMs: 59.5, MaxMs: 119}},
		{Kind: load.MeasureGauge, Name: "number", Count: 120, Min: -60, Max: 59, Mean: -0.5},
		{Kind: load.MeasureRequest, Name: "item", Requests: 120, Response: load.Distribution{Count: 120}},
	}, r.Measures))
	require.Len(t, r.Verdict.Thresholds, 5)

	f.run(load.ExitPassed, "verify", r.RunID, "--nats-url", f.NATS.URL)
}

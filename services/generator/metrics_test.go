package generator

import (
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// What an event reports is counted once, however often it has to be sent.
func TestMetricsCountWhatIsReported(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		o := newOutbox(&moodySink{refusals: 2})
		o.metrics = newMetrics(registry, func() load.GeneratorStatus {
			return load.GeneratorStatus{Users: 4, InFlight: 3, CPUPercent: 50}
		})
		token := hold(t, o, newFakeBus(), 5)
		for range 3 {
			token.Start()
		}
		token.Drop(load.DropNoUser, 2)
		ok := newSample(kindRequest, 0, 0)
		ok.in, ok.out = 100, 10
		failed := ok
		failed.flags, failed.class = flagFailed, o.recorder.class(load.ErrorTimeout)
		o.recorder.shard().add(ok, ok, failed)
		require.Empty(t, o.flush(t.Context()))
		for name, want := range map[string]float64{
			"iterations_started_total": 3, "iterations_dropped_total": 2, "requests_total": 3, "requests_failed_total": 1,
			"received_bytes_total": 300, "sent_bytes_total": 30, "events_total": 1, "event_failures_total": 2,
			"users": 4, "in_flight": 3, "cpu_ratio": 0.5, "clock_error_seconds": 0,
		} {
			require.InDelta(t, want, value(t, registry, "loadpilot_generator_"+name), 0, name)
		}
		problems, err := testutil.GatherAndLint(registry)
		require.NoError(t, err)
		require.Empty(t, problems)
	})
}

// value returns the only value of a counter or gauge.
func value(t *testing.T, registry *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()[0].GetCounter().GetValue() + family.GetMetric()[0].GetGauge().GetValue()
		}
	}
	t.Fatalf("there is no metric %s", name)
	return 0
}

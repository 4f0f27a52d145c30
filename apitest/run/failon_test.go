package run

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestParseFailOn(t *testing.T) {
	t.Parallel()
	f, err := ParseFailOn(" p95_ms > 300.5 ")
	require.NoError(t, err)
	require.Equal(t, FailOn{Metric: "p95_ms", Limit: 300.5}, f)
	f, err = ParseFailOn("requests_per_second<500")
	require.NoError(t, err)
	require.Equal(t, FailOn{Metric: "requests_per_second", Below: true, Limit: 500}, f)
	require.Equal(t, "requests_per_second<500", f.String())
	f, err = ParseFailOn("regression>10")
	require.NoError(t, err)
	require.Equal(t, FailOn{Metric: MetricRegression, Limit: 10}, f)

	for _, text := range []string{
		"", "error_rate", "error_rate=1", "p96_ms>1", ">1", "error_rate>", "error_rate>1%", "error_rate>-1", "error_rate>NaN", "error_rate>+Inf",
		"error_rate>=1", "regression<10",
	} {
		_, err := ParseFailOn(text)
		require.ErrorIs(t, err, load.ErrInvalid, text)
		require.ErrorContains(t, err, "fail-on: ")
	}
}

func TestConditionsHold(t *testing.T) {
	t.Parallel()
	r := whole()
	stream := whole()
	stream.Stream = &StreamMetrics{Events: 1, FirstEventMsP95: 7}
	down := Result{Metrics: Metrics{RequestsTotal: 100, RequestsFailed: 100, ErrorRatePct: 100, RequestsPerSecond: 9000, LatencyMsP95: 0.1}}
	tests := []struct {
		condition string
		r         Result
		met       bool
		text      string
	}{
		{"error_rate>0.4", r, true, "error_rate>0.4: it is 0.5"},
		{"error_rate>0.5", r, false, "error_rate>0.5: it is 0.5"},
		{"requests_per_second<160", r, false, "requests_per_second<160: it is 160"},
		{"requests_per_second<161", r, true, "requests_per_second<161: it is 160"},
		{"mean_ms>2", r, true, "mean_ms>2: it is 2.5"},
		{"p50_ms>1", r, true, "p50_ms>1: it is 2"},
		{"p90_ms>1", r, true, "p90_ms>1: it is 4"},
		{"p95_ms>1", r, true, "p95_ms>1: it is 5"},
		{"p99_ms>1", r, true, "p99_ms>1: it is 9"},
		{"max_ms>10.5", r, false, "max_ms>10.5: it is 10.5"},
		{"first_event_p95_ms>6", stream, true, "first_event_p95_ms>6: it is 7"},
		{"first_event_p95_ms>6", r, true, "first_event_p95_ms>6: there is no such figure"},
		{"p95_ms>1000", stream, true, "p95_ms>1000: there is no such figure"},
		{"p95_ms>300", down, true, "p95_ms>300: no request succeeded"},
		{"requests_per_second<500", down, true, "requests_per_second<500: no request succeeded"},
		{"error_rate>1", down, true, "error_rate>1: it is 100"},
		{"error_rate>50", Result{}, true, "error_rate>50: there is no such figure"},
		{"max_ms>50", Result{}, true, "max_ms>50: there is no such figure"},
	}
	for _, test := range tests {
		f, err := ParseFailOn(test.condition)
		require.NoError(t, err)
		met, text := f.Holds(&test.r)
		require.Equal(t, test.met, met, test.condition)
		require.Equal(t, test.text, text)
	}
}

func TestExitError(t *testing.T) {
	t.Parallel()
	e := &ExitError{Code: 2, Err: load.ErrInvalid}
	require.ErrorIs(t, e, load.ErrInvalid)
	require.Equal(t, 2, e.ExitCode())
	require.EqualError(t, e, "invalid")
	require.EqualError(t, &ExitError{Code: 1}, "exit status 1")
}

package load

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestParseThreshold(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"p50_ms", "p99_ms", "max_ms", "mean_ms", "error_rate", "rps_min", "service_p95_ms", "browse:p99_ms"} {
		th, err := ParseThreshold(key, 5)
		if err != nil || th.Key() != key || th.Limit != 5 {
			t.Errorf("%q: got %+v, %v", key, th, err)
		}
	}
	for _, key := range []string{"", "p98_ms", "p99", "service_error_rate", ":p99_ms", "browse:", "browse:p98_ms", "count", "rate", "min", "a:b:c", "orders:rps", ":count", "p99_ms "} {
		var fe *FieldError
		if _, err := ParseThreshold(key, 5); !errors.As(err, &fe) || fe.Field != "thresholds" {
			t.Errorf("%q: got %v, want an error of field thresholds", key, err)
		}
	}
}

// Only what a gauge measures may lie below 0, and no limit beyond every number.
func TestThresholdLimits(t *testing.T) {
	t.Parallel()
	for key, negative := range map[string]bool{
		"p99_ms": false, "rps_min": false, "browse:p99_ms": false, "browse:rps_min": false, "orders:count": false,
		"orders:count_min": false, "orders:rate_min": false, "checkout:error_rate": false,
		"depth:min": true, "depth:max": true, "depth:mean": true, "depth:mean_min": true,
	} {
		if _, err := ParseThreshold(key, -5); (err == nil) != negative {
			t.Errorf("%s below -5: got %v, want it allowed: %v", key, err, negative)
		}
		for _, limit := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
			if _, err := ParseThreshold(key, limit); !errors.Is(err, ErrInvalid) {
				t.Errorf("%s with limit %v: got %v, want ErrInvalid", key, limit, err)
			}
		}
	}
}

// A scope is one task or one measure that the plan knows, and has the metric.
func TestThresholdScopes(t *testing.T) {
	t.Parallel()
	plan := &Plan{
		Tasks: []Task{{"browse", 1}, {"pay", 1}},
		Measures: []MeasureName{
			{MeasureCounter, "orders"},
			{MeasureCounter, "pay"},
			{MeasureEvent, "checkout"},
			{MeasureEvent, "twice"},
			{MeasureGauge, "depth"},
			{MeasureGauge, "twice"},
			{MeasureRequest, "GET /items/:id"},
		},
	}
	tests := map[string]string{ // what the error says; empty: valid
		"browse:p99_ms": "", "browse:rps_min": "", "browse:service_p99_ms": "",
		"orders:count": "", "orders:count_min": "", "orders:rate": "", "orders:rate_min": "",
		"checkout:p50_ms": "", "checkout:max_ms": "", "checkout:mean_ms": "", "checkout:error_rate": "",
		"depth:max": "", "depth:mean": "", "depth:mean_min": "", "depth:min": "",
		"GET /items/:id:p95_ms": "", "GET /items/:id:error_rate": "",
		"buy:p99_ms": `the scenario has no task or measure "buy" that stands in the script as a literal, only task browse, task pay, counter orders, counter pay, event checkout, ` +
			`event twice, gauge depth, gauge twice, named request GET /items/:id`,
		"orders:p99_ms":           "counter orders has no p99_ms, only count, count_min, rate, rate_min",
		"browse:count":            "task browse has no count, only p50_ms",
		"checkout:service_p99_ms": "event checkout has no service_p99_ms",
		"checkout:rps_min":        "event checkout has no rps_min",
		"depth:max_ms":            "gauge depth has no max_ms",
		"pay:p99_ms":              "task pay and counter pay have the same name",
		"twice:p99_ms":            "event twice and gauge twice have the same name",
	}
	for key, want := range tests {
		th, err := ParseThreshold(key, 1)
		if err != nil || th.Key() != key {
			t.Errorf("%q: got %+v, %v", key, th, err)
			continue
		}
		err = th.Validate(plan)
		if want == "" && err == nil {
			continue
		}
		if want == "" || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", key, err, want)
		}
	}
}

func TestThresholdsAreStrict(t *testing.T) {
	t.Parallel()
	m := Totals{
		Response:     Distribution{Count: 1000, P50Ms: 10, P90Ms: 20, P95Ms: 30, P99Ms: 40, MaxMs: 50, MeanMs: 15},
		Service:      Distribution{Count: 1000, P99Ms: 4},
		ErrorRatePct: 2, RPS: 100, Requests: 1000,
	}
	tests := []struct {
		key    string
		limit  float64
		passed bool
	}{
		{"p50_ms", 10.01, true},
		{"p50_ms", 10, false}, // equal is a breach
		{"p90_ms", 19, false},
		{"p95_ms", 31, true},
		{"p99_ms", 40, false},
		{"max_ms", 51, true},
		{"mean_ms", 14, false},
		{"error_rate", 2, false},
		{"error_rate", 2.1, true},
		{"service_p99_ms", 5, true},
		{"rps_min", 100, true}, // a floor, not a ceiling
		{"rps_min", 101, false},
	}
	for _, tc := range tests {
		th, err := ParseThreshold(tc.key, tc.limit)
		if err != nil {
			t.Fatal(err)
		}
		if got := th.Judge(m); got.Passed != tc.passed {
			t.Errorf("%s at limit %v: %+v, want passed = %v", tc.key, tc.limit, got, tc.passed)
		}
		if got := th.Judge(Totals{}); got.Passed {
			t.Errorf("%s passed without a sample", tc.key)
		}
		untimed := Totals{Requests: 100, RPS: m.RPS, ErrorRatePct: m.ErrorRatePct} // every one failed before it was sent
		if got := th.Judge(untimed); got.Passed && tc.key != "rps_min" && tc.key != "error_rate" {
			t.Errorf("%s passed without a measured time", tc.key)
		}
	}
}

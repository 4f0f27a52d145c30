package load

import (
	"errors"
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
	for _, key := range []string{"", "p98_ms", "p99", "service_error_rate", ":p99_ms", "browse:", "browse:p98_ms", "p99_ms "} {
		var fe *FieldError
		if _, err := ParseThreshold(key, 5); !errors.As(err, &fe) || fe.Field != "thresholds" {
			t.Errorf("%q: got %v, want an error of field thresholds", key, err)
		}
	}
	if _, err := ParseThreshold("p99_ms", -1); !errors.Is(err, ErrInvalid) {
		t.Errorf("negative limit: got %v, want ErrInvalid", err)
	}
	browse := Threshold{Task: "browse", Metric: "p99_ms", Limit: 1}
	if err := browse.Validate([]Task{{"browse", 1}}); err != nil {
		t.Errorf("known task: %v", err)
	}
	if err := browse.Validate([]Task{{"purchase", 1}}); !errors.Is(err, ErrInvalid) {
		t.Errorf("unknown task: got %v, want ErrInvalid", err)
	}
}

func TestThresholdsAreStrict(t *testing.T) {
	t.Parallel()
	m := Measured{
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
		if got := th.Judge(Measured{}); got.Passed {
			t.Errorf("%s passed without a sample", tc.key)
		}
		untimed := Measured{Requests: 100, RPS: m.RPS, ErrorRatePct: m.ErrorRatePct} // every one failed before it was sent
		if got := th.Judge(untimed); got.Passed && tc.key != "rps_min" && tc.key != "error_rate" {
			t.Errorf("%s passed without a measured time", tc.key)
		}
	}
}

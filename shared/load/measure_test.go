package load

import (
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/histogram"
)

// Metrics whose name ends in "min" hold at their limit, all others only below it; what was never reported holds nothing.
func TestThresholdsOfMeasures(t *testing.T) {
	t.Parallel()
	times := Distribution{Count: 10, P50Ms: 10, P90Ms: 20, P95Ms: 30, P99Ms: 40, MaxMs: 50, MeanMs: 15}
	measured := []MeasureResult{
		{Kind: MeasureCounter, Name: "orders", Count: 7, Total: 12, PerSec: 1.5},
		{Kind: MeasureEvent, Name: "checkout", Count: 10, Failed: 1, ErrorRatePct: 10, Times: times},
		{Kind: MeasureGauge, Name: "depth", Count: 4, Min: 2, Max: 9, Mean: 5},
		{Kind: MeasureRequest, Name: "GET /items/:id", Requests: 10, Errors: 2, ErrorRatePct: 20, Response: times},
		// Names that nobody could know.
		{Kind: MeasureCounter, Name: "checkout", Count: 1, Total: 1},
		{Kind: MeasureGauge, Name: "orders", Count: 1},
	}
	plan := Plan{}
	for _, m := range measured[:4] {
		plan.Measures = append(plan.Measures, MeasureName{m.Kind, m.Name})
	}
	tests := []struct {
		key           string
		value         float64
		holds, breaks float64
	}{
		{"orders:count", 12, 12.1, 12},
		{"orders:count_min", 12, 12, 12.1},
		{"orders:rate", 1.5, 1.6, 1.5},
		{"orders:rate_min", 1.5, 1.5, 1.6},
		{"checkout:p50_ms", 10, 11, 10},
		{"checkout:p90_ms", 20, 21, 20},
		{"checkout:p95_ms", 30, 31, 30},
		{"checkout:p99_ms", 40, 41, 40},
		{"checkout:max_ms", 50, 51, 50},
		{"checkout:mean_ms", 15, 16, 15},
		{"checkout:error_rate", 10, 11, 10},
		{"depth:max", 9, 10, 9},
		{"depth:mean", 5, 6, 5},
		{"depth:mean_min", 5, 5, 6},
		{"depth:min", 2, 2, 3},
		{"GET /items/:id:p95_ms", 30, 31, 30},
		{"GET /items/:id:error_rate", 20, 21, 20},
	}
	samples := map[string]int64{"orders": 7, "checkout": 10, "depth": 4, "GET /items/:id": 10}
	for _, tc := range tests {
		for limit, passed := range map[float64]bool{tc.holds: true, tc.breaks: false} {
			th, err := ParseThreshold(tc.key, limit)
			if err != nil {
				t.Fatal(err)
			}
			plan.Thresholds = []Threshold{th}
			if err := th.Validate(&plan); err != nil {
				t.Fatal(err)
			}
			r := Result{RequestsTotal: 1, Measures: measured}
			want := ThresholdResult{Key: tc.key, Value: tc.value, Limit: limit, Passed: passed, Samples: samples[th.Scope]}
			if diff := cmp.Diff([]ThresholdResult{want}, r.Judge(&plan, "", nil).Thresholds); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			r.Measures = nil
			if r.Judge(&plan, "", nil).Passed {
				t.Errorf("%s at limit %v passed without a report", tc.key, limit)
			}
		}
	}
}

func TestMeasureNames(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"orders": true, "GET /items/:id": true, "Müller": true, strings.Repeat("ü", MaxMeasureName): true,
		"": false, "a\n": false, "a\tb": false, "\x1b[31m": false, "\u00a0": false, "\u200b": false,
		strings.Repeat("x", MaxMeasureName+1): false,
	} {
		if got := ValidMeasureName(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
}

func TestMeasureReportsAreChecked(t *testing.T) {
	t.Parallel()
	h := histogram.New()
	h.Record(3)
	one := h.Snapshot()
	report := func(kind MeasureKind, edit func(*MeasureReport)) MeasureReport {
		r := MeasureReport{MeasureName: MeasureName{kind, "x"}, Count: 1}
		if kind.timed() {
			r.Times = one
		}
		edit(&r)
		return r
	}
	for _, kind := range []MeasureKind{MeasureCounter, MeasureEvent, MeasureGauge, MeasureRequest} {
		if err := report(kind, func(*MeasureReport) {}).Validate(); err != nil {
			t.Error(err)
		}
	}
	if err := report(MeasureGauge, func(r *MeasureReport) { r.Sum, r.Min, r.Max = -MaxMeasure, -MaxMeasure, MaxMeasure }).Validate(); err != nil {
		t.Error(err)
	}
	for name, r := range map[string]MeasureReport{
		"kind":          report("meter", func(*MeasureReport) {}),
		"name":          report(MeasureCounter, func(r *MeasureReport) { r.Name = "\n" }),
		"count":         report(MeasureCounter, func(r *MeasureReport) { r.Count = 0 }),
		"failed":        report(MeasureEvent, func(r *MeasureReport) { r.Failed = 2 }),
		"times":         report(MeasureEvent, func(r *MeasureReport) { r.Count = 2 }),
		"negative":      report(MeasureCounter, func(r *MeasureReport) { r.Sum = -1 }),
		"sum":           report(MeasureGauge, func(r *MeasureReport) { r.Sum = 2.1 * MaxMeasure }),
		"no number":     report(MeasureGauge, func(r *MeasureReport) { r.Sum = math.NaN() }),
		"order":         report(MeasureGauge, func(r *MeasureReport) { r.Min, r.Max = 2, 1 }),
		"minimum":       report(MeasureGauge, func(r *MeasureReport) { r.Min = math.Inf(-1) }),
		"maximum (nan)": report(MeasureGauge, func(r *MeasureReport) { r.Max = math.NaN() }),
	} {
		if err := r.Validate(); !errors.Is(err, ErrInvalid) {
			t.Errorf("%s: got %v, want ErrInvalid", name, err)
		}
	}
}

// Each kind has its own fields in JSON, with those that are 0.
func TestMeasureResultJSON(t *testing.T) {
	t.Parallel()
	none := `{"count":0,"min_ms":0,"mean_ms":0,"p50_ms":0,"p90_ms":0,"p95_ms":0,"p99_ms":0,"p999_ms":0,"max_ms":0}`
	for kind, want := range map[MeasureKind]string{
		MeasureCounter: `{"kind":"counter","name":"x","count":0,"total":0,"per_sec":0}`,
		MeasureEvent:   `{"kind":"event","name":"x","count":0,"failed":0,"error_rate_pct":0,"times":` + none + `}`,
		MeasureGauge:   `{"kind":"gauge","name":"x","count":0,"min":0,"max":0,"mean":0}`,
		MeasureRequest: `{"kind":"request","name":"x","requests":0,"errors":0,"error_rate_pct":0,"response":` + none + `}`,
	} {
		got, err := json.Marshal(MeasureResult{Kind: kind, Name: "x"})
		if err != nil || string(got) != want {
			t.Errorf("got %s, %v\nwant %s", got, err, want)
		}
	}
	whole := []MeasureResult{
		{Kind: MeasureCounter, Name: "a", Count: 1, Total: 2.5, PerSec: 3},
		{Kind: MeasureEvent, Name: "b", Count: 1, Failed: 1, ErrorRatePct: 100, Times: Distribution{Count: 1, MaxMs: 2}},
		{Kind: MeasureGauge, Name: "c", Count: 1, Min: -1, Max: 2, Mean: 0.5},
		{Kind: MeasureRequest, Name: "d", Requests: 4, Errors: 1, ErrorRatePct: 25, Response: Distribution{Count: 4, P50Ms: 1}},
	}
	body, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	var read []MeasureResult
	if err := json.Unmarshal(body, &read); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(whole, read); diff != "" {
		t.Errorf("written - read +\n%s", diff)
	}
}

// A script may well name a measure other: that alone is no overflow.
func TestOverflows(t *testing.T) {
	t.Parallel()
	results := func(n int, more ...string) []MeasureResult {
		var out []MeasureResult
		for i := range n {
			more = append(more, strconv.Itoa(i))
		}
		for _, name := range more {
			out = append(out, MeasureResult{Kind: MeasureCounter, Name: name})
		}
		return out
	}
	for _, tc := range []struct {
		name     string
		measures []MeasureResult
		want     bool
	}{
		{"nothing", nil, false},
		{"as many as there may be", results(MaxMeasures), false},
		{"one too many", results(MaxMeasures, MeasureOther), true},
		{"a script's own", results(3, MeasureOther), false},
		{"the rest is listed", results(MaxMeasures-2, "listed", MeasureOther), false},
	} {
		plan := Plan{Measures: []MeasureName{{MeasureCounter, "listed"}, {MeasureGauge, "0"}}}
		if got := plan.Overflows(tc.measures); got != tc.want {
			t.Errorf("%s: %v", tc.name, got)
		}
	}
}

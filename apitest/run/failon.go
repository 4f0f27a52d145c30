package run

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// MetricRegression is the metric of a FailOn that asks how much worse a run is than another, in per cent. Package compare knows.
const MetricRegression = "regression"

const metricErrorRate = "error_rate"

// figures are the other metrics of a FailOn. The second result is false where there is no such figure.
var figures = map[string]func(r *Result) (float64, bool){
	metricErrorRate:       func(r *Result) (float64, bool) { return r.Metrics.ErrorRatePct, r.Metrics.RequestsTotal > 0 },
	"requests_per_second": func(r *Result) (float64, bool) { return r.Metrics.RequestsPerSecond, r.Metrics.RequestsTotal > 0 },
	"mean_ms":             latency(func(m Metrics) float64 { return m.LatencyMsMean }),
	"p50_ms":              latency(func(m Metrics) float64 { return m.LatencyMsP50 }),
	"p90_ms":              latency(func(m Metrics) float64 { return m.LatencyMsP90 }),
	"p95_ms":              latency(func(m Metrics) float64 { return m.LatencyMsP95 }),
	"p99_ms":              latency(func(m Metrics) float64 { return m.LatencyMsP99 }),
	"max_ms":              latency(func(m Metrics) float64 { return m.LatencyMsMax }),
	"first_event_p95_ms": func(r *Result) (float64, bool) {
		if r.Stream == nil || r.Stream.Events == 0 {
			return 0, false
		}
		return r.Stream.FirstEventMsP95, true
	},
}

// latency makes a figure of exchanges that are no streams.
func latency(of func(Metrics) float64) func(*Result) (float64, bool) {
	return func(r *Result) (float64, bool) { return of(r.Metrics), r.Metrics.RequestsTotal > 0 && r.Stream == nil }
}

// FailOn is a condition under which a run fails, such as error_rate>1 or requests_per_second<500.
type FailOn struct {
	Metric string
	Below  bool // "<"
	Limit  float64
}

// ParseFailOn reads METRIC>LIMIT or METRIC<LIMIT. The error is a *load.FieldError.
func ParseFailOn(text string) (FailOn, error) {
	i := strings.IndexAny(text, "<>")
	if i < 0 {
		return FailOn{}, fieldErrorf("fail-on", "%q is not METRIC>LIMIT or METRIC<LIMIT, such as error_rate>1", text)
	}
	f := FailOn{Metric: strings.TrimSpace(text[:i]), Below: text[i] == '<'}
	names := append(slices.Sorted(maps.Keys(figures)), MetricRegression)
	limit, err := strconv.ParseFloat(strings.TrimSpace(text[i+1:]), 64)
	switch {
	case !slices.Contains(names, f.Metric):
		return FailOn{}, fieldErrorf("fail-on", "%q is not a metric; there are %s", f.Metric, strings.Join(names, ", "))
	case err != nil || limit < 0 || math.IsNaN(limit) || math.IsInf(limit, 0):
		return FailOn{}, fieldErrorf("fail-on", "the limit of %q is not a number from 0", text)
	case f.Metric == MetricRegression && f.Below:
		return FailOn{}, fieldErrorf("fail-on", "%q would fail for being no slower; write %s>%v", text, f.Metric, limit)
	}
	f.Limit = limit
	return f, nil
}

// String returns the condition as it is written.
func (f FailOn) String() string {
	if f.Below {
		return fmt.Sprintf("%s<%v", f.Metric, f.Limit)
	}
	return fmt.Sprintf("%s>%v", f.Metric, f.Limit)
}

// Holds reports whether the result meets the condition, and says so in words. A figure that does not exist meets it, and so does how
// fast failures came if nothing succeeded: nothing was shown to be well. It is not for MetricRegression.
func (f FailOn) Holds(r *Result) (met bool, text string) {
	if f.Metric != metricErrorRate && r.Metrics.RequestsTotal > 0 && r.Metrics.RequestsSucceeded == 0 {
		return true, fmt.Sprintf("%s: no request succeeded", f)
	}
	value, ok := figures[f.Metric](r)
	if !ok {
		return true, fmt.Sprintf("%s: there is no such figure", f)
	}
	met = value > f.Limit
	if f.Below {
		met = value < f.Limit
	}
	return met, fmt.Sprintf("%s: it is %.4g", f, value)
}

package load

import (
	"math"
	"slices"
	"strings"
)

// Threshold is an SLA limit: the run passes if the metric stays strictly below the limit (rps_min: at or above it).
type Threshold struct {
	Task   string // only this task's requests; empty: all
	Metric string
	Limit  float64
}

// metrics lists what a threshold can name. Times are in milliseconds, error_rate in percent, rps_min in iterations started
// per second. Times are response times unless the key starts with service_.
var metrics = []string{
	"p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms", "mean_ms", "error_rate", "rps_min",
	"service_p50_ms", "service_p90_ms", "service_p95_ms", "service_p99_ms", "service_max_ms", "service_mean_ms",
}

// ParseThreshold reads a key such as "p99_ms", "service_p95_ms", "error_rate" or "browse:p99_ms". An unknown metric is a
// *FieldError; whether the task exists is checked with the plan.
func ParseThreshold(key string, limit float64) (Threshold, error) {
	task, metric, scoped := strings.Cut(key, ":")
	if !scoped {
		task, metric = "", key
	}
	if scoped && task == "" {
		return Threshold{}, fieldErrorf("thresholds", "%q names no task before the colon", key)
	}
	if !slices.Contains(metrics, metric) {
		return Threshold{}, fieldErrorf("thresholds", "unknown key %q: use one of %s, or a task's as \"task:p99_ms\"",
			key, strings.Join(metrics, ", "))
	}
	if !(limit >= 0) {
		return Threshold{}, fieldErrorf("thresholds", "%s: the limit %v must not be negative", key, limit)
	}
	return Threshold{Task: task, Metric: metric, Limit: limit}, nil
}

// Key returns the threshold's name as users write it.
func (t Threshold) Key() string {
	if t.Task == "" {
		return t.Metric
	}
	return t.Task + ":" + t.Metric
}

// Validate checks that the metric is known and that the task it is scoped to exists.
func (t Threshold) Validate(tasks []Task) error {
	if _, err := ParseThreshold(t.Key(), t.Limit); err != nil {
		return err
	}
	if t.Task != "" && !slices.ContainsFunc(tasks, func(x Task) bool { return x.Name == t.Task }) {
		return fieldErrorf("thresholds", "%q: the scenario has no task %q", t.Key(), t.Task)
	}
	return nil
}

// Measured is the side of a result that thresholds read.
type Measured struct {
	Response     Distribution
	Service      Distribution
	ErrorRatePct float64
	RPS          float64 // iterations started per second
	Requests     int64
}

// Judge compares the threshold with what was measured. Zero samples never pass: of a time, measured times; of the others,
// requests.
func (t Threshold) Judge(m Measured) ThresholdResult {
	value, samples := m.value(t.Metric)
	r := ThresholdResult{Key: t.Key(), Limit: t.Limit, Value: value}
	if t.Metric == "rps_min" {
		r.Passed = r.Value >= t.Limit
	} else {
		r.Passed = r.Value < t.Limit
	}
	r.Passed = r.Passed && samples > 0
	return r
}

// value returns a metric and the number of samples behind it.
func (m Measured) value(metric string) (value float64, samples int64) {
	switch metric {
	case "rps_min":
		return m.RPS, m.Requests
	case "error_rate":
		return m.ErrorRatePct, m.Requests
	}
	d := m.Response
	name, service := strings.CutPrefix(metric, "service_")
	if service {
		d = m.Service
	}
	return d.milliseconds(name), d.Count
}

// milliseconds returns the figure of a distribution that a threshold names.
func (d Distribution) milliseconds(name string) float64 {
	switch name {
	case "p50_ms":
		return d.P50Ms
	case "p90_ms":
		return d.P90Ms
	case "p95_ms":
		return d.P95Ms
	case "p99_ms":
		return d.P99Ms
	case "max_ms":
		return d.MaxMs
	case "mean_ms":
		return d.MeanMs
	default:
		return math.NaN() // passes nothing; ParseThreshold lets no other name in
	}
}

// ThresholdResult is a judged threshold.
type ThresholdResult struct {
	Key    string  `json:"key"`
	Value  float64 `json:"value"`
	Limit  float64 `json:"limit"`
	Passed bool    `json:"passed"`
}

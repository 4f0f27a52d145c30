package load

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Threshold is an SLA limit: the run passes if the metric stays strictly below the limit. A metric whose name ends in "min"
// passes at or above it.
type Threshold struct {
	Scope  string // name of a task or of a measure; empty: the whole run
	Metric string
	Limit  float64
	Window time.Duration // it is judged by the worst window of this length, whole seconds; 0: by the whole run
	Abort  bool          // a breach ends the run
	Delay  time.Duration // of the measured part of the run, before which a breach does not end it
}

// metrics lists what a threshold can name of the run or a task. Times are in milliseconds, error_rate in percent, rps_min in
// iterations started per second. Times are response times unless the key starts with service_.
var metrics = []string{
	"p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms", "mean_ms", "error_rate", "rps_min",
	"service_p50_ms", "service_p90_ms", "service_p95_ms", "service_p99_ms", "service_max_ms", "service_mean_ms",
}

// measureMetrics lists what a threshold can name of a measure: times of events and named requests are in milliseconds, the
// rate of a counter is what it grew by in a second of the run.
var measureMetrics = map[MeasureKind][]string{
	MeasureCounter: {"count", "count_min", "rate", "rate_min"},
	MeasureEvent:   {"p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms", "mean_ms", "error_rate"},
	MeasureGauge:   {"max", "mean", "mean_min", "min"},
	MeasureRequest: {"p50_ms", "p90_ms", "p95_ms", "p99_ms", "max_ms", "mean_ms", "error_rate"},
}

// ParseThreshold reads a key such as "p99_ms", "service_p95_ms", "error_rate", "browse:p99_ms" or "orders:count_min", of windows as
// "p99_ms[30s]"; the statistics may be spelt as k6 does: p(95), med, avg, and max of the run. A metric that nothing has is a
// *FieldError, and so is a limit that is not finite, or below 0 except of a gauge; whether there is such a task or measure, and
// whether it has that metric, is checked with the plan.
func ParseThreshold(key string, limit float64) (Threshold, error) {
	t := Threshold{Metric: key, Limit: limit}
	known, others := metrics, "a task's as \"task:p99_ms\""
	if colon := strings.LastIndexByte(key, ':'); colon >= 0 { // the name of a measure may hold one, too
		t.Scope, t.Metric = key[:colon], key[colon+1:]
		known = append(slices.Clone(known), slices.Concat(slices.Collect(maps.Values(measureMetrics))...)...)
		others = "of a counter " + strings.Join(measureMetrics[MeasureCounter], ", ") +
			", of a gauge " + strings.Join(measureMetrics[MeasureGauge], ", ")
		if t.Scope == "" {
			return Threshold{}, fieldErrorf("thresholds", "%q names neither a task nor a measure before the colon", key)
		}
	}
	if metric, window, ok := strings.Cut(t.Metric, "["); ok {
		d, err := time.ParseDuration(strings.TrimSuffix(window, "]"))
		if err != nil || !strings.HasSuffix(window, "]") || d%time.Second != 0 || d < minWindow || d > maxWindow {
			return Threshold{}, fieldErrorf("thresholds", "%q: a window is whole seconds, %v to %v, as p99_ms[30s]", key, minWindow, maxWindow)
		}
		t.Metric, t.Window = metric, d
	}
	if percentile, ok := strings.CutPrefix(t.Metric, "p("); ok {
		t.Metric = "p" + strings.TrimSuffix(percentile, ")") + "_ms"
		if !slices.Contains(metrics, t.Metric) || !strings.HasSuffix(percentile, ")") {
			return Threshold{}, fieldErrorf("thresholds", "%q: the percentiles are p(50), p(90), p(95) and p(99)", key)
		}
	}
	switch {
	case t.Metric == "med":
		t.Metric = "p50_ms"
	case t.Metric == "avg":
		t.Metric = "mean_ms"
	case t.Metric == "max" && t.Scope == "": // a gauge has a max
		t.Metric = "max_ms"
	}
	if !slices.Contains(known, t.Metric) {
		return Threshold{}, fieldErrorf("thresholds", "unknown key %q: use one of %s, or %s", key, strings.Join(metrics, ", "), others)
	}
	gauge := t.Scope != "" && slices.Contains(measureMetrics[MeasureGauge], t.Metric) // may measure what is below 0
	switch {
	case math.IsNaN(limit) || math.IsInf(limit, 0):
		return Threshold{}, fieldErrorf("thresholds", "%s: the limit %v is not a finite number", key, limit)
	case limit < 0 && !gauge:
		return Threshold{}, fieldErrorf("thresholds", "%s: the limit %v must not be negative", key, limit)
	}
	return t, nil
}

// The shortest and the longest window of a threshold.
const (
	minWindow = 2 * time.Second
	maxWindow = 10 * time.Minute
)

// DefaultAbortDelay is how long the measured part of a run lasts at least, unless a threshold whose breach ends it says otherwise:
// the first requests of a run, which open connections and meet cold caches, are too few to judge by.
const DefaultAbortDelay = 10 * time.Second

// WithAbort returns the threshold as one whose breach ends the run after a delay such as "5s"; an empty one is DefaultAbortDelay.
func (t Threshold) WithAbort(delay string) (Threshold, error) {
	t.Abort, t.Delay = true, DefaultAbortDelay
	if delay == "" {
		return t, nil
	}
	var err error
	t.Delay, err = time.ParseDuration(delay)
	if err != nil || t.Delay < 0 || t.Delay > MaxDuration || t.Delay%time.Millisecond != 0 {
		return t, fieldErrorf("thresholds", "%s: the delay %q is not a duration such as 10s", t.Key(), delay)
	}
	return t, nil
}

// Key returns the threshold's name as users write it.
func (t Threshold) Key() string {
	key := t.Metric
	if t.Scope != "" {
		key = t.Scope + ":" + key
	}
	if t.Window > 0 {
		key = fmt.Sprintf("%s[%ds]", key, t.Window/time.Second)
	}
	return key
}

// Validate checks that what the threshold is scoped to exists in the plan, only once, and has the metric, and that it can do what
// it should.
func (t Threshold) Validate(p *Plan) error {
	if _, err := ParseThreshold(t.Key(), t.Limit); err != nil {
		return err
	}
	switch {
	case t.Delay != 0 && !t.Abort:
		return fieldErrorf("thresholds", "%q: a delay goes with abort_on_fail only", t.Key())
	case t.Abort && t.Floor() && (t.Window == 0 || t.Scope != ""):
		return fieldErrorf("thresholds", "%q: what must not be below its limit is that at the beginning of every run: of these only "+
			"rps_min of the run can end it, and with a window, as rps_min[10s]", t.Key())
	case t.Scope == "":
		return nil
	}
	named := p.named(t.Scope)
	switch len(named) {
	case 0:
		return fieldErrorf("thresholds", "%q: the scenario has no task or measure %q that stands in the script as a literal, only %s",
			t.Key(), t.Scope, p.names())
	case 1:
	default:
		return fieldErrorf("thresholds", "%q: %s and %s have the same name", t.Key(), named[0].noun(), named[1].noun())
	}
	if known := named[0].metrics(); !slices.Contains(known, t.Metric) {
		return fieldErrorf("thresholds", "%q: %s has no %s, only %s", t.Key(), named[0].noun(), t.Metric, strings.Join(known, ", "))
	}
	if t.Window > 0 && named[0].Kind != "" {
		return fieldErrorf("thresholds", "%q: %s has no windows: the run and its tasks have", t.Key(), named[0].noun())
	}
	return nil
}

// named returns the tasks and measures of a name. A task has no kind.
func (p *Plan) named(name string) []MeasureName {
	var out []MeasureName
	for _, t := range p.Tasks {
		if t.Name == name {
			out = append(out, MeasureName{Name: name})
		}
	}
	for _, m := range p.Measures {
		if m.Name == name {
			out = append(out, m)
		}
	}
	return out
}

// names lists what a threshold can be scoped to.
func (p *Plan) names() string {
	var list []string
	for _, t := range p.Tasks {
		list = append(list, MeasureName{Name: t.Name}.noun())
	}
	for _, m := range p.Measures {
		list = append(list, m.noun())
	}
	return strings.Join(list, ", ")
}

// noun names a task or measure for messages.
func (n MeasureName) noun() string {
	switch n.Kind {
	case "":
		return "task " + n.Name
	case MeasureRequest:
		return "named request " + n.Name
	default:
		return string(n.Kind) + " " + n.Name
	}
}

// metrics lists what a threshold can name of a task or measure.
func (n MeasureName) metrics() []string {
	if n.Kind == "" {
		return metrics
	}
	return measureMetrics[n.Kind]
}

// Measured is what a threshold is judged by. Value returns a metric and the number of samples behind it: of a time, measured
// times; of what belongs to a measure, its reports; of the others, requests.
type Measured interface {
	Value(metric string) (value float64, samples int64)
}

// Judge compares the threshold with what was measured.
func (t Threshold) Judge(m Measured) ThresholdResult { return t.judge(m.Value(t.Metric)) }

// judge compares the threshold with a value. Zero samples never pass.
func (t Threshold) judge(value float64, samples int64) ThresholdResult {
	r := ThresholdResult{Key: t.Key(), Limit: t.Limit, Value: value, Samples: samples}
	if t.Floor() {
		r.Passed = r.Value >= t.Limit
	} else {
		r.Passed = r.Value < t.Limit
	}
	r.Passed = r.Passed && samples > 0
	return r
}

// Breach says what a threshold that was not held came to: "p99_ms is 812.4, not below 500".
func (r ThresholdResult) Breach() string {
	short := func(v float64) string { return strconv.FormatFloat(math.Round(v*1000)/1000, 'f', -1, 64) }
	switch {
	case r.Samples == 0:
		return r.Key + " has no data"
	case r.Value < r.Limit:
		return fmt.Sprintf("%s is %s, below %s", r.Key, short(r.Value), short(r.Limit))
	default:
		return fmt.Sprintf("%s is %s, not below %s", r.Key, short(r.Value), short(r.Limit))
	}
}

// Floor reports whether the metric must not be below the limit.
func (t Threshold) Floor() bool { return strings.HasSuffix(t.Metric, "min") }

// Totals are the numbers of a run or a task, or of a stretch of them.
type Totals struct {
	Response     Distribution
	Service      Distribution
	ErrorRatePct float64
	RPS          float64 // iterations started per second
	Requests     int64
}

// Value returns a metric of those that a threshold can name of the run or a task.
func (m Totals) Value(metric string) (value float64, samples int64) {
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
	return d.value(name)
}

// value returns the figure of a distribution that a threshold names, and the number of samples behind it: none behind a
// figure that it does not have, so that nothing passes by it.
func (d Distribution) value(name string) (ms float64, samples int64) {
	switch name {
	case "p50_ms":
		return d.P50Ms, d.Count
	case "p90_ms":
		return d.P90Ms, d.Count
	case "p95_ms":
		return d.P95Ms, d.Count
	case "p99_ms":
		return d.P99Ms, d.Count
	case "max_ms":
		return d.MaxMs, d.Count
	case "mean_ms":
		return d.MeanMs, d.Count
	default:
		return 0, 0
	}
}

// ThresholdResult is a judged threshold.
type ThresholdResult struct {
	Key     string  `json:"key"`
	Value   float64 `json:"value"`
	Limit   float64 `json:"limit"`
	Passed  bool    `json:"passed"`
	Samples int64   `json:"samples"`           // behind the value; without any nothing passes
	Aborted bool    `json:"aborted,omitempty"` // its breach has ended the run
}

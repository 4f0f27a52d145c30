package load

import (
	"cmp"
	"encoding/json"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/histogram"
)

// MeasureKind tells apart what can be measured beside the tasks of a run.
type MeasureKind string

// The kinds of measures.
const (
	MeasureCounter MeasureKind = "counter" // adds up
	MeasureEvent   MeasureKind = "event"   // takes a time, and succeeds or fails
	MeasureGauge   MeasureKind = "gauge"   // has a value
	MeasureRequest MeasureKind = "request" // the requests that scripts gave one name
)

// Known reports whether k is one of the kinds above.
func (k MeasureKind) Known() bool {
	return k == MeasureCounter || k == MeasureEvent || k == MeasureGauge || k == MeasureRequest
}

// timed reports whether measures of the kind have times, and may fail.
func (k MeasureKind) timed() bool { return k == MeasureEvent || k == MeasureRequest }

// MaxMeasureName is the longest name of a measure, in characters.
const MaxMeasureName = 200

// MaxMeasures is how many measures that the plan does not list a generator tells apart in a run. What is beyond is reported
// under the name MeasureOther, each kind for itself.
const (
	MaxMeasures  = 200
	MeasureOther = "other"
)

// Overflows reports whether measures have more names than generators tell apart, so that the numbers of those that the plan
// does not list may be in part in MeasureOther.
func (p *Plan) Overflows(measures []MeasureResult) bool {
	listed := make(map[MeasureName]bool, len(p.Measures))
	for _, name := range p.Measures {
		listed[name] = true
	}
	unlisted, other := 0, false
	for _, m := range measures {
		other = other || m.Name == MeasureOther
		if !listed[MeasureName{m.Kind, m.Name}] {
			unlisted++
		}
	}
	return other && unlisted >= MaxMeasures
}

// MaxMeasure bounds the value of one counter or gauge to either side, so that whole numbers are exact and sums are finite.
const MaxMeasure = 1e15

// MeasureName names a measure: those of different kinds have nothing to do with each other.
type MeasureName struct {
	Kind MeasureKind
	Name string
}

// ValidMeasureName reports whether name is 1 to MaxMeasureName printable characters.
func ValidMeasureName(name string) bool {
	n := utf8.RuneCountInString(name)
	unprintable := func(r rune) bool { return !unicode.IsPrint(r) }
	return n > 0 && n <= MaxMeasureName && !strings.ContainsFunc(name, unprintable)
}

// Compare orders names by kind, then by name.
func (n MeasureName) Compare(o MeasureName) int {
	return cmp.Or(cmp.Compare(n.Kind, o.Kind), cmp.Compare(n.Name, o.Name))
}

// MeasureReport adds up one measure.
type MeasureReport struct {
	MeasureName
	Count    int64              // how often it was reported, at least 1
	Failed   int64              // of events and requests
	Sum      float64            // of counters and gauges
	Min, Max float64            // of gauges
	Times    histogram.Snapshot // of events and requests: all of them
}

// Validate fails with ErrInvalid if the report is not one that adding up values within the bounds comes to.
func (r MeasureReport) Validate() error {
	most := 2 * MaxMeasure * float64(r.Count) // twice, because each addition may have rounded up
	switch {
	case !r.Kind.Known() || !ValidMeasureName(r.Name):
		return invalidMeasure(r, "it has no such name")
	case r.Count < 1 || r.Failed < 0 || r.Failed > r.Count:
		return invalidMeasure(r, "%d of %d failed", r.Failed, r.Count)
	case r.Kind.timed() && r.Times.Count != r.Count:
		return invalidMeasure(r, "%d times of %d", r.Times.Count, r.Count)
	case !(math.Abs(r.Sum) <= most) || r.Kind == MeasureCounter && r.Sum < 0:
		return invalidMeasure(r, "%d add up to %v", r.Count, r.Sum)
	case !(-MaxMeasure <= r.Min && r.Min <= r.Max && r.Max <= MaxMeasure):
		return invalidMeasure(r, "minimum %v, maximum %v", r.Min, r.Max)
	}
	return nil
}

func invalidMeasure(r MeasureReport, format string, args ...any) error {
	return fieldErrorf("measure "+string(r.Kind)+" "+r.Name, format, args...)
}

// MeasureResult is one measure of a result. Which fields there are depends on the kind; the JSON has no others.
type MeasureResult struct {
	Kind MeasureKind `json:"kind"`
	Name string      `json:"name"`

	Count        int64        `json:"count,omitempty"`          // counter, event, gauge: how often it was reported
	Total        float64      `json:"total,omitempty"`          // counter
	PerSec       float64      `json:"per_sec,omitempty"`        // counter: total / duration
	Failed       int64        `json:"failed,omitempty"`         // event
	Requests     int64        `json:"requests,omitempty"`       // request
	Errors       int64        `json:"errors,omitempty"`         // request
	ErrorRatePct float64      `json:"error_rate_pct,omitempty"` // event, request
	Times        Distribution `json:"times,omitzero"`           // event
	Response     Distribution `json:"response,omitzero"`        // request: done − due
	Min          float64      `json:"min,omitempty"`            // gauge
	Max          float64      `json:"max,omitempty"`            // gauge
	Mean         float64      `json:"mean,omitempty"`           // gauge
}

// MarshalJSON writes what the kind has, also if it is 0.
func (m MeasureResult) MarshalJSON() ([]byte, error) {
	switch m.Kind {
	case MeasureCounter:
		return json.Marshal(struct {
			Kind   MeasureKind `json:"kind"`
			Name   string      `json:"name"`
			Count  int64       `json:"count"`
			Total  float64     `json:"total"`
			PerSec float64     `json:"per_sec"`
		}{m.Kind, m.Name, m.Count, m.Total, m.PerSec})
	case MeasureEvent:
		return json.Marshal(struct {
			Kind         MeasureKind  `json:"kind"`
			Name         string       `json:"name"`
			Count        int64        `json:"count"`
			Failed       int64        `json:"failed"`
			ErrorRatePct float64      `json:"error_rate_pct"`
			Times        Distribution `json:"times"`
		}{m.Kind, m.Name, m.Count, m.Failed, m.ErrorRatePct, m.Times})
	case MeasureGauge:
		return json.Marshal(struct {
			Kind  MeasureKind `json:"kind"`
			Name  string      `json:"name"`
			Count int64       `json:"count"`
			Min   float64     `json:"min"`
			Max   float64     `json:"max"`
			Mean  float64     `json:"mean"`
		}{m.Kind, m.Name, m.Count, m.Min, m.Max, m.Mean})
	default:
		return json.Marshal(struct {
			Kind         MeasureKind  `json:"kind"`
			Name         string       `json:"name"`
			Requests     int64        `json:"requests"`
			Errors       int64        `json:"errors"`
			ErrorRatePct float64      `json:"error_rate_pct"`
			Response     Distribution `json:"response"`
		}{m.Kind, m.Name, m.Requests, m.Errors, m.ErrorRatePct, m.Response})
	}
}

// Value returns a metric that thresholds can name, and the number of samples behind it.
func (m MeasureResult) Value(metric string) (value float64, samples int64) {
	switch metric {
	case "count", "count_min":
		return m.Total, m.Count
	case "rate", "rate_min":
		return m.PerSec, m.Count
	case "min":
		return m.Min, m.Count
	case "max":
		return m.Max, m.Count
	case "mean", "mean_min":
		return m.Mean, m.Count
	}
	times := m.Times
	if m.Kind == MeasureRequest {
		times = m.Response
	}
	if metric == "error_rate" {
		return m.ErrorRatePct, times.Count
	}
	return times.value(metric)
}

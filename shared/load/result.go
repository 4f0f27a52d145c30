package load

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
)

// Result is the outcome of a run, and the JSON that users keep. "rps" always counts iterations started per second, the
// unit of the plan; requests have names of their own, for a task may make several. Times are in milliseconds; those at the
// top are response times.
type Result struct {
	RunID          string            `json:"run_id"`
	Scenario       string            `json:"scenario"`
	TargetURL      string            `json:"target_url"`
	State          State             `json:"state"`
	Reason         string            `json:"reason,omitempty"`
	Cause          Cause             `json:"cause,omitempty"`
	StartedAt      time.Time         `json:"started_at"`
	DurationSecs   float64           `json:"duration_secs"` // as planned, or until the stop, without the warm-up
	Seed           uint64            `json:"seed"`
	RPSTarget      float64           `json:"rps_target"` // peak of the plan
	RPSActual      float64           `json:"rps_actual"`
	RequestsTotal  int64             `json:"requests_total"`
	RequestsPerSec float64           `json:"requests_per_sec"`
	ErrorsTotal    int64             `json:"errors_total"`
	ErrorRatePct   float64           `json:"error_rate_pct"`
	BytesIn        int64             `json:"bytes_in"`
	BytesOut       int64             `json:"bytes_out"`
	P50Ms          float64           `json:"p50_ms"`
	P95Ms          float64           `json:"p95_ms"`
	P99Ms          float64           `json:"p99_ms"`
	MaxMs          float64           `json:"max_ms"`
	Response       Distribution      `json:"response"` // done − due
	Service        Distribution      `json:"service"`  // done − sent
	Failed         Distribution      `json:"failed"`   // done − due of the failed requests
	Lag            Distribution      `json:"lag"`      // called − due
	Connections    ConnectionResult  `json:"connections"`
	Tasks          []TaskResult      `json:"tasks"`
	Measures       []MeasureResult   `json:"measures"`                   // by kind and name
	Partial        bool              `json:"measures_partial,omitempty"` // Plan.Overflows
	StatusCodes    map[string]int64  `json:"status_codes"`
	Errors         []ErrorResult     `json:"errors"`
	Setup          SetupResult       `json:"setup"`
	Ledger         Ledger            `json:"ledger"`           // without the warm-up
	Warmup         *WarmupResult     `json:"warmup,omitempty"` // if the plan has one
	LateEvents     int64             `json:"late_events"`      // between the last event that counts and the end decision: counted, not merged
	Verdict        Verdict           `json:"verdict"`
	Trust          Trust             `json:"trust"`
	Generators     []GeneratorResult `json:"generators"`
	Incidents      []Incident        `json:"incidents"`            // the first MaxIncidents
	KneePoint      *KneePoint        `json:"knee_point,omitempty"` // mode step only
	Series         []Second          `json:"series"`
	Windows        []Window          `json:"windows"`           // at most MaxWindows, of the measured part
	Changes        []Change          `json:"changes,omitempty"` // of the rate of the plan
}

// MaxWindows is the most windows that a result has.
const MaxWindows = 48

// Window is a stretch of the measured part of a run, with its histograms: what two runs are compared by.
type Window struct {
	Second     int     `json:"second"`  // the first
	Seconds    int     `json:"seconds"` // how many
	Started    int64   `json:"started"`
	Requests   int64   `json:"requests"`
	Errors     int64   `json:"errors"`
	MeanMs     float64 `json:"mean_ms"`     // response time
	HDR        string  `json:"hdr"`         // response times in microseconds, as base64 text of HdrHistogram V2, compressed
	ServiceHDR string  `json:"service_hdr"` // service times
}

// WarmupResult is what is known of the warm-up: seconds of the series whose iterations are in no other number.
type WarmupResult struct {
	DurationSecs float64      `json:"duration_secs"` // as planned, or until a stop within it
	Requests     int64        `json:"requests"`
	Errors       int64        `json:"errors"`
	Response     Distribution `json:"response"`
	Ledger       Ledger       `json:"ledger"`
}

// KneePoint is the last step of a step profile that the service held before it gave way. Step is 0 if not even the first one
// was held, and TotalSteps if none was too much.
type KneePoint struct {
	Step         int          `json:"step"`
	TotalSteps   int          `json:"total_steps"`
	RPS          float64      `json:"rps"`     // planned in that step
	MaxRPS       float64      `json:"max_rps"` // planned in the last step
	P99Ms        float64      `json:"p99_ms"`  // response time in that step
	ErrorRatePct float64      `json:"error_rate_pct"`
	Steps        []StepResult `json:"steps"` // all of them
}

// StepResult is one step of a step profile, judged on its own seconds.
type StepResult struct {
	Step         int     `json:"step"` // from 1
	RPS          float64 `json:"rps"`  // planned
	StartedPct   float64 `json:"started_pct"`
	P50Ms        float64 `json:"p50_ms"` // response time
	P95Ms        float64 `json:"p95_ms"`
	P99Ms        float64 `json:"p99_ms"`
	ErrorRatePct float64 `json:"error_rate_pct"`
	Held         bool    `json:"held"`
	Why          string  `json:"why"` // it was not held
}

// Distribution summarises a histogram. Percentiles are of the merged histogram, never averages, with three significant
// digits; count, min, mean and max are exact.
type Distribution struct {
	Count  int64   `json:"count"`
	MinMs  float64 `json:"min_ms"`
	MeanMs float64 `json:"mean_ms"`
	P50Ms  float64 `json:"p50_ms"`
	P90Ms  float64 `json:"p90_ms"`
	P95Ms  float64 `json:"p95_ms"`
	P99Ms  float64 `json:"p99_ms"`
	P999Ms float64 `json:"p999_ms"`
	MaxMs  float64 `json:"max_ms"`
}

// NewDistribution reads a histogram.
func NewDistribution(h *histogram.Histogram) Distribution {
	if h.Count() == 0 {
		return Distribution{}
	}
	ms := func(micros int64) float64 { return float64(micros) / 1000 }
	return Distribution{
		Count: h.Count(), MinMs: ms(h.Min()), MeanMs: float64(h.Sum()) / float64(h.Count()) / 1000,
		P50Ms: ms(h.Quantile(0.5)), P90Ms: ms(h.Quantile(0.9)), P95Ms: ms(h.Quantile(0.95)),
		P99Ms: ms(h.Quantile(0.99)), P999Ms: ms(h.Quantile(0.999)), MaxMs: ms(h.Max()),
	}
}

// TaskResult is one task's share of a result.
type TaskResult struct {
	Task         string                `json:"task"`
	Weight       int                   `json:"weight"`
	Iterations   int64                 `json:"iterations"` // completed
	Requests     int64                 `json:"requests"`
	Errors       int64                 `json:"errors"`
	ErrorRatePct float64               `json:"error_rate_pct"`
	Checks       map[string]CheckCount `json:"checks"`
	Response     Distribution          `json:"response"`
	Service      Distribution          `json:"service"`
}

// ErrorResult is one class of errors, with samples.
type ErrorResult struct {
	Class   string        `json:"class"`
	Count   int64         `json:"count"`
	Samples []ErrorSample `json:"samples"`
}

// SetupResult adds up on_start and on_stop.
type SetupResult struct {
	Users    int64            `json:"users"` // started
	Failed   int64            `json:"failed"`
	Requests int64            `json:"requests"`
	Errors   map[string]int64 `json:"errors"`
	Response Distribution     `json:"response"`
	Samples  []ErrorSample    `json:"samples"`

	Connections ConnectionResult `json:"connections"`
}

// ConnectionResult says how requests came to their connections, and where their time went: a ConnectionReport of them all.
type ConnectionResult struct {
	Opened     int64        `json:"opened"`
	Reused     int64        `json:"reused"`
	Failed     int64        `json:"failed"`
	Refused    int64        `json:"refused"`
	ClosedIdle int64        `json:"closed_idle"`
	DNS        Distribution `json:"dns"`
	Connect    Distribution `json:"connect"`
	TLS        Distribution `json:"tls"`
	FirstByte  Distribution `json:"first_byte"`
	Transfer   Distribution `json:"transfer"`
}

// GeneratorResult is one generator instance's share of a result.
type GeneratorResult struct {
	Generator    string  `json:"generator"`
	Instance     string  `json:"instance"`
	Started      int64   `json:"started"`
	Requests     int64   `json:"requests"`
	Errors       int64   `json:"errors"`
	Users        int     `json:"users"`       // most alive at a flush
	CPUPercent   float64 `json:"cpu_percent"` // highest of a flush
	ClockErrorMs float64 `json:"clock_error_ms"`
	LagP99Ms     float64 `json:"lag_p99_ms"`
	LastSecond   int     `json:"last_second"` // latest second it reported a token of
}

// Second is one point of the series: what was due in one second of the run.
type Second struct {
	Second       int     `json:"second"`
	Phase        string  `json:"phase"`
	TargetRPS    int64   `json:"target_rps"` // arrivals planned in this second
	Started      int64   `json:"started"`
	Requests     int64   `json:"requests"`
	Errors       int64   `json:"errors"`
	P50Ms        float64 `json:"p50_ms"`
	P95Ms        float64 `json:"p95_ms"`
	P99Ms        float64 `json:"p99_ms"`
	MaxMs        float64 `json:"max_ms"`
	MeanMs       float64 `json:"mean_ms"`
	ServiceP50Ms float64 `json:"service_p50_ms"`
	ServiceP99Ms float64 `json:"service_p99_ms"`
	Ledger       Ledger  `json:"ledger"`
	Closed       bool    `json:"closed"` // false while reports may still change it
}

// Live is what a running test looks like, once a second. Latency covers the run so far; current_rps is of the second that
// ended last.
type Live struct {
	RunID         string            `json:"run_id"`
	Scenario      string            `json:"scenario"`
	State         State             `json:"state"`
	TimestampSecs float64           `json:"timestamp_secs"` // bus time, Unix
	ElapsedSecs   float64           `json:"elapsed_secs"`   // since second 0, negative before it
	TotalSecs     float64           `json:"total_secs"`
	Phase         string            `json:"phase"`
	CurrentRPS    float64           `json:"current_rps"` // iterations started per second
	TargetRPS     float64           `json:"target_rps"`
	RequestsPerS  float64           `json:"requests_per_sec"` // of the second that ended last
	RequestsTotal int64             `json:"requests_total"`
	ErrorsTotal   int64             `json:"errors_total"`
	ErrorRatePct  float64           `json:"error_rate_pct"`
	Started       int64             `json:"started"`
	Planned       int64             `json:"planned"`
	ActiveWorkers int               `json:"active_workers"` // users alive
	InFlight      int               `json:"in_flight"`
	Generators    int               `json:"generators"`
	Latency       LiveLatency       `json:"latency"`
	Tasks         []LiveTask        `json:"tasks"`
	Measures      []MeasureResult   `json:"measures"`          // of the run so far
	Ledger        Ledger            `json:"ledger"`            // of the seconds that are closed
	Incidents     []Incident        `json:"incidents"`         // the last RecentIncidents
	Seconds       []Second          `json:"seconds"`           // new or amended since the last line, the newest RecentSeconds
	Thresholds    []ThresholdResult `json:"thresholds"`        // of the run so far
	Trust         Trust             `json:"trust"`             // of the run so far
	Changes       []Change          `json:"changes,omitempty"` // of the rate of the plan
}

// RecentSeconds is the most seconds that a live line has.
const RecentSeconds = 30

// LiveLatency is the response time of the run so far.
type LiveLatency struct {
	P50Ms  float64 `json:"p50_ms"`
	P95Ms  float64 `json:"p95_ms"`
	P99Ms  float64 `json:"p99_ms"`
	MaxMs  float64 `json:"max_ms"`
	MinMs  float64 `json:"min_ms"`
	MeanMs float64 `json:"mean_ms"`
}

// LiveTask is one task of the run so far.
type LiveTask struct {
	Task     string  `json:"task"`
	Requests int64   `json:"requests"`
	Errors   int64   `json:"errors"`
	P50Ms    float64 `json:"p50_ms"`
	P99Ms    float64 `json:"p99_ms"`
	MeanMs   float64 `json:"mean_ms"`
}

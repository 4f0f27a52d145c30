package run

import "time"

// States of a result.
const (
	StateCompleted   = "completed"
	StateInterrupted = "interrupted"
)

// Classes of errors beside those of shared/load and http_<status>.
const (
	ErrorRedirect = "redirect" // more redirects than Config.Redirects, or one to nowhere
	ErrorPanic    = "panic"    // the handler panicked, in-process
	ErrorPayload  = "payload"  // PayloadFunc failed
	ErrorStream   = "stream"   // the answer is a stream and was not read; it is in no figure
)

// Result is a run that has ended. It is stored as it is encoded.
type Result struct {
	TestID       string           `json:"test_id"` // uuid v7
	State        string           `json:"state"`
	Mode         Mode             `json:"mode"`
	Config       Config           `json:"configuration"` // masked
	StartedAt    time.Time        `json:"started_at"`    // UTC
	DurationSecs float64          `json:"duration_secs"`
	Metrics      Metrics          `json:"metrics"`
	StatusCodes  map[string]int64 `json:"status_codes"`  // "200" → responses; gRPC: names of codes
	Classes      map[string]int64 `json:"error_classes"` // of failed requests
	Errors       []ErrorSample    `json:"errors"`        // at most MaxSamples
	Stream       *StreamMetrics   `json:"stream,omitempty"`
	Windows      []Window         `json:"windows"`            // equal counts of requests in the order of completion, for comparisons
	LatencyHDR   string           `json:"latency_hdr"`        // histogram.Snapshot.HDR of all latencies
	Warnings     []string         `json:"warnings,omitempty"` // why figures should be doubted
	Program      string           `json:"program"`            // that ran it, with its version
}

// Metrics are the figures of a run. Percentiles are of a histogram with three digits; min, mean and max are exact. Latency is
// the time from sending to the last byte; with Config.Rate it counts from the instant at which the request was due.
type Metrics struct {
	RequestsTotal     int64   `json:"requests_total"`     // completed, whatever came of them
	RequestsSucceeded int64   `json:"requests_succeeded"` // a response below 400
	RequestsFailed    int64   `json:"requests_failed"`
	ErrorRatePct      float64 `json:"error_rate_pct"`
	RequestsPerSecond float64 `json:"requests_per_second"`
	LatencyMsMin      float64 `json:"latency_ms_min"`
	LatencyMsMean     float64 `json:"latency_ms_mean"`
	LatencyMsP50      float64 `json:"latency_ms_p50"`
	LatencyMsP90      float64 `json:"latency_ms_p90"`
	LatencyMsP95      float64 `json:"latency_ms_p95"`
	LatencyMsP99      float64 `json:"latency_ms_p99"`
	LatencyMsP999     float64 `json:"latency_ms_p999"`
	LatencyMsMax      float64 `json:"latency_ms_max"`
	FirstByteMsP50    float64 `json:"first_byte_ms_p50"`
	FirstByteMsP95    float64 `json:"first_byte_ms_p95"`
	BytesIn           int64   `json:"bytes_in"`  // of bodies
	BytesOut          int64   `json:"bytes_out"` // of bodies
	ConnectionsOpened int64   `json:"connections_opened"`
	Late              int64   `json:"late,omitempty"` // with Config.Rate: begun more than 10 ms after they were due
}

// StreamMetrics are those of streams and WebSockets. Their exchanges are not in the latency percentiles.
type StreamMetrics struct {
	Events          int64   `json:"events"`
	EventsPerSecond float64 `json:"events_per_second"`
	FirstEventMsP50 float64 `json:"first_event_ms_p50"`
	FirstEventMsP95 float64 `json:"first_event_ms_p95"`
	FirstEventMsMax float64 `json:"first_event_ms_max"`
	GapMsP50        float64 `json:"gap_ms_p50"` // between events; WebSocket: round trips
	GapMsP95        float64 `json:"gap_ms_p95"`
	GapMsMax        float64 `json:"gap_ms_max"`
	EndedByServer   int64   `json:"ended_by_server"`
}

// Window is a part of a run, in the order of completion.
type Window struct {
	Requests int64   `json:"requests"`
	Failed   int64   `json:"failed"`
	Secs     float64 `json:"secs"`
	MeanMs   float64 `json:"mean_ms"`
	P50Ms    float64 `json:"p50_ms"`
	P95Ms    float64 `json:"p95_ms"`
}

// ErrorSample is one failure in detail. The first MaxSamples are kept, but of one class never more than half as long as others
// come.
type ErrorSample struct {
	Request   int64   `json:"request"` // number, from 0
	AtSecs    float64 `json:"at_secs"`
	Class     string  `json:"class"`
	Status    int     `json:"status"` // 0: no response
	LatencyMs float64 `json:"latency_ms"`
	Message   string  `json:"message"`
	Body      string  `json:"body,omitempty"` // its beginning, printable
}

// Summary is a result in the list of recent ones.
type Summary struct {
	TestID       string    `json:"test_id"`
	Mode         Mode      `json:"mode"`
	Protocol     Protocol  `json:"protocol"`
	Method       string    `json:"method"`
	Path         string    `json:"path"`
	StartedAt    time.Time `json:"started_at"`
	Requests     int64     `json:"requests_total"`
	Clients      int       `json:"clients"`
	PerSecond    float64   `json:"requests_per_second"`
	LatencyMsP95 float64   `json:"latency_ms_p95"`
	ErrorRatePct float64   `json:"error_rate_pct"`
	State        string    `json:"state"`
}

// Summary returns the result's row in the list of recent ones.
func (r *Result) Summary() Summary {
	return Summary{
		TestID: r.TestID, Mode: r.Mode, Protocol: r.Config.Protocol, Method: r.Config.Method, Path: r.Config.Path,
		StartedAt: r.StartedAt, Requests: r.Metrics.RequestsTotal, Clients: r.Config.Clients,
		PerSecond: r.Metrics.RequestsPerSecond, LatencyMsP95: r.Metrics.LatencyMsP95,
		ErrorRatePct: r.Metrics.ErrorRatePct, State: r.State,
	}
}

// IsStream reports whether answers of a media type are events that follow each other.
func IsStream(mediaType string) bool {
	return mediaType == "text/event-stream" || mediaType == "application/x-ndjson"
}

package aggregator

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// lingering is how long the figures of a run are shown after its end: a scrape a minute sees the last ones.
const lingering = 2 * time.Minute

// metrics shows the runs of this process to Prometheus. An owner hands its figures over with each beat, and a scrape reads only
// those: it waits for no account and holds none up. There are series for the runs that are owned, and for a while for those that
// have ended.
type metrics struct {
	storeFailures prometheus.Counter

	mu   sync.Mutex
	runs map[string]shown // by id
}

// shown is what is shown of a run.
type shown struct {
	live                   load.Live // its totals are 0 during the warm-up, which counts in no number of the run
	began                  time.Time // second 0
	response, service, lag buckets
	until                  time.Time // zero: as long as the run is owned
}

// bounds of the buckets of all histograms, in microseconds: from the lag of an idle generator to a request that times out.
var bounds = [...]int64{
	100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000,
	100_000, 200_000, 500_000, 1_000_000, 2_000_000, 5_000_000, 10_000_000, 20_000_000, 50_000_000,
}

// buckets is a histogram as Prometheus has it.
type buckets struct {
	upTo  [len(bounds)]uint64 // values that are not above the bound
	count uint64
	sum   float64 // seconds
}

func bucketsOf(h *histogram.Histogram) buckets {
	b := buckets{count: uint64(h.Count()), sum: float64(h.Sum()) / 1e6} //nolint:gosec // not negative
	for i, bound := range bounds {
		b.upTo[i] = uint64(h.CountUpTo(bound)) //nolint:gosec // not negative
	}
	return b
}

// newMetrics returns the metrics of a process, which it registers if there is a registry.
func newMetrics(registry prometheus.Registerer) *metrics {
	meter := telemetry.NewMeter(registry, "aggregator")
	m := &metrics{
		storeFailures: meter.Counter("store_failures_total", "Writes to the store that have failed."),
		runs:          map[string]shown{},
	}
	meter.Gauge("runs", "Runs that this process owns.", m.owned)
	if registry != nil {
		registry.MustRegister(m)
	}
	return m
}

// show takes the figures of a beat. A run that never started has none, and no second 0 that its counts could begin with.
func (m *metrics) show(a *account, live load.Live) {
	if a.run.T0.IsZero() {
		return
	}
	s := shown{live: live, began: a.run.T0}
	s.live.Measures, s.live.Seconds, s.live.Incidents = nil, nil, nil // which are long, and not shown
	if live.Phase == load.PhaseWarmup {
		s.live.RequestsTotal, s.live.ErrorsTotal, s.live.Ledger, s.live.Tasks = 0, 0, load.Ledger{}, nil
	}
	_, _, response, service := totals(a.tasks)
	lag := histogram.New()
	for _, i := range a.instances {
		lag.Merge(i.lag)
	}
	s.response, s.service, s.lag = bucketsOf(response), bucketsOf(service), bucketsOf(lag)
	m.mu.Lock()
	defer m.mu.Unlock()
	m.runs[live.RunID] = s
}

// leave says that this process owns a run no longer. The figures of one that has not ended are another's now.
func (m *metrics) leave(run string, ended bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.runs[run]
	switch {
	case !ok:
	case ended:
		s.until = time.Now().Add(lingering)
		s.live.CurrentRPS, s.live.TargetRPS, s.live.ActiveWorkers, s.live.InFlight, s.live.Generators = 0, 0, 0, 0, 0
		m.runs[run] = s
	default:
		delete(m.runs, run)
	}
	m.forget()
}

// forget drops the runs that ended a while ago.
func (m *metrics) forget() {
	now := time.Now()
	maps.DeleteFunc(m.runs, func(_ string, s shown) bool { return !s.until.IsZero() && now.After(s.until) })
}

// figure is a number of a run, or of one of several things in it.
type figure[T any] struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(T) float64
}

func describe(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc("loadpilot_"+name, help, append([]string{"run", "scenario"}, labels...), nil)
}

func gauge(name, help string, value func(*load.Live) float64) figure[*load.Live] {
	return figure[*load.Live]{describe(name, help), prometheus.GaugeValue, value}
}

func counter(name, help string, value func(*load.Live) float64) figure[*load.Live] {
	return figure[*load.Live]{describe(name, help), prometheus.CounterValue, value}
}

var runFigures = []figure[*load.Live]{
	gauge("current_rps", "Iterations started per second, in the last whole second whose reports are in.", func(l *load.Live) float64 { return l.CurrentRPS }),
	gauge("target_rps", "Iterations planned per second, in the same second.", func(l *load.Live) float64 { return l.TargetRPS }),
	gauge("active_workers", "Users alive on all generators.", func(l *load.Live) float64 { return float64(l.ActiveWorkers) }),
	gauge("in_flight", "Iterations under way on all generators.", func(l *load.Live) float64 { return float64(l.InFlight) }),
	gauge("generators", "Generators that work on the run.", func(l *load.Live) float64 { return float64(l.Generators) }),
	gauge("thresholds_failed", "Thresholds that the run so far breaks.", failedThresholds),
	gauge("untrusted", "1 if the run so far is untrusted, else 0.", func(l *load.Live) float64 {
		if l.Trust.Level == load.TrustUntrusted {
			return 1
		}
		return 0
	}),
	gauge("latency_p50_ms", "Median of the response times of the run so far.", func(l *load.Live) float64 { return l.Latency.P50Ms }),
	gauge("latency_p95_ms", "95th percentile of the response times of the run so far.", func(l *load.Live) float64 { return l.Latency.P95Ms }),
	gauge("latency_p99_ms", "99th percentile of the response times of the run so far.", func(l *load.Live) float64 { return l.Latency.P99Ms }),
	gauge("latency_max_ms", "Longest response time of the run so far.", func(l *load.Live) float64 { return l.Latency.MaxMs }),
	gauge("latency_mean_ms", "Mean of the response times of the run so far.", func(l *load.Live) float64 { return l.Latency.MeanMs }),
	counter("requests_total", "Requests of the measured part of the run.", func(l *load.Live) float64 { return float64(l.RequestsTotal) }),
	counter("errors_total", "Requests that failed.", func(l *load.Live) float64 { return float64(l.ErrorsTotal) }),
}

func failedThresholds(l *load.Live) float64 {
	n := 0
	for _, t := range l.Thresholds {
		if t.Samples > 0 && !t.Passed { // what has no samples is not judged yet
			n++
		}
	}
	return float64(n)
}

var taskFigures = []figure[load.LiveTask]{
	{describe("task_requests_total", "Requests of a task.", "task"), prometheus.CounterValue, func(t load.LiveTask) float64 { return float64(t.Requests) }},
	{describe("task_errors_total", "Requests of a task that failed.", "task"), prometheus.CounterValue, func(t load.LiveTask) float64 { return float64(t.Errors) }},
	{describe("task_latency_p50_ms", "Median of the response times of a task so far.", "task"), prometheus.GaugeValue, func(t load.LiveTask) float64 { return t.P50Ms }},
	{describe("task_latency_p99_ms", "99th percentile of the response times of a task so far.", "task"), prometheus.GaugeValue, func(t load.LiveTask) float64 { return t.P99Ms }},
	{describe("task_latency_mean_ms", "Mean of the response times of a task so far.", "task"), prometheus.GaugeValue, func(t load.LiveTask) float64 { return t.MeanMs }},
}

// ledgerFigures are the ledger by state. What was started stays so, a counter; what became of the rest a late report, or word of a
// stop or a change of the rate, may amend.
var ledgerFigures = []struct {
	desc   *prometheus.Desc
	kind   prometheus.ValueType
	states map[string]func(load.Ledger) int64
}{
	{
		describe("iterations_total", "Iterations of the seconds that are closed.", "state"), prometheus.CounterValue,
		map[string]func(load.Ledger) int64{
			"started": func(l load.Ledger) int64 { return l.Started }, "completed": func(l load.Ledger) int64 { return l.Completed },
		},
	},
	{
		describe("ledger_iterations",
			"What became of the iterations of the seconds that are closed, as far as is known: planned = started - repeated + dropped + lost + never_issued + cancelled.",
			"state"), prometheus.GaugeValue,
		map[string]func(load.Ledger) int64{
			"planned": func(l load.Ledger) int64 { return l.Planned }, "repeated": func(l load.Ledger) int64 { return l.Repeated },
			"dropped": func(l load.Ledger) int64 { return l.Dropped }, "lost": func(l load.Ledger) int64 { return l.Lost },
			"never_issued": func(l load.Ledger) int64 { return l.NeverIssued }, "cancelled": func(l load.Ledger) int64 { return l.Cancelled },
		},
	},
}

var histogramFigures = []struct {
	desc    *prometheus.Desc
	buckets func(*shown) *buckets
}{
	{describe("response_duration_seconds", "Time from when a request was due to the end of its response."), func(s *shown) *buckets { return &s.response }},
	{describe("service_duration_seconds", "Time from when a request was sent to the end of its response."), func(s *shown) *buckets { return &s.service }},
	{describe("schedule_lag_seconds", "How late iterations were started."), func(s *shown) *buckets { return &s.lag }},
}

// Describe implements prometheus.Collector.
func (m *metrics) Describe(out chan<- *prometheus.Desc) {
	for _, f := range runFigures {
		out <- f.desc
	}
	for _, f := range taskFigures {
		out <- f.desc
	}
	for _, f := range histogramFigures {
		out <- f.desc
	}
	for _, f := range ledgerFigures {
		out <- f.desc
	}
}

// Collect implements prometheus.Collector.
func (m *metrics) Collect(out chan<- prometheus.Metric) {
	for _, s := range m.present() {
		s.collect(out)
	}
}

// owned returns how many runs this process owns.
func (m *metrics) owned() (n float64) {
	for _, s := range m.present() {
		if s.until.IsZero() {
			n++
		}
	}
	return n
}

// present returns what is shown now.
func (m *metrics) present() []shown {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.forget()
	return slices.Collect(maps.Values(m.runs))
}

// collect sends the figures of a run.
func (s *shown) collect(out chan<- prometheus.Metric) {
	send := func(desc *prometheus.Desc, kind prometheus.ValueType, value float64, labels ...string) {
		labels = append([]string{s.live.RunID, s.live.Scenario}, labels...)
		if kind == prometheus.CounterValue {
			out <- prometheus.MustNewConstMetricWithCreatedTimestamp(desc, kind, value, s.began, labels...)
			return
		}
		out <- prometheus.MustNewConstMetric(desc, kind, value, labels...)
	}
	for _, f := range runFigures {
		send(f.desc, f.kind, f.value(&s.live))
	}
	for _, t := range s.live.Tasks {
		for _, f := range taskFigures {
			send(f.desc, f.kind, f.value(t), t.Task)
		}
	}
	for _, f := range ledgerFigures {
		for state, of := range f.states {
			send(f.desc, f.kind, float64(of(s.live.Ledger)), state)
		}
	}
	for _, f := range histogramFigures {
		b := f.buckets(s)
		upTo := make(map[float64]uint64, len(bounds))
		for i, bound := range bounds {
			upTo[float64(bound)/1e6] = b.upTo[i]
		}
		out <- prometheus.MustNewConstHistogramWithCreatedTimestamp(f.desc, b.count, b.sum, upTo, s.began, s.live.RunID, s.live.Scenario)
	}
}

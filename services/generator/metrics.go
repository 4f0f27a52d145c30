package generator

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// metrics counts what this process does, over all runs. They are added to when an event is made, twice a second: nothing is
// counted where iterations are recorded.
type metrics struct {
	started, dropped, requests, failed, received, sent, events, refused prometheus.Counter
}

// newMetrics returns the metrics of a process. What is true at the moment is asked of status.
func newMetrics(registry prometheus.Registerer, status func() load.GeneratorStatus) *metrics {
	meter := telemetry.NewMeter(registry, "generator")
	meter.Gauge("users", "Users alive.", func() float64 { return float64(status().Users) })
	meter.Gauge("in_flight", "Iterations under way.", func() float64 { return float64(status().InFlight) })
	meter.Gauge("cpu_ratio", "Share of its processors that the process used in the last second.", func() float64 { return status().CPUPercent / 100 })
	meter.Gauge("clock_error_seconds", "How far the bus time may be wrong here.", func() float64 { return status().ClockError.Seconds() })
	return &metrics{
		started:  meter.Counter("iterations_started_total", "Iterations started."),
		dropped:  meter.Counter("iterations_dropped_total", "Iterations that came too late, or found no free user in time."),
		requests: meter.Counter("requests_total", "Requests made by tasks."),
		failed:   meter.Counter("requests_failed_total", "Requests of tasks that failed."),
		received: meter.Counter("received_bytes_total", "Bytes of the bodies of responses."),
		sent:     meter.Counter("sent_bytes_total", "Bytes of the bodies of requests."),
		events:   meter.Counter("events_total", "Events stored on the bus."),
		refused:  meter.Counter("event_failures_total", "Attempts to store an event that have failed."),
	}
}

// count adds what an event reports.
func (m *metrics) count(e *load.Event) {
	var tokens load.TokenReport
	for _, t := range e.Tokens {
		tokens.Started += t.Started
		tokens.Dropped += t.Dropped
	}
	var tasks load.TaskReport
	for i := range e.Tasks {
		t := &e.Tasks[i]
		tasks.Requests += t.Requests
		tasks.Failed += t.Failed
		tasks.BytesIn += t.BytesIn
		tasks.BytesOut += t.BytesOut
	}
	m.started.Add(float64(tokens.Started))
	m.dropped.Add(float64(tokens.Dropped))
	m.requests.Add(float64(tasks.Requests))
	m.failed.Add(float64(tasks.Failed))
	m.received.Add(float64(tasks.BytesIn))
	m.sent.Add(float64(tasks.BytesOut))
}

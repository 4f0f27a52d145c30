package generator

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"github.com/loadpilot/loadpilot/shared/load"
)

// metrics counts what this process does, over all runs. They are added to when an event is made, twice a second: nothing is
// counted where iterations are recorded.
type metrics struct {
	started, dropped, requests, failed, received, sent, events, refused prometheus.Counter
}

// newMetrics returns the metrics of a process, which it registers if there is a registry. What is true at the moment is asked of
// status.
func newMetrics(registry prometheus.Registerer, status func() load.GeneratorStatus) *metrics {
	auto := promauto.With(registry)
	counter := func(name, help string) prometheus.Counter {
		return auto.NewCounter(prometheus.CounterOpts{Name: "loadpilot_generator_" + name, Help: help})
	}
	gauge := func(name, help string, value func(load.GeneratorStatus) float64) {
		auto.NewGaugeFunc(prometheus.GaugeOpts{Name: "loadpilot_generator_" + name, Help: help}, func() float64 { return value(status()) })
	}
	gauge("users", "Users alive.", func(s load.GeneratorStatus) float64 { return float64(s.Users) })
	gauge("in_flight", "Iterations under way.", func(s load.GeneratorStatus) float64 { return float64(s.InFlight) })
	gauge("cpu_ratio", "Share of its processors that the process used in the last second.", func(s load.GeneratorStatus) float64 { return s.CPUPercent / 100 })
	gauge("clock_error_seconds", "How far the bus time may be wrong here.", func(s load.GeneratorStatus) float64 { return s.ClockError.Seconds() })
	return &metrics{
		started:  counter("iterations_started_total", "Iterations started."),
		dropped:  counter("iterations_dropped_total", "Iterations that came too late, or found no free user in time."),
		requests: counter("requests_total", "Requests made by tasks."),
		failed:   counter("requests_failed_total", "Requests of tasks that failed."),
		received: counter("received_bytes_total", "Bytes of the bodies of responses."),
		sent:     counter("sent_bytes_total", "Bytes of the bodies of requests."),
		events:   counter("events_total", "Events stored on the bus."),
		refused:  counter("event_failures_total", "Attempts to store an event that have failed."),
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

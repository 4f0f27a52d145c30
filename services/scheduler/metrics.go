package scheduler

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// metrics counts what this replica does. Replicas publish the same tokens, so they are not to be added up.
type metrics struct {
	tokens, lateSeconds, skippedSeconds prometheus.Counter
}

// newMetrics returns the metrics of a process, which it registers if there is a registry.
func newMetrics(registry prometheus.Registerer) *metrics {
	counter := func(name, help string) prometheus.Counter {
		return promauto.With(registry).NewCounter(prometheus.CounterOpts{Name: "loadpilot_scheduler_" + name, Help: help})
	}
	return &metrics{
		tokens:         counter("tokens_total", "Tokens published, copies of another replica's included."),
		lateSeconds:    counter("late_seconds_total", "Seconds of runs whose tokens could not all be published in time."),
		skippedSeconds: counter("skipped_seconds_total", "Seconds of runs that were over before their tokens could be published."),
	}
}

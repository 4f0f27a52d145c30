package scheduler

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// metrics counts what this replica does. Replicas publish the same tokens, so they are not to be added up.
type metrics struct {
	tokens, lateSeconds, skippedSeconds prometheus.Counter
}

func newMetrics(registry prometheus.Registerer) *metrics {
	meter := telemetry.NewMeter(registry, "scheduler")
	return &metrics{
		tokens:         meter.Counter("tokens_total", "Tokens published, copies of another replica's included."),
		lateSeconds:    meter.Counter("late_seconds_total", "Seconds of runs whose tokens could not all be published in time."),
		skippedSeconds: meter.Counter("skipped_seconds_total", "Seconds of runs that were over before their tokens could be published."),
	}
}

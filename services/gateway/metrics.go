package gateway

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/telemetry"
)

// newMetrics returns the counter of answers by their status. What the streams do is asked of the hub.
func newMetrics(registry prometheus.Registerer, h *hub) (answers *prometheus.CounterVec) {
	meter := telemetry.NewMeter(registry, "gateway")
	meter.Gauge("streams", "Clients that follow runs under way.", func() float64 { return float64(h.listening()) })
	meter.CounterFunc("streams_dropped_total", "Clients that were dropped because they did not keep up.", func() float64 { return float64(h.dropped.Load()) })
	return meter.Counters("requests_total", "Requests by the status of their answers, streams when they have ended.", "code")
}

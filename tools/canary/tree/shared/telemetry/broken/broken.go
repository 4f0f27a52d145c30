// Package broken breaks the rules of telemetry.
package broken

import (
	_ "net/http"

	"github.com/prometheus/client_golang/prometheus"
	_ "github.com/prometheus/client_golang/prometheus/promauto" // want registry

	_ "github.com/loadpilot/loadpilot/shared/lifecycle"
	_ "github.com/loadpilot/loadpilot/shared/load" // want above-lifecycle
)

// Register puts a metric where every package can see it.
func Register(c prometheus.Collector) {
	prometheus.MustRegister(c) // want forbidigo
}

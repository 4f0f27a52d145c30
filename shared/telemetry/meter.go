package telemetry

import "github.com/prometheus/client_golang/prometheus"

// Meter makes the metrics of one part of a process, in the registry of the process. A part has one meter, and gives each metric a
// name of its own.
type Meter struct {
	registry prometheus.Registerer
	prefix   string
}

// NewMeter returns the meter of a part, whose metrics are called loadpilot_<part>_<name>. Without a registry nobody sees them.
func NewMeter(registry prometheus.Registerer, part string) Meter {
	return Meter{registry: registry, prefix: "loadpilot_" + part + "_"}
}

// Counter makes a counter; its name ends in _total.
func (m Meter) Counter(name, help string) prometheus.Counter {
	return add(m, prometheus.NewCounter(prometheus.CounterOpts{Name: m.prefix + name, Help: help}))
}

// Counters makes a counter for each value of a label, of which there must be few.
func (m Meter) Counters(name, help, label string) *prometheus.CounterVec {
	return add(m, prometheus.NewCounterVec(prometheus.CounterOpts{Name: m.prefix + name, Help: help}, []string{label}))
}

// CounterFunc makes a counter of what is counted elsewhere: value is called during a scrape, in any goroutine.
func (m Meter) CounterFunc(name, help string, value func() float64) {
	add(m, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: m.prefix + name, Help: help}, value))
}

// Gauge makes a gauge that shows what value returns during a scrape, in any goroutine.
func (m Meter) Gauge(name, help string, value func() float64) {
	add(m, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: m.prefix + name, Help: help}, value))
}

func add[C prometheus.Collector](m Meter, c C) C {
	if m.registry != nil {
		m.registry.MustRegister(c)
	}
	return c
}

package wire

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

type generator struct {
	header

	Generator  string              `json:"generator"`
	Instance   string              `json:"instance"`
	Pool       string              `json:"pool"`
	Version    string              `json:"version"`
	Prepared   map[string]prepared `json:"prepared"`
	MaxRate    float64             `json:"max_rate"`
	Users      int                 `json:"users"`
	InFlight   int                 `json:"in_flight"`
	CPUPercent float64             `json:"cpu_percent"`
	ClockError int64               `json:"clock_error_us"`
	Draining   bool                `json:"draining"`
}

type prepared struct {
	Users int    `json:"users"`
	Error string `json:"error,omitempty"`
}

// EncodeGenerator writes what a generator says about itself.
func EncodeGenerator(g load.GeneratorStatus) ([]byte, error) {
	w := generator{
		header:    header{Version},
		Generator: g.Generator, Instance: g.Instance, Pool: g.Pool, Version: g.Version,
		Prepared: make(map[string]prepared, len(g.Prepared)), MaxRate: g.MaxRate, Users: g.Users, InFlight: g.InFlight,
		CPUPercent: g.CPUPercent, ClockError: micros(g.ClockError), Draining: g.Draining,
	}
	for run, p := range g.Prepared {
		w.Prepared[run] = prepared(p)
	}
	return encode(w)
}

// DecodeGenerator reads what a generator says about itself. It fails with ErrVersion or ErrMalformed.
func DecodeGenerator(data []byte) (load.GeneratorStatus, error) {
	var w generator
	if err := decode("generator", data, &w); err != nil {
		return load.GeneratorStatus{}, err
	}
	switch {
	case !Name(w.Generator):
		return load.GeneratorStatus{}, malformed("generator", "generator %q", w.Generator)
	case !Name(w.Pool):
		return load.GeneratorStatus{}, malformed("generator", "pool %q", w.Pool)
	case w.ClockError < 0 || w.ClockError > maxClockError:
		return load.GeneratorStatus{}, malformed("generator", "clock_error_us %d", w.ClockError)
	}
	g := load.GeneratorStatus{
		Generator: w.Generator, Instance: w.Instance, Pool: w.Pool, Version: w.Version,
		Prepared: make(map[string]load.Prepared, len(w.Prepared)), MaxRate: w.MaxRate, Users: w.Users, InFlight: w.InFlight,
		CPUPercent: w.CPUPercent, ClockError: time.Duration(w.ClockError) * time.Microsecond, Draining: w.Draining,
	}
	for run, p := range w.Prepared {
		g.Prepared[run] = load.Prepared(p)
	}
	return g, nil
}

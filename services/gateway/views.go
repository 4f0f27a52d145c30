package gateway

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Plan is a plan as clients see it, with the names of the flags and what follows from them.
type Plan struct {
	Scenario     string           `json:"scenario"`
	Target       string           `json:"target"`
	Mode         load.Mode        `json:"mode"`
	RPS          float64          `json:"rps,omitempty"`
	Duration     string           `json:"duration,omitempty"`
	RampUp       string           `json:"ramp_up,omitempty"`
	Steps        int              `json:"steps,omitempty"`
	Stages       []Stage          `json:"stages,omitempty"`
	Thresholds   map[string]Limit `json:"thresholds"`
	Users        int              `json:"users" doc:"0: by the rate"`
	MaxUsers     int              `json:"max_users"`
	MaxLag       string           `json:"max_lag"`
	Timeout      string           `json:"timeout"`
	GracefulStop string           `json:"graceful_stop"`
	Warmup       string           `json:"warmup"`
	Seed         uint64           `json:"seed,omitempty" doc:"Absent from the plan of a dry run that was given none"`
	Tasks        []Task           `json:"tasks"`
	Measures     []Measure        `json:"measures" doc:"Those that the script names, which thresholds may name"`
	Planned      Planned          `json:"planned"`

	PlanTransport
}

// Task is one task of a scenario.
type Task struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

// Measure is something that a script measures.
type Measure struct {
	Kind load.MeasureKind `json:"kind"`
	Name string           `json:"name"`
}

// Planned is what follows from a plan.
type Planned struct {
	Iterations   int64   `json:"iterations"`
	DurationSecs float64 `json:"duration_secs" doc:"Ramp-up included"`
	PeakRPS      float64 `json:"peak_rps"`
}

// Run is a run record as clients see it.
type Run struct {
	ID         string        `json:"id"`
	State      load.State    `json:"state"`
	Reason     string        `json:"reason,omitempty"`
	Cause      load.Cause    `json:"cause,omitempty"`
	CreatedAt  time.Time     `json:"created_at"`
	StartedAt  *time.Time    `json:"started_at,omitempty" doc:"Of second 0"`
	StoppedAt  *time.Time    `json:"stopped_at,omitempty"`
	File       string        `json:"file"`
	SHA256     string        `json:"sha256" doc:"Of the scenario source"`
	DataFiles  []DataFile    `json:"data_files,omitempty" doc:"That the scenario reads"`
	Env        []string      `json:"env,omitempty" doc:"Names in the environment of the scenario"`
	Pool       string        `json:"pool"`
	Generators int           `json:"generators" doc:"How many the start waits for"`
	Slices     int           `json:"slices,omitempty" doc:"Rate tokens a second"`
	Plan       Plan          `json:"plan"`
	Changes    []load.Change `json:"changes,omitempty" doc:"Of the rate of the plan, while the run was under way"`
	Breach     string        `json:"breach,omitempty" doc:"Key of the threshold whose breach stopped the run"`
	Verdict    string        `json:"verdict,omitempty" enum:"passed,failed" doc:"Of the result, once there is one; not in events"`
	Trust      string        `json:"trust,omitempty" enum:"trusted,degraded,untrusted" doc:"Of the result, once there is one; not in events"`
	Result     RawResult     `json:"result,omitempty"`
}

// DataFile is a data file of a run.
type DataFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

// Generator is what one generator says about itself.
type Generator struct {
	Generator    string   `json:"generator"`
	Instance     string   `json:"instance"`
	Pool         string   `json:"pool"`
	Version      string   `json:"version"`
	Prepared     []string `json:"prepared" doc:"Runs it is ready for, or working on"`
	MaxRate      float64  `json:"max_rate,omitempty" doc:"Iterations per second; absent: no limit"`
	Users        int      `json:"users"`
	InFlight     int      `json:"in_flight"`
	CPUPercent   float64  `json:"cpu_percent"`
	ClockErrorMs float64  `json:"clock_error_ms"`
	Draining     bool     `json:"draining"`
}

// RawResult is a final result exactly as it was published.
type RawResult json.RawMessage

// MarshalJSON returns the JSON as it is.
func (r RawResult) MarshalJSON() ([]byte, error) { return json.RawMessage(r).MarshalJSON() }

// UnmarshalJSON keeps the JSON as it is.
func (r *RawResult) UnmarshalJSON(b []byte) error { return (*json.RawMessage)(r).UnmarshalJSON(b) }

// Schema describes the result for the OpenAPI document.
func (RawResult) Schema(r huma.Registry) *huma.Schema {
	return r.Schema(typeOf[load.Result](), true, "Result")
}

func typeOf[T any]() reflect.Type { return reflect.TypeFor[T]() }

// viewPlan shows a valid plan.
func viewPlan(p load.Plan) Plan {
	v := Plan{
		Scenario: p.Scenario, Target: p.Target, Mode: p.Shape.Mode,
		Users: p.Users, MaxUsers: p.MaxUsers, MaxLag: p.MaxLag.String(),
		Timeout: p.Timeout.String(), GracefulStop: p.GracefulStop.String(), Warmup: p.Warmup.String(), Seed: p.Seed,
		Thresholds: make(map[string]Limit, len(p.Thresholds)),
		Tasks:      make([]Task, 0, len(p.Tasks)),
		Measures:   make([]Measure, 0, len(p.Measures)),

		PlanTransport: viewTransport(p.Transport),
	}
	if p.Shape.Mode == load.ModeStages {
		for _, st := range p.Shape.Stages {
			v.Stages = append(v.Stages, Stage{Duration: st.Duration.String(), RPS: st.RPS})
		}
	} else {
		v.RPS, v.Duration = p.Shape.RPS, p.Shape.Duration.String()
	}
	switch p.Shape.Mode {
	case load.ModeRamp:
		v.RampUp = p.Shape.RampUp.String()
	case load.ModeStep:
		v.Steps = p.Shape.Steps
	case load.ModeConstant, load.ModeSpike, load.ModeStages:
	}
	for _, t := range p.Thresholds {
		v.Thresholds[t.Key()] = viewLimit(t)
	}
	for _, t := range p.Tasks {
		v.Tasks = append(v.Tasks, Task{Name: t.Name, Weight: t.Weight})
	}
	for _, m := range p.Measures {
		v.Measures = append(v.Measures, Measure(m))
	}
	if profile, err := load.NewProfile(p.Shape); err == nil { // a stored plan is valid
		v.Planned = Planned{Iterations: profile.Total(), DurationSecs: profile.Length().Seconds(), PeakRPS: profile.Peak()}
	}
	return v
}

func viewRun(r load.Run) Run {
	v := Run{
		ID: r.ID, State: r.State, Reason: r.Reason, Cause: r.Cause, CreatedAt: r.CreatedAt,
		File: r.Source.File, SHA256: r.Source.SHA256, Env: r.Source.Env, Pool: r.Pool, Generators: r.Generators, Slices: r.Slices,
		Plan: viewPlan(r.Plan), Changes: r.Changes, Breach: r.Breach,
	}
	for _, f := range r.Source.Files {
		v.DataFiles = append(v.DataFiles, DataFile(f))
	}
	if !r.T0.IsZero() {
		v.StartedAt = &r.T0
	}
	if !r.StoppedAt.IsZero() {
		v.StoppedAt = &r.StoppedAt
	}
	return v
}

func viewGenerator(g load.GeneratorStatus) Generator {
	v := Generator{
		Generator: g.Generator, Instance: g.Instance, Pool: g.Pool, Version: g.Version, Prepared: []string{},
		MaxRate: g.MaxRate, Users: g.Users, InFlight: g.InFlight, CPUPercent: g.CPUPercent,
		ClockErrorMs: float64(g.ClockError) / float64(time.Millisecond), Draining: g.Draining,
	}
	for _, run := range slices.Sorted(maps.Keys(g.Prepared)) {
		if g.Prepared[run].Error == "" {
			v.Prepared = append(v.Prepared, run)
		}
	}
	return v
}

package wire

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

type run struct {
	header

	ID           string      `json:"id"`
	CreatedAt    time.Time   `json:"created_at"`
	State        load.State  `json:"state"`
	Reason       string      `json:"reason,omitempty"`
	Cause        load.Cause  `json:"cause,omitempty"`
	Scenario     source      `json:"scenario"`
	Target       string      `json:"target"`
	Profile      profile     `json:"profile"`
	Tasks        []task      `json:"tasks"`
	Measures     []measure   `json:"measures,omitempty"`
	Thresholds   []threshold `json:"thresholds"`
	Users        int         `json:"users"`
	MaxUsers     int         `json:"max_users"`
	MaxLag       millis      `json:"max_lag_ms"`
	Timeout      millis      `json:"timeout_ms"`
	GracefulStop millis      `json:"graceful_stop_ms"`
	Warmup       millis      `json:"warmup_ms,omitempty"`
	Seed         uint64      `json:"seed"`
	Transport    *transport  `json:"transport,omitempty"`
	Pool         string      `json:"pool"`
	Generators   int         `json:"generators"`
	Slices       int         `json:"slices,omitempty"`
	T0           time.Time   `json:"t0,omitzero"`
	StoppedAt    time.Time   `json:"stopped_at,omitzero"`
	Changes      []change    `json:"changes,omitempty"`
	Breach       string      `json:"breach,omitempty"`
	Targets      []string    `json:"targets,omitempty"`
}

type change struct {
	Second int             `json:"second"`
	Kind   load.ChangeKind `json:"kind"`
	RPS    float64         `json:"rps,omitempty"`
	At     time.Time       `json:"at"`
}

type source struct {
	SHA256 string     `json:"sha256"`
	File   string     `json:"file"`
	Name   string     `json:"name"`
	Files  []dataFile `json:"files,omitempty"`
	Env    []string   `json:"env,omitempty"` // names
}

type dataFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
}

type profile struct {
	Mode     load.Mode `json:"mode"`
	RPS      float64   `json:"rps"`
	Duration millis    `json:"duration_ms"`
	RampUp   millis    `json:"ramp_up_ms"`
	Steps    int       `json:"steps"`
	Stages   []stage   `json:"stages,omitempty"`
}

type stage struct {
	Duration millis  `json:"duration_ms"`
	RPS      float64 `json:"rps"`
}

type task struct {
	Name   string `json:"name"`
	Weight int    `json:"weight"`
}

type measure struct {
	Kind load.MeasureKind `json:"kind"`
	Name string           `json:"name"`
}

type threshold struct {
	Key   string  `json:"key"`
	Limit float64 `json:"limit"`
	Abort bool    `json:"abort,omitempty"`
	Delay millis  `json:"delay_ms,omitempty"`
}

// EncodeRun writes a run record. Its revision is not part of it: the store gives that. It fails with ErrMalformed for one that
// DecodeRun would refuse.
func EncodeRun(r load.Run) ([]byte, error) {
	p := r.Plan
	w := run{
		header: header{Version},
		ID:     r.ID, CreatedAt: utc(r.CreatedAt), State: r.State, Reason: r.Reason, Cause: r.Cause,
		Scenario: source{SHA256: r.Source.SHA256, File: r.Source.File, Name: p.Scenario, Env: r.Source.Env}, Target: p.Target,
		Profile: profile{
			Mode: p.Shape.Mode, RPS: p.Shape.RPS, Duration: fromDuration(p.Shape.Duration),
			RampUp: fromDuration(p.Shape.RampUp), Steps: p.Shape.Steps, Stages: make([]stage, len(p.Shape.Stages)),
		},
		Tasks: make([]task, len(p.Tasks)), Thresholds: make([]threshold, len(p.Thresholds)),
		Users: p.Users, MaxUsers: p.MaxUsers, MaxLag: fromDuration(p.MaxLag), Timeout: fromDuration(p.Timeout),
		GracefulStop: fromDuration(p.GracefulStop), Warmup: fromDuration(p.Warmup), Seed: p.Seed, Transport: fromTransport(p.Transport),
		Pool: r.Pool, Generators: r.Generators,
		Slices: r.Slices, T0: utc(r.T0), StoppedAt: utc(r.StoppedAt), Breach: r.Breach, Targets: p.Targets,
	}
	for _, f := range r.Source.Files {
		w.Scenario.Files = append(w.Scenario.Files, dataFile(f))
	}
	for i, s := range p.Shape.Stages {
		w.Profile.Stages[i] = stage{Duration: fromDuration(s.Duration), RPS: s.RPS}
	}
	for i, t := range p.Tasks {
		w.Tasks[i] = task(t)
	}
	for _, m := range p.Measures {
		w.Measures = append(w.Measures, measure(m))
	}
	for i, t := range p.Thresholds {
		w.Thresholds[i] = threshold{Key: t.Key(), Limit: t.Limit, Abort: t.Abort, Delay: fromDuration(t.Delay)}
	}
	for _, c := range r.Changes {
		w.Changes = append(w.Changes, change{Second: c.Second, Kind: c.Kind, RPS: c.RPS, At: utc(c.At)})
	}
	if err := w.check(); err != nil {
		return nil, err
	}
	return encode(w)
}

// DecodeRun reads a run record; Revision is left to the caller. It fails with ErrVersion or ErrMalformed.
func DecodeRun(data []byte) (load.Run, error) {
	var w run
	if err := decode("run", data, &w); err != nil {
		return load.Run{}, err
	}
	if err := w.check(); err != nil {
		return load.Run{}, err
	}
	r := load.Run{
		ID: w.ID, CreatedAt: utc(w.CreatedAt), State: w.State, Reason: w.Reason, Cause: w.Cause,
		Source: load.Source{SHA256: w.Scenario.SHA256, File: w.Scenario.File, Env: w.Scenario.Env},
		Plan: load.Plan{
			Scenario: w.Scenario.Name, Target: w.Target,
			Shape: load.Shape{
				Mode: w.Profile.Mode, RPS: w.Profile.RPS, Duration: w.Profile.Duration.duration(),
				RampUp: w.Profile.RampUp.duration(), Steps: w.Profile.Steps,
			},
			Users: w.Users, MaxUsers: w.MaxUsers, MaxLag: w.MaxLag.duration(), Timeout: w.Timeout.duration(),
			GracefulStop: w.GracefulStop.duration(), Warmup: w.Warmup.duration(), Seed: w.Seed, Transport: w.Transport.transport(),
			Targets: w.Targets,
		},
		Pool: w.Pool, Generators: w.Generators, Slices: w.Slices, T0: utc(w.T0), StoppedAt: utc(w.StoppedAt), Breach: w.Breach,
	}
	for _, f := range w.Scenario.Files {
		r.Source.Files = append(r.Source.Files, load.DataFile(f))
	}
	for _, s := range w.Profile.Stages {
		r.Plan.Shape.Stages = append(r.Plan.Shape.Stages, load.Stage{Duration: s.Duration.duration(), RPS: s.RPS})
	}
	for _, t := range w.Tasks {
		r.Plan.Tasks = append(r.Plan.Tasks, load.Task(t))
	}
	for _, m := range w.Measures {
		r.Plan.Measures = append(r.Plan.Measures, load.MeasureName(m))
	}
	for _, t := range w.Thresholds {
		parsed, err := load.ParseThreshold(t.Key, t.Limit)
		if err != nil {
			return load.Run{}, malformed("run", "%s", err)
		}
		parsed.Abort, parsed.Delay = t.Abort, t.Delay.duration()
		r.Plan.Thresholds = append(r.Plan.Thresholds, parsed)
	}
	for _, c := range w.Changes {
		r.Changes = append(r.Changes, load.Change{Second: c.Second, Kind: c.Kind, RPS: c.RPS, At: utc(c.At)})
	}
	return r, nil
}

func (r *run) check() error {
	durations := []millis{r.MaxLag, r.Timeout, r.GracefulStop, r.Warmup, r.Profile.Duration, r.Profile.RampUp}
	for _, s := range r.Profile.Stages {
		durations = append(durations, s.Duration)
	}
	if r.Transport != nil {
		durations = append(durations, r.Transport.ConnectTimeout)
	}
	for _, t := range r.Thresholds {
		durations = append(durations, t.Delay)
	}
	for _, d := range durations {
		if !d.sane() {
			return malformed("run", "a duration of %g ms", float64(d))
		}
	}
	for _, m := range r.Measures {
		if !m.Kind.Known() || m.Name == "" {
			return malformed("run", "measure %q of kind %q", m.Name, m.Kind)
		}
	}
	if err := checkChanges(r.Changes); err != nil {
		return err
	}
	switch {
	case !Name(r.ID):
		return malformed("run", "id %q", r.ID)
	case !Name(r.Pool):
		return malformed("run", "pool %q", r.Pool)
	case r.State == "":
		return malformed("run", "no state")
	case r.Slices < 0 || r.Slices > maxSlices:
		return malformed("run", "slices %d", r.Slices)
	case !saneInstant(r.CreatedAt) || !saneInstant(r.T0) || !saneInstant(r.StoppedAt):
		return malformed("run", "an instant outside 1970 to 2262")
	}
	return nil
}

func checkChanges(changes []change) error {
	if len(changes) > load.MaxChanges {
		return malformed("run", "%d changes", len(changes))
	}
	last := -1
	for _, c := range changes {
		if err := (load.Change{Kind: c.Kind, RPS: c.RPS}).Validate(); err != nil {
			return malformed("run", "a change: %s", err)
		}
		if c.Second <= last || c.Second > maxSeconds || !saneInstant(c.At) {
			return malformed("run", "a change at second %d, %v", c.Second, c.At)
		}
		last = c.Second
	}
	return nil
}

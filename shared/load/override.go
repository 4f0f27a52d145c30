package load

import (
	"slices"
	"time"
)

// Overrides are the values that a user gives beside the scenario file. A nil pointer leaves the plan as it is.
type Overrides struct {
	RPS          *float64
	Duration     *time.Duration
	RampUp       *time.Duration
	Mode         *Mode
	Steps        *int
	Stages       []Stage     // not empty: the profile becomes these stages
	Thresholds   []Threshold // each replaces the one with the same key, or is added
	Users        *int
	MaxUsers     *int
	MaxLag       *time.Duration
	Timeout      *time.Duration
	GracefulStop *time.Duration
	Warmup       *time.Duration
	Seed         *uint64
}

// Apply puts the overrides into the plan. It fails with a *FieldError if they contradict each other: stages beside another
// mode. Whether the plan is right as a whole is for Validate to say.
func (p *Plan) Apply(o Overrides) error {
	set(&p.Shape.RPS, o.RPS)
	set(&p.Shape.Duration, o.Duration)
	set(&p.Shape.RampUp, o.RampUp)
	set(&p.Shape.Mode, o.Mode)
	set(&p.Shape.Steps, o.Steps)
	set(&p.Users, o.Users)
	set(&p.MaxUsers, o.MaxUsers)
	set(&p.MaxLag, o.MaxLag)
	set(&p.Timeout, o.Timeout)
	set(&p.GracefulStop, o.GracefulStop)
	set(&p.Warmup, o.Warmup)
	set(&p.Seed, o.Seed)
	if len(o.Stages) > 0 {
		if o.Mode != nil && *o.Mode != ModeStages {
			return fieldErrorf("mode", "%q does not go with stages", string(*o.Mode))
		}
		p.Shape.Mode = ModeStages
		p.Shape.Stages = slices.Clone(o.Stages)
	}
	p.Thresholds = slices.Clone(p.Thresholds)
	for _, t := range o.Thresholds {
		same := func(x Threshold) bool { return x.Key() == t.Key() }
		if i := slices.IndexFunc(p.Thresholds, same); i >= 0 {
			p.Thresholds[i] = t
		} else {
			p.Thresholds = append(p.Thresholds, t)
		}
	}
	return nil
}

func set[T any](dst, value *T) {
	if value != nil {
		*dst = *value
	}
}

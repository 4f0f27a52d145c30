package aggregator

import (
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// A step is held if almost every arrival was started, errors are rare, and the response time has not left the order of
// magnitude of the first step. The floor keeps a jump from 1 ms to 4 ms from being called a knee.
const (
	kneeStarted    = 0.99 // of planned − cancelled, at least
	kneeErrorPct   = 1.0  // below
	kneeP99Factor  = 3.0  // times the p99 of the first step, at most
	kneeP99FloorMs = 20.0 // or this
)

// step adds up the seconds that begin in one step of a profile.
type step struct {
	seconds int // that were measured
	ledger  load.Ledger
	book
}

func (s *step) errorPct() float64 { return percent(s.failed, s.requests) }

func (s *step) p99Ms() float64 { return load.NewDistribution(s.response).P99Ms }

// held reports whether the service kept up in a step, measured by the p99 of the first.
func (s *step) held(firstP99Ms float64) bool {
	due := s.ledger.Planned - s.ledger.Cancelled
	return s.requests > 0 && s.errorPct() < kneeErrorPct &&
		float64(s.ledger.Started-s.ledger.Repeated) >= kneeStarted*float64(due) &&
		s.p99Ms() <= max(kneeP99Factor*firstP99Ms, kneeP99FloorMs)
}

// knee finds the last step that was held with all those before it; nil in other modes, if nothing was due, and for steps
// shorter than the second in which things are counted.
func (a *account) knee() *load.KneePoint {
	shape := a.profile.Shape()
	if shape.Mode != load.ModeStep || a.due == 0 || shape.Duration < time.Duration(shape.Steps)*time.Second {
		return nil
	}
	k := &load.KneePoint{TotalSteps: shape.Steps, MaxRPS: shape.RPS, Steps: []load.StepResult{}}
	steps := a.steps()
	// Steps that were warm-up as a whole are no measure.
	first := slices.IndexFunc(steps, func(s step) bool { return s.seconds > 0 })
	if first < 0 {
		return k
	}
	for i := first; i < len(steps); i++ {
		if !steps[i].held(steps[first].p99Ms()) {
			break
		}
		k.Step, k.RPS = i+1, shape.RPS*float64(i+1)/float64(shape.Steps)
		k.P99Ms, k.ErrorRatePct = steps[i].p99Ms(), steps[i].errorPct()
	}
	return k
}

// steps adds up the steps that had begun before the cut, without the warm-up.
func (a *account) steps() []step {
	var out []step
	phase := ""
	for s := range a.needed() {
		if p := a.profile.Phase(time.Duration(s) * time.Second); p != phase {
			phase = p
			out = append(out, step{book: newBook()})
		}
		if s < a.warm {
			continue
		}
		current := &out[len(out)-1]
		current.seconds++
		current.ledger = current.ledger.Add(a.line(s).Ledger)
		if sec := a.seconds[s]; sec != nil {
			sec.addTo(&current.book)
		}
	}
	return out
}

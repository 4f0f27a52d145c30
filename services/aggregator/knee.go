package aggregator

import (
	"fmt"
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// kneeStarted is how many of the arrivals of a step that was held were started at least, in percent. Every threshold of the plan
// holds in it, too; where there is none on errors, they must be rare, and where there is none on response times, these must not
// have left the order of magnitude of the first step.
const kneeStarted = 99.0

// step adds up the seconds that begin in one step of a profile.
type step struct {
	seconds int // that were measured
	ledger  load.Ledger
	book
	tasks map[string]*book // of those that a threshold names
}

// result says how the service did in the step, but for the verdict.
func (s *step) result(number int, rps float64) load.StepResult {
	d := load.NewDistribution(s.response)
	due := s.ledger.Planned - s.ledger.Cancelled
	return load.StepResult{
		Step: number, RPS: rps, StartedPct: percent(s.ledger.Started-s.ledger.Repeated, due),
		P50Ms: d.P50Ms, P95Ms: d.P95Ms, P99Ms: d.P99Ms, ErrorRatePct: percent(s.failed, s.requests),
	}
}

// why says why the service did not hold the step, measured by the p99 of the first; empty if it did.
func (a *account) why(s *step, r load.StepResult, firstP99Ms float64) string {
	if s.requests == 0 {
		return "no request was made"
	}
	if r.StartedPct < kneeStarted {
		return fmt.Sprintf("%.1f %% of the iterations were started", r.StartedPct)
	}
	for _, t := range a.run.Plan.Thresholds {
		b, known := &s.book, t.Scope == ""
		if !known {
			b, known = s.tasks[t.Scope]
		}
		if !known || t.Metric == "rps_min" { // a measure, which has no seconds; the rate is what the steps change
			continue
		}
		if judged := t.Judge(b.totals()); !judged.Passed {
			return judged.Breach()
		}
	}
	switch errors, times := load.Unlimited(a.run.Plan.Thresholds); {
	case errors && r.ErrorRatePct >= load.MuchErrorPct:
		return fmt.Sprintf("%.1f %% of the requests failed", r.ErrorRatePct)
	case times && load.Slow(r.P99Ms, firstP99Ms):
		return fmt.Sprintf("p99 is %.1f ms, that of the first step %.1f ms", r.P99Ms, firstP99Ms)
	}
	return ""
}

// late says that generators were the limit in a step that was not held, and not the service: iterations began so late that response
// times have left the order of magnitude of the service times, which are still in that of the first step. Empty if it is not so.
func (s *step) late(first *step) string {
	response, service := load.NewDistribution(s.response).P99Ms, load.NewDistribution(s.service).P99Ms
	if !load.Slow(response, service) || load.Slow(service, load.NewDistribution(first.service).P99Ms) {
		return ""
	}
	return fmt.Sprintf("; but iterations began late: the p99 of the service times is only %.1f ms", service)
}

// knee finds the last step that was held with all those before it; nil in other modes, if the rate was changed, if nothing was
// due, and for steps shorter than the second in which things are counted.
func (a *account) knee() *load.KneePoint {
	shape := a.profile.Shape()
	if shape.Mode != load.ModeStep || len(a.run.Changes) > 0 || a.due == 0 || shape.Duration < time.Duration(shape.Steps)*time.Second {
		return nil
	}
	k := &load.KneePoint{TotalSteps: shape.Steps, MaxRPS: shape.RPS, Steps: []load.StepResult{}}
	steps := a.steps()
	// Steps that were warm-up as a whole are no measure.
	first := max(0, slices.IndexFunc(steps, func(s step) bool { return s.seconds > 0 }))
	held := true
	for i := first; i < len(steps) && steps[i].seconds > 0; i++ {
		r := steps[i].result(i+1, shape.RPS*float64(i+1)/float64(shape.Steps))
		p99 := r.P99Ms
		if len(k.Steps) > 0 {
			p99 = k.Steps[0].P99Ms
		}
		r.Why = a.why(&steps[i], r, p99)
		if r.Held = r.Why == ""; !r.Held {
			r.Why += steps[i].late(&steps[first])
		}
		if held = held && r.Held; held {
			k.Step, k.RPS, k.P99Ms, k.ErrorRatePct = r.Step, r.RPS, r.P99Ms, r.ErrorRatePct
		}
		k.Steps = append(k.Steps, r)
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
			out = append(out, step{book: newBook(), tasks: map[string]*book{}})
		}
		if s < a.warm {
			continue
		}
		current := &out[len(out)-1]
		current.seconds++
		current.ledger = current.ledger.Add(a.line(s).Ledger)
		sec := a.seconds[s]
		if sec == nil {
			continue
		}
		sec.addTo(&current.book)
		for name, b := range sec.tasks {
			if current.tasks[name] == nil {
				sum := newBook()
				current.tasks[name] = &sum
			}
			b.addTo(current.tasks[name])
		}
	}
	return out
}

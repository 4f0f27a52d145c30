package load

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// ChangeKind says what a change does to the rate of a live run.
type ChangeKind string

// The kinds of changes.
const (
	ChangePause  ChangeKind = "pause"  // no arrivals
	ChangeRate   ChangeKind = "rate"   // a constant rate
	ChangeResume ChangeKind = "resume" // the rate of the plan again
)

// MaxChanges is the most changes that the record of a run holds.
const MaxChanges = 100

// Change is a change of the rate of a live run, from a whole second on. The clock of the run never stops: a pause and a
// rate change how many arrivals the seconds have, not how many seconds there are.
type Change struct {
	Second int        `json:"second"` // the first one that it is about
	Kind   ChangeKind `json:"kind"`
	RPS    float64    `json:"rps,omitempty"` // of ChangeRate: arrivals per second, (0, MaxRPS]
	At     time.Time  `json:"at"`            // bus time at which it was asked for
}

// Validate reports the first wrong field as a *FieldError.
func (c Change) Validate() error {
	switch {
	case c.Kind != ChangePause && c.Kind != ChangeRate && c.Kind != ChangeResume:
		return fieldErrorf("action", "%q is not one of pause, resume, rate", string(c.Kind))
	case c.Kind == ChangeRate && (!(c.RPS > 0) || c.RPS > MaxRPS):
		return fieldErrorf("rps", "%v must be above 0 and at most %d", c.RPS, MaxRPS)
	case c.Kind != ChangeRate && c.RPS != 0:
		return fieldErrorf("rps", "only a change of the rate has one")
	}
	return nil
}

// Change asks for a change of the rate at an instant of bus time. It takes effect with the first second that starts more than
// ahead later: no scheduler may have published that one. It reports whether the record has changed, which it has not if the rate
// is as asked for already. It fails with a *FieldError, or with ErrConflict if the run is not running, has been stopped, ends
// before the change could take effect, or has MaxChanges.
func (r *Run) Change(kind ChangeKind, rps float64, at time.Time, ahead time.Duration) (changed bool, err error) {
	next := Change{Kind: kind, RPS: rps, At: at}
	if err := next.Validate(); err != nil {
		return false, err
	}
	if r.State != StateRunning || r.Stopped() {
		return false, fmt.Errorf("the rate of a run that is %s cannot be changed: %w", r.State, ErrConflict)
	}
	next.Second = max(0, int(math.Floor((at.Sub(r.T0)+ahead).Seconds()))+1)
	last := Change{Kind: ChangeResume}
	if n := len(r.Changes); n > 0 {
		last = r.Changes[n-1]
		next.Second = max(next.Second, last.Second) // the clocks of two gateways differ a little
	}
	switch {
	case last.Kind == next.Kind && last.RPS == next.RPS:
		return false, nil
	case time.Duration(next.Second)*time.Second >= r.Plan.Shape.length():
		return false, fmt.Errorf("the run is about to end, a change would take effect only with its second %d: %w", next.Second, ErrConflict)
	}
	kept := r.Changes
	if n := len(kept); n > 0 && last.Second == next.Second {
		kept = kept[:n-1]
	}
	if len(kept) == MaxChanges {
		return false, fmt.Errorf("the rate of a run can be changed %d times: %w", MaxChanges, ErrConflict)
	}
	r.Changes = append(slices.Clone(kept), next) // copies of the record share the list
	return true, nil
}

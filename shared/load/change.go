package load

import (
	"fmt"
	"math"
	"slices"
	"sort"
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

// refusal says to users why the state of a run allows no change. It matches ErrConflict.
type refusal string

func refusalf(format string, args ...any) error { return refusal(fmt.Sprintf(format, args...)) }

func (r refusal) Error() string { return string(r) }
func (refusal) Unwrap() error   { return ErrConflict }

// Change asks for a change of the rate at an instant of bus time. It takes effect with the first second that starts more than
// ahead later: no scheduler may have published that one. It reports whether the record has changed, which it has not if the rate
// is as asked for already. It fails with a *FieldError, or with ErrConflict if the run is not running, has been stopped, ends
// before the change could take effect, or has MaxChanges.
func (r *Run) Change(kind ChangeKind, rps float64, at time.Time, ahead time.Duration) (changed bool, err error) {
	next := Change{Kind: kind, RPS: rps, At: at.Round(0).UTC()}
	if err := next.Validate(); err != nil {
		return false, err
	}
	if r.State != StateRunning || r.Stopped() {
		return false, refusalf("the rate of a run that is %s cannot be changed", r.State)
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
		return false, refusalf("the run is about to end: a change would take effect only with second %d", next.Second)
	}
	kept := r.Changes
	if n := len(kept); n > 0 && last.Second == next.Second {
		kept = kept[:n-1]
	}
	if len(kept) == MaxChanges {
		return false, refusalf("the rate of a run can be changed %d times", MaxChanges)
	}
	r.Changes = append(slices.Clone(kept), next) // copies of the record share the list
	return true, nil
}

// NewRunProfile lays out what a run plans, with the changes of its rate.
func NewRunProfile(r *Run) (Profile, error) {
	p, err := NewProfile(r.Plan.Shape)
	if err != nil {
		return Profile{}, err
	}
	return p.With(r.Changes), nil
}

// section is the part of a profile from one change to the next.
type section struct {
	second int
	before int64   // arrivals that are due before it
	shaped bool    // its seconds are those of the shape, their arrivals numbered on from shift
	shift  int64   // before, less the arrivals of the shape until then
	rate   float64 // unless shaped
}

// With returns the profile of the shape with changes, which are in the order of their seconds. Nothing before the first of them
// is different, and each change is a function of the seconds before it: a later one leaves what was planned until then as it is.
// The seconds of a rate hold K(s) = ⌈R·(s+1−S) − ½⌉ − ⌈R·(s−S) − ½⌉ arrivals, evenly spread, from its first second S on.
func (p *Profile) With(changes []Change) Profile {
	out := *p
	out.sections, out.total = make([]section, 0, len(changes)), p.planned
	for _, c := range changes {
		if c.Second >= p.Seconds() {
			break
		}
		sec := section{second: c.Second, before: out.First(c.Second), shaped: c.Kind == ChangeResume, rate: c.RPS}
		sec.shift = sec.before - p.shapeFirst(c.Second)
		out.sections = append(out.sections, sec)
		if out.total = p.planned + sec.shift; !sec.shaped {
			out.total = sec.before + roundArrivals(sec.rate*(p.length-time.Duration(sec.second)*time.Second).Seconds())
		}
	}
	return out
}

// sectionAt returns the section that holds a second, nil before the first.
func (p *Profile) sectionAt(second int) *section {
	i := sort.Search(len(p.sections), func(i int) bool { return p.sections[i].second > second })
	if i == 0 {
		return nil
	}
	return &p.sections[i-1]
}

// first returns the number of the first arrival of a second that lies in the section.
func (s *section) first(p *Profile, second int) int64 {
	if s.shaped {
		return p.shapeFirst(second) + s.shift
	}
	return s.before + roundArrivals(s.rate*float64(second-s.second))
}

// due returns when an arrival of the section is due.
func (s *section) due(p *Profile, k int64) time.Duration {
	if s.shaped {
		return p.shapeDue(k - s.shift)
	}
	second := s.second + sort.Search(p.Seconds()-s.second-1, func(i int) bool { return p.First(s.second+i+1) > k })
	return p.evenly(second, k-p.First(second), p.Count(second))
}

// evenly returns when the i-th of n arrivals is due that are spread over a second, or over what the profile has of it.
func (p *Profile) evenly(second int, i, n int64) time.Duration {
	start := time.Duration(second) * time.Second
	width := min(time.Second, p.length-start)
	return start + time.Duration((float64(i)+0.5)/float64(n)*float64(width))
}

// moved returns what the tokens of a second say of the changes before it.
func (p *Profile) moved(second int) (shift int64, even bool) {
	sec := p.sectionAt(second)
	if sec == nil {
		return 0, false
	}
	return p.First(second) - p.shapeFirst(second), !sec.shaped
}

// TokenDue returns when the i-th arrival of a token is due, from the start of the run. It asks the profile of the shape and the
// token alone: whoever holds a token need not know the changes.
func (p *Profile) TokenDue(t *Token, i int64) time.Duration {
	k := t.Arrival(i)
	if t.Even {
		return p.evenly(t.Second, k-p.shapeFirst(t.Second)-t.Shift, t.Planned)
	}
	return p.shapeDue(k - t.Shift)
}

package load

import (
	"math"
	"sort"
	"time"
)

// Mode names the form of a load profile.
type Mode string

// The modes of a profile.
const (
	ModeRamp     Mode = "ramp"     // linear from 0 to RPS over RampUp, then RPS for Duration
	ModeConstant Mode = "constant" // RPS for Duration
	ModeStep     Mode = "step"     // Steps equal windows of Duration; window i of n holds RPS·i/n
	ModeSpike    Mode = "spike"    // thirds of Duration: 20 % of RPS, RPS, 20 % of RPS
	ModeStages   Mode = "stages"   // free stages, each linear from the rate before it (first: 0) to its own
)

// Limits of a profile. They keep every arrival number and every due time exact in the arithmetic used here.
const (
	MaxRPS      = 10_000_000
	MaxDuration = 7 * 24 * time.Hour
	MaxSteps    = 10_000
	MaxStages   = 1_000
)

// spikeBase is the share of the peak rate that a spike profile holds before and after the spike.
const spikeBase = 0.2

// Stage is one piece of a free profile: the rate moves linearly to RPS over Duration.
type Stage struct {
	Duration time.Duration
	RPS      float64
}

// Shape is a load profile as a user asks for it. Only the fields of its mode are used.
type Shape struct {
	Mode     Mode
	RPS      float64 // arrivals per second at the peak, (0, MaxRPS]
	Duration time.Duration
	RampUp   time.Duration // mode ramp only, [0, Duration]
	Steps    int           // mode step only, [1, MaxSteps]
	Stages   []Stage       // mode stages only
}

// Validate reports the first wrong field as a *FieldError.
func (s Shape) Validate() error {
	if s.Mode == ModeStages {
		return validateStages(s.Stages)
	}
	switch {
	case s.Mode != ModeRamp && s.Mode != ModeConstant && s.Mode != ModeStep && s.Mode != ModeSpike:
		return fieldErrorf("mode", "%q is not one of ramp, constant, step, spike", string(s.Mode))
	case !(s.RPS > 0) || s.RPS > MaxRPS:
		return fieldErrorf("rps", "%v must be above 0 and at most %d", s.RPS, MaxRPS)
	case s.Duration <= 0 || s.Duration > MaxDuration:
		return fieldErrorf("duration", "%v must be above 0 and at most %v", s.Duration, MaxDuration)
	case s.Mode == ModeRamp && s.RampUp < 0:
		return fieldErrorf("ramp_up", "%v must not be negative", s.RampUp)
	case s.Mode == ModeRamp && s.RampUp > s.Duration:
		return fieldErrorf("ramp_up", "%v must not be longer than the duration %v", s.RampUp, s.Duration)
	case s.Mode == ModeStep && (s.Steps < 1 || s.Steps > MaxSteps):
		return fieldErrorf("steps", "%d must be at least 1 and at most %d", s.Steps, MaxSteps)
	}
	return nil
}

func validateStages(stages []Stage) error {
	if len(stages) == 0 || len(stages) > MaxStages {
		return fieldErrorf("stage", "%d stages given, 1 to %d are possible", len(stages), MaxStages)
	}
	var total time.Duration
	peak := 0.0
	for i, st := range stages {
		switch {
		case st.Duration <= 0 || st.Duration > MaxDuration:
			return fieldErrorf("stage", "stage %d: duration %v must be above 0 and at most %v", i+1, st.Duration, MaxDuration)
		case !(st.RPS >= 0) || st.RPS > MaxRPS:
			return fieldErrorf("stage", "stage %d: rate %v must be 0 to %d", i+1, st.RPS, MaxRPS)
		}
		total += st.Duration
		peak = max(peak, st.RPS)
	}
	switch {
	case total > MaxDuration:
		return fieldErrorf("stage", "the stages last %v together, at most %v is possible", total, MaxDuration)
	case peak == 0:
		return fieldErrorf("stage", "no stage has a rate above 0")
	}
	return nil
}

// Profile is the rate of a run over time: a chain of pieces in each of which the rate is linear. With Λ(t) the integral of
// the rate from the start, arrival k is due at Λ⁻¹(k + ½), so second s holds K(s) = ⌈Λ(s+1) − ½⌉ − ⌈Λ(s) − ½⌉ arrivals.
// Changes of a live run give whole seconds another rate and move the numbers of the arrivals that follow; see [Profile.With].
// A Profile is immutable and safe for concurrent use.
type Profile struct {
	shape   Shape
	pieces  []piece
	planned int64 // arrivals of the shape
	length  time.Duration

	sections []section // in their order; none if nothing was changed
	total    int64     // arrivals with the changes
}

// piece is a stretch of the profile; times in seconds, rates in arrivals per second.
type piece struct {
	start, length float64
	from, to      float64
	before        float64 // Λ(start)
	phase         string
}

// NewProfile lays out a shape. It fails with a *FieldError if the shape is wrong or plans no arrival at all.
func NewProfile(s Shape) (Profile, error) {
	if err := s.Validate(); err != nil {
		return Profile{}, err
	}
	p := Profile{shape: s}
	for _, pc := range s.layout() {
		if pc.length <= 0 {
			continue
		}
		if n := len(p.pieces); n > 0 {
			last := p.pieces[n-1]
			pc.start, pc.before = last.start+last.length, last.integral(last.length)
		}
		p.pieces = append(p.pieces, pc)
	}
	p.length = s.length()
	last := p.pieces[len(p.pieces)-1]
	p.planned = roundArrivals(last.integral(last.length))
	p.total = p.planned
	if p.total == 0 {
		return Profile{}, fieldErrorf("rps", "%v over %v plans no iteration at all", p.Peak(), p.length)
	}
	return p, nil
}

func (s Shape) length() time.Duration {
	switch s.Mode {
	case ModeRamp:
		return s.RampUp + s.Duration
	case ModeStages:
		var sum time.Duration
		for _, st := range s.Stages {
			sum += st.Duration
		}
		return sum
	default:
		return s.Duration
	}
}

// layout returns the pieces with their lengths, rates and phases; their places follow from the order.
func (s Shape) layout() []piece {
	d := s.Duration.Seconds()
	switch s.Mode {
	case ModeRamp:
		return []piece{
			{length: s.RampUp.Seconds(), from: 0, to: s.RPS, phase: "ramp_up"},
			{length: d, from: s.RPS, to: s.RPS, phase: "steady"},
		}
	case ModeConstant:
		return []piece{{length: d, from: s.RPS, to: s.RPS, phase: "steady"}}
	case ModeStep:
		out := make([]piece, s.Steps)
		for i := range out {
			rate := s.RPS * float64(i+1) / float64(s.Steps)
			out[i] = piece{length: d / float64(s.Steps), from: rate, to: rate, phase: numbered("step_", i+1)}
		}
		return out
	case ModeSpike:
		base := s.RPS * spikeBase
		return []piece{
			{length: d / 3, from: base, to: base, phase: "baseline"},
			{length: d / 3, from: s.RPS, to: s.RPS, phase: "spike"},
			{length: d / 3, from: base, to: base, phase: "recovery"},
		}
	default:
		out := make([]piece, len(s.Stages))
		from := 0.0
		for i, st := range s.Stages {
			out[i] = piece{length: st.Duration.Seconds(), from: from, to: st.RPS, phase: numbered("stage_", i+1)}
			from = st.RPS
		}
		return out
	}
}

// integral returns Λ at dt seconds after the start of the piece.
func (p *piece) integral(dt float64) float64 {
	return p.before + p.from*dt + (p.to-p.from)/(2*p.length)*dt*dt
}

// inverse returns the latest dt within the piece at which Λ has not yet passed x. The quadratic is solved in the form that
// loses no digits when the slope is small.
func (p *piece) inverse(x float64) float64 {
	y := x - p.before
	if y <= 0 && p.from > 0 {
		return 0
	}
	slope := (p.to - p.from) / p.length
	root := math.Sqrt(max(0, p.from*p.from+2*slope*y))
	if p.from+root <= 0 {
		return p.length
	}
	return min(p.length, 2*y/(p.from+root))
}

// roundArrivals returns ⌈x − ½⌉: how many arrivals k have k + ½ below x.
func roundArrivals(x float64) int64 { return int64(math.Ceil(x - 0.5)) }

// Shape returns what the profile was made from.
func (p *Profile) Shape() Shape { return p.shape }

// Total returns how many arrivals the whole profile plans; after changes it may be 0.
func (p *Profile) Total() int64 { return p.total }

// Length returns how long the profile lasts.
func (p *Profile) Length() time.Duration { return p.length }

// Seconds returns how many seconds the profile touches; the last one may be cut short.
func (p *Profile) Seconds() int {
	return int((p.length + time.Second - 1) / time.Second)
}

// Peak returns the highest rate of the shape, in arrivals per second.
func (p *Profile) Peak() float64 {
	peak := 0.0
	for i := range p.pieces {
		peak = max(peak, p.pieces[i].from, p.pieces[i].to)
	}
	return peak
}

// First returns the number of the first arrival of a second: how many are due before it. Seconds outside the profile
// are clamped, so First(Seconds()) is Total.
func (p *Profile) First(second int) int64 {
	switch {
	case second <= 0:
		return 0
	case second >= p.Seconds():
		return p.total
	}
	if sec := p.sectionAt(second); sec != nil {
		return sec.first(p, second)
	}
	return p.shapeFirst(second)
}

// shapeFirst is First without the changes.
func (p *Profile) shapeFirst(second int) int64 {
	switch {
	case second <= 0:
		return 0
	case second >= p.Seconds():
		return p.planned
	}
	t := float64(second)
	pc := &p.pieces[p.pieceAt(t)]
	return min(p.planned, max(0, roundArrivals(pc.integral(t-pc.start))))
}

// Count returns K(second), how many arrivals are due in that second.
func (p *Profile) Count(second int) int64 { return p.First(second+1) - p.First(second) }

// Due returns when arrival k is due, from the start of the run: 0 ≤ k < Total. It lies in the second that counts the
// arrival, First(s) ≤ k < First(s+1), even where rounding would put it a nanosecond outside.
func (p *Profile) Due(k int64) time.Duration {
	if i := sort.Search(len(p.sections), func(i int) bool { return p.sections[i].before > k }); i > 0 {
		return p.sections[i-1].due(p, k)
	}
	return p.shapeDue(k)
}

// shapeDue is Due without the changes.
func (p *Profile) shapeDue(k int64) time.Duration {
	x := float64(k) + 0.5
	i := sort.Search(len(p.pieces), func(i int) bool { return p.pieces[i].before > x }) - 1
	pc := &p.pieces[max(0, i)]
	due := time.Duration((pc.start + pc.inverse(x)) * float64(time.Second))
	second := int(due / time.Second)
	for second > 0 && k < p.shapeFirst(second) {
		second--
		due = time.Duration(second+1)*time.Second - 1
	}
	for second+1 < p.Seconds() && k >= p.shapeFirst(second+1) {
		second++
		due = time.Duration(second) * time.Second
	}
	return min(due, p.length-1)
}

// DueBefore returns how many arrivals are due before the given time from the start.
func (p *Profile) DueBefore(t time.Duration) int64 {
	if t <= 0 {
		return 0
	}
	lo := p.First(int(t / time.Second))
	hi := p.First(int(t/time.Second) + 1)
	return lo + int64(sort.Search(int(hi-lo), func(i int) bool { return p.Due(lo+int64(i)) >= t }))
}

// Rate returns the planned rate at a time from the start, in arrivals per second; 0 outside the profile.
func (p *Profile) Rate(t time.Duration) float64 {
	if t < 0 || t >= p.length {
		return 0
	}
	if sec := p.sectionAt(int(t / time.Second)); sec != nil && !sec.shaped {
		return sec.rate
	}
	pc := &p.pieces[p.pieceAt(t.Seconds())]
	return pc.from + (pc.to-pc.from)*(t.Seconds()-pc.start)/pc.length
}

// Phases that no piece of a shape has.
const (
	PhaseWarmup = "warmup" // of the seconds that are warm-up, whatever the profile does in them
	PhasePaused = "paused" // of the seconds of a pause
	PhaseRate   = "rate"   // of the seconds that have another rate than the plan's
)

// Phase names the piece that holds a time from the start: ramp_up, steady, step_3, baseline, spike, recovery, stage_2; paused or
// rate after a change; "done" after the end.
func (p *Profile) Phase(t time.Duration) string {
	if t >= p.length {
		return "done"
	}
	switch sec := p.sectionAt(int(t / time.Second)); {
	case sec == nil || sec.shaped:
	case sec.rate == 0:
		return PhasePaused
	default:
		return PhaseRate
	}
	return p.pieces[p.pieceAt(max(0, t).Seconds())].phase
}

// pieceAt returns the index of the last piece that starts at or before t seconds.
func (p *Profile) pieceAt(t float64) int {
	return max(0, sort.Search(len(p.pieces), func(i int) bool { return p.pieces[i].start > t })-1)
}

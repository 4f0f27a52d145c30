package load

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func mustProfile(t *testing.T, s Shape) Profile {
	t.Helper()
	p, err := NewProfile(s)
	if err != nil {
		t.Fatalf("NewProfile(%+v): %v", s, err)
	}
	return p
}

func counts(p Profile) []int64 {
	out := make([]int64, p.Seconds())
	for s := range out {
		out[s] = p.Count(s)
	}
	return out
}

// Each row states its arithmetic: K(s) = ⌈Λ(s+1) − ½⌉ − ⌈Λ(s) − ½⌉.
func TestCountOfEachSecond(t *testing.T) {
	t.Parallel()
	s := time.Second
	tests := map[string]struct {
		shape Shape
		want  []int64
	}{
		"constant": {Shape{Mode: ModeConstant, RPS: 7, Duration: 3 * s}, []int64{7, 7, 7}},
		"constant, cut short: Λ(2.5) = 25": {
			Shape{Mode: ModeConstant, RPS: 10, Duration: 2500 * time.Millisecond}, []int64{10, 10, 5},
		},
		"one arrival every 4 s is due at 2 s and 6 s": {
			Shape{Mode: ModeConstant, RPS: 0.25, Duration: 8 * s}, []int64{0, 0, 1, 0, 0, 0, 1, 0},
		},
		"ramp: Λ(t) = 2.5t² = 2.5, 10, 22.5, 40, then 20 each": {
			Shape{Mode: ModeRamp, RPS: 20, RampUp: 4 * s, Duration: 4 * s}, []int64{2, 8, 12, 18, 20, 20, 20, 20},
		},
		"ramp without ramp-up": {Shape{Mode: ModeRamp, RPS: 5, Duration: 2 * s}, []int64{5, 5}},
		"step: 4, 8, 12 for 2 s each": {
			Shape{Mode: ModeStep, RPS: 12, Steps: 3, Duration: 6 * s}, []int64{4, 4, 8, 8, 12, 12},
		},
		"spike: 20 %, 100 %, 20 %": {
			Shape{Mode: ModeSpike, RPS: 50, Duration: 6 * s}, []int64{10, 10, 50, 50, 10, 10},
		},
		"stages: 0→10 in 2 s (Λ = 2.5t²), 10→10 in 1 s, 10→0 in 2 s": {
			Shape{Mode: ModeStages, Stages: []Stage{{2 * s, 10}, {s, 10}, {2 * s, 0}}}, []int64{2, 8, 10, 7, 3},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustProfile(t, tc.shape)
			if d := cmp.Diff(tc.want, counts(p)); d != "" {
				t.Errorf("counts (-want +got):\n%s", d)
			}
		})
	}
}

func TestCheckoutTotal(t *testing.T) {
	t.Parallel()
	p := mustProfile(t, Shape{Mode: ModeRamp, RPS: 200, RampUp: 5 * time.Second, Duration: 20 * time.Second})
	if p.Total() != 4500 { // 5·200/2 + 20·200
		t.Errorf("Total = %d, want 4500", p.Total())
	}
}

func TestPhases(t *testing.T) {
	t.Parallel()
	s := time.Second
	tests := []struct {
		shape Shape
		at    time.Duration
		want  string
		rate  float64
	}{
		{Shape{Mode: ModeRamp, RPS: 100, RampUp: 4 * s, Duration: 10 * s}, s, "ramp_up", 25},
		{Shape{Mode: ModeRamp, RPS: 100, RampUp: 4 * s, Duration: 10 * s}, 5 * s, "steady", 100},
		{Shape{Mode: ModeRamp, RPS: 100, RampUp: 4 * s, Duration: 10 * s}, 14 * s, "done", 0},
		{Shape{Mode: ModeStep, RPS: 100, Steps: 4, Duration: 8 * s}, 5 * s, "step_3", 75},
		{Shape{Mode: ModeSpike, RPS: 100, Duration: 9 * s}, 2 * s, "baseline", 20},
		{Shape{Mode: ModeSpike, RPS: 100, Duration: 9 * s}, 4 * s, "spike", 100},
		{Shape{Mode: ModeSpike, RPS: 100, Duration: 9 * s}, 8 * s, "recovery", 20},
		{Shape{Mode: ModeStages, Stages: []Stage{{2 * s, 10}, {2 * s, 30}}}, 3 * s, "stage_2", 20},
	}
	for _, tc := range tests {
		p := mustProfile(t, tc.shape)
		if got := p.Phase(tc.at); got != tc.want {
			t.Errorf("%s at %v: phase %q, want %q", tc.shape.Mode, tc.at, got, tc.want)
		}
		if got := p.Rate(tc.at); math.Abs(got-tc.rate) > 1e-9 {
			t.Errorf("%s at %v: rate %v, want %v", tc.shape.Mode, tc.at, got, tc.rate)
		}
	}
}

// randomShape draws a shape of 0.1 to 100,000 rps that plans at most about 2 million arrivals.
func randomShape(r *rand.Rand) Shape {
	rps := math.Pow(10, -1+6*r.Float64())
	if r.IntN(3) > 0 {
		rps = math.Ceil(rps)
	}
	longest := min(120, 2_000_000/rps)
	duration := time.Duration((1 + r.Float64()*longest) * float64(time.Second))
	if r.IntN(2) > 0 {
		duration = duration.Round(time.Second)
	}
	s := Shape{RPS: rps, Duration: duration}
	switch r.IntN(5) {
	case 0:
		s.Mode = ModeRamp
		s.RampUp = time.Duration(r.Float64() * float64(duration))
	case 1:
		s.Mode = ModeConstant
	case 2:
		s.Mode, s.Steps = ModeStep, 1+r.IntN(30)
	case 3:
		s.Mode = ModeSpike
	default:
		s = Shape{Mode: ModeStages}
		for range 1 + r.IntN(6) {
			rate := rps * r.Float64()
			if r.IntN(4) == 0 {
				rate = 0
			}
			s.Stages = append(s.Stages, Stage{Duration: 1 + duration/6, RPS: rate})
		}
	}
	return s
}

// integrate is Λ(t) by adding up trapezoids between the pieces' ends, written apart from the profile's own arithmetic.
func integrate(s Shape, t float64) float64 {
	sum, at := 0.0, 0.0
	for _, pc := range s.layout() {
		dt := min(pc.length, t-at)
		if dt <= 0 {
			break
		}
		end := pc.from + (pc.to-pc.from)*dt/pc.length
		sum += (pc.from + end) / 2 * dt
		at += pc.length
	}
	return sum
}

// The properties that exact counting stands on, for any shape, slice count and fleet.
func TestProfileProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	rounds := 300
	if testing.Short() {
		rounds = 40
	}
	for range rounds {
		s := randomShape(r)
		p, err := NewProfile(s)
		if errors.Is(err, ErrInvalid) { // too few arrivals to make one
			continue
		}
		if err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
		checkSeconds(t, s, p)
		checkDueTimes(t, s, p)
		checkTokens(t, s, p, 1+r.IntN(MaxSlices), r.IntN(p.Seconds()))
	}
}

// checkSeconds compares the running count with the integral of the rate: |First(s) − Λ(s)| ≤ ½.
func checkSeconds(t *testing.T, s Shape, p Profile) {
	t.Helper()
	var sum int64
	for sec := range p.Seconds() {
		if p.First(sec) != sum {
			t.Fatalf("%+v: First(%d) = %d, counts before add up to %d", s, sec, p.First(sec), sum)
		}
		if d := math.Abs(float64(sum) - integrate(s, float64(sec))); d > 0.5+1e-6 {
			t.Fatalf("%+v: First(%d) is %v off the integral", s, sec, d)
		}
		if p.Count(sec) < 0 {
			t.Fatalf("%+v: Count(%d) = %d", s, sec, p.Count(sec))
		}
		sum += p.Count(sec)
	}
	if sum != p.Total() {
		t.Fatalf("%+v: seconds add up to %d, total is %d", s, sum, p.Total())
	}
}

// checkDueTimes: due times never go back, lie in the second that counts them, and DueBefore is their inverse.
func checkDueTimes(t *testing.T, s Shape, p Profile) {
	t.Helper()
	step := max(1, p.Total()/20_000)
	last := time.Duration(-1)
	for k := int64(0); k < p.Total(); k += step {
		due := p.Due(k)
		sec := int(due / time.Second)
		if due < last || k < p.First(sec) || k >= p.First(sec+1) || due >= p.Length() {
			t.Fatalf("%+v: Due(%d) = %v after %v, its second holds [%d, %d), length %v",
				s, k, due, last, p.First(sec), p.First(sec+1), p.Length())
		}
		last = due
		if k%(step*997) == 0 {
			if n := p.DueBefore(due); n > k || (n < k && p.Due(n) != due) {
				t.Fatalf("%+v: DueBefore(Due(%d)) = %d", s, k, n)
			}
		}
	}
}

// checkTokens: the tokens of a second hold each of its arrivals once, in the slice its number says.
func checkTokens(t *testing.T, s Shape, p Profile, slices, sec int) {
	t.Helper()
	seen := make([]bool, p.Count(sec))
	for _, tok := range p.Tokens("r", sec, slices, time.Time{}) {
		if tok.Planned != p.Count(sec) || tok.Count < 1 {
			t.Fatalf("%+v: token %+v of a second with %d", s, tok, p.Count(sec))
		}
		for i := range tok.Count {
			k := tok.Arrival(i)
			if int(k%int64(slices)) != tok.Slice || seen[k-p.First(sec)] {
				t.Fatalf("%+v: arrival %d twice or in the wrong slice: %+v", s, k, tok)
			}
			seen[k-p.First(sec)] = true
		}
	}
	for i, ok := range seen {
		if !ok {
			t.Fatalf("%+v: arrival %d of second %d is in no token of %d slices", s, p.First(sec)+int64(i), sec, slices)
		}
	}
}

func TestWrongShapesNameTheField(t *testing.T) {
	t.Parallel()
	s := time.Second
	tests := map[string]Shape{
		"mode":     {Mode: "burst", RPS: 1, Duration: s},
		"rps":      {Mode: ModeConstant, Duration: s},
		"duration": {Mode: ModeConstant, RPS: 1},
		"ramp_up":  {Mode: ModeRamp, RPS: 1, Duration: s, RampUp: 2 * s},
		"steps":    {Mode: ModeStep, RPS: 1, Duration: s},
		"stage":    {Mode: ModeStages, Stages: []Stage{{s, 0}}},
	}
	for field, shape := range tests {
		_, err := NewProfile(shape)
		var fe *FieldError
		if !errors.As(err, &fe) || fe.Field != field || !errors.Is(err, ErrInvalid) {
			t.Errorf("%+v: got %v, want an error of field %q", shape, err, field)
		}
	}
	for _, rps := range []float64{-1, math.NaN(), math.Inf(1)} {
		if _, err := NewProfile(Shape{Mode: ModeConstant, RPS: rps, Duration: s}); !errors.Is(err, ErrInvalid) {
			t.Errorf("rps %v: got %v, want ErrInvalid", rps, err)
		}
	}
	if _, err := NewProfile(Shape{Mode: ModeConstant, RPS: 0.1, Duration: s}); !errors.Is(err, ErrInvalid) {
		t.Errorf("a tenth of an arrival: got %v, want ErrInvalid", err)
	}
	// The defaults must not refuse a 5 s constant run, whose ramp_up is not used.
	mustProfile(t, Shape{Mode: ModeConstant, RPS: 1, Duration: 5 * s, RampUp: DefaultRampUp, Steps: 0})
}

func BenchmarkDue(b *testing.B) {
	p, err := NewProfile(Shape{Mode: ModeRamp, RPS: 1e5, RampUp: time.Minute, Duration: time.Hour})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	k := int64(0)
	for b.Loop() {
		p.Due(k)
		k = (k + 7919) % p.Total()
	}
}

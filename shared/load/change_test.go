package load

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// Each row states what becomes of 10 arrivals a second for 6 s, or of another shape.
func TestCountOfEachSecondAfterChanges(t *testing.T) {
	t.Parallel()
	constant := Shape{Mode: ModeConstant, RPS: 10, Duration: 6 * time.Second}
	tests := map[string]struct {
		shape   Shape
		changes []Change
		want    []int64
	}{
		"none": {constant, nil, []int64{10, 10, 10, 10, 10, 10}},
		"a pause and a resume": {
			constant, []Change{{Second: 1, Kind: ChangePause}, {Second: 4, Kind: ChangeResume}}, []int64{10, 0, 0, 0, 10, 10},
		},
		"paused to the end":     {constant, []Change{{Second: 2, Kind: ChangePause}}, []int64{10, 10, 0, 0, 0, 0}},
		"paused from the start": {constant, []Change{{Kind: ChangePause}}, []int64{0, 0, 0, 0, 0, 0}},
		"another rate ends a pause": {
			constant, []Change{{Second: 1, Kind: ChangePause}, {Second: 2, Kind: ChangeRate, RPS: 20}}, []int64{10, 0, 20, 20, 20, 20},
		},
		"2.5 a second: 2.5, 5, 7.5, 10 until then, halves rounded down": {
			constant, []Change{{Second: 2, Kind: ChangeRate, RPS: 2.5}}, []int64{10, 10, 2, 3, 2, 3},
		},
		"the last second is cut short: 20 a second for half of it": {
			Shape{Mode: ModeConstant, RPS: 10, Duration: 2500 * time.Millisecond},
			[]Change{{Second: 1, Kind: ChangeRate, RPS: 20}},
			[]int64{10, 20, 10},
		},
		"the shape goes on where its clock is: 2, 8, 12, 18 of a ramp": {
			Shape{Mode: ModeRamp, RPS: 20, RampUp: 4 * time.Second, Duration: 4 * time.Second},
			[]Change{{Second: 1, Kind: ChangePause}, {Second: 3, Kind: ChangeResume}},
			[]int64{2, 0, 0, 18, 20, 20, 20, 20},
		},
		"after the end": {constant, []Change{{Second: 6, Kind: ChangePause}}, []int64{10, 10, 10, 10, 10, 10}},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := mustProfile(t, tc.shape)
			if d := cmp.Diff(tc.want, counts(p.With(tc.changes))); d != "" {
				t.Errorf("counts (-want +got):\n%s", d)
			}
		})
	}
}

func TestPhasesOfChanges(t *testing.T) {
	t.Parallel()
	shape := mustProfile(t, Shape{Mode: ModeConstant, RPS: 10, Duration: 4 * time.Second})
	p := shape.With([]Change{
		{Second: 1, Kind: ChangePause}, {Second: 2, Kind: ChangeRate, RPS: 30}, {Second: 3, Kind: ChangeResume},
	})
	for at, want := range []struct {
		phase string
		rate  float64
	}{{"steady", 10}, {PhasePaused, 0}, {PhaseRate, 30}, {"steady", 10}, {"done", 0}} {
		at := time.Duration(at) * time.Second
		if phase, rate := p.Phase(at), p.Rate(at); phase != want.phase || rate != want.rate {
			t.Errorf("at %v: phase %q at %v a second, want %q at %v", at, phase, rate, want.phase, want.rate)
		}
	}
}

// randomChanges draws some for a profile, in the order of their seconds.
func randomChanges(r *rand.Rand, p Profile) []Change {
	var out []Change
	for second := r.IntN(3); second < p.Seconds() && len(out) < MaxChanges; second += 1 + r.IntN(max(1, p.Seconds()/3)) {
		c := Change{Second: second, Kind: []ChangeKind{ChangePause, ChangeRate, ChangeResume}[r.IntN(3)]}
		if c.Kind == ChangeRate {
			c.RPS = p.Peak() * 3 * (0.01 + r.Float64())
		}
		out = append(out, c)
	}
	return out
}

// What exact counting stands on holds for any shape with any changes: seconds add up, due times lie in their seconds, tokens hold
// each arrival once and tell when it is due. Each change leaves what was before it as it was, to the bit.
func TestChangedProfileProperties(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 4))
	rounds := 150
	if testing.Short() {
		rounds = 30
	}
	for range rounds {
		s := randomShape(r)
		shape, err := NewProfile(s)
		if errors.Is(err, ErrInvalid) { // too few arrivals to make one
			continue
		}
		changes := randomChanges(r, shape)
		p := shape.With(changes)
		checkChangedSeconds(t, shape, p, changes)
		checkDueTimes(t, s, p)
		second, n := r.IntN(p.Seconds()), 1+r.IntN(MaxSlices)
		checkTokens(t, s, p, n, second)
		for _, token := range p.Tokens("r", second, n, time.Time{}) {
			i := r.Int64N(token.Count)
			if got, want := shape.TokenDue(&token, i), p.Due(token.Arrival(i)); got != want {
				t.Fatalf("%+v with %+v: arrival %d of %+v is due at %v, want %v", s, changes, i, token, got, want)
			}
		}
		if len(changes) > 0 {
			checkPrefix(t, shape.With(changes[:len(changes)-1]), p, changes[len(changes)-1].Second)
		}
	}
}

// checkChangedSeconds compares each second with what the change before it asks for.
func checkChangedSeconds(t *testing.T, shape, p Profile, changes []Change) {
	t.Helper()
	var sum int64
	for s := range p.Seconds() {
		if p.First(s) != sum {
			t.Fatalf("%+v with %+v: First(%d) = %d, counts before add up to %d", p.Shape(), changes, s, p.First(s), sum)
		}
		want := float64(shape.Count(s))
		for _, c := range changes {
			if c.Second > s {
				break
			}
			whole := min(time.Second, p.Length()-time.Duration(s)*time.Second).Seconds()
			if want = c.RPS * whole; c.Kind == ChangeResume {
				want = float64(shape.Count(s))
			}
		}
		if got := float64(p.Count(s)); math.Abs(got-want) > 1+1e-6*want {
			t.Fatalf("%+v with %+v: %v arrivals in second %d, want %v", p.Shape(), changes, got, s, want)
		}
		sum += p.Count(s)
	}
	if sum != p.Total() {
		t.Fatalf("%+v with %+v: seconds add up to %d, total is %d", p.Shape(), changes, sum, p.Total())
	}
}

func checkPrefix(t *testing.T, before, after Profile, second int) {
	t.Helper()
	for s := range second + 1 {
		if before.First(s) != after.First(s) {
			t.Fatalf("a change at second %d moved First(%d) from %d to %d", second, s, before.First(s), after.First(s))
		}
	}
	n := after.First(second)
	for k := int64(0); k < n; k += max(1, n/1000) {
		if before.Due(k) != after.Due(k) {
			t.Fatalf("a change at second %d moved arrival %d of %d from %v to %v", second, k, n, before.Due(k), after.Due(k))
		}
	}
}

// The lead is 1 s here: what starts more than 1 s later can be changed.
func TestChangeOfARun(t *testing.T) {
	t.Parallel()
	t0 := time.Unix(1000, 0)
	at := func(seconds float64) time.Time { return t0.Add(time.Duration(seconds * float64(time.Second))) }
	pause := Change{Second: 5, Kind: ChangePause, At: at(3)}
	for name, tc := range map[string]struct {
		edit    func(*Run)
		kind    ChangeKind
		rps     float64
		at      float64
		want    []Change // nil: as it was
		refused error
	}{
		"the first":                       {nil, ChangePause, 0, 3.2, []Change{{Second: 5, Kind: ChangePause, At: at(3.2)}}, nil},
		"second 4 starts just 1 s later":  {nil, ChangePause, 0, 3, []Change{{Second: 5, Kind: ChangePause, At: at(3)}}, nil},
		"before second 0":                 {nil, ChangeRate, 7, -2.5, []Change{{Kind: ChangeRate, RPS: 7, At: at(-2.5)}}, nil},
		"resumed":                         {with(pause), ChangeResume, 0, 6, []Change{pause, {Second: 8, Kind: ChangeResume, At: at(6)}}, nil},
		"the later one of a second":       {with(pause), ChangeRate, 9, 3.5, []Change{{Second: 5, Kind: ChangeRate, RPS: 9, At: at(3.5)}}, nil},
		"asked of a clock that is behind": {with(pause), ChangeRate, 9, 1, []Change{{Second: 5, Kind: ChangeRate, RPS: 9, At: at(1)}}, nil},
		"paused already":                  {with(pause), ChangePause, 0, 6, nil, nil},
		"never paused":                    {nil, ChangeResume, 0, 6, nil, nil},
		"no such rate":                    {nil, ChangeRate, 0, 3, nil, ErrInvalid},
		"no such kind":                    {nil, "stop", 0, 3, nil, ErrInvalid},
		"a pause with a rate":             {nil, ChangePause, 1, 3, nil, ErrInvalid},
		"the last second":                 {nil, ChangePause, 0, 7.9, []Change{{Second: 9, Kind: ChangePause, At: at(7.9)}}, nil},
		"too late":                        {nil, ChangePause, 0, 8, nil, ErrConflict},
		"before the start":                {func(r *Run) { r.State, r.T0 = StatePreparing, time.Time{} }, ChangePause, 0, 3, nil, ErrConflict},
		"after the stop":                  {func(r *Run) { r.Stop(at(2), "enough") }, ChangePause, 0, 3, nil, ErrConflict},
		"too many": {func(r *Run) {
			for i := range MaxChanges {
				r.Changes = append(r.Changes, Change{Second: i, Kind: ChangeRate, RPS: float64(i + 1)})
			}
			r.Plan.Shape.Duration = time.Hour
		}, ChangePause, 0, 1000, nil, ErrConflict},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			run := Run{State: StateRunning, T0: t0, Plan: Plan{Shape: Shape{Mode: ModeConstant, RPS: 10, Duration: 10 * time.Second}}}
			if tc.edit != nil {
				tc.edit(&run)
			}
			before := run // as another holder of the record has it
			was := append([]Change(nil), run.Changes...)
			changed, err := run.Change(tc.kind, tc.rps, at(tc.at), time.Second)
			want := tc.want
			if want == nil {
				want = was
			}
			if changed != (tc.want != nil) || !errors.Is(err, tc.refused) {
				t.Errorf("changed %v, error %v", changed, err)
			}
			if d := cmp.Diff(want, run.Changes); d != "" {
				t.Errorf("changes (-want +got):\n%s", d)
			}
			if d := cmp.Diff(was, before.Changes); d != "" {
				t.Errorf("a copy of the record has changed too:\n%s", d)
			}
		})
	}
}

func with(changes ...Change) func(*Run) { return func(r *Run) { r.Changes = changes } }

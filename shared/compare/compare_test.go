package compare

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// service answers log-normally: σ 0.5 around a median, which wanders by 2 % from second to second and comes back by half.
type service struct {
	medianMs float64
	failing  float64                        // share of the requests
	load     func(rate, ms float64) float64 // what the rate makes of a time; nil: nothing
}

// simulate is a run of 20 s at a rate of 200/s, if shape does not say otherwise, with a window for each second.
func simulate(seed uint64, s service, shape ...int64) *load.Result {
	if shape == nil {
		shape = slices.Repeat([]int64{200}, 20)
	}
	random := rand.New(rand.NewPCG(seed, 0))
	r := &load.Result{
		RunID: fmt.Sprint("run", seed), Scenario: "Shop", RPSTarget: float64(slices.Max(shape)), DurationSecs: float64(len(shape)),
		Trust: load.Trust{Level: load.TrustTrusted},
	}
	all, wander := histogram.New(), 0.0
	for second, planned := range shape {
		wander = 0.5*wander + math.Sqrt(1-0.5*0.5)*0.02*random.NormFloat64()
		times := histogram.New()
		w := load.Window{Second: second, Seconds: 1, Started: planned, Requests: planned}
		for range planned {
			ms := s.medianMs * math.Exp(0.5*random.NormFloat64()) * (1 + wander)
			if s.load != nil {
				ms = s.load(float64(planned), ms)
			}
			times.Record(int64(1000 * ms))
			if random.Float64() < s.failing {
				w.Errors++
			}
		}
		d := load.NewDistribution(times)
		w.MeanMs, w.HDR = d.MeanMs, times.Snapshot().HDR
		all.Merge(times)
		r.Windows = append(r.Windows, w)
		r.Series = append(r.Series, load.Second{Second: second, TargetRPS: planned})
		r.RequestsTotal += w.Requests
		r.ErrorsTotal += w.Errors
	}
	r.Response = load.NewDistribution(all)
	r.P50Ms, r.P95Ms, r.P99Ms = r.Response.P50Ms, r.Response.P95Ms, r.Response.P99Ms
	r.RPSActual = float64(r.RequestsTotal) / r.DurationSecs
	r.ErrorRatePct = 100 * float64(r.ErrorsTotal) / float64(max(1, r.RequestsTotal))
	return r
}

func compared(t *testing.T, baseline, current *load.Result, thresholdPct float64) Comparison {
	t.Helper()
	c, err := Runs(baseline, current, Options{ThresholdPct: thresholdPct})
	require.NoError(t, err)
	return c
}

func find(c Comparison, name string) Figure {
	return c.Figures[slices.IndexFunc(c.Figures, func(f Figure) bool { return f.Name == name })]
}

// ramp is 6 s up to 200/s, 12 s there and 3 steps of 3 s down.
func ramp() []int64 {
	var shape []int64
	for s := range int64(6) {
		shape = append(shape, 33*s+15)
	}
	shape = append(shape, slices.Repeat([]int64{200}, 12)...)
	for step := range int64(3) {
		shape = append(shape, slices.Repeat([]int64{160 - 40*step}, 3)...)
	}
	return shape
}

// shapes are a constant rate and one that changes, at which times grow with the rate.
var shapes = map[string]struct {
	shape []int64
	load  func(rate, ms float64) float64
	pairs uint64
}{
	"constant": {pairs: 50},
	"ramp":     {ramp(), func(rate, ms float64) float64 { return ms * (1 + rate/100) }, 25},
}

func TestChanceIsNotTakenForAChange(t *testing.T) {
	t.Parallel()
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			flagged, significant := 0, 0
			same := service{medianMs: 20, failing: 0.01, load: s.load}
			for pair := range s.pairs {
				c := compared(t, simulate(2*pair, same, s.shape...), simulate(2*pair+1, same, s.shape...), DefaultThresholdPct)
				if c.Verdict != NoEvidence {
					flagged++
				}
				if slices.ContainsFunc(c.Figures, func(f Figure) bool { return f.P < Significance }) {
					significant++
				}
			}
			t.Logf("of %d pairs of the same service %d are flagged, and %d would be by p alone", s.pairs, flagged, significant)
			require.LessOrEqual(t, significant, int(s.pairs)*2/50)
			require.LessOrEqual(t, flagged, significant)
		})
	}
}

func TestAChangeIsFound(t *testing.T) {
	t.Parallel()
	for name, s := range shapes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			found := map[Verdict]int{}
			fast, slow := service{medianMs: 20, load: s.load}, service{medianMs: 22, load: s.load}
			for pair := range uint64(10) {
				a, b := simulate(2*pair, fast, s.shape...), simulate(2*pair+1, slow, s.shape...)
				found[compared(t, a, b, DefaultThresholdPct).Verdict]++
				found[compared(t, b, a, DefaultThresholdPct).Verdict]++
			}
			t.Logf("of 10 pairs of which one is 10 %% slower: %d regressions, %d improvements the other way round", found[Regression], found[Improvement])
			require.GreaterOrEqual(t, found[Regression], 9)
			require.Equal(t, found[Regression], found[Improvement])
		})
	}
}

// A stall of the machine of two seconds of twenty makes the baseline look slower than it was.
func TestABadMomentHidesNoChange(t *testing.T) {
	t.Parallel()
	found, flagged := 0, 0
	for pair := range uint64(5) {
		stalled := simulate(2*pair, service{medianMs: 20})
		bad := simulate(100+pair, service{medianMs: 200})
		copy(stalled.Windows[4:6], bad.Windows[4:6])
		if compared(t, stalled, simulate(2*pair+1, service{medianMs: 22}), DefaultThresholdPct).Verdict == Regression {
			found++
		}
		if compared(t, stalled, simulate(2*pair+1, service{medianMs: 20}), DefaultThresholdPct).Verdict != NoEvidence {
			flagged++
		}
	}
	require.Equal(t, 5, found)
	require.Zero(t, flagged)
}

// In a long run a small change is certain, and yet no regression: it is as certain that it is below the threshold.
func TestASmallChangeIsNone(t *testing.T) {
	t.Parallel()
	shape := slices.Repeat([]int64{2000}, 40)
	a, b := simulate(1, service{medianMs: 20}, shape...), simulate(2, service{medianMs: 21}, shape...)
	c := compared(t, a, b, DefaultThresholdPct)
	require.Equal(t, NoEvidence, c.Verdict)
	require.Less(t, find(c, "mean_ms").P, Significance)
	require.Equal(t, Regression, compared(t, a, b, 4).Verdict)
}

func TestErrorsAreARegressionHoweverFastTheyAre(t *testing.T) {
	t.Parallel()
	c := compared(t, simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 10, failing: 0.05}), DefaultThresholdPct)
	require.Equal(t, Regression, c.Verdict)
	errors := find(c, "error_rate_pct")
	require.Equal(t, Regression, errors.Verdict)
	require.Nil(t, errors.DiffPct, "there were none before")
	require.Equal(t, InDoubt, find(c, "p50_ms").Verdict, "failing is quick")
	require.Contains(t, c.Notes, "p50_ms: more requests failed than in the baseline, so that faster is not better")

	more := compared(t, simulate(1, service{medianMs: 20, failing: 0.1}), simulate(2, service{medianMs: 20, failing: 0.2}), DefaultThresholdPct)
	require.Equal(t, Regression, find(more, "error_rate_pct").Verdict)
	require.Equal(t, Improvement, find(compared(t, simulate(4, service{medianMs: 20, failing: 0.2}), simulate(1, service{medianMs: 20, failing: 0.1}), 10), "error_rate_pct").Verdict)
}

// spoil makes seconds of a run what they are in another one.
func spoil(r, by *load.Result, from, to int) *load.Result {
	spoilt := *r
	spoilt.Windows = slices.Concat(r.Windows[:from], by.Windows[from:to], r.Windows[to:])
	all := histogram.New()
	spoilt.ErrorsTotal = 0
	for _, w := range spoilt.Windows {
		times, err := histogram.FromHDR(w.HDR)
		if err != nil {
			panic(err)
		}
		all.Merge(times)
		spoilt.ErrorsTotal += w.Errors
	}
	spoilt.Response = load.NewDistribution(all)
	spoilt.P50Ms, spoilt.P95Ms, spoilt.P99Ms = spoilt.Response.P50Ms, spoilt.Response.P95Ms, spoilt.Response.P99Ms
	spoilt.ErrorRatePct = 100 * float64(spoilt.ErrorsTotal) / float64(spoilt.RequestsTotal)
	return &spoilt
}

// Everything fails for a quarter of the run, and quickly. No dealing of blocks makes that significant.
func TestAnOutageIsARegression(t *testing.T) {
	t.Parallel()
	shape := slices.Repeat([]int64{40}, 24)
	baseline := simulate(1, service{medianMs: 50}, shape...)
	current := spoil(simulate(2, service{medianMs: 50}, shape...), simulate(3, service{medianMs: 1, failing: 1}, shape...), 8, 14)
	c := compared(t, baseline, current, DefaultThresholdPct)
	require.Equal(t, Regression, c.Verdict)
	errors := find(c, "error_rate_pct")
	require.Equal(t, Regression, errors.Verdict)
	require.Greater(t, errors.P, Significance, "by blocks it is none")
	require.Contains(t, c.Notes, "240 of 960 requests failed, and 0 of 960 in the baseline: more than 1 in 100, in whichever blocks")
	for _, f := range c.Figures {
		require.NotEqual(t, Improvement, f.Verdict, f.Name)
	}
	few := spoil(current, baseline, 8, 14)
	few.ErrorsTotal = 9 // 0.9 %
	require.NotEqual(t, Regression, find(compared(t, baseline, few, DefaultThresholdPct), "error_rate_pct").Verdict)
}

func TestTimesThatAreFarWorseInAFewBlocks(t *testing.T) {
	t.Parallel()
	shape := slices.Repeat([]int64{100}, 60)
	baseline, current := simulate(1, service{medianMs: 20}, shape...), simulate(2, service{medianMs: 20}, shape...)
	bad := simulate(3, service{medianMs: 1000}, shape...)
	for to, want := range map[int]struct {
		verdict Verdict
		note    string
	}{
		20: {NoEvidence, ""},
		24: {InDoubt, "p99_ms: 1 of 15 blocks of the current run are more than 2 times as slow as any of the baseline"},
		40: {Regression, "p99_ms: 5 of 15 blocks of the current run are more than 2 times as slow as any of the baseline"},
	} {
		c := compared(t, baseline, spoil(current, bad, 20, to), DefaultThresholdPct)
		require.Equal(t, want.verdict, c.Verdict, to)
		require.Equal(t, want.verdict, find(c, "p99_ms").Verdict, to)
		if want.note != "" {
			require.Contains(t, c.Notes, want.note)
		}
	}
	require.Equal(t, NoEvidence, find(compared(t, spoil(current, bad, 20, 24), baseline, DefaultThresholdPct), "p99_ms").Verdict,
		"what the baseline had is no improvement")
}

// long is a run as the aggregator writes it: at most 48 windows of a length.
func long(seed uint64, s service, shape ...int64) *load.Result {
	r := simulate(seed, s, shape...)
	size := (len(shape) + 47) / 48
	var merged []load.Window
	for part := range slices.Chunk(r.Windows, size) {
		w := load.Window{Second: part[0].Second, Seconds: len(part)}
		all := histogram.New()
		for _, p := range part {
			times, err := histogram.FromHDR(p.HDR)
			if err != nil {
				panic(err)
			}
			all.Merge(times)
			w.Started += p.Started
			w.Requests += p.Requests
			w.Errors += p.Errors
		}
		w.MeanMs, w.HDR = load.NewDistribution(all).MeanMs, all.Snapshot().HDR
		merged = append(merged, w)
	}
	r.Windows = merged
	return r
}

// A percentile of few requests is another one than that of many, and so is the share of a plan. The run of 430 s has windows of 9 s,
// of which the other one has 6.
func TestALengthIsNoChange(t *testing.T) {
	t.Parallel()
	for seconds, want := range map[int]Verdict{120: NoEvidence, 430: TooLittle} {
		a := long(0, service{medianMs: 20}, slices.Repeat([]int64{50}, 60)...)
		b := long(1, service{medianMs: 20}, slices.Repeat([]int64{50}, seconds)...)
		require.Equal(t, want, compared(t, a, b, DefaultThresholdPct).Verdict, "%d s", seconds)
	}
	one := func(seed uint64, seconds int) *load.Result {
		r := long(seed, service{medianMs: 20}, slices.Repeat([]int64{1}, seconds)...)
		r.RequestsTotal *= 5 // of an iteration
		return r
	}
	require.NotEqual(t, Regression, find(compared(t, one(1, 60), one(2, 120), DefaultThresholdPct), "rps_actual").Verdict)
}

// The rank of a percentile must not depend on how many there are.
func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{100, 150, 199, 350} {
		b := block{times: histogram.New()}
		for i := range n {
			b.times.Record(1000 + 1000*(i+1)/(n+1))
		}
		v, ok := quantile(0.99)(b)
		require.True(t, ok)
		require.InDelta(t, 1990, math.Exp(v), 2.5, n)
	}
	_, ok := quantile(0.99)(block{times: histogram.New()})
	require.False(t, ok)
}

// A service that drifts is too little to tell by: what differs between its runs may be the drift.
func TestADriftIsNoChange(t *testing.T) {
	t.Parallel()
	drifting := func(seed uint64, pct float64) *load.Result {
		second := 0
		s := service{medianMs: 20, load: func(_, ms float64) float64 {
			second++
			return ms * (1 + pct/100*float64(second)/8000)
		}}
		return simulate(seed, s, slices.Repeat([]int64{200}, 40)...)
	}
	c := compared(t, drifting(1, 0), drifting(2, 25), DefaultThresholdPct)
	for _, name := range []string{"mean_ms", "p50_ms"} {
		require.Equal(t, TooLittle, find(c, name).Verdict, name)
	}
	c = compared(t, drifting(1, 10), drifting(2, 300), DefaultThresholdPct)
	require.Equal(t, Regression, c.Verdict)
}

func TestCorrelated(t *testing.T) {
	t.Parallel()
	steady, drifting := []float64{1, 3, 2, 3, 1, 2, 1, 3}, []float64{1, 2, 3, 4, 5, 6, 7, 8}
	require.False(t, correlated([]Stratum{{steady, steady}}))
	require.True(t, correlated([]Stratum{{drifting, drifting}}))
	require.False(t, correlated([]Stratum{{[]float64{1, 1, 1}, []float64{2}}}), "there is no scale")
}

func TestApart(t *testing.T) {
	t.Parallel()
	require.True(t, apart([]Stratum{{[]float64{1, 2}, []float64{4, 5}}}))
	require.True(t, apart([]Stratum{{[]float64{4, 5}, []float64{1, 2}}}))
	require.False(t, apart([]Stratum{{[]float64{1, 2}, []float64{3, 4}}}))
	require.False(t, apart([]Stratum{{[]float64{1, 2}, []float64{9}}, {[]float64{9}, []float64{1, 2}}}), "one is above and one is below")
	require.False(t, apart(nil))
}

func TestStartingLessThanPlannedIsARegression(t *testing.T) {
	t.Parallel()
	whole, short := simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 20})
	for i := range short.Windows {
		short.Windows[i].Started = int64(150 + i)
	}
	short.RPSActual = 160
	require.Equal(t, Regression, find(compared(t, whole, short, DefaultThresholdPct), "rps_actual").Verdict)
	require.Equal(t, Improvement, find(compared(t, short, whole, DefaultThresholdPct), "rps_actual").Verdict)
}

// A pause has no blocks, and what is left of the run is compared.
func TestAPauseIsNotCompared(t *testing.T) {
	t.Parallel()
	shape := slices.Repeat([]int64{200}, 20)
	for i := 5; i < 10; i++ {
		shape[i] = 0
	}
	c := compared(t, simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 30}, shape...), DefaultThresholdPct)
	require.Equal(t, NoEvidence, find(c, "rps_actual").Verdict)
	require.Equal(t, Regression, find(c, "p50_ms").Verdict)
}

func TestTooLittleToTell(t *testing.T) {
	t.Parallel()
	whole := simulate(1, service{medianMs: 20})
	for name, shape := range map[string][]int64{
		"few blocks":         slices.Repeat([]int64{200}, MinBlocks-1),
		"few requests":       slices.Repeat([]int64{9}, 20),
		"at another rate":    slices.Repeat([]int64{100}, 20),
		"not started at all": nil,
	} {
		few := simulate(2, service{medianMs: 200}, append(shape, 0)...)
		c, err := Runs(whole, few, Options{ThresholdPct: DefaultThresholdPct, Force: true})
		require.NoError(t, err, name)
		require.Equal(t, TooLittle, c.Verdict, name)
		for _, f := range c.Figures {
			require.Equal(t, TooLittle, f.Verdict, name)
			require.InDelta(t, 1, f.P, 0, name)
		}
	}
	slow := slices.Repeat([]int64{20}, 20) // 20 requests a block: enough for a p95, not for a p99
	c := compared(t, simulate(1, service{medianMs: 20}, slow...), simulate(2, service{medianMs: 60}, slow...), DefaultThresholdPct)
	require.Equal(t, TooLittle, find(c, "p99_ms").Verdict)
	require.Equal(t, Regression, find(c, "p95_ms").Verdict)
}

func TestWhatIsRefused(t *testing.T) {
	t.Parallel()
	whole := simulate(1, service{medianMs: 20})
	for want, spoil := range map[string]func(*load.Result){
		"the runs have different scenarios: Shop and Bank: invalid": func(r *load.Result) { r.Scenario = "Bank" },
		"the runs have different rates: 200/s and 203/s: invalid":   func(r *load.Result) { r.RPSTarget = 203 },
	} {
		other := simulate(2, service{medianMs: 20})
		spoil(other)
		_, err := Runs(whole, other, Options{ThresholdPct: 10})
		require.ErrorIs(t, err, load.ErrInvalid)
		require.EqualError(t, err, want)
		c, err := Runs(whole, other, Options{ThresholdPct: 10, Force: true})
		require.NoError(t, err)
		require.Len(t, c.Notes, 1)
		require.Contains(t, want, c.Notes[0])
	}
	other := simulate(2, service{medianMs: 20})
	other.Trust.Level = load.TrustUntrusted
	_, err := Runs(whole, other, Options{ThresholdPct: 10})
	require.ErrorIs(t, err, ErrUntrusted)
	_, err = Runs(other, whole, Options{ThresholdPct: 10})
	require.EqualError(t, err, "run run2: an untrusted run cannot be compared")
	c, err := Runs(whole, other, Options{ThresholdPct: 10, Untrusted: true})
	require.NoError(t, err)
	require.Equal(t, []string{"run run2 is untrusted"}, c.Notes)

	other = simulate(2, service{medianMs: 20})
	other.Windows[3].HDR = "nonsense"
	_, err = Runs(whole, other, Options{ThresholdPct: 10})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.ErrorContains(t, err, "the current run: run run2, window of second 3: ")
}

func TestNotes(t *testing.T) {
	t.Parallel()
	a, b := simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 20}, slices.Repeat([]int64{200}, 15)...)
	b.TargetURL, b.Trust.Level = "http://new", load.TrustDegraded
	a.TargetURL = "http://old"
	c := compared(t, a, b, DefaultThresholdPct)
	require.Equal(t, []string{
		"run run2 is degraded", "the runs have different targets: http://old and http://new", "the runs have different lengths: 20 s and 15 s",
	}, c.Notes)
	require.Equal(t, NoEvidence, c.Verdict)
	require.Equal(t, []string{"run run2 is degraded", "run run2 is compared with itself"}, compared(t, b, b, DefaultThresholdPct).Notes)
}

func TestAComparisonComesToTheSameEachTime(t *testing.T) {
	t.Parallel()
	a, b := simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 21})
	first := compared(t, a, b, 10)
	require.Equal(t, first, compared(t, a, b, 10))
}

func TestPermute(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 1, Permute(Stratum{[]float64{3, 3, 3}, []float64{3, 3, 3}}), 0)
	require.InDelta(t, 2.0/20, Permute(Stratum{[]float64{1, 2, 3}, []float64{10, 11, 12}}), 0.01, "2 of the 20 ways to deal")
	require.InDelta(t, 1.0/10, Permute(Stratum{[]float64{1, 2}, []float64{10, 11, 12}}), 0.01, "1 of the 10 ways: 11 and 12 are nearer to the rest")
	require.InDelta(t, 2.0/8, Permute(
		Stratum{[]float64{1}, []float64{2}}, Stratum{[]float64{100}, []float64{101}}, Stratum{[]float64{50}, []float64{51}},
	), 0.02, "2 of the 8 ways to deal: no value leaves its stratum")
	require.InDelta(t, 1, Permute(Stratum{Baseline: []float64{1, 2}}), 0, "nothing to compare with")
}

func TestDifference(t *testing.T) {
	t.Parallel()
	require.InDelta(t, 9, Difference(Stratum{[]float64{1, 2, 3}, []float64{10, 11, 12}}), 1e-12)
	// The differences 3 and 1 have the weights 1·1/2 and 3·3/6.
	require.InDelta(t, (0.5*3+1.5*1)/2, Difference(
		Stratum{[]float64{1}, []float64{4}}, Stratum{[]float64{1, 1, 1}, []float64{2, 2, 2}}, Stratum{Current: []float64{100}},
	), 1e-12)
}

func BenchmarkRuns(b *testing.B) {
	x, y := simulate(1, service{medianMs: 20}), simulate(2, service{medianMs: 22})
	for b.Loop() {
		_, _ = Runs(x, y, Options{ThresholdPct: DefaultThresholdPct})
	}
}

func TestWinsorize(t *testing.T) {
	t.Parallel()
	// The centre is 0, the deviations are 0, 1 five times and 100.
	far := farOff * 1.4826
	require.Equal(t, []Stratum{{[]float64{-1, 1, -1}, []float64{1, far, 0, -1}}}, winsorize([]Stratum{{[]float64{-1, 1, -1}, []float64{1, 100, 0, -1}}}))
	same := []Stratum{{[]float64{0, 0, 0}, []float64{0, 7}}}
	require.Equal(t, same, winsorize(same), "there is no scale")
}

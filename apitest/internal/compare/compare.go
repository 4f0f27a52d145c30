// Package compare says whether one run of the API load test was worse than another, or whether chance alone explains the
// difference. It is pure.
//
// Each run is cut into eight blocks of its windows. If the code under test had not changed, it would be chance which run a block
// belongs to; so the blocks are dealt out again and again, and p is how often that makes a difference as great as the one seen.
// Blocks, for windows are not independent: what disturbs one often disturbs the next. A change counts if p is small and the figure
// moved by more than a threshold, for two runs of the same code on one machine are never quite alike either.
package compare

import (
	"fmt"
	"math"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/compare"
	"github.com/loadpilot/loadpilot/shared/load"
)

// DefaultThreshold is how many per cent a figure must have moved.
const DefaultThreshold = 10.0

// MinRequests is how many requests runs must have made for a change to be told from chance.
const MinRequests = 200

const (
	significance = 0.01
	blocks       = 8 // of a run; there are 12,870 ways to deal out twice as many
)

// Verdict is what a comparison comes to.
type Verdict string

// The verdicts.
const (
	Regression  Verdict = "regression"
	Improvement Verdict = "improvement"
	NoEvidence  Verdict = "no evidence of a change"
	TooFew      Verdict = "too few requests to tell"
)

// Comparison is what became of the figures of a run.
type Comparison struct {
	Baseline     string   `json:"baseline"` // test ids
	Current      string   `json:"current"`
	Targets      []string `json:"targets,omitempty"` // of the baseline and the current run, if they differ
	ThresholdPct float64  `json:"threshold_pct"`
	Verdict      Verdict  `json:"verdict"`
	Figures      []Figure `json:"figures"`
}

// Figure is one figure of both runs.
type Figure struct {
	Name     string   `json:"name"` // as in the JSON of a result
	Baseline float64  `json:"baseline"`
	Current  float64  `json:"current"`
	DiffPct  *float64 `json:"diff_pct"`          // of the baseline; nil if that is 0 and the current one is not
	P        float64  `json:"p,omitempty"`       // 0: not tested
	Verdict  Verdict  `json:"verdict,omitempty"` // "": not tested
}

// Results compares two results. It fails with load.ErrInvalid if they are not of the same test.
func Results(baseline, current *run.Result, thresholdPct float64) (Comparison, error) {
	if err := sameTest(baseline, current); err != nil {
		return Comparison{}, err
	}
	c := Comparison{
		Baseline: baseline.TestID, Current: current.TestID, Targets: targets(baseline, current),
		ThresholdPct: thresholdPct, Verdict: NoEvidence, Figures: figures(baseline, current),
	}
	if few(baseline) || few(current) {
		c.Verdict = TooFew
		return c, nil
	}
	for i := range c.Figures {
		f := &c.Figures[i]
		test, ok := tests[f.Name]
		if !ok {
			continue
		}
		f.P = compare.Permute(compare.Stratum{Baseline: means(baseline.Windows, test.of), Current: means(current.Windows, test.of)})
		f.Verdict = f.judge(thresholdPct, test.higherIsBetter)
		if f.Verdict == Regression || f.Verdict == Improvement && c.Verdict == NoEvidence {
			c.Verdict = f.Verdict
		}
	}
	return c, nil
}

// sameTest refuses results of different tests.
func sameTest(a, b *run.Result) error {
	others := b.Config.Traits()
	for i, trait := range a.Config.Traits() {
		if trait != others[i] {
			return fmt.Errorf("results of different %s cannot be compared: %s and %s: %w", trait.Names, trait.Value, others[i].Value, load.ErrInvalid)
		}
	}
	return nil
}

// targets returns those of both results if they are not the same.
func targets(a, b *run.Result) []string {
	was, _ := a.Config.Place()
	is, _ := b.Config.Place()
	if was == is {
		return nil
	}
	return []string{was, is}
}

func few(r *run.Result) bool {
	return r.Metrics.RequestsTotal < MinRequests || len(r.Windows) < blocks
}

// figures returns the figures of both results, none of them tested yet.
func figures(a, b *run.Result) []Figure {
	type named struct {
		name string
		of   func(*run.Result) float64
	}
	all := []named{
		{"requests_per_second", func(r *run.Result) float64 { return r.Metrics.RequestsPerSecond }},
		{"error_rate_pct", func(r *run.Result) float64 { return r.Metrics.ErrorRatePct }},
	}
	if a.Stream != nil && b.Stream != nil {
		all = append(all,
			named{"events_per_second", func(r *run.Result) float64 { return r.Stream.EventsPerSecond }},
			named{"first_event_ms_p50", func(r *run.Result) float64 { return r.Stream.FirstEventMsP50 }},
			named{"first_event_ms_p95", func(r *run.Result) float64 { return r.Stream.FirstEventMsP95 }},
			named{"gap_ms_p50", func(r *run.Result) float64 { return r.Stream.GapMsP50 }},
			named{"gap_ms_p95", func(r *run.Result) float64 { return r.Stream.GapMsP95 }},
		)
	} else {
		all = append(all,
			named{"latency_ms_mean", func(r *run.Result) float64 { return r.Metrics.LatencyMsMean }},
			named{"latency_ms_p50", func(r *run.Result) float64 { return r.Metrics.LatencyMsP50 }},
			named{"latency_ms_p95", func(r *run.Result) float64 { return r.Metrics.LatencyMsP95 }},
			named{"latency_ms_p99", func(r *run.Result) float64 { return r.Metrics.LatencyMsP99 }},
			named{"latency_ms_max", func(r *run.Result) float64 { return r.Metrics.LatencyMsMax }},
		)
	}
	list := make([]Figure, len(all))
	for i, f := range all {
		list[i] = Figure{Name: f.name, Baseline: f.of(a), Current: f.of(b)}
		switch {
		case list[i].Baseline != 0:
			pct := 100 * (list[i].Current - list[i].Baseline) / list[i].Baseline
			list[i].DiffPct = &pct
		case list[i].Current == 0:
			list[i].DiffPct = new(float64)
		}
	}
	return list
}

// judge decides by what was tested.
func (f Figure) judge(thresholdPct float64, higherIsBetter bool) Verdict {
	moved := math.Inf(1)
	if f.DiffPct != nil {
		moved = *f.DiffPct
	}
	switch {
	case f.P >= significance || math.Abs(moved) <= thresholdPct:
		return NoEvidence
	case (moved > 0) == higherIsBetter:
		return Improvement
	default:
		return Regression
	}
}

// tests are the figures that are tested, and what of a window adds up to them. The rate is tested by its inverse, the time that a
// request took of the run.
var tests = map[string]struct {
	of             func(run.Window) float64
	higherIsBetter bool
}{
	"requests_per_second": {of: func(w run.Window) float64 { return w.Secs }, higherIsBetter: true},
	"error_rate_pct":      {of: func(w run.Window) float64 { return float64(w.Failed) }},
	"latency_ms_mean":     {of: func(w run.Window) float64 { return w.MeanMs * float64(w.Requests) }},
}

// means returns a figure by request, of each block.
func means(windows []run.Window, of func(run.Window) float64) []float64 {
	list := make([]float64, blocks)
	for i := range list {
		total, requests := 0.0, int64(0)
		for _, w := range windows[i*len(windows)/blocks : (i+1)*len(windows)/blocks] {
			total += of(w)
			requests += w.Requests
		}
		list[i] = total / float64(max(1, requests))
	}
	return list
}

// String says in a line what came of the comparison, and why.
func (c Comparison) String() string {
	var why []string
	for _, f := range c.Figures {
		if f.Verdict != c.Verdict || c.Verdict == NoEvidence {
			continue
		}
		diff := "new"
		if f.DiffPct != nil {
			diff = fmt.Sprintf("%+.1f %%", *f.DiffPct)
		}
		why = append(why, fmt.Sprintf("%s %.4g → %.4g (%s, p = %.2g)", f.Name, f.Baseline, f.Current, diff, f.P))
	}
	text := string(c.Verdict)
	if c.Targets != nil {
		text += fmt.Sprintf(" (%s, and %s before)", c.Targets[1], c.Targets[0])
	}
	if why == nil {
		return text
	}
	return text + ": " + strings.Join(why, ", ")
}

// Holds reports whether a condition of run.MetricRegression is met, and says so in words. Results that cannot be compared, or tell too
// little, are not judged by it.
func Holds(condition run.FailOn, baseline, current *run.Result) (met, judged bool, text string) {
	c, err := Results(baseline, current, condition.Limit)
	if err != nil {
		return false, false, fmt.Sprintf("%s: %v", condition, err)
	}
	return c.Verdict == Regression, c.Verdict != TooFew, fmt.Sprintf("%s: %s", condition, c)
}

package compare

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// DefaultThresholdPct is how great a change must be to matter, in per cent.
const DefaultThresholdPct = 10.0

// Significance is what a P is below if chance does not explain a change.
const Significance = 0.005

const (
	sameRate    = 0.01 // rates that differ by less of each other are the same
	maxBlocks   = 15   // of the shorter run: so few that each is longer than most disturbances
	clearBlocks = 3    // of maxBlocks: so many that are far slower than all of the baseline are a regression
	farSlower   = 2.0  // times
	clearErrors = 1.0  // percentage points
)

// What a run needs for a change to be told from chance: of 16 blocks there are 12,870 ways to deal.
const (
	MinRequests = 200
	MinBlocks   = 8
)

// Verdict is what a comparison came to.
type Verdict string

// The verdicts.
const (
	Regression  Verdict = "regression"
	Improvement Verdict = "improvement"
	InDoubt     Verdict = "in doubt" // worse, but only in a few blocks; or faster, but failing more often
	NoEvidence  Verdict = "no evidence of a change"
	TooLittle   Verdict = "too little to tell"
)

// Options say how two runs are compared.
type Options struct {
	ThresholdPct float64 // a change below this is none that matters, per cent, above 0
	Untrusted    bool    // compare untrusted runs as well
	Force        bool    // compare runs that are not alike
}

// Figure is one figure of both runs.
type Figure struct {
	Name     string   `json:"name"` // as in the JSON of a result
	Baseline float64  `json:"baseline"`
	Current  float64  `json:"current"`
	DiffPct  *float64 `json:"diff_pct"` // of the baseline; nil if that is 0 and the current one is not
	P        float64  `json:"p"`        // the probability of such a difference by chance, corrected for the number of figures; 1: not tested
	Verdict  Verdict  `json:"verdict"`
}

// Comparison is the outcome.
type Comparison struct {
	Baseline     string   `json:"baseline"` // run ids
	Current      string   `json:"current"`
	ThresholdPct float64  `json:"threshold_pct"`
	Verdict      Verdict  `json:"verdict"`
	Figures      []Figure `json:"figures"`
	Notes        []string `json:"notes"` // what to keep in mind
}

// ErrUntrusted is the error for a run that cannot be believed.
var ErrUntrusted = errors.New("an untrusted run cannot be compared")

// Runs compares a run with a baseline. It fails with load.ErrInvalid if they are not alike, or have windows that cannot be read,
// and with ErrUntrusted.
func Runs(baseline, current *load.Result, o Options) (Comparison, error) {
	notes, err := check(baseline, current, o)
	if err != nil {
		return Comparison{}, err
	}
	c := Comparison{
		Baseline: baseline.RunID, Current: current.RunID, ThresholdPct: o.ThresholdPct, Verdict: TooLittle, Notes: notes,
		Figures: make([]Figure, len(figures)),
	}
	for i, f := range figures {
		c.Figures[i] = newFigure(f.name, f.of(baseline), f.of(current))
	}
	was, err := windows(baseline)
	if err != nil {
		return Comparison{}, fmt.Errorf("the baseline: %w", err)
	}
	is, err := windows(current)
	if err != nil {
		return Comparison{}, fmt.Errorf("the current run: %w", err)
	}
	if min(baseline.RequestsTotal, current.RequestsTotal) < MinRequests {
		return c, nil
	}
	ways := cuts(was, is)
	c.judge(ways)
	c.doubt(ways)
	c.judgeErrors(baseline, current)
	c.conclude()
	return c, nil
}

// check refuses what must not be compared, and notes what is compared all the same.
func check(baseline, current *load.Result, o Options) (notes []string, err error) {
	notes = []string{}
	for _, r := range []*load.Result{baseline, current} {
		switch {
		case r.Trust.Level == load.TrustUntrusted && !o.Untrusted:
			return nil, fmt.Errorf("run %s: %w", r.RunID, ErrUntrusted)
		case r.Trust.Level != load.TrustTrusted:
			notes = append(notes, fmt.Sprintf("run %s is %s", r.RunID, r.Trust.Level))
		}
	}
	if baseline.RunID == current.RunID {
		notes = append(slices.Compact(notes), fmt.Sprintf("run %s is compared with itself", current.RunID))
	}
	unlike := ""
	switch {
	case baseline.Scenario != current.Scenario:
		unlike = fmt.Sprintf("scenarios: %s and %s", baseline.Scenario, current.Scenario)
	case !alike(baseline.RPSTarget, current.RPSTarget):
		unlike = fmt.Sprintf("rates: %v/s and %v/s", baseline.RPSTarget, current.RPSTarget)
	}
	if unlike != "" && !o.Force {
		return nil, fmt.Errorf("the runs have different %s: %w", unlike, load.ErrInvalid)
	}
	if unlike != "" {
		notes = append(notes, "the runs have different "+unlike)
	}
	if baseline.TargetURL != current.TargetURL {
		notes = append(notes, fmt.Sprintf("the runs have different targets: %s and %s", baseline.TargetURL, current.TargetURL))
	}
	if !alike(baseline.DurationSecs, current.DurationSecs) {
		notes = append(notes, fmt.Sprintf("the runs have different lengths: %.4g s and %.4g s", baseline.DurationSecs, current.DurationSecs))
	}
	return notes, nil
}

func alike(a, b float64) bool { return math.Abs(a-b) <= sameRate*max(a, b) }

func newFigure(name string, baseline, current float64) Figure {
	f := Figure{Name: name, Baseline: baseline, Current: current, P: 1, Verdict: TooLittle}
	switch {
	case baseline != 0:
		pct := 100 * (current - baseline) / baseline
		f.DiffPct = &pct
	case current == 0:
		f.DiffPct = new(float64)
	}
	return f
}

// judge tests each figure that the blocks can tell of.
func (c *Comparison) judge(ways []pairs) {
	type test struct {
		figure *Figure
		of     figure
		strata []Stratum
	}
	var tests []test
	for i, f := range figures {
		if strata := f.independent(ways); strata != nil {
			figure := &c.Figures[i]
			figure.P = Permute(winsorize(strata)...)
			tests = append(tests, test{figure, f, strata})
		}
	}
	// Holm's method: the least p must stand for all figures, the next one for those that are left.
	slices.SortStableFunc(tests, func(a, b test) int { return cmp.Compare(a.figure.P, b.figure.P) })
	least := 0.0
	for i, t := range tests {
		least = max(least, min(1, t.figure.P*float64(len(tests)-i)))
		t.figure.P = least
		t.figure.Verdict = t.of.verdict(t.figure, t.strata, c.ThresholdPct)
	}
}

// independent returns a figure of the shortest blocks that are large enough for it and do not foretell the next one. Where all
// do, it returns the longest if the runs are further apart than either wanders, and nil otherwise.
func (f figure) independent(ways []pairs) []Stratum {
	var longest []Stratum
	for _, p := range ways {
		strata := p.strata(f.block)
		if strata == nil {
			continue
		}
		if !correlated(strata) {
			return strata
		}
		longest = strata
	}
	if !apart(longest) {
		return nil
	}
	return longest
}

// doubt looks for what the test of blocks cannot see: times that are worse by more than the threshold because of a few blocks.
func (c *Comparison) doubt(ways []pairs) {
	for i, f := range figures {
		of := &c.Figures[i]
		if !f.time || of.Verdict == Regression || !(of.Current > of.Baseline*(1+c.ThresholdPct/100)) {
			continue
		}
		j := slices.IndexFunc(ways, func(p pairs) bool { return p.strata(f.block) != nil })
		if j < 0 {
			continue
		}
		far, all := slower(ways[j].strata(f.block))
		if far == 0 {
			continue
		}
		of.Verdict = InDoubt
		if far >= max(clearBlocks, all*clearBlocks/maxBlocks) {
			of.Verdict = Regression
		}
		c.Notes = append(c.Notes, fmt.Sprintf("%s: %d of %d blocks of the current run are more than %g times as slow as any of the baseline",
			f.name, far, all, farSlower))
	}
}

// slower counts the blocks of the current run that are far slower than every one of the baseline.
func slower(strata []Stratum) (far, all int) {
	for _, s := range strata {
		limit := slices.Max(s.Baseline) + math.Log(farSlower)
		for _, v := range s.Current {
			all++
			if v > limit {
				far++
			}
		}
	}
	return far, all
}

// judgeErrors judges the error rate by all requests as well, whichever blocks they failed in: a machine that is busy for a moment
// makes requests slow, and does not make them fail. Times say nothing good of a run that fails more often, as failing is quick.
func (c *Comparison) judgeErrors(baseline, current *load.Result) {
	n, m := float64(baseline.RequestsTotal), float64(current.RequestsTotal)
	was, is := float64(baseline.ErrorsTotal)/n, float64(current.ErrorsTotal)/m
	both := float64(baseline.ErrorsTotal+current.ErrorsTotal) / (n + m)
	z := (is - was) / math.Sqrt(both*(1-both)*(1/n+1/m)) // NaN if none failed, or all
	if !(math.Erfc(z/math.Sqrt2) < Significance) {
		return
	}
	for i, f := range figures {
		of := &c.Figures[i]
		switch {
		case f.name == errorRatePct && of.Verdict != Regression && 100*(is-was) > clearErrors:
			of.Verdict = Regression
			c.Notes = append(c.Notes, fmt.Sprintf("%d of %d requests failed, and %d of %d in the baseline: more than 1 in 100, in whichever blocks",
				current.ErrorsTotal, current.RequestsTotal, baseline.ErrorsTotal, baseline.RequestsTotal))
		case f.time && of.Verdict == Improvement:
			of.Verdict = InDoubt
			c.Notes = append(c.Notes, f.name+": more requests failed than in the baseline, so that faster is not better")
		}
	}
}

// conclude takes the gravest verdict of a figure.
func (c *Comparison) conclude() {
	for _, v := range []Verdict{NoEvidence, Improvement, InDoubt, Regression} {
		if slices.ContainsFunc(c.Figures, func(f Figure) bool { return f.Verdict == v }) {
			c.Verdict = v
		}
	}
}

// verdict decides by p, which is corrected already, and by whether the change can be as great as the threshold.
func (f figure) verdict(of *Figure, strata []Stratum, thresholdPct float64) Verdict {
	difference := Difference(winsorize(strata)...)
	up := difference > 0
	if of.P >= Significance || difference == 0 || smaller(strata, difference, f.limit(of.Baseline, thresholdPct, up)) {
		return NoEvidence
	}
	if up == f.higherIsBetter {
		return Improvement
	}
	return Regression
}

// smaller reports whether the runs rule out that the difference is as great as the limit, which has the same sign.
func smaller(strata []Stratum, difference, limit float64) bool {
	if math.Abs(difference) >= math.Abs(limit) {
		return false
	}
	shifted := make([]Stratum, len(strata))
	for i, s := range strata {
		shifted[i] = Stratum{Baseline: s.Baseline, Current: slices.Clone(s.Current)}
		for j := range shifted[i].Current {
			shifted[i].Current[j] -= limit
		}
	}
	return Permute(winsorize(shifted)...) < 2*Significance // only this side of the limit is of interest
}

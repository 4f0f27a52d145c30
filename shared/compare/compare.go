// Package compare says whether a run differs from another one by more than chance explains.
package compare

import (
	"errors"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Verdict is what a comparison came to.
type Verdict string

// The verdicts.
const (
	Regression  Verdict = "regression"
	Improvement Verdict = "improvement"
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
	Name     string   `json:"name"`
	Baseline float64  `json:"baseline"`
	Current  float64  `json:"current"`
	DiffPct  *float64 `json:"diff_pct"` // nil: of a baseline of 0
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
	Notes        []string `json:"notes"`
}

// ErrUntrusted is the error for a run that cannot be believed.
var ErrUntrusted = errors.New("an untrusted run cannot be compared")

// Runs compares a run with a baseline. It fails with load.ErrInvalid if they are not alike, and with ErrUntrusted.
func Runs(baseline, current *load.Result, o Options) (Comparison, error) {
	return Comparison{Baseline: baseline.RunID, Current: current.RunID, ThresholdPct: o.ThresholdPct, Verdict: TooLittle}, nil
}

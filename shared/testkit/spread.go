package testkit

import (
	"math"
	"time"
)

// Spread is a known distribution of answer times. The times follow each other in an order that is always the same and holds
// the distribution over every stretch, so no run has more slow answers than another.
type Spread string

// The spreads.
const (
	SpreadNone       Spread = ""
	SpreadLogNormal  Spread = "lognormal"  // median 20 ms, σ 0.6: p99 at 81 ms, p99.9 at 128 ms
	SpreadBimodal    Spread = "bimodal"    // 5 ms, and 80 ms for a fifth
	SpreadOnePercent Spread = "onepercent" // 10 ms, and 1 s for the 50th of each hundred
)

// Delay returns the time that the n-th answer takes, n ≥ 1.
func (s Spread) Delay(n int) time.Duration {
	// The fractions of the multiples of the golden ratio cover the interval more evenly than any others.
	_, u := math.Modf(float64(n) * math.Phi)
	switch {
	case s == SpreadLogNormal:
		return time.Duration(float64(20*time.Millisecond) * math.Exp(0.6*math.Sqrt2*math.Erfinv(2*u-1)))
	case s == SpreadBimodal && u < 0.2:
		return 80 * time.Millisecond
	case s == SpreadBimodal:
		return 5 * time.Millisecond
	case s == SpreadOnePercent && n%100 == 50:
		return time.Second
	case s == SpreadOnePercent:
		return 10 * time.Millisecond
	default:
		return 0
	}
}

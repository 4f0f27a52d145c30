package main

import "math"

// The rates that are tried: a ladder from lowest on, each rung 2 % above the one below.
const (
	lowest = 100
	rung   = 1.02
	rungs  = 400 // up to 275,000 a second
)

// rateOf is the rate of a rung.
func rateOf(i int) int { return int(math.Round(lowest * math.Pow(rung, float64(i)))) }

// rungOf is the rung next to a rate.
func rungOf(rate int) int {
	return min(rungs-1, max(0, int(math.Round(math.Log(float64(rate)/lowest)/math.Log(rung)))))
}

// highest finds the highest rung that is held, -1 if none is. It looks around first, in strides that double, and then
// halves what is left; whatever lies below a rung that is held is taken to be held.
func highest(first int, held func(rung int) (bool, error)) (int, error) {
	below, above := -1, rungs // the highest known to be held, the lowest known not to be
	at, stride := first, 2
	for above-below > 1 {
		ok, err := held(at)
		if err != nil {
			return 0, err
		}
		if ok {
			below = at
		} else {
			above = at
		}
		switch {
		case above == rungs:
			at = min(rungs-1, below+stride)
		case below == -1:
			at = max(0, above-stride)
		default:
			at = (below + above) / 2
		}
		stride *= 2
	}
	return below, nil
}

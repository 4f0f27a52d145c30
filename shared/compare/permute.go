package compare

import (
	"math"
	"math/rand/v2"
	"slices"
)

const (
	// shuffles is how often blocks are dealt out at most: p is known to ± 0.0003 where it decides, for six figures.
	shuffles = 10_000
	// enough differences as great as the one that was seen say that p is above 0.04, and by how much to ± 5 %.
	enough = 400
)

// Stratum holds blocks of both runs that differ by nothing but the run: chance alone would deal them out in any way.
type Stratum struct {
	Baseline, Current []float64
}

// Permute returns how likely chance alone makes the blocks of the current run differ from those of the baseline as much as they do,
// in either direction. A stratum without blocks of both tells nothing. It always deals in the same way, so that a comparison comes
// to the same each time.
func Permute(strata ...Stratum) float64 {
	var groups []group
	for _, s := range strata {
		if len(s.Baseline) > 0 && len(s.Current) > 0 {
			groups = append(groups, newGroup(s))
		}
	}
	seen := 0.0
	for _, g := range groups {
		seen += g.seen
	}
	least := math.Abs(seen) * (1 - 1e-9)  // sums in another order differ in their last digits
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // for statistics
	asGreat, dealt := 1, 1                // as it was found
	for ; dealt <= shuffles && asGreat <= enough; dealt++ {
		drawn := 0.0
		for _, g := range groups {
			drawn += g.draw(random)
		}
		if math.Abs(drawn) >= least {
			asGreat++
		}
	}
	return float64(asGreat) / float64(dealt)
}

// Difference returns by how much the current run is above the baseline: the differences of the means of the strata, each with the
// weight that makes their mean most precise. It is NaN without a stratum that has blocks of both.
func Difference(strata ...Stratum) float64 {
	sum, weights := 0.0, 0.0
	for _, s := range strata {
		if len(s.Baseline) > 0 && len(s.Current) > 0 {
			g := newGroup(s)
			sum += g.seen
			weights += g.weight
		}
	}
	return sum / weights
}

// group is a stratum whose blocks are dealt out.
type group struct {
	blocks []float64
	first  int     // how many are the baseline's
	total  float64 // sum of all
	weight float64 // nm / (n+m): the inverse of the variance of a difference of two means
	seen   float64 // the difference as it was found, times the weight
}

func newGroup(s Stratum) group {
	n, m := float64(len(s.Baseline)), float64(len(s.Current))
	g := group{
		blocks: append(append(make([]float64, 0, len(s.Baseline)+len(s.Current)), s.Baseline...), s.Current...),
		first:  len(s.Baseline), weight: n * m / (n + m),
	}
	part := 0.0
	for i, v := range g.blocks {
		g.total += v
		if i < g.first {
			part += v
		}
	}
	g.seen = g.difference(part)
	return g
}

// difference is the weighted difference of the means if the blocks of the baseline sum up to part.
func (g group) difference(part float64) float64 {
	return g.weight * ((g.total-part)/float64(len(g.blocks)-g.first) - part/float64(g.first))
}

// draw deals the blocks out and returns the weighted difference.
func (g group) draw(random *rand.Rand) float64 {
	part := 0.0
	for i := range g.first {
		j := i + random.IntN(len(g.blocks)-i)
		g.blocks[i], g.blocks[j] = g.blocks[j], g.blocks[i]
		part += g.blocks[i]
	}
	return g.difference(part)
}

// farOff is how many standard deviations a block counts as being off at most. Without a limit one stall of a second in a run of
// twenty hides a change of 10 % every time, with it hardly ever; where nothing stalls, next to nothing is lost.
const farOff = 1.0

// winsorize moves blocks that are far off the others of their stratum nearer to them, whichever run they are of. A bad moment of a
// machine is in a few blocks of one run; it must not hide what all the others say.
func winsorize(strata []Stratum) []Stratum {
	centres := make([]float64, len(strata))
	var deviations []float64
	for i, s := range strata {
		all := slices.Concat(s.Baseline, s.Current)
		centres[i] = median(all)
		for _, v := range all {
			deviations = append(deviations, math.Abs(v-centres[i]))
		}
	}
	most := farOff * 1.4826 * median(deviations) // of a normal distribution that is the standard deviation
	if most == 0 {
		return strata // most blocks are the same, as if nothing failed
	}
	moved := make([]Stratum, len(strata))
	for i, s := range strata {
		near := func(values []float64) []float64 {
			list := make([]float64, len(values))
			for j, v := range values {
				list[j] = min(max(v, centres[i]-most), centres[i]+most)
			}
			return list
		}
		moved[i] = Stratum{Baseline: near(s.Baseline), Current: near(s.Current)}
	}
	return moved
}

// mostForetold is how many standard errors the correlation of neighbouring blocks may be above that of independent ones.
const mostForetold = 1.25

// correlated reports whether blocks foretell the next one of their run, so that they are fewer than they seem and chance alone deals
// them out in other ways: the service or the machine drifts, or wanders slower than the blocks are long.
func correlated(strata []Stratum) bool {
	together, squares, chance, blocks := 0.0, 0.0, 0.0, 0.0
	for _, s := range strata {
		for _, values := range [][]float64{s.Baseline, s.Current} {
			n := float64(len(values))
			values := winsorize([]Stratum{{Baseline: values}})[0].Baseline
			mean := 0.0
			for _, v := range values {
				mean += v / n
			}
			for i, v := range values {
				squares += (v - mean) * (v - mean)
				if i > 0 {
					together += (v - mean) * (values[i-1] - mean)
				}
			}
			blocks += n - 1
			chance -= (n - 1) / n // of independent blocks: their mean is their own
		}
	}
	if squares == 0 {
		return false
	}
	return together/squares-chance/blocks > mostForetold/math.Sqrt(blocks)
}

// apart reports whether every block of one run is further from all of the other one than the blocks of either are from each other.
func apart(strata []Stratum) bool {
	above, below, wander := math.Inf(1), math.Inf(1), 0.0
	for _, s := range strata {
		above = min(above, slices.Min(s.Current)-slices.Max(s.Baseline))
		below = min(below, slices.Min(s.Baseline)-slices.Max(s.Current))
		wander = max(wander, slices.Max(s.Baseline)-slices.Min(s.Baseline), slices.Max(s.Current)-slices.Min(s.Current))
	}
	return len(strata) > 0 && max(above, below) > wander
}

// median returns the middle of some values, which it does not change.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	n := len(sorted)
	return (sorted[(n-1)/2] + sorted[n/2]) / 2
}

//go:build unix

package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// plan is what a campaign does to one fleet. It follows from its seed alone; what comes of it also depends on the machine.
type plan struct {
	seed   uint64
	runs   []order
	faults []fault
}

// fault happens to one victim; no victim has two.
type fault struct {
	at     time.Duration // after the runs were submitted
	victim string        // name of a service, or of a server
	kind   faultKind
	lasts  time.Duration // until it is made good; 0: never
}

type faultKind string

const (
	faultKill   faultKind = "kill -9"
	faultDrain  faultKind = "SIGTERM"
	faultFreeze faultKind = "SIGSTOP"
	faultCut    faultKind = "cut off"
	faultStall  faultKind = "stall"
	faultDelay  faultKind = "delay 100 ms"
)

// The fleet of every plan.
const (
	planSchedulers  = 2
	planAggregators = 2
	planGenerators  = 3

	natsServer  = "nats"
	redisServer = "redis"
	mostRuns    = 3
	mostFaults  = 4
	// Faults happen from before the first second of the runs until after the last.
	faultsFrom, faultsTo = 200 * time.Millisecond, 9 * time.Second
	longestFault         = 6 * time.Second
)

// newPlan draws the plan of a seed.
func newPlan(seed uint64) plan {
	rng := rand.New(rand.NewPCG(seed, 0))
	p := plan{seed: seed}
	for range 1 + rng.IntN(mostRuns) {
		seconds := 4 + rng.IntN(5)
		o := order{
			RPS: float64(20 + rng.IntN(60)), Duration: fmt.Sprintf("%ds", seconds), Generators: planGenerators,
			Mode: []string{"constant", "constant", "ramp", "step", "spike"}[rng.IntN(5)],
		}
		if o.Mode == "ramp" {
			o.RampUp = "2s"
		}
		p.runs = append(p.runs, o)
	}
	victims := []string{natsServer, natsServer, redisServer, "gateway"}
	for i := range planSchedulers {
		victims = append(victims, fmt.Sprintf("scheduler%d", i+1))
	}
	for i := range planAggregators {
		victims = append(victims, fmt.Sprintf("aggregator%d", i+1))
	}
	for i := range planGenerators {
		victims = append(victims, fmt.Sprintf("g%d", i+1))
	}
	rng.Shuffle(len(victims), func(i, j int) { victims[i], victims[j] = victims[j], victims[i] })
	gone := false
	for _, victim := range victims[:1+rng.IntN(mostFaults)] {
		if slices.ContainsFunc(p.faults, func(f fault) bool { return f.victim == victim }) {
			continue
		}
		f := fault{
			at:     faultsFrom + time.Duration(rng.Int64N(int64(faultsTo-faultsFrom))).Round(time.Millisecond),
			victim: victim,
			kind:   []faultKind{faultKill, faultKill, faultDrain, faultFreeze, faultCut, faultStall, faultDelay}[rng.IntN(7)],
			lasts:  (200*time.Millisecond + time.Duration(rng.Int64N(int64(longestFault)))).Round(time.Millisecond),
		}
		if victim == natsServer || victim == redisServer { // no proxy stands before one of them alone
			f.kind = []faultKind{faultKill, faultDrain, faultFreeze}[rng.IntN(3)]
		}
		dies := f.kind == faultKill || f.kind == faultDrain
		if forGood := rng.IntN(2) == 0; forGood && dies && strings.HasPrefix(victim, "g") && victim != "gateway" && !gone {
			f.lasts, gone = 0, true
		}
		p.faults = append(p.faults, f)
	}
	slices.SortFunc(p.faults, func(a, b fault) int { return int(a.at - b.at) })
	return p
}

func (p plan) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "seed %d:", p.seed)
	for _, o := range p.runs {
		fmt.Fprintf(&b, " [%s %g/s %s]", o.Mode, o.RPS, o.Duration)
	}
	for _, f := range p.faults {
		fmt.Fprintf(&b, ", at %v %s %s", f.at, f.kind, f.victim)
		if f.lasts > 0 {
			fmt.Fprintf(&b, " for %v", f.lasts)
		}
	}
	return b.String()
}

func TestAPlanFollowsFromItsSeed(t *testing.T) {
	t.Parallel()
	kinds, victims := map[faultKind]int{}, map[string]int{}
	for seed := range uint64(1000) {
		p := newPlan(seed)
		require.Equal(t, p, newPlan(seed))
		require.NotEmpty(t, p.faults, p)
		seen := map[string]bool{}
		for _, f := range p.faults {
			require.False(t, seen[f.victim], p)
			seen[f.victim] = true
			kinds[f.kind]++
			victims[f.victim]++
		}
	}
	require.Len(t, kinds, 6, "every kind of fault is drawn")
	require.Len(t, victims, 3+planSchedulers+planAggregators+planGenerators, "and every victim")
}

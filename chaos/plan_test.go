//go:build unix

package chaos_test

import (
	"cmp"
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

// fault happens to one victim. Its process has at most one, and so has its network; they may overlap.
type fault struct {
	at     time.Duration // after the runs were submitted
	victim string        // name of a service, a server or a run
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
	// These are none, but they happen as well: somebody stops a run, a generator joins.
	faultStop faultKind = "stop"
	faultJoin faultKind = "start"
)

// The fleet of every plan.
const (
	planSchedulers  = 2
	planAggregators = 2
	planGenerators  = 3

	natsServer  = "nats"
	redisServer = "redis"
	joiner      = "g4"
	mostRuns    = 3
	mostFaults  = 5
)

// pace is how long the first run of a plan lasts at least and at most, in seconds, and how long its faults do. They happen from
// before the first second until after the last.
type pace struct {
	from, to int
	longest  time.Duration
}

// Three of four plans are short. In a long one there is time to be away for longer than the bus waits, and to come back.
var paces = []pace{{4, 8, 6 * time.Second}, {4, 8, 6 * time.Second}, {4, 8, 6 * time.Second}, {20, 20, 12 * time.Second}}

// group is what a victim is one of: g for g1, g2 and g3.
func group(victim string) string { return strings.TrimRight(victim, "0123456789") }

func (f fault) dies() bool { return f.kind == faultKill || f.kind == faultDrain }
func (f fault) ofNetwork() bool {
	return f.kind == faultCut || f.kind == faultStall || f.kind == faultDelay
}

func (f fault) replaceable() bool {
	return slices.Contains([]string{"scheduler", "aggregator", "g"}, group(f.victim))
}

// newPlan draws the plan of a seed.
func newPlan(seed uint64) plan {
	rng := rand.New(rand.NewPCG(seed, 0))
	p := plan{seed: seed}
	speed := paces[rng.IntN(len(paces))]
	for i := range 1 + rng.IntN(mostRuns) {
		seconds := 4 + rng.IntN(5)
		if i == 0 {
			seconds = speed.from + rng.IntN(speed.to-speed.from+1)
		}
		o := order{
			RPS: float64(20 + rng.IntN(60)), Duration: fmt.Sprintf("%ds", seconds), Generators: planGenerators,
			Mode: []string{"constant", "constant", "ramp", "step", "spike"}[rng.IntN(5)],
		}
		if o.Mode == "ramp" {
			o.RampUp = "2s"
		}
		p.runs = append(p.runs, o)
	}
	const first = 200 * time.Millisecond
	within := func(d time.Duration) time.Duration {
		return (first + time.Duration(rng.Int64N(int64(d)))).Round(time.Millisecond)
	}
	over := time.Duration(speed.to+1) * time.Second
	victims := victims()
	for range 1 + rng.IntN(mostFaults) {
		f := fault{
			at: within(over), victim: victims[rng.IntN(len(victims))], lasts: within(speed.longest),
			kind: []faultKind{faultKill, faultKill, faultDrain, faultFreeze, faultCut, faultStall, faultDelay}[rng.IntN(7)],
		}
		if f.victim == natsServer && f.ofNetwork() { // there is no proxy that all of its clients share
			f.kind = faultKill
		}
		forGood := rng.IntN(2) == 0 && f.dies() && f.replaceable()
		clashes := func(o fault) bool {
			return o.victim == f.victim && o.ofNetwork() == f.ofNetwork() || forGood && o.lasts == 0 && group(o.victim) == group(f.victim)
		}
		if slices.ContainsFunc(p.faults, clashes) {
			continue
		}
		if forGood {
			f.lasts = 0
		}
		p.faults = append(p.faults, f)
	}
	if rng.IntN(3) == 0 {
		p.faults = append(p.faults, fault{at: within(over), victim: joiner, kind: faultJoin})
	}
	if rng.IntN(3) == 0 {
		run := rng.IntN(len(p.runs))
		at := within(length(p.runs[run].Duration))
		p.faults = append(p.faults, fault{at: at, victim: fmt.Sprintf("run%d", run+1), kind: faultStop})
	}
	slices.SortStableFunc(p.faults, func(a, b fault) int { return cmp.Compare(a.at, b.at) })
	return p
}

// victims are all that a fault can happen to.
func victims() []string {
	all := []string{natsServer, natsServer, redisServer, "gateway"}
	for name, n := range map[string]int{"scheduler": planSchedulers, "aggregator": planAggregators, "g": planGenerators} {
		for i := range n {
			all = append(all, fmt.Sprintf("%s%d", name, i+1))
		}
	}
	slices.Sort(all)
	return all
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
	drawn := map[string]int{}
	for seed := range uint64(1000) {
		p := newPlan(seed)
		require.Equal(t, p, newPlan(seed))
		require.NotEmpty(t, p.faults, p)
		type aspect struct {
			victim  string
			network bool
		}
		seen := map[aspect]bool{}
		for _, f := range p.faults {
			a := aspect{f.victim, f.ofNetwork()}
			require.False(t, seen[a], p)
			seen[a] = true
			drawn[f.String()]++
		}
	}
	process := []faultKind{faultKill, faultDrain, faultFreeze}
	for _, name := range []string{natsServer, redisServer, "gateway", "scheduler", "aggregator", "g"} {
		kinds := process
		if name != natsServer {
			kinds = append([]faultKind{faultCut, faultStall, faultDelay}, process...)
		}
		for _, kind := range kinds {
			require.Positive(t, drawn[fmt.Sprintf("%s %s", kind, name)], "%s %s of %v", kind, name, drawn)
		}
	}
	for _, what := range []string{
		"stop run", "start g", "kill -9 g for good", "kill -9 scheduler for good", "kill -9 aggregator for good", "SIGTERM g for good",
	} {
		require.Positive(t, drawn[what], "%s of %v", what, drawn)
	}
}

// String is what happens, to one of which group.
func (f fault) String() string {
	s := fmt.Sprintf("%s %s", f.kind, group(f.victim))
	if f.dies() && f.lasts == 0 {
		s += " for good"
	}
	return s
}

// The seeds of every test run have all that matters most.
func TestFixedSeedsCoverWhatMatters(t *testing.T) {
	t.Parallel()
	const ackWait = 5 * time.Second
	drawn, back := map[string]bool{}, false
	for _, seed := range fixedSeeds {
		p := newPlan(seed)
		for _, f := range p.faults {
			away := group(f.victim) == "g" && (f.kind == faultFreeze || f.kind == faultCut || f.kind == faultStall)
			back = back || away && f.lasts > ackWait+time.Second && f.at+f.lasts < length(p.runs[0].Duration)-time.Second
			drawn[f.String()] = true
			if f.dies() && f.lasts == 0 {
				drawn[fmt.Sprintf("%s %s", f.kind, group(f.victim))] = true
			}
		}
	}
	require.True(t, back, "a generator is away for longer than the bus waits, and comes back in the same run")
	for _, what := range covered {
		require.True(t, drawn[what], "%s of %v", what, drawn)
	}
}

// covered is what the fixed seeds do.
var covered = []string{
	"kill -9 nats", "kill -9 g", "kill -9 scheduler", "kill -9 aggregator", "kill -9 gateway",
	"SIGSTOP g", "cut off g", "SIGTERM g", "stop run", "start g", "kill -9 scheduler for good",
}

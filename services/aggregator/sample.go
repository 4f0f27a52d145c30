package aggregator

import (
	"cmp"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// samplesPerClass is how many failures of one class are kept, so that one cannot crowd out the others.
const samplesPerClass = 10

// samples keeps the earliest failures of each class, apart for the setup. Which ones these are does not depend on the order
// in which they come.
type samples struct {
	run, setup map[string][]load.ErrorSample // class → in order
}

func (s *samples) add(e load.ErrorSample) {
	kept := &s.run
	if e.Iteration < 0 {
		kept = &s.setup
	}
	if *kept == nil {
		*kept = map[string][]load.ErrorSample{}
	}
	list := (*kept)[e.Class]
	i, _ := slices.BinarySearchFunc(list, e, compareSamples)
	list = slices.Insert(list, i, e)
	(*kept)[e.Class] = list[:min(len(list), samplesPerClass)]
}

// ofSetup returns the samples of on_start and on_stop, at most load.MaxSamples.
func (s *samples) ofSetup() []load.ErrorSample {
	all := []load.ErrorSample{}
	for _, list := range s.setup {
		all = append(all, list...)
	}
	slices.SortFunc(all, compareSamples)
	return all[:min(len(all), load.MaxSamples)]
}

func compareSamples(a, b load.ErrorSample) int {
	return cmp.Or(
		cmp.Compare(a.Second, b.Second), cmp.Compare(a.Iteration, b.Iteration), cmp.Compare(a.Task, b.Task),
		cmp.Compare(a.Class, b.Class), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Message, b.Message),
	)
}

package generator

import (
	"maps"
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/load"
)

// maxSeries bounds the names of classes, of tasks, and of measures that the plan does not list: scripts can invent exception
// classes and measures without end.
const maxSeries = load.MaxMeasures

// seriesOther takes what is beyond.
const seriesOther = load.MeasureOther

// numbering numbers the names of a run from 1, so that a sample is small. The reserved names and the first maxSeries others
// have numbers of their own.
type numbering[K comparable] struct {
	numbers  atomic.Pointer[map[K]uint16] // replaced as a whole, so that looking up takes no lock
	reserved int                          // names that were there from the start

	mu    sync.Mutex
	names []K // in the order of their numbers
}

// reserve gives names, all different, numbers before there are any others: as many as leave room for those.
func (n *numbering[K]) reserve(names []K) {
	n.names = slices.Clone(names[:min(len(names), math.MaxUint16-2*maxSeries)])
	n.reserved = len(n.names)
	numbers := make(map[K]uint16, n.reserved)
	for i, name := range n.names {
		numbers[name] = narrow16(i + 1)
	}
	n.numbers.Store(&numbers)
}

// full reports whether a name that is not among the numbered ones is one too many.
func (n *numbering[K]) full(numbers map[K]uint16) bool { return len(numbers) >= n.reserved+maxSeries }

// number returns the number of a name, or that of other if there are too many. It allocates only for a new name.
func (n *numbering[K]) number(name, other K) uint16 {
	if i, ok := n.find(name, other); ok {
		return i
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if i, ok := n.find(name, other); ok {
		return i
	}
	numbers := map[K]uint16{}
	if old := n.numbers.Load(); old != nil {
		numbers = maps.Clone(*old)
	}
	if n.full(numbers) {
		name = other
	}
	n.names = append(n.names, name)
	i := narrow16(len(n.names))
	numbers[name] = i
	n.numbers.Store(&numbers)
	return i
}

// find looks a name up, and other in its place if there are too many.
func (n *numbering[K]) find(name, other K) (uint16, bool) {
	numbers := n.numbers.Load()
	if numbers == nil {
		return 0, false
	}
	i, ok := (*numbers)[name]
	if !ok && n.full(*numbers) {
		i, ok = (*numbers)[other]
	}
	return i, ok
}

// name returns the name that has a number.
func (n *numbering[K]) name(number uint16) K {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.names[number-1]
}

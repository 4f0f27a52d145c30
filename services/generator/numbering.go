package generator

import (
	"maps"
	"sync"
	"sync/atomic"
)

// maxSeries bounds the names of one kind in a run: scripts can invent exception classes and measures without end.
const maxSeries = 200

// seriesOther takes what is beyond.
const seriesOther = "other"

// numbering numbers the names of a run from 1, so that a sample is small. The first maxSeries names have numbers of their own.
type numbering[K comparable] struct {
	numbers atomic.Pointer[map[K]uint16] // replaced as a whole, so that looking up takes no lock

	mu    sync.Mutex
	names []K // in the order of their numbers
}

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
	if len(numbers) >= maxSeries {
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
	if !ok && len(*numbers) >= maxSeries {
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

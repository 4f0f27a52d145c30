package runtime

import (
	"sync"
	"sync/atomic"
)

// guard is the lock of a container that may be shared. It is nil while the
// container is private, so private data pays one nil check.
type guard struct{ mu *sync.Mutex }

func (g *guard) lock() {
	if g.mu != nil {
		g.mu.Lock()
	}
}

func (g *guard) unlock() {
	if g.mu != nil {
		g.mu.Unlock()
	}
}

func (g *guard) shared() bool { return g.mu != nil }

// share gives the container its lock and tells whether it had none.
func (g *guard) share() bool {
	if g.mu != nil {
		return false
	}
	g.mu = new(sync.Mutex)
	return true
}

// Slot is one rebindable name: a module's, a class's or a closure's. Readers
// need no lock.
type Slot struct {
	p      atomic.Pointer[Value]
	shared bool // set before any other goroutine can see the slot
}

// Load is the bound value, nil when unbound.
func (s *Slot) Load() Value {
	if p := s.p.Load(); p != nil {
		return *p
	}
	return nil
}

// Store binds v; nil unbinds.
func (s *Slot) Store(v Value) {
	if v == nil {
		s.p.Store(nil)
		return
	}
	if s.shared {
		publish(v)
	}
	s.p.Store(&v)
}

// A container is a value that others can be reached from. share marks it and
// appends what it holds to the queue; a second call does nothing.
type container interface {
	publishTo(queue []Value) []Value
}

// publish gives a lock to everything reachable from the values. The caller is
// the only goroutine that can reach what is not published yet.
func publish(roots ...Value) {
	if len(roots) == 1 && !isContainer(roots[0]) {
		return
	}
	var seen map[*Tuple]bool // tuples have no mark of their own
	queue := append([]Value(nil), roots...)
	for len(queue) > 0 {
		v := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		switch c := v.(type) {
		case *Tuple:
			if seen[c] {
				continue
			}
			n := len(queue)
			if queue = c.publishTo(queue); len(queue) > n {
				if seen == nil {
					seen = map[*Tuple]bool{}
				}
				seen[c] = true
			}
		case container:
			queue = c.publishTo(queue)
		case Container:
			queue = c.PublishTo(queue)
		}
	}
}

func isContainer(v Value) bool {
	switch v.(type) {
	case container, Container:
		return true
	}
	return false
}

// Publish is for hosts that keep a value where several goroutines reach it.
func Publish(values ...Value) { publish(values...) }

func (s *Slot) publishTo(queue []Value) []Value {
	if s.shared {
		return queue
	}
	s.shared = true
	if v := s.Load(); v != nil {
		queue = append(queue, v)
	}
	return queue
}

func (t *Tuple) publishTo(queue []Value) []Value {
	for _, v := range t.Items {
		if isContainer(v) {
			queue = append(queue, v)
		}
	}
	return queue
}

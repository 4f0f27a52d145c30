package strand

import (
	"iter"
	"sync/atomic"
	"time"
)

// state is why a strand has switched back.
type state uint8

const (
	waits state = iota
	left
	returned
)

// A Strand is one of the functions that a loop runs. The nil Strand is that of code which runs in a goroutine of its own.
type Strand struct {
	loop   *Loop
	work   func(*Strand) // nil between two of them
	resume func() (state, bool)
	stop   func()
	yield  func(state) bool
	onLoop bool

	deadline time.Duration // while it waits
	place    int           // in the loop's list of those that wait
	parts    atomic.Int32  // of Together, that have not returned
}

func newStrand(l *Loop) *Strand {
	s := &Strand{loop: l}
	s.resume, s.stop = iter.Pull(func(yield func(state) bool) {
		s.yield = yield
		for more := true; more; more = yield(returned) {
			s.work(s)
			s.work = nil
		}
	})
	return s
}

// OnLoop reports whether the strand runs on its loop, where it must not block.
func (s *Strand) OnLoop() bool { return s != nil && s.onLoop }

// Loop returns the strand's loop. The strand must be on it.
func (s *Strand) Loop() *Loop { return s.loop }

// Leave makes the strand go on as a goroutine of its own, if it does not yet.
func (s *Strand) Leave() {
	if s.OnLoop() {
		s.onLoop = false
		s.yield(left)
	}
}

// carry runs a strand that has left its loop.
func (s *Strand) carry() {
	defer s.loop.carriers.Done()
	s.resume()
	s.loop.giveBack(s)
}

// Wait returns when something happens on the socket, at the deadline, or earlier. The strand must be on its loop.
func (s *Strand) Wait(w *Watch, deadline time.Duration) {
	if !w.told {
		w.strand, s.deadline = s, deadline
		s.loop.enlist(s)
		s.yield(waits)
		s.loop.strike(s)
		w.strand = nil
	}
	w.told, w.round = false, s.loop.round
}

// Together runs n strands beside each other and returns when all have returned. The strand must be on its loop.
func (s *Strand) Together(n int, work func(i int, s *Strand)) {
	s.parts.Store(int32(n) + 1) //nolint:gosec // not that many
	for i := range n {
		s.loop.Go(func(part *Strand) {
			work(i, part)
			if s.parts.Add(-1) == 0 {
				s.loop.post(s)
			}
		})
	}
	if s.parts.Add(-1) > 0 {
		s.yield(waits)
	}
}

// A Watch is a socket that a loop watches.
type Watch struct {
	told   bool    // something has happened since the last Wait
	ended  bool    // by the peer, or it is broken; that is told of together with what came before
	strand *Strand // that waits; nil: none
	round  uint64  // of the loop, at the end of the last Wait
}

// Quiet reports whether the loop has looked since the end of the last Wait and has seen nothing happen on the socket.
func (w *Watch) Quiet(l *Loop) bool { return !w.told && !w.ended && w.round < l.seen }

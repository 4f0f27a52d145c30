package users

import "github.com/loadpilot/loadpilot/services/generator/pacer"

// ring is a first-in, first-out queue of arrivals that reuses its memory.
type ring struct {
	buf  []pacer.Arrival // its length is 0 or a power of two
	head int
	n    int
}

func (r *ring) first() *pacer.Arrival { return &r.buf[r.head] }

func (r *ring) push(a pacer.Arrival) {
	if r.n == len(r.buf) {
		grown := make([]pacer.Arrival, max(64, 2*len(r.buf)))
		copied := copy(grown, r.buf[r.head:])
		copy(grown[copied:], r.buf[:r.head])
		r.buf, r.head = grown, 0
	}
	r.buf[(r.head+r.n)&(len(r.buf)-1)] = a
	r.n++
}

// pop removes and returns the first arrival; the ring must not be empty.
func (r *ring) pop() pacer.Arrival {
	a := r.buf[r.head]
	r.buf[r.head] = pacer.Arrival{}
	r.head = (r.head + 1) & (len(r.buf) - 1)
	r.n--
	return a
}

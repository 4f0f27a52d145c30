package pacer

import (
	"sort"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Lane is what the pacer knows of a run.
type Lane struct {
	Profile *load.Profile // of the plan; the tokens tell what a change of the rate has moved
	MaxLag  time.Duration // an arrival that is due longer ago is late
	Sink    Sink
	Settled func() // called whenever the last arrival of a token was started or dropped; it must not block
}

// Sink takes arrivals over.
type Sink interface {
	// Arrive takes arrivals of one lane in the order of their due times. It must not block and must not keep the slice.
	Arrive(batch []Arrival)
}

// Arrival is one planned iteration that is due.
type Arrival struct {
	Number int64
	Due    time.Duration
	Token  *Token
	Late   bool // due too long ago to be started
}

// Token is a token in the hands of this generator, and the tally of what became of its arrivals.
type Token struct {
	load.Token

	lane  *Lane
	start time.Duration // instant at which its second starts

	next, end int64 // arrivals not yet handed over; guarded by the pacer

	started, settled          atomic.Int64
	late, noUser, afterTheEnd atomic.Int64
}

// NewToken takes a token in hand. Start is the local instant at which its second starts: it is translated from bus time
// once, so that a correction of the clock cannot reorder arrivals.
func NewToken(t load.Token, lane *Lane, start time.Duration) *Token {
	return &Token{Token: t, lane: lane, start: start, end: t.Count}
}

// due returns when the token's i-th arrival is due.
func (t *Token) due(i int64) time.Duration {
	return t.start + t.lane.Profile.TokenDue(&t.Token, i) - time.Duration(t.Second)*time.Second
}

// InTime returns how many of the token's arrivals are not late at now, whatever became of them.
func (t *Token) InTime(now time.Duration) int64 {
	return t.Count - int64(sort.Search(int(t.Count), func(i int) bool { return now-t.due(int64(i)) <= t.lane.MaxLag }))
}

// Over returns the instant after which none of the token's arrivals can be started.
func (t *Token) Over() time.Duration { return t.due(t.Count-1) + t.lane.MaxLag }

// Start books an arrival as started.
func (t *Token) Start() {
	t.started.Add(1)
	t.settle(1)
}

// Drop books n arrivals as dropped.
func (t *Token) Drop(reason load.DropReason, n int64) {
	switch reason {
	case load.DropNoUser:
		t.noUser.Add(n)
	case load.DropStopped:
		t.afterTheEnd.Add(n)
	default:
		t.late.Add(n)
	}
	t.settle(n)
}

func (t *Token) settle(n int64) {
	if t.settled.Add(n) == t.Count && t.lane.Settled != nil {
		t.lane.Settled()
	}
}

// Settled reports whether each arrival was started or dropped.
func (t *Token) Settled() bool { return t.settled.Load() == t.Count }

// Tally is what became of a token's arrivals so far.
type Tally struct {
	Started, Late, NoUser, Cancelled int64
}

// Tally reads the counts. They never shrink; once the token is settled they add up to its arrivals.
func (t *Token) Tally() Tally {
	return Tally{
		Started: t.started.Load(), Late: t.late.Load(), NoUser: t.noUser.Load(), Cancelled: t.afterTheEnd.Load(),
	}
}

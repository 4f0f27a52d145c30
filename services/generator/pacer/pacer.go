package pacer

import (
	"context"
	"math"
	"runtime"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// maxBatch is how many arrivals are handed over at once at most.
	maxBatch = 512
	// nearby is how close an arrival must be for the pacer to sleep in the clock, which nothing can interrupt; until then
	// it waits in a timer, which a new token interrupts. It covers the lateness of Go timers.
	nearby = 2 * time.Millisecond
)

// Pacer hands arrivals over when they are due. Its methods are safe for concurrent use.
type Pacer struct {
	clock Clock
	wake  chan struct{} // holds one element when the first arrival of all has changed

	mu    sync.Mutex
	queue queue
}

// New returns a pacer; Run makes it work.
func New(clock Clock) *Pacer {
	return &Pacer{clock: clock, wake: make(chan struct{}, 1)}
}

// Add takes a token in. Arrivals that are due already are handed over at once, as late if they are.
func (p *Pacer) Add(t *Token) {
	p.mu.Lock()
	first := p.queue.add(t)
	p.mu.Unlock()
	if first {
		select {
		case p.wake <- struct{}{}:
		default:
		}
	}
}

// Cut drops all arrivals of the lane that are due at or after the instant and were not handed over yet, as cancelled.
func (p *Pacer) Cut(lane *Lane, from time.Duration) {
	type removal struct {
		token *Token
		n     int64
	}
	var removals []removal
	p.mu.Lock()
	p.queue.cut(lane, from, func(t *Token, n int64) { removals = append(removals, removal{token: t, n: n}) })
	p.mu.Unlock()
	for _, r := range removals {
		r.token.Drop(load.DropStopped, r.n)
	}
}

// Clear drops all arrivals of the lane that were not handed over yet, as cancelled.
func (p *Pacer) Clear(lane *Lane) { p.Cut(lane, math.MinInt64) }

// Untouched gives up the lane's tokens of which no arrival was handed over yet, and returns them.
func (p *Pacer) Untouched(lane *Lane) []*Token {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.queue.untouched(lane)
}

// Run hands arrivals over until ctx ends. It occupies one operating system thread.
func (p *Pacer) Run(ctx context.Context) {
	// The thread is not unlocked: it ends with the goroutine and takes its timer settings along.
	runtime.LockOSThread()
	tuneThread()
	timer := time.NewTimer(math.MaxInt64)
	defer timer.Stop()
	batch := make([]Arrival, 0, maxBatch)
	for ctx.Err() == nil {
		var lane *Lane
		p.mu.Lock()
		batch, lane = p.queue.take(p.clock.Now(), maxBatch, batch[:0])
		next, held := p.queue.first()
		p.mu.Unlock()
		switch {
		case lane != nil:
			lane.Sink.Arrive(batch)
		case held:
			p.wait(ctx, next, timer)
		default:
			select {
			case <-p.wake:
			case <-ctx.Done():
			}
		}
	}
}

// wait returns at the instant, or earlier when a token came whose arrivals are due before it.
func (p *Pacer) wait(ctx context.Context, until time.Duration, timer *time.Timer) {
	if d := until - p.clock.Now(); d > nearby {
		timer.Reset(d - nearby)
		select {
		case <-timer.C:
		case <-p.wake:
			return
		case <-ctx.Done():
			return
		}
	}
	p.clock.SleepUntil(until)
}

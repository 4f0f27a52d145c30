package pacer

import (
	"context"
	"math"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// maxBatch is how many arrivals are handed over at once at most.
const maxBatch = 512

// never is an instant that does not come.
const never = time.Duration(math.MaxInt64)

// Pacer hands arrivals over when they are due. Its methods are safe for concurrent use.
type Pacer struct {
	clock Clock
	alarm Alarm

	mu    sync.Mutex
	queue queue
}

// New returns a pacer that waits for an alarm by the clock; Run makes it work, must be called, and closes the alarm.
func New(clock Clock, alarm Alarm) *Pacer { return &Pacer{clock: clock, alarm: alarm} }

// Add takes a token in. Arrivals that are due already are handed over at once, as late if they are.
func (p *Pacer) Add(t *Token) {
	p.mu.Lock()
	first := p.queue.add(t)
	p.mu.Unlock()
	if first {
		p.alarm.Ring()
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

// Run hands arrivals over until ctx ends. It is called once.
func (p *Pacer) Run(ctx context.Context) {
	defer p.alarm.Close()
	defer context.AfterFunc(ctx, p.alarm.Ring)()
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
			p.alarm.Wait(next)
		default:
			p.alarm.Wait(never)
		}
	}
}

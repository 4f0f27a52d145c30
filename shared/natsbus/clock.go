package natsbus

import (
	"context"
	"encoding/json"
	"fmt"
	"sync/atomic"
	"time"
)

const (
	clockSamples  = 8
	clockInterval = 10 * time.Second
	// clockDrift is how much two quartz clocks may part, as a share of the time since they were compared.
	clockDrift = 50e-6
	// clockJump is what is worth a warning: an error as large would make a run's times suspect.
	clockJump = 5 * time.Millisecond
)

// Clock tells the bus time: that of the NATS server, which all parts of a fleet compare their clocks with.
type Clock struct {
	bus  *Bus
	best atomic.Pointer[reading]
}

// reading is one comparison of the clocks.
type reading struct {
	local time.Time // with its monotonic part
	bus   time.Time
	bound time.Duration // of the error: half the round trip
}

// errorAt bounds the error of the reading at a later local time.
func (r *reading) errorAt(local time.Time) time.Duration {
	return r.bound + time.Duration(clockDrift*float64(local.Sub(r.local)))
}

// at returns the bus time of a local time.
func (r *reading) at(local time.Time) time.Time { return r.bus.Add(local.Sub(r.local)) }

// replaces reports whether a newer reading takes the place of an older one: it is more exact, or they cannot both be right,
// because the bus has another clock now. A reading that is merely less exact, such as one of a server that is just starting
// or of a process that was frozen in the middle of it, must not move what is due.
func (r *reading) replaces(older *reading) bool {
	return r.bound < older.errorAt(r.local) || r.contradicts(older)
}

func (r *reading) contradicts(older *reading) bool {
	return r.bus.Sub(older.at(r.local)).Abs() > r.bound+older.errorAt(r.local)
}

// newReading assumes that the server looked at its clock in the middle of the round trip.
func newReading(asked, answered, server time.Time) *reading {
	half := answered.Sub(asked) / 2
	return &reading{local: asked.Add(half), bus: server, bound: half}
}

// Now returns the bus time.
func (c *Clock) Now() time.Time { return c.best.Load().at(time.Now()) }

// Error bounds how far Now may be off.
func (c *Clock) Error() time.Duration { return c.best.Load().errorAt(time.Now()) }

// Local returns the local time of an instant of the bus. It carries a monotonic reading, so that waiting for it is immune to
// changes of the wall clock.
func (c *Clock) Local(bus time.Time) time.Time {
	r := c.best.Load()
	return r.local.Add(bus.Sub(r.bus))
}

// run compares the clocks for as long as the bus lives: at intervals, and after each reconnect, as the server may be another.
func (c *Clock) run() {
	ctx := c.bus.lifetime
	tick := time.NewTicker(clockInterval)
	defer tick.Stop()
	reconnected := c.bus.reconnected()
	for {
		select {
		case <-ctx.Done():
			return
		case <-reconnected:
			reconnected = c.bus.reconnected()
			if err := c.synchronise(ctx); err != nil && ctx.Err() == nil {
				c.bus.log.Warn("bus time not read", "error", err)
			}
		case <-tick.C:
			if newer := c.sample(ctx); newer != nil {
				c.adopt(newer)
			}
		}
	}
}

// synchronise takes a reading, and tries again while the server does not answer.
func (c *Clock) synchronise(ctx context.Context) error {
	return retry(ctx, "read bus time", func(ctx context.Context) error {
		r := c.sample(ctx)
		if r == nil {
			return fmt.Errorf("no answer in %v", attemptTimeout)
		}
		c.adopt(r)
		return nil
	})
}

// adopt replaces the present reading if the newer one is better. It is called by one goroutine at a time.
func (c *Clock) adopt(newer *reading) {
	present := c.best.Load()
	if present == nil {
		c.best.Store(newer)
		return
	}
	if !newer.replaces(present) {
		return
	}
	if jump := newer.bus.Sub(present.at(newer.local)); newer.contradicts(present) && jump.Abs() > clockJump {
		c.bus.log.Warn("the clock of the bus has jumped", "by", jump)
	}
	c.best.Store(newer)
}

// sample returns the reading of the shortest of some round trips, nil if there was no answer.
func (c *Clock) sample(ctx context.Context) *reading {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	var best *reading
	for range clockSamples {
		asked := time.Now()
		m, err := c.bus.nc.RequestWithContext(ctx, "$JS.API.STREAM.INFO."+tokenStream, nil)
		answered := time.Now()
		if err != nil {
			return best
		}
		var info struct {
			At time.Time `json:"ts"`
		}
		if json.Unmarshal(m.Data, &info) != nil || info.At.IsZero() {
			return best
		}
		if r := newReading(asked, answered, info.At); best == nil || r.bound < best.bound {
			best = r
		}
	}
	return best
}

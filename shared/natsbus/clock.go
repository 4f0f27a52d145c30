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

// newReading assumes that the server looked at its clock in the middle of the round trip.
func newReading(asked, answered, server time.Time) *reading {
	half := answered.Sub(asked) / 2
	return &reading{local: asked.Add(half), bus: server, bound: half}
}

// Now returns the bus time.
func (c *Clock) Now() time.Time {
	r := c.best.Load()
	return r.bus.Add(time.Since(r.local))
}

// Error bounds how far Now may be off.
func (c *Clock) Error() time.Duration { return c.best.Load().errorAt(time.Now()) }

// Local returns the local time of an instant of the bus. It carries a monotonic reading, so that waiting for it is immune to
// changes of the wall clock.
func (c *Clock) Local(bus time.Time) time.Time {
	r := c.best.Load()
	return r.local.Add(bus.Sub(r.bus))
}

// run compares the clocks for as long as the bus lives. What a server said does not count for the one that follows it.
func (c *Clock) run() {
	ctx := c.bus.lifetime
	tick := time.NewTicker(clockInterval)
	defer tick.Stop()
	reconnected := c.bus.reconnected()
	for {
		var newer *reading
		select {
		case <-ctx.Done():
			return
		case <-reconnected:
			reconnected = c.bus.reconnected()
			if err := c.synchronise(ctx); err != nil && ctx.Err() == nil {
				c.bus.log.Warn("bus time not read", "error", err)
			}
			continue
		case <-tick.C:
			newer = c.sample(ctx)
		}
		if newer != nil && newer.bound < c.Error() {
			c.best.Store(newer)
		}
	}
}

// synchronise replaces the present reading.
func (c *Clock) synchronise(ctx context.Context) error {
	return retry(ctx, "read bus time", func(ctx context.Context) error {
		r := c.sample(ctx)
		if r == nil {
			return fmt.Errorf("no answer in %v", attemptTimeout)
		}
		c.best.Store(r)
		return nil
	})
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

package generator

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	prepareWithin = 20 * time.Second // how long the first users have before the run is reported as it stands
	firstAttempts = 3                // of on_start for each of the first users, before the run is reported as it stands
	strayWithin   = time.Second      // how long after the profile's end a token may still come to be started, if max lag allows
)

// prepare starts the first users and reports the run as prepared, or why it is not; then it goes on until a user is ready.
// It returns false if the run needs no start any more.
func (e *execution) prepare() bool {
	run, pool := e.run.Load(), e.pool.Load()
	want := run.Plan.PreparedUsers(e.profile.Peak(), run.Generators)
	pool.Grow(want)
	deadline := e.service.clock.Now() + prepareWithin
	timer := time.AfterFunc(prepareWithin, func() { signal(e.changed) })
	defer timer.Stop()
	tried := func() bool {
		n := pool.Counts()
		allTried := n.Settling == 0 && n.Failures >= firstAttempts*n.Failed
		return n.Users >= want || allTried || e.service.clock.Now() >= deadline || e.isStopped()
	}
	ready := func() bool { return pool.Counts().Users > 0 || e.isStopped() }
	if !e.await(pool.Changed(), tried) {
		return false
	}
	if !ready() {
		e.service.report(run.ID, load.Prepared{Error: "no user could start: " + e.recorder.setupError()})
		if !e.await(pool.Changed(), ready) {
			return false
		}
	}
	if e.isStopped() {
		return false
	}
	e.service.report(run.ID, load.Prepared{Users: pool.Counts().Users})
	return true
}

func (e *execution) isStopped() bool { return e.run.Load().Stopped() }

// mayStart reports whether tokens flow, or never will.
func (e *execution) mayStart() bool {
	return e.run.Load().State == load.StateRunning || e.isStopped()
}

// awaitEnd waits until nothing more can be started: the profile has ended, a stop was asked for, or the generator leaves.
func (e *execution) awaitEnd() {
	run := e.run.Load()
	timer := time.AfterFunc(math.MaxInt64, func() { signal(e.changed) })
	defer timer.Stop()
	e.await(nil, func() bool {
		// Translated each time: the clock of the bus may have been set.
		end := e.instant(run.T0) + e.profile.Length() + min(run.Plan.MaxLag, strayWithin)
		left := end - e.service.clock.Now()
		timer.Reset(left)
		return e.isStopped() || left <= 0
	})
}

// instant translates bus time.
func (e *execution) instant(bus time.Time) time.Duration {
	return e.service.clock.At(e.service.deps.Clock.Local(bus))
}

// pull takes tokens until ctx ends; a fetch under way is let return, so that no token is left between the bus and here.
func (e *execution) pull(ctx context.Context) {
	run := e.run.Load()
	size := e.profile.Peak() / float64(max(1, run.Slices))
	failing := false
	for ctx.Err() == nil {
		n, wait := e.service.allowance.tokens(e.service.clock.Now(), size)
		if n == 0 {
			pause(ctx, wait)
			continue
		}
		deliveries, err := e.service.deps.Tokens.Fetch(e.over, *e.run.Load(), n) //nolint:contextcheck // outlives ctx on purpose
		for _, d := range deliveries {
			e.accept(d)
			size = max(size, float64(d.Token.Planned)/float64(d.Token.Slices)) // the rate may have been raised meanwhile
		}
		if err != nil && ctx.Err() == nil {
			if !failing && !errors.Is(err, load.ErrNotFound) {
				e.log.Warn("tokens not fetched, trying again", "error", err)
			}
			pause(ctx, retryEvery)
		}
		failing = err != nil
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// accept takes a token in hand. A redelivered token was held by someone who fell silent, and whose arrivals may have been
// started: it is only accounted for. It comes late by more than its whole second; a token that comes again in time was given
// back untouched.
func (e *execution) accept(d load.Delivery) {
	now := e.service.clock.Now()
	t := pacer.NewToken(d.Token, e.lane, e.instant(d.Token.StartAt))
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.holdings.add(t, d.Receipt, now) {
		return
	}
	switch {
	case d.Redelivered && t.InTime(now) < t.Count:
		t.Drop(load.DropLate, t.Count)
	case e.stopped:
		t.Drop(load.DropStopped, t.Count)
	default:
		e.service.allowance.spend(t.InTime(now))
		e.service.pacer.Add(t)
	}
}

// finish lets what has begun come to its end: arrivals that are due before the end or the stop, or that belong to a token of
// which something was started; then the iterations under way; then on_stop. What outlives the graceful stop, or the time that
// a leaving generator has, is cut off.
func (e *execution) finish() {
	if e.isLeaving() {
		if err := e.holdings.giveBack(e.service.pacer.Untouched(e.lane)); err != nil {
			e.log.Warn("tokens not given back", "error", err)
		}
	}
	e.obeyStop()
	for e.over.Err() == nil && e.firing.Err() == nil && !e.holdings.settled() {
		select {
		case <-e.settled:
		case <-e.changed:
			e.obeyStop()
		case <-e.over.Done():
		case <-e.firing.Done():
		}
	}
	e.service.pacer.Clear(e.lane)
	grace := time.AfterFunc(e.graceLeft(), e.cut)
	defer grace.Stop()
	e.pool.Load().Close()
}

// graceLeft returns for how long iterations may still go on: the graceful stop counts from the end of the profile or from a
// stop, but not from later than now.
func (e *execution) graceLeft() time.Duration {
	run, now := e.run.Load(), e.service.clock.Now()
	from := now
	if !run.T0.IsZero() {
		from = min(from, e.instant(run.T0)+e.profile.Length())
	}
	if run.Stopped() {
		from = min(from, e.instant(run.StoppedAt))
	}
	return from + run.Plan.GracefulStop - now
}

// obeyStop drops what is due after the stop, if one was asked for.
func (e *execution) obeyStop() {
	run := e.run.Load()
	if !run.Stopped() {
		return
	}
	e.mu.Lock()
	e.stopped = true
	e.mu.Unlock()
	e.service.pacer.Cut(e.lane, e.instant(run.StoppedAt))
}

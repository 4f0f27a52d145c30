package aggregator

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Pauses between tries.
const (
	leasePause = time.Second
	firstPause = 50 * time.Millisecond
	longPause  = 2 * time.Second
)

// candidate stands ready to own one run, from the first record that this process sees of it until its result is there.
type candidate struct {
	*Service
	box *mailbox
	log *slog.Logger
	run load.Run // the newest record known
}

// work returns when the run needs no owner any more, or when ctx ends.
func (c *candidate) work(ctx context.Context) {
	for ctx.Err() == nil {
		needed, known := c.duty(ctx)
		switch {
		case known && !needed && c.run.State.Final():
			return
		case !needed:
			c.rest(ctx, 0)
			continue
		}
		lease, err := c.deps.Leases.Acquire(ctx, c.run.ID, c.cfg.Owner)
		switch {
		case err == nil:
			if c.own(ctx, lease) {
				return
			}
		case !errors.Is(err, load.ErrConflict) && ctx.Err() == nil:
			c.log.Warn("cannot ask for the lease, trying on", "error", err)
		}
		c.rest(ctx, leasePause)
	}
}

// duty reports whether the run calls for an owner: it has started, or it has failed and nobody has written its result.
func (c *candidate) duty(ctx context.Context) (needed, known bool) {
	switch {
	case c.run.State == load.StateDone:
		return false, true
	case !c.run.State.Final():
		return !c.run.T0.IsZero(), true
	}
	known = c.retry(ctx, "look for the result", func(ctx context.Context) error {
		_, err := c.deps.Results.Result(ctx, c.run.ID)
		needed = errors.Is(err, load.ErrNotFound)
		if needed {
			return nil
		}
		return err
	})
	return needed, known
}

// rest waits for a newer record, or for the pause to pass if it is above 0.
func (c *candidate) rest(ctx context.Context, pause time.Duration) {
	var over <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		over = timer.C
	}
	for {
		select {
		case run := <-c.box.ch:
			if c.accept(run) {
				return
			}
		case <-over:
			return
		case <-ctx.Done():
			return
		}
	}
}

// accept takes a record unless it is an old one: the watch also repeats what this process wrote itself.
func (c *candidate) accept(run load.Run) bool {
	if run.Revision <= c.run.Revision {
		return false
	}
	c.run = run
	return true
}

// retry calls do until it succeeds, with growing pauses; false: ctx ended first.
func (c *candidate) retry(ctx context.Context, what string, do func(context.Context) error) bool {
	pause := firstPause
	for {
		err := do(ctx)
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case pause == firstPause:
			c.log.Warn("the bus refuses, trying on", "operation", what, "error", err)
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return false
		}
		pause = min(2*pause, longPause)
	}
}

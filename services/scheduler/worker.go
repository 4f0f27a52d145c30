package scheduler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Pauses between tries, and between looks at the fleet.
const (
	barrierPoll = 100 * time.Millisecond
	firstPause  = 50 * time.Millisecond
	longPause   = 2 * time.Second
)

// worker looks after one run from the first record that this replica sees of it to the final one.
type worker struct {
	*Service
	box *mailbox
	log *slog.Logger
	run load.Run // the newest record known
}

// work returns when the run is final and its consumer deleted, or when ctx ends.
func (w *worker) work(ctx context.Context) {
	for w.receive(ctx) {
		for w.step(ctx) {
		}
		if w.run.State.Final() {
			w.tidy(ctx)
			return
		}
	}
}

// receive waits for a record that is newer than the known one; false: ctx has ended.
func (w *worker) receive(ctx context.Context) bool {
	for {
		select {
		case run := <-w.box.ch:
			if w.accept(run) {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// accept takes a record unless it is an old one: the watch also repeats what this worker wrote itself.
func (w *worker) accept(run load.Run) bool {
	if run.Revision <= w.run.Revision {
		return false
	}
	w.run = run
	return true
}

// step does what the present state of the run calls for. It returns true when it has moved the run itself, false when
// there is nothing to do before the next record.
func (w *worker) step(ctx context.Context) bool {
	run := w.run
	switch {
	case run.State.Final():
		return false
	case run.T0.IsZero() && (run.Stopped() || run.State == load.StateStopping):
		run.State = load.StateAborted
		if run.Reason == "" {
			run.Reason = "stopped before it started"
		}
		return w.update(ctx, run)
	case run.State == load.StatePending:
		run.State = load.StatePreparing
		return w.update(ctx, run)
	case run.State == load.StatePreparing:
		return w.prepare(ctx)
	case run.State == load.StateRunning && !run.Stopped():
		return w.publishAll(ctx)
	default:
		return false
	}
}

// update swaps the record, trying again while the bus is away; false: someone else changed it first, or ctx has ended.
func (w *worker) update(ctx context.Context, run load.Run) bool {
	return w.swap(ctx, func() load.Run { return run })
}

// swap is update with a record that is made anew for each try.
func (w *worker) swap(ctx context.Context, record func() load.Run) bool {
	swapped := false
	w.retry(ctx, "update run record", func(ctx context.Context) error {
		stored, err := w.deps.Runs.Update(ctx, record())
		if errors.Is(err, load.ErrConflict) || errors.Is(err, load.ErrNotFound) {
			return nil
		}
		if err == nil {
			swapped = w.accept(stored)
		}
		return err
	})
	return swapped
}

// prepare waits at the start barrier, then starts or fails the run. It returns true when the record has changed.
func (w *worker) prepare(ctx context.Context) bool {
	// The time while the bus is away does not count: nobody could report, and when it is back the statuses of all have expired.
	begun := time.Now()
	poll := time.NewTicker(barrierPoll)
	defer poll.Stop()
	quiet := false
	for {
		fleet, err := w.deps.Fleet.List(ctx)
		switch {
		case ctx.Err() != nil:
			return false
		case err != nil:
			if !quiet {
				w.log.Warn("cannot list the generators, trying on", "error", err)
			}
			begun, quiet = time.Now(), true
		default:
			quiet = false
			b := decideStart(w.run, fleet, time.Since(begun), w.cfg.PrepareTimeout)
			switch {
			case b.start:
				return w.start(ctx, b.generators)
			case b.failed:
				run := w.run
				run.State, run.Cause, run.Reason = load.StateFailed, b.cause, b.reason
				return w.update(ctx, run)
			}
		}
		select {
		case <-poll.C:
		case run := <-w.box.ch:
			if w.accept(run) && run.State != load.StatePreparing {
				return true
			}
		case <-ctx.Done():
			return false
		}
	}
}

// start opens the consumer and fixes second 0. A record that names more generators than are ready is believed: they are
// expected to join.
func (w *worker) start(ctx context.Context, ready int) bool {
	run := w.run
	profile, err := load.NewProfile(run.Plan.Shape)
	if err != nil {
		return w.refuse(ctx, err)
	}
	sequence, err := load.NewSequence(run.Plan.Tasks)
	if err != nil {
		return w.refuse(ctx, err)
	}
	run.Slices = load.SliceCount(profile.Peak(), max(ready, run.Generators), sequence.Cycle())
	bounded, cancel := context.WithTimeout(ctx, w.cfg.PrepareTimeout)
	defer cancel()
	if !w.retry(bounded, "open token consumer", func(ctx context.Context) error {
		return w.deps.Tokens.Open(ctx, run, w.cfg.Lead)
	}) {
		return w.refuse(ctx, fmt.Errorf("no token consumer could be opened within %v", w.cfg.PrepareTimeout))
	}
	run.State = load.StateRunning
	if !w.swap(ctx, func() load.Run {
		run.T0 = w.deps.Clock.Now().Add(w.cfg.StartDelay) // of each try, or an outage would eat the first seconds
		return run
	}) {
		return false
	}
	w.log.Info("run starts", "generators", ready, "slices", run.Slices, "planned", profile.Total())
	return true
}

// refuse fails a run that cannot be scheduled.
func (w *worker) refuse(ctx context.Context, why error) bool {
	run := w.run
	run.State, run.Cause, run.Reason = load.StateFailed, load.CauseInfra, why.Error()
	return w.update(ctx, run)
}

// publishAll publishes second after second until the last, or until the record says something new; it returns true in
// that case.
func (w *worker) publishAll(ctx context.Context) bool {
	table, err := newTimetable(w.run, w.cfg.Lead)
	if err != nil {
		return w.refuse(ctx, err)
	}
	last, found := 0, false
	if !w.retry(ctx, "find last published second", func(ctx context.Context) (err error) {
		last, found, err = w.deps.Tokens.LastSecond(ctx, w.run)
		return err
	}) {
		return false
	}
	from := table.resume(last, found, w.deps.Clock.Now())
	w.log.Info("publishing", "from", from)
	for second := from; ; second++ {
		d := table.next(second, w.deps.Clock.Now())
		second = d.second
		if d.skipped > 0 {
			w.metrics.skippedSeconds.Add(float64(d.skipped))
			w.log.Warn("seconds were over before they could be published", "skipped", d.skipped, "before", d.second)
		}
		if d.over {
			return false
		}
		if changed, ok := w.await(ctx, d.at); changed || !ok {
			return ok
		}
		if w.publish(ctx, &table, d) {
			return true
		}
	}
}

// await waits for a bus time. It returns early with changed if a record has come that ends the publishing or changes the rate; ok
// is false when ctx has ended.
func (w *worker) await(ctx context.Context, at time.Time) (changed, ok bool) {
	timer := time.NewTimer(at.Sub(w.deps.Clock.Now()))
	defer timer.Stop()
	for {
		select {
		case run := <-w.box.ch:
			if w.told(run) {
				return true, true
			}
		case <-ctx.Done():
			return false, false
		case <-timer.C:
			return false, true
		}
	}
}

// told takes a record and reports whether the timetable of the one before no longer holds.
func (w *worker) told(run load.Run) bool {
	changes := w.run.Changes
	return w.accept(run) && (run.State != load.StateRunning || run.Stopped() || !slices.Equal(run.Changes, changes))
}

// publish sends the tokens of one second, again and again while that is still of use. It asks for the record first, which whoever
// stood still or was cut off may not have been told of yet, and returns true if the timetable no longer holds.
func (w *worker) publish(ctx context.Context, table *timetable, d departure) (overtaken bool) {
	tokens := table.tokens(d.second)
	ctx, cancel := context.WithTimeout(ctx, d.deadline.Sub(w.deps.Clock.Now()))
	defer cancel()
	sent := w.retry(ctx, "publish tokens", func(ctx context.Context) error {
		run, err := w.deps.Runs.Get(ctx, w.run.ID)
		if err != nil && !errors.Is(err, load.ErrNotFound) { // deleted by hand
			return err
		}
		if overtaken = w.told(run); overtaken {
			return nil
		}
		return w.deps.Tokens.Publish(ctx, w.run.Pool, tokens)
	})
	switch {
	case overtaken:
	case sent:
		w.metrics.tokens.Add(float64(len(tokens)))
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		w.metrics.lateSeconds.Inc()
		w.log.Warn("a second could not be published whole in time", "second", d.second, "tokens", len(tokens))
	}
	return overtaken
}

// tidy deletes the consumer of a final run.
func (w *worker) tidy(ctx context.Context) {
	w.retry(ctx, "close token consumer", func(ctx context.Context) error {
		return w.deps.Tokens.Close(ctx, w.run)
	})
}

// retry calls do until it succeeds, with growing pauses; false: ctx ended first. Once ctx has ended do is not called, so that
// a process that was frozen does not publish what was due in the meantime.
func (w *worker) retry(ctx context.Context, what string, do func(context.Context) error) bool {
	pause := firstPause
	for {
		if ctx.Err() != nil {
			return false
		}
		err := do(ctx)
		switch {
		case err == nil:
			return true
		case ctx.Err() != nil:
			return false
		case pause == firstPause:
			w.log.Warn("the bus refuses, trying on", "operation", what, "error", err)
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

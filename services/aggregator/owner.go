package aggregator

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Times of an owner.
const (
	beatEvery     = time.Second            // live snapshot and store
	decideEvery   = 100 * time.Millisecond // looking for what can be closed
	decideTimeout = time.Second
	// settling is how long the bus must have been there, and both streams been read, before an owner decides. After an outage,
	// for which it may have been made owner anew, generators need half a second to connect, a second until they try to store the
	// event that they hold, and another flush for what has gathered behind it. It is also how long the last events of a run that
	// failed are gathered.
	settling = 2500 * time.Millisecond
)

// owner works on a run while this process holds its lease.
type owner struct {
	*candidate
	tenure *tenure
	mark   uint64 // epoch under which it took the run over
	rules  rules

	acc     *account
	records <-chan load.Record
	tokens  <-chan load.Token
	goal    int // second of the newest token when it took over; −1 if there was none
	reached int // newest second whose tokens were read; −1 before the first
	ready   time.Time
	asked   map[string]bool // decisions that are stored and not yet read
	muted   map[string]bool // operations whose failure was logged and that have not succeeded since
	seen    *roll           // the newest one that was compared with what the decisions have told
	absent  map[string]int  // instance → looks in a row in which it was missed
	told    int             // incidents that were logged, or need not be
	refused time.Time       // since when the event stream refuses the mark, a decision or the result; zero: it does not
	store   storeWriter
}

// outcome is how a pass over the streams ended.
type outcome int

const (
	passLost     outcome = iota // the lease or the context is gone
	passBroken                  // a stream broke off, or an earlier end decision came to light: read again
	passFinished                // the result is published, or there can be none
)

// own works on the run until its result is published, or cannot be; false: the lease is lost, or ctx has ended.
func (c *candidate) own(ctx context.Context, lease load.Lease) bool {
	ctx, lost := context.WithCancel(ctx)
	o := &owner{
		candidate: c, mark: lease.Epoch, rules: rulesOf(&c.run.Plan, c.cfg.Lead), muted: map[string]bool{}, absent: map[string]int{},
		tenure: newTenure(c.deps.Leases, c.cfg.Expiry, lease),
	}
	o.store = storeWriter{store: c.deps.Store, wrote: make(chan written, 1)}
	var helpers sync.WaitGroup
	helpers.Go(func() { o.tenure.keep(ctx, lost) })
	o.log.Debug("owns the run", "epoch", lease.Epoch)
	c.lookout.owned.Add(1)
	defer c.lookout.owned.Add(-1)
	end := o.passes(ctx)
	o.metrics.leave(o.run.ID, end == passFinished)
	lost()
	helpers.Wait()
	o.store.wait()
	if err := o.tenure.release(ctx); err != nil {
		o.log.Debug("the lease was not given back and will run out", "error", err)
	}
	return end == passFinished
}

// passes reads the streams as often as needed. A run that was done before the lease could be had is left alone.
func (o *owner) passes(ctx context.Context) outcome {
	if !o.retry(ctx, "read run record", func(ctx context.Context) error {
		run, err := o.deps.Runs.Get(ctx, o.run.ID)
		switch {
		case errors.Is(err, load.ErrNotFound): // deleted by hand
			o.run.State = load.StateDone
			return nil
		case err == nil:
			o.accept(run)
		}
		return err
	}) {
		return passLost
	}
	if o.run.State == load.StateDone {
		return passFinished
	}
	var previous *account
	for {
		acc, err := newAccount(o.run)
		if err != nil {
			o.log.Error("the run cannot be aggregated", "error", err)
			return passFinished
		}
		if previous != nil && previous.void {
			acc.seal(previous.through)
		}
		o.acc = acc
		if end := o.pass(ctx); end != passBroken {
			return end
		}
		previous = acc
	}
}

// pass reads the streams from the start into a new account.
func (o *owner) pass(ctx context.Context) outcome {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	o.asked, o.ready, o.goal, o.reached = map[string]bool{}, time.Time{}, -1, -1
	if !o.retry(ctx, "leave the mark", o.leaveMark) || !o.retry(ctx, "open the streams", o.openStreams) {
		return passLost
	}
	check := time.NewTicker(decideEvery)
	defer check.Stop()
	beat := time.NewTimer(o.untilBeat())
	defer beat.Stop()
	for {
		select {
		case rec, open := <-o.records:
			if !open {
				return o.broken(ctx)
			}
			if err := o.acc.apply(rec); err != nil {
				o.log.Warn("an event is not understood and counts as missing", "error", err)
			}
			o.tell(rec)
			switch {
			case o.acc.void:
				return passBroken
			case o.acc.ended:
				return o.finish(ctx)
			}
		case tok, open := <-o.tokens:
			if !open {
				return o.broken(ctx)
			}
			o.reached = max(o.reached, tok.Second)
			o.acc.saw(tok)
		case run := <-o.box.ch:
			// Even when another owner has made the run done meanwhile, this one goes on to the end: its mark lies after the
			// result in the stream, and the result must come last.
			if o.accept(run) {
				o.acc.update(run)
			}
		case <-check.C:
			o.decide(ctx)
		case <-beat.C:
			o.beat(ctx)
			beat.Reset(o.untilBeat())
		case w := <-o.store.wrote:
			o.wrote(w)
		case <-ctx.Done():
			return passLost
		}
	}
}

// broken is the end of a pass whose stream was closed; the pause keeps a broken bus from being hammered.
func (o *owner) broken(ctx context.Context) outcome {
	timer := time.NewTimer(longPause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return passBroken
	case <-ctx.Done():
		return passLost
	}
}

// leaveMark says in the event stream that this process owns the run: whoever has read that has caught up.
func (o *owner) leaveMark(ctx context.Context) error {
	err := o.deps.Events.Decide(ctx, load.Decision{
		Run: o.run.ID, Kind: load.DecisionOwn, Epoch: o.mark, Owner: o.cfg.Owner, Second: o.second(),
	})
	o.heed(ctx, err)
	return err
}

// openStreams begins to read both streams.
func (o *owner) openStreams(ctx context.Context) (err error) {
	o.records, err = o.deps.Events.Replay(ctx, o.run.ID)
	if err != nil {
		return fmt.Errorf("replay events: %w", err)
	}
	if o.run.T0.IsZero() {
		o.tokens = nil
	} else {
		last, found, err := o.deps.Tokens.LastSecond(ctx, o.run)
		if err != nil {
			return fmt.Errorf("find newest token: %w", err)
		}
		if found {
			o.goal = last
		}
		if o.tokens, err = o.deps.Tokens.Watch(ctx, o.run); err != nil {
			return fmt.Errorf("watch tokens: %w", err)
		}
	}
	return nil
}

// caughtUp reports whether both streams have been read up to where they were when the pass began, and since when.
func (o *owner) caughtUp() bool {
	if o.ready.IsZero() && o.acc.story.mark >= o.mark && o.reached >= o.goal {
		o.ready = time.Now()
	}
	return !o.ready.IsZero()
}

// settled reports whether what is not in the account is not under way either. An owner that was there before the run began, and
// ever since, has missed nothing.
func (o *owner) settled() bool {
	if !o.caughtUp() {
		return false
	}
	calm := min(time.Since(o.ready), o.tenure.calm())
	return calm >= settling || !o.run.T0.IsZero() && calm >= o.deps.Clock.Now().Sub(o.run.T0)
}

// decide publishes the decisions that are due, those that only inform last. They take effect when they are read back from the stream.
func (o *owner) decide(ctx context.Context) {
	if !o.settled() {
		return
	}
	due := o.acc.decide(o.deps.Clock.Now(), o.rules)
	if o.run.State.Final() {
		due = []load.Decision{o.acc.end()}
	}
	for _, d := range due {
		if o.asked[d.ID()] {
			continue
		}
		if d.Kind == load.DecisionEnd {
			o.acc.seal(d.Through)
		}
		err := o.attempt(ctx, "publish decision", decideTimeout, func(ctx context.Context) error {
			return o.deps.Events.Decide(ctx, d)
		})
		if err != nil {
			o.heed(ctx, err)
			return
		}
		o.asked[d.ID()] = true
	}
	o.heed(ctx, nil)
	o.tellFleet(ctx)
}

// heed takes note of whether the event stream takes what this owner says about the run. A run of which it takes nothing for
// too long, because it is full, fails: its record is elsewhere, so clients see an end and generators are free. The owner goes
// on trying to store the result, now that of a run that has failed.
func (o *owner) heed(ctx context.Context, refusal error) {
	switch {
	case refusal == nil:
		o.refused = time.Time{}
	case ctx.Err() != nil || o.run.State.Final():
	case o.refused.IsZero():
		o.refused = time.Now()
	case time.Since(o.refused) >= o.cfg.EventPatience:
		_ = o.attempt(ctx, "fail the run", decideTimeout, func(ctx context.Context) error {
			return o.amend(ctx, func(run *load.Run) {
				run.State, run.Cause = load.StateFailed, load.CauseInfra
				run.Reason = fmt.Sprintf("the event stream has not taken the run's decisions for %v: %v", o.cfg.EventPatience, refusal)
			})
		})
	}
}

// beat publishes a live snapshot and lets the store follow.
func (o *owner) beat(ctx context.Context) {
	if !o.caughtUp() || o.run.T0.IsZero() {
		return
	}
	live := o.acc.snapshot(o.deps.Clock.Now())
	o.metrics.show(o.acc, live)
	if o.attempt(ctx, "publish live snapshot", decideTimeout/2, func(ctx context.Context) error {
		return o.deps.Live.Publish(ctx, live)
	}) == nil {
		o.acc.told(live)
	}
	o.stopIfBreached(ctx, live)
	if o.store.free() {
		o.store.begin(ctx, o.storeUpdate(live))
	}
}

// untilBeat returns the time to the next beat: each comes when the reports of a second should be in.
func (o *owner) untilBeat() time.Duration {
	if o.run.T0.IsZero() {
		return beatEvery
	}
	wait := o.run.T0.Add(reportDelay).Sub(o.deps.Clock.Now()) % beatEvery
	if wait <= 0 {
		wait += beatEvery
	}
	return wait
}

// attempt tries an operation once, for a bounded time; of a series of failures it logs the first.
func (o *owner) attempt(ctx context.Context, what string, limit time.Duration, do func(context.Context) error) error {
	bounded, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	err := do(bounded)
	if err != nil && ctx.Err() == nil && !o.muted[what] {
		o.log.Warn("the bus refuses, trying on", "operation", what, "error", err)
	}
	o.muted[what] = err != nil
	return err
}

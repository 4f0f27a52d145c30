package aggregator

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// finish offers the result to the store, publishes it, makes the run done, and lets subscribers know. A successor that is
// interrupted by nothing does the same with the same bytes, so each step may be done twice. Nobody looks after a run that is
// done, or that has failed and whose result is published, so the store has its chance before. A record that somebody changes
// meanwhile, to stop the run or because it has failed, is taken into account: the result that is offered and published last is
// that of the final record.
func (o *owner) finish(ctx context.Context) outcome {
	var result load.Result
	var body, offered []byte
	var unfit error // the result cannot be encoded, however often it is tried
	stored := false
	if o.store.busy {
		o.wrote(<-o.store.wrote)
	}
	for published := []byte(nil); ; published = body {
		if !o.retry(ctx, "publish the result", func(ctx context.Context) (err error) {
			// The run may have failed since the attempt before.
			if result, body, unfit = o.acc.final(o.run.State); unfit != nil {
				return nil //nolint:nilerr // to try again would not help
			}
			if !bytes.Equal(body, offered) {
				stored = o.store.free() && o.offer(ctx, &result, body) == nil
				offered = body
			}
			if !bytes.Equal(body, published) {
				err = o.deps.Results.PublishResult(ctx, o.run.ID, body)
			}
			o.heed(ctx, err)
			return err
		}) {
			return passLost
		}
		if unfit != nil {
			return o.abandon(ctx, unfit)
		}
		if o.run.State.Final() {
			break
		}
		if !o.retry(ctx, "end the run", func(ctx context.Context) error {
			return o.amend(ctx, func(run *load.Run) { run.State = load.StateDone })
		}) {
			return passLost
		}
	}
	o.log.Info("run has ended", "state", result.State, "passed", result.Verdict.Passed, "trust", result.Trust.Level,
		"planned", result.Ledger.Planned, "started", result.Ledger.Started)
	last := o.lastLive(&result)
	o.metrics.show(o.acc, last)
	_ = o.attempt(ctx, "publish live snapshot", decideTimeout, func(ctx context.Context) error {
		return o.deps.Live.Publish(ctx, last)
	})
	if !stored {
		o.offerOn(ctx, &result, body)
	}
	return passFinished
}

// abandon makes a run fail whose result cannot be encoded, which no patience mends.
func (o *owner) abandon(ctx context.Context, unfit error) outcome {
	o.log.Error("the run has no result", "error", unfit)
	if !o.run.State.Final() && !o.retry(ctx, "fail the run", func(ctx context.Context) error {
		return o.amend(ctx, func(run *load.Run) {
			run.State, run.Cause = load.StateFailed, load.CauseInfra
			run.Reason = fmt.Sprintf("the run has no result: %v", unfit)
		})
	}) {
		return passLost
	}
	return passFinished
}

// lastLive is the live line of the run as its result has it.
func (o *owner) lastLive(result *load.Result) load.Live {
	o.acc.run.State = result.State
	live := o.acc.snapshot(o.deps.Clock.Now())
	live.Thresholds, live.Trust = result.Verdict.Thresholds, result.Trust
	return live
}

// final returns the result that stands, and its JSON as it is published, of a run in a state: one that does not say how the
// run ended becomes done by this.
func (a *account) final(state load.State) (load.Result, []byte, error) {
	if !state.Final() {
		state = load.StateDone
	}
	result := a.result(state)
	body, err := json.Marshal(result)
	if err != nil {
		return load.Result{}, nil, fmt.Errorf("encode result: %w", err)
	}
	return result, body, nil
}

// amend changes the record of the run by compare-and-swap. If others have changed it meanwhile it only takes note of that.
func (o *owner) amend(ctx context.Context, change func(*load.Run)) error {
	run := o.run
	change(&run)
	stored, err := o.deps.Runs.Update(ctx, run)
	if errors.Is(err, load.ErrConflict) {
		stored, err = o.deps.Runs.Get(ctx, run.ID)
	}
	switch {
	case errors.Is(err, load.ErrNotFound): // deleted by hand
		o.run.State = load.StateDone
	case err != nil:
		return err
	case !o.accept(stored):
		return fmt.Errorf("%w: record %s is not newer", load.ErrConflict, run.ID)
	}
	o.acc.update(o.run)
	return nil
}

// errForgot says that the store takes only part of what it should hold.
var errForgot = errors.New("the store has forgotten the run")

// offer writes the last update to the store, which then holds everything unless it fails. The write outlives ctx: whoever
// waited for the run to be done may well end this process now.
func (o *owner) offer(ctx context.Context, result *load.Result, body []byte) error {
	update := o.storeUpdate(o.lastLive(result))
	update.State, update.Verdict, update.Trust, update.Result = result.State, "failed", string(result.Trust.Level), body
	if result.Verdict.Passed {
		update.Verdict = "passed"
	}
	rewrite, err := o.store.write(context.WithoutCancel(ctx), update)
	o.wrote(written{rewrite: rewrite, err: err})
	if err == nil && rewrite {
		return errForgot
	}
	return err
}

// offerOn offers the last update for as long as Config.StorePatience.
func (o *owner) offerOn(ctx context.Context, result *load.Result, body []byte) {
	giveUp := time.NewTimer(o.cfg.StorePatience)
	defer giveUp.Stop()
	pause := time.NewTicker(beatEvery)
	defer pause.Stop()
	for {
		err := o.offer(ctx, result, body)
		if err == nil {
			return
		}
		select {
		case <-pause.C:
		case <-giveUp.C:
			o.log.Warn("the result was not written to the store", "error", err)
			return
		case <-ctx.Done():
			return
		}
	}
}

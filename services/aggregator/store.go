package aggregator

import (
	"context"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Times of the store.
const (
	storeTimeout   = 2 * time.Second
	longStorePause = 10 * time.Second
)

// storeWriter writes to the store beside the owner's loop, one update at a time, so that a slow store delays nothing.
type storeWriter struct {
	store  Store
	wrote  chan written // takes the end of the one write under way
	busy   bool
	notYet time.Time // after a failure
	pause  time.Duration
	group  sync.WaitGroup
}

// written is how a write ended.
type written struct {
	rewrite bool
	err     error
}

// free reports whether the next write may begin.
func (w *storeWriter) free() bool { return !w.busy && !time.Now().Before(w.notYet) }

// begin starts a write whose end comes over wrote.
func (w *storeWriter) begin(ctx context.Context, update load.StoreUpdate) {
	w.busy = true
	w.group.Go(func() {
		rewrite, err := w.write(ctx, update)
		w.wrote <- written{rewrite: rewrite, err: err}
	})
}

func (w *storeWriter) write(ctx context.Context, update load.StoreUpdate) (rewrite bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	return w.store.Write(ctx, update)
}

// end takes note of the end of a write; true: everything must be written again.
func (w *storeWriter) end(out written) (again bool) {
	w.busy = false
	if out.err != nil {
		w.pause = min(max(beatEvery, 2*w.pause), longStorePause)
		w.notYet = time.Now().Add(w.pause)
		return true
	}
	w.pause = 0
	return out.rewrite
}

// wait returns when no write is under way.
func (w *storeWriter) wait() { w.group.Wait() }

// wrote takes note of the end of a write. After a failure nothing is known about what the store holds.
func (o *owner) wrote(w written) {
	const what = "write to the store"
	if w.err != nil {
		o.metrics.storeFailures.Inc()
	}
	if w.err != nil && !o.muted[what] {
		o.log.Warn("dashboards fall behind, the run goes on", "operation", what, "error", w.err)
	}
	o.muted[what] = w.err != nil
	if o.store.end(w) {
		o.acc.touchAll()
	}
}

// storeUpdate is everything that the store does not hold yet.
func (o *owner) storeUpdate(live load.Live) load.StoreUpdate {
	began := o.run.T0
	if began.IsZero() {
		began = o.run.CreatedAt
	}
	return load.StoreUpdate{
		Run: o.run.ID, Epoch: o.tenure.epoch(), StartedAt: began, State: o.run.State, Live: live,
		Seconds: o.acc.takeChanged(),
	}
}

package aggregator

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Times of a lease.
const (
	renewEvery   = time.Second
	renewPause   = 200 * time.Millisecond // after a failure
	renewTimeout = 800 * time.Millisecond
	// leaseReserve is how long before the bus forgets the lease its owner gives it up.
	leaseReserve = 500 * time.Millisecond
)

// tenure is the time for which this process owns a run.
type tenure struct {
	leases Leases
	ttl    time.Duration
	mu     sync.Mutex
	lease  load.Lease
	lost   bool
}

// epoch is that of the newest renewal.
func (t *tenure) epoch() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.lease.Epoch
}

// keep renews the lease until ctx ends, again and again if it fails. When the lease is lost, or soon may be, it calls lost
// and returns.
func (t *tenure) keep(ctx context.Context, lost func()) {
	pause := time.NewTimer(renewEvery)
	defer pause.Stop()
	renewed := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		asked, deadline := time.Now(), renewed.Add(t.ttl-leaseReserve)
		err := t.renew(ctx, deadline)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			renewed = asked
			pause.Reset(renewEvery)
		case errors.Is(err, load.ErrConflict) || !time.Now().Before(deadline):
			t.mu.Lock()
			t.lost = true
			t.mu.Unlock()
			lost()
			return
		default:
			pause.Reset(min(renewPause, time.Until(deadline)))
		}
	}
}

func (t *tenure) renew(ctx context.Context, deadline time.Time) error {
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	ctx, cancelTry := context.WithTimeout(ctx, renewTimeout)
	defer cancelTry()
	t.mu.Lock()
	lease := t.lease
	t.mu.Unlock()
	lease, err := t.leases.Renew(ctx, lease)
	if err == nil {
		t.mu.Lock()
		t.lease = lease
		t.mu.Unlock()
	}
	return err
}

// release gives the lease back unless it was lost. It works after ctx has ended, for a moment.
func (t *tenure) release(ctx context.Context) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.lost {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewTimeout)
	defer cancel()
	return t.leases.Release(ctx, t.lease)
}

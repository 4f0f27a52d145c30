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
	// calmGap between two renewals says that the bus was away meanwhile, or that this process stood still.
	calmGap = renewEvery + 500*time.Millisecond
)

// tenure is the time for which this process owns a run.
type tenure struct {
	leases Leases
	ttl    time.Duration

	mu      sync.Mutex
	lease   load.Lease
	lost    bool
	renewed time.Time // when the newest renewal was asked for, or the lease was got
	steady  time.Time // since when there was no calmGap between renewals
}

func newTenure(leases Leases, ttl time.Duration, lease load.Lease) *tenure {
	now := time.Now()
	return &tenure{leases: leases, ttl: ttl, lease: lease, renewed: now, steady: now}
}

// calm returns for how long the bus has answered each renewal in time; 0 if the next one is overdue.
func (t *tenure) calm() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now := time.Now()
	if now.Sub(t.renewed) > calmGap {
		return 0
	}
	return now.Sub(t.steady)
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
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		asked, deadline := time.Now(), t.renewed.Add(t.ttl-leaseReserve) // only this goroutine writes renewed
		err := t.renew(ctx, asked, deadline)
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			pause.Reset(time.Until(asked.Add(renewEvery)))
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

func (t *tenure) renew(ctx context.Context, asked, deadline time.Time) error {
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
		if asked.Sub(t.renewed) > calmGap {
			t.steady = asked
		}
		t.lease, t.renewed = lease, asked
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

package natsbus

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Leases says which aggregator owns a run. A lease that is not renewed is free again after the expiry of the bucket, 3 s, and
// up to 250 ms.
type Leases struct{ bucket jetstream.KeyValue }

type lease struct {
	V     int    `json:"v"`
	Owner string `json:"owner"`
}

// Acquire takes a lease that nobody holds. It fails with load.ErrConflict if somebody does, the same owner included. owner
// must be unique to the process.
func (l *Leases) Acquire(ctx context.Context, run, owner string) (load.Lease, error) {
	return l.write(ctx, "acquire", run, owner, l.bucket.Create)
}

// Renew extends a lease and returns it with its new epoch. It fails with load.ErrConflict if it was lost.
func (l *Leases) Renew(ctx context.Context, held load.Lease) (load.Lease, error) {
	renewed, err := l.write(ctx, "renew", held.Run, held.Owner, l.replace(held.Epoch))
	if !errors.Is(err, load.ErrConflict) {
		return renewed, err
	}
	// An earlier renewal may have succeeded although its answer was lost.
	present, readErr := l.present(ctx, held.Run)
	if readErr != nil || present.Owner != held.Owner {
		return load.Lease{}, err
	}
	return l.write(ctx, "renew", held.Run, held.Owner, l.replace(present.Epoch))
}

// Release gives a lease up, so that it can be acquired at once. One that was lost already is no error.
func (l *Leases) Release(ctx context.Context, held load.Lease) error {
	err := once(ctx, "release lease of run "+held.Run, func(ctx context.Context) error {
		return l.bucket.Delete(ctx, leaseKey(held.Run), jetstream.LastRevision(held.Epoch))
	})
	if errors.Is(err, load.ErrConflict) {
		return nil
	}
	return err
}

func leaseKey(run string) string { return "aggregator." + run }

func (l *Leases) replace(epoch uint64) func(context.Context, string, []byte, ...jetstream.KVCreateOpt) (uint64, error) {
	return func(ctx context.Context, key string, value []byte, _ ...jetstream.KVCreateOpt) (uint64, error) {
		return l.bucket.Update(ctx, key, value, epoch)
	}
}

func (l *Leases) write(ctx context.Context, verb, run, owner string,
	put func(context.Context, string, []byte, ...jetstream.KVCreateOpt) (uint64, error),
) (load.Lease, error) {
	if err := checkName("run", run); err != nil {
		return load.Lease{}, err
	}
	value, err := json.Marshal(lease{V: 1, Owner: owner})
	if err != nil {
		return load.Lease{}, fmt.Errorf("encode lease: %w", err)
	}
	written := load.Lease{Run: run, Owner: owner}
	err = once(ctx, verb+" lease of run "+run, func(ctx context.Context) (err error) {
		written.Epoch, err = put(ctx, leaseKey(run), value)
		return err
	})
	if err != nil {
		return load.Lease{}, err
	}
	return written, nil
}

// present reads who holds the lease now.
func (l *Leases) present(ctx context.Context, run string) (load.Lease, error) {
	var held load.Lease
	err := retry(ctx, "get lease of run "+run, func(ctx context.Context) error {
		entry, err := l.bucket.Get(ctx, leaseKey(run))
		if err != nil {
			return err
		}
		var stored lease
		if err := json.Unmarshal(entry.Value(), &stored); err != nil {
			return fmt.Errorf("decode lease: %w", err)
		}
		held = load.Lease{Run: run, Owner: stored.Owner, Epoch: entry.Revision()}
		return nil
	})
	return held, err
}

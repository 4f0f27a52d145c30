package natsbus

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Generators knows the generators that are alive.
type Generators struct {
	bus    *Bus
	bucket jetstream.KeyValue
}

// Announce says that a generator is alive, and how it is. It counts as alive for the expiry of the bucket, 3 s.
func (g *Generators) Announce(ctx context.Context, status load.GeneratorStatus) error {
	if err := errors.Join(checkName("generator", status.Generator), checkName("pool", status.Pool)); err != nil {
		return err
	}
	data, err := wire.EncodeGenerator(status)
	if err != nil {
		return err
	}
	return retry(ctx, "announce generator "+status.Generator, func(ctx context.Context) error {
		_, err := g.bucket.Put(ctx, status.Generator, data)
		return err
	})
}

// Withdraw says that a generator has left.
func (g *Generators) Withdraw(ctx context.Context, status load.GeneratorStatus) error {
	return retry(ctx, "withdraw generator "+status.Generator, func(ctx context.Context) error {
		return g.bucket.Delete(ctx, status.Generator)
	})
}

// List returns the generators that are alive, by name. One that cannot be read is logged and left out.
func (g *Generators) List(ctx context.Context) ([]load.GeneratorStatus, error) {
	stored, err := everyEntry(ctx, g.bucket)
	if err != nil {
		return nil, err
	}
	generators := make([]load.GeneratorStatus, 0, len(stored))
	for _, entry := range stored {
		status, err := wire.DecodeGenerator(entry.Value())
		if err != nil {
			g.bus.log.Warn("generator left out", "generator", entry.Key(), "error", err)
			continue
		}
		generators = append(generators, status)
	}
	slices.SortFunc(generators, func(a, b load.GeneratorStatus) int { return cmp.Compare(a.Generator, b.Generator) })
	return generators, nil
}

package scheduler

import (
	"context"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// RunStore keeps the run records.
type RunStore interface {
	// Watch sends every present record, then every change, until ctx ends; then the channel is closed.
	Watch(ctx context.Context) (<-chan load.Run, error)
	// Get returns the stored record, or load.ErrNotFound.
	Get(ctx context.Context, id string) (load.Run, error)
	// Update swaps the record if its revision is still the stored one and returns it with the new revision, else
	// load.ErrConflict.
	Update(ctx context.Context, run load.Run) (load.Run, error)
}

// TokenStream carries the tokens of the runs.
type TokenStream interface {
	// Open makes the consumer that the run's generators share; one that exists already is kept.
	Open(ctx context.Context, run load.Run, lead time.Duration) error
	// Publish returns when every token is stored. A token whose id is stored already counts as stored. On an error some
	// may be.
	Publish(ctx context.Context, pool string, tokens []load.Token) error
	// LastSecond returns the second of the newest stored token of the run.
	LastSecond(ctx context.Context, run load.Run) (second int, found bool, err error)
	// Close deletes the run's consumer; one that is gone already is no error.
	Close(ctx context.Context, run load.Run) error
}

// Fleet knows the generators that are alive.
type Fleet interface {
	List(ctx context.Context) ([]load.GeneratorStatus, error)
}

// Clock tells the bus time, by which all parts of a run agree.
type Clock interface {
	Now() time.Time
}

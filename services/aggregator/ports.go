package aggregator

import (
	"context"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// RunStore keeps the run records.
type RunStore interface {
	// Watch sends every present record, then every change, until ctx ends; then the channel is closed.
	Watch(ctx context.Context) (<-chan load.Run, error)
	// Get returns load.ErrNotFound for an unknown id.
	Get(ctx context.Context, id string) (load.Run, error)
	// Update swaps the record if its revision is still the stored one, else load.ErrConflict.
	Update(ctx context.Context, run load.Run) (load.Run, error)
}

// TokenWatch shows which tokens were published.
type TokenWatch interface {
	// Watch sends every token of the run in stream order, from the first, until ctx ends.
	Watch(ctx context.Context, run load.Run) (<-chan load.Token, error)
	// LastSecond returns the second of the newest stored token of the run.
	LastSecond(ctx context.Context, run load.Run) (second int, found bool, err error)
}

// EventLog is the event stream of a run.
type EventLog interface {
	// Replay sends the run's events and decisions from the start, then those to come, in stream order, until ctx ends.
	Replay(ctx context.Context, run string) (<-chan load.Record, error)
	// Decide returns when the decision is stored, or when one with its id already is.
	Decide(ctx context.Context, d load.Decision) error
}

// ResultLog keeps the results of the runs.
type ResultLog interface {
	PublishResult(ctx context.Context, run string, result []byte) error
	// Result returns load.ErrNotFound if none was published.
	Result(ctx context.Context, run string) ([]byte, error)
}

// LiveFeed carries the live snapshots; nobody may be listening.
type LiveFeed interface {
	Publish(ctx context.Context, snapshot load.Live) error
}

// Leases say which aggregator owns a run.
type Leases interface {
	// Acquire returns load.ErrConflict while someone holds the lease.
	Acquire(ctx context.Context, run, owner string) (load.Lease, error)
	// Renew returns load.ErrConflict if the lease was lost.
	Renew(ctx context.Context, lease load.Lease) (load.Lease, error)
	Release(ctx context.Context, lease load.Lease) error
}

// Fleet knows the generators that are alive.
type Fleet interface {
	List(ctx context.Context) ([]load.GeneratorStatus, error)
}

// Store is what dashboards read.
type Store interface {
	// Write returns rewrite if the store has forgotten the run, so that all seconds must be written again. It returns
	// load.ErrConflict if a newer owner has written.
	Write(ctx context.Context, update load.StoreUpdate) (rewrite bool, err error)
}

// Clock tells the bus time, by which all parts of a run agree.
type Clock interface {
	Now() time.Time
}

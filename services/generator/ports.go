package generator

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// RunStore tells of runs, and changes their records.
type RunStore interface {
	// Watch sends every present run and then every change, until ctx ends; then it closes the channel.
	Watch(ctx context.Context) (<-chan load.Run, error)
	// Update fails with load.ErrConflict if the record is not the one with that revision any more.
	Update(ctx context.Context, run load.Run) (load.Run, error)
}

// ScenarioStore keeps scenario sources and the data files that they read.
type ScenarioStore interface {
	// Get fails with load.ErrNotFound if there is no such text.
	Get(ctx context.Context, sha256 string) ([]byte, error)
}

// SecretStore keeps what runs need and nobody else may see.
type SecretStore interface {
	// Get fails with load.ErrNotFound if the run has none, or has ended.
	Get(ctx context.Context, run string) (load.Secrets, error)
}

// SeatStore numbers the generators of a run.
type SeatStore interface {
	// Claim returns the number of an instance, from 0; the same each time.
	Claim(ctx context.Context, run, instance string) (int, error)
}

// TokenSource delivers tokens.
type TokenSource interface {
	// Fetch waits up to a second for up to most tokens of the run. It fails with load.ErrNotFound if the run has no
	// consumer, not yet or not any more, and with load.ErrUnavailable if the bus does not answer.
	Fetch(ctx context.Context, run load.Run, most int) ([]load.Delivery, error)
}

// EventSink stores events.
type EventSink interface {
	// Publish returns when the event is stored. Publishing it again is harmless.
	Publish(ctx context.Context, e load.Event) error
}

// Registry is where generators show themselves.
type Registry interface {
	Announce(ctx context.Context, s load.GeneratorStatus) error
	Withdraw(ctx context.Context, s load.GeneratorStatus) error
}

// BusClock relates the bus's clock to the local one.
type BusClock interface {
	// Now is the time of the bus.
	Now() time.Time
	// Local translates an instant of the bus into a local time with a monotonic reading.
	Local(bus time.Time) time.Time
	// Error bounds how far off Local may be.
	Error() time.Duration
}

// Compiler makes a scenario ready to run.
type Compiler func(ctx context.Context, s Script) (Runner, error)

// Script is a scenario with all that it needs.
type Script struct {
	File   string // its name, for messages
	Source []byte
	Files  map[string]string // data files, by the names that the source reads them by
	Env    load.Environment
	Mask   func(string) string // takes what is secret of the run out of a text
	Plan   load.Plan
	// Seat claims the number of this generator in the run. It is for a scenario that deals out rows to users.
	Seat func(ctx context.Context) (scenario.Seat, error)
}

// Runner is a compiled scenario. It is safe for concurrent use.
type Runner interface {
	HasStart() bool // the scenario has on_start
	HasStop() bool  // the scenario has on_stop
	NewUser() User
}

// User is the script's side of one virtual user. It is used by one goroutine at a time.
type User interface {
	Start(ctx context.Context, c scenario.Client) scenario.Outcome
	Stop(ctx context.Context, c scenario.Client) scenario.Outcome
	// Run runs one iteration: the task with that index in the plan.
	Run(ctx context.Context, iteration int64, task int, c scenario.Client) scenario.Outcome
}

// Deps is what a generator works with.
type Deps struct {
	Logger    *slog.Logger
	Runs      RunStore
	Scenarios ScenarioStore
	Secrets   SecretStore
	Seats     SeatStore
	Tokens    TokenSource
	Events    EventSink
	Registry  Registry
	Clock     BusClock
	Compile   Compiler
	Metrics   prometheus.Registerer // of the process; nil: none are kept
}

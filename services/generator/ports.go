package generator

import (
	"context"
	"log/slog"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// RunWatcher tells of runs.
type RunWatcher interface {
	// Watch sends every present run and then every change, until ctx ends; then it closes the channel.
	Watch(ctx context.Context) (<-chan load.Run, error)
}

// ScenarioStore keeps scenario sources.
type ScenarioStore interface {
	// Get fails with load.ErrNotFound if there is no such source.
	Get(ctx context.Context, sha256 string) ([]byte, error)
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
	// Local translates an instant of the bus into a local time with a monotonic reading.
	Local(bus time.Time) time.Time
	// Error bounds how far off Local may be.
	Error() time.Duration
}

// Compiler makes a scenario ready to run.
type Compiler func(ctx context.Context, file string, source []byte, plan load.Plan) (Runner, error)

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
	Runs      RunWatcher
	Scenarios ScenarioStore
	Tokens    TokenSource
	Events    EventSink
	Registry  Registry
	Clock     BusClock
	Compile   Compiler
}

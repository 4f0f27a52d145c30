package gateway

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
)

// RunStore keeps the run records. Errors match load.ErrNotFound, load.ErrConflict or load.ErrUnavailable.
type RunStore interface {
	Create(ctx context.Context, run load.Run) (load.Run, error)
	Get(ctx context.Context, id string) (load.Run, error)
	List(ctx context.Context) ([]load.Run, error) // newest first
	Update(ctx context.Context, run load.Run) (load.Run, error)
}

// RunWatcher tells every present run record and then each change, until ctx ends.
type RunWatcher interface {
	Watch(ctx context.Context) (<-chan load.Run, error)
}

// ScenarioStore keeps scenario sources and data files by their content.
type ScenarioStore interface {
	Put(ctx context.Context, text []byte) (sha256 string, err error)
}

// SecretStore keeps what must not stand in run records, until the run ends.
type SecretStore interface {
	// Put fails with load.ErrConflict if the run has others.
	Put(ctx context.Context, run string, secrets load.Secrets) error
	Delete(ctx context.Context, run string) error
}

// ResultStore holds the final results as JSON.
type ResultStore interface {
	Result(ctx context.Context, runID string) ([]byte, error) // load.ErrNotFound until there is one
}

// LiveFeed tells what a running test looks like, once a second, until ctx ends.
type LiveFeed interface {
	Subscribe(ctx context.Context, runID string) (<-chan load.Live, error)
}

// Fleet knows the generators that are alive.
type Fleet interface {
	List(ctx context.Context) ([]load.GeneratorStatus, error)
}

// SeriesStore holds the seconds of runs for those who come late.
type SeriesStore interface {
	// Series returns the seconds of a run that are stored, in order; load.ErrNotFound if there are none.
	Series(ctx context.Context, runID string) ([]load.Second, error)
}

// APIResults holds the results of API load tests, as JSON.
type APIResults interface {
	Recent(ctx context.Context, n int) ([]byte, error)         // an array of summaries, newest first
	Result(ctx context.Context, testID string) ([]byte, error) // load.ErrNotFound if there is none
}

// Clock tells the time of the bus.
type Clock interface {
	Now() time.Time
}

// Program is a compiled scenario file.
type Program interface {
	// Names lists the scenarios in the order of the file.
	Names() []string
	// Plan returns what the scenario asks for by itself, without a target.
	Plan(scenario string) (load.Plan, error)
}

// Compiler turns the source of a request, with its data files and its environment, into a program within seconds. It fails with a
// *scenario.Error, with a *load.FieldError for files that are not wanted, or with the error of ctx.
type Compiler func(ctx context.Context, req Request) (Program, error)

// Deps is what the gateway works with; all of it is required, except where it says that nil is possible.
type Deps struct {
	Logger    *slog.Logger
	Listener  net.Listener // where the API is served; closed by Run
	Compile   Compiler
	Runs      RunStore
	Watcher   RunWatcher
	Scenarios ScenarioStore
	Secrets   SecretStore
	Results   ResultStore
	Live      LiveFeed
	Fleet     Fleet
	Clock     Clock
	Ops       http.Handler                           // serves /livez, /readyz and /metrics
	Version   string                                 // of the program, for the OpenAPI document
	Series    SeriesStore                            // nil: late comers see what came since this gateway started
	APITests  APIResults                             // nil: there are none
	Web       http.Handler                           // the pages; nil: none are served
	Report    func(w io.Writer, result []byte) error // writes a result as one HTML file; nil: none can be had
	Metrics   prometheus.Registerer                  // of the process; nil: none are kept
}

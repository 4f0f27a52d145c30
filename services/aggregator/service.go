package aggregator

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Deps are what a Service works with; all are needed.
type Deps struct {
	Runs    RunStore
	Tokens  TokenWatch
	Events  EventLog
	Results ResultLog
	Live    LiveFeed
	Leases  Leases
	Fleet   Fleet
	Store   Store
	Clock   Clock
	Logger  *slog.Logger
	Metrics prometheus.Registerer // of the process; nil: none are kept
}

// Service aggregates every run whose lease it gets.
type Service struct {
	cfg     Config
	deps    Deps
	lookout *lookout
	metrics *metrics
}

// New returns an aggregator that has not started. It fails if cfg is out of range.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Service{
		cfg: cfg, deps: deps, lookout: &lookout{fleet: deps.Fleet, log: deps.Logger}, metrics: newMetrics(deps.Metrics),
	}, nil
}

// Run works until ctx ends, gives its leases back, so that a successor need not wait, and returns nil. It fails if the run
// records cannot be watched.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	records, err := s.deps.Runs.Watch(ctx)
	if err != nil {
		return fmt.Errorf("watch runs: %w", err)
	}
	workers.Go(func() { s.lookout.keep(ctx) })
	busy := make(map[string]*mailbox)
	idle := make(chan string)
	for {
		select {
		case run, open := <-records:
			switch {
			case open:
			case ctx.Err() != nil:
				return nil
			default:
				return fmt.Errorf("watch runs: %w", load.ErrUnavailable)
			}
			if box, ok := busy[run.ID]; ok {
				box.put(run)
				continue
			}
			if s.forgotten(run) {
				continue
			}
			c := &candidate{Service: s, box: newMailbox(run), log: s.deps.Logger.With("run", run.ID)}
			busy[run.ID] = c.box
			workers.Go(func() {
				c.work(ctx)
				select {
				case idle <- run.ID:
				case <-ctx.Done():
				}
			})
		case id := <-idle:
			delete(busy, id)
		case <-ctx.Done():
			return nil
		}
	}
}

// eventAge is how long the bus keeps events; without them there is no result to make.
const eventAge = 24 * time.Hour

// forgotten reports whether nothing is left to do for a run when its record is seen first.
func (s *Service) forgotten(run load.Run) bool {
	return run.State == load.StateDone || run.State.Final() && s.deps.Clock.Now().Sub(run.CreatedAt) > eventAge
}

// mailbox hands the newest record of a run to its worker; older ones that were not taken yet are replaced.
type mailbox struct{ ch chan load.Run }

func newMailbox(first load.Run) *mailbox {
	m := &mailbox{ch: make(chan load.Run, 1)}
	m.ch <- first
	return m
}

// put is called by one goroutine only.
func (m *mailbox) put(run load.Run) {
	select {
	case <-m.ch:
	default:
	}
	m.ch <- run
}

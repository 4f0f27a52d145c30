package scheduler

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
	Tokens  TokenStream
	Fleet   Fleet
	Clock   Clock
	Logger  *slog.Logger
	Metrics prometheus.Registerer // of the process; nil: none are kept
}

// Service schedules every run that it sees.
type Service struct {
	cfg     Config
	deps    Deps
	metrics *metrics
}

// New returns a scheduler that has not started. It fails if cfg is out of range.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	return &Service{cfg: cfg, deps: deps, metrics: newMetrics(deps.Metrics)}, nil
}

// Run works until ctx ends and returns nil then. It fails if the run records cannot be watched.
func (s *Service) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var workers sync.WaitGroup
	defer workers.Wait()
	defer cancel()
	records, err := s.deps.Runs.Watch(ctx)
	if err != nil {
		return fmt.Errorf("watch runs: %w", err)
	}
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
			box := newMailbox(run)
			busy[run.ID] = box
			w := &worker{Service: s, box: box, log: s.deps.Logger.With("run", run.ID)}
			workers.Go(func() {
				w.work(ctx)
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

// afterlife is how long after its planned end a final run is still looked after, in case the scheduler that watched it
// died before it could delete the consumer.
const afterlife = time.Hour

// forgotten reports whether a record is of a run that ended long ago.
func (s *Service) forgotten(run load.Run) bool {
	if !run.State.Final() {
		return false
	}
	profile, err := load.NewProfile(run.Plan.Shape)
	begun := run.T0
	if begun.IsZero() {
		begun = run.CreatedAt
	}
	return err != nil || s.deps.Clock.Now().After(begun.Add(profile.Length()+afterlife))
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

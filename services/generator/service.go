package generator

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/google/uuid"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Service is one generator.
type Service struct {
	cfg       Config
	deps      Deps
	instance  string // uuid of this process
	clock     pacer.Clock
	loop      *strand.Loop // what the pacer waits for; nil: there is none here
	pacer     *pacer.Pacer
	allowance *allowance
	cpu       *cpuMeter
	texts     texts
	metrics   *metrics
	changed   chan struct{} // holds an element when the status has changed

	mu           sync.Mutex
	executions   map[string]*execution // by run id
	preparedRuns map[string]load.Prepared
	draining     bool
}

// New returns a generator; Run makes it work. It fails with load.ErrInvalid if cfg is wrong.
func New(cfg Config, deps Deps) (*Service, error) {
	return newService(cfg, deps, pacer.NewClock())
}

func newService(cfg Config, deps Deps, clock pacer.Clock) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	instance, err := uuid.NewRandom()
	if err != nil {
		return nil, fmt.Errorf("name instance: %w", err)
	}
	loop, alarm := strand.New(clock.Alarm(), clock)
	s := &Service{
		cfg: cfg, deps: deps, instance: instance.String(), clock: clock, loop: loop, pacer: pacer.New(clock, alarm),
		allowance: newAllowance(cfg.MaxRate, clock.Now()), cpu: newCPUMeter(), changed: make(chan struct{}, 1),
		texts: texts{held: map[string]*heldText{}}, executions: map[string]*execution{}, preparedRuns: map[string]load.Prepared{},
	}
	s.metrics = newMetrics(deps.Metrics, s.Status)
	return s, nil
}

var errWatchEnded = errors.New("the watch of runs has ended")

// Run works until ctx ends. Then the generator leaves: it takes nothing new, gives back what it has not begun, finishes what
// it has (up to 5 s, or the runs' graceful stop if that is over sooner), stores its last events (up to 5 s), and withdraws
// itself.
func (s *Service) Run(ctx context.Context) error {
	// Everything lives on while the generator leaves.
	life, end := context.WithCancel(context.WithoutCancel(ctx))
	var parts, work sync.WaitGroup
	defer parts.Wait()
	defer end()
	runs, err := s.deps.Runs.Watch(life)
	if err != nil {
		return fmt.Errorf("watch runs: %w", err)
	}
	parts.Go(func() { s.pacer.Run(life) })
	parts.Go(func() { s.announce(life) })

	for ctx.Err() == nil && err == nil {
		select {
		case <-ctx.Done():
		case run, ok := <-runs:
			if !ok {
				err = errWatchEnded
				break
			}
			s.update(life, run, &work)
		}
	}
	s.drain()
	left := make(chan struct{})
	parts.Go(func() {
		defer close(left)
		work.Wait()
	})
	for {
		select {
		case <-left:
			return err
		case run, ok := <-runs:
			if !ok {
				runs = nil
				continue
			}
			s.update(life, run, &work)
		}
	}
}

// update passes a run's record on to its execution, and begins one if the run is for this generator.
func (s *Service) update(ctx context.Context, run load.Run, work *sync.WaitGroup) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.executions[run.ID]; e != nil {
		e.update(run)
		return
	}
	wanted := run.State == load.StatePreparing || run.State == load.StateRunning
	if !wanted || run.Pool != s.cfg.Pool || s.draining {
		return
	}
	e := newExecution(ctx, s, run)
	s.executions[run.ID] = e
	work.Go(func() { //nolint:contextcheck // the execution has contexts of its own
		e.execute()
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.executions, run.ID)
		delete(s.preparedRuns, run.ID)
		signal(s.changed)
	})
}

// drain tells every execution to leave.
func (s *Service) drain() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.draining = true
	for _, e := range s.executions {
		e.leave()
	}
	signal(s.changed)
}

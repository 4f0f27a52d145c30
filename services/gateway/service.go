package gateway

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Service serves the HTTP API. Make it with New and start it with Run, once.
type Service struct {
	cfg       Config
	deps      Deps
	states    *states
	hub       *hub
	outcomes  *outcomes
	answers   *prometheus.CounterVec
	compiling chan struct{} // holds one for each compilation under way
	listing   chan struct{} // holds one while scenario files are read
	draining  chan struct{} // closed when Run ends: streams let go of their clients
}

// maxCompilations bounds how many scenarios are compiled at a time; others wait. One may take seconds of a processor.
const maxCompilations = 2

// New checks the configuration.
func New(cfg Config, deps Deps) (*Service, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	if err := cfg.CheckListener(deps.Listener.Addr()); err != nil {
		return nil, fmt.Errorf("gateway: %w", err)
	}
	hub := newHub(deps.Live, deps.Logger)
	return &Service{
		cfg: cfg, deps: deps, states: newStates(), hub: hub, answers: newMetrics(deps.Metrics, hub),
		outcomes:  &outcomes{results: deps.Results, known: map[string]outcome{}},
		compiling: make(chan struct{}, maxCompilations), listing: make(chan struct{}, 1), draining: make(chan struct{}),
	}, nil
}

// Run serves until ctx ends, then lets requests under way finish for the shutdown grace and cuts off those that do not. It
// returns nil on such an end, and an error if the bus or the listener fails.
func (s *Service) Run(ctx context.Context) error {
	watchCtx, unwatch := context.WithCancel(ctx)
	defer unwatch()
	runs, err := s.deps.Watcher.Watch(watchCtx)
	if err != nil {
		return errors.Join(fmt.Errorf("watch the runs: %w", err), s.deps.Listener.Close())
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for run := range runs {
			s.states.publish(run)
			s.hub.observe(run)
		}
	}()
	server := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      2*s.cfg.SubmitTimeout + time.Minute, // of an answer; each write to a stream has its own
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(s.deps.Logger.Handler(), slog.LevelDebug),
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(s.deps.Listener) }()
	s.deps.Logger.Info("gateway is up", "url", "http://"+s.deps.Listener.Addr().String())

	select {
	case <-ctx.Done():
	case <-watched:
		if ctx.Err() == nil {
			err = fmt.Errorf("watch the runs: %w", load.ErrUnavailable)
		}
	case end := <-served: // which says why below
		served <- end
	}
	err = errors.Join(err, s.shutdown(ctx, server))
	if end := <-served; !errors.Is(end, http.ErrServerClosed) {
		err = errors.Join(err, fmt.Errorf("serve the API: %w", end))
	}
	unwatch()
	<-watched
	s.hub.close()
	return err
}

// shutdown ends the streams, waits for the requests under way and closes what is left after the grace.
func (s *Service) shutdown(ctx context.Context, server *http.Server) error {
	close(s.draining)
	ctx, release := context.WithTimeout(context.WithoutCancel(ctx), s.cfg.ShutdownGrace)
	defer release()
	err := server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		s.deps.Logger.Warn("requests under way are cut off", "grace", s.cfg.ShutdownGrace)
		err = nil
	}
	if err = errors.Join(err, server.Close()); err != nil {
		return fmt.Errorf("end the requests under way: %w", err)
	}
	return nil
}

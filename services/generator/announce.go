package generator

import (
	"context"
	"maps"
	"runtime"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/telemetry"
)

const (
	announceEvery   = time.Second // a status lives 3 s
	announceTimeout = time.Second
)

// announce shows the generator's status at intervals and whenever it has changed, until ctx ends; then it withdraws it.
func (s *Service) announce(ctx context.Context) {
	tick := time.NewTicker(announceEvery)
	defer tick.Stop()
	failing := false
	for ctx.Err() == nil {
		attempt, cancel := context.WithTimeout(ctx, announceTimeout)
		err := s.deps.Registry.Announce(attempt, s.Status())
		cancel()
		if err != nil && !failing && ctx.Err() == nil {
			s.deps.Logger.Warn("generator not announced, trying again", "error", err)
		}
		failing = err != nil
		select {
		case <-tick.C:
			s.cpu.measure()
		case <-s.changed:
		case <-ctx.Done():
		}
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), announceTimeout)
	defer cancel()
	if err := s.deps.Registry.Withdraw(last, s.Status()); err != nil {
		s.deps.Logger.Warn("generator not withdrawn", "error", err)
	}
}

// Status returns what the generator says about itself.
func (s *Service) Status() load.GeneratorStatus {
	s.mu.Lock()
	defer s.mu.Unlock()
	status := load.GeneratorStatus{
		Generator: s.cfg.Name, Instance: s.instance, Pool: s.cfg.Pool, Version: s.cfg.Version,
		Prepared: maps.Clone(s.preparedRuns), MaxRate: s.cfg.MaxRate, Draining: s.draining,
		CPUPercent: s.cpu.percent(), ClockError: s.deps.Clock.Error(),
	}
	for _, e := range s.executions {
		if pool := e.pool.Load(); pool != nil {
			n := pool.Counts()
			status.Users += n.Users
			status.InFlight += n.InFlight
		}
	}
	return status
}

// report shows how the preparation of a run went.
func (s *Service) report(run string, p load.Prepared) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.preparedRuns[run] = p
	signal(s.changed)
}

// cpuMeter measures the share of its processors that the process uses.
type cpuMeter struct {
	mu    sync.Mutex
	used  time.Duration
	at    time.Time
	share float64
}

func newCPUMeter() *cpuMeter { return &cpuMeter{used: telemetry.CPUTime(), at: time.Now()} }

// measure takes the mean since the last call.
func (c *cpuMeter) measure() {
	c.mu.Lock()
	defer c.mu.Unlock()
	used, now := telemetry.CPUTime(), time.Now()
	if wall := now.Sub(c.at); wall > 0 {
		c.share = float64(used-c.used) / float64(wall) / float64(min(runtime.NumCPU(), runtime.GOMAXPROCS(0)))
		c.used, c.at = used, now
	}
}

// percent returns the last measurement, of all processors that the process may use.
func (c *cpuMeter) percent() float64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return 100 * c.share
}

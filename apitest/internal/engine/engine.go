package engine

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Weaver is a target whose clients can run in strands.
type Weaver interface {
	// Loop returns what they run on and its clock. Nil: they cannot, after all.
	Loop() (*strand.Loop, pacer.Clock)
}

// StrandClient is a client of a Weaver.
type StrandClient interface {
	run.Client
	// DoIn is Do in a strand, which may leave its loop.
	DoIn(ctx context.Context, s *strand.Strand, call *run.Call, out *run.Outcome)
	// Ready reports whether the next call would be made on the loop.
	Ready() bool
}

// Quitter is a target that may become unable to go on.
type Quitter interface {
	// GaveUp returns why, or nil.
	GaveUp() error
}

const (
	openAtOnce = 64                     // clients that are made at the same time
	openWithin = 2 * time.Second        // all of them, if they wait for others; the time-out of requests may be shorter
	lateAfter  = 10 * time.Millisecond  // with Config.Rate
	tellEvery  = 100 * time.Millisecond // of the progress
	glance     = 5 * time.Millisecond   // after which a busy loop looks for deadlines that have passed
)

// ErrStream ends a run of which nobody has said whether answers are streams: they are.
var ErrStream = errors.New("the answers are streams")

var errNoStrands = errors.New("a target with a loop has clients that cannot run in strands")

// engine is one run.
type engine struct {
	ctx    context.Context //nolint:containedctx // the life of the run
	cfg    run.Config
	target run.Target
	clock  pacer.Clock
	loop   *strand.Loop // nil: clients run in goroutines
	tally  *tally

	began   time.Duration
	until   time.Duration // what is under way then is cut off
	next    atomic.Int64  // number of the next request
	late    atomic.Int64
	working atomic.Int64 // clients
	gaveUp  atomic.Bool  // the target did
	stream  atomic.Bool  // an answer was one, and nobody had said so
}

// Run makes the requests of a configuration, which must be valid and have its defaults, and returns what came of them. It fails with
// the cause if ctx ends before, or with that of a Quitter; the result is then of what was completed. Tell, if not nil, is called from
// another goroutine until Run returns.
func Run(ctx context.Context, cfg run.Config, target run.Target, calls run.Maker, tell func(run.Progress)) (run.Result, error) {
	e := &engine{ctx: ctx, cfg: cfg, target: target, clock: pacer.NewPlainClock(), until: math.MaxInt64}
	if w, ok := target.(Weaver); ok && mayWeave(cfg) {
		if loop, clock := w.Loop(); loop != nil {
			e.loop, e.clock = loop, clock
		}
	}
	clients, err := e.newClients(calls)
	defer closeAll(clients)
	if err != nil && ctx.Err() == nil {
		return run.Result{}, fmt.Errorf("make a client: %w", err)
	}
	id, err := uuid.NewV7() // ids sort by when runs began
	if err != nil {
		return run.Result{}, fmt.Errorf("make an id: %w", err)
	}
	startedAt := time.Now()
	e.began = e.clock.At(startedAt)
	if cfg.Duration > 0 {
		e.until = e.began + cfg.Duration
		for _, c := range clients {
			c.call.Until = startedAt.Add(cfg.Duration)
		}
	}
	e.tally = newTally(cfg.Requests, e.clock)
	stop := e.tell(tell)
	e.work(clients)
	stop()
	return e.result(id.String(), startedAt)
}

// mayWeave reports whether strands do for a configuration. A PayloadFunc is the user's code and may block them all, and a loop that waits
// keeps its processor from the goroutines of this process for a while, which it must not if that is the only one.
func mayWeave(cfg run.Config) bool { return cfg.PayloadFunc == nil && runtime.GOMAXPROCS(0) > 1 }

// newClients makes the clients, of which there need be no more than requests.
func (e *engine) newClients(calls run.Maker) ([]*client, error) {
	ctx, cancel := context.WithTimeout(e.ctx, min(openWithin, e.cfg.Timeout))
	defer cancel()
	n := e.cfg.Clients
	if e.cfg.Requests > 0 {
		n = int(min(int64(n), e.cfg.Requests))
	}
	clients := make([]*client, n)
	failed := make(chan error, n)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(n, openAtOnce) {
		wg.Go(func() {
			for i := next.Add(1) - 1; i < int64(n) && len(failed) == 0; i = next.Add(1) - 1 {
				var err error
				if clients[i], err = e.newClient(ctx, calls); err != nil {
					failed <- err
				}
			}
		})
	}
	wg.Wait()
	select {
	case err := <-failed: // the others are like it
		closeAll(clients)
		return nil, err
	default:
		return clients, nil
	}
}

func closeAll(clients []*client) {
	for _, c := range clients {
		if c != nil {
			c.Close()
		}
	}
}

// work has the clients make requests until there are no more to make.
func (e *engine) work(clients []*client) {
	e.working.Store(int64(len(clients)))
	if e.loop == nil {
		var wg sync.WaitGroup
		for _, c := range clients {
			wg.Go(func() { c.run(nil) })
		}
		wg.Wait()
		return
	}
	defer context.AfterFunc(e.ctx, e.loop.Interrupt)()
	for _, c := range clients {
		e.loop.Post(c.again)
	}
	for e.working.Load() > 0 {
		e.loop.Wait(e.clock.Now() + glance)
	}
}

// claim returns the number of the next request and the instant at which it is due, 0 for at once. It returns false if there is none.
func (e *engine) claim() (n int64, due time.Duration, ok bool) {
	if e.ctx.Err() != nil || e.gaveUp.Load() || e.stream.Load() {
		return 0, 0, false
	}
	if n = e.next.Add(1) - 1; e.cfg.Requests > 0 && n >= e.cfg.Requests {
		return 0, 0, false
	}
	if e.cfg.Rate > 0 {
		due = e.began + time.Duration((float64(n)+0.5)/e.cfg.Rate*float64(time.Second))
	}
	return n, due, true
}

// tell tells of the progress until stop is called.
func (e *engine) tell(tell func(run.Progress)) (stop func()) {
	if tell == nil {
		return func() {}
	}
	ended := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		ticker := time.NewTicker(tellEvery)
		defer ticker.Stop()
		past := make([]int64, time.Second/tellEvery) // how many were done then
		for i := 0; ; i++ {
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
			p := e.tally.progress()
			p.Total, p.Of, p.Elapsed = e.cfg.Requests, e.cfg.Duration, e.clock.Now()-e.began
			earlier := &past[i%len(past)]
			p.PerSecond = float64(p.Done-*earlier) / min(p.Elapsed, time.Second).Seconds()
			*earlier = p.Done
			tell(p)
		}
	})
	return func() {
		close(ended)
		wg.Wait()
	}
}

// result puts the figures together.
func (e *engine) result(id string, startedAt time.Time) (run.Result, error) {
	ended := min(e.clock.Now(), e.until) // handlers may have kept it longer
	r := run.Result{
		TestID: id, State: run.StateCompleted, Mode: e.target.Mode(), Config: e.cfg.Masked(), StartedAt: startedAt.UTC(),
		DurationSecs: (ended - e.began).Seconds(),
	}
	e.tally.fill(&r, ended)
	r.Metrics.Late = e.late.Load()
	r.Warnings = e.warnings(&r)
	var err error
	switch {
	case e.stream.Load():
		err = ErrStream
	case e.cfg.Requests > 0 && r.Metrics.RequestsTotal == e.cfg.Requests: // all were made: what has happened since does not matter
	case e.ctx.Err() != nil:
		err = context.Cause(e.ctx)
	case e.gaveUp.Load():
		err = e.target.(Quitter).GaveUp() //nolint:forcetypeassert // only such a one gives up
	}
	if err != nil {
		r.State = run.StateInterrupted
	}
	return r, err
}

// warnings says why the figures should be doubted.
func (e *engine) warnings(r *run.Result) []string {
	var list []string
	if n := r.Classes[load.ErrorGenerator]; n > 0 {
		list = append(list, fmt.Sprintf("%d requests failed by what this process lacks, not by the target", n))
	}
	if e.cfg.Rate > 0 && e.ctx.Err() == nil && !e.gaveUp.Load() {
		planned := e.cfg.Requests
		if e.cfg.Duration > 0 {
			within := int64(math.Round(e.cfg.Rate * e.cfg.Duration.Seconds()))
			if planned == 0 || within < planned {
				planned = within
			}
		}
		if missing := planned - r.Metrics.RequestsTotal - e.tally.cut.requests; missing > 0 {
			list = append(list, fmt.Sprintf("%d of %d planned requests were not begun in time: too few clients (%d) for the rate", missing, planned, e.cfg.Clients))
		} else if r.Metrics.Late > 0 {
			list = append(list, fmt.Sprintf("%d of %d requests began more than %s late: too few clients (%d) for the rate", r.Metrics.Late, planned, lateAfter, e.cfg.Clients))
		}
	}
	cut := &e.tally.cut
	switch {
	case e.cfg.Protocol == run.ProtocolHTTP && (cut.answering || r.Metrics.FirstByteMsP95 > 0) && r.Classes[load.ErrorTimeout] == r.Metrics.RequestsTotal:
		within := min(e.cfg.Timeout, e.until-e.began)
		list = append(list, fmt.Sprintf("answers began, but none ended within %s; if they are streams, --stream counts their events", within))
	case ms(cut.longest) > r.Metrics.LatencyMsMax:
		list = append(list, fmt.Sprintf("of those that the end of the run cut off (%d) one had taken %s, longer than any in the figures",
			cut.requests, cut.longest.Round(time.Millisecond)))
	}
	return list
}

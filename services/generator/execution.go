package generator

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/users"
	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	tickEvery  = 50 * time.Millisecond
	retryEvery = 500 * time.Millisecond // of what the bus refused
	stoodStill = time.Second            // without a tick is worth a word

	finishWithin = 5 * time.Second // how long what has begun may go on once the generator was told to leave
	leaveWithin  = 5 * time.Second // how long it then tries to store its last events
)

// Why nothing more of a run can be stored.
var (
	errRunOver = errors.New("the run has ended")
	errGaveUp  = errors.New("no time left")
)

// execution is one run as this generator executes it:
//
//	prepare ─▶ wait for the start ─▶ pull and fire ─▶ let iterations end, on_stop ─▶ wait for the end of the run
//
// A stop of the run, its end, and the generator's own leaving each cut that short at any point.
type execution struct {
	service  *Service
	log      *slog.Logger
	run      atomic.Pointer[load.Run] // as last seen
	changed  chan struct{}            // holds an element when run has changed
	leaving  chan struct{}            // closed when the generator leaves
	leave    func()
	over     context.Context //nolint:containedctx // ends when nothing of the run can be stored any more
	end      context.CancelCauseFunc
	firing   context.Context //nolint:containedctx // ends when iterations and on_stop are cut off
	cut      context.CancelFunc
	recorder *recorder
	holdings *holdings
	settled  chan struct{} // holds an element when a token was settled
	// exhausted holds why the run must stop when a script has run out of data.
	exhausted chan string

	profile load.Profile
	lane    *pacer.Lane
	pool    atomic.Pointer[users.Pool[*user]] // nil until the scenario is compiled

	mu      sync.Mutex
	stopped bool // tokens that still come are cancelled
}

func newExecution(ctx context.Context, s *Service, run load.Run) *execution {
	e := &execution{
		service: s, log: s.deps.Logger.With("run", run.ID), changed: make(chan struct{}, 1), leaving: make(chan struct{}),
		recorder: newRecorder(run.Plan.Measures...), holdings: newHoldings(), settled: make(chan struct{}, 1),
		exhausted: make(chan string, 1),
	}
	e.over, e.end = context.WithCancelCause(ctx)
	e.firing, e.cut = context.WithCancel(ctx)
	e.leave = sync.OnceFunc(func() {
		close(e.leaving)
		patience := time.AfterFunc(finishWithin, e.cut)
		context.AfterFunc(e.firing, func() { patience.Stop() }) // an execution that ends in time leaves no timer behind
	})
	e.run.Store(&run)
	return e
}

// update takes a newer record of the run.
func (e *execution) update(run load.Run) {
	e.run.Store(&run)
	if run.State.Final() {
		e.end(errRunOver)
	}
	signal(e.changed)
}

func signal(c chan<- struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// execute does the whole run and returns when everything of it is released.
func (e *execution) execute() {
	defer e.end(errRunOver)
	defer e.cut()
	crew, release, err := e.compile()
	defer release()
	if err != nil {
		if e.over.Err() == nil && !e.isLeaving() {
			reason := e.recorder.mask.Replace(err.Error())
			e.log.Error("scenario cannot be run", "error", reason)
			e.service.report(e.run.Load().ID, load.Prepared{Error: reason})
			e.await(nil, never)
		}
		return
	}
	var parts sync.WaitGroup
	defer parts.Wait()
	ticking, stopTicking := context.WithCancel(context.WithoutCancel(e.over))
	defer stopTicking()
	parts.Go(func() { e.tick(ticking) })
	parts.Go(func() { e.stopWhenExhausted(ticking) })

	box := e.outbox(crew)
	last, unstored := make(chan struct{}), make(chan []load.Event, 1)
	parts.Go(func() { unstored <- box.run(e.over, last) })

	pulling, stopPulling := context.WithCancel(e.over)
	defer stopPulling()
	var puller sync.WaitGroup
	if e.prepare() && e.await(nil, e.mayStart) && !e.isStopped() {
		puller.Go(func() { e.pull(pulling) })
		e.awaitEnd()
	}
	if e.isLeaving() {
		// Only then are tokens given back, or the request that still stands would fetch them again.
		stopPulling()
		puller.Wait()
	}
	e.finish()
	e.await(nil, never) // meanwhile stray tokens are accounted for

	stopPulling()
	puller.Wait()
	close(last)
	deadline := time.AfterFunc(leaveWithin, func() { e.end(errGaveUp) })
	defer deadline.Stop()
	e.tellLoss(box, <-unstored)
}

// tellLoss logs what an outbox that has ended could not store, and what was counted since. Nothing of it is stored later: once
// a run has ended its result is out, and whoever reads the events again must come to the same.
func (e *execution) tellLoss(box *outbox, unstored []load.Event) {
	if rest, _ := box.collect(); rest != nil {
		unstored = append(unstored, *rest)
	}
	var lost loss
	for i := range unstored {
		lost.add(&unstored[i])
	}
	switch {
	case !lost.any():
	case errors.Is(context.Cause(e.over), errRunOver):
		e.log.Warn("run ended before these were stored", "", &lost)
	default:
		e.log.Error("measurements are lost: the bus took none in time", "", &lost)
	}
}

func never() bool { return false }

// compile fetches the scenario and makes everything that users need. It waits for the bus as long as it takes. The caller must
// call release when there are no users any more, also after an error.
func (e *execution) compile() (c *crew, release func(), err error) {
	run := e.run.Load()
	secrets, err := e.secrets(run)
	if err != nil {
		return nil, func() {}, err
	}
	script, release, err := e.script(run, secrets.Env)
	if err != nil {
		return nil, release, err
	}
	runner, err := e.service.deps.Compile(e.over, script)
	if err != nil {
		return nil, release, fmt.Errorf("compile scenario: %w", err)
	}
	c, err = e.crew(run, runner, secrets.Credentials)
	return c, release, err
}

// crew makes what the users of a run have in common, and their pool.
func (e *execution) crew(run *load.Run, runner Runner, credentials load.Credentials) (_ *crew, err error) {
	if e.profile, err = load.NewProfile(run.Plan.Shape); err != nil {
		return nil, fmt.Errorf("lay out profile: %w", err)
	}
	sequence, err := load.NewSequence(run.Plan.Tasks)
	if err != nil {
		return nil, fmt.Errorf("lay out tasks: %w", err)
	}
	driver, err := httpdriver.New(e.firing, httpdriver.Config{
		Target: run.Plan.Target, UserAgent: "loadpilot/" + e.service.cfg.Version, Timeout: run.Plan.Timeout,
		Transport: run.Plan.Transport, Credentials: credentials, Now: e.service.clock.Now, Targets: run.Plan.Targets,
	})
	if err != nil {
		return nil, err
	}
	c := &crew{runner: runner, driver: driver, recorder: e.recorder, tasks: run.Plan.Tasks, sequence: sequence, exhausted: e.exhausted, warmup: run.Plan.WarmupSeconds(), leaves: make([]atomic.Bool, len(run.Plan.Tasks))}
	if e.service.loop != nil {
		context.AfterFunc(e.firing, e.service.loop.Interrupt)
	}
	pool := users.New(e.firing, users.Config{
		Max: run.Plan.MaxUsers, MaxLag: run.Plan.MaxLag, HasStart: runner.HasStart(), Clock: e.service.clock,
		Loop: e.service.loop,
	}, c)
	e.pool.Store(pool)
	e.lane = &pacer.Lane{
		Profile: &e.profile, MaxLag: run.Plan.MaxLag, Sink: pool, Settled: func() { signal(e.settled) },
	}
	return c, nil
}

func (e *execution) outbox(c *crew) *outbox {
	return &outbox{
		sink: e.service.deps.Events, log: e.log, recorder: e.recorder, holdings: e.holdings, metrics: e.service.metrics,
		head:     load.Event{Run: e.run.Load().ID, Generator: e.service.cfg.Name, Instance: e.service.instance},
		reporter: newReporter(c.tasks, e.recorder),
		vitals: func() vitals {
			n := e.pool.Load().Counts()
			return vitals{
				users: n.Users, inFlight: n.InFlight,
				cpuPercent: e.service.cpu.percent(), clockError: e.service.deps.Clock.Error(),
			}
		},
	}
}

// tick does what time alone brings.
func (e *execution) tick(ctx context.Context) {
	ticker := time.NewTicker(tickEvery)
	defer ticker.Stop()
	failing, last := false, e.service.clock.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			if still := e.service.clock.Now() - last; still > stoodStill {
				e.log.Warn("this process stood still: what was under way looks slower than it was", "for", still)
			}
			e.pool.Load().Tick()
			err := e.holdings.keep(e.service.clock.Now())
			if err != nil && !failing {
				e.log.Warn("bus not told of held tokens, trying again", "error", err)
			}
			failing, last = err != nil, e.service.clock.Now()
		}
	}
}

func (e *execution) isLeaving() bool {
	select {
	case <-e.leaving:
		return true
	default:
		return false
	}
}

// await waits until done says so, asking at first and whenever something has changed. It returns false if the run is over or
// the generator leaves before that.
func (e *execution) await(changed <-chan struct{}, done func() bool) bool {
	for !done() {
		select {
		case <-changed:
		case <-e.changed:
		case <-e.leaving:
			return false
		case <-e.over.Done():
			return false
		}
	}
	return e.over.Err() == nil
}

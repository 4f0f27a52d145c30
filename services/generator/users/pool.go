package users

import (
	"context"
	"runtime"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// retryDelay is how long a user waits after a failed on_start before the next attempt.
const retryDelay = time.Second

// maxSetups is how many users run on_start or on_stop at the same time: neither end of a run may be a spike of its own.
const maxSetups = 256

// A punctual arrival may add a user if none is idle. For those that have piled up while this process stood still, overdue by more than
// overdue, the pool grows by growBurst users at once and by one in each growEvery, 10,000 a second: users that are free soon do the most
// of it, and thousands of new connections would keep the pool from getting to them.
const (
	overdue   = 5 * time.Millisecond
	growBurst = 100
	growEvery = 100 * time.Microsecond
)

// atOnce is how many iterations begin in strands before the loop looks again at what has happened.
const atOnce = 8

// Arrivals come later than behind, and not only once, from a pacer that has more to do than one processor can. Where there are others,
// workers help.
const (
	behind      = 2 * time.Millisecond
	lateBatches = 8
)

// Crew does what users do. U is the state of one user; it is used by one worker at a time.
type Crew[U any] interface {
	// NewUser makes a user. It is called by the worker that needs it first.
	NewUser() U
	// Ready reports whether an idle user's iteration for the arrival does hardly more than to wait for sockets, so that it may run in a
	// strand.
	Ready(user U, a pacer.Arrival) bool
	// NewWorker returns the state of a new worker.
	NewWorker() Worker[U]
}

// Worker is the part of the crew that runs one iteration at a time.
type Worker[U any] interface {
	// Start runs on_start, or what a prepared user does in its place, and reports whether the user is ready.
	Start(ctx context.Context, user U) bool
	// Run runs the arrival's iteration, in a strand unless that is nil. The pool has booked the arrival as started at the instant called.
	Run(ctx context.Context, s *strand.Strand, user U, a pacer.Arrival, called time.Duration)
	// Stop runs on_stop if the user was started, and gives up what the user holds.
	Stop(ctx context.Context, user U, started bool)
}

// Config says how a pool behaves.
type Config struct {
	Max      int           // most users
	MaxLag   time.Duration // how late an arrival may be called
	HasStart bool          // users made on demand run on_start before their first iteration, too
	Clock    pacer.Clock
	Loop     *strand.Loop // of the pacer; nil: it has none, and every iteration has a goroutine
}

// Counts is the state of a pool.
type Counts struct {
	Users    int // started and not yet gone: idle, running an iteration or on_stop
	InFlight int // iterations under way
	Settling int // users that run on_start or on_stop, or will
	Failed   int // users whose last on_start failed; they are tried again
	Failures int // failed attempts of on_start so far
}

// Pool is the users of one run. It implements pacer.Sink. Its methods are safe for concurrent use.
type Pool[U any] struct {
	cfg     Config
	crew    Crew[U]
	ctx     context.Context //nolint:containedctx // the pool owns goroutines; their context ends with it
	changed chan struct{}
	workers sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	idle     []*member[U] // ready users, the one that was busy last on top
	waiting  ring         // arrivals without a user
	todo     []*member[U] // users that wait for their on_start or on_stop
	failed   []*member[U] // users whose on_start failed, in the order of their next attempt
	total    int          // users, whatever they do
	alive    int          // users that were started and have not left
	inFlight int
	setups   int // on_start and on_stop under way
	failures int
	bench    []*worker[U] // workers with nothing to do
	reserve  int          // least number of workers on the bench since the last Tick
	threads  []*thread[U] // with nothing to do
	spare    int          // least number of those since the last Tick
	weaving  bool         // the loop has time for what can run in strands
	asked    bool         // the loop calls drawn when it is idle
	drawn    func()       // draw, kept so that asking allocates nothing
	drawing  bool         // it does
	punctual int          // of the arrivals that wait, that may each add a user
	short    int          // of the arrivals that wait, the first ones, for which there was no user
	late     int          // batches in a row that came behind

	growth time.Duration // instant up to which the growth for what has piled up is used up
}

type member[U any] struct {
	user    U
	exists  bool // user was made
	started bool // it needs no on_start, or ran it
	retryAt time.Duration
}

// New returns an empty pool. Iterations, on_start and on_stop run under ctx: its end cuts them off.
func New[U any](ctx context.Context, cfg Config, crew Crew[U]) *Pool[U] {
	p := &Pool[U]{cfg: cfg, crew: crew, ctx: ctx, changed: make(chan struct{}, 1), growth: cfg.Clock.Now() - growBurst*growEvery}
	p.drawn = p.draw
	return p
}

// Changed holds an element when users became ready, failed or left since it was last read.
func (p *Pool[U]) Changed() <-chan struct{} { return p.changed }

// Counts returns the present state.
func (p *Pool[U]) Counts() Counts {
	p.mu.Lock()
	defer p.mu.Unlock()
	return Counts{
		Users: p.alive, InFlight: p.inFlight, Settling: p.setups + len(p.todo), Failed: len(p.failed), Failures: p.failures,
	}
}

// Grow makes and starts new users until there are n.
func (p *Pool[U]) Grow(n int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for p.total < min(n, p.cfg.Max) && !p.closed {
		p.add(true)
	}
}

// add makes one user. It is ready at once if it is not to be started first.
func (p *Pool[U]) add(toStart bool) {
	p.total++
	m := &member[U]{}
	if toStart {
		p.todo = append(p.todo, m)
		p.settle()
		return
	}
	m.started = true
	p.alive++
	p.idle = append(p.idle, m)
	p.notify()
}

// Arrive gives each arrival to a user, or lets it wait for one.
func (p *Pool[U]) Arrive(batch []pacer.Arrival) {
	now := p.cfg.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.late++; len(batch) == 0 || now-batch[0].Due < behind {
		p.late = 0
	}
	p.weaving = p.cfg.Loop != nil && (p.late < lateBatches || runtime.NumCPU() == 1)
	if !p.weaving {
		p.punctual = 0 // what piled up for the loop adds users as after a standstill
	}
	for _, a := range batch {
		switch {
		case a.Late:
			a.Token.Drop(load.DropLate, 1)
		case p.closed:
			a.Token.Drop(load.DropStopped, 1)
		default:
			p.waiting.push(a)
			if now-a.Due <= overdue {
				p.punctual++
			}
		}
	}
	if !p.weaving || !p.asked {
		p.serve(now)
	}
}

// ask has the loop call draw.
func (p *Pool[U]) ask() {
	if !p.asked {
		p.asked = true
		p.cfg.Loop.Idle(p.drawn)
	}
}

// draw gives arrivals that wait to other users than those that were busy, now that the loop has seen all answers that came in: none of
// them has freed one.
func (p *Pool[U]) draw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked, p.drawing = false, true
	p.serve(p.cfg.Clock.Now())
	p.drawing = false
}

// serve drops arrivals that have waited too long, and gives the others to idle users, and to new ones as far as the pool may grow. In
// strands it begins a few, and the others when the loop has nothing else to do: answers are seen as soon as they
// are there, and as few users are busy at a time as can be.
func (p *Pool[U]) serve(now time.Duration) {
	p.expire(now)
	p.punctual = min(p.punctual, p.waiting.n)
	for n := 0; p.waiting.n > 0; n++ {
		if p.weaving && (n == atOnce || len(p.idle) == 0 && !p.drawing) {
			p.ask()
			return
		}
		for len(p.idle) == 0 && p.total < p.cfg.Max && p.setups+len(p.todo) < p.waiting.n && (p.punctual > 0 || p.mayGrow(now)) {
			p.punctual = max(0, p.punctual-1)
			p.add(p.cfg.HasStart)
		}
		if len(p.idle) == 0 {
			break
		}
		p.inFlight++
		a, waited := p.next()
		p.assign(job[U]{member: pop(&p.idle), task: iterate, waited: waited, arrival: a})
	}
	p.punctual, p.short = 0, p.waiting.n
}

// next takes the first arrival that waits, and reports whether there was no user for it before.
func (p *Pool[U]) next() (a pacer.Arrival, waited bool) {
	waited = p.short > 0
	p.short = max(0, p.short-1)
	return p.waiting.pop(), waited
}

// mayGrow reports whether one user more may be added now for what has piled up, and counts it.
func (p *Pool[U]) mayGrow(now time.Duration) bool {
	used := max(p.growth, now-growBurst*growEvery) + growEvery
	if used > now {
		return false
	}
	p.growth = used
	return true
}

// expire drops arrivals that have waited too long.
func (p *Pool[U]) expire(now time.Duration) {
	for p.waiting.n > 0 && now-p.waiting.first().Due > p.cfg.MaxLag {
		a, waited := p.next()
		a.Token.Drop(dropReason(waited), 1)
	}
}

// dropReason is why an arrival is dropped whose time is over. Waited: there was no user for it.
func dropReason(waited bool) load.DropReason {
	if waited {
		return load.DropNoUser
	}
	return load.DropLate
}

// Tick does what time alone brings: it drops arrivals that have waited too long, lets the pool grow for the others, tries failed
// users again, and lets some of the workers go that were not needed since the tick before.
func (p *Pool[U]) Tick() {
	now := p.cfg.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.failed) > 0 && p.failed[0].retryAt <= now && !p.closed {
		p.todo = append(p.todo, p.failed[0])
		p.failed = p.failed[1:]
	}
	p.settle()
	p.serve(now)
	p.dismiss((min(p.reserve, len(p.bench)) + 7) / 8) // a new worker's stack has to grow first, so they stay for a while
	p.reserve = len(p.bench)
	p.forget((min(p.spare, len(p.threads)) + 7) / 8)
	p.spare = len(p.threads)
}

// Close takes no more arrivals, drops those that wait, and lets each user run on_stop as soon as it is idle. It returns when
// all users and workers are gone. Users that are busy when the pool's context ends are cut off.
func (p *Pool[U]) Close() {
	p.mu.Lock()
	p.closed = true
	for p.waiting.n > 0 {
		p.waiting.pop().Token.Drop(load.DropStopped, 1)
	}
	p.todo = append(append(p.todo, p.idle...), p.failed...)
	p.idle, p.failed = nil, nil
	p.settle()
	p.dismiss(len(p.bench))
	p.mu.Unlock()
	p.workers.Wait()
}

func (p *Pool[U]) notify() {
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// settle puts users that wait for on_start or on_stop to work.
func (p *Pool[U]) settle() {
	for len(p.todo) > 0 && p.setups < maxSetups {
		j := job[U]{member: p.todo[0], task: start}
		if p.closed {
			j.task = stop
		}
		p.todo = p.todo[1:]
		p.setups++
		p.assign(j)
	}
}

func pop[T any](stack *[]T) T {
	s := *stack
	last := len(s) - 1
	top := s[last]
	var zero T
	s[last] = zero
	*stack = s[:last]
	return top
}

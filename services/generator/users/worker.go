package users

import (
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// task is what a worker does for a user.
type task uint8

const (
	iterate task = iota
	start
	stop
)

type job[U any] struct {
	member  *member[U]
	task    task
	waited  bool // no user was idle when the arrival came
	arrival pacer.Arrival
}

// worker is a goroutine that does one job after another.
type worker[U any] struct{ jobs chan job[U] }

// assign gives a job to a strand if it is fit for one, or else to a worker of the bench or a new one.
func (p *Pool[U]) assign(j job[U]) {
	if p.ready(&j) {
		p.weave(j)
		return
	}
	if len(p.bench) == 0 {
		w := &worker[U]{jobs: make(chan job[U], 1)}
		w.jobs <- j
		p.workers.Go(func() { p.work(w) })
		return
	}
	w := pop(&p.bench)
	p.reserve = min(p.reserve, len(p.bench))
	w.jobs <- j
}

// dismiss lets n workers of the bench go.
func (p *Pool[U]) dismiss(n int) {
	for range n {
		close(pop(&p.bench).jobs)
	}
}

// work does jobs until the worker is dismissed.
func (p *Pool[U]) work(w *worker[U]) {
	hands := p.crew.NewWorker()
	for j := range w.jobs {
		p.do(hands, &j)
		p.finish(w, &j)
	}
}

func (p *Pool[U]) do(hands Worker[U], j *job[U]) {
	m := j.member
	if !m.exists && j.task != stop {
		m.user, m.exists = p.crew.NewUser(), true
	}
	switch {
	case j.task == start:
		m.started = hands.Start(p.ctx, m.user)
	case j.task == iterate:
		p.iterate(nil, hands, j)
	case m.exists:
		hands.Stop(p.ctx, m.user, m.started)
	}
}

// iterate runs an arrival unless its time is over: the instant of the call decides, wherever the delay came from. Nothing
// starts that would be cut off at once.
func (p *Pool[U]) iterate(s *strand.Strand, hands Worker[U], j *job[U]) {
	called := p.cfg.Clock.Now()
	switch {
	case p.ctx.Err() != nil:
		j.arrival.Token.Drop(load.DropStopped, 1)
	case called-j.arrival.Due <= p.cfg.MaxLag:
		j.arrival.Token.Start()
		hands.Run(p.ctx, s, j.member.user, j.arrival, called)
	default:
		j.arrival.Token.Drop(dropReason(j.waited), 1)
	}
}

// finish books a job as done and sees what its user and its worker can do next.
func (p *Pool[U]) finish(w *worker[U], j *job[U]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.bench = append(p.bench, w)
	m := j.member
	switch j.task {
	case iterate:
		p.inFlight--
		p.release(m)
	case start:
		p.setups--
		switch {
		case m.started:
			p.alive++
			p.release(m)
		case p.closed:
			p.todo = append(p.todo, m)
		default:
			p.failures++
			m.retryAt = p.cfg.Clock.Now() + retryDelay
			p.failed = append(p.failed, m)
		}
		p.notify()
	case stop:
		p.setups--
		p.total--
		if m.started {
			p.alive--
		}
	}
	p.settle()
	if p.closed {
		p.dismiss(len(p.bench))
	}
}

// release gives a ready user its next iteration, or its rest.
func (p *Pool[U]) release(m *member[U]) {
	if j, more := p.free(m); more {
		p.assign(j)
	}
}

// free returns the next iteration of a ready user, or lets it rest.
func (p *Pool[U]) free(m *member[U]) (next job[U], more bool) {
	switch {
	case p.closed:
		p.todo = append(p.todo, m)
	case p.waiting.n > 0 && p.weaving && p.crew.Ready(m.user, *p.waiting.first()):
		p.idle = append(p.idle, m)
		p.ask()
	case p.waiting.n > 0:
		p.inFlight++
		a, waited := p.next()
		return job[U]{member: m, task: iterate, waited: waited, arrival: a}, true
	default:
		p.idle = append(p.idle, m)
	}
	return next, false
}

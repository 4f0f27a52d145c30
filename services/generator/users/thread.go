package users

import (
	"slices"

	"github.com/loadpilot/loadpilot/services/generator/strand"
)

// thread is one iteration after another in a strand.
type thread[U any] struct {
	hands Worker[U]
	job   job[U]
	run   func(*strand.Strand) // kept so that beginning allocates nothing
}

// ready reports whether a job shall run in a strand.
func (p *Pool[U]) ready(j *job[U]) bool {
	return p.weaving && j.task == iterate && j.member.exists && p.crew.Ready(j.member.user, j.arrival)
}

// weave gives a job to a strand.
func (p *Pool[U]) weave(j job[U]) {
	p.workers.Add(1)
	if len(p.threads) == 0 {
		t := &thread[U]{hands: p.crew.NewWorker()}
		t.run = func(s *strand.Strand) {
			for more := true; more; {
				p.iterate(s, t.hands, &t.job)
				more = p.goOn(s, t)
			}
		}
		p.threads = append(p.threads, t)
	}
	t := pop(&p.threads)
	p.spare = min(p.spare, len(p.threads))
	t.job = j
	p.cfg.Loop.Post(t.run)
}

// forget gives up n threads, those that were not needed for longest.
func (p *Pool[U]) forget(n int) { p.threads = slices.Delete(p.threads, 0, n) }

// goOn books a thread's iteration as done and gives it another one, if one waits that may run in this strand.
func (p *Pool[U]) goOn(s *strand.Strand, t *thread[U]) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.inFlight--
	next, more := p.free(t.job.member)
	if more && s.OnLoop() && p.ready(&next) {
		t.job = next
		return true
	}
	t.job = job[U]{}
	p.threads = append(p.threads, t)
	if more {
		p.assign(next)
	}
	p.settle()
	p.workers.Done()
	return false
}

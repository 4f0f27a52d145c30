package scenario

import (
	"context"
	"net/http"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// readiness is what is known of one task of one user.
type readiness struct {
	tried bool
	steps []step // nil: the task must be interpreted
}

// A step is one request of a task, or one batch.
type step struct {
	requests []*Request
	batch    bool
}

// known returns the ready requests of a task, nil if there are none, or none yet.
func (u *User) known(task int) []step {
	if task < len(u.ready) {
		return u.ready[task].steps
	}
	return nil
}

// prepare finds out what a task asks for, the first time; nil if it must be interpreted.
func (u *User) prepare(ctx context.Context, task int, client Client) []step {
	code := &u.runner.tasks[task]
	if !code.ready {
		return nil
	}
	if u.ready == nil {
		u.ready = make([]readiness, len(u.runner.tasks))
	}
	r := &u.ready[task]
	if !r.tried {
		r.tried = true
		r.steps = u.record(ctx, code, client)
	}
	return r.steps
}

// record runs a task without sending anything and returns what it asked for; nil when
// that could change, or when it fails, which a real run has to show.
func (u *User) record(ctx context.Context, code *taskCode, client Client) []step {
	rec := &recorder{client: client}
	th := u.begin(rec, -1)
	defer u.end(th, &Outcome{})
	if err := u.instance(ctx, th); err != nil {
		return nil
	}
	for _, name := range code.reads {
		v, err := runtime.GetAttr(th, u.self, name)
		if err != nil || !immutable(v) {
			return nil
		}
	}
	if _, err := u.call(ctx, th, code.call, clientArgs...); err != nil {
		return nil
	}
	return rec.steps
}

// immutable reports whether nobody can change a value.
func immutable(v runtime.Value) bool {
	switch v.(type) {
	case runtime.Str, runtime.Int, runtime.Float, runtime.Bool, runtime.NoneType, *runtime.BigInt:
		return true
	}
	return false
}

// replay sends the ready requests of a task and tells how many steps were done. If one fails the task
// is to be interpreted up to that point, with the same answers, because its exception has to be
// Python's.
func (u *User) replay(ctx context.Context, steps []step, client Client) (last *Response, sent int) {
	for i := range steps {
		if s := &steps[i]; s.batch {
			all := u.doAll(ctx, client, s.requests)
			last, u.inv.mixed = all[len(all)-1].answer, redirectedAny(all)
			if ctx.Err() == nil {
				continue
			}
		} else if last = u.answer(ctx, client, s.requests[0]); last.Err == nil {
			continue
		}
		return last, i
	}
	return last, len(steps)
}

// repeat interprets a task whose requests have been sent.
func (u *User) repeat(ctx context.Context, iteration int64, code *taskCode, client *repeater) (out Outcome) {
	th := u.begin(client, iteration)
	defer u.end(th, &out)
	if _, err := u.call(ctx, th, code.call, clientArgs...); err != nil {
		return u.failed(err)
	}
	return Outcome{}
}

// A recorder is a client that sends nothing.
type recorder struct {
	steps  []step
	client Client // of the invocation
}

// Do implements Client.
func (r *recorder) Do(_ context.Context, req *Request) *Response {
	r.steps = append(r.steps, step{requests: []*Request{req}})
	return &Response{Status: http.StatusOK}
}

// Batch implements Client.
func (r *recorder) Batch(_ context.Context, reqs []*Request) []*Response {
	r.steps = append(r.steps, step{requests: reqs, batch: true})
	return succeeded(len(reqs))
}

// Aside implements Bystander.
func (r *recorder) Aside() { aside(r.client) }

// Measure implements Client. A task that is recorded measures nothing, but making its user may.
func (r *recorder) Measure(m Measure) { r.client.Measure(m) }

// A repeater is a client whose requests succeed, but the one after those left fails.
type repeater struct {
	client  Client // of the invocation
	left    int
	failure *Response
}

// Do implements Client.
func (r *repeater) Do(context.Context, *Request) *Response {
	if r.left == 0 {
		return r.failure
	}
	r.left--
	return &Response{Status: http.StatusOK}
}

// Batch implements Client.
func (r *repeater) Batch(_ context.Context, reqs []*Request) []*Response {
	r.left--
	return succeeded(len(reqs))
}

// Aside implements Bystander.
func (r *repeater) Aside() { aside(r.client) }

// Measure implements Client. A task with ready requests measures nothing.
func (r *repeater) Measure(Measure) {}

// succeeded returns answers that nobody looks at.
func succeeded(n int) []*Response {
	out := make([]*Response, n)
	for i := range out {
		out[i] = &Response{Status: http.StatusOK}
	}
	return out
}

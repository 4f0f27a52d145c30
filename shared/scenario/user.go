package scenario

import (
	"context"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// A User is one virtual user. Its methods must be called one after the other.
type User struct {
	runner *Runner
	number int64            // from 1
	self   runtime.Value    // the instance, once it is made
	ready  []readiness      // by task; nil until one was tried
	inv    invocation       // the one that runs
	thread runtime.Identity // what makes the user a thread to the script

	session atomic.Pointer[session] // nil until the script or a response changes what goes with requests
}

// Start makes the user anew and runs on_start, if there is one.
func (u *User) Start(ctx context.Context, client Client) Outcome {
	u.self, u.ready, u.thread = nil, nil, runtime.Identity{}
	u.session.Store(nil)
	return u.hook(ctx, u.runner.start, client)
}

// Stop runs on_stop, if there is one.
func (u *User) Stop(ctx context.Context, client Client) Outcome {
	return u.hook(ctx, u.runner.stop, client)
}

// hook runs on_start or on_stop.
func (u *User) hook(ctx context.Context, fn runtime.Value, client Client) (out Outcome) {
	th := u.begin(client, -1)
	defer u.end(th, &out)
	u.inv.hook = true
	if err := u.instance(ctx, th); err != nil {
		return u.failed(err)
	}
	if fn == nil {
		return Outcome{}
	}
	if _, err := u.call(ctx, th, fn, clientArgs...); err != nil {
		return u.failed(err)
	}
	return Outcome{}
}

// Run runs one iteration: the task with that index in the plan, then its check.
func (u *User) Run(ctx context.Context, iteration int64, task int, client Client) Outcome {
	code := &u.runner.tasks[task]
	steps := u.known(task)
	if steps == nil {
		steps = u.prepare(ctx, task, client)
	}
	if steps == nil {
		return u.interpret(ctx, iteration, code, client)
	}
	last, sent := u.replay(ctx, steps, client)
	switch {
	case sent < len(steps):
		return u.repeat(ctx, iteration, code, &repeater{client: client, left: sent, failure: last})
	case code.check == nil:
		return Outcome{}
	}
	return u.checkLast(ctx, iteration, code, last, client)
}

// interpret runs a task and its check.
func (u *User) interpret(ctx context.Context, iteration int64, code *taskCode, client Client) (out Outcome) {
	th := u.begin(client, iteration)
	defer u.end(th, &out)
	if err := u.instance(ctx, th); err != nil {
		return u.failed(err)
	}
	if _, err := u.call(ctx, th, code.call, clientArgs...); err != nil {
		return u.failed(err)
	}
	return u.check(ctx, th, code)
}

// checkLast runs the check of a task whose requests were sent without the interpreter.
func (u *User) checkLast(ctx context.Context, iteration int64, code *taskCode, last *Response, client Client) (out Outcome) {
	th := u.begin(client, iteration)
	defer u.end(th, &out)
	u.inv.last = last
	return u.check(ctx, th, code)
}

// begin borrows an interpreter stack for an invocation.
func (u *User) begin(client Client, iteration int64) *runtime.Thread {
	th := u.runner.threads.Get()
	u.inv.user, u.inv.client, u.inv.iteration = u, client, iteration
	u.thread.Number = u.number
	th.Host, th.Out, th.Identity = &u.inv, u.runner.print, &u.thread
	if iteration >= 0 {
		th.Seed(u.runner.seed, uint64(iteration))
	} else {
		th.Seed(u.runner.seed, ^uint64(u.number)) //nolint:gosec // only to differ from iterations
	}
	return th
}

// end gives the stack back, and says which request was the last and if the script ran out of data.
func (u *User) end(th *runtime.Thread, out *Outcome) {
	if u.inv.mixed {
		out.Last = u.inv.last
	}
	if u.inv.ranOut != nil {
		out.Exhausted = u.inv.ranOut.noMoreRows()
	}
	u.inv.end()
	u.runner.threads.Put(th)
}

// instance makes the user's instance, unless it has been made.
func (u *User) instance(ctx context.Context, th *runtime.Thread) error {
	if u.self != nil {
		return nil
	}
	self, err := th.Call(ctx, u.runner.class, nil)
	u.self = self
	return err
}

// call calls a member of the class on the instance.
func (u *User) call(ctx context.Context, th *runtime.Thread, member runtime.Value, args ...runtime.Value) (runtime.Value, error) {
	return th.Do(ctx, func() (runtime.Value, error) { return runtime.CallMember(th, u.self, member, args...) })
}

// check runs a task's check on the response to its last request. It is not called when
// there was none, or when that failed before an answer came.
func (u *User) check(ctx context.Context, th *runtime.Thread, code *taskCode) Outcome {
	last := u.inv.last
	if code.check == nil || last == nil || last.Err != nil {
		return Outcome{}
	}
	if _, err := th.Do(ctx, func() (runtime.Value, error) { return code.runCheck(th, u.self, last) }); err != nil {
		outcome := u.failed(err)
		if outcome.Failed {
			outcome.Check = CheckFailed
		}
		return outcome
	}
	return Outcome{Check: CheckPassed}
}

package scenario

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// A Runner is a scenario ready to run in this process. It is safe for concurrent use.
type Runner struct {
	class   *runtime.Class
	tasks   []taskCode
	start   runtime.Value // on_start, nil when the script has none
	stop    runtime.Value
	seed    uint64
	target  target
	rows    rowRule
	print   io.Writer
	mask    mask
	threads *runtime.ThreadPool
	users   atomic.Int64 // made so far
}

// A taskCode is a task with what calling it needs.
type taskCode struct {
	name      string
	call      runtime.Value
	check     runtime.Value // check_<task>; nil without one
	readsBody bool          // the check may read the body
	ready     bool          // its requests may be the same each time
	reads     []string      // attributes of self that they then depend on
}

// NewRunner loads the file anew, for a run with this plan, in at most 2 s. What runners of one program
// change while they run, they do not share.
func (p *Program) NewRunner(ctx context.Context, plan load.Plan, opts Options) (*Runner, error) {
	loaded, err := loadFile(ctx, p.source.module.File, p.text, opts, p.tables)
	if err != nil {
		return nil, err
	}
	sequence, err := load.NewSequence(plan.Tasks)
	if err != nil {
		return nil, fmt.Errorf("lay out tasks: %w", err)
	}
	var class *runtime.Class
	for _, d := range loaded.declared {
		if d.class.Name == plan.Scenario {
			class = d.class
		}
	}
	if class == nil {
		return nil, &load.FieldError{
			Field:   "scenario",
			Message: fmt.Sprintf("%s has no scenario %q in this environment", p.source.module.File, plan.Scenario),
		}
	}
	r := &Runner{
		class: class, seed: plan.Seed, target: target(plan.Target), rows: rowRule{sequence, opts.Seat}, print: opts.Print, mask: opts.Mask,
		start: hook(class, "on_start"), stop: hook(class, "on_stop"),
		threads: runtime.NewThreadPool(runtime.Limits{}),
	}
	analysis := p.source.analyse(class)
	for _, t := range plan.Tasks {
		call := class.Lookup(t.Name)
		if call == nil {
			return nil, &load.FieldError{
				Field: "task", Message: fmt.Sprintf("scenario %s has no task %q in this environment", class.Name, t.Name),
			}
		}
		code := taskCode{name: t.Name, call: call}
		if code.check = class.Lookup(checkPrefix + t.Name); code.check != nil {
			code.readsBody = analysis.readsBody(checkPrefix + t.Name)
		}
		reads, obstacle := analysis.task(t.Name)
		code.reads, code.ready = reads, obstacle == nil
		r.tasks = append(r.tasks, code)
	}
	return r, nil
}

// runCheck runs a task's check on a response. The body is parsed within the budgets of the
// invocation, and only for a check that reads it.
func (t *taskCode) runCheck(th *runtime.Thread, self runtime.Value, last *Response) (runtime.Value, error) {
	args := th.Reserve(checkArgs)
	defer th.Release(args)
	args[0], args[1] = runtime.NewInt(int64(last.Status)), runtime.None
	if t.readsBody {
		args[1] = parseBody(th, last)
	}
	return runtime.CallMember(th, self, t.check, args...)
}

// checkArgs is the number of arguments of a check beside self: status_code and body.
const checkArgs = 2

// hook returns what a class has under a name, nil when it is only VUser's own.
func hook(class *runtime.Class, name string) runtime.Value {
	v := class.Lookup(name)
	if v == userClass.Own(name) {
		return nil
	}
	return v
}

// HasStart reports whether users have an on_start to run first.
func (r *Runner) HasStart() bool { return r.start != nil }

// HasStop reports whether users have an on_stop to run last.
func (r *Runner) HasStop() bool { return r.stop != nil }

// NewUser makes a user; it runs nothing yet.
func (r *Runner) NewUser() *User {
	return &User{runner: r, number: r.users.Add(1)}
}

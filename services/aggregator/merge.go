package aggregator

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// merge adds an event unless it is a copy of one, or came too late.
func (a *account) merge(sequence uint64, e *load.Event) error {
	if e.Seq == 0 || e.Run != a.run.ID {
		return fmt.Errorf("%w: event %d: sequence %d of run %q", load.ErrInvalid, sequence, e.Seq, e.Run)
	}
	inst := a.instances[e.Instance]
	if inst != nil && inst.has(e.Seq) {
		return nil
	}
	if a.sealed && sequence > a.through {
		a.late[event{e.Instance, e.Seq}] = struct{}{}
		return nil
	}
	a.applied = max(a.applied, sequence)
	if inst == nil {
		inst = newInstance(e)
		a.instances[e.Instance] = inst
	}
	inst.take(e.Seq)
	times, err := a.read(e)
	if err != nil {
		inst.unreadable++
		return fmt.Errorf("event %d, %s of generator %s: %w", e.Seq, e.Instance, e.Generator, err)
	}
	inst.meet(e, a.ticks)
	inst.lag.Merge(times.lag)
	for _, r := range e.Tokens {
		a.mergeToken(inst, r)
	}
	for i, r := range e.Tasks {
		a.mergeTask(inst, r, times.tasks[i])
	}
	for i, r := range e.Measures {
		a.mergeMeasure(r, times.measures[i])
	}
	a.links.merge(times.links)
	a.mergeSetup(e.Setup, times.setup)
	a.setup.links.merge(times.setupLinks)
	for _, s := range e.Samples {
		a.samples.add(s)
	}
	return nil
}

// eventTimes are the histograms of an event, decoded before anything of it is merged.
type eventTimes struct {
	lag, setup *histogram.Histogram
	tasks      []taskTimes
	measures   []*histogram.Histogram

	links, setupLinks connections
}

type taskTimes struct{ response, service, failed *histogram.Histogram }

// read checks all of an event. It fails with load.ErrInvalid or histogram.ErrCorrupt. How many arrivals a token has is no matter of
// the event: it may have come before the record with the change of the rate that it follows, or be of a scheduler that had not
// seen a change. What was started beyond the arrivals that the record has in the end counts as repeated, the rest as lost.
func (a *account) read(e *load.Event) (eventTimes, error) {
	var times eventTimes
	var failure error
	decode := func(s histogram.Snapshot) *histogram.Histogram {
		h := histogram.New()
		if err := h.MergeSnapshot(s); err != nil && failure == nil {
			failure = err
		}
		return h
	}
	for _, r := range e.Tokens {
		switch {
		case r.Second < 0 || r.Second >= len(a.seconds) || r.Slice < 0 || r.Slice >= a.run.Slices:
			return times, fmt.Errorf("%w: the run has no token %d/%d", load.ErrInvalid, r.Second, r.Slice)
		case r.Planned < 1 || r.Planned > load.MaxRPS:
			return times, fmt.Errorf("%w: token %d/%d with %d arrivals", load.ErrInvalid, r.Second, r.Slice, r.Planned)
		case r.Started < 0 || r.Dropped < 0:
			return times, fmt.Errorf("%w: token %d/%d counts down", load.ErrInvalid, r.Second, r.Slice)
		}
	}
	for _, r := range e.Tasks {
		switch {
		case r.Second < 0 || r.Second >= len(a.seconds):
			return times, fmt.Errorf("%w: the run has no second %d", load.ErrInvalid, r.Second)
		case r.Iterations < 0 || r.Requests < 0 || r.Failed < 0 || r.Failed > r.Requests:
			return times, fmt.Errorf("%w: task %q: %d of %d requests failed in %d iterations", load.ErrInvalid,
				r.Task, r.Failed, r.Requests, r.Iterations)
		}
		times.tasks = append(times.tasks, taskTimes{decode(r.Response), decode(r.Service), decode(r.FailedTime)})
	}
	for _, c := range []struct {
		into   *connections
		report load.ConnectionReport
	}{{&times.links, e.Connections}, {&times.setupLinks, e.Setup.Connections}} {
		if err := c.into.read(c.report, decode); err != nil {
			return times, err
		}
	}
	for _, r := range e.Measures {
		if err := r.Validate(); err != nil {
			return times, err
		}
		times.measures = append(times.measures, decode(r.Times))
	}
	times.lag, times.setup = decode(e.Lag), decode(e.Setup.Response)
	return times, failure
}

func (a *account) mergeToken(inst *instance, r load.TokenReport) {
	t := a.tally(r.Second, r.Slice)
	t.started += r.Started
	t.dropped += r.Dropped
	t.reported = true
	t.final = t.final || r.Final
	inst.started += r.Started
	if r.Second >= a.warm {
		inst.measured += r.Started
	}
	inst.lastSecond = max(inst.lastSecond, r.Second)
	a.touch(r.Second)
}

func (a *account) mergeTask(inst *instance, r load.TaskReport, times taskTimes) {
	sec := a.second(r.Second)
	sec.add(r, times)
	a.bookTask(sec, r, times)
	a.touch(r.Second)
	inst.completed += r.Iterations
	if r.Second < a.warm {
		taskOf(a.warmTasks, r.Task).add(r, times)
		return
	}

	taskOf(a.tasks, r.Task).add(r, times)
	inst.requests += r.Requests
	inst.failed += r.Failed
	a.bytesIn += r.BytesIn
	a.bytesOut += r.BytesOut
	a.failed.Merge(times.failed)
	addTo(a.status, r.Status)
	addTo(a.errors, r.Errors)
}

func (a *account) mergeSetup(r load.SetupReport, response *histogram.Histogram) {
	a.setup.started += r.Started
	a.setup.failed += r.Failed
	a.setup.requests += r.Requests
	addTo(a.setup.errors, r.Errors)
	a.setup.response.Merge(response)
}

func addTo[K comparable](sum, delta map[K]int64) {
	for k, n := range delta {
		sum[k] += n
	}
}

package generator

import (
	"cmp"
	"slices"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// reporter turns samples into the reports of an event. It belongs to one goroutine.
type reporter struct {
	tasks   []load.Task
	classes *classes

	response, service, failed *histogram.Histogram // empty between two series
}

func newReporter(tasks []load.Task, c *classes) *reporter {
	return &reporter{
		tasks: tasks, classes: c, response: histogram.New(), service: histogram.New(), failed: histogram.New(),
	}
}

// taskName returns the name that a task is reported under.
func (r *reporter) taskName(task uint16) string {
	if len(r.tasks) > maxSeries && int(task) >= maxSeries-1 {
		return seriesOther
	}
	return r.tasks[task].Name
}

// reports adds the samples up. It reorders them.
func (r *reporter) reports(samples []sample) (tasks []load.TaskReport, lag histogram.Snapshot, setup load.SetupReport) {
	slices.SortFunc(samples, func(a, b sample) int {
		return cmp.Or(cmp.Compare(a.group(), b.group()), cmp.Compare(a.second, b.second), cmp.Compare(a.task, b.task))
	})
	for len(samples) > 0 {
		first := samples[0]
		n := 1
		for n < len(samples) && samples[n].sameSeries(first) {
			n++
		}
		switch first.group() {
		case groupLag:
			lag = r.lag(samples[:n])
		case groupSetup:
			setup = r.setup(samples[:n])
		case groupTask:
			tasks = append(tasks, r.task(samples[:n]))
		}
		samples = samples[n:]
	}
	return tasks, lag, setup
}

// group says which part of an event a sample belongs to.
type group uint8

const (
	groupTask group = iota
	groupLag
	groupSetup
)

func (s sample) group() group {
	switch s.kind {
	case kindLag:
		return groupLag
	case kindSetupRequest, kindSetupFailed, kindUserStarted:
		return groupSetup
	default:
		return groupTask
	}
}

func (s sample) sameSeries(o sample) bool {
	return s.group() == o.group() && (s.group() != groupTask || s.second == o.second && s.task == o.task)
}

// take returns what the histogram holds and empties it.
func take(h *histogram.Histogram) histogram.Snapshot {
	defer h.Reset()
	return h.Snapshot()
}

func (r *reporter) lag(samples []sample) histogram.Snapshot {
	for _, s := range samples {
		r.response.Record(int64(s.response))
	}
	return take(r.response)
}

func (r *reporter) setup(samples []sample) load.SetupReport {
	out := load.SetupReport{Errors: map[string]int64{}}
	for _, s := range samples {
		switch s.kind {
		case kindUserStarted:
			out.Started++
		case kindSetupFailed:
			out.Failed++
		default:
			out.Requests++
			r.response.Record(int64(s.response))
		}
		if s.class != 0 {
			out.Errors[r.classes.name(s.class)]++
		}
	}
	out.Response = take(r.response)
	return out
}

// task adds up one second of one task.
func (r *reporter) task(samples []sample) load.TaskReport {
	out := load.TaskReport{
		Second: int(samples[0].second), Task: r.taskName(samples[0].task),
		Status: map[int]int64{}, Errors: map[string]int64{}, Checks: map[string]load.CheckCount{},
	}
	var checks load.CheckCount
	for _, s := range samples {
		if s.kind == kindCompleted {
			out.Iterations++
			if s.flags&flagCheckPassed != 0 {
				checks.Passed++
			}
			if s.flags&flagCheckFailed != 0 {
				checks.Failed++
			}
			continue
		}
		out.Requests++
		out.BytesIn += int64(s.in)
		out.BytesOut += int64(s.out)
		if s.status != 0 {
			out.Status[int(s.status)]++
		}
		if s.flags&flagFailed != 0 {
			out.Failed++
			out.Errors[r.classes.name(s.class)]++
		}
		if s.flags&flagUntimed != 0 {
			continue
		}
		r.response.Record(int64(s.response))
		r.service.Record(int64(s.service))
		if s.flags&flagFailed != 0 {
			r.failed.Record(int64(s.response))
		}
	}
	if checks != (load.CheckCount{}) {
		out.Checks["check_"+r.tasks[samples[0].task].Name] = checks
	}
	out.Response, out.Service, out.FailedTime = take(r.response), take(r.service), take(r.failed)
	return out
}

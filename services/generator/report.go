package generator

import (
	"cmp"
	"math"
	"slices"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// reporter turns samples into the reports of an event. It belongs to one goroutine.
type reporter struct {
	tasks    []load.Task
	recorder *recorder // knows what the numbers in the samples stand for

	response, service, failed *histogram.Histogram // empty between two series
}

func newReporter(tasks []load.Task, r *recorder) *reporter {
	return &reporter{
		tasks: tasks, recorder: r, response: histogram.New(), service: histogram.New(), failed: histogram.New(),
	}
}

// taskName returns the name that a task is reported under.
func (r *reporter) taskName(task uint16) string {
	if len(r.tasks) > maxSeries && int(task) >= maxSeries-1 {
		return seriesOther
	}
	return r.tasks[task].Name
}

// report adds the samples up and puts the reports into an event. It reorders the samples.
func (r *reporter) report(e *load.Event, samples []sample) {
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
			e.Lag = r.lag(samples[:n])
		case groupSetup:
			e.Setup = r.setup(samples[:n])
		case groupTask:
			e.Tasks = append(e.Tasks, r.task(samples[:n]))
		case groupMeasure:
			e.Measures = append(e.Measures, r.measure(samples[:n]))
		}
		samples = samples[n:]
	}
}

// group says which part of an event a sample belongs to.
type group uint8

const (
	groupTask group = iota
	groupLag
	groupSetup
	groupMeasure
)

func (s sample) group() group {
	switch s.kind {
	case kindLag:
		return groupLag
	case kindSetupRequest, kindSetupFailed, kindUserStarted:
		return groupSetup
	case kindMeasure:
		return groupMeasure
	default:
		return groupTask
	}
}

func (s sample) sameSeries(o sample) bool {
	switch g := s.group(); g {
	case groupTask, groupMeasure:
		return o.group() == g && s.second == o.second && s.task == o.task
	default:
		return o.group() == g
	}
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
			out.Errors[r.recorder.classes.name(s.class)]++
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
			out.Errors[r.recorder.classes.name(s.class)]++
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

// measure adds up one measure.
func (r *reporter) measure(samples []sample) load.MeasureReport {
	out := load.MeasureReport{MeasureName: r.recorder.measures.name(samples[0].task), Count: int64(len(samples))}
	for i := range samples {
		s := &samples[i]
		if s.flags&flagFailed != 0 {
			out.Failed++
		}
		value := s.value()
		switch out.Kind {
		case load.MeasureRequest:
			r.response.Record(int64(s.response))
		case load.MeasureEvent:
			r.response.Record(int64(math.Round(value * 1000)))
		case load.MeasureCounter:
			out.Sum += value
		case load.MeasureGauge:
			out.Sum += value
			if i == 0 {
				out.Min, out.Max = value, value
			}
			out.Min, out.Max = min(out.Min, value), max(out.Max, value)
		}
	}
	out.Times = take(r.response)
	return out
}

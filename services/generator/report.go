package generator

import (
	"math"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// reporter turns samples into the reports of an event. It belongs to one goroutine.
type reporter struct {
	tasks    []load.Task
	recorder *recorder // knows what the numbers in the samples stand for
	groups   grouping

	statuses, classes         tally              // empty between two series
	response, service, failed histogram.Recorder // likewise
	run, ready                connections        // empty between two events; ready is of the setup
}

func newReporter(tasks []load.Task, r *recorder) *reporter {
	return &reporter{tasks: tasks, recorder: r}
}

// taskName returns the name that a task is reported under.
func (r *reporter) taskName(task uint16) string {
	if len(r.tasks) > maxSeries && int(task) >= maxSeries-1 {
		return seriesOther
	}
	return r.tasks[task].Name
}

// report adds the samples up and puts the reports into an event.
func (r *reporter) report(e *load.Event, samples []sample) {
	for series := range r.groups.each(samples) {
		switch series[0].group() {
		case groupTask:
			e.Tasks = append(e.Tasks, r.task(series))
		case groupLag:
			e.Lag = r.lag(series)
		case groupSetup:
			e.Setup = r.setup(series)
		case groupMeasure:
			e.Measures = append(e.Measures, r.measure(series))
		case groupLink:
			for i := range series {
				r.run.add(&series[i])
			}
		}
	}
	e.Connections = r.run.take()
}

func (r *reporter) lag(samples []sample) histogram.Snapshot {
	for i := range samples {
		r.response.Record(int64(samples[i].response))
	}
	return r.response.Take()
}

func (r *reporter) setup(samples []sample) load.SetupReport {
	out := load.SetupReport{}
	for i := range samples {
		s := &samples[i]
		switch s.kind {
		case kindUserStarted:
			out.Started++
		case kindSetupFailed:
			out.Failed++
		case kindSetupRequest:
			out.Requests++
			r.response.Record(int64(s.response))
			r.ready.add(s)
		default:
			r.ready.add(s)
		}
		if s.class != 0 {
			r.classes.add(s.class)
		}
	}
	out.Errors, out.Response, out.Connections = r.errors(), r.response.Take(), r.ready.take()
	return out
}

// task adds up one second of one task.
func (r *reporter) task(samples []sample) load.TaskReport {
	out := load.TaskReport{
		Second: int(samples[0].second), Task: r.taskName(samples[0].task),
		Checks: map[string]load.CheckCount{},
	}
	var checks load.CheckCount
	for i := range samples {
		s := &samples[i]
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
			r.statuses.add(s.status)
		}
		if s.flags&flagFailed != 0 {
			out.Failed++
			r.classes.add(s.class)
		}
		if s.flags&flagUntimed != 0 {
			continue
		}
		r.response.Record(int64(s.response))
		r.service.Record(int64(s.service))
		r.run.add(s)
		if s.flags&flagFailed != 0 {
			r.failed.Record(int64(s.response))
		}
	}
	if checks != (load.CheckCount{}) {
		out.Checks["check_"+r.tasks[samples[0].task].Name] = checks
	}
	out.Status, out.Errors = r.status(), r.errors()
	out.Response, out.Service, out.FailedTime = r.response.Take(), r.service.Take(), r.failed.Take()
	return out
}

// status takes the counts by HTTP status.
func (r *reporter) status() map[int]int64 {
	out := map[int]int64{}
	for status, n := range r.statuses.take {
		out[int(status)] = n
	}
	return out
}

// errors takes the counts by error class.
func (r *reporter) errors() map[string]int64 {
	out := map[string]int64{}
	for class, n := range r.classes.take {
		out[r.recorder.classes.name(class)] = n
	}
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
	out.Times = r.response.Take()
	return out
}

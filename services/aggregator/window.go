package aggregator

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// windows are those of one threshold: each begins a step after the one before it, the first one where the measured part begins.
type windows struct {
	threshold    load.Threshold
	length, step int // seconds
	values       []windowValue
}

// windowValue is what a window came to, as far as it is known.
type windowValue struct {
	value   float64
	samples int64
	judged  bool // nothing has changed since
	open    bool // iterations were under way
}

// windowSteps is how many windows begin within the length of one.
const windowSteps = 6

// newWindows lays the windows of a threshold out over the measured seconds.
func newWindows(t load.Threshold, measured int) *windows {
	w := &windows{threshold: t, length: int(t.Window / time.Second)}
	w.step = max(1, w.length/windowSteps)
	if measured >= w.length {
		w.values = make([]windowValue, (measured-w.length)/w.step+1)
	}
	return w
}

// touch says that the windows with a measured second, counted from the first one, must be judged anew.
func (w *windows) touch(second int) {
	first := max(0, (second-w.length+w.step)/w.step)
	for i := first; i < len(w.values) && i*w.step <= second; i++ {
		w.values[i].judged = false
	}
}

// windowValue judges thresholds by the windows below the second end, of a run that is over or not.
func (a *account) windowValue(end int, over bool) load.WindowValue {
	return func(t load.Threshold) (value float64, samples int64) {
		for _, w := range a.windows {
			if w.threshold == t {
				return a.worst(w, end, over)
			}
		}
		return 0, 0
	}
}

// worst returns the value of the worst whole window below the second end. Of a run that is over the last window ends with it, so
// that no second is left out; if it is shorter than a window, all of it is one.
func (a *account) worst(w *windows, end int, over bool) (value float64, samples int64) {
	var worst windowValue
	parts := map[int]book{} // by their first second, of a step each: what windows that overlap have in common
	i, first := 0, a.warm
	for ; first+w.length <= end; i, first = i+1, first+w.step {
		if v := &w.values[i]; !v.judged || over && v.open {
			*v = a.window(w, first, first+w.length, over, parts)
		}
		worst = w.worse(worst, w.values[i])
		delete(parts, first)
	}
	if last := max(a.warm, end-w.length); over && last < end && (i == 0 || last > first-w.step) {
		worst = w.worse(worst, a.window(w, last, end, over, parts))
	}
	return worst.value, worst.samples
}

// worse returns the worse one of two values, of which one without samples says nothing.
func (w *windows) worse(x, y windowValue) windowValue {
	switch {
	case x.samples == 0:
		return y
	case y.samples == 0:
		return x
	case w.threshold.Floor() == (y.value < x.value):
		return y
	default:
		return x
	}
}

// window judges the seconds from first on and below end. Until the run is over, what is still under way counts as if it succeeded.
func (a *account) window(w *windows, first, end int, over bool, parts map[int]book) windowValue {
	if w.threshold.Metric == "rps_min" {
		return a.windowRate(w.threshold.Scope, first, end)
	}
	sum := newBook()
	for s := first; s < end; {
		if s+w.step > end {
			b := a.sum(w.threshold.Scope, s, s+1)
			b.addTo(&sum)
			s++
			continue
		}
		if _, ok := parts[s]; !ok {
			parts[s] = a.sum(w.threshold.Scope, s, s+w.step)
		}
		part := parts[s]
		part.addTo(&sum)
		s += w.step
	}
	m := sum.totals()
	var ledger load.Ledger
	if w.threshold.Metric == "error_rate" && !over {
		for s := first; s < end; s++ {
			ledger = ledger.Add(a.line(s).Ledger)
		}
		m.ErrorRatePct *= share(ledger.Completed, ledger.Started)
	}
	value, samples := m.Value(w.threshold.Metric)
	return windowValue{value: value, samples: samples, judged: true, open: ledger.Unfinished > 0}
}

// windowRate is window for the rate of iterations, of the run or of a task. Seconds whose rate a user has changed are left out: the
// limit was set for the rate of the plan. The samples are the arrivals that were due.
func (a *account) windowRate(task string, first, end int) windowValue {
	var ledger load.Ledger
	var iterations int64 // of the task
	var length time.Duration
	for s := first; s < end; s++ {
		line := a.line(s)
		if line.Phase == load.PhasePaused || line.Phase == load.PhaseRate {
			continue
		}
		ledger = ledger.Add(line.Ledger)
		length += min(a.cut, time.Duration(s+1)*time.Second) - time.Duration(s)*time.Second
		if sec := a.seconds[s]; sec != nil && sec.tasks[task] != nil {
			iterations += sec.tasks[task].iterations
		}
	}
	v := windowValue{samples: ledger.Planned - ledger.Cancelled, judged: true}
	switch {
	case length == 0:
	case task == "":
		v.value = float64(ledger.Started-ledger.Repeated) / length.Seconds()
	default:
		v.value = float64(iterations) / length.Seconds()
	}
	return v
}

// totals returns what a threshold is judged by, but for the rate.
func (b *book) totals() load.Totals {
	return load.Totals{
		Response: load.NewDistribution(b.response), Service: load.NewDistribution(b.service),
		ErrorRatePct: percent(b.failed, b.requests), Requests: b.requests,
	}
}

// sum adds up the seconds from first on and below end, of the run or of a task of which the seconds have books.
func (a *account) sum(task string, first, end int) book {
	out := newBook()
	for _, sec := range a.seconds[first:end] {
		switch {
		case sec == nil:
		case task == "":
			sec.addTo(&out)
		case sec.tasks[task] != nil:
			sec.tasks[task].addTo(&out)
		}
	}
	return out
}

// bookTask books what was reported of a task in its second, if a threshold needs to know it by the second.
func (a *account) bookTask(sec *second, r load.TaskReport, times taskTimes) {
	if !a.byTask[r.Task] {
		return
	}
	if sec.tasks == nil {
		sec.tasks = map[string]*book{}
	}
	if sec.tasks[r.Task] == nil {
		b := newBook()
		sec.tasks[r.Task] = &b
	}
	sec.tasks[r.Task].add(r, times)
}

// packAll packs the books of the second.
func (s *second) packAll() {
	s.pack()
	for _, b := range s.tasks {
		b.pack()
	}
}

// windowResults divides the measured seconds before the cut into at most MaxWindows stretches of the same length, but for the last
// one, which may be shorter.
func (a *account) windowResults() []load.Window {
	out := []load.Window{}
	first, end := min(a.warm, a.needed()), a.needed()
	length := (end - first + load.MaxWindows - 1) / load.MaxWindows
	for ; first < end; first += length {
		w := load.Window{Second: first, Seconds: min(length, end-first)}
		b := a.sum("", first, first+w.Seconds)
		for s := first; s < first+w.Seconds; s++ {
			w.Started += a.line(s).Started
		}
		w.Requests, w.Errors, w.MeanMs = b.requests, b.failed, load.NewDistribution(b.response).MeanMs
		w.HDR, w.ServiceHDR = b.response.Snapshot().HDR, b.service.Snapshot().HDR
		out = append(out, w)
	}
	return out
}

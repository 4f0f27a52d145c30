package engine

import (
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/histogram"
)

// windows divides requests, in the order of their completion, into at most MaxWindows of equally many. If it is not known how many
// there will be, the first are of one request, and whenever there are too many each two become one.
type windows struct {
	width   int64 // requests of a window
	closed  []window
	total   *histogram.Histogram // of those that are closed
	current histogram.Recorder   // latencies of the one that is not
	open    window
	since   time.Duration // when it began
}

// window is what has come of some requests.
type window struct {
	requests, failed int64
	took             time.Duration
	latencies        int64 // how many have one
	sum              time.Duration
	histogram        *histogram.Histogram
}

func newWindows(requests int64, now time.Duration) windows {
	return windows{width: max(1, (requests+run.MaxWindows-1)/run.MaxWindows), total: histogram.New(), since: now}
}

// add adds a request, whose latency may not count.
func (w *windows) add(latency time.Duration, counted, failed bool, clock pacer.Clock) {
	if counted {
		w.current.Record(micros(latency))
		w.open.latencies++
		w.open.sum += latency
	}
	if failed {
		w.open.failed++
	}
	if w.open.requests++; w.open.requests < w.width {
		return
	}
	if len(w.closed) == run.MaxWindows {
		w.pair()
		if w.open.requests < w.width {
			return
		}
	}
	w.close(clock.Now())
}

func (w *windows) close(now time.Duration) {
	w.open.took, w.open.histogram = now-w.since, take(&w.current)
	w.total.Merge(w.open.histogram)
	w.closed = append(w.closed, w.open)
	w.open, w.since = window{}, now
}

// pair makes one window of each two.
func (w *windows) pair() {
	for i := range run.MaxWindows / 2 {
		w.closed[i] = w.closed[2*i]
		w.closed[i].join(&w.closed[2*i+1])
	}
	w.closed = w.closed[:run.MaxWindows/2]
	w.width *= 2
}

func (w *window) join(o *window) {
	w.requests += o.requests
	w.failed += o.failed
	w.took += o.took
	w.latencies += o.latencies
	w.sum += o.sum
	w.histogram.Merge(o.histogram)
}

// finish closes the last window. One that is less than half full becomes part of the one before.
func (w *windows) finish(now time.Duration) {
	if w.open.requests == 0 {
		return
	}
	small := 2*w.open.requests < w.width || len(w.closed) == run.MaxWindows
	w.close(max(now, w.since))
	if last := len(w.closed) - 1; small && last > 0 {
		w.closed[last-1].join(&w.closed[last])
		w.closed = w.closed[:last]
	}
}

func (w *windows) list() []run.Window {
	list := make([]run.Window, len(w.closed))
	for i := range w.closed {
		c := &w.closed[i]
		list[i] = run.Window{Requests: c.requests, Failed: c.failed, Secs: c.took.Seconds()}
		if c.latencies > 0 {
			list[i].MeanMs = ms(c.sum) / float64(c.latencies)
			list[i].P50Ms, list[i].P95Ms = quantile(c.histogram, 0.5), quantile(c.histogram, 0.95)
		}
	}
	return list
}

package main

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// window is what happened in one stretch of the run, by the seconds in which iterations were due.
type window struct {
	started, requests, failed int64
	lag                       *histogram.Histogram
	vitals                    vitals // the most memory and goroutines, the least heap
}

// vitals is what the process says of itself.
type vitals struct {
	rss, heap  int64 // bytes
	goroutines int64
}

// take adds a sample. The least heap of a window is what is left after a collection.
func (v *vitals) take(s vitals) {
	if v.rss == 0 {
		*v = s
	}
	v.rss, v.goroutines, v.heap = max(v.rss, s.rss), max(v.goroutines, s.goroutines), min(v.heap, s.heap)
}

// table is the windows of a run.
type table struct {
	seconds int // in a window
	windows []window
	newest  int // the window of the latest token reported
}

func newTable(o options) *table {
	t := &table{seconds: int(o.window / time.Second), windows: make([]window, o.duration/o.window)}
	for i := range t.windows {
		t.windows[i].lag = histogram.New()
	}
	return t
}

// of returns the window of a second.
func (t *table) of(second int) *window { return &t.windows[min(second/t.seconds, len(t.windows)-1)] }

// take adds a record if it is a latency event.
func (t *table) take(rec load.Record) error {
	if rec.Event == nil {
		return nil
	}
	return t.add(rec.Event)
}

// started is how many starts the events have told of.
func (t *table) started() (n int64) {
	for i := range t.windows {
		n += t.windows[i].started
	}
	return n
}

// add takes a latency event. Its lag belongs to the newest second that it tells of: an event is half a second long.
func (t *table) add(e *load.Event) error {
	for _, r := range e.Tokens {
		t.of(r.Second).started += r.Started
		t.newest = max(t.newest, min(r.Second/t.seconds, len(t.windows)-1))
	}
	for _, r := range e.Tasks {
		w := t.of(r.Second)
		w.requests += r.Requests
		w.failed += r.Failed
	}
	return t.windows[t.newest].lag.MergeSnapshot(e.Lag)
}

func (t *table) writeHead(out io.Writer) {
	_, _ = fmt.Fprintf(out, "%8s %10s %8s %10s %10s %8s %8s %11s\n", "until", "rate /s", "errors", "lag p50", "lag p99", "RSS MiB", "heap MiB", "goroutines")
}

// writeLine writes the i-th window.
func (t *table) writeLine(out io.Writer, i int) {
	w := &t.windows[i]
	lag := load.NewDistribution(w.lag)
	_, _ = fmt.Fprintf(out, "%8v %10.1f %8d %8.3fms %8.3fms %8d %8d %11d\n", time.Duration((i+1)*t.seconds)*time.Second,
		float64(w.started)/float64(t.seconds), w.failed, lag.P50Ms, lag.P99Ms, w.vitals.rss>>20, w.vitals.heap>>20, w.vitals.goroutines)
}

// What is called flat. The first two windows are for pools and caches to fill.
const (
	settledWindow = 2
	leastWindows  = 5

	// All of the third window, and more. What is in use after a collection is told by the least heap: a leak shows there. The embedded
	// NATS has a block of up to 8 MiB in memory of each stream that is written to, tokens and events here, and takes ten minutes to fill
	// the first; a leak of ten bytes an iteration is more. Resident memory is loose: the collector lets the heap grow threefold.
	heapFactor, heapFloor = 1.1, 16 << 20
	rssFactor, rssFloor   = 1.1, 64 << 20
	goroutinesMore        = 50
	// Of the third to fifth window, and milliseconds more.
	lagFactor, lagFloor = 2.0, 5.0
)

// outcome is what a soak came to.
type outcome struct {
	table  *table
	result load.Result
}

// problems says what is wrong with it.
func (r outcome) problems(o options) []string {
	var out []string
	complain := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	l := r.result.Ledger
	if want := int64(o.rate*o.duration.Seconds() + 0.5); l.Planned != want || !l.Balanced() {
		complain("%d iterations are planned, the ledger is %+v", want, l)
	}
	if float64(l.Started) < 0.999*float64(l.Planned) || l.Unfinished > 0 {
		complain("only %d of %d iterations were started, %d did not finish", l.Started, l.Planned, l.Unfinished)
	}
	if !r.result.Verdict.Passed || r.result.ErrorsTotal > 0 {
		complain("%d of %d requests failed: %v", r.result.ErrorsTotal, r.result.RequestsTotal, r.result.Verdict.Reasons)
	}
	if r.result.Trust.Level == load.TrustUntrusted {
		complain("untrusted: %v", r.result.Trust.Reasons)
	}
	windows := r.table.windows
	third, last := windows[settledWindow].vitals, windows[len(windows)-1].vitals
	if started := r.table.started(); started != l.Started {
		complain("the events tell of %d iterations that were started, the ledger of %d", started, l.Started)
	}
	if last.goroutines > third.goroutines+goroutinesMore {
		complain("goroutines grew from %d in the third window to %d in the last", third.goroutines, last.goroutines)
	}
	if float64(last.heap) > heapFactor*float64(third.heap)+heapFloor {
		complain("the heap grew from %d MiB in the third window to %d MiB in the last", third.heap>>20, last.heap>>20)
	}
	if float64(last.rss) > rssFactor*float64(third.rss)+rssFloor {
		complain("memory grew from %d MiB in the third window to %d MiB in the last", third.rss>>20, last.rss>>20)
	}
	early, late := windows[settledWindow:min(settledWindow+3, len(windows)-1)], windows[max(settledWindow+1, len(windows)-3):]
	for _, p := range []struct {
		name string
		of   func(load.Distribution) float64
	}{
		{"p50", func(d load.Distribution) float64 { return d.P50Ms }}, {"p99", func(d load.Distribution) float64 { return d.P99Ms }},
	} {
		if before, after := median(early, p.of), median(late, p.of); after > lagFactor*before+lagFloor {
			complain("lag %s grew from %.2f ms to %.2f ms", p.name, before, after)
		}
	}
	return out
}

// median is that of a figure of the windows' lag.
func median(windows []window, of func(load.Distribution) float64) float64 {
	var values []float64
	for _, w := range windows {
		values = append(values, of(load.NewDistribution(w.lag)))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

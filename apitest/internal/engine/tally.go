package engine

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/histogram"
)

// tally adds up what comes of requests. It is safe for concurrent use; recording takes about 100 ns, for which others wait.
type tally struct {
	clock pacer.Clock
	began time.Duration

	mu       sync.Mutex
	m        run.Metrics // its counts
	statuses [1000]int64
	refused  [1000]int64      // statuses of 400 and more that failed a request
	codes    map[string]int64 // in place of statuses
	classes  map[string]int64 // of other failures

	latencies int64 // the requests whose latency counts, with the exact figures
	least     time.Duration
	most      time.Duration
	sum       time.Duration
	firstByte histogram.Recorder
	windows   windows
	stream    *streams // nil: none
	samples   samples
	cut       cut
}

// cut is what is known of requests that the end of the run cut off. They are in no figure.
type cut struct {
	requests  int64
	longest   time.Duration // that one of them had taken, which was no stream: those end so
	answering bool          // the answer to one had begun
}

// streams is what is known of streams alone.
type streams struct {
	events     int64
	firstEvent histogram.Recorder
	gap        histogram.Recorder
	serverEnds int64
}

// newTally returns a tally of so many requests, 0 if that is not known.
func newTally(requests int64, clock pacer.Clock) *tally {
	t := &tally{clock: clock, began: clock.Now(), codes: map[string]int64{}, classes: map[string]int64{}, least: math.MaxInt64}
	t.windows = newWindows(requests, t.began)
	return t
}

// record adds request n.
func (t *tally) record(n int64, out *run.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.m.RequestsTotal++
	t.m.BytesIn += out.BytesIn
	t.m.BytesOut += out.BytesOut
	if out.Opened {
		t.m.ConnectionsOpened++
	}
	status := min(max(0, out.Status), len(t.statuses)-1)
	if out.Code != "" {
		t.codes[out.Code]++
	} else {
		t.statuses[status]++
	}
	failed := out.Class != "" || status >= http.StatusBadRequest
	if failed {
		t.fail(n, status, out)
	}
	counted := !out.Stream && out.Class != run.ErrorPayload
	if counted {
		t.latencies++
		t.sum += out.Latency
		t.least, t.most = min(t.least, out.Latency), max(t.most, out.Latency)
		if out.FirstByte > 0 {
			t.firstByte.Record(micros(out.FirstByte))
		}
	}
	if out.Stream {
		t.recordStream(out)
	}
	t.windows.add(out.Latency, counted, failed, t.clock)
}

func (t *tally) fail(n int64, status int, out *run.Outcome) {
	t.m.RequestsFailed++
	class := out.Class
	if class == "" {
		t.refused[status]++
		class = statusClass(status)
	} else {
		t.classes[class]++
	}
	if t.samples.wants(class) {
		t.samples.add(sample(n, t.clock.Now()-t.began, class, out))
	}
}

// statusClass is the class of a request that failed by its status.
func statusClass(status int) string { return "http_" + strconv.Itoa(status) }

func (t *tally) recordStream(out *run.Outcome) {
	if t.stream == nil {
		t.stream = &streams{}
	}
	t.stream.events += out.Events
	if out.FirstEvent > 0 {
		t.stream.firstEvent.Record(micros(out.FirstEvent))
	}
	for _, gap := range out.Gaps {
		t.stream.gap.Record(micros(gap))
	}
	if out.ServerEnd {
		t.stream.serverEnds++
	}
}

// cutOff notes a request that the end of the run cut off.
func (t *tally) cutOff(out *run.Outcome) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.cut.requests++
	if !out.Stream {
		t.cut.longest = max(t.cut.longest, out.Latency)
		t.cut.answering = t.cut.answering || out.FirstByte > 0
	}
}

// micros rounds up, so that nothing takes no time.
func micros(d time.Duration) int64 { return int64((d + time.Microsecond - 1) / time.Microsecond) }

// progress is how far the run has come.
func (t *tally) progress() run.Progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := run.Progress{Done: t.m.RequestsTotal, Failed: t.m.RequestsFailed}
	p.P95 = time.Duration(t.windows.total.Quantile(0.95)) * time.Microsecond
	if t.stream != nil {
		p.Events = t.stream.events
	}
	return p
}

// fill puts the figures into a result that has its duration. Nothing is recorded any more.
func (t *tally) fill(r *run.Result, ended time.Duration) {
	t.windows.finish(ended)
	r.Metrics = t.m
	m := &r.Metrics
	m.RequestsSucceeded = m.RequestsTotal - m.RequestsFailed
	if m.RequestsTotal > 0 {
		m.ErrorRatePct = 100 * float64(m.RequestsFailed) / float64(m.RequestsTotal)
		m.RequestsPerSecond = float64(m.RequestsTotal) / r.DurationSecs
	}
	if t.latencies > 0 {
		m.LatencyMsMin, m.LatencyMsMax = ms(t.least), ms(t.most)
		m.LatencyMsMean = ms(t.sum) / float64(t.latencies)
		within := func(q float64) float64 { return min(quantile(t.windows.total, q), m.LatencyMsMax) } // which was not rounded
		m.LatencyMsP50, m.LatencyMsP90, m.LatencyMsP95 = within(0.5), within(0.9), within(0.95)
		m.LatencyMsP99, m.LatencyMsP999 = within(0.99), within(0.999)
		r.LatencyHDR = t.windows.total.Snapshot().HDR
	}
	first := take(&t.firstByte)
	m.FirstByteMsP50, m.FirstByteMsP95 = quantile(first, 0.5), quantile(first, 0.95)
	r.StatusCodes, r.Classes = t.codes, t.classes
	for status, n := range &t.statuses {
		if n > 0 && status > 0 {
			r.StatusCodes[strconv.Itoa(status)] = n
		}
		if n := t.refused[status]; n > 0 {
			r.Classes[statusClass(status)] = n
		}
	}
	r.Errors, r.Windows = t.samples.list(), t.windows.list()
	if t.stream != nil {
		r.Stream = t.stream.metrics(r.DurationSecs)
	}
}

func (s *streams) metrics(secs float64) *run.StreamMetrics {
	first, gap := take(&s.firstEvent), take(&s.gap)
	return &run.StreamMetrics{
		Events: s.events, EventsPerSecond: float64(s.events) / secs,
		FirstEventMsP50: quantile(first, 0.5), FirstEventMsP95: quantile(first, 0.95), FirstEventMsMax: quantile(first, 1),
		GapMsP50: quantile(gap, 0.5), GapMsP95: quantile(gap, 0.95), GapMsMax: quantile(gap, 1),
		EndedByServer: s.serverEnds,
	}
}

// take empties a recorder into a histogram.
func take(r *histogram.Recorder) *histogram.Histogram {
	h := histogram.New()
	_ = h.MergeSnapshot(r.Take()) // it was made just now
	return h
}

// quantile returns a quantile in milliseconds.
func quantile(h *histogram.Histogram, q float64) float64 { return float64(h.Quantile(q)) / 1000 }

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

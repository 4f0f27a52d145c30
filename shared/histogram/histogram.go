package histogram

import (
	"math"
	"sync"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Range and precision of every histogram. Values outside are binned at the nearest end; Min, Max and Sum stay exact.
const (
	LowestMicros  = 1
	HighestMicros = 3_600_000_000
	Digits        = 3
)

// Histogram is a distribution of microseconds. It is not safe for concurrent use.
type Histogram struct {
	bins     *hdr.Histogram
	min, max int64
	sum      int64
}

// pool keeps dense bins, 184 kB each; allocating them anew for every flush would drown the collector.
var pool = sync.Pool{New: func() any { return hdr.New(LowestMicros, HighestMicros, Digits) }}

// New returns an empty histogram. Release gives its memory back for reuse.
func New() *Histogram {
	return &Histogram{bins: pool.Get().(*hdr.Histogram), min: math.MaxInt64} //nolint:forcetypeassert // the pool holds nothing else
}

// Release ends the use of h; it must not be touched afterwards.
func (h *Histogram) Release() {
	if h.Count() > 0 {
		h.bins.Reset()
	}
	pool.Put(h.bins)
	h.bins = nil
}

// Record adds one value in microseconds; negative ones count as 0.
func (h *Histogram) Record(micros int64) {
	micros = max(0, micros)
	h.min, h.max = min(h.min, micros), max(h.max, micros)
	h.sum += micros
	h.recordBin(micros, 1)
}

func (h *Histogram) recordBin(micros, n int64) {
	// The value is clamped into the range, so the library cannot refuse it.
	_ = h.bins.RecordValues(min(max(micros, LowestMicros), HighestMicros), n)
}

// Merge adds all of o; o is unchanged.
func (h *Histogram) Merge(o *Histogram) {
	if o.Count() == 0 {
		return
	}
	h.bins.Merge(o.bins)
	h.min, h.max = min(h.min, o.min), max(h.max, o.max)
	h.sum += o.sum
}

// Count returns how many values were recorded.
func (h *Histogram) Count() int64 { return h.bins.TotalCount() }

// Sum returns the exact sum, in microseconds.
func (h *Histogram) Sum() int64 { return h.sum }

// Max returns the exact maximum in microseconds, 0 if empty.
func (h *Histogram) Max() int64 { return h.max }

// Min returns the exact minimum in microseconds, 0 if empty.
func (h *Histogram) Min() int64 {
	if h.Count() == 0 {
		return 0
	}
	return h.min
}

// Quantile returns the value in microseconds below or at which the share q (0 to 1) of the values lies, within three
// digits and never outside the exact minimum and maximum; 0 if empty.
func (h *Histogram) Quantile(q float64) int64 {
	if h.Count() == 0 {
		return 0
	}
	return min(max(h.bins.ValueAtQuantile(100*q), h.min), h.max)
}

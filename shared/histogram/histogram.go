package histogram

import (
	"iter"
	"math"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

// Range and precision of every histogram. Values outside are binned at the nearest end; Min, Max and Sum stay exact.
const (
	LowestMicros  = 1
	HighestMicros = 3_600_000_000
	Digits        = 3
)

// Histogram is a distribution of microseconds. It is sparse: its memory grows with the number of different bins, a few
// hundred bytes for a second of one task. It is not safe for concurrent use.
type Histogram struct {
	bins     *hdr.PackedHistogram
	min, max int64
	sum      int64
}

// New returns an empty histogram.
func New() *Histogram {
	return &Histogram{bins: hdr.NewPacked(LowestMicros, HighestMicros, Digits), min: math.MaxInt64}
}

// Record adds one value in microseconds; negative ones count as 0.
func (h *Histogram) Record(micros int64) {
	micros = max(0, micros)
	h.min, h.max = min(h.min, micros), max(h.max, micros)
	h.sum += micros
	// The value is clamped into the range, so the library has nothing to refuse.
	_ = h.bins.RecordValue(min(max(micros, LowestMicros), HighestMicros))
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

// CountUpTo returns how many values do not exceed micros, to three digits: those in the bin of micros count.
func (h *Histogram) CountUpTo(micros int64) (n int64) {
	if micros < 0 {
		return 0
	}
	last := highestOfBin(micros)
	for value, count := range h.bins.ForEachBucket {
		if value > last {
			break
		}
		n += count
	}
	return n
}

// Reset empties the histogram and keeps its memory.
func (h *Histogram) Reset() {
	h.bins.Reset()
	h.min, h.max, h.sum = math.MaxInt64, 0, 0
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

// Quantile returns the least recorded value, in microseconds, that at least the share q (0 to 1) of all values do not
// exceed: the one of rank ⌈q·n⌉ (nearest-rank definition; the library rounds the rank instead, which for a p99 of few values
// leaves out the slowest). It has three digits and never lies outside the exact minimum and maximum; 0 if empty.
func (h *Histogram) Quantile(q float64) int64 {
	if h.Count() == 0 {
		return 0
	}
	return quantile(h.bins.ForEachBucket, q, h.Count(), h.min, h.max)
}

// quantile returns the value of rank ⌈q·n⌉ among n values in bins, at least lowest and at most highest.
func quantile(filled iter.Seq2[int64, int64], q float64, n, lowest, highest int64) int64 {
	// 0.99·100 is 99 and must not become rank 100 by the error of a product.
	rank := min(max(1, int64(math.Ceil(q*float64(n)-1e-9*float64(n)))), n)
	found := int64(0)
	for value, count := range filled {
		rank -= count
		if rank <= 0 {
			found = value
			break
		}
	}
	return min(max(highestOfBin(found), lowest), highest)
}

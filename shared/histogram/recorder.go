package histogram

import (
	"math/bits"
)

// bins is how many bins the range has: binIndex(HighestMicros) + 1.
const bins = (highestBits-subBits)<<(subBits-1) + HighestMicros>>(highestBits-subBits) + 1

// highestBits is the length of HighestMicros.
const highestBits = 32

// Recorder is a histogram to record very many values into and then to read once. It has a counter for each bin, 93 kB, of which
// those that are not used cost no time; so recording is an addition, however many different values there are. The zero value is
// empty and ready. It is not safe for concurrent use.
type Recorder struct {
	counts   [bins]uint32
	used     [(bins + 63) / 64]uint64 // a bit for each counter that is not 0
	count    int64
	min, max int64 // 0 if empty
	sum      int64
}

// Record adds one value in microseconds; negative ones count as 0.
func (r *Recorder) Record(micros int64) {
	micros = max(0, micros)
	if r.count == 0 || micros < r.min {
		r.min = micros
	}
	r.max = max(r.max, micros)
	r.count++
	r.sum += micros
	i := binIndex(min(max(micros, LowestMicros), HighestMicros))
	r.counts[i]++
	r.used[i/64] |= 1 << (i % 64)
}

// Take returns the same as a Histogram of what was recorded would, and empties the recorder.
func (r *Recorder) Take() Snapshot {
	if r.count == 0 {
		return Snapshot{}
	}
	s := Snapshot{
		Count: r.count, MinMicros: r.min, MaxMicros: r.max, SumMicros: r.sum,
		P50Micros: quantile(r.each, 0.5, r.count, r.min, r.max), P99Micros: quantile(r.each, 0.99, r.count, r.min, r.max),
		HDR: encode(r.each),
	}
	for i, word := range &r.used {
		if word != 0 {
			clear(r.counts[64*i : min(64*(i+1), bins)])
		}
	}
	clear(r.used[:])
	r.count, r.min, r.max, r.sum = 0, 0, 0, 0
	return s
}

// each yields the lowest value and the count of each bin that is not empty, in order.
func (r *Recorder) each(yield func(value, count int64) bool) {
	for i, word := range &r.used {
		for ; word != 0; word &= word - 1 {
			bin := 64*i + bits.TrailingZeros64(word)
			if !yield(binValue(bin), int64(r.counts[bin])) {
				return
			}
		}
	}
}

package histogram

import (
	"errors"
	"fmt"
)

// ErrCorrupt says that the text of a snapshot is not a histogram of this package's range and precision.
var ErrCorrupt = errors.New("corrupt histogram")

// Snapshot is a histogram as it crosses the bus: an immutable value.
type Snapshot struct {
	Count     int64
	MinMicros int64
	MaxMicros int64
	SumMicros int64
	P50Micros int64  // for readers; merging goes by HDR
	P99Micros int64  // likewise
	HDR       string // V2 encoding, base64; empty if Count is 0
}

// Snapshot returns the histogram's present content.
func (h *Histogram) Snapshot() Snapshot {
	if h.Count() == 0 {
		return Snapshot{}
	}
	return Snapshot{
		Count: h.Count(), MinMicros: h.min, MaxMicros: h.max, SumMicros: h.sum,
		P50Micros: h.Quantile(0.5), P99Micros: h.Quantile(0.99), HDR: encode(h.bins.ForEachBucket),
	}
}

// MergeSnapshot adds all of s to h. It fails with ErrCorrupt, leaving h unchanged.
func (h *Histogram) MergeSnapshot(s Snapshot) error {
	if s.Count == 0 {
		return nil
	}
	d := decoders.Get().(*decoder) //nolint:forcetypeassert // the pool holds nothing else
	defer decoders.Put(d)
	err := d.decode(s.HDR)
	switch {
	case err != nil:
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	case d.bins.TotalCount() != s.Count:
		return fmt.Errorf("%w: %d values said, %d found", ErrCorrupt, s.Count, d.bins.TotalCount())
	case s.MinMicros < 0 || s.MinMicros > s.MaxMicros:
		return fmt.Errorf("%w: minimum %d µs, maximum %d µs", ErrCorrupt, s.MinMicros, s.MaxMicros)
	}
	h.bins.Merge(d.bins)
	h.min, h.max = min(h.min, s.MinMicros), max(h.max, s.MaxMicros)
	h.sum += s.SumMicros
	return nil
}

// FromHDR reads the text of a snapshot alone. Minimum, maximum and sum are then those of the bins: as precise as percentiles. An
// empty text is an empty histogram. It fails with ErrCorrupt.
func FromHDR(text string) (*Histogram, error) {
	h := New()
	if text == "" {
		return h, nil
	}
	d := decoders.Get().(*decoder) //nolint:forcetypeassert // the pool holds nothing else
	defer decoders.Put(d)
	if err := d.decode(text); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	h.bins.Merge(d.bins)
	for value, count := range d.bins.ForEachBucket {
		highest := highestOfBin(value)
		h.min, h.max = min(h.min, value), highest
		h.sum += count * (value + highest) / 2
	}
	return h, nil
}

package histogram

import (
	"errors"
	"fmt"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
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
	text, err := h.bins.Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		panic("histogram: encoding to memory failed: " + err.Error())
	}
	return Snapshot{
		Count: h.Count(), MinMicros: h.min, MaxMicros: h.max, SumMicros: h.sum,
		P50Micros: h.Quantile(0.5), P99Micros: h.Quantile(0.99), HDR: string(text),
	}
}

// MergeSnapshot adds all of s to h. It fails with ErrCorrupt, leaving h unchanged.
func (h *Histogram) MergeSnapshot(s Snapshot) error {
	if s.Count == 0 {
		return nil
	}
	bins, err := hdr.Decode([]byte(s.HDR))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if bins.TotalCount() != s.Count {
		return fmt.Errorf("%w: %d values said, %d found", ErrCorrupt, s.Count, bins.TotalCount())
	}
	h.bins.Merge(bins)
	h.min, h.max = min(h.min, s.MinMicros), max(h.max, s.MaxMicros)
	h.sum += s.SumMicros
	return nil
}

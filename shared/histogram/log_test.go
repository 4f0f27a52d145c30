package histogram

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

func TestATextAloneIsAHistogram(t *testing.T) {
	t.Parallel()
	h := filled(lognormal(rand.New(rand.NewPCG(1, 2)), 1000)...)
	got, err := FromHDR(h.Snapshot().HDR)
	if err != nil {
		t.Fatal(err)
	}
	if got.Count() != 1000 || got.Quantile(0.99) != h.Quantile(0.99) {
		t.Errorf("count %d, p99 %d, want that of 1000 values, %d", got.Count(), got.Quantile(0.99), h.Quantile(0.99))
	}
	for name, pair := range map[string][2]int64{"min": {got.Min(), h.Min()}, "max": {got.Max(), h.Max()}, "sum": {got.Sum(), h.Sum()}} {
		if diff := float64(pair[0] - pair[1]); diff > 1e-3*float64(pair[1]) || -diff > 1e-3*float64(pair[1]) {
			t.Errorf("%s %d, want about %d", name, pair[0], pair[1])
		}
	}
	if empty, err := FromHDR(""); err != nil || empty.Count() != 0 || empty.Max() != 0 {
		t.Error("no text is no histogram")
	}
	if _, err := FromHDR("nonsense"); !errors.Is(err, ErrCorrupt) {
		t.Errorf("nonsense: %v", err)
	}
}

func TestTheLibraryReadsTheLog(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 11, 30, 12, 0, 0, 474e6, time.UTC)
	first, third := filled(1000, 2000, 250_000), filled(7)
	var log strings.Builder
	err := WriteLog(&log, base, []Interval{
		{base.Add(2 * time.Second), 2 * time.Second, first.Snapshot().HDR},
		{base.Add(4 * time.Second), 2 * time.Second, ""},
		{base.Add(6 * time.Second), 500 * time.Millisecond, third.Snapshot().HDR},
	})
	if err != nil {
		t.Fatal(err)
	}
	reader := hdr.NewHistogramLogReader(strings.NewReader(log.String()))
	for _, want := range []struct {
		from, to time.Duration
		*Histogram
	}{{2 * time.Second, 4 * time.Second, first}, {6 * time.Second, 6500 * time.Millisecond, third}} {
		got, err := reader.NextIntervalHistogram()
		if err != nil || got == nil {
			t.Fatalf("%v in\n%s", err, log.String())
		}
		if from, to := base.Add(want.from).UnixMilli(), base.Add(want.to).UnixMilli(); got.StartTimeMs() != from || got.EndTimeMs() != to {
			t.Errorf("from %d to %d, want %d to %d", got.StartTimeMs(), got.EndTimeMs(), from, to)
		}
		if got.TotalCount() != want.Count() || got.ValueAtQuantile(100) < want.Max() {
			t.Errorf("%d values up to %d, want %d up to %d", got.TotalCount(), got.ValueAtQuantile(100), want.Count(), want.Max())
		}
	}
	if got, err := reader.NextIntervalHistogram(); got != nil || err != nil {
		t.Errorf("one more: %v, %v", got, err)
	}
	if err := WriteLog(&log, base, []Interval{{base, time.Second, "nonsense"}}); !errors.Is(err, ErrCorrupt) {
		t.Errorf("nonsense: %v", err)
	}
}

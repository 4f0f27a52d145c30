package histogram

import (
	"math"
	"math/rand/v2"
	"testing"
)

// What a recorder gives is what a histogram gives, to the byte, and nothing of it is left for the next time.
func TestRecorderIsAHistogram(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(8, 8))
	everywhere := make([]int64, 30_000)
	for i := range everywhere {
		everywhere[i] = int64(math.Exp(r.Float64() * math.Log(HighestMicros)))
	}
	edges := []int64{math.MinInt64, -1, 0, 1, 2, HighestMicros - 1, HighestMicros, HighestMicros + 1, 2 * HighestMicros}
	for bit := range highestBits {
		edges = append(edges, 1<<bit-1, 1<<bit, 1<<bit+1)
	}
	var rec Recorder
	for _, values := range [][]int64{
		nil, {0}, {1}, {2047, 2048, 2049}, {HighestMicros}, {-5, 2 * HighestMicros}, edges, everywhere, {7}, lognormal(r, 50_000), nil, {3, 1},
	} {
		for _, v := range values {
			rec.Record(v)
		}
		if got, want := rec.Take(), filled(values...).Snapshot(); got != want {
			t.Errorf("%d values: %d from %d to %d, a histogram has %d from %d to %d, or other bins", len(values),
				got.Count, got.MinMicros, got.MaxMicros, want.Count, want.MinMicros, want.MaxMicros)
		}
	}
	if rec != (Recorder{}) {
		t.Error("something is left after Take")
	}
}

func TestBinsAreAllOfTheRange(t *testing.T) {
	t.Parallel()
	if last := binIndex(HighestMicros); last != bins-1 {
		t.Errorf("the last bin is %d, there are %d", last, bins)
	}
}

func BenchmarkRecorder(b *testing.B) {
	values := lognormal(rand.New(rand.NewPCG(4, 4)), 1<<14)
	r := &Recorder{}
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		r.Record(values[i&(1<<14-1)])
		i++
	}
}

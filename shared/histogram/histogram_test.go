package histogram

import (
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
)

func filled(values ...int64) *Histogram {
	h := New()
	for _, v := range values {
		h.Record(v)
	}
	return h
}

// lognormal draws times around 20 ms with a long tail.
func lognormal(r *rand.Rand, n int) []int64 {
	out := make([]int64, n)
	for i := range out {
		out[i] = int64(math.Exp(10 + 1.2*r.NormFloat64()))
	}
	return out
}

func TestExactEnds(t *testing.T) {
	t.Parallel()
	h := filled(0, -5, 1234567, 2*HighestMicros)
	if h.Count() != 4 || h.Min() != 0 || h.Max() != 2*HighestMicros || h.Sum() != 1234567+2*HighestMicros {
		t.Errorf("count %d, min %d, max %d, sum %d", h.Count(), h.Min(), h.Max(), h.Sum())
	}
	if got := h.Quantile(0); got != 1 { // 0 is binned at 1 µs
		t.Errorf("Quantile(0) = %d, want 1", got)
	}
	single := filled(1234567)
	for _, q := range []float64{0, 0.5, 1} {
		if got := single.Quantile(q); got != 1234567 {
			t.Errorf("Quantile(%v) of one value = %d, want it exactly", q, got)
		}
	}
	if e := New(); e.Count() != 0 || e.Min() != 0 || e.Max() != 0 || e.Quantile(0.5) != 0 {
		t.Error("an empty histogram must read as zeros")
	}
}

func TestQuantilesKeepThreeDigits(t *testing.T) {
	t.Parallel()
	values := lognormal(rand.New(rand.NewPCG(1, 1)), 20_000)
	h := filled(values...)
	slices.Sort(values)
	for _, q := range []float64{0.5, 0.9, 0.99, 0.999} {
		want := float64(values[int(math.Ceil(q*float64(len(values))))-1])
		if got := float64(h.Quantile(q)); math.Abs(got-want) > want/1000+1 {
			t.Errorf("Quantile(%v) = %v, want %v within 0.1 %%", q, got, want)
		}
	}
}

// With few values the rank decides: the p99 of 59 fast values and a slow one is the slow one, ⌈0.99·60⌉ = 60.
func TestQuantileIsOfTheNearestRank(t *testing.T) {
	t.Parallel()
	for n := 1; n <= 300; n++ {
		h := New()
		for v := 1; v <= n; v++ {
			h.Record(int64(v))
		}
		for _, permille := range []int{1, 500, 900, 950, 990, 999, 1000} {
			want := int64((n*permille + 999) / 1000) // value v has rank v
			if got := h.Quantile(float64(permille) / 1000); got != want {
				t.Errorf("Quantile(%v) of 1 to %d = %d, want %d", float64(permille)/1000, n, got, want)
			}
		}
	}
}

func TestMergeEqualsRecordingAll(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(2, 2))
	all, merged, viaText := New(), New(), New()
	for range 8 {
		values := lognormal(r, 1000)
		part := filled(values...)
		merged.Merge(part)
		if err := viaText.MergeSnapshot(part.Snapshot()); err != nil {
			t.Fatal(err)
		}
		for _, v := range values {
			all.Record(v)
		}
	}
	if merged.Snapshot() != all.Snapshot() || viaText.Snapshot() != all.Snapshot() {
		t.Error("merged histograms differ from the histogram of all values")
	}
}

// The library must read what encode writes, bin for bin.
func TestEncodingIsTheLibrarys(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(3, 3))
	for _, values := range [][]int64{
		{1},
		{2},
		{1, 2, 3},
		{1, 3},
		{1, 4},
		{2047, 2048, 2049, 4095, 4096},
		{HighestMicros},
		{1, HighestMicros},
		lognormal(r, 100), lognormal(r, 50_000),
	} {
		h := filled(values...)
		dense := hdr.New(LowestMicros, HighestMicros, Digits)
		for _, v := range values {
			if err := dense.RecordValue(v); err != nil {
				t.Fatal(err)
			}
		}
		got, err := hdr.Decode([]byte(h.Snapshot().HDR))
		if err != nil {
			t.Fatalf("%d values: the library refuses it: %v", len(values), err)
		}
		if !got.Equals(dense) {
			t.Errorf("%d values: the library reads other bins", len(values))
		}
		theirs, err := dense.Encode(hdr.V2CompressedEncodingCookieBase)
		if err != nil {
			t.Fatal(err)
		}
		back := New()
		if err := back.MergeSnapshot(Snapshot{
			Count: h.Count(), MinMicros: h.Min(), MaxMicros: h.Max(), SumMicros: h.Sum(),
			HDR: string(theirs),
		}); err != nil {
			t.Fatalf("%d values: the library's text is refused: %v", len(values), err)
		}
		if back.Snapshot() != h.Snapshot() {
			t.Errorf("%d values: the library's text reads as something else", len(values))
		}
	}
}

func TestCorruptSnapshotsChangeNothing(t *testing.T) {
	t.Parallel()
	good := filled(5, 50).Snapshot()
	other, err := hdr.New(1, 1000, 2).Encode(hdr.V2CompressedEncodingCookieBase)
	if err != nil {
		t.Fatal(err)
	}
	bad := map[string]Snapshot{"no text": good, "cut": good, "other geometry": good, "count": good, "ends": good}
	for name, edit := range map[string]func(*Snapshot){
		"no text":        func(s *Snapshot) { s.HDR = "" },
		"cut":            func(s *Snapshot) { s.HDR = s.HDR[:len(s.HDR)/2] },
		"other geometry": func(s *Snapshot) { s.HDR = string(other) },
		"count":          func(s *Snapshot) { s.Count++ },
		"ends":           func(s *Snapshot) { s.MinMicros = s.MaxMicros + 1 },
	} {
		s := bad[name]
		edit(&s)
		h := filled(7)
		if err := h.MergeSnapshot(s); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: got %v, want ErrCorrupt", name, err)
		}
		if h.Snapshot() != filled(7).Snapshot() {
			t.Errorf("%s: the histogram changed", name)
		}
	}
}

func TestCountUpTo(t *testing.T) {
	t.Parallel()
	h := filled(0, 1, 500, 1000, 100_000, 100_001, 2*HighestMicros)
	for _, tt := range []struct{ micros, want int64 }{
		{-1, 0},
		{0, 0},
		{1, 2},
		{499, 2},
		{500, 3},
		{999, 3},
		{1000, 4},
		{99_000, 4},
		{100_000, 6}, // which share a bin of 64 µs
		{HighestMicros - HighestMicros/500, 6},
		{HighestMicros, 7},
		{math.MaxInt64, 7},
	} {
		if got := h.CountUpTo(tt.micros); got != tt.want {
			t.Errorf("CountUpTo(%d) = %d, want %d", tt.micros, got, tt.want)
		}
	}
}

func TestResetEmpties(t *testing.T) {
	t.Parallel()
	h := filled(5, 500, 50_000)
	h.Reset()
	h.Record(9)
	if h.Snapshot() != filled(9).Snapshot() {
		t.Error("something is left after Reset")
	}
}

// Every bin's lowest value lies in that bin.
func TestBinValueIsTheInverseOfBinIndex(t *testing.T) {
	t.Parallel()
	last := int64(-1)
	for i := range binIndex(HighestMicros) + 1 {
		v := binValue(i)
		if binIndex(v) != i || v <= last {
			t.Fatalf("bin %d: value %d lies in bin %d, the value before is %d", i, v, binIndex(v), last)
		}
		last = v
	}
	for _, i := range []int{binIndex(HighestMicros) + 1, 1 << 40, math.MaxInt} {
		if v := binValue(i); v <= HighestMicros {
			t.Errorf("bin %d is said to begin at %d", i, v)
		}
	}
}

// What the decoder accepts the library reads the same; what the library refuses it refuses.
func FuzzDecode(f *testing.F) {
	for _, h := range []*Histogram{filled(1), filled(1, 1000, 1_000_000), filled(lognormal(rand.New(rand.NewPCG(7, 7)), 500)...)} {
		f.Add(h.Snapshot().HDR)
	}
	f.Fuzz(func(t *testing.T, text string) {
		d := decoders.Get().(*decoder)
		if d.decode(text) != nil {
			return
		}
		theirs, err := hdr.DecodePacked([]byte(text))
		if err != nil {
			t.Fatalf("the library refuses it: %v", err)
		}
		if theirs.TotalCount() != d.bins.TotalCount() || theirs.Max() != d.bins.Max() || theirs.Min() != d.bins.Min() {
			t.Fatalf("%d values from %d to %d, the library reads %d from %d to %d", d.bins.TotalCount(), d.bins.Min(), d.bins.Max(),
				theirs.TotalCount(), theirs.Min(), theirs.Max())
		}
	})
}

func FuzzMergeSnapshot(f *testing.F) {
	f.Add(filled(1, 1000, 1_000_000).Snapshot().HDR, int64(3))
	f.Add("HISTFAAAAA", int64(1))
	f.Fuzz(func(t *testing.T, text string, count int64) {
		h := filled(7)
		before := h.Count()
		err := h.MergeSnapshot(Snapshot{Count: count, MinMicros: 1, MaxMicros: HighestMicros, HDR: text})
		if err != nil && h.Count() != before {
			t.Fatal("a refused snapshot changed the histogram")
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	values := lognormal(rand.New(rand.NewPCG(4, 4)), 1<<14)
	h := filled(values...)
	b.ReportAllocs()
	i := 0
	for b.Loop() {
		h.Record(values[i&(1<<14-1)])
		i++
	}
}

func BenchmarkSnapshot(b *testing.B) {
	h := filled(lognormal(rand.New(rand.NewPCG(5, 5)), 100)...)
	b.ReportAllocs()
	for b.Loop() {
		h.Snapshot()
	}
}

func BenchmarkMergeSnapshot(b *testing.B) {
	s := filled(lognormal(rand.New(rand.NewPCG(6, 6)), 100)...).Snapshot()
	h := New()
	b.ReportAllocs()
	for b.Loop() {
		if err := h.MergeSnapshot(s); err != nil {
			b.Fatal(err)
		}
	}
}

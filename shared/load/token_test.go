package load

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSliceCount(t *testing.T) {
	t.Parallel()
	tests := []struct {
		peak              float64
		generators, cycle int
		want              int
	}{
		{peak: 200, generators: 3, cycle: 1, want: 32},
		{peak: 200, generators: 3, cycle: 6, want: 35},   // 32, 33, 34 share a divisor with 6
		{peak: 200, generators: 20, cycle: 1, want: 80},  // 4 a generator
		{peak: 60e3, generators: 1, cycle: 1, want: 60},  // 1000 arrivals a slice
		{peak: 60001, generators: 1, cycle: 1, want: 61}, // rounded up
		{peak: 10, generators: 8, cycle: 1, want: 10},    // never more than the peak
		{peak: 0.5, generators: 8, cycle: 6, want: 1},    // at least one
		{peak: 1e7, generators: 1, cycle: 1, want: 4096}, // never above MaxSlices…
		{peak: 1e7, generators: 1, cycle: 6, want: 4097}, // …but for coprimality
	}
	for _, tc := range tests {
		if got := SliceCount(tc.peak, tc.generators, tc.cycle); got != tc.want {
			t.Errorf("SliceCount(%v, %d, %d) = %d, want %d", tc.peak, tc.generators, tc.cycle, got, tc.want)
		}
	}
}

// For any rate and fleet: coprime to the cycle, at least four slices a generator where the rate has them, and tokens dealt in
// turn give each generator its share of a full second within two tokens.
func TestSlicesServeEveryFleet(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		rps := math.Ceil(math.Pow(10, 5*r.Float64()))
		generators, cycle := 1+r.IntN(64), 1+r.IntN(40)
		n := SliceCount(rps, generators, cycle)
		if gcd(n, cycle) != 1 || n < min(4*generators, int(rps)) || n > MaxSlices+40 {
			t.Fatalf("SliceCount(%v, %d, %d) = %d", rps, generators, cycle, n)
		}
		p := mustProfile(t, Shape{Mode: ModeConstant, RPS: rps, Duration: 2 * time.Second})
		share := make([]int64, generators)
		most := int64(0)
		for i, tok := range p.Tokens("r", 1, n, time.Time{}) {
			share[i%generators] += tok.Count
			most = max(most, tok.Count)
		}
		var sum int64
		for _, n := range share {
			sum += n
		}
		if lo, hi := slices.Min(share), slices.Max(share); sum != p.Count(1) || hi-lo > 2*most {
			t.Fatalf("%v rps in %d slices over %d generators: %d to %d, %d in all", rps, n, generators, lo, hi, sum)
		}
	}
}

func TestTokensOfASecond(t *testing.T) {
	t.Parallel()
	p := mustProfile(t, Shape{Mode: ModeConstant, RPS: 5, Duration: 3 * time.Second})
	t0 := time.Unix(1000, 0)
	// Second 1 holds arrivals 5 to 9; of 3 slices, slice 2 has 5 and 8, slice 0 has 6 and 9, slice 1 has 7.
	at := t0.Add(time.Second)
	want := []Token{
		{Run: "r", Second: 1, Slice: 2, Slices: 3, First: 5, Count: 2, Planned: 5, StartAt: at},
		{Run: "r", Second: 1, Slice: 0, Slices: 3, First: 6, Count: 2, Planned: 5, StartAt: at},
		{Run: "r", Second: 1, Slice: 1, Slices: 3, First: 7, Count: 1, Planned: 5, StartAt: at},
	}
	if d := cmp.Diff(want, p.Tokens("r", 1, 3, t0)); d != "" {
		t.Errorf("tokens (-want +got):\n%s", d)
	}
	if got := want[0].ID(); got != "r/1/2" {
		t.Errorf("ID = %q, want r/1/2", got)
	}
	if got := len(p.Tokens("r", 1, 64, t0)); got != 5 {
		t.Errorf("%d tokens of 64 slices, want one for each of 5 arrivals", got)
	}
}

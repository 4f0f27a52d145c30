package load

import (
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Each row names its arithmetic for a second of planned arrivals.
func TestSecondLedger(t *testing.T) {
	t.Parallel()
	type tokens = []TokenTally
	tests := map[string]struct {
		planned, afterStop, never int64
		tokens                    tokens
		want                      Ledger
	}{
		"all started": {
			planned: 20, tokens: tokens{{Planned: 10, Started: 10}, {Planned: 10, Started: 10}},
			want: Ledger{Planned: 20, Started: 20},
		},
		"3 dropped as said, 2 nobody spoke of": {
			planned: 10, tokens: tokens{{Planned: 10, Started: 5, Dropped: 3}},
			want: Ledger{Planned: 10, Started: 5, Dropped: 3, Lost: 2},
		},
		"two holders drop the same token: 10 said, 10 missing": {
			planned: 10, tokens: tokens{{Planned: 10, Dropped: 20}},
			want: Ledger{Planned: 10, Dropped: 10},
		},
		"two holders run the same token: 4 twice": {
			planned: 10, tokens: tokens{{Planned: 10, Started: 14}},
			want: Ledger{Planned: 10, Started: 14, Repeated: 4},
		},
		"a repeat does not hide another token's loss": {
			planned: 20,
			tokens:  tokens{{Planned: 10, Started: 13}, {Planned: 10, Started: 7}},
			want:    Ledger{Planned: 20, Started: 20, Repeated: 3, Lost: 3},
		},
		"a silent token is lost": {
			planned: 20, tokens: tokens{{Planned: 10, Started: 10}},
			want: Ledger{Planned: 20, Started: 10, Lost: 10},
		},
		"4 of 10 silent ones never were in the stream": {
			planned: 20, never: 4, tokens: tokens{{Planned: 10, Started: 10}},
			want: Ledger{Planned: 20, Started: 10, NeverIssued: 4, Lost: 6},
		},
		"a whole second unpublished": {planned: 20, never: 20, want: Ledger{Planned: 20, NeverIssued: 20}},
		"stopped before the second: all cancelled": {
			planned: 20, afterStop: 20, never: 20,
			want: Ledger{Planned: 20, Cancelled: 20},
		},
		"stopped in the token: 6 started, 4 after the stop, said dropped": {
			planned: 10, afterStop: 4,
			tokens: tokens{{Planned: 10, Started: 6, Dropped: 4, AfterStop: 4}},
			want:   Ledger{Planned: 10, Started: 6, Cancelled: 4},
		},
		"one more started after the stop, before the word came": {
			planned: 10, afterStop: 4,
			tokens: tokens{{Planned: 10, Started: 7, Dropped: 3, AfterStop: 4}},
			want:   Ledger{Planned: 10, Started: 7, Cancelled: 3},
		},
		"stopped, a silent token of 10, 4 of it after the stop": {
			planned: 20, afterStop: 8,
			tokens: tokens{{Planned: 10, Started: 6, AfterStop: 4}},
			want:   Ledger{Planned: 20, Started: 6, Cancelled: 8, Lost: 6},
		},
	}
	for name, tc := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got := SecondLedger(tc.planned, tc.afterStop, tc.never, tc.tokens)
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("ledger (-want +got):\n%s", d)
			}
			if !got.Balanced() {
				t.Errorf("not balanced: %+v", got)
			}
		})
	}
}

func TestLedgerAlwaysBalances(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		planned := r.Int64N(100)
		var tokens []TokenTally
		rest, afterStop := planned, int64(0)
		for rest > 0 && r.IntN(4) > 0 {
			n := 1 + r.Int64N(rest)
			tally := TokenTally{Planned: n, Started: r.Int64N(2 * n), Dropped: r.Int64N(2 * n), AfterStop: r.Int64N(n + 1)}
			tokens = append(tokens, tally)
			afterStop += tally.AfterStop
			rest -= n
		}
		never := r.Int64N(planned + 1)
		afterStop += r.Int64N(rest + 1)
		l := SecondLedger(planned, afterStop, never, tokens)
		if !l.Balanced() || l.Planned != planned || min(l.Dropped, l.Lost, l.NeverIssued, l.Cancelled, l.Repeated) < 0 {
			t.Fatalf("planned %d, after stop %d, never %d, %+v: %+v", planned, afterStop, never, tokens, l)
		}
	}
}

package scheduler

import (
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// An outage costs a second, and a freeze those that it lasts: the counters say so.
func TestMetrics(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		b.prepared("r", 1, "")
		b.put(pendingRun("r", 50, 20))
		s, err := New(DefaultConfig(), Deps{
			Runs: b, Tokens: b, Fleet: b, Clock: b, Logger: slog.New(slog.DiscardHandler), Metrics: prometheus.NewRegistry(),
		})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- s.Run(ctx) }()
		pass(500*time.Millisecond + 3500*time.Millisecond) // published: 0 to 3
		b.mu.Lock()
		b.awayTill = time.Now().Add(2300 * time.Millisecond) // second 4 is lost by then
		b.mu.Unlock()
		pass(5 * time.Second) // 5 to 8
		b.mu.Lock()
		b.ahead = 4500 * time.Millisecond // half a second before second 13 begins: too late for 9, which it was waiting for, and 10 to 12 are over
		b.mu.Unlock()
		pass(10 * time.Second)
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		wantTokens(t, b, b.get("r"), func(s int) bool { return s != 4 && (s < 9 || s > 12) })
		for name, c := range map[string]struct {
			counter prometheus.Counter
			want    float64
		}{
			"tokens": {s.metrics.tokens, float64(len(b.stored()))}, "late seconds": {s.metrics.lateSeconds, 2}, "skipped seconds": {s.metrics.skippedSeconds, 3},
		} {
			if got := testutil.ToFloat64(c.counter); got != c.want {
				t.Errorf("%s: %v, want %v", name, got, c.want)
			}
		}
	})
}

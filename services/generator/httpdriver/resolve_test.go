package httpdriver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestNamesAreRememberedForAWhile(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		count := map[string]int{}
		r := newResolver([]load.Resolve{{Host: "own", Port: "80", Address: "::1"}, {Host: "own", Port: "80", Address: "::2"}})
		r.ask = func(_ context.Context, host string) ([]string, error) {
			count[host]++
			if host == "unknown" {
				return nil, errors.New("no such host")
			}
			return []string{"10.0.0.1", "10.0.0.2"}, nil
		}
		first := func(host string) string {
			list, _, err := r.lookup(t.Context(), host, "80")
			require.NoError(t, err)
			return list[0]
		}
		require.Equal(t, "10.0.0.9", first("10.0.0.9"))
		require.Equal(t, "10.0.0.1", first("shop"))
		require.Equal(t, "10.0.0.2", first("shop"), "in turn")
		require.Equal(t, "10.0.0.1", first("shop"))
		r.prefer("shop", "80", "10.0.0.2")
		require.Equal(t, "10.0.0.2", first("shop"))
		require.Equal(t, "10.0.0.2", first("shop"))
		require.Equal(t, 1, count["shop"])
		time.Sleep(freshness)
		require.Equal(t, "10.0.0.1", first("shop"))
		require.Equal(t, 2, count["shop"])

		r.prefer("own", "80", "::2")
		for range 2 {
			require.Equal(t, "::1", first("own"))
			require.Equal(t, "::2", first("own"))
			time.Sleep(time.Hour)
		}
		require.Zero(t, count["own"])

		for range 3 {
			_, _, err := r.lookup(t.Context(), "unknown", "80")
			require.ErrorContains(t, err, "no such host")
		}
		require.Equal(t, 1, count["unknown"])
		time.Sleep(staleness)
		_, asked, err := r.lookup(t.Context(), "unknown", "80")
		require.Error(t, err)
		require.True(t, asked)

		for i := range 3 * mostNames {
			first(fmt.Sprint("host", i))
		}
		require.Len(t, r.names, mostNames)
	})
}

// Who waits for another's look-up waits no longer than its own time, and a look-up that was cut short is no answer.
func TestLookupsEndInTheirOwnTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		r := newResolver(nil)
		r.ask = func(ctx context.Context, _ string) ([]string, error) {
			asked++
			<-ctx.Done()
			return nil, ctx.Err()
		}
		start := time.Now()
		var wg sync.WaitGroup
		for _, patience := range []time.Duration{10 * time.Second, time.Second, 20 * time.Second} {
			wg.Go(func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, _, err := r.lookup(ctx, "shop", "80")
				require.ErrorIs(t, err, context.DeadlineExceeded)
				require.Equal(t, patience, time.Since(start))
			})
			synctest.Wait()
		}
		wg.Wait()
		require.Equal(t, 2, asked)
	})
}

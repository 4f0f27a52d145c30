package httpdriver

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
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

// A look-up that succeeds as its time ends has failed, and so has one that finds nothing.
func TestLookupsWithoutAnswer(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		found []string
		cut   bool
		want  string
	}{
		"found too late": {found: []string{"127.0.0.1"}, cut: true, want: load.ErrorCancelled},
		"nothing":        {want: load.ErrorDNS},
	} {
		for _, h2 := range []bool{false, true} {
			t.Run(fmt.Sprint(name, ", http2 ", h2), func(t *testing.T) {
				t.Parallel()
				s := newSession(t, "http://shop.test", func(c *Config) { c.Transport.HTTP2 = h2 })
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				s.driver.resolver.ask = func(context.Context, string) ([]string, error) {
					if tt.cut {
						cancel()
					}
					return tt.found, nil
				}
				x := &Exchange{}
				s.Do(ctx, x, &scenario.Request{Method: http.MethodGet, URL: "/"})
				require.Equal(t, tt.want, x.Response.Class, "%v", x.Response.Err)
				require.Equal(t, scenario.StageConnect, x.Response.Stage)
			})
		}
	}
}

// Who has connected does not wait for a name server.
func TestPreferringWaitsForNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := newResolver(nil)
		answer := make(chan struct{})
		r.ask = func(context.Context, string) ([]string, error) {
			<-answer
			return []string{"10.0.0.1", "10.0.0.2"}, nil
		}
		var wg sync.WaitGroup
		wg.Go(func() {
			list, _, err := r.lookup(t.Context(), "shop", "80")
			require.NoError(t, err)
			require.Equal(t, []string{"10.0.0.1", "10.0.0.2"}, list)
		})
		synctest.Wait()
		r.prefer("shop", "80", "10.0.0.2")
		close(answer)
		wg.Wait()
	})
}

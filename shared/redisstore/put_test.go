package redisstore_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestPutConformance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(*testing.T, fixture)
	}{
		{"a result is stored as documented", testPut},
		{"recent results are listed and trimmed", testList},
		{"results of runs are read, too", testResultsOfRuns},
		{"a refused write says why", testRefused},
	}
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			for _, test := range tests {
				t.Run(test.name, func(t *testing.T) {
					t.Parallel()
					test.run(t, open(t, s.addr))
				})
			}
		})
	}
}

func testPut(t *testing.T, f fixture) {
	t.Helper()
	started := time.Now().UTC().Add(-time.Minute).Truncate(time.Millisecond)
	text := `{"text":"` + strings.Repeat("é", 100_000) + `"}`
	require.NoError(t, f.Put(t.Context(), "a", started, []byte("{}")))
	require.NoError(t, f.Put(t.Context(), "a", started, []byte(text)))

	keys, err := f.plain.Keys(t.Context(), f.prefix+":*").Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{f.prefix + ":recent", f.prefix + ":results:a"}, keys)
	for _, key := range keys {
		require.InDelta(t, 24*time.Hour, f.plain.TTL(t.Context(), key).Val(), float64(time.Minute), key)
	}
	require.InDelta(t, started.UnixMilli(), f.plain.ZScore(t.Context(), f.prefix+":recent", "a").Val(), 0)
	got, err := f.Result(t.Context(), "a")
	require.NoError(t, err)
	require.Equal(t, text, string(got), "the last one counts")
}

func testList(t *testing.T, f fixture) {
	t.Helper()
	list := func(n int) (texts []string) {
		ids, err := f.IDs(t.Context(), n)
		require.NoError(t, err)
		if len(ids) == 0 {
			return nil
		}
		results, err := f.Results(t.Context(), ids)
		require.NoError(t, err)
		for _, result := range results {
			texts = append(texts, string(result))
		}
		return texts
	}
	require.Empty(t, list(10))
	put := func(id string, age time.Duration) {
		require.NoError(t, f.Put(t.Context(), id, time.Now().Add(-age), []byte(`"`+id+`"`)))
	}
	put("soak", 50*time.Hour) // older than the time to live, and just stored
	put("expired", 30*time.Hour)
	require.NoError(t, f.plain.Del(t.Context(), f.prefix+":results:expired").Err())
	require.Equal(t, []string{`"soak"`}, list(10))
	put("old", 2*time.Hour)
	put("new", time.Hour)

	require.Equal(t, []string{`"new"`, `"old"`, `"soak"`}, list(10))
	require.Equal(t, []string{`"new"`, `"old"`}, list(2))
	ids, err := f.IDs(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []string{"new", "old", "soak"}, ids, "what expired is trimmed")
}

func testResultsOfRuns(t *testing.T, f fixture) {
	t.Helper()
	mustWrite(t, f, update("running", 1, 0, 1), true)
	done := update("done", 1, 0, 1)
	done.Result = []byte(`{"run_id":"done"}`)
	mustWrite(t, f, done, true)
	results, err := f.Results(t.Context(), []string{"running", "done", "unknown"})
	require.NoError(t, err)
	require.Equal(t, [][]byte{done.Result}, results)
}

func testRefused(t *testing.T, f fixture) {
	t.Helper()
	require.NoError(t, f.plain.Set(t.Context(), f.prefix+":recent", "not a sorted set", time.Minute).Err())
	err := f.Put(t.Context(), "a", time.Now(), []byte("{}"))
	require.ErrorIs(t, err, load.ErrUnavailable)
	require.ErrorContains(t, err, "WRONGTYPE")
	_, err = f.IDs(t.Context(), 10)
	require.ErrorContains(t, err, "WRONGTYPE")
}

// It takes two round trips, the one that opens the connection included.
func TestPutToASlowRedis(t *testing.T) {
	t.Parallel()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			proxy := testkit.StartProxy(t, start(t).addr)
			proxy.Delay(175 * time.Millisecond)
			s, err := redisstore.Open(redisstore.Config{URL: "redis://" + proxy.Addr})
			require.NoError(t, err)
			defer s.Close()
			require.NoError(t, s.Put(t.Context(), "a", time.Now(), []byte("{}")))
		})
	}
}

func TestPutWithoutRedis(t *testing.T) {
	t.Parallel()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			f := open(t, s.addr)
			require.NoError(t, f.Put(t.Context(), "a", time.Now(), []byte("{}")))
			s.stop()
			require.ErrorIs(t, f.Put(t.Context(), "b", time.Now(), []byte("{}")), load.ErrUnavailable)
			_, err := f.Results(t.Context(), []string{"a"})
			require.ErrorIs(t, err, load.ErrUnavailable)
			s.start()
			require.Eventually(t, func() bool { // the client looks for a server that was away once a second
				return f.Put(t.Context(), "c", time.Now(), []byte("{}")) == nil
			}, 30*time.Second, 50*time.Millisecond)
		})
	}
}

package redisstore_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is a Redis that can be away for a while and comes back empty under its address.
type server struct {
	addr        string
	stop, start func()
}

var servers = map[string]func(*testing.T) server{
	"embedded": func(t *testing.T) server {
		t.Helper()
		r, err := embedded.StartRedis(embedded.RedisConfig{})
		require.NoError(t, err)
		addr := r.Addr()
		t.Cleanup(func() { r.Close() })
		return server{addr: addr, stop: func() { r.Close() }, start: func() {
			r, err = embedded.StartRedis(embedded.RedisConfig{Addr: addr})
			require.NoError(t, err)
		}}
	},
	"process": func(t *testing.T) server {
		t.Helper()
		s := testkit.StartRedis(t)
		return server{addr: s.Addr, stop: s.Kill, start: func() { s.Start(t) }}
	},
}

// fixture is a store with a prefix of its own, and a plain client beside it.
type fixture struct {
	*redisstore.Store

	plain  *redis.Client
	prefix string
	log    *lines
}

func open(t *testing.T, addr string) fixture {
	t.Helper()
	f := fixture{prefix: "test_" + uuid.NewString(), log: &lines{}}
	store, err := redisstore.Open(redisstore.Config{
		URL: "redis://" + addr + "/0", Prefix: f.prefix, Logger: slog.New(slog.NewTextHandler(f.log, nil)),
	})
	require.NoError(t, err)
	f.Store, f.plain = store, redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() {
		require.NoError(t, store.Close())
		require.NoError(t, f.plain.Close())
	})
	return f
}

// lines collects what is logged.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(s string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), s)
}

// update is one with the seconds from first up to before end.
func update(run string, epoch uint64, first, end int) load.StoreUpdate {
	u := load.StoreUpdate{
		Run: run, Epoch: epoch, StartedAt: time.Now().UTC().Truncate(time.Millisecond), State: load.StateRunning,
		Live: load.Live{RunID: run, State: load.StateRunning, ElapsedSecs: float64(end)},
	}
	for s := first; s < end; s++ {
		u.Seconds = append(u.Seconds, load.Second{Second: s, Started: 100})
	}
	return u
}

func TestConformance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		run  func(*testing.T, fixture)
	}{
		{"a run is written as documented", testKeys},
		{"a second can be amended", testAmend},
		{"an older epoch is refused", testFence},
		{"a forgotten run is written again", testForgotten},
		{"results are kept", testResult},
		{"recent runs are listed and trimmed", testRecent},
		{"a long series is written whole", testLongSeries},
		{"a series is read in order", testSeries},
		{"live lines are published", testPublish},
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

func mustWrite(t *testing.T, f fixture, u load.StoreUpdate, rewrite bool) {
	t.Helper()
	got, err := f.Write(t.Context(), u)
	require.NoError(t, err)
	require.Equal(t, rewrite, got)
}

func testKeys(t *testing.T, f fixture) {
	t.Helper()
	u := update("r1", 7, 0, 3)
	u.State, u.Verdict, u.Trust, u.Result = load.StateDone, "passed", "trusted", []byte(`{"run_id":"r1"}`)
	mustWrite(t, f, u, true)

	keys, err := f.plain.Keys(t.Context(), f.prefix+":*").Result()
	require.NoError(t, err)
	require.ElementsMatch(t, []string{
		f.prefix + ":live:r1", f.prefix + ":series:r1", f.prefix + ":recent", f.prefix + ":results:r1",
	}, keys)
	for _, key := range keys {
		require.InDelta(t, 24*time.Hour, f.plain.TTL(t.Context(), key).Val(), float64(time.Minute), key)
	}
	snapshot, err := json.Marshal(u.Live)
	require.NoError(t, err)
	require.Equal(t, map[string]string{
		"epoch": "7", "state": "done", "verdict": "passed", "trust": "trusted", "snapshot": string(snapshot),
	}, f.plain.HGetAll(t.Context(), f.prefix+":live:r1").Val())
	series := f.plain.HGetAll(t.Context(), f.prefix+":series:r1").Val()
	require.Len(t, series, 3)
	var second load.Second
	require.NoError(t, json.Unmarshal([]byte(series["2"]), &second))
	require.Equal(t, u.Seconds[2], second)
	require.InDelta(t, u.StartedAt.UnixMilli(), f.plain.ZScore(t.Context(), f.prefix+":recent", "r1").Val(), 0)
	require.JSONEq(t, `{"run_id":"r1"}`, f.plain.Get(t.Context(), f.prefix+":results:r1").Val())
}

func testAmend(t *testing.T, f fixture) {
	t.Helper()
	mustWrite(t, f, update("r1", 1, 0, 3), true)
	late := update("r1", 1, 1, 2)
	late.Seconds[0].Started = 99
	mustWrite(t, f, late, false)
	series := f.plain.HGetAll(t.Context(), f.prefix+":series:r1").Val()
	require.Len(t, series, 3)
	require.Contains(t, series["1"], `"started":99`)
	require.Contains(t, series["2"], `"started":100`)
}

func testFence(t *testing.T, f fixture) {
	t.Helper()
	mustWrite(t, f, update("r1", 9, 0, 1), true)
	mustWrite(t, f, update("r1", 10, 1, 2), false)
	zombie := update("r1", 9, 0, 5)
	zombie.Result = []byte(`{}`)
	rewrite, err := f.Write(t.Context(), zombie)
	require.ErrorIs(t, err, load.ErrConflict)
	require.False(t, rewrite)
	require.EqualValues(t, 2, f.plain.HLen(t.Context(), f.prefix+":series:r1").Val())
	require.Equal(t, "10", f.plain.HGet(t.Context(), f.prefix+":live:r1", "epoch").Val())
	_, err = f.Result(t.Context(), "r1")
	require.ErrorIs(t, err, load.ErrNotFound)
}

func testForgotten(t *testing.T, f fixture) {
	t.Helper()
	mustWrite(t, f, update("r1", 1, 0, 3), true)
	require.NoError(t, f.plain.Del(t.Context(), f.prefix+":live:r1").Err())
	mustWrite(t, f, update("r1", 2, 3, 4), true)
	mustWrite(t, f, update("r1", 3, 0, 4), false)
}

func testResult(t *testing.T, f fixture) {
	t.Helper()
	_, err := f.Result(t.Context(), "r1")
	require.ErrorIs(t, err, load.ErrNotFound)
	u := update("r1", 1, 0, 1)
	u.Result = []byte(`{"text":"` + strings.Repeat("é", 100_000) + `"}`)
	mustWrite(t, f, u, true)
	mustWrite(t, f, update("r1", 1, 0, 1), false) // an update without a result leaves it
	got, err := f.Result(t.Context(), "r1")
	require.NoError(t, err)
	require.Equal(t, string(u.Result), string(got))
}

func testSeries(t *testing.T, f fixture) {
	t.Helper()
	_, err := f.Series(t.Context(), "r1")
	require.ErrorIs(t, err, load.ErrNotFound)
	later := update("r1", 1, 5, 12)
	mustWrite(t, f, later, true)
	u := update("r1", 1, 0, 5)
	mustWrite(t, f, u, false)
	got, err := f.Series(t.Context(), "r1")
	require.NoError(t, err)
	require.Equal(t, append(u.Seconds, later.Seconds...), got)
	require.NoError(t, f.plain.HSet(t.Context(), f.prefix+":series:r1", "3", "not JSON").Err())
	_, err = f.Series(t.Context(), "r1")
	require.Error(t, err)
}

func testRecent(t *testing.T, f fixture) {
	t.Helper()
	none, err := f.Recent(t.Context(), 10)
	require.NoError(t, err)
	require.Empty(t, none)

	now := time.Now().UTC().Truncate(time.Millisecond)
	write := func(run string, age time.Duration, state load.State, verdict, trust string) redisstore.Summary {
		u := update(run, 1, 0, 0)
		u.StartedAt, u.State, u.Verdict, u.Trust = now.Add(-age), state, verdict, trust
		mustWrite(t, f, u, true)
		return redisstore.Summary{Run: run, StartedAt: u.StartedAt, State: state, Verdict: verdict, Trust: trust}
	}
	soak := write("soak", 50*time.Hour, load.StateRunning, "", "") // older than the time to live, but still written
	expired := f.prefix + ":live:expired"
	write("expired", 30*time.Hour, load.StateDone, "passed", "trusted")
	require.NoError(t, f.plain.Del(t.Context(), expired).Err())
	done := write("done", 2*time.Hour, load.StateDone, "failed", "degraded")
	fresh := write("fresh", time.Hour, load.StateDone, "passed", "trusted")

	all, err := f.Recent(t.Context(), 10)
	require.NoError(t, err)
	require.Equal(t, []redisstore.Summary{fresh, done, soak}, all)
	require.EqualValues(t, 3, f.plain.ZCard(t.Context(), f.prefix+":recent").Val(), "what expired is trimmed")
	last, err := f.Recent(t.Context(), 1)
	require.NoError(t, err)
	require.Equal(t, []redisstore.Summary{fresh}, last)
}

func testLongSeries(t *testing.T, f fixture) {
	t.Helper()
	const seconds = 4500 // three calls
	mustWrite(t, f, update("r1", 1, 0, seconds), true)
	require.EqualValues(t, seconds, f.plain.HLen(t.Context(), f.prefix+":series:r1").Val())
}

func testPublish(t *testing.T, f fixture) {
	t.Helper()
	sub := f.plain.Subscribe(t.Context(), f.prefix+":live:r1")
	defer sub.Close()
	_, err := sub.Receive(t.Context())
	require.NoError(t, err)
	u := update("r1", 1, 0, 1)
	mustWrite(t, f, u, true)
	message, err := sub.ReceiveMessage(t.Context())
	require.NoError(t, err)
	var live load.Live
	require.NoError(t, json.Unmarshal([]byte(message.Payload), &live))
	require.Equal(t, u.Live, live)
}

func TestRedisGoneAndBackEmpty(t *testing.T) {
	t.Parallel()
	for name, start := range servers {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t)
			f := open(t, s.addr)
			mustWrite(t, f, update("r1", 1, 0, 3), true)
			for outage := 1; outage <= 2; outage++ {
				s.stop()
				for range 3 {
					_, err := f.Write(t.Context(), update("r1", 1, 3, 4))
					require.ErrorIs(t, err, load.ErrUnavailable)
					_, err = f.Result(t.Context(), "r1")
					require.ErrorIs(t, err, load.ErrUnavailable)
				}
				require.Equal(t, outage, f.log.count("Redis is away"), "an outage is logged once")
				s.start()
				require.Eventually(t, func() bool { // the client looks for a server that was away once a second
					rewrite, err := f.Write(t.Context(), update("r1", 1, 4, 5))
					return err == nil && rewrite
				}, 30*time.Second, 50*time.Millisecond)
				mustWrite(t, f, update("r1", 1, 0, 5), false)
				require.EqualValues(t, 5, f.plain.HLen(t.Context(), f.prefix+":series:r1").Val())
				require.Equal(t, outage, f.log.count("Redis is back"))
			}
		})
	}
}

func TestAServerThatNeverAnswersDoesNotHoldTheCaller(t *testing.T) {
	t.Parallel()
	mute, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer mute.Close()
	f := open(t, mute.Addr().String())
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	_, err = f.Write(ctx, update("r1", 1, 0, 1))
	require.ErrorIs(t, err, load.ErrUnavailable)
	require.NoError(t, ctx.Err())

	cancelled, stop := context.WithCancel(t.Context())
	stop()
	_, err = f.Result(cancelled, "r1")
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 1, f.log.count("Redis is away"))
}

func TestOpenRefusesAWrongURLWithoutShowingIt(t *testing.T) {
	t.Parallel()
	for _, u := range []string{"http://user:secret@host", "redis://user:secret@host:port/0", "redis://user:sec%ret@host", "redis://user:secret@host/x"} {
		_, err := redisstore.Open(redisstore.Config{URL: u})
		require.ErrorIs(t, err, load.ErrInvalid, u)
		require.NotContains(t, err.Error(), "sec", u)
	}
}

func BenchmarkWrite(b *testing.B) {
	r, err := embedded.StartRedis(embedded.RedisConfig{})
	if err != nil {
		b.Fatal(err)
	}
	defer r.Close()
	s, err := redisstore.Open(redisstore.Config{URL: "redis://" + r.Addr()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	u := update("r1", 1, 0, 2)
	for b.Loop() {
		if _, err := s.Write(b.Context(), u); err != nil {
			b.Fatal(err)
		}
	}
}

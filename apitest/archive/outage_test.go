package archive

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// bound is far more than a store may take, and far less than what a slow Redis would make it take.
const bound = 10 * time.Second

func TestRedisThatIsDown(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	addr := closedPort(t)
	s := open(t, "redis://user:s3cret@"+addr, dir)
	r := result(0)
	kept, err := s.Put(t.Context(), r)
	require.NoError(t, err)
	file := filepath.Join(dir, r.TestID+".json")
	require.Equal(t, run.Kept{
		File: file, Note: fmt.Sprintf("not stored in Redis at %s (connection refused); kept in %s", addr, file),
	}, kept)

	all, note := ids(t, s, 10)
	require.Equal(t, []string{r.TestID}, all)
	require.Equal(t, fmt.Sprintf("without Redis at %s (connection refused); these are the results in %s", addr, dir), note)
	got, err := s.Get(t.Context(), r.TestID)
	require.NoError(t, err)
	require.Equal(t, r, got)
	_, err = s.Get(t.Context(), "nosuchid")
	require.ErrorIs(t, err, load.ErrNotFound)
	require.EqualError(t, err, fmt.Sprintf("result nosuchid: not found; not asked: Redis at %s (connection refused)", addr))
}

func TestRedisThatIsSlowHoldsNobody(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*testkit.Proxy){
		"slow": func(p *testkit.Proxy) { p.Delay(time.Minute) },
		"mute": (*testkit.Proxy).Stall,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, upstream := startRedis(t)
			proxy := testkit.StartProxy(t, upstream)
			dir := t.TempDir()
			s := open(t, "redis://"+proxy.Addr, dir)
			before := put(t, s, result(time.Minute))

			spoil(proxy)
			ctx, cancel := context.WithTimeout(t.Context(), bound)
			defer cancel()
			r := result(0)
			kept, err := s.Put(ctx, r)
			require.NoError(t, err)
			require.Equal(t, fmt.Sprintf("not stored in Redis at %s (no answer in time); kept in %s", proxy.Addr, kept.File), kept.Note)
			list, note, err := s.Recent(ctx, 10)
			require.NoError(t, err)
			require.Equal(t, []run.Summary{r.Summary(), before.Summary()}, list)
			require.Contains(t, note, "(no answer in time)")
			require.NoError(t, ctx.Err(), "nobody was held up")

			proxy.Heal()
			kept, err = s.Put(t.Context(), result(0))
			require.NoError(t, err)
			require.Equal(t, run.Kept{File: kept.File}, kept, "it is not asked again, and that is said once")
		})
	}
}

// Results are stored all the same; what an earlier process left there is looked through while there is time.
func TestRedisThatIsSlowButAlive(t *testing.T) {
	t.Parallel()
	url, upstream := startRedis(t)
	dir := t.TempDir()
	older := put(t, open(t, NoRedis, dir), result(2*time.Hour))
	elsewhere := open(t, url, t.TempDir())
	for range 400 {
		other := result(time.Hour)
		other.Config.Path = "/other/"
		put(t, elsewhere, other)
	}

	proxy := testkit.StartProxy(t, upstream)
	proxy.Delay(150 * time.Millisecond)
	s := open(t, "redis://"+proxy.Addr, dir)
	tooLong, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), Patience)
		now := put(t, s, result(0))
		last, err := s.Last(ctx, now.Config.Key(), now.TestID)
		cancel()
		require.NoError(t, err)
		require.Equal(t, older, last, "what Redis has no time for is found in the folder")
		older = now
	}
	all, note, err := open(t, "redis://"+proxy.Addr, t.TempDir()).Recent(t.Context(), 2)
	require.NoError(t, err)
	require.Empty(t, note)
	require.Equal(t, older.TestID, all[0].TestID)
	require.NoError(t, tooLong.Err(), "nobody was held up")
}

func TestRedisThatGoesAwayAndComesBack(t *testing.T) {
	t.Parallel()
	r, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(t, err)
	defer func() { r.Close() }()
	addr := r.Addr()
	s := open(t, "redis://"+addr, t.TempDir())
	first := put(t, s, result(3*time.Minute))
	r.Close()
	second := result(2 * time.Minute)
	kept, err := s.Put(t.Context(), second)
	require.NoError(t, err)
	require.False(t, kept.Redis)
	require.NotEmpty(t, kept.Note)

	r, err = embedded.StartRedis(embedded.RedisConfig{Addr: addr})
	require.NoError(t, err)
	later := open(t, "redis://"+addr, string(s.folder))
	third := put(t, later, result(time.Minute))
	all, note := ids(t, later, 10)
	require.Equal(t, []string{third.TestID, second.TestID, first.TestID}, all, "it came back empty, but the folder knows")
	require.Empty(t, note)
}

func TestRedisThatRefusesSaysWhy(t *testing.T) {
	t.Parallel()
	url, addr := startRedis(t)
	plain := redis.NewClient(&redis.Options{Addr: addr})
	defer plain.Close()
	require.NoError(t, plain.Set(t.Context(), DefaultPrefix+":recent", "not a sorted set", 0).Err())
	s := open(t, url, t.TempDir())
	kept, err := s.Put(t.Context(), result(0))
	require.NoError(t, err)
	require.False(t, kept.Redis)
	require.Contains(t, kept.Note, "WRONGTYPE")
}

func TestAResultIsKeptAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	url, _ := startRedis(t)
	s := open(t, url, t.TempDir())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	kept, err := s.Put(ctx, result(0))
	require.NoError(t, err)
	require.True(t, kept.Redis)
}

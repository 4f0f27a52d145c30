package archive

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, redisURL, dir string) *Store {
	t.Helper()
	s, err := Open(Config{RedisURL: redisURL, Dir: dir})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	return s
}

func startRedis(t *testing.T) (url, addr string) {
	t.Helper()
	r, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(t, err)
	t.Cleanup(func() { r.Close() })
	return "redis://" + r.Addr(), r.Addr()
}

// idOf returns a test id of an instant.
func idOf(at time.Time) string {
	u := uuid.Must(uuid.NewV7())
	ms := at.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (8 * (5 - i)))
	}
	return u.String()
}

// result is one that started some time ago.
func result(age time.Duration) *run.Result {
	at := time.Now().UTC().Add(-age).Truncate(time.Millisecond)
	return &run.Result{
		TestID: idOf(at), State: run.StateCompleted, Mode: run.ModeSocket, StartedAt: at, DurationSecs: 1,
		Config:  run.Config{Path: "/health/", Target: "http://h", Seed: 1}.WithDefaults(),
		Metrics: run.Metrics{RequestsTotal: 100, LatencyMsP95: 4},
		Errors:  []run.ErrorSample{}, Windows: []run.Window{}, StatusCodes: map[string]int64{"200": 100}, Classes: map[string]int64{},
	}
}

func put(t *testing.T, s *Store, r *run.Result) *run.Result {
	t.Helper()
	kept, err := s.Put(t.Context(), r)
	require.NoError(t, err)
	require.Empty(t, kept.Note)
	return r
}

func ids(t *testing.T, s *Store, n int) (ids []string, note string) {
	t.Helper()
	list, note, err := s.Recent(t.Context(), n)
	require.NoError(t, err)
	for _, row := range list {
		ids = append(ids, row.TestID)
	}
	return ids, note
}

func TestResultsAreFoundByALaterProcess(t *testing.T) {
	t.Parallel()
	for _, redisThere := range []bool{true, false} {
		t.Run(fmt.Sprintf("Redis %v", redisThere), func(t *testing.T) {
			t.Parallel()
			redisURL := NoRedis
			if redisThere {
				redisURL, _ = startRedis(t)
			}
			dir := filepath.Join(t.TempDir(), "a", "b")
			s := open(t, redisURL, dir)
			empty, note := ids(t, s, 10)
			require.Empty(t, empty)
			require.Empty(t, note)

			r := result(time.Minute)
			kept, err := s.Put(t.Context(), r)
			require.NoError(t, err)
			require.Equal(t, run.Kept{Redis: redisThere, File: filepath.Join(dir, r.TestID+".json")}, kept)

			later := open(t, redisURL, dir)
			for _, id := range []string{r.TestID, r.TestID[:len(r.TestID)-3]} {
				got, err := later.Get(t.Context(), id)
				require.NoError(t, err)
				require.Equal(t, r, got)
			}
			list, _, err := later.Recent(t.Context(), 1)
			require.NoError(t, err)
			require.Equal(t, []run.Summary{r.Summary()}, list)
			if runtime.GOOS != "windows" {
				info, err := os.Stat(kept.File)
				require.NoError(t, err)
				require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
			}
		})
	}
}

func TestResultsAreFoundInRedisAlone(t *testing.T) {
	t.Parallel()
	url, addr := startRedis(t)
	r := put(t, open(t, url, t.TempDir()), result(0))
	elsewhere := open(t, url, t.TempDir())
	for _, id := range []string{r.TestID, r.TestID[:minPrefix]} {
		got, err := elsewhere.Get(t.Context(), id)
		require.NoError(t, err)
		require.Equal(t, r, got)
	}

	plain := redis.NewClient(&redis.Options{Addr: addr})
	defer plain.Close()
	text, err := plain.Get(t.Context(), "api_load_test:results:"+r.TestID).Bytes()
	require.NoError(t, err)
	want, err := json.Marshal(r)
	require.NoError(t, err)
	require.JSONEq(t, string(want), string(text))
	require.InDelta(t, r.StartedAt.UnixMilli(), plain.ZScore(t.Context(), "api_load_test:recent", r.TestID).Val(), 0)
}

func TestRecentMergesTheFolderAndRedis(t *testing.T) {
	t.Parallel()
	url, _ := startRedis(t)
	dir := t.TempDir()
	onlyFile := put(t, open(t, NoRedis, dir), result(3*time.Minute))
	onlyRedis := put(t, open(t, url, t.TempDir()), result(2*time.Minute))
	s := open(t, url, dir)
	both := put(t, s, result(time.Minute))
	for name, text := range map[string]string{
		idOf(time.Now()) + ".json": "{", "notes.json": "{}", ".loadpilot-123": "{",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	all, note := ids(t, s, 10)
	require.Equal(t, []string{both.TestID, onlyRedis.TestID, onlyFile.TestID}, all)
	require.Empty(t, note)
	two, _ := ids(t, s, 2)
	require.Equal(t, []string{both.TestID, onlyRedis.TestID}, two)
}

func TestWhatIsNotThere(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, NoRedis, dir)
	now := time.Now()
	a, b := result(0), result(0)
	a.TestID, b.TestID = idOf(now), idOf(now)
	put(t, s, a)
	put(t, s, b)
	secret := filepath.Join(filepath.Dir(dir), "secret.json")
	require.NoError(t, os.WriteFile(secret, []byte("{}"), 0o600))
	for _, id := range []string{"nosuchid", "", a.TestID[:5], "../secret", "..", a.TestID + "0"} {
		_, err := s.Get(t.Context(), id)
		require.ErrorIs(t, err, load.ErrNotFound, id)
	}
	_, err := s.Get(t.Context(), a.TestID[:6])
	require.ErrorIs(t, err, load.ErrInvalid)
	require.EqualError(t, err, fmt.Sprintf("2 results begin with %s: invalid", a.TestID[:6]))
	got, err := s.Get(t.Context(), a.TestID)
	require.NoError(t, err)
	require.Equal(t, a, got)
}

func TestLast(t *testing.T) {
	t.Parallel()
	url, _ := startRedis(t)
	s := open(t, url, t.TempDir())
	now := put(t, s, result(0))
	_, err := s.Last(t.Context(), now.Config.Key(), now.TestID)
	require.ErrorIs(t, err, load.ErrNotFound)

	older := put(t, s, result(2*time.Hour))
	other, interrupted := result(time.Minute), result(2*time.Minute)
	other.Config.Path = "/other/"
	put(t, s, other)
	interrupted.State = run.StateInterrupted
	put(t, s, interrupted)
	got, err := s.Last(t.Context(), now.Config.Key(), now.TestID)
	require.NoError(t, err)
	require.Equal(t, older, got)
}

func TestLastOfTheFolderAndRedis(t *testing.T) {
	t.Parallel()
	url, _ := startRedis(t)
	dir := t.TempDir()
	elsewhere := open(t, url, t.TempDir())
	s := open(t, url, dir)
	now := put(t, s, result(0))
	last := func() *run.Result {
		got, err := s.Last(t.Context(), now.Config.Key(), now.TestID)
		require.NoError(t, err)
		return got
	}
	require.Equal(t, put(t, elsewhere, result(5*time.Hour)), last())
	require.Equal(t, put(t, s, result(4*time.Hour)), last(), "the one in the folder is newer")
	newest := put(t, elsewhere, result(3*time.Hour))
	for range 2 * page {
		other := result(2 * time.Hour)
		other.Config.Path = "/other/"
		put(t, elsewhere, other)
	}
	require.Equal(t, newest, last(), "the one in Redis is newer, and not among the first that are read")
}

func TestLastLooksNoFurtherThanItMust(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, NoRedis, dir)
	now, last := put(t, s, result(0)), put(t, s, result(time.Minute))
	require.NoError(t, os.Mkdir(filepath.Join(dir, idOf(time.Now().Add(-time.Hour))+".json"), 0o700)) // it cannot be read
	got, err := s.Last(t.Context(), now.Config.Key(), now.TestID)
	require.NoError(t, err)
	require.Equal(t, last, got)
}

func TestOldResultsLeaveTheFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, NoRedis, dir)
	now := time.Now()
	write := func(name string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte("{}"), 0o600))
	}
	expired, kept := idOf(now.Add(-maxAge-time.Hour)), idOf(now.Add(-maxAge+time.Hour))
	for _, name := range []string{expired + ".json", kept + ".json", "my notes.json", uuid.NewString() + ".json"} {
		write(name)
	}
	put(t, s, result(0))
	require.NoFileExists(t, filepath.Join(dir, expired+".json"))
	for _, name := range []string{kept + ".json", "my notes.json"} {
		require.FileExists(t, filepath.Join(dir, name), "young, or none of ours")
	}
	for i := range maxFiles {
		write(idOf(now.Add(-time.Duration(i)*time.Second)) + ".json")
	}
	newest := put(t, s, result(-time.Second))
	left, err := s.folder.ids()
	require.NoError(t, err)
	require.Len(t, left, maxFiles)
	require.Equal(t, newest.TestID, left[0])
	require.NoFileExists(t, filepath.Join(dir, kept+".json"))
}

func TestAFolderThatCannotBeWrittenTo(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	dir := filepath.Join(file, "results")
	url, addr := startRedis(t)

	s := open(t, url, dir)
	r := result(0)
	kept, err := s.Put(t.Context(), r)
	require.NoError(t, err)
	require.Equal(t, run.Kept{
		Redis: true, Note: fmt.Sprintf("not kept in %s (not a directory); stored in Redis at %s for a day", dir, addr),
	}, kept)
	got, err := s.Get(t.Context(), r.TestID)
	require.NoError(t, err)
	require.Equal(t, r, got)
	all, note := ids(t, s, 10)
	require.Equal(t, []string{r.TestID}, all)
	require.Equal(t, fmt.Sprintf("cannot read %s (not a directory)", dir), note)

	alone := open(t, NoRedis, dir)
	_, err = alone.Put(t.Context(), r)
	require.EqualError(t, err, fmt.Sprintf("not kept in %s (not a directory)", dir))
	_, _, err = alone.Recent(t.Context(), 10)
	require.ErrorIs(t, err, load.ErrUnavailable)

	gone := closedPort(t)
	without := open(t, "redis://:s3cret@"+gone, dir)
	_, err = without.Put(t.Context(), r)
	require.EqualError(t, err, fmt.Sprintf("not kept in %s (not a directory); and not stored in Redis at %s (connection refused)", dir, gone))
	_, _, err = without.Recent(t.Context(), 10)
	require.ErrorIs(t, err, load.ErrUnavailable)
	_, err = without.Get(t.Context(), r.TestID)
	require.ErrorContains(t, err, "connection refused")
	require.NotContains(t, err.Error(), "s3cret")
}

func TestOpenRefusesAWrongURL(t *testing.T) {
	t.Parallel()
	_, err := Open(Config{RedisURL: "http://u:s3cret@h"})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.NotContains(t, err.Error(), "s3cret")
}

// closedPort returns an address that nobody listens on.
func closedPort(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close())
	return listener.Addr().String()
}

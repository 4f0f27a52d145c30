package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/embedded"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/redisstore"
)

// runAt returns the id of a run that was made at an instant.
func runAt(at time.Time) string {
	u := uuid.Must(uuid.NewV7())
	ms := at.UnixMilli()
	for i := range 6 {
		u[i] = byte(ms >> (8 * (5 - i)))
	}
	return u.String()
}

// finished is the result of a run that started some time ago.
func finished(age time.Duration) load.Result {
	at := time.Now().UTC().Add(-age).Truncate(time.Millisecond)
	return load.Result{
		RunID: runAt(at), Scenario: "Shop", TargetURL: "http://shop", State: load.StateDone, StartedAt: at, DurationSecs: 10,
		RPSTarget: 20, RPSActual: 19.5, RequestsTotal: 195, P95Ms: 12.5, P99Ms: 40, Response: load.Distribution{Count: 195, P95Ms: 12.5},
		Ledger: load.Ledger{Planned: 200, Started: 195}, Verdict: load.Verdict{Passed: true}, Trust: load.Trust{Level: load.TrustTrusted},
	}
}

// keep puts a result where a client that has followed its run leaves it.
func (l *lab) keep(r load.Result) load.Result {
	l.t.Helper()
	text, err := json.Marshal(r)
	require.NoError(l.t, err)
	_, err = resultFolder(filepath.Join(l.state, "loadpilot", "results")).keep(r.RunID, text)
	require.NoError(l.t, err)
	return r
}

// store starts a Redis and puts results there as an aggregator does. It returns the URL.
func (l *lab) store(results ...load.Result) string {
	l.t.Helper()
	server, err := embedded.StartRedis(embedded.RedisConfig{})
	require.NoError(l.t, err)
	l.t.Cleanup(func() { server.Close() })
	url := "redis://" + server.Addr()
	store, err := redisstore.Open(redisstore.Config{URL: url})
	require.NoError(l.t, err)
	defer store.Close()
	for _, r := range results {
		text, err := json.Marshal(r)
		require.NoError(l.t, err)
		_, err = store.Write(l.t.Context(), load.StoreUpdate{Run: r.RunID, Epoch: 1, StartedAt: r.StartedAt, State: r.State, Result: text})
		require.NoError(l.t, err)
	}
	return url
}

func TestRecentListsTheFolderAndRedis(t *testing.T) {
	t.Parallel()
	l := setup(t)
	url := l.store()
	require.Equal(t, "There are no results yet.\n", l.run(load.ExitPassed, "recent", "--redis-url", url).Stdout())
	oldest, newest := l.keep(finished(3*time.Hour)), l.keep(finished(time.Minute))
	elsewhere := finished(2 * time.Hour)
	elsewhere.Verdict.Passed, elsewhere.Trust.Level = false, load.TrustUntrusted
	url = l.store(elsewhere, newest)
	results := filepath.Join(l.state, "loadpilot", "results")
	require.NoError(t, os.WriteFile(filepath.Join(results, "notes.json"), []byte("{}"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(results, runAt(time.Now())+".json"), []byte("{"), 0o600))

	ids := func(args ...string) (ids []string) {
		var list []recentRun
		p := l.run(load.ExitPassed, append([]string{"recent", "--json", "--redis-url", url}, args...)...)
		require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &list))
		for _, r := range list {
			ids = append(ids, r.RunID)
		}
		return ids
	}
	require.Equal(t, []string{newest.RunID, elsewhere.RunID, oldest.RunID}, ids())
	require.Equal(t, []string{newest.RunID, elsewhere.RunID}, ids("-n", "2"), "the newest file cannot be read")
	text := l.run(load.ExitPassed, "recent", "--redis-url", url).Stdout()
	lines := strings.Split(text, "\n")
	require.Regexp(t, `^│ `+elsewhere.RunID+` │ Shop +│ 19.5 │ 12.5ms │ 40ms │ +0 │ failed  │ untrusted │ 2 hours ago +│$`, lines[4], text)
	require.Contains(t, lines[3], "│ passed  │ trusted   │ 1 minute ago │")
}

func TestAResultIsFoundByTheBeginningOfItsID(t *testing.T) {
	t.Parallel()
	l := setup(t)
	kept, elsewhere := l.keep(finished(time.Hour)), finished(48*time.Hour)
	url := l.store(elsewhere)
	for _, r := range []load.Result{kept, elsewhere} {
		p := l.run(load.ExitPassed, "results", r.RunID[:13], "--json", "--redis-url", url)
		require.Equal(t, r, decodeResult(t, p.Stdout()))
	}
	require.Contains(t, l.run(load.ExitPassed, "results", kept.RunID, "--redis-url", url).Stdout(), "LoadPilot — Shop  done after 00:10  http://shop\n")
	for args, want := range map[string]string{
		"":             "loadpilot recent lists them",
		"unknown1":     "there is no result of a run unknown1",
		"../secret":    "there is no result of a run ../secret",
		kept.RunID[:2]: "there is no result of a run " + kept.RunID[:2],
	} {
		p := l.run(load.ExitConfig, append([]string{"results", "--redis-url", url}, strings.Fields(args)...)...)
		require.Contains(t, p.Stderr(), want)
	}
	twin := kept
	twin.RunID = kept.RunID[:14] + "7000-8000-000000000000"
	l.keep(twin)
	p := l.run(load.ExitConfig, "results", kept.RunID[:13], "--redis-url", url)
	require.Contains(t, p.Stderr(), "the ids of 2 results begin with "+kept.RunID[:13])
}

func TestARedisThatIsAway(t *testing.T) {
	t.Parallel()
	l := setup(t)
	r := l.keep(finished(time.Hour))
	p := l.run(load.ExitInfra, "recent", "--redis-url", "redis://127.0.0.1:1")
	require.Contains(t, p.Stderr(), "Redis")
	p = l.run(load.ExitConfig, "recent", "--redis-url", "nonsense")
	require.Contains(t, p.Stderr(), "--redis-url: ")
	require.Contains(t, l.run(load.ExitPassed, "recent").Stdout(), r.RunID, "nobody has asked for that Redis")
}

func TestOldResultsLeaveTheFolder(t *testing.T) {
	t.Parallel()
	folder := resultFolder(t.TempDir())
	write := func(name string) {
		require.NoError(t, os.WriteFile(filepath.Join(string(folder), name), []byte("{}"), 0o600))
	}
	now := time.Now()
	expired, young := runAt(now.Add(-maxResultAge-time.Hour)), runAt(now.Add(-maxResultAge+time.Hour))
	for _, name := range []string{expired + ".json", young + ".json", "my notes.json", uuid.NewString() + ".json"} {
		write(name)
	}
	folder.prune(now)
	require.NoFileExists(t, folder.file(expired))
	require.FileExists(t, folder.file(young))
	for i := range maxResults {
		write(runAt(now.Add(-time.Duration(i)*time.Second)) + ".json")
	}
	folder.prune(now)
	ids, err := folder.ids()
	require.NoError(t, err)
	require.Len(t, ids, maxResults)
	require.NotContains(t, ids, young)
	entries, err := os.ReadDir(string(folder))
	require.NoError(t, err)
	require.Len(t, entries, maxResults+2, "other files are none of ours")
}

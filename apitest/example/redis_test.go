package main

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// shell runs the program with a Redis and a folder for its results.
type shell struct {
	t       *testing.T
	program string
	env     []string
}

func newShell(t *testing.T, redisURL string) *shell {
	t.Helper()
	return &shell{t, build(t), []string{"XDG_STATE_HOME=" + t.TempDir(), "EXAMPLE_REDIS_URL=" + redisURL}}
}

func (s *shell) start(args ...string) *testkit.Process {
	s.t.Helper()
	return testkit.Start(s.t, testkit.Command{Path: s.program, Args: append([]string{"api-load-test"}, args...), Env: s.env})
}

// run runs the program to its end, which must be a good one.
func (s *shell) run(args ...string) *testkit.Process {
	s.t.Helper()
	p := s.start(args...)
	require.Equal(s.t, 0, p.Wait(), "%s%s", p.Stdout(), p.Stderr())
	return p
}

// health runs the test of one route and returns its result, and what was said beside it.
func (s *shell) health(args ...string) (result apitest.Result, stderr string) {
	s.t.Helper()
	p := s.run(append([]string{"run", "/health/", "--in-process", "--json"}, args...)...)
	require.NoError(s.t, json.Unmarshal([]byte(p.Stdout()), &result))
	return result, p.Stderr()
}

// Whatever Redis does, the run is completed, a line says what was not stored, and a later process shows it from the folder.
func TestRedisIsAway(t *testing.T) {
	t.Parallel()
	redis := testkit.StartRedis(t)
	proxy := testkit.StartProxy(t, redis.Addr)
	s := newShell(t, "redis://"+proxy.Addr+"/0")

	stored, stderr := s.health()
	assert.Empty(t, stderr)

	proxy.Delay(3 * time.Second)
	slow, stderr := s.health()
	assert.Contains(t, stderr, "Not stored in Redis at "+proxy.Addr)
	assert.Equal(t, int64(100), slow.Metrics.RequestsSucceeded)

	proxy.Heal()
	redis.Stop()
	down, stderr := s.health()
	assert.Contains(t, stderr, "Not stored in Redis at "+proxy.Addr)
	recent := s.run("recent")
	assert.Contains(t, recent.Stderr(), "Without Redis at "+proxy.Addr)
	for _, r := range []apitest.Result{stored, slow, down} {
		assert.Contains(t, recent.Stdout(), r.TestID)
	}

	redis.Start(t)
	back, stderr := s.health()
	assert.Empty(t, stderr)
	recent = s.run("recent")
	assert.Empty(t, recent.Stderr())
	for _, r := range []apitest.Result{back, down, slow, stored} {
		assert.Contains(t, recent.Stdout(), r.TestID)
	}
}

// Redis that goes in mid-run is only missed when the run is over.
func TestRedisGoesInMidRun(t *testing.T) {
	t.Parallel()
	redis := testkit.StartRedis(t)
	s := newShell(t, redis.URL)
	p := s.start("run", "/events/worker/stream", "--stream", "--clients", "2", "--duration", "2s", "--requests", "2", "--in-process", "--json")
	redis.Kill()
	require.Equal(t, 0, p.Wait(), "%s%s", p.Stdout(), p.Stderr())
	var result apitest.Result
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &result))
	assert.Equal(t, int64(2), result.Metrics.RequestsSucceeded)
	assert.Contains(t, p.Stderr(), "Not stored in Redis at "+redis.Addr)
	assert.Equal(t, 1, strings.Count(p.Stderr(), "\n"), p.Stderr())
	assert.Contains(t, s.run("recent").Stdout(), result.TestID)
}

//go:build unix

package chaos_test

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// Redis goes away in the midst of two runs and comes back empty. What dashboards read is complete all the same.
func TestRedisIsAwayAndComesBackEmpty(t *testing.T) {
	t.Parallel()
	for name, away := range map[string]time.Duration{"in mid-run": 3 * time.Second, "until after the end": 30 * time.Second} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, testkit.FleetConfig{Generators: 2})
			pair := []*trial{
				submit(t, f, order{RPS: 40, Duration: "12s", MaxLag: slack, Generators: 2}),
				submit(t, f, order{RPS: 40, Duration: "9s", MaxLag: slack, Generators: 2}),
			}
			for _, run := range pair {
				run.at(2500 * time.Millisecond)
				run.await("Redis knows the run", func() bool {
					held, _ := run.stored()
					return len(held.series) > 0
				})
			}
			down := time.Now()
			f.Redis.Stop()
			if away == 30*time.Second { // the results do not wait for it
				for _, run := range pair {
					run.ended()
				}
			}
			until(t, down.Add(away))
			f.Redis.Start(t)
			for _, run := range pair {
				run.checkRedis(run.untouched())
			}
			checkRedisWarnings(t, f.Aggregators[0], true)
			checkEnd(t, f)
		})
	}
}

func TestRedisWasNeverThere(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2, NoRedis: true})
	one := submit(t, f, order{RPS: 40, Duration: "5s", MaxLag: slack, Generators: 2})
	two := submit(t, f, order{RPS: 40, Duration: "8s", MaxLag: slack, Generators: 2})
	one.untouched()
	two.untouched()
	checkRedisWarnings(t, f.Aggregators[0], false)
	checkEnd(t, f)
}

// A frozen Redis takes what is sent to it and does not answer.
func TestRedisIsFrozen(t *testing.T) {
	t.Parallel()
	f := startFleet(t, testkit.FleetConfig{Generators: 2})
	long := submit(t, f, order{RPS: 40, Duration: "10s", MaxLag: slack, Generators: 2})
	short := submit(t, f, order{RPS: 40, Duration: "5s", MaxLag: slack, Generators: 2})
	told := short.follow()
	long.at(2500 * time.Millisecond)
	f.Redis.Freeze(t)
	frozen := time.Now()
	result := short.untouched()
	require.GreaterOrEqual(t, len(told().live), 5, "a live line a second")
	until(t, frozen.Add(5*time.Second))
	f.Redis.Thaw()
	short.checkRedis(result)
	long.checkRedis(long.untouched())
	checkRedisWarnings(t, f.Aggregators[0], true)
	checkEnd(t, f)
}

// checkRedisWarnings looks for one warning an outage, not one a second.
func checkRedisWarnings(t *testing.T, aggregator *testkit.Service, back bool) {
	t.Helper()
	log := aggregator.Stderr()
	require.Equal(t, 1, strings.Count(log, "Redis is away"), "%s", log)
	require.Equal(t, back, strings.Contains(log, "Redis is back"), "%s", log)
	require.LessOrEqual(t, strings.Count(log, "dashboards fall behind"), strings.Count(log, "run has ended"), "%s", log)
}

// redis is a client of the fleet's Redis.
func (r *trial) redis() *redis.Client {
	r.t.Helper()
	if r.store == nil {
		r.store = redis.NewClient(&redis.Options{Addr: r.fleet.Redis.Addr})
		r.t.Cleanup(func() { _ = r.store.Close() })
	}
	return r.store
}

// stored is what Redis holds of a run.
type stored struct {
	result string
	live   map[string]string
	series map[string]string
	start  float64 // score in the list of recent runs
}

// stored reads what Redis holds of the run; false while it holds no result.
func (r *trial) stored() (s stored, ended bool) {
	t := r.t
	t.Helper()
	var result *redis.StringCmd
	var live, series *redis.MapStringStringCmd
	var start *redis.FloatCmd
	_, err := r.redis().TxPipelined(t.Context(), func(p redis.Pipeliner) error {
		result = p.Get(t.Context(), "load_test:results:"+r.id)
		live = p.HGetAll(t.Context(), "load_test:live:"+r.id)
		series = p.HGetAll(t.Context(), "load_test:series:"+r.id)
		start = p.ZScore(t.Context(), "load_test:recent", r.id)
		return nil
	})
	if !errors.Is(err, redis.Nil) {
		require.NoError(t, err)
	}
	return stored{result.Val(), live.Val(), series.Val(), start.Val()}, result.Err() == nil
}

// checkRedis waits until Redis has the result of a run, and looks at every key: it says what the gateway says.
func (r *trial) checkRedis(result load.Result) {
	t := r.t
	t.Helper()
	var held stored
	r.await("Redis has the result", func() (ended bool) {
		held, ended = r.stored()
		return ended
	})
	_, body := r.ended()
	require.Equal(t, string(body), held.result, "%s", r)

	require.Equal(t, string(load.StateDone), held.live["state"], "%s", r)
	require.Equal(t, "passed", held.live["verdict"], "%s", r)
	require.Equal(t, string(result.Trust.Level), held.live["trust"], "%s", r)
	var last load.Live
	require.NoError(t, json.Unmarshal([]byte(held.live["snapshot"]), &last))
	require.Equal(t, load.StateDone, last.State, "%s", r)
	require.Equal(t, result.RequestsTotal, last.RequestsTotal, "%s", r)
	require.Equal(t, result.Ledger, last.Ledger, "%s", r)

	require.Len(t, held.series, len(result.Series), "%s", r)
	for _, want := range result.Series {
		line, err := json.Marshal(want)
		require.NoError(t, err)
		require.Equal(t, string(line), held.series[strconv.Itoa(want.Second)], "%s", r)
	}
	require.InDelta(t, result.StartedAt.UnixMilli(), held.start, 0, "%s", r)
}

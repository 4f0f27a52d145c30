package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// fleet is the four services as processes on a real NATS and a real Redis server, and clients of them.
type fleet struct {
	*lab
	*testkit.Fleet
}

func startFleet(t *testing.T, generators int) *fleet {
	t.Helper()
	l := setup(t)
	return &fleet{l, testkit.StartFleet(t, testkit.FleetConfig{Program: program, Generators: generators, Env: l.env, Dir: l.dir})}
}

// counted starts the scenario that numbers its requests at a constant rate.
func (f *fleet) counted(target string, rps, seconds int, args ...string) *testkit.Process {
	f.t.Helper()
	return f.start(append([]string{
		"run", testdata(f.t, "counted.py"), "-t", target, "--gateway-url", f.URL(), "--json", "--mode", "constant",
		"--rps", strconv.Itoa(rps), "--duration", fmt.Sprintf("%ds", seconds),
	}, args...)...)
}

// ended waits for a run that must have passed, and checks that the target saw each of its iterations once.
func (f *fleet) ended(p *testkit.Process, target string, iterations int64) load.Result {
	f.t.Helper()
	require.Equal(f.t, load.ExitPassed, exitCode(p), "%s%s", p.Stdout(), p.Stderr())
	r := decodeResult(f.t, p.Stdout())
	requireWhole(f.t, r, iterations)
	record, err := testkit.FetchRecord(f.t.Context(), target)
	require.NoError(f.t, err)
	require.Empty(f.t, record.Missing(iterations))
	require.Empty(f.t, record.Repeated())
	return r
}

// underWay waits until a run makes requests.
func (f *fleet) underWay(p *testkit.Process) {
	f.t.Helper()
	eventually(f.t, "the run is under way", func() bool { return strings.Contains(p.Stderr(), "[00:01]") || strings.Contains(p.Stderr(), "[00:00]") })
}

func TestServicesAsProcesses(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3)
	seen := f.subscribe()
	target := testkit.StartTargetProcess(t)
	r := f.ended(f.counted(target, 150, 8), target, 1200)
	requireShares(t, r, 3, 0.15)
	require.Equal(t, map[string]int64{"browse": 1000, "purchase": 200}, tasks(r))

	var run gateway.Run
	_, err := f.Do(http.MethodGet, "/v1/runs/"+r.RunID, nil, &run)
	require.NoError(t, err)
	require.Equal(t, load.StateDone, run.State)
	f.checkBus(seen(), r.RunID)
	f.checkRedis(r)
}

// subscribe collects what a person with the nats command line sees, until the returned function is called.
func (f *fleet) subscribe() (stop func() map[string][][]byte) {
	f.t.Helper()
	conn, err := nats.Connect(f.NATS.URL)
	require.NoError(f.t, err)
	var mu sync.Mutex
	seen := map[string][][]byte{}
	_, err = conn.Subscribe("loadpilot.>", func(m *nats.Msg) {
		mu.Lock()
		defer mu.Unlock()
		seen[m.Subject] = append(seen[m.Subject], m.Data)
	})
	require.NoError(f.t, err)
	require.NoError(f.t, conn.Flush())
	f.t.Cleanup(conn.Close)
	return func() map[string][][]byte {
		require.NoError(f.t, conn.Flush())
		mu.Lock()
		defer mu.Unlock()
		return seen
	}
}

func (f *fleet) checkBus(seen map[string][][]byte, run string) {
	f.t.Helper()
	kinds := map[string]int{}
	for subject, messages := range seen {
		for _, m := range messages {
			require.True(f.t, json.Valid(m), "%s: %s", subject, m)
		}
		kinds[strings.Join(strings.Split(subject, ".")[:2], ".")] += len(messages)
		require.Contains(f.t, subject, run)
	}
	for _, kind := range []string{"loadpilot.tokens", "loadpilot.events", "loadpilot.live"} {
		require.Positive(f.t, kinds[kind], "messages on %s", kind)
	}
	require.NotEmpty(f.t, seen["loadpilot.tokens.default."+run])
	require.NotEmpty(f.t, seen["loadpilot.events."+run+".state"])
}

func (f *fleet) checkRedis(r load.Result) {
	f.t.Helper()
	options, err := redis.ParseURL(f.Redis.URL)
	require.NoError(f.t, err)
	client := redis.NewClient(options)
	defer client.Close()
	ctx := f.t.Context()
	stored, err := client.Get(ctx, "load_test:results:"+r.RunID).Result()
	require.NoError(f.t, err)
	require.Equal(f.t, r.Ledger, decodeResult(f.t, stored).Ledger)
	ttl, err := client.TTL(ctx, "load_test:results:"+r.RunID).Result()
	require.NoError(f.t, err)
	require.InDelta(f.t, 24*time.Hour, ttl, float64(time.Minute))
	recent, err := client.ZRange(ctx, "load_test:recent", 0, -1).Result()
	require.NoError(f.t, err)
	require.Equal(f.t, []string{r.RunID}, recent)
	series, err := client.HLen(ctx, "load_test:series:"+r.RunID).Result()
	require.NoError(f.t, err)
	require.Equal(f.t, int64(len(r.Series)), series)
}

func TestTwoRunsShareOneFleet(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3)
	one, two := testkit.StartTargetProcess(t), testkit.StartTargetProcess(t)
	first, second := f.counted(one, 90, 5), f.counted(two, 40, 6)
	r1, r2 := f.ended(first, one, 450), f.ended(second, two, 240)
	require.InDelta(t, 90, r1.RPSActual, 0.01)
	require.InDelta(t, 40, r2.RPSActual, 0.01)
	requireShares(t, r1, 3, 0.3)
}

func TestALateGeneratorTakesItsShare(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2)
	target := testkit.StartTargetProcess(t)
	p := f.counted(target, 120, 10)
	f.underWay(p)
	f.Join()
	prepared := func() bool {
		return slices.ContainsFunc(f.List(), func(g testkit.GeneratorStatus) bool { return g.Generator == "g3" && len(g.Prepared) > 0 })
	}
	eventually(t, "the third generator is prepared", prepared)
	joined := time.Now()
	r := f.ended(p, target, 1200)
	require.Len(t, r.Generators, 3)
	left := r.StartedAt.Add(10 * time.Second).Sub(joined).Seconds() // one bus, one host: one clock
	for _, g := range r.Generators {
		if g.Generator == "g3" {
			require.GreaterOrEqual(t, float64(g.Started), 0.8*(left-1)*120/3, "it had %.1f s", left)
		}
	}
}

func TestExternalGeneratorsAreWaitedFor(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "-t", target, "-e", "2", "--json")
	var url string
	eventually(t, "the bus is announced", func() bool {
		_, rest, ok := strings.Cut(p.Stderr(), "--nats-url ")
		url, _, _ = strings.Cut(rest, "\n")
		return ok
	})
	for i := range 2 {
		l.start("generator", "--nats-url", url, "--name", fmt.Sprintf("e%d", i), "--listen", "127.0.0.1:0")
	}
	require.Equal(t, load.ExitPassed, exitCode(p), "%s", p.Stderr())
	r := decodeResult(t, p.Stdout())
	requireWhole(t, r, 20)
	require.Len(t, r.Generators, 2)
}

func TestAbsentRedisIsAWarning(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--json", "--redis-url", "redis://127.0.0.1:1")
	requireWhole(t, decodeResult(t, p.Stdout()), 20)
	require.Contains(t, p.Stderr(), `"level":"WARN"`)
}

var gatewayURL = regexp.MustCompile(`"url":"(http://[^"]+)"`)

func TestUpServesRuns(t *testing.T) {
	t.Parallel()
	l := setup(t)
	up := l.start("up", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--redis-listen", "127.0.0.1:0")
	var match []string
	eventually(t, "it is up", func() bool {
		match = gatewayURL.FindStringSubmatch(up.Stderr())
		return match != nil
	})
	r := l.result(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--gateway-url", match[1])
	requireWhole(t, r, 20)
	require.Zero(t, up.Stop(), up.Stderr())
}

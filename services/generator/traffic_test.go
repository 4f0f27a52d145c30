package generator

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// shop is a scenario as users write it: on_start, a task with a check, one with two requests at once, one that raises.
const shop = `
import loadpilot
from loadpilot import VUser, scenario, task


@scenario(rps=200, duration="2s", mode="constant")
class Shop(VUser):
    def on_start(self, client):
        client.get("/login").raise_for_status()

    @task(weight=6)
    def browse(self, client):
        client.get("/missing")

    def check_browse(self, status_code, body):
        assert status_code == 404

    @task(weight=3)
    def look(self, client):
        client.batch([{"path": "/a"}, {"path": "/b"}])

    @task(weight=1)
    def wrong(self, client):
        client.get("/a")
        raise ValueError("no")

    def on_stop(self, client):
        client.post("/logout")
`

// shopRunner lets the scenario's users be Users.
type shopRunner struct{ *scenario.Runner }

func (r shopRunner) NewUser() User { return r.Runner.NewUser() }

// Real time, a real script, real requests: what the server saw is what is reported.
func TestTraffic(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	seen := map[string]int64{}
	var accepted atomic.Int64
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		seen[r.URL.Path]++
		if r.URL.Path == "/missing" {
			http.NotFound(w, r)
		}
	}))
	srv.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			accepted.Add(1)
		}
	}
	srv.Start()
	t.Cleanup(srv.Close)
	program, err := scenario.Compile(t.Context(), "shop.py", []byte(shop), scenario.Options{})
	require.NoError(t, err)
	plan, err := program.Plan("")
	require.NoError(t, err)
	plan.Target, plan.MaxLag = srv.URL, 10*time.Second
	run := load.Run{ID: "r1", Pool: "p", State: load.StatePreparing, Generators: 1, Slices: 37, Plan: plan}
	profile, err := load.NewProfile(plan.Shape)
	require.NoError(t, err)
	bus := newFakeBus()
	s, err := New(Config{Name: "g1", Pool: "p", Version: "test"}, Deps{
		Logger: slog.New(slog.DiscardHandler), Runs: bus, Scenarios: bus, Tokens: bus, Events: bus, Registry: bus, Clock: bus,
		Compile: func(ctx context.Context, s Script) (Runner, error) {
			r, err := program.NewRunner(ctx, s.Plan, scenario.Options{})
			return shopRunner{r}, err
		},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	bus.runs <- run
	run.State, run.T0 = load.StateRunning, time.Now().Add(busAhead+300*time.Millisecond)
	bus.runs <- run
	for second := range 2 {
		bus.deliver(false, profile.Tokens(run.ID, second, run.Slices, run.T0)...)
	}
	require.Eventually(t, func() bool {
		bus.mu.Lock()
		defer bus.mu.Unlock()
		return len(bus.acks) == 2*run.Slices
	}, 30*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)

	sum := (&bench{t: t, bus: bus}).totals()
	require.EqualValues(t, 400, sum.started)
	require.EqualValues(t, 400, sum.iterations)
	require.EqualValues(t, 240+2*120+40, sum.requests, "weights 6:3:1 of 400")
	require.Equal(t, map[string]int64{"ValueError": 40}, sum.errors)
	require.Equal(t, map[string]int64{
		"/missing": 240, "/a": 120 + 40, "/b": 120, "/login": sum.setupStarted, "/logout": sum.setupStarted,
	}, seen)
	require.GreaterOrEqual(t, sum.setupStarted, int64(40), "200 rps of 0.2 s are prepared")
	checks, examples := load.CheckCount{}, 0
	var used, setup load.ConnectionReport
	for _, e := range bus.events {
		examples += len(e.Samples)
		for sum, r := range map[*load.ConnectionReport]load.ConnectionReport{&used: e.Connections, &setup: e.Setup.Connections} {
			sum.Opened += r.Opened
			sum.Reused += r.Reused
			sum.FirstByte.Count += r.FirstByte.Count
			sum.Transfer.Count += r.Transfer.Count
		}
		for _, r := range e.Tasks {
			checks.Passed += r.Checks["check_browse"].Passed
			checks.Failed += r.Checks["check_browse"].Failed
			require.Equal(t, r.Requests, r.Response.Count)
			require.Equal(t, r.Requests, r.Service.Count)
			require.Equal(t, r.Failed, r.FailedTime.Count)
		}
	}
	require.Equal(t, load.CheckCount{Passed: 240}, checks)
	require.Equal(t, 40, examples)
	srv.Close() // what was accepted is counted
	require.Equal(t, accepted.Load(), used.Opened+setup.Opened)
	require.Equal(t, sum.requests, used.Opened+used.Reused)
	require.Equal(t, sum.requests, used.FirstByte.Count)
	require.Equal(t, sum.requests, used.Transfer.Count)
	require.Equal(t, 2*sum.setupStarted, setup.FirstByte.Count, "on_start and on_stop make one request each")
}

// Runs that come, stop, end and are left at any moment leave nothing behind.
func TestStartStop(t *testing.T) {
	t.Parallel()
	for seed := range uint64(30) {
		t.Run(strconv.FormatUint(seed, 10), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, 0))
			soon := func() time.Duration { return time.Duration(r.IntN(30)) * time.Millisecond }
			bus := newFakeBus()
			runner := &fakeRunner{hasStart: seed%2 == 0}
			s, err := newService(Config{Name: "g1", Pool: "p", MaxRate: float64(seed%3) * 500}, Deps{
				Logger: slog.New(slog.DiscardHandler), Runs: bus, Scenarios: bus, Tokens: bus, Events: bus, Registry: bus, Clock: bus,
				Compile: func(context.Context, Script) (Runner, error) { return runner, nil },
			}, pacer.NewClock())
			require.NoError(t, err)
			ctx, cancel := context.WithCancel(t.Context())
			done := make(chan error, 1)
			go func() { done <- s.Run(ctx) }()
			var wg sync.WaitGroup
			for i := range 4 {
				pauses := []time.Duration{soon(), soon(), soon(), soon()}
				wg.Go(func() {
					run := load.Run{
						ID: fmt.Sprint("r", i), Pool: "p", State: load.StatePreparing, Slices: 10,
						Plan: load.Plan{
							Target: "http://127.0.0.1:1", Shape: load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Second},
							Tasks: []load.Task{{Name: "browse", Weight: 1}}, MaxUsers: 10, MaxLag: 50 * time.Millisecond, Timeout: time.Second,
						},
					}
					profile, err := load.NewProfile(run.Plan.Shape)
					if err != nil {
						t.Error(err)
					}
					bus.runs <- run
					<-time.After(pauses[0])
					run.State, run.T0 = load.StateRunning, time.Now().Add(busAhead)
					bus.deliver(false, profile.Tokens(run.ID, 0, run.Slices, run.T0)...)
					bus.runs <- run
					<-time.After(pauses[1])
					run.State, run.StoppedAt = load.StateStopping, time.Now().Add(busAhead)
					bus.runs <- run
					<-time.After(pauses[2])
					run.State = load.StateDone
					bus.runs <- run
				})
			}
			if seed%5 == 0 {
				<-time.After(soon())
			} else {
				wg.Wait()
			}
			cancel()
			require.NoError(t, <-done)
			wg.Wait()
			require.True(t, bus.withdrawn)
			require.Empty(t, s.executions)
		})
	}
}

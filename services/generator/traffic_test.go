package generator

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/script"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Real time, real requests: what the server saw is what is reported.
func TestTraffic(t *testing.T) {
	t.Parallel()
	var seen atomic.Int64
	srv := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { seen.Add(1) }))
	t.Cleanup(srv.Close)
	run := load.Run{
		ID: "r1", Pool: "p", State: load.StatePreparing, Generators: 1, Slices: 35,
		Plan: load.Plan{
			Target: srv.URL, Shape: load.Shape{Mode: load.ModeConstant, RPS: 200, Duration: 2 * time.Second},
			Tasks: []load.Task{{Name: "browse", Weight: 5}, {Name: "buy", Weight: 1}}, MaxUsers: 1000, MaxLag: 10 * time.Second,
			Timeout: 10 * time.Second, GracefulStop: 10 * time.Second,
		},
	}
	profile, err := load.NewProfile(run.Plan.Shape)
	require.NoError(t, err)
	bus := newFakeBus()
	s, err := New(Config{Name: "g1", Pool: "p", Version: "test"}, Deps{
		Logger: slog.New(slog.DiscardHandler), Runs: bus, Scenarios: bus, Tokens: bus, Events: bus, Registry: bus, Clock: bus,
		Compile: func(string, []byte, load.Plan) (Runner, error) {
			return scriptFunc(func(ctx context.Context, c script.Client) script.Outcome {
				ask(ctx, c, "/")
				return script.Outcome{}
			}), nil
		},
	})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	bus.runs <- run
	run.State, run.T0 = load.StateRunning, time.Now().Add(busAhead+200*time.Millisecond)
	bus.runs <- run
	for second := range 2 {
		bus.deliver(false, profile.Tokens(run.ID, second, run.Slices, run.T0)...)
	}
	require.Eventually(t, func() bool {
		bus.mu.Lock()
		defer bus.mu.Unlock()
		return len(bus.acks) == 70
	}, 30*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-done)

	b := &bench{t: t, bus: bus}
	sum := b.totals()
	require.EqualValues(t, 400, sum.started)
	require.EqualValues(t, 400, sum.iterations)
	require.EqualValues(t, 400, sum.requests)
	require.Zero(t, sum.failed)
	require.EqualValues(t, 400+40+40, seen.Load(), "with on_start and on_stop of 40 prepared users: 200 rps of 0.2 s each")
	tasks := map[string]int64{}
	for _, e := range bus.events {
		for _, r := range e.Tasks {
			tasks[r.Task] += r.Iterations
			require.Equal(t, map[int]int64{200: r.Requests}, r.Status)
			require.Equal(t, r.Requests, r.Response.Count)
			require.Equal(t, r.Requests, r.Service.Count)
		}
	}
	require.InDelta(t, 400.0*5/6, float64(tasks["browse"]), 1)
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
				Compile: func(string, []byte, load.Plan) (Runner, error) { return runner, nil },
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

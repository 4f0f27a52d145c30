package generator

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fakeBus is every port of a generator, in memory and on virtual time.
type fakeBus struct {
	mu        sync.Mutex
	runs      chan load.Run
	tokens    []load.Delivery
	published chan struct{}
	events    []load.Event
	refuse    bool          // events are not stored
	deaf      bool          // nobody hears what becomes of tokens
	back      time.Duration // by which the bus's clock has jumped back
	statuses  []load.GeneratorStatus
	withdrawn bool
	stops     []load.Run // records that were stored
	conflicts int        // how many of the next are refused
	acks      map[string]int
	naks      []load.Token
	progress  int
}

func newFakeBus() *fakeBus {
	return &fakeBus{runs: make(chan load.Run, 16), published: make(chan struct{}, 1), acks: map[string]int{}}
}

func (b *fakeBus) Watch(context.Context) (<-chan load.Run, error) { return b.runs, nil }

func (b *fakeBus) Update(_ context.Context, run load.Run) (load.Run, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.conflicts > 0 {
		b.conflicts--
		return load.Run{}, load.ErrConflict
	}
	b.stops = append(b.stops, run)
	b.runs <- run
	return run, nil
}

func (b *fakeBus) Get(_ context.Context, sha256 string) ([]byte, error) {
	return []byte("text of " + sha256), nil
}

// secrets gives every run the same secrets.
type secrets struct{}

func (secrets) Get(context.Context, string) (load.Secrets, error) {
	return load.Secrets{Env: load.Environment{"TOKEN": "s3cret"}}, nil
}

func (b *fakeBus) Claim(context.Context, string, string) (int, error) { return 4, nil }

func (b *fakeBus) Fetch(ctx context.Context, run load.Run, most int) ([]load.Delivery, error) {
	timeout := time.NewTimer(time.Second)
	defer timeout.Stop()
	for {
		var out, rest []load.Delivery
		b.mu.Lock()
		for _, d := range b.tokens {
			if d.Token.Run == run.ID && len(out) < most {
				out = append(out, d)
			} else {
				rest = append(rest, d)
			}
		}
		b.tokens = rest
		b.mu.Unlock()
		if len(out) > 0 {
			return out, nil
		}
		select {
		case <-b.published:
		case <-timeout.C:
			return nil, nil
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (b *fakeBus) deliver(redelivered bool, tokens ...load.Token) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, t := range tokens {
		b.tokens = append(b.tokens, load.Delivery{Token: t, Redelivered: redelivered, Receipt: fakeReceipt{bus: b, token: t}})
	}
	signal(b.published)
}

func (b *fakeBus) Publish(_ context.Context, e load.Event) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.refuse {
		return load.ErrUnavailable
	}
	b.events = append(b.events, e)
	return nil
}

func (b *fakeBus) Announce(_ context.Context, s load.GeneratorStatus) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.statuses = append(b.statuses, s)
	return nil
}

func (b *fakeBus) Withdraw(context.Context, load.GeneratorStatus) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.withdrawn = true
	return nil
}

// The bus runs an hour ahead of the local clock.
const busAhead = time.Hour

func (b *fakeBus) Local(bus time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return bus.Add(b.back - busAhead)
}

func (b *fakeBus) Now() time.Time { return time.Now().Add(busAhead) }

func (b *fakeBus) Error() time.Duration { return time.Millisecond }

type fakeReceipt struct {
	bus   *fakeBus
	token load.Token
}

func (r fakeReceipt) Ack() error {
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	if r.bus.deaf {
		return load.ErrUnavailable
	}
	r.bus.acks[r.token.ID()]++
	return nil
}

func (r fakeReceipt) Nak() error {
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	r.bus.naks = append(r.bus.naks, r.token)
	return nil
}

func (r fakeReceipt) InProgress() error {
	r.bus.mu.Lock()
	defer r.bus.mu.Unlock()
	if r.bus.deaf {
		return load.ErrUnavailable
	}
	r.bus.progress++
	return nil
}

// fakeRunner is a scenario of one task, with hooks.
type fakeRunner struct {
	hasStart bool
	onStart  func() scenario.Outcome
	onTask   func(ctx context.Context, iteration int64) scenario.Outcome

	mu     sync.Mutex
	ran    map[int64]int
	starts int
	stops  int
}

func (r *fakeRunner) HasStart() bool { return r.hasStart }
func (r *fakeRunner) HasStop() bool  { return true }
func (r *fakeRunner) NewUser() User  { return &fakeUser{r} }

type fakeUser struct{ r *fakeRunner }

func (u *fakeUser) Start(context.Context, scenario.Client) scenario.Outcome {
	u.r.mu.Lock()
	defer u.r.mu.Unlock()
	u.r.starts++
	if u.r.onStart != nil {
		return u.r.onStart()
	}
	return scenario.Outcome{}
}

func (u *fakeUser) Stop(context.Context, scenario.Client) scenario.Outcome {
	u.r.mu.Lock()
	defer u.r.mu.Unlock()
	u.r.stops++
	return scenario.Outcome{}
}

func (u *fakeUser) Run(ctx context.Context, iteration int64, _ int, _ scenario.Client) scenario.Outcome {
	u.r.mu.Lock()
	if u.r.ran == nil {
		u.r.ran = map[int64]int{}
	}
	u.r.ran[iteration]++
	u.r.mu.Unlock()
	if u.r.onTask != nil {
		return u.r.onTask(ctx, iteration)
	}
	return scenario.Outcome{}
}

// bench is a generator at work on one run.
type bench struct {
	t       *testing.T
	bus     *fakeBus
	runner  *fakeRunner
	run     load.Run
	profile load.Profile
	cancel  context.CancelFunc
	done    chan error
	clock   *frozenClock
	log     syncBuffer
	scripts chan Script // as they were compiled
}

// frozenClock is that of a process that can be frozen: time passes, and nothing else happens.
type frozenClock struct {
	pacer.Clock

	frozen atomic.Int64
}

func (c *frozenClock) Now() time.Duration { return c.Clock.Now() + time.Duration(c.frozen.Load()) }
func (c *frozenClock) Alarm() pacer.Alarm { return pacer.NewPlainAlarm(c) }

// syncBuffer collects what is logged.
type syncBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// begin starts a generator with a prepared run of the given rate and length, one slice for each 10 arrivals per second.
func begin(t *testing.T, rps float64, length time.Duration, runner *fakeRunner, change func(*load.Run)) *bench {
	t.Helper()
	return beginLimited(t, 0, rps, length, runner, change)
}

func beginLimited(t *testing.T, maxRate, rps float64, length time.Duration, runner *fakeRunner, change func(*load.Run)) *bench {
	t.Helper()
	run := load.Run{
		ID: "r1", Pool: load.DefaultPool, State: load.StatePreparing, Generators: 1, Slices: max(1, int(rps/10)),
		Plan: load.Plan{
			Target: "http://127.0.0.1:1", Shape: load.Shape{Mode: load.ModeConstant, RPS: rps, Duration: length},
			Tasks: []load.Task{{Name: "browse", Weight: 1}}, Users: 1, MaxUsers: 1000, MaxLag: load.DefaultMaxLag,
			Timeout: time.Second, GracefulStop: 5 * time.Second,
		},
	}
	if change != nil {
		change(&run)
	}
	profile, err := load.NewProfile(run.Plan.Shape)
	require.NoError(t, err)
	b := &bench{t: t, bus: newFakeBus(), runner: runner, run: run, profile: profile, done: make(chan error, 1), scripts: make(chan Script, 8)}
	b.clock = &frozenClock{Clock: pacer.NewPlainClock()}
	s, err := newService(Config{Name: "g1", Pool: load.DefaultPool, Version: "test", MaxRate: maxRate}, Deps{
		Logger: slog.New(slog.NewTextHandler(&b.log, nil)), Runs: b.bus, Scenarios: b.bus, Tokens: b.bus, Events: b.bus, Registry: b.bus,
		Secrets: secrets{}, Seats: b.bus, Clock: b.bus,
		Compile: func(_ context.Context, s Script) (Runner, error) {
			b.scripts <- s
			return runner, nil
		},
	}, b.clock)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	b.cancel = cancel
	go func() { b.done <- s.Run(ctx) }()
	b.bus.runs <- run
	return b
}

// start sets the run going in 1.5 s.
func (b *bench) start() {
	b.run.State, b.run.T0 = load.StateRunning, time.Now().Add(busAhead+1500*time.Millisecond)
	b.bus.runs <- b.run
	time.Sleep(500 * time.Millisecond)
}

// publish delivers the tokens of a second, then waits for a second.
func (b *bench) publish(second int) {
	b.bus.deliver(false, b.profile.Tokens(b.run.ID, second, b.run.Slices, b.run.T0)...)
	time.Sleep(time.Second)
}

func (b *bench) end(state load.State) {
	b.run.State = state
	b.bus.runs <- b.run
	synctest.Wait()
}

// prepared returns what the generator says about its runs.
func (b *bench) prepared() map[string]load.Prepared {
	b.bus.mu.Lock()
	defer b.bus.mu.Unlock()
	return b.bus.statuses[len(b.bus.statuses)-1].Prepared
}

func (b *bench) acked() int {
	b.bus.mu.Lock()
	defer b.bus.mu.Unlock()
	return len(b.bus.acks)
}

func (b *bench) refuse(yes bool) {
	b.bus.mu.Lock()
	defer b.bus.mu.Unlock()
	b.bus.refuse = yes
}

// leave ends the generator and waits for it.
func (b *bench) leave() {
	b.cancel()
	require.NoError(b.t, <-b.done)
}

// totals adds up all events.
type totals struct {
	started, dropped, iterations, requests, failed, final int64
	setupStarted, setupFailed                             int64
	lags                                                  int64
	reasons                                               map[load.DropReason]int64
	errors                                                map[string]int64
}

func (b *bench) totals() totals {
	b.t.Helper()
	b.bus.mu.Lock()
	defer b.bus.mu.Unlock()
	sum := totals{reasons: map[load.DropReason]int64{}, errors: map[string]int64{}}
	for i, e := range b.bus.events {
		require.EqualValues(b.t, i+1, e.Seq, "no gap")
		for _, tk := range e.Tokens {
			sum.started += tk.Started
			sum.dropped += tk.Dropped
			if tk.Dropped > 0 {
				sum.reasons[tk.Reason] += tk.Dropped
			}
			if tk.Final {
				sum.final++
			}
		}
		for _, task := range e.Tasks {
			sum.iterations += task.Iterations
			sum.requests += task.Requests
			sum.failed += task.Failed
			for class, n := range task.Errors {
				sum.errors[class] += n
			}
		}
		require.LessOrEqual(b.t, sum.iterations, sum.started, "completed before it was started")
		sum.lags += e.Lag.Count
		sum.setupStarted += e.Setup.Started
		sum.setupFailed += e.Setup.Failed
	}
	return sum
}

// eachOnce requires that exactly the iterations 0 to n − 1 ran, once each.
func (b *bench) eachOnce(n int64) {
	b.t.Helper()
	want := map[int64]int{}
	for k := range n {
		want[k] = 1
	}
	b.runner.mu.Lock()
	defer b.runner.mu.Unlock()
	require.True(b.t, maps.Equal(want, b.runner.ran), "%d of %d iterations ran", len(b.runner.ran), n)
}

func TestRunIsExact(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 200, 3*time.Second, &fakeRunner{hasStart: true}, nil)
		synctest.Wait()
		require.Equal(t, map[string]load.Prepared{"r1": {Users: 1}}, b.prepared())
		b.start()
		for second := range 3 {
			b.publish(second)
		}
		time.Sleep(3 * time.Second)
		require.Equal(t, 60, b.acked(), "tokens are acknowledged while the run is still open")
		b.end(load.StateDone)
		b.leave()
		b.eachOnce(600)
		require.Empty(t, b.log.String())
		sum := b.totals()
		require.EqualValues(t, 600, sum.started)
		require.EqualValues(t, 600, sum.iterations)
		require.EqualValues(t, 600, sum.lags)
		require.EqualValues(t, 60, sum.final)
		require.Zero(t, sum.dropped)
		require.Equal(t, b.runner.starts, b.runner.stops)
		require.True(t, b.bus.withdrawn)
		for id, n := range b.bus.acks {
			require.Equal(t, 1, n, id)
		}
	})
}

// A generator that leaves in the middle of a second gives back whole tokens, and runs the others to their end.
func TestLeavingLosesNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 200, 4*time.Second, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.publish(1)
		b.bus.deliver(false, b.profile.Tokens(b.run.ID, 2, b.run.Slices, b.run.T0)...)
		time.Sleep(400 * time.Millisecond)
		b.leave()
		given := int64(0)
		for _, tk := range b.bus.naks {
			given += tk.Count
			for i := range tk.Count {
				require.Zero(t, b.runner.ran[tk.Arrival(i)], "iteration %d ran and was given back", tk.Arrival(i))
			}
		}
		sum := b.totals()
		require.EqualValues(t, 600, given+sum.started)
		require.Equal(t, sum.started, sum.iterations)
		require.Zero(t, sum.dropped)
		require.Len(t, b.bus.naks, 60-len(b.bus.acks))
	})
}

func TestStop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 200, 10*time.Second, &fakeRunner{}, nil)
		b.start()
		b.publish(0)
		b.publish(1)
		time.Sleep(250 * time.Millisecond) // second 1 is a quarter over
		b.run.State, b.run.StoppedAt = load.StateStopping, time.Now().Add(busAhead)
		b.bus.runs <- b.run
		time.Sleep(2 * time.Second)
		sum := b.totals()
		require.EqualValues(t, 200+50, sum.started, "all of second 0 and a quarter of second 1")
		require.EqualValues(t, 150, sum.reasons[load.DropStopped])
		b.end(load.StateDone)
		b.leave()
		require.Len(t, b.bus.acks, 40)
	})
}

func TestRedeliveredTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 10*time.Second, &fakeRunner{}, nil)
		b.start()
		tokens := b.profile.Tokens(b.run.ID, 0, b.run.Slices, b.run.T0)
		b.bus.deliver(false, tokens[:2]...)
		b.bus.deliver(true, tokens[0]) // held already: ignored
		b.bus.deliver(true, tokens[2]) // given back in time: runs
		time.Sleep(3 * time.Second)
		b.bus.deliver(true, tokens[3]) // its holder died: accounted for
		time.Sleep(3 * time.Second)
		b.end(load.StateDone)
		b.leave()
		sum := b.totals()
		require.EqualValues(t, 30, sum.started)
		require.Equal(t, map[load.DropReason]int64{load.DropLate: 10}, sum.reasons)
		require.EqualValues(t, 4, sum.final)
		require.Len(t, b.bus.acks, 4)
	})
}

func TestUsersThatCannotStart(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		broken := true
		runner := &fakeRunner{hasStart: true, onStart: func() scenario.Outcome {
			if broken {
				return scenario.Outcome{Failed: true, Class: "ConnectError", Message: "Traceback\nConnectError: no"}
			}
			return scenario.Outcome{}
		}}
		b := begin(t, 100, 5*time.Second, runner, func(r *load.Run) { r.Plan.Users = 4 })
		time.Sleep(5 * time.Second)
		require.Equal(t, load.Prepared{Error: "no user could start: ConnectError: no"}, b.prepared()["r1"])
		runner.mu.Lock()
		broken = false
		runner.mu.Unlock()
		time.Sleep(2 * time.Second)
		require.Positive(t, b.prepared()["r1"].Users)
		require.Empty(t, b.prepared()["r1"].Error)
		b.end(load.StateAborted)
		b.leave()
		require.Equal(t, 4, runner.stops, "on_stop of each started user, and of no other")
	})
}

// Iterations that outlive the graceful stop are cut off and not reported as completed.
func TestIterationsThatHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		runner := &fakeRunner{onTask: func(ctx context.Context, k int64) scenario.Outcome {
			if k%10 == 0 {
				<-ctx.Done()
				return scenario.Outcome{Failed: true, Class: "CancelledError"}
			}
			return scenario.Outcome{}
		}}
		b := begin(t, 100, time.Second, runner, nil)
		b.start()
		b.publish(0)
		time.Sleep(8 * time.Second)
		b.end(load.StateDone)
		b.leave()
		sum := b.totals()
		require.EqualValues(t, 100, sum.started)
		require.EqualValues(t, 90, sum.iterations)
		require.Zero(t, sum.requests, "they had asked for nothing")
	})
}

// Two runs share a generator and do not see each other.
func TestRunsAreIsolated(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, 2*time.Second, &fakeRunner{}, nil)
		other := b.run
		other.ID, other.Pool = "r2", "elsewhere"
		b.bus.runs <- other
		other.ID, other.Pool = "r3", b.run.Pool
		b.bus.runs <- other
		synctest.Wait()
		require.Equal(t, map[string]load.Prepared{"r1": {Users: 1}, "r3": {Users: 1}}, b.prepared())
		other.State = load.StateAborted
		b.bus.runs <- other
		b.start()
		b.publish(0)
		b.publish(1)
		time.Sleep(3 * time.Second)
		b.end(load.StateDone)
		time.Sleep(2 * time.Second)
		require.Empty(t, b.prepared())
		b.leave()
		b.eachOnce(200)
	})
}

// A generator of half the rate that is asked for takes half of it although what it leaves waits for it in front of the
// queue: it does not waste its rate on what has expired meanwhile. In no second it starts more than twice its rate.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		from := time.Now()
		var mu sync.Mutex
		seconds := map[int]int{}
		runner := &fakeRunner{onTask: func(context.Context, int64) scenario.Outcome {
			mu.Lock()
			defer mu.Unlock()
			seconds[int(time.Since(from)/time.Second)]++
			return scenario.Outcome{}
		}}
		b := beginLimited(t, 50, 100, 60*time.Second, runner, nil)
		b.start()
		for second := range 60 {
			b.publish(second)
		}
		time.Sleep(10 * time.Second)
		b.end(load.StateDone)
		b.leave()
		sum := b.totals()
		require.InDelta(t, 60*50, sum.started, 4*50)
		require.Equal(t, map[load.DropReason]int64{load.DropLate: 6000 - sum.started}, sum.reasons)
		for second, n := range seconds {
			require.LessOrEqual(t, n, 100, "second %d", second)
		}
	})
}

func TestWatchEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := begin(t, 100, time.Second, &fakeRunner{}, nil)
		synctest.Wait()
		close(b.bus.runs)
		require.ErrorIs(t, <-b.done, errWatchEnded)
		b.cancel()
	})
}

package users

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const maxLag = 250 * time.Millisecond

// crew is users whose iterations, on_start and on_stop take the times given.
type crew struct {
	iteration, start, stop time.Duration
	startFails             func(attempt int) bool

	mu                        sync.Mutex
	made, starts, stops, runs int
	busy, mostBusy            int
	setups, mostSetups        int
	byUser                    map[int]int // iterations
	lags                      []time.Duration
	cut                       int
}

type user struct {
	number, attempts int
	running          bool
}

func (c *crew) NewUser() *user {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.made++
	return &user{number: c.made}
}

func (c *crew) NewWorker() Worker[*user] { return c }

func (c *crew) note(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f()
}

func (c *crew) Start(ctx context.Context, u *user) bool {
	c.note(func() { c.starts++; c.setups++; c.mostSetups = max(c.mostSetups, c.setups) })
	wait(ctx, c.start)
	c.note(func() { c.setups-- })
	u.attempts++
	return c.startFails == nil || !c.startFails(u.attempts)
}

func (c *crew) Stop(ctx context.Context, _ *user, started bool) {
	if started {
		c.note(func() { c.stops++ })
		wait(ctx, c.stop)
	}
}

func (c *crew) Ready(*user, pacer.Arrival) bool { return false }

func (c *crew) Run(ctx context.Context, _ *strand.Strand, u *user, a pacer.Arrival, called time.Duration) {
	c.note(func() {
		c.runs++
		c.busy++
		c.mostBusy = max(c.mostBusy, c.busy)
		if c.byUser == nil {
			c.byUser = map[int]int{}
		}
		c.byUser[u.number]++
		c.lags = append(c.lags, called-a.Due)
		if u.running {
			panic("a user runs one iteration at a time")
		}
	})
	u.running = true
	wait(ctx, c.iteration)
	u.running = false
	c.note(func() {
		c.busy--
		if ctx.Err() != nil {
			c.cut++
		}
	})
}

func wait(ctx context.Context, d time.Duration) {
	if d == 0 {
		return
	}
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// bench drives a pool in virtual time.
type bench struct {
	*Pool[*user]

	crew  *crew
	clock pacer.Clock
	token *pacer.Token
	next  int64
	cut   context.CancelFunc
}

func newBench(t *testing.T, c *crew, limit int, hasStart bool) *bench {
	t.Helper()
	p, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Second})
	require.NoError(t, err)
	b := &bench{crew: c, clock: pacer.NewPlainClock()}
	b.token = pacer.NewToken(load.Token{Slices: 1, Count: 1_000_000}, &pacer.Lane{Profile: &p, MaxLag: maxLag}, 0)
	ctx, cancel := context.WithCancel(t.Context())
	b.cut = cancel
	b.Pool = New(ctx, Config{Max: limit, MaxLag: maxLag, HasStart: hasStart, Clock: b.clock}, c)
	return b
}

// arrive hands n arrivals over that are due now.
func (b *bench) arrive(n int) { b.arriveLate(n, 0) }

// arriveLate hands n arrivals over that were due some time ago.
func (b *bench) arriveLate(n int, late time.Duration) {
	batch := make([]pacer.Arrival, n)
	for i := range batch {
		batch[i] = pacer.Arrival{Number: b.next, Due: b.clock.Now() - late, Token: b.token}
		b.next++
	}
	b.Arrive(batch)
}

// pass lets time go by with a tick each 50 ms.
func (b *bench) pass(d time.Duration) {
	for ; d > 0; d -= 50 * time.Millisecond {
		time.Sleep(50 * time.Millisecond)
		b.Tick()
	}
	synctest.Wait()
}

func TestOneUserServesWhatOneUserCan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: 5 * time.Millisecond}, 100, false)
		for range 100 {
			b.arrive(1)
			time.Sleep(10 * time.Millisecond)
		}
		require.Equal(t, Counts{Users: 1}, b.Counts())
		require.Equal(t, pacer.Tally{Started: 100}, b.token.Tally())
		b.Close()
		require.Equal(t, map[int]int{1: 100}, b.crew.byUser)
		require.Equal(t, 1, b.crew.stops)
	})
}

// Arrivals do not wait for answers: with iterations of 1 s, 10 arrivals at once need 10 users.
func TestPoolGrows(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: time.Second}, 100, false)
		for range 5 {
			b.arrive(10)
			synctest.Wait()
		}
		require.Equal(t, Counts{Users: 50, InFlight: 50}, b.Counts())
		b.pass(2 * time.Second)
		b.arrive(1)
		synctest.Wait()
		b.Close()
		require.Equal(t, 50, b.crew.made)
		require.Equal(t, 51, b.crew.runs)
		for _, lag := range b.crew.lags {
			require.Zero(t, lag)
		}
	})
}

// 10 users of 2 s, 100 arrivals at once: 10 start, 90 wait 250 ms in vain. Those that come while the users finish wait and
// are served: 10 arrivals 100 ms before the end start 100 ms late.
func TestPastTheMaximum(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: 2 * time.Second}, 10, false)
		b.arrive(100)
		b.pass(1900 * time.Millisecond)
		require.Equal(t, pacer.Tally{Started: 10, NoUser: 90}, b.token.Tally())
		b.arrive(10)
		b.pass(3 * time.Second)
		require.Equal(t, pacer.Tally{Started: 20, NoUser: 90}, b.token.Tally())
		require.Equal(t, 100*time.Millisecond, b.crew.lags[19])
		b.Close()
		require.Equal(t, 10, b.crew.mostBusy)
	})
}

// What has waited too long is never started, even if a user becomes free before the tick that drops it.
func TestNoCatchUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: time.Second}, 1, false)
		b.arrive(1)
		time.Sleep(749 * time.Millisecond)
		b.arrive(5) // 251 ms before the user is free
		time.Sleep(10 * time.Millisecond)
		b.arrive(5) // 241 ms before: one is served
		time.Sleep(time.Second)
		require.Equal(t, pacer.Tally{Started: 2, NoUser: 5}, b.token.Tally())
		b.pass(time.Second)
		require.Equal(t, pacer.Tally{Started: 2, NoUser: 9}, b.token.Tally())
		b.Close()
	})
}

func TestLateArrivalsAreCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{}, 1, false)
		time.Sleep(time.Second)
		b.Arrive([]pacer.Arrival{{Late: true, Token: b.token}, {Due: b.clock.Now(), Token: b.token}, {Due: time.Millisecond, Token: b.token}})
		synctest.Wait()
		b.Tick()
		require.Equal(t, int64(1), b.token.Tally().Started)
		require.Equal(t, int64(2), b.token.Tally().Late+b.token.Tally().NoUser)
		b.Close()
	})
}

func TestNewUsersRunOnStartFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{start: 100 * time.Millisecond, iteration: time.Second}, 100, true)
		b.Grow(2)
		synctest.Wait()
		require.Equal(t, Counts{Settling: 2}, b.Counts())
		time.Sleep(100 * time.Millisecond)
		synctest.Wait()
		<-b.Changed()
		require.Equal(t, Counts{Users: 2}, b.Counts())
		b.arrive(5)
		b.pass(100 * time.Millisecond)
		require.Equal(t, Counts{Users: 5, InFlight: 5}, b.Counts())
		require.Equal(t, []time.Duration{0, 0, 100 * time.Millisecond, 100 * time.Millisecond, 100 * time.Millisecond}, b.crew.lags)
		b.Close()
		require.Equal(t, 5, b.crew.starts)
		require.Equal(t, 5, b.crew.stops)
	})
}

// A slow on_start does not make more users than there are arrivals waiting for one.
func TestGrowthFollowsDemand(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{start: 10 * time.Second}, 1000, true)
		for range 20 {
			b.arrive(1)
			b.pass(50 * time.Millisecond)
		}
		require.LessOrEqual(t, b.crew.starts, 7, "arrivals wait 250 ms, so at most six wait at a time")
		b.cut()
		b.Close()
	})
}

func TestFailedUsersAreTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{startFails: func(attempt int) bool { return attempt < 3 }}, 10, true)
		b.Grow(4)
		synctest.Wait()
		require.Equal(t, Counts{Failed: 4, Failures: 4}, b.Counts())
		b.pass(retryDelay + 100*time.Millisecond)
		require.Equal(t, Counts{Failed: 4, Failures: 8}, b.Counts())
		b.pass(retryDelay + 100*time.Millisecond)
		require.Equal(t, Counts{Users: 4, Failures: 8}, b.Counts())
		require.Equal(t, 4, b.crew.made)
		b.Close()
	})
}

func TestCloseStopsWhoWasStarted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: time.Second, stop: time.Second, startFails: func(int) bool { return false }}, 1000, true)
		b.Grow(600)
		synctest.Wait()
		require.LessOrEqual(t, b.crew.mostSetups, maxSetups)
		b.arrive(300)
		from := time.Now()
		time.AfterFunc(2500*time.Millisecond, func() {
			require.Equal(t, 88, b.Counts().Users, "they count until their on_stop is over")
		})
		b.Close()
		require.Equal(t, 600, b.crew.stops)
		require.Equal(t, 300, b.crew.runs)
		require.Equal(t, 3*time.Second, time.Since(from), "256 + 256 + 88, one second each; the busy ones are free in the first")
		require.Equal(t, Counts{}, b.Counts())
		b.arrive(3)
		require.Equal(t, pacer.Tally{Started: 300, Cancelled: 3}, b.token.Tally())
	})
}

func TestTheEndOfTheContextCutsOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: time.Hour}, 100, false)
		b.arrive(10)
		synctest.Wait()
		time.AfterFunc(5*time.Second, b.cut)
		from := time.Now()
		b.Close()
		require.Equal(t, 5*time.Second, time.Since(from))
		require.Equal(t, 10, b.crew.cut)
	})
}

// Workers that a peak needed go when it is over, some at a time.
func TestWorkersGo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, &crew{iteration: 100 * time.Millisecond}, 1000, false)
		for range 5 {
			b.arrive(100)
			time.Sleep(10 * time.Millisecond)
		}
		b.pass(200 * time.Millisecond)
		require.Greater(t, len(b.bench), 300)
		for range 80 {
			b.arrive(2)
			b.pass(150 * time.Millisecond)
		}
		require.Equal(t, 500, b.Counts().Users)
		require.LessOrEqual(t, len(b.bench), 2)
		b.Close()
	})
}

// A thousand overdue arrivals, after this process stood still, are served by users that are free again soon; if none is, the pool grows
// for all of them in a tenth of a second.
func TestGrowthIsSteady(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		iteration time.Duration
		users     int
	}{{time.Millisecond, growBurst}, {time.Hour, 1020}} {
		t.Run(tt.iteration.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &crew{iteration: tt.iteration}, 5000, false)
				time.Sleep(time.Second)
				b.arriveLate(1000, 2*overdue)
				synctest.Wait()
				require.Equal(t, growBurst, b.Counts().Users)
				time.Sleep(20 * time.Millisecond)
				for range 20 {
					time.Sleep(5 * time.Millisecond)
					b.arrive(1)
				}
				synctest.Wait()
				require.Equal(t, pacer.Tally{Started: 1020}, b.token.Tally())
				require.Equal(t, tt.users, b.Counts().Users)
				b.cut()
				b.Close()
			})
		})
	}
}

// However high the rate, a target that stalls gets all that is due while it does: nobody waits for a user as long as there may be
// more, also when this process stood still just before.
func TestStallAtHighRates(t *testing.T) {
	t.Parallel()
	const stall = 100 * time.Millisecond
	for _, standstill := range []time.Duration{0, 20 * time.Millisecond} {
		t.Run(standstill.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, &crew{iteration: stall}, 10_000, false)
				time.Sleep(time.Second)
				b.arriveLate(int(50*standstill.Milliseconds()), standstill)
				for range 100 {
					b.arrive(50) // 50,000 a second
					time.Sleep(time.Millisecond)
				}
				synctest.Wait()
				overdueThen := int(50 * standstill.Milliseconds())
				require.Equal(t, 5000+overdueThen, b.crew.runs, "none waits any more")
				require.GreaterOrEqual(t, b.Counts().Users, 5000)
				b.cut()
				b.Close()
			})
		})
	}
}

func TestRingKeepsOrder(t *testing.T) {
	t.Parallel()
	var r ring
	in, out := int64(0), int64(0)
	for round := range 1000 {
		for range round % 17 {
			r.push(pacer.Arrival{Number: in})
			in++
		}
		for range min(r.n, round%13) {
			require.Equal(t, out, r.first().Number)
			require.Equal(t, out, r.pop().Number)
			out++
		}
	}
	require.EqualValues(t, in-out, r.n)
}

func TestStartStop(t *testing.T) {
	t.Parallel()
	for range 200 {
		b := newBench(t, &crew{}, 50, true)
		var wg sync.WaitGroup
		wg.Go(func() { b.Grow(20) })
		wg.Go(func() { b.arrive(30) })
		wg.Go(func() { b.Tick() })
		wg.Go(b.cut)
		wg.Wait()
		b.Close()
		b.Tick()
		require.Equal(t, int64(30), b.token.Tally().Started+b.token.Tally().Cancelled)
		require.Zero(t, b.Counts().InFlight)
	}
}

// idleCrew does nothing.
type idleCrew struct{ done chan struct{} }

func (c idleCrew) NewUser() int                    { return 0 }
func (c idleCrew) Ready(int, pacer.Arrival) bool   { return false }
func (c idleCrew) NewWorker() Worker[int]          { return c }
func (c idleCrew) Start(context.Context, int) bool { return true }
func (c idleCrew) Stop(context.Context, int, bool) {}

func (c idleCrew) Run(context.Context, *strand.Strand, int, pacer.Arrival, time.Duration) {
	c.done <- struct{}{}
}

// BenchmarkIteration hands an arrival to an idle user and waits until it ran.
func BenchmarkIteration(b *testing.B) {
	clock := pacer.NewPlainClock()
	p, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Second})
	require.NoError(b, err)
	token := pacer.NewToken(load.Token{Slices: 1, Count: 1 << 40}, &pacer.Lane{Profile: &p, MaxLag: maxLag}, 0)
	done := make(chan struct{})
	pool := New(b.Context(), Config{Max: 10, MaxLag: time.Hour, Clock: clock}, Crew[int](idleCrew{done}))
	batch := make([]pacer.Arrival, 1)
	b.ReportAllocs()
	for b.Loop() {
		batch[0] = pacer.Arrival{Due: clock.Now(), Token: token}
		pool.Arrive(batch)
		<-done
	}
	pool.Close()
}

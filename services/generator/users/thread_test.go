package users

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// weavers are users whose iterations are fit for strands. Those that are told to hold leave theirs and wait.
type weavers struct {
	made, ran, woven, held atomic.Int64

	hold atomic.Bool
	free chan struct{} // closed when those that hold may go
}

func (w *weavers) NewUser() int                    { return int(w.made.Add(1)) }
func (w *weavers) Ready(int, pacer.Arrival) bool   { return true }
func (w *weavers) NewWorker() Worker[int]          { return w }
func (w *weavers) Start(context.Context, int) bool { return true }
func (w *weavers) Stop(context.Context, int, bool) {}

func (w *weavers) Run(_ context.Context, s *strand.Strand, _ int, _ pacer.Arrival, _ time.Duration) {
	if s.OnLoop() {
		w.woven.Add(1)
	}
	if w.hold.Load() {
		s.Leave()
		w.held.Add(1)
		<-w.free
	}
	w.ran.Add(1)
}

// A pool with a loop runs the iterations of users that exist in strands, adds users when those it has are busy, and loses none.
func TestIterationsRunInStrands(t *testing.T) {
	t.Parallel()
	clock := pacer.NewClock()
	loop, alarm := strand.New(clock.Alarm(), clock)
	if loop == nil {
		alarm.Close()
		t.Skip("there are no strands on this platform")
	}
	var ended atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !ended.Load() {
			alarm.Wait(clock.Now() + time.Hour)
		}
		alarm.Close()
	})
	defer wg.Wait()
	defer alarm.Ring()
	defer ended.Store(true)

	const users, rounds = 40, 50
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Second})
	require.NoError(t, err)
	settled := make(chan struct{})
	lane := &pacer.Lane{Profile: &profile, MaxLag: time.Hour, Settled: func() { close(settled) }}
	token := pacer.NewToken(load.Token{Slices: 1, Count: users * (rounds + 2)}, lane, 0)
	w := &weavers{free: make(chan struct{})}
	pool := New(t.Context(), Config{Max: users, MaxLag: time.Hour, Clock: clock, Loop: loop}, Crew[int](w))
	arrive := func() {
		batch := make([]pacer.Arrival, users)
		for i := range batch {
			batch[i] = pacer.Arrival{Due: clock.Now(), Token: token}
		}
		done := make(chan struct{})
		loop.Idle(func() { defer close(done); pool.Arrive(batch) }) // where the pacer does it
		<-done
	}
	eventually := func(what string, reached func() bool) {
		require.Eventually(t, reached, 30*time.Second, time.Millisecond, what)
	}

	w.hold.Store(true)
	arrive()
	eventually("as many users as arrivals", func() bool { return w.held.Load() == users })
	require.EqualValues(t, users, w.made.Load())
	require.Zero(t, w.woven.Load(), "users are made by workers")
	w.hold.Store(false)
	close(w.free)
	eventually("all are idle", func() bool { return pool.Counts().InFlight == 0 })
	for i := range rounds {
		arrive()
		eventually("all ran", func() bool { return w.ran.Load() == int64(users*(i+2)) && pool.Counts().InFlight == 0 })
	}
	require.EqualValues(t, users*rounds, w.woven.Load(), "all of them in strands")

	w.free = make(chan struct{})
	w.hold.Store(true)
	arrive()
	eventually("all have left", func() bool { return w.held.Load() == 2*users })
	closed := make(chan struct{})
	go func() { defer close(closed); pool.Close() }()
	close(w.free)
	<-closed
	<-settled
	require.EqualValues(t, users*(rounds+2), token.Tally().Started)
	require.EqualValues(t, users, w.made.Load())
	require.Equal(t, Counts{}, pool.Counts())
}

// A loop that has much to do begins a few iterations and looks for answers before it begins more: what is due waits for the loop and not
// for a user, and is dropped as late if that takes too long.
func TestFewIterationsBeginAtOnce(t *testing.T) {
	t.Parallel()
	clock := pacer.NewClock()
	loop, alarm := strand.New(clock.Alarm(), clock)
	if loop == nil {
		alarm.Close()
		t.Skip("there are no strands on this platform")
	}
	defer alarm.Close()
	const users = 5 * atOnce
	token, _ := newToken(t, users+2)
	w := &weavers{}
	pool := New(t.Context(), Config{Max: users, MaxLag: time.Hour, Clock: clock, Loop: loop}, Crew[int](w))
	pool.Grow(users)
	require.Eventually(t, func() bool { return pool.Counts().Users == users }, 30*time.Second, time.Millisecond)

	batch := make([]pacer.Arrival, users)
	for i := range batch {
		batch[i] = pacer.Arrival{Due: clock.Now(), Token: token}
	}
	pool.Arrive(batch)
	require.Equal(t, atOnce, pool.Counts().InFlight)
	require.Equal(t, users-atOnce, waiting(pool))
	for pool.Counts().InFlight > 0 || waiting(pool) > 0 {
		alarm.Wait(clock.Now())
	}
	require.EqualValues(t, users, w.woven.Load())
	require.Equal(t, users, pool.Counts().Users, "none was added")

	pool.asked = true // and the loop does not come to it
	pool.Arrive([]pacer.Arrival{{Due: clock.Now() - 2*time.Hour, Token: token}, {Due: clock.Now(), Token: token}})
	pool.Tick() // does
	for pool.Counts().InFlight > 0 {
		alarm.Wait(clock.Now())
	}
	require.Equal(t, pacer.Tally{Started: users + 1, Late: 1}, token.Tally())
	pool.Close()
}

// What piled up for a loop that cannot keep up adds users as slowly as after a standstill when workers take over.
func TestWorkersThatTakeOverOpenNoStorm(t *testing.T) {
	t.Parallel()
	if runtime.NumCPU() == 1 {
		t.Skip("on one processor workers never take over")
	}
	clock := pacer.NewClock()
	loop, alarm := strand.New(clock.Alarm(), clock)
	if loop == nil {
		alarm.Close()
		t.Skip("there are no strands on this platform")
	}
	defer alarm.Close()
	const users, batches, each = 40, lateBatches, 200
	token, _ := newToken(t, batches*each)
	w := &weavers{free: make(chan struct{})}
	w.hold.Store(true)
	pool := New(t.Context(), Config{Max: 10_000, MaxLag: time.Hour, Clock: clock, Loop: loop}, Crew[int](w))
	pool.Grow(users)
	require.Eventually(t, func() bool { return pool.Counts().Users == users }, 30*time.Second, time.Millisecond)
	for range batches {
		batch := make([]pacer.Arrival, each)
		for i := range batch {
			batch[i] = pacer.Arrival{Due: clock.Now() - behind - time.Millisecond, Token: token}
		}
		pool.Arrive(batch)
	}
	require.LessOrEqual(t, pool.Counts().Users, users+each+growBurst+1, "those of the last batch, and a burst")
	close(w.free)
	for waiting(pool) > 0 || pool.Counts().InFlight > 0 {
		alarm.Wait(clock.Now())
		pool.Tick()
	}
	pool.Close()
	require.EqualValues(t, batches*each, token.Tally().Started)
}

// Whether an arrival is dropped for want of a user or of time does not depend on whether there is a loop.
func TestDropReasonsInStrands(t *testing.T) {
	t.Parallel()
	clock := pacer.NewClock()
	loop, alarm := strand.New(clock.Alarm(), clock)
	if loop == nil {
		alarm.Close()
		t.Skip("there are no strands on this platform")
	}
	defer alarm.Close()
	arrivals := func(token *pacer.Token, n int, due time.Duration) []pacer.Arrival {
		batch := make([]pacer.Arrival, n)
		for i := range batch {
			batch[i] = pacer.Arrival{Due: due, Token: token}
		}
		return batch
	}
	const maxLag = time.Minute

	token, lane := newToken(t, 12)
	lane.MaxLag = maxLag
	w := &weavers{free: make(chan struct{})}
	w.hold.Store(true)
	pool := New(t.Context(), Config{Max: 1, MaxLag: maxLag, Clock: clock, Loop: loop}, Crew[int](w))
	pool.Grow(1)
	require.Eventually(t, func() bool { return pool.Counts().Users == 1 }, 30*time.Second, time.Millisecond)
	pool.Arrive(arrivals(token, 1, clock.Now()))
	for w.held.Load() == 0 {
		alarm.Wait(clock.Now())
	}
	pool.Arrive(arrivals(token, 10, clock.Now()-maxLag+time.Second)) // for whom there is no user …
	alarm.Wait(clock.Now())                                          // … as the loop finds
	pool.Arrive(arrivals(token, 1, clock.Now()))
	pool.mu.Lock()
	pool.expire(clock.Now() + 2*time.Second)
	pool.mu.Unlock()
	require.Equal(t, pacer.Tally{Started: 1, NoUser: 10}, token.Tally())
	close(w.free)
	pool.Close()

	token, lane = newToken(t, 10)
	lane.MaxLag = maxLag
	pool = New(t.Context(), Config{Max: 10, MaxLag: maxLag, Clock: clock, Loop: loop}, Crew[int](&weavers{}))
	pool.Arrive(arrivals(token, 10, clock.Now()-maxLag+time.Second))
	pool.mu.Lock()
	pool.expire(clock.Now() + 2*time.Second) // the loop stood still
	pool.mu.Unlock()
	require.Equal(t, pacer.Tally{Late: 10}, token.Tally())
	alarm.Wait(clock.Now())
	pool.Close()
}

// waiting returns how many arrivals wait.
func waiting(p *Pool[int]) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.waiting.n
}

// newToken returns a token of so many arrivals, and its lane.
func newToken(t *testing.T, count int64) (*pacer.Token, *pacer.Lane) {
	t.Helper()
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Second})
	require.NoError(t, err)
	lane := &pacer.Lane{Profile: &profile, MaxLag: time.Hour}
	return pacer.NewToken(load.Token{Slices: 1, Count: count}, lane, 0), lane
}

// What waits is counted as punctual only while it waits, or else a standstill after a long time would add a user for each arrival.
func TestPunctualArrivalsThatWereServedAddNoUsers(t *testing.T) {
	t.Parallel()
	clock := pacer.NewPlainClock()
	w := &weavers{}
	pool := New(t.Context(), Config{Max: 10, MaxLag: time.Hour, Clock: clock}, Crew[int](w))
	token, _ := newToken(t, 1000)
	for range 100 {
		pool.Arrive([]pacer.Arrival{{Due: clock.Now(), Token: token}})
		require.Eventually(t, func() bool { return pool.Counts().InFlight == 0 }, 30*time.Second, time.Microsecond)
	}
	require.Zero(t, pool.punctual)
	pool.Close()
}

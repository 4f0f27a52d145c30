package pacer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sink keeps what arrives, with the instant at which it did.
type sink struct {
	clock Clock

	mu       sync.Mutex
	arrivals []Arrival
	at       []time.Duration
}

func (s *sink) Arrive(batch []Arrival) {
	now := s.clock.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range batch {
		a.Token.Start()
		s.arrivals = append(s.arrivals, a)
		s.at = append(s.at, now)
	}
}

func (s *sink) sofar() []Arrival {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.arrivals)
}

// newLane returns a lane of a constant rate.
func newLane(tb testing.TB, clock Clock, rps float64, length time.Duration) (*Lane, *sink) {
	tb.Helper()
	p, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: rps, Duration: length})
	require.NoError(tb, err)
	s := &sink{clock: clock}
	return &Lane{Profile: &p, MaxLag: 250 * time.Millisecond, Sink: s}, s
}

// tokens returns the tokens of a second of a lane whose second 0 starts at the instant start.
func tokens(l *Lane, second, slices int, start time.Duration) []*Token {
	var out []*Token
	for _, t := range l.Profile.Tokens("r", second, slices, time.Time{}) {
		out = append(out, NewToken(t, l, start+time.Duration(second)*time.Second))
	}
	return out
}

// begin runs a pacer in virtual time.
func begin(t *testing.T) (p *Pacer, stop func()) {
	t.Helper()
	clock := NewPlainClock()
	p = New(clock, clock.Alarm())
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.Run(ctx)
	}()
	return p, func() { cancel(); <-done }
}

// In virtual time nothing is late, so every arrival must come at its due time: rps · length of them, in the order of their
// numbers, however the second is cut.
func TestEveryRate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		rps    float64
		slices int
		length time.Duration
	}{
		{1, 1, 3 * time.Second},
		{7, 3, 3 * time.Second},
		{200, 32, 3 * time.Second},
		{1_000, 35, 2 * time.Second},
		{10_000, 101, time.Second},
		{100_000, 1001, time.Second},
	} {
		t.Run(fmt.Sprintf("%v rps in %d slices", tt.rps, tt.slices), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				p, stop := begin(t)
				lane, sink := newLane(t, p.clock, tt.rps, tt.length)
				for second := range lane.Profile.Seconds() {
					all := tokens(lane, second, tt.slices, time.Second)
					slices.Reverse(all) // the order in which tokens come does not matter
					for _, tk := range all {
						p.Add(tk)
					}
				}
				time.Sleep(5 * time.Second)
				stop()
				require.Len(t, sink.arrivals, int(tt.rps*tt.length.Seconds()))
				for i, a := range sink.arrivals {
					due := time.Second + lane.Profile.Due(int64(i))
					if a.Number != int64(i) || a.Due != due || sink.at[i] != due || a.Late {
						t.Fatalf("arrival %d, due at %v: %+v handed over at %v", i, due, a, sink.at[i])
					}
				}
			})
		})
	}
}

func TestRunsShareThePacer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		one, first := newLane(t, p.clock, 100, time.Second)
		two, second := newLane(t, p.clock, 300, time.Second)
		for _, tk := range slices.Concat(tokens(one, 0, 7, time.Second), tokens(two, 0, 8, time.Second)) {
			p.Add(tk)
		}
		time.Sleep(3 * time.Second)
		stop()
		require.Len(t, first.arrivals, 100)
		require.Len(t, second.arrivals, 300)
		for _, s := range []*sink{first, second} {
			for i, a := range s.arrivals {
				require.EqualValues(t, i, a.Number)
				require.Equal(t, a.Due, s.at[i])
			}
		}
	})
}

// A token that comes while the pacer waits for a later one is paced as if it had come first.
func TestEarlierTokenInterrupts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		lane, sink := newLane(t, p.clock, 10, 100*time.Second)
		p.Add(tokens(lane, 0, 1, time.Hour)[0])
		synctest.Wait()
		p.Add(tokens(lane, 0, 1, time.Second)[0])
		time.Sleep(2 * time.Second)
		stop()
		require.Len(t, sink.arrivals, 10)
		require.Equal(t, time.Second+50*time.Millisecond, sink.at[0])
	})
}

// A token that comes 600 ms into its second of 10 arrivals, due at 50, 150, …, 950 ms, is late for those due more than
// 250 ms ago: 50 to 250 and 350 is exactly in time, 250 ms late.
func TestLateTokens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		lane, sink := newLane(t, p.clock, 10, time.Second)
		time.Sleep(600 * time.Millisecond)
		tk := tokens(lane, 0, 1, 0)[0]
		require.EqualValues(t, 7, tk.InTime(600*time.Millisecond))
		p.Add(tk)
		synctest.Wait()
		sofar := sink.sofar()
		require.Len(t, sofar, 6)
		for i, a := range sofar {
			require.Equal(t, i < 3, a.Late, "arrival %d", i)
		}
		time.Sleep(time.Second)
		stop()
		require.Len(t, sink.arrivals, 10)
	})
}

func TestCut(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		lane, sink := newLane(t, p.clock, 100, 2*time.Second)
		other, rest := newLane(t, p.clock, 10, time.Second)
		settled := 0
		lane.Settled = func() { settled++ }
		all := slices.Concat(tokens(lane, 0, 7, 0), tokens(lane, 1, 7, 0))
		for _, tk := range append(all, tokens(other, 0, 1, 0)...) {
			p.Add(tk)
		}
		time.Sleep(405 * time.Millisecond)
		p.Cut(lane, 700*time.Millisecond)
		time.Sleep(2 * time.Second)
		stop()
		require.Len(t, sink.arrivals, 70)
		require.Len(t, rest.arrivals, 10)
		var started, cancelled int64
		for _, tk := range all {
			require.True(t, tk.Settled())
			started += tk.Tally().Started
			cancelled += tk.Tally().Cancelled
		}
		require.EqualValues(t, 70, started)
		require.EqualValues(t, 130, cancelled)
		require.Equal(t, len(all), settled)
	})
}

func TestUntouched(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		lane, sink := newLane(t, p.clock, 100, 2*time.Second)
		for _, tk := range slices.Concat(tokens(lane, 0, 10, 0), tokens(lane, 1, 10, 0)) {
			p.Add(tk)
		}
		// Slices 0 to 4 of second 0 have begun: arrivals 0 to 4 are due at 5, 15, …, 45 ms.
		time.Sleep(46 * time.Millisecond)
		given := p.Untouched(lane)
		slices.SortFunc(given, func(a, b *Token) int { return cmp.Compare(a.First, b.First) })
		require.Len(t, given, 15)
		require.EqualValues(t, 5, given[0].First)
		time.Sleep(3 * time.Second)
		stop()
		require.Len(t, sink.arrivals, 50)
	})
}

func TestStartStop(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	lane, _ := newLane(t, clock, 1000, time.Second)
	for range 100 {
		p := New(clock, clock.Alarm())
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() { p.Run(ctx) })
		wg.Go(func() {
			for _, tk := range tokens(lane, 0, 3, clock.Now()) {
				p.Add(tk)
			}
			cancel()
		})
		wg.Wait()
	}
}

// The platform's alarm never wakes early by itself, and hears each ring, however it falls.
func TestAlarm(t *testing.T) {
	t.Parallel()
	clock := NewClock()
	require.Less(t, clock.Now()-clock.At(time.Now()), time.Duration(1), "both count from one epoch")
	for name, alarm := range map[string]Alarm{"platform": clock.Alarm(), "plain": NewPlainAlarm(clock)} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 50 {
				until := clock.Now() + 300*time.Microsecond
				alarm.Wait(until)
				require.GreaterOrEqual(t, clock.Now(), until)
			}
			alarm.Ring()
			alarm.Wait(never)
			rounds := make(chan struct{})
			var wg sync.WaitGroup
			wg.Go(func() {
				for range rounds {
					alarm.Wait(never)
				}
			})
			for range 2000 {
				rounds <- struct{}{}
				alarm.Ring()
			}
			close(rounds)
			wg.Wait()
			alarm.Close()
			alarm.Ring()
		})
	}
}

// Of a run that was paused and then given another rate the pacer knows the tokens alone: no arrival in the pause, then each at its
// place between those around it, and those of the plan again.
func TestChangedRate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p, stop := begin(t)
		lane, sink := newLane(t, p.clock, 10, 5*time.Second)
		changed := lane.Profile.With([]load.Change{
			{Second: 1, Kind: load.ChangePause}, {Second: 2, Kind: load.ChangeRate, RPS: 40}, {Second: 4, Kind: load.ChangeResume},
		})
		for second := range changed.Seconds() {
			for _, tk := range changed.Tokens("r", second, 7, time.Time{}) {
				p.Add(NewToken(tk, lane, time.Second+time.Duration(second)*time.Second))
			}
		}
		time.Sleep(8 * time.Second)
		stop()
		require.Len(t, sink.arrivals, 10+0+40+40+10)
		for i, a := range sink.arrivals {
			require.Equal(t, int64(i), a.Number)
			require.Equal(t, time.Second+changed.Due(a.Number), a.Due)
			require.Equal(t, a.Due, sink.at[i])
		}
		require.Equal(t, 3*time.Second+12_500*time.Microsecond, sink.arrivals[10].Due) // ½/40 s into second 2
	})
}

// BenchmarkHandOver is the work of one arrival: due time, heap and hand-over, without the waiting. 1,000 tokens are held.
func BenchmarkHandOver(b *testing.B) {
	clock := NewPlainClock()
	lane, _ := newLane(b, clock, 1_000_000, time.Second)
	var q queue
	refill := func() {
		for _, tk := range tokens(lane, 0, 1001, 0) {
			q.add(tk)
		}
	}
	batch := make([]Arrival, 0, maxBatch)
	handed := 0
	b.ReportAllocs()
	for handed < b.N {
		if len(q.heap) == 0 {
			b.StopTimer()
			refill()
			b.StartTimer()
		}
		batch, _ = q.take(time.Hour, maxBatch, batch[:0])
		handed += len(batch)
	}
}

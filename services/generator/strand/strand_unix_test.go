//go:build unix

package strand

import (
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bench is a loop with a goroutine that waits for it.
type bench struct {
	*Loop

	t *testing.T
}

func newBench(t *testing.T) *bench {
	t.Helper()
	clock := pacer.NewClock()
	l, alarm := New(clock.Alarm(), clock)
	if l == nil {
		alarm.Close()
		t.Skip("there are no strands on this platform")
	}
	var ended atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !ended.Load() {
			l.Wait(never)
		}
		l.Close()
	})
	t.Cleanup(func() {
		ended.Store(true)
		l.Ring()
		wg.Wait()
	})
	return &bench{Loop: l, t: t}
}

// run runs work in a strand and returns when it has returned.
func (b *bench) run(work func(*Strand)) {
	done := make(chan struct{})
	b.Post(func(s *Strand) {
		defer close(done)
		work(s)
	})
	<-done
}

// sockets returns two that are connected.
func (b *bench) sockets() (ours, theirs int) {
	b.t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	require.NoError(b.t, err)
	b.t.Cleanup(func() { unix.Close(pair[0]); unix.Close(pair[1]) })
	return pair[0], pair[1]
}

// read waits until there is something to read, up to the deadline.
func read(s *Strand, w *Watch, fd int, deadline time.Duration) (text string, inTime bool) {
	buf := make([]byte, 100)
	for {
		n, err := syscall.Read(fd, buf)
		switch {
		case err == nil:
			return string(buf[:n]), true
		case s.Loop().clock.Now() >= deadline:
			return "", false
		}
		s.Wait(w, deadline)
	}
}

// Strands wait beside each other, and each goes on when its socket says so, not in the order in which they began.
func TestStrandsWaitBesideEachOther(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const n = 100
	var ours, theirs [n]int
	for i := range n {
		ours[i], theirs[i] = b.sockets()
	}
	got := make(chan int, n)
	var begun sync.WaitGroup
	begun.Add(n)
	for i := range n {
		b.Post(func(s *Strand) {
			w, err := s.Loop().Watch(ours[i])
			if err != nil {
				t.Error(err)
			}
			begun.Done()
			for range 3 {
				if text, _ := read(s, w, ours[i], never); text != "go" {
					t.Errorf("%q", text)
				}
				got <- i
			}
		})
	}
	begun.Wait()
	for range 3 {
		for i := n - 1; i >= 0; i-- {
			_, err := syscall.Write(theirs[i], []byte("go"))
			require.NoError(t, err)
			require.Equal(t, i, <-got)
		}
	}
}

// Who waits in vain goes on at its deadline, whatever others wait for longer.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var wg sync.WaitGroup
	for i := range 20 {
		fd, _ := b.sockets()
		wg.Add(1)
		b.Post(func(s *Strand) {
			defer wg.Done()
			w, err := s.Loop().Watch(fd)
			if err != nil {
				t.Error(err)
			}
			deadline := b.clock.Now() + time.Duration(20-i)*time.Millisecond
			if _, inTime := read(s, w, fd, deadline); inTime || b.clock.Now() < deadline {
				t.Error("it went on before its deadline")
			}
		})
	}
	wg.Wait()
	b.run(func(*Strand) { require.Empty(t, b.waiting) })
}

// What is read of a socket is whether something has happened since, not before.
func TestQuiet(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fd, other := b.sockets()
	var w *Watch
	b.run(func(s *Strand) {
		var err error
		w, err = s.Loop().Watch(fd)
		require.NoError(t, err)
		require.False(t, w.Quiet(b.Loop), "the loop has not looked yet")
	})
	b.run(func(*Strand) { require.True(t, w.Quiet(b.Loop)) })
	_, err := syscall.Write(other, []byte("x"))
	require.NoError(t, err)
	b.run(func(s *Strand) {
		require.False(t, w.Quiet(b.Loop))
		text, _ := read(s, w, fd, never)
		require.Equal(t, "x", text)
		s.Wait(w, never) // it was told of already
		require.False(t, w.Quiet(b.Loop), "the loop has not looked since")
	})
	b.run(func(*Strand) { require.True(t, w.Quiet(b.Loop)) })
	require.NoError(t, unix.Shutdown(other, unix.SHUT_WR))
	for range 3 {
		b.run(func(*Strand) { require.False(t, w.Quiet(b.Loop), "it has ended for good") })
	}
}

// Leaving a strand takes its work off the loop, which goes on with others meanwhile; the strand is used again.
func TestLeave(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for range 50 {
		other := make(chan struct{})
		done := make(chan struct{})
		b.Post(func(s *Strand) {
			defer close(done)
			if !s.OnLoop() {
				t.Error("it begins on the loop")
			}
			s.Leave()
			s.Leave() // does nothing
			if s.OnLoop() {
				t.Error("it has left")
			}
			<-other // on the loop this would wait for ever
		})
		b.run(func(*Strand) { close(other) })
		<-done
	}
	var none *Strand
	require.False(t, none.OnLoop())
	none.Leave()
}

// The parts of a strand run beside each other, some leave, and it goes on when all have returned.
func TestTogether(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const n = 30
	var ours, theirs [n]int
	for i := range n {
		ours[i], theirs[i] = b.sockets()
	}
	for range 20 {
		var returned atomic.Int64
		b.run(func(s *Strand) {
			s.Together(n, func(i int, part *Strand) {
				w, err := part.Loop().Watch(ours[i])
				if err != nil {
					t.Error(err)
				}
				defer part.Loop().Unwatch(ours[i])
				if _, err := syscall.Write(theirs[(i+1)%n], []byte("next")); err != nil {
					t.Error(err)
				}
				if text, _ := read(part, w, ours[i], never); text != "next" {
					t.Errorf("%q", text)
				}
				if i%3 == 0 {
					part.Leave()
				}
				returned.Add(1)
			})
			if returned.Load() != n || !s.OnLoop() {
				t.Errorf("%d of %d have returned", returned.Load(), n)
			}
			s.Together(0, nil)
		})
	}
}

// Interrupt has all strands look again, also those whose socket was closed under them.
func TestInterrupt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var over atomic.Bool
	var wg, waiting sync.WaitGroup
	for range 10 {
		fd, _ := b.sockets()
		wg.Add(1)
		waiting.Add(1)
		b.Post(func(s *Strand) {
			defer wg.Done()
			w, err := s.Loop().Watch(fd)
			if err != nil {
				t.Error(err)
			}
			waiting.Done()
			for !over.Load() {
				s.Wait(w, never)
			}
		})
	}
	waiting.Wait()
	b.Interrupt()
	over.Store(true)
	b.Interrupt()
	wg.Wait()
}

// Work posted from many goroutines is done once each, what waits for an idle loop as well.
func TestPost(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const workers, each = 8, 2000
	var ran atomic.Int64
	var posted, all sync.WaitGroup
	all.Add(workers * each * 2)
	for range workers {
		posted.Go(func() {
			for range each {
				b.Post(func(*Strand) { ran.Add(1); all.Done() })
				b.Idle(func() { ran.Add(1); all.Done() })
			}
		})
	}
	posted.Wait()
	all.Wait()
	require.EqualValues(t, workers*each*2, ran.Load())
}

// Strands that nobody needs any more are given up little by little.
func TestTrim(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	fd, other := b.sockets()
	const n = 64
	b.run(func(s *Strand) {
		w, err := s.Loop().Watch(fd)
		require.NoError(t, err)
		s.Together(n, func(i int, part *Strand) {
			if i < n-1 { // they hold a strand each until the last has begun
				part.Together(1, func(_ int, p *Strand) {
					if i == 0 {
						_, _ = read(p, w, fd, never)
					}
				})
				return
			}
			_, _ = syscall.Write(other, []byte("x"))
		})
	})
	b.run(func(*Strand) {
		before := len(b.free)
		for now := b.clock.Now(); len(b.free) > 1; now += trimEvery + 1 {
			b.trim(now)
			if len(b.free) > before {
				t.Fatal("trim adds none")
			}
		}
		require.Positive(t, before)
	})
}

func BenchmarkStrand(b *testing.B) {
	clock := pacer.NewClock()
	l, alarm := New(clock.Alarm(), clock)
	defer alarm.Close()
	if l == nil {
		b.Skip("there are no strands on this platform")
	}
	work := func(*Strand) {}
	b.ReportAllocs()
	for b.Loop() {
		l.Go(work)
	}
}

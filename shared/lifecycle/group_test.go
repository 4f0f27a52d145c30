package lifecycle_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/lifecycle"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal notes what happens, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) note(line string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, line)
}

// part notes its start, the end of its run and its stop. Its run takes a second to end once it is cancelled.
func (j *journal) part(name string) lifecycle.Part {
	return lifecycle.Part{
		Name:  name,
		Start: func(context.Context) error { j.note("start " + name); return nil },
		Run: func(ctx context.Context) error {
			<-ctx.Done()
			time.Sleep(time.Second)
			j.note("end " + name)
			return ctx.Err()
		},
		Stop: func() error { j.note("stop " + name); return nil },
	}
}

func TestPartsStartInOrderAndStopInReverse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var g lifecycle.Group
		for _, name := range []string{"a", "b", "c"} {
			g.Add(j.part(name))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		begin := time.Now()
		require.NoError(t, g.Run(ctx))
		require.Equal(t, time.Minute+3*time.Second, time.Since(begin), "one part ends after the other")
		require.Empty(t, cmp.Diff([]string{
			"start a", "start b", "start c",
			"end c", "stop c", "end b", "stop b", "end a", "stop a",
		}, j.lines))
	})
}

func TestAFailedStartStopsWhatHasStarted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		boom := errors.New("boom")
		var j journal
		var g lifecycle.Group
		g.Add(j.part("a"))
		g.Add(lifecycle.Part{Name: "b", Start: func(context.Context) error { return boom }, Stop: func() error { panic("never started") }})
		g.Add(j.part("c"))
		err := g.Run(t.Context())
		require.ErrorIs(t, err, boom)
		require.EqualError(t, err, "b: start: boom")
		require.Equal(t, []string{"start a", "end a", "stop a"}, j.lines)
	})
}

func TestTheFirstErrorWins(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var g lifecycle.Group
		g.Add(j.part("a"))
		for name, delay := range map[string]time.Duration{"slow": 2 * time.Second, "quick": time.Second} {
			g.Add(lifecycle.Part{
				Name: name,
				Run:  func(context.Context) error { time.Sleep(delay); return errors.New("failed") },
				Stop: func() error { return errors.New("broken") },
			})
		}
		require.EqualError(t, g.Run(t.Context()), "quick: failed")
		require.Equal(t, []string{"start a", "end a", "stop a"}, j.lines)
	})
}

func TestAnErrorWhileStoppingIsReported(t *testing.T) {
	t.Parallel()
	for want, part := range map[string]lifecycle.Part{
		"p: not flushed": {Name: "p", Run: func(ctx context.Context) error { <-ctx.Done(); return errors.New("not flushed") }},
		"p: stop: stuck": {Name: "p", Stop: func() error { return errors.New("stuck") }},
	} {
		synctest.Test(t, func(t *testing.T) {
			var j journal
			var g lifecycle.Group
			g.Add(j.part("a"))
			g.Add(part)
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			require.EqualError(t, g.Run(ctx), want)
			require.Equal(t, []string{"start a", "end a", "stop a"}, j.lines)
		})
	}
}

func TestAPartThatIsDoneEndsTheGroup(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var j journal
		var g lifecycle.Group
		g.Add(j.part("server"))
		g.Add(lifecycle.Part{Name: "job", Run: func(context.Context) error { time.Sleep(time.Hour); j.note("done"); return nil }})
		require.NoError(t, g.Run(t.Context()))
		require.Equal(t, []string{"start server", "done", "end server", "stop server"}, j.lines)
	})
}

func TestAFailureCutsAStartShort(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var g lifecycle.Group
		g.Add(lifecycle.Part{Name: "a", Run: func(context.Context) error { time.Sleep(time.Second); return errors.New("lost") }})
		g.Add(lifecycle.Part{Name: "b", Start: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }})
		require.EqualError(t, g.Run(t.Context()), "a: lost")
	})
}

func TestNothingStartsAfterTheEnd(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var j journal
	var g lifecycle.Group
	g.Add(j.part("a"))
	require.NoError(t, g.Run(ctx))
	require.Empty(t, j.lines)
}

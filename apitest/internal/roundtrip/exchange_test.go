package roundtrip

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// TestEnd says how exchanges end that get an event a second from an endless peer, in virtual time: each row begins one after half a
// second of connecting.
func TestEnd(t *testing.T) {
	t.Parallel()
	const second = time.Second
	for name, row := range map[string]struct {
		events  int64         // asked for
		timeout time.Duration // from the call on
		until   time.Duration // from the call on; 0: never
		silent  bool          // the peer sends nothing
		patient time.Duration // after each event; 0: the protocol sets nothing
		got     int64
		class   string
		within  time.Duration // from the call until the end
	}{
		"as many as asked for":                     {events: 3, timeout: 9 * second, got: 3, within: 3500 * time.Millisecond},
		"fewer come until the time-out":            {events: 9, timeout: 4 * second, got: 3, class: load.ErrorTimeout, within: 4 * second},
		"nothing is asked for: until the time-out": {timeout: 4 * second, got: 3, within: 4 * second},
		"nothing comes":                            {timeout: 4 * second, silent: true, class: load.ErrorTimeout, within: 4 * second},
		"until":                                    {timeout: 2 * second, until: 5 * second, patient: time.Hour, got: 4, within: 5 * second},
		"until, and fewer than asked for":          {events: 9, timeout: 2 * second, until: 5 * second, patient: time.Hour, got: 4, within: 5 * second},
		"until, but no event at all":               {timeout: 2 * second, until: 5 * second, silent: true, class: load.ErrorTimeout, within: 2 * second},
		"until comes before the first event":       {timeout: 9 * second, until: 1 * second, class: load.ErrorCancelled, within: 1 * second},
		"the next one does not come in time":       {timeout: 2 * second, until: 9 * second, patient: second / 2, got: 1, class: load.ErrorTimeout, within: 2 * second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				called := time.Now()
				call := &run.Call{Events: row.events, Timeout: row.timeout}
				if row.until > 0 {
					call.Until = called.Add(row.until)
				}
				out := run.Outcome{Stream: true, Status: 500, Class: "left over"}
				var x Exchange
				x.Run(t.Context(), call, &out, func(ctx context.Context) error {
					time.Sleep(second / 2)
					x.Begin()
					tick := time.NewTicker(second)
					defer tick.Stop()
					if row.silent {
						tick.Stop()
					}
					for {
						select {
						case <-tick.C:
						case <-ctx.Done():
							return ctx.Err()
						}
						if x.Events(1) {
							return nil
						}
						if row.patient > 0 {
							x.Patience(row.patient)
						}
					}
				})
				assert.Equal(t, row.class, out.Class)
				assert.Equal(t, row.class != "", out.Err != nil)
				assert.Equal(t, row.within, time.Since(called))
				assert.Equal(t, row.within-second/2, out.Latency)
				assert.Equal(t, row.got, out.Events)
				assert.Zero(t, out.Status)
				assert.True(t, out.Stream)
				if row.got > 0 {
					assert.Equal(t, second, out.FirstEvent)
					require.Len(t, out.Gaps, int(row.got)-1)
					for _, gap := range out.Gaps {
						assert.Equal(t, second, gap)
					}
				}
			})
		})
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancelCause(t.Context())
	stopped := errors.New("stopped")
	var x Exchange
	var out run.Outcome
	x.Run(ctx, &run.Call{Timeout: time.Hour}, &out, func(ctx context.Context) error {
		cancel(stopped)
		<-ctx.Done()
		return ctx.Err()
	})
	assert.Equal(t, load.ErrorCancelled, out.Class)
	assert.Equal(t, stopped, out.Err)
}

// TestAtOnce says that events which come together have no time between them, and that no more of them count than are asked for.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var x Exchange
		var out run.Outcome
		x.Run(t.Context(), &run.Call{Timeout: time.Hour, Events: 5}, &out, func(context.Context) error {
			time.Sleep(time.Second)
			assert.False(t, x.Events(3))
			time.Sleep(time.Second)
			assert.False(t, x.Events(0))
			assert.True(t, x.Events(3))
			return nil
		})
		assert.EqualValues(t, 5, out.Events)
		assert.Equal(t, time.Second, out.FirstEvent)
		assert.Equal(t, []time.Duration{0, 0, time.Second, 0}, out.Gaps)
	})
}

// TestGaps says that of many gaps every k-th is kept, and of few all.
func TestGaps(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ seen, every, kept int }{
		{1024, 1, 1024}, {1025, 2, 513}, {2048, 2, 1024}, {2049, 4, 513}, {100_000, 128, 782},
	} {
		g := gaps{every: 1}
		for i := range row.seen {
			g.add(time.Duration(i))
		}
		require.Len(t, g.kept, row.kept, "of %d", row.seen)
		for i, gap := range g.kept {
			require.EqualValues(t, i*row.every, gap, "of %d", row.seen)
		}
	}
}

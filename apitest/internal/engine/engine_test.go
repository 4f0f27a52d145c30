package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// fake is a target whose clients do what a function says.
type fake struct {
	do     func(ctx context.Context, call *run.Call, out *run.Outcome)
	open   func(ctx context.Context) error // nil: it works
	opened atomic.Int64                    // clients
	closed atomic.Int64
	gaveUp atomic.Pointer[error]
}

func (f *fake) Mode() run.Mode { return run.ModeSocket }
func (f *fake) Close() error   { return nil }

func (f *fake) GaveUp() error {
	if err := f.gaveUp.Load(); err != nil {
		return *err
	}
	return nil
}

func (f *fake) NewClient(ctx context.Context) (run.Client, error) {
	if f.open != nil {
		if err := f.open(ctx); err != nil {
			return nil, err
		}
	}
	f.opened.Add(1)
	return &fakeClient{f}, nil
}

type fakeClient struct{ *fake }

func (c *fakeClient) Do(ctx context.Context, call *run.Call, out *run.Outcome) {
	*out = run.Outcome{}
	c.do(ctx, call, out)
}
func (c *fakeClient) Close() { c.closed.Add(1) }

// calls is a Maker of the same call each time, of which some cannot be made.
type calls struct{ broken func(n int64) bool }

func (m calls) New() run.Filler { return m }

func (m calls) Fill(n int64, call *run.Call) error {
	if m.broken != nil && m.broken(n) {
		return errors.New("no payload")
	}
	call.Method, call.URL = "GET", "/"
	return nil
}

// answer is an exchange of a certain time in virtual time.
func answer(status int, takes time.Duration) func(context.Context, *run.Call, *run.Outcome) {
	return func(_ context.Context, call *run.Call, out *run.Outcome) {
		if takes > call.Timeout {
			time.Sleep(call.Timeout)
			*out = run.Outcome{Class: load.ErrorTimeout, Err: context.DeadlineExceeded, Latency: call.Timeout}
			return
		}
		time.Sleep(takes)
		*out = run.Outcome{Status: status, Latency: takes, FirstByte: takes / 2, BytesIn: 3, BytesOut: 2}
	}
}

func config(change func(*run.Config)) run.Config {
	c := run.Config{Path: "/", Requests: 100, Clients: 10, Target: "http://shop.test"}
	if change != nil {
		change(&c)
	}
	return c.WithDefaults()
}

// 100 requests of 10 ms by 10 clients are 10 after each other: 100 ms.
func TestAClosedLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var numbers []int64
		f := &fake{do: func(ctx context.Context, call *run.Call, out *run.Outcome) {
			mu.Lock()
			numbers = append(numbers, call.N)
			mu.Unlock()
			answer(200, 10*time.Millisecond)(ctx, call, out)
		}}
		r, err := Run(t.Context(), config(nil), f, calls{}, nil)
		require.NoError(t, err)
		slices.Sort(numbers)
		for i, n := range numbers {
			require.EqualValues(t, i, n)
		}
		require.Len(t, numbers, 100)
		require.EqualValues(t, 10, f.opened.Load())
		require.EqualValues(t, 10, f.closed.Load())
		require.Equal(t, run.StateCompleted, r.State)
		require.NotEmpty(t, r.TestID)
		require.Equal(t, run.ModeSocket, r.Mode)
		require.InDelta(t, 0.1, r.DurationSecs, 1e-9)
		require.Equal(t, map[string]int64{"200": 100}, r.StatusCodes)
		require.Empty(t, r.Classes)
		require.Empty(t, r.Errors)
		require.Nil(t, r.Stream)
		require.Empty(t, r.Warnings)
		m := r.Metrics
		require.Equal(t, []int64{100, 100, 0, 300, 200}, []int64{m.RequestsTotal, m.RequestsSucceeded, m.RequestsFailed, m.BytesIn, m.BytesOut})
		require.InDelta(t, 1000, m.RequestsPerSecond, 1e-6)
		for _, value := range []float64{m.LatencyMsMin, m.LatencyMsMean, m.LatencyMsP50, m.LatencyMsP95, m.LatencyMsP999, m.LatencyMsMax} {
			require.InDelta(t, 10, value, 1e-9)
		}
		require.InDelta(t, 5, m.FirstByteMsP50, 0.005)
		require.NotEmpty(t, r.LatencyHDR)
		require.Len(t, r.Windows, 50, "of two requests each")
	})
}

func TestNoMoreClientsThanRequests(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{do: answer(200, time.Millisecond)}
		r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests = 3 }), f, calls{}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 3, r.Metrics.RequestsTotal)
		require.EqualValues(t, 3, f.opened.Load())
	})
}

// Ids sort by when runs began.
func TestTheIDIsOlderThanTheFirstRequest(t *testing.T) {
	t.Parallel()
	var later uuid.UUID
	f := &fake{do: func(context.Context, *run.Call, *run.Outcome) { later = uuid.Must(uuid.NewV7()) }}
	r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests = 1 }), f, calls{}, nil)
	require.NoError(t, err)
	require.Less(t, r.TestID, later.String())
}

// Clients that wait for a server all have the same two seconds, or the time-out, however many they are.
func TestMakingClientsTakesLittle(t *testing.T) {
	t.Parallel()
	for timeout, within := range map[time.Duration]time.Duration{time.Minute: 2 * time.Second, 500 * time.Millisecond: 500 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			f := &fake{do: answer(200, 0), open: func(ctx context.Context) error { <-ctx.Done(); return nil }}
			begin := time.Now()
			_, err := Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Clients, c.Timeout = 640, 640, timeout }), f, calls{}, nil)
			require.NoError(t, err)
			require.Equal(t, within, time.Since(begin))
			require.EqualValues(t, 640, f.opened.Load())
		})
	}
}

// In 950 ms two clients do 9 requests of 100 ms each; what is under way then is cut off.
func TestADuration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		until := make(map[time.Time]bool)
		var mu sync.Mutex
		f := &fake{do: func(ctx context.Context, call *run.Call, out *run.Outcome) {
			mu.Lock()
			until[call.Until] = true
			mu.Unlock()
			answer(200, 100*time.Millisecond)(ctx, call, out)
		}}
		begin := time.Now()
		r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Duration, c.Clients = 0, 950*time.Millisecond, 2 }), f, calls{}, nil)
		require.NoError(t, err)
		require.Equal(t, 950*time.Millisecond, time.Since(begin))
		require.EqualValues(t, 18, r.Metrics.RequestsTotal)
		require.Zero(t, r.Metrics.RequestsFailed)
		require.Equal(t, run.StateCompleted, r.State)
		require.InDelta(t, 0.95, r.DurationSecs, 1e-9)
		require.Len(t, until, 1)
		require.True(t, until[begin.Add(950*time.Millisecond)])
		require.Empty(t, r.Warnings)
	})
}

// One of two clients waits for the answer to request 10 for so long that the end of the run cuts it off, after 1.5 of 2 s. The other one
// does 20 of 100 ms, and that is the rate.
func TestAStraggler(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{}
		f.do = func(ctx context.Context, call *run.Call, out *run.Outcome) {
			takes := 100 * time.Millisecond
			if call.N == 10 {
				takes = 6 * time.Second
			}
			answer(200, takes)(ctx, call, out)
		}
		r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Duration, c.Clients = 0, 2*time.Second, 2 }), f, calls{}, nil)
		require.NoError(t, err)
		require.Equal(t, run.StateCompleted, r.State)
		require.InDelta(t, 2, r.DurationSecs, 1e-9)
		require.Equal(t, map[string]int64{"200": 25}, r.StatusCodes)
		require.InDelta(t, 12.5, r.Metrics.RequestsPerSecond, 1e-9)
		require.Empty(t, r.Classes)
		require.InDelta(t, 100, r.Metrics.LatencyMsMax, 1e-9)
		require.Equal(t, []string{"of those that the end of the run cut off (1) one had taken 1.5s, longer than any in the figures"}, r.Warnings)

		f.do = func(_ context.Context, call *run.Call, out *run.Outcome) {
			time.Sleep(call.Timeout)
			*out = run.Outcome{Class: load.ErrorTimeout, Err: context.DeadlineExceeded, Latency: call.Timeout, FirstByte: 1}
		}
		r, err = Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Duration = 0, 2*time.Second }), f, calls{}, nil)
		require.NoError(t, err)
		require.Zero(t, r.Metrics.RequestsTotal)
		require.InDelta(t, 2, r.DurationSecs, 1e-9)
		require.Equal(t, []string{"answers began, but none ended within 2s; if they are streams, --stream counts their events"}, r.Warnings)
	})
}

// Streams have their time-out, and end by themselves.
func TestStreamsOfADuration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{do: func(_ context.Context, call *run.Call, out *run.Outcome) {
			if call.Timeout != run.DefaultTimeout {
				panic("another time-out")
			}
			time.Sleep(time.Until(call.Until))
			if *out = (run.Outcome{Status: 200, Stream: true, Latency: time.Second, Events: 5}); call.N > 0 {
				*out = run.Outcome{Class: load.ErrorCancelled, Stream: true, Latency: time.Second}
			}
		}}
		r, err := Run(t.Context(), config(func(c *run.Config) {
			c.Requests, c.Duration, c.Clients, c.Protocol = 0, time.Second, 2, run.ProtocolStream
		}), f, calls{}, nil)
		require.NoError(t, err)
		require.Equal(t, run.StateCompleted, r.State)
		require.EqualValues(t, 1, r.Metrics.RequestsTotal)
		require.InDelta(t, 5, r.Stream.EventsPerSecond, 1e-9)
		require.Empty(t, r.Warnings)
	})
}

// At 100 a second request k is due at (k + ½) · 10 ms: the last of 50 at 495 ms, and it takes 20.
func TestARate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		var mu sync.Mutex
		at := map[int64]time.Duration{}
		f := &fake{do: func(ctx context.Context, call *run.Call, out *run.Outcome) {
			mu.Lock()
			at[call.N] = time.Since(begin)
			mu.Unlock()
			answer(200, 20*time.Millisecond)(ctx, call, out)
		}}
		r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Rate = 50, 100 }), f, calls{}, nil)
		require.NoError(t, err)
		for n, began := range at {
			require.Equal(t, time.Duration(n)*10*time.Millisecond+5*time.Millisecond, began, "request %d", n)
		}
		require.InDelta(t, 0.515, r.DurationSecs, 1e-9)
		require.InDelta(t, 20, r.Metrics.LatencyMsMax, 1e-9)
		require.Zero(t, r.Metrics.Late)
		require.Empty(t, r.Warnings)
	})
}

// One client needs 20 ms for each of the requests that are due every 10 ms: request k begins at 5 + 20k ms and was due at 5 + 10k, so
// those from number 2 on are more than 10 ms late, and the last of ten has taken 9·10 + 20 ms.
func TestARateThatIsNotKept(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &fake{do: answer(200, 20*time.Millisecond)}
		slow := func(c *run.Config) { c.Requests, c.Rate, c.Clients = 10, 100, 1 }
		r, err := Run(t.Context(), config(slow), f, calls{}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 8, r.Metrics.Late)
		require.InDelta(t, 110, r.Metrics.LatencyMsMax, 1e-9)
		require.Equal(t, []string{"8 of 10 requests began more than 10ms late: too few clients (1) for the rate"}, r.Warnings)

		r, err = Run(t.Context(), config(func(c *run.Config) { slow(c); c.Requests, c.Duration = 0, 100*time.Millisecond }), f, calls{}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 4, r.Metrics.RequestsTotal, "begun at 5, 25, 45 and 65 ms; the one at 85 is cut off")
		require.Equal(t, []string{"5 of 10 planned requests were not begun in time: too few clients (1) for the rate"}, r.Warnings)
	})
}

// Of ten requests of 50 ms that are due at 5, 15 … 95 ms the first five are answered within 100 ms, and all were begun in time.
func TestARateForADuration(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		of := func(c *run.Config) { c.Requests, c.Rate, c.Duration = 0, 100, 100*time.Millisecond }
		r, err := Run(t.Context(), config(of), &fake{do: answer(200, 50*time.Millisecond)}, calls{}, nil)
		require.NoError(t, err)
		require.EqualValues(t, 5, r.Metrics.RequestsTotal)
		require.InDelta(t, 0.1, r.DurationSecs, 1e-9)
		require.Empty(t, r.Warnings)

		begin := time.Now()
		r, err = Run(t.Context(), config(of), &fake{do: answer(200, time.Millisecond)}, calls{}, nil)
		require.NoError(t, err)
		require.Equal(t, 100*time.Millisecond, time.Since(begin), "also if nothing is under way")
		require.InDelta(t, 100, r.Metrics.RequestsPerSecond, 1e-9)
	})
}

func TestTheEndOfTheContext(t *testing.T) {
	t.Parallel()
	errStop := errors.New("enough")
	for _, rate := range []float64{0, 1} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancelCause(t.Context())
			time.AfterFunc(1050*time.Millisecond, func() { cancel(errStop) })
			f := &fake{do: func(ctx context.Context, _ *run.Call, out *run.Outcome) {
				select {
				case <-time.After(100 * time.Millisecond):
					*out = run.Outcome{Status: 200, Latency: 100 * time.Millisecond}
				case <-ctx.Done():
					*out = run.Outcome{Class: load.ErrorCancelled, Err: context.Cause(ctx)}
				}
			}}
			r, err := Run(ctx, config(func(c *run.Config) { c.Clients, c.Rate = 1, rate }), f, calls{}, nil)
			require.ErrorIs(t, err, errStop)
			require.Equal(t, run.StateInterrupted, r.State)
			require.InDelta(t, 1.05, r.DurationSecs, 1e-9)
			want := int64(10)
			if rate > 0 {
				want = 1 // due at 0.5 s; the next one at 1.5 s
			}
			require.Equal(t, want, r.Metrics.RequestsTotal, "what was cut off is not counted")
			require.Zero(t, r.Metrics.RequestsFailed)
			require.Empty(t, r.Warnings)
		})
	}
}

// A context that ends with the last request has interrupted nothing.
func TestTheEndOfTheContextAfterAll(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{do: func(_ context.Context, call *run.Call, out *run.Outcome) {
		if *out = (run.Outcome{Status: 200}); call.N == 99 {
			cancel()
		}
	}}
	r, err := Run(ctx, config(func(c *run.Config) { c.Clients = 1 }), f, calls{}, nil)
	require.NoError(t, err)
	require.Equal(t, run.StateCompleted, r.State)
}

func TestClientsThatCannotBeMade(t *testing.T) {
	t.Parallel()
	f := &fake{}
	f.open = func(context.Context) error {
		if f.opened.Load() > 4 {
			return errors.New("no more")
		}
		return nil
	}
	_, err := Run(t.Context(), config(nil), f, calls{}, nil)
	require.EqualError(t, err, "make a client: no more", "once, however many clients there are")
	require.Equal(t, f.opened.Load(), f.closed.Load())
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, endless := range []bool{false, true} {
		r, err := Run(ctx, config(func(c *run.Config) {
			if endless {
				c.Requests, c.Duration = 0, time.Hour
			}
		}), f, calls{}, nil)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, run.StateInterrupted, r.State)
	}
}

func TestATargetThatGivesUp(t *testing.T) {
	t.Parallel()
	f := &fake{}
	errLost := errors.New("lost")
	f.do = func(_ context.Context, call *run.Call, out *run.Outcome) {
		*out = run.Outcome{Class: load.ErrorTimeout, Err: errors.New("slow")}
		if call.N == 4 {
			f.gaveUp.Store(&errLost)
		}
	}
	r, err := Run(t.Context(), config(func(c *run.Config) { c.Clients = 1 }), f, calls{}, nil)
	require.ErrorIs(t, err, errLost)
	require.Equal(t, run.StateInterrupted, r.State)
	require.Equal(t, map[string]int64{load.ErrorTimeout: 5}, r.Classes)
}

func TestWhatFails(t *testing.T) {
	t.Parallel()
	f := &fake{do: func(_ context.Context, call *run.Call, out *run.Outcome) {
		switch call.N % 5 {
		case 0:
			*out = run.Outcome{Status: 200, Latency: time.Millisecond, Opened: true}
		case 1:
			*out = run.Outcome{Status: 404, Latency: time.Millisecond, Body: []byte("no\x1bsuch\npage")}
		case 2:
			*out = run.Outcome{Class: load.ErrorGenerator, Err: errors.New("too many open files")}
		case 3:
			*out = run.Outcome{Status: 302, Class: run.ErrorRedirect, Err: errors.New("a loop"), Latency: time.Millisecond}
		}
	}}
	r, err := Run(t.Context(), config(func(c *run.Config) { c.Clients = 1 }), f, calls{func(n int64) bool { return n%5 == 4 }}, nil)
	require.NoError(t, err)
	m := r.Metrics
	require.Equal(t, []int64{100, 20, 80, 20}, []int64{m.RequestsTotal, m.RequestsSucceeded, m.RequestsFailed, m.ConnectionsOpened})
	require.InDelta(t, 80, m.ErrorRatePct, 1e-9)
	require.Equal(t, map[string]int64{"200": 20, "302": 20, "404": 20}, r.StatusCodes)
	require.Equal(t, map[string]int64{"http_404": 20, load.ErrorGenerator: 20, run.ErrorRedirect: 20, run.ErrorPayload: 20}, r.Classes)
	require.Len(t, r.Errors, 80)
	at := r.Errors[0].AtSecs
	require.Equal(t, run.ErrorSample{Request: 1, AtSecs: at, Class: "http_404", Status: 404, LatencyMs: 1, Message: "Not Found", Body: "no such\npage"}, r.Errors[0])
	require.Equal(t, "too many open files", r.Errors[1].Message)
	require.Equal(t, run.ErrorPayload, r.Errors[3].Class)
	require.Equal(t, []string{"20 requests failed by what this process lacks, not by the target"}, r.Warnings)
}

func TestStreams(t *testing.T) {
	t.Parallel()
	f := &fake{do: func(_ context.Context, call *run.Call, out *run.Outcome) {
		*out = run.Outcome{
			Status: 200, Stream: true, Latency: time.Hour, FirstEvent: time.Duration(call.N+1) * time.Millisecond, Events: 3,
			Gaps: []time.Duration{2 * time.Millisecond, 4 * time.Millisecond}, ServerEnd: call.N%2 == 0,
		}
	}}
	r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests = 10 }), f, calls{}, nil)
	require.NoError(t, err)
	require.EqualValues(t, 30, r.Stream.Events)
	require.EqualValues(t, 5, r.Stream.EndedByServer)
	require.InDelta(t, 5, r.Stream.FirstEventMsP50, 0.01)
	require.InDelta(t, 10, r.Stream.FirstEventMsMax, 0.01)
	require.InDelta(t, 2, r.Stream.GapMsP50, 0.01)
	require.InDelta(t, 4, r.Stream.GapMsMax, 0.01)
	require.InDelta(t, 30, r.Stream.EventsPerSecond*r.DurationSecs, 1e-6)
	require.Zero(t, r.Metrics.LatencyMsMax, "a stream is not a slow response")
	require.Empty(t, r.LatencyHDR)
}

func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var told []run.Progress
		r, err := Run(t.Context(), config(func(c *run.Config) { c.Requests, c.Clients = 199, 1 }), &fake{do: answer(500, 15*time.Millisecond)}, calls{}, func(p run.Progress) {
			told = append(told, p)
		})
		require.NoError(t, err)
		require.EqualValues(t, 199, r.Metrics.RequestsTotal)
		require.Len(t, told, 29, "2985 ms, every 100")
		p := told[19]
		require.Equal(t, run.Progress{Done: 133, Total: 199, Failed: 133, Elapsed: 2 * time.Second, PerSecond: 67, P95: 15 * time.Millisecond}, p)
	})
}

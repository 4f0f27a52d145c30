package generator

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// scriptFunc is a scenario of one task.
type scriptFunc func(ctx context.Context, c scenario.Client) scenario.Outcome

func (f scriptFunc) HasStart() bool { return true }
func (f scriptFunc) HasStop() bool  { return true }
func (f scriptFunc) NewUser() User  { return f }

func (f scriptFunc) Start(ctx context.Context, c scenario.Client) scenario.Outcome { return f(ctx, c) }

func (f scriptFunc) Stop(ctx context.Context, c scenario.Client) scenario.Outcome { return f(ctx, c) }

func (f scriptFunc) Run(ctx context.Context, _ int64, _ int, c scenario.Client) scenario.Outcome {
	return f(ctx, c)
}

// newCrew returns a crew whose target answers /500 with that status and closes the connection at /close.
func newCrew(tb testing.TB, f scriptFunc) (*crew, pacer.Clock) {
	tb.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/500":
			w.WriteHeader(http.StatusInternalServerError)
		case "/close":
			panic(http.ErrAbortHandler)
		}
	}))
	tb.Cleanup(srv.Close)
	return newCrewAt(tb, srv.URL, f)
}

func newCrewAt(tb testing.TB, target string, f scriptFunc, change ...func(*httpdriver.Config)) (*crew, pacer.Clock) {
	tb.Helper()
	clock := pacer.NewPlainClock()
	cfg := httpdriver.Config{Target: target, Timeout: time.Minute, Now: clock.Now}
	for _, set := range change {
		set(&cfg)
	}
	d, err := httpdriver.New(tb.Context(), cfg)
	require.NoError(tb, err)
	tasks := []load.Task{{Name: "browse", Weight: 1}}
	seq, err := load.NewSequence(tasks)
	require.NoError(tb, err)
	return &crew{runner: f, driver: d, recorder: newRecorder(), tasks: tasks, sequence: seq}, clock
}

// iterate runs one iteration that is called lag late.
func iterate(t *testing.T, c *crew, clock pacer.Clock, ctx context.Context, lag time.Duration) {
	t.Helper()
	u := c.NewUser()
	iterateAs(t, c, u, ctx, clock.Now(), lag)
	u.session.Close()
}

// iterateAs does that for a user.
func iterateAs(t *testing.T, c *crew, u *user, ctx context.Context, called, lag time.Duration) {
	t.Helper()
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1, Duration: time.Second})
	require.NoError(t, err)
	token := pacer.NewToken(load.Token{Second: 7, Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0)
	c.NewWorker().Run(ctx, nil, u, pacer.Arrival{Due: called - lag, Token: token}, called)
}

// drained returns the samples of a crew but those about connections.
func drained(c *crew) []sample {
	return slices.DeleteFunc(c.recorder.drain(nil), func(s sample) bool { return s.group() == groupLink })
}

func ask(ctx context.Context, c scenario.Client, path string) *scenario.Response {
	return c.Do(ctx, &scenario.Request{Method: http.MethodGet, URL: path})
}

// The first request carries the lag of its iteration, later ones and the time between them do not.
func TestInstants(t *testing.T) {
	t.Parallel()
	const lag, think = 10 * time.Second, 20 * time.Millisecond
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/")
		<-time.After(think)
		ask(ctx, c, "/")
		c.Batch(ctx, []*scenario.Request{{Method: "GET", URL: "/"}, {Method: "GET", URL: "/"}})
		return scenario.Outcome{Check: scenario.CheckPassed}
	})
	iterate(t, c, clock, t.Context(), lag)
	samples := drained(c)
	require.Len(t, samples, 1+4+1)
	require.Equal(t, sample{kind: kindLag, response: micros(lag)}, samples[0])
	first := samples[1]
	require.GreaterOrEqual(t, first.response, first.service+micros(lag))
	require.Less(t, first.service, micros(lag))
	for _, s := range samples[2:5] {
		require.GreaterOrEqual(t, s.response, s.service)
		require.Less(t, s.response, micros(lag))
		require.EqualValues(t, 200, s.status)
		require.EqualValues(t, 7, s.second)
	}
	require.Equal(t, sample{kind: kindCompleted, second: 7, flags: flagCheckPassed}, samples[5])
}

// A batch that comes first is asked for as late as its iteration was called, all of it.
func TestFirstBatch(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		c.Batch(ctx, []*scenario.Request{{Method: "GET", URL: "/"}, {Method: "GET", URL: "/"}})
		ask(ctx, c, "/")
		return scenario.Outcome{}
	})
	iterate(t, c, clock, t.Context(), lag)
	samples := drained(c)
	for i, late := range []bool{true, true, false} {
		require.Equal(t, late, samples[i+1].response >= micros(lag), "request %d", i)
	}
}

func TestFailuresOfAnIteration(t *testing.T) {
	t.Parallel()
	raised := scenario.Outcome{Failed: true, Class: "KeyError", Message: "Traceback\nKeyError: 'id'"}
	for name, tt := range map[string]struct {
		paths    []string
		out      scenario.Outcome
		classes  []string // of its requests
		messages []string // how the error samples begin
	}{
		"statuses": {
			paths: []string{"/500", "/", "/500"}, classes: []string{"http_500", "", "http_500"},
			messages: []string{"GET /500: 500 Internal Server Error", "GET /500: 500 Internal Server Error"},
		},
		"exception": {paths: []string{"/", "/"}, out: raised, classes: []string{"", "KeyError"}, messages: []string{"Traceback\nKeyError: 'id'"}},
		"exception before any request": {
			out: raised, classes: []string{"KeyError"}, messages: []string{"Traceback\nKeyError: 'id'"},
		},
		"transport": {
			paths: []string{"/close"}, out: scenario.Outcome{Failed: true, Class: "ReadError"}, classes: []string{load.ErrorClosed},
			messages: []string{"GET /close: the server closed"},
		},
		"check": {
			paths: []string{"/"}, out: scenario.Outcome{Check: scenario.CheckFailed}, classes: []string{errorCheck},
			messages: []string{"GET /: 200 OK"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
				for _, p := range tt.paths {
					ask(ctx, c, p)
				}
				return tt.out
			})
			iterate(t, c, clock, t.Context(), 0)
			var classes []string
			for _, s := range c.recorder.drain(nil) {
				if s.kind == kindRequest {
					require.Equal(t, s.class != 0, s.flags&flagFailed != 0)
					require.Equal(t, len(tt.paths) == 0, s.flags&flagUntimed != 0)
					class := ""
					if s.class != 0 {
						class = c.recorder.classes.name(s.class)
					}
					classes = append(classes, class)
				}
			}
			require.Equal(t, tt.classes, classes)
			examples := c.recorder.drainExamples()
			require.Len(t, examples, len(tt.messages))
			for i, e := range examples {
				require.True(t, strings.HasPrefix(e.Message, tt.messages[i]), e.Message)
				require.Equal(t, "browse", e.Task)
				require.Equal(t, 7, e.Second)
			}
		})
	}
}

// An iteration that is cut off leaves its requests behind, but was not completed.
func TestCutOff(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/")
		cancel()
		return scenario.Outcome{Failed: ask(ctx, c, "/").Err != nil, Class: "ReadError"}
	})
	iterate(t, c, clock, ctx, 0)
	samples := drained(c)
	require.Len(t, samples, 1+1, "the lag and the first request; the second has no time of the target's, and no end")
	require.Equal(t, kindRequest, samples[1].kind)
	require.Zero(t, samples[1].class)
}

// What a script measures counts at once, in hooks as in tasks; requests that have a name count once more under it, but only
// where requests count.
func TestMeasuresOfAScript(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		c.Measure(scenario.Measure{Kind: load.MeasureCounter, Name: "calls", Value: 1})
		for _, path := range []string{"/", "/500", "/close"} {
			c.Do(ctx, &scenario.Request{Method: http.MethodGet, URL: path, Name: "any"})
		}
		cancel()
		c.Measure(scenario.Measure{Kind: load.MeasureEvent, Name: "end", Value: 2, Failed: true})
		c.Do(ctx, &scenario.Request{Method: http.MethodGet, URL: "/", Name: "cut off"})
		return scenario.Outcome{}
	})
	w, u := c.NewWorker(), c.NewUser()
	require.True(t, w.Start(context.WithoutCancel(ctx), u))
	u.session.Close()
	iterate(t, c, clock, ctx, 0)
	var e load.Event
	newReporter(c.tasks, c.recorder).report(&e, c.recorder.drain(nil))
	got := map[string][2]int64{}
	for _, m := range e.Measures {
		got[string(m.Kind)+" "+m.Name] = [2]int64{m.Count, m.Failed}
	}
	require.Equal(t, map[string][2]int64{"counter calls": {2, 0}, "event end": {2, 2}}, got)
}

func TestNamedRequests(t *testing.T) {
	t.Parallel()
	const lag = 10 * time.Second
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		for _, path := range []string{"/", "/500", "/close"} {
			c.Do(ctx, &scenario.Request{Method: http.MethodGet, URL: path, Name: "any"})
		}
		ask(ctx, c, "/")
		c.Batch(ctx, []*scenario.Request{{Method: "GET", URL: "/", Name: "last"}})
		return scenario.Outcome{Check: scenario.CheckFailed}
	})
	iterate(t, c, clock, t.Context(), lag)
	var e load.Event
	newReporter(c.tasks, c.recorder).report(&e, c.recorder.drain(nil))
	require.EqualValues(t, 5, e.Tasks[0].Requests)
	require.EqualValues(t, 3, e.Tasks[0].Failed)
	require.Len(t, e.Measures, 2)
	for i, want := range []load.MeasureReport{
		{MeasureName: load.MeasureName{Kind: load.MeasureRequest, Name: "any"}, Count: 3, Failed: 2},
		{MeasureName: load.MeasureName{Kind: load.MeasureRequest, Name: "last"}, Count: 1, Failed: 1},
	} {
		got := e.Measures[i]
		require.Equal(t, want.MeasureName, got.MeasureName)
		require.Equal(t, want.Count, got.Count)
		require.Equal(t, want.Failed, got.Failed)
		require.Equal(t, want.Count, got.Times.Count)
	}
	require.GreaterOrEqual(t, e.Measures[0].Times.MaxMicros, lag.Microseconds(), "the first request waited for its user")
	require.Equal(t, e.Tasks[0].Response.MaxMicros, e.Measures[0].Times.MaxMicros)
	require.Less(t, e.Measures[1].Times.MaxMicros, lag.Microseconds())
}

func TestSetupIsApart(t *testing.T) {
	t.Parallel()
	fails := false
	c, _ := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		ask(ctx, c, "/500")
		return scenario.Outcome{Failed: fails, Class: "ValueError", Message: "Traceback\nValueError: no token"}
	})
	w, u := c.NewWorker(), c.NewUser()
	require.True(t, w.Start(t.Context(), u))
	fails = true
	require.False(t, w.Start(t.Context(), u))
	require.Equal(t, "ValueError: no token", c.recorder.setupError())
	w.Stop(t.Context(), u, true)
	var e load.Event
	newReporter(c.tasks, c.recorder).report(&e, c.recorder.drain(nil))
	require.Empty(t, e.Tasks)
	setup := e.Setup
	require.EqualValues(t, 1, setup.Started)
	require.EqualValues(t, 2, setup.Failed)
	require.EqualValues(t, 3, setup.Requests)
	require.EqualValues(t, 3, setup.Response.Count)
	require.Equal(t, map[string]int64{"http_500": 3, "ValueError": 2}, setup.Errors)
}

// A worker reuses its exchanges, and gives up those that an unusual iteration needed.
func TestExchangesAreReused(t *testing.T) {
	t.Parallel()
	requests := 100
	c, clock := newCrew(t, func(ctx context.Context, c scenario.Client) scenario.Outcome {
		for i := range requests {
			if got := ask(ctx, c, fmt.Sprint("/", i)); got.Err != nil {
				t.Error(got.Err)
			}
		}
		return scenario.Outcome{}
	})
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1, Duration: time.Second})
	require.NoError(t, err)
	a := pacer.Arrival{Token: pacer.NewToken(load.Token{Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0)}
	w, u := c.NewWorker().(*hands), c.NewUser()
	w.Run(t.Context(), nil, u, a, clock.Now())
	require.Len(t, w.calls, requests)
	requests = 3
	w.Run(t.Context(), nil, u, a, clock.Now())
	require.Len(t, w.calls, 3)
	require.LessOrEqual(t, cap(w.calls), keptCalls)
	kept := w.calls[0].exchange
	w.Run(t.Context(), nil, u, a, clock.Now())
	require.Same(t, kept, w.calls[0].exchange)
	u.session.Close()
}

// frugalServer answers every request with the same bytes and allocates nothing for it.
func frugalServer(tb testing.TB) (url string) {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	answer := []byte("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello")
	serve := func(c net.Conn) {
		defer c.Close()
		lines := bufio.NewReader(c)
		for {
			line, err := lines.ReadSlice('\n')
			if err != nil {
				return
			}
			if len(line) == len("\r\n") {
				c.Write(answer)
			}
		}
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { serve(c) })
		}
	})
	tb.Cleanup(func() { l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// BenchmarkIteration is one iteration with one request: run, measured and recorded, against a server in the same process.
func BenchmarkIteration(b *testing.B) {
	req := &scenario.Request{Method: http.MethodGet, URL: "/"}
	c, clock := newCrewAt(b, frugalServer(b), func(ctx context.Context, c scenario.Client) scenario.Outcome {
		c.Do(ctx, req)
		return scenario.Outcome{}
	})
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1, Duration: time.Second})
	require.NoError(b, err)
	token := pacer.NewToken(load.Token{Slices: 1, Count: 1 << 40}, &pacer.Lane{Profile: &profile}, 0)
	w, u := c.NewWorker(), c.NewUser()
	defer u.session.Close()
	samples := []sample{}
	b.ReportAllocs()
	for n := 0; b.Loop(); n++ {
		now := clock.Now()
		w.Run(b.Context(), nil, u, pacer.Arrival{Due: now, Token: token}, now)
		if n%1000 == 0 {
			samples = c.recorder.drain(samples[:0])
		}
	}
}

// However the numbers of a second are dealt out, every generator gets some that are tried in strands again: one in 64.
func TestRetriesAreSpreadOverSlices(t *testing.T) {
	t.Parallel()
	const seconds, rate = 60, 5000
	for _, n := range []int64{32, 33, 50, 64, 80} {
		of := make([]int, n)
		all := 0
		for number := range int64(seconds * rate) {
			if retries(pacer.Arrival{Number: number}) {
				of[number%n]++
				all++
			}
		}
		require.InDelta(t, seconds*rate/64, all, seconds*rate/640)
		require.Positive(t, slices.Min(of), "of %d slices", n)
	}
}

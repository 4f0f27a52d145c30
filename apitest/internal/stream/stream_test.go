package stream

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/internal/inprocess"
	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func do(t *testing.T, cfg roundtrip.Config, call *run.Call) run.Outcome {
	t.Helper()
	client, err := NewTarget(cfg).NewClient(t.Context())
	require.NoError(t, err)
	defer client.Close()
	if call.Timeout == 0 {
		call.Timeout = 10 * time.Second
	}
	call.Method, call.URL = "GET", "/events"
	var out run.Outcome
	client.Do(t.Context(), call, &out)
	return out
}

// canned answers with a body that comes piece by piece, in a goroutine that stops when nobody reads any more.
type canned struct {
	contentType string
	send        func(body io.Writer) error // what it returns breaks the body off; nil: it ends
	done        chan struct{}
}

func (c canned) RoundTrip(req *http.Request) (*http.Response, error) {
	r, w := io.Pipe()
	stop := context.AfterFunc(req.Context(), func() { _ = r.CloseWithError(req.Context().Err()) })
	go func() {
		defer close(c.done)
		defer stop()
		_ = w.CloseWithError(c.send(w))
	}()
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {c.contentType}}, Body: r, Request: req}, nil
}

// perform makes an exchange with a canned answer, in virtual time.
func perform(t *testing.T, call *run.Call, contentType string, send func(io.Writer) error) run.Outcome {
	t.Helper()
	c := canned{contentType, send, make(chan struct{})}
	out := do(t, roundtrip.Config{Transport: func() http.RoundTripper { return c }}, call)
	<-c.done
	return out
}

// clock sends an event, without an end, each time the interval is over.
func clock(interval time.Duration, event string) func(io.Writer) error {
	return func(body io.Writer) error {
		for {
			time.Sleep(interval)
			if _, err := io.WriteString(body, event); err != nil {
				return err
			}
		}
	}
}

// TestEndless says that streams which never end are over after so many events, at a given time, or when they may take no longer; and
// how exactly their events are timed.
func TestEndless(t *testing.T) {
	t.Parallel()
	const interval = 100 * time.Millisecond
	for name, row := range map[string]struct {
		contentType, event string
		call               run.Call
		until              time.Duration
		got                int64
		within             time.Duration
		class              string
	}{
		"so many server-sent events":  {contentType: events, event: "data: x\n\n", call: run.Call{Events: 10}, got: 10, within: 10 * interval},
		"so many lines":               {contentType: jsonl, event: "{}\n", call: run.Call{Events: 10}, got: 10, within: 10 * interval},
		"so many pieces":              {contentType: "text/plain", event: "tick", call: run.Call{Events: 10}, got: 10, within: 10 * interval},
		"until":                       {contentType: events, event: "data: x\n\n", until: 1050 * time.Millisecond, got: 10, within: 1050 * time.Millisecond},
		"as long as it may":           {contentType: events, event: "data: x\n\n", call: run.Call{Timeout: 250 * time.Millisecond}, got: 2, within: 250 * time.Millisecond},
		"comments are no events":      {contentType: events, event: ": ping\n\n", call: run.Call{Events: 1, Timeout: 3050 * time.Millisecond}, within: 3050 * time.Millisecond, class: load.ErrorTimeout},
		"no event until the time-out": {contentType: events, event: ": ping\n\n", call: run.Call{Timeout: 250 * time.Millisecond}, until: time.Hour, within: 250 * time.Millisecond, class: load.ErrorTimeout},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				call, begin := row.call, time.Now()
				if row.until > 0 {
					call.Until = begin.Add(row.until)
				}
				out := perform(t, &call, row.contentType, clock(interval, row.event))
				assert.Equal(t, row.class, out.Class, "%v", out.Err)
				assert.True(t, out.Stream)
				assert.False(t, out.ServerEnd)
				assert.Equal(t, row.got, out.Events)
				assert.Equal(t, row.within, out.Latency)
				if row.got > 0 {
					assert.Equal(t, interval, out.FirstEvent)
					assert.Len(t, out.Gaps, int(row.got)-1)
					for _, gap := range out.Gaps {
						assert.Equal(t, interval, gap)
					}
					assert.EqualValues(t, len(row.event)*int(row.got), out.BytesIn)
				}
			})
		})
	}
}

// TestSilent says that a stream which has begun may be silent until the end of the run, for longer than the time-out.
func TestSilent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		out := perform(t, &run.Call{Timeout: time.Second, Until: time.Now().Add(time.Hour)}, events, func(body io.Writer) error {
			_, _ = io.WriteString(body, "data: x\n\n")
			time.Sleep(59 * time.Minute)
			_, err := io.WriteString(body, "data: x\n\n")
			time.Sleep(time.Hour)
			return err
		})
		require.NoError(t, out.Err)
		assert.Equal(t, []time.Duration{59 * time.Minute}, out.Gaps)
		assert.Equal(t, time.Hour, out.Latency)
	})
}

func TestServerEnds(t *testing.T) {
	t.Parallel()
	two := func(err error) func(io.Writer) error {
		return func(body io.Writer) error {
			_, _ = io.WriteString(body, "data: x\n\ndata: y\n\n")
			return err
		}
	}
	for _, asked := range []int64{0, 10} {
		out := perform(t, &run.Call{Events: asked}, events, two(nil))
		require.NoError(t, out.Err)
		assert.True(t, out.ServerEnd)
		assert.EqualValues(t, 2, out.Events)

		out = perform(t, &run.Call{Events: asked}, events, two(io.ErrUnexpectedEOF))
		assert.Equal(t, load.ErrorClosed, out.Class)
		assert.False(t, out.ServerEnd)
		assert.EqualValues(t, 2, out.Events, "those that came before do count")
	}
	out := perform(t, &run.Call{Events: 1}, events, two(nil))
	assert.EqualValues(t, 1, out.Events, "the other one came with it, but was not asked for")
	assert.False(t, out.ServerEnd)
	out = perform(t, &run.Call{}, jsonl, func(body io.Writer) error {
		_, err := io.WriteString(body, "{}\n{}")
		return err
	})
	assert.EqualValues(t, 2, out.Events)
}

// TestServer reads endless streams of a real server, which learns that enough has come.
func TestServer(t *testing.T) {
	t.Parallel()
	left := make(chan struct{}, 1)
	accepts := make(chan string, 1)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		accepts <- r.Header.Get("Accept")
		w.Header().Set("Content-Type", "text/event-stream")
		for n := range 5 {
			_, _ = fmt.Fprintf(w, "id: %d\ndata: x\n\n", n)
			w.(http.Flusher).Flush()
		}
		<-r.Context().Done()
		left <- struct{}{}
	}))
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for _, h2 := range []bool{false, true} {
		cfg := roundtrip.Config{URL: server.URL, Transport: roundtrip.Sockets(run.Config{HTTP2: h2, Insecure: true})}
		out := do(t, cfg, &run.Call{Events: 5})
		require.NoError(t, out.Err)
		assert.EqualValues(t, 5, out.Events)
		assert.True(t, out.Opened)
		assert.Positive(t, out.FirstByte)
		assert.GreaterOrEqual(t, out.FirstEvent, out.FirstByte)
		assert.Contains(t, <-accepts, "text/event-stream")
		<-left
	}
}

// TestInProcess reads an endless stream of a handler that is called; leaving it ends the context of the handler.
func TestInProcess(t *testing.T) {
	t.Parallel()
	left := make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for r.Context().Err() == nil {
			_, _ = io.WriteString(w, "data: x\n\n")
		}
		close(left)
	})
	out := do(t, roundtrip.Config{
		Mode: run.ModeInProcess, URL: "http://in-process", Transport: func() http.RoundTripper { return inprocess.New(handler) },
	}, &run.Call{Events: 100})
	require.NoError(t, out.Err)
	assert.EqualValues(t, 100, out.Events)
	assert.False(t, out.Opened)
	<-left
}

func TestRefused(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, "no token", http.StatusUnauthorized)
	}))
	defer server.Close()
	out := do(t, roundtrip.Config{URL: server.URL, Transport: roundtrip.Sockets(run.Config{})}, &run.Call{Events: 5})
	assert.Equal(t, http.StatusUnauthorized, out.Status)
	assert.Empty(t, out.Class)
	assert.Equal(t, "no token\n", string(out.Body))
	assert.Zero(t, out.Events)
}

// endless is a body without an end.
type endless struct{ text []byte }

func (e endless) Read(p []byte) (int, error) { return copy(p, e.text), nil }

// TestMemory says that a stream costs the same memory however much comes.
func TestMemory(t *testing.T) { //nolint:paralleltest // allocations are the process's
	text := []byte(strings.Repeat("data: x\n\n", readBuffer/9))
	var x roundtrip.Exchange
	allocations := func(events int64) float64 {
		return testing.AllocsPerRun(3, func() {
			var out run.Outcome
			x.Run(t.Context(), &run.Call{Timeout: time.Minute, Events: events}, &out, func(context.Context) error {
				return read(&x, endless{text}, &sse{})
			})
			assert.Equal(t, events, out.Events)
		})
	}
	assert.InDelta(t, allocations(1000), allocations(100_000), 2)
}

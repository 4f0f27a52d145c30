package gateway

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// told is the part of a message that tests look at.
type told struct {
	Type string `json:"type"`
	Run  struct {
		State load.State `json:"state"`
	} `json:"run"`
	Elapsed float64         `json:"elapsed_secs"`
	Result  json.RawMessage `json:"result"`
}

func (m told) String() string {
	switch m.Type {
	case EventState:
		return "state " + string(m.Run.State)
	case EventLive:
		return fmt.Sprintf("live %v", m.Elapsed)
	default:
		return "result " + string(m.Result)
	}
}

// reader reads messages one by one, of either kind of stream.
type reader struct {
	t     *testing.T
	lines *bufio.Scanner
	sse   bool
}

func (f *fixture) follow(id string, sse bool) *reader {
	f.t.Helper()
	accept, media := "application/x-ndjson", "application/x-ndjson"
	if sse {
		accept, media = "*/*", "text/event-stream"
	}
	resp := f.open(http.MethodGet, "/v1/runs/"+id+"/events", http.NoBody, "Accept", accept)
	f.t.Cleanup(func() { resp.Body.Close() })
	require.Equal(f.t, http.StatusOK, resp.StatusCode)
	require.Equal(f.t, media, resp.Header.Get("Content-Type"))
	return &reader{t: f.t, lines: bufio.NewScanner(resp.Body), sse: sse}
}

// next returns the next message, or "end" when the stream has ended.
func (r *reader) next() string {
	r.t.Helper()
	event := ""
	for r.lines.Scan() {
		line := r.lines.Text()
		if r.sse {
			if name, ok := strings.CutPrefix(line, "event: "); ok {
				event = name
			}
			data, ok := strings.CutPrefix(line, "data: ")
			if !ok {
				continue
			}
			line = data
		}
		var m told
		require.NoError(r.t, json.Unmarshal([]byte(line), &m), line)
		if r.sse {
			require.Equal(r.t, event, m.Type)
		}
		return m.String()
	}
	return "end"
}

func TestAStreamTellsEverythingInOrder(t *testing.T) {
	t.Parallel()
	for name, sse := range map[string]bool{"server-sent events": true, "ndjson": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.submitted()
			r := f.follow(id, sse)
			require.Equal(t, "state pending", r.next())
			f.bus.become(id, load.StatePreparing)
			require.Equal(t, "state preparing", r.next())
			f.bus.become(id, load.StateRunning)
			require.Equal(t, "state running", r.next())
			f.bus.become(id, load.StateRunning) // a change of something else
			for i := range 3 {
				f.bus.tell(load.Live{RunID: id, ElapsedSecs: float64(i)})
				require.Equal(t, fmt.Sprintf("live %d", i), r.next())
			}
			f.bus.become(id, load.StateDone)
			require.Equal(t, "state done", r.next())
			f.bus.publishResult(id, "{\n  \"requests_total\": 7\n}") // later than the state, and on several lines
			require.Equal(t, `result {"requests_total":7}`, r.next())
			require.Equal(t, "end", r.next())
		})
	}
}

func TestALiveMessageCarriesIncidentsAsDocumented(t *testing.T) {
	t.Parallel()
	f := setup(t)
	schema := document(t, f).Components.Schemas["LiveEvent"].Value
	id := f.submitted()
	resp := f.open(http.MethodGet, "/v1/runs/"+id+"/events", http.NoBody, "Accept", ndjson)
	defer resp.Body.Close()
	want := load.Live{
		RunID: id, State: load.StateRunning, ElapsedSecs: 12.5, Generators: 2, Tasks: []load.LiveTask{{Task: "browse"}},
		Seconds: []load.Second{{Second: 11, Started: 5}}, Thresholds: []load.ThresholdResult{{Key: "p99_ms", Limit: 500, Passed: true}},
		Trust:    load.Trust{Level: load.TrustTrusted, Reasons: []string{}},
		Measures: []load.MeasureResult{{Kind: load.MeasureCounter, Name: "orders", Count: 1, Total: 2, PerSec: 0.5}},
		Incidents: []load.Incident{
			{Number: 1, Second: 3, Kind: load.IncidentLost, Generator: "g2", Instance: "i2", Reason: "no sign of life for 3 s"},
			{Number: 2, Second: 9, Kind: load.IncidentTakeover, Reason: "the owner before has gone"},
		},
	}
	f.bus.tell(want)
	lines := bufio.NewScanner(resp.Body)
	require.True(t, lines.Scan(), "the state")
	require.True(t, lines.Scan())
	var got LiveEvent
	require.NoError(t, json.Unmarshal(lines.Bytes(), &got))
	equal(t, LiveEvent{Type: EventLive, Live: want}, got)
	var message any
	require.NoError(t, json.Unmarshal(lines.Bytes(), &message))
	require.NoError(t, schema.VisitJSON(message))
}

func TestAResultThatCannotBeReadEndsTheStreamWithoutAWord(t *testing.T) {
	t.Parallel()
	f := setup(t, func(c *Config, d *Deps) {
		c.ResultWait = time.Millisecond
		d.Results = silentResults{}
	})
	id := f.submitted()
	f.bus.become(id, load.StateDone)
	r := f.follow(id, false)
	require.Equal(t, "state done", r.next())
	require.Equal(t, "end", r.next(), "that there is no result is not known")
}

// silentResults is a bus that does not answer.
type silentResults struct{}

func (silentResults) Result(ctx context.Context, _ string) ([]byte, error) {
	<-ctx.Done()
	return nil, fmt.Errorf("%w: %w", load.ErrUnavailable, ctx.Err())
}

// plain is an answer that goes nowhere.
type plain struct{ http.ResponseWriter }

func (plain) Header() http.Header              { return http.Header{} }
func (plain) Write(p []byte) (int, error)      { return len(p), nil }
func (plain) SetWriteDeadline(time.Time) error { return nil }
func (plain) FlushError() error                { return nil }

// asked is a result store that is asked for a result that is not there yet.
type asked func()

func (a asked) Result(context.Context, string) ([]byte, error) {
	a()
	return nil, load.ErrNotFound
}

func TestAClientThatGoesWhileItsResultIsAwaitedIsNotToldThatThereIsNone(t *testing.T) {
	t.Parallel()
	feed := feeds{opened: make(chan subscription, 1)}
	hub := newHub(feed, slog.New(slog.DiscardHandler))
	defer hub.close()
	ctx, gone := context.WithCancelCause(t.Context())
	errGone := errors.New("gone")
	s := &Service{cfg: DefaultConfig(), hub: hub}
	s.deps.Results = asked(func() {
		if n := hub.listening(); n != 0 {
			t.Errorf("%d listen, and would be dropped for what is of no use any more", n)
		}
		gone(errGone)
	})
	changes := make(chan load.Run, 1)
	changes <- load.Run{ID: "r", Revision: 1, State: load.StateDone}
	out := newStream(plain{}, true, time.Hour)
	require.ErrorIs(t, s.follow(ctx, load.Run{ID: "r", State: load.StateRunning}, changes, out), errGone)
}

func TestALateClientGetsTheEndAtOnce(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ published, want string }{
		"with a result":             {`{}`, "result {}"},
		"without, if there is none": {"", "result "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			id := f.submitted()
			if tc.published != "" {
				f.bus.publishResult(id, tc.published)
			}
			f.bus.become(id, load.StateFailed)
			r := f.follow(id, false)
			require.Equal(t, "state failed", r.next())
			require.Equal(t, tc.want, r.next())
			require.Equal(t, "end", r.next())
		})
	}
}

func TestStreamsEndWithTheService(t *testing.T) {
	t.Parallel()
	for name, state := range map[string]load.State{"of a run": load.StatePending, "that await a result": load.StateDone} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t, func(c *Config, _ *Deps) { c.ResultWait, c.ShutdownGrace = time.Hour, time.Hour })
			id := f.submitted()
			f.bus.become(id, state)
			r := f.follow(id, true)
			require.Equal(t, "state "+string(state), r.next())
			f.end()
			require.Equal(t, "end", r.next())
		})
	}
}

func TestWhatOutlastsTheGraceIsCutOffInOrder(t *testing.T) {
	t.Parallel()
	started := make(chan struct{})
	f := setup(t, func(c *Config, d *Deps) {
		c.CallTimeout, c.ShutdownGrace = time.Hour, time.Millisecond
		d.Compile = func(ctx context.Context, _ Request) (Program, error) {
			close(started)
			<-ctx.Done() // until the connection is closed
			return nil, ctx.Err()
		}
	})
	cutOff := make(chan error, 1)
	go func() {
		resp, err := http.Post(f.url+"/v1/runs", "application/json", strings.NewReader(`{"source":"A"}`))
		if err == nil {
			resp.Body.Close()
		}
		cutOff <- err
	}()
	<-started
	f.end() // which looks that Run returns no error
	require.Error(t, <-cutOff)
}

func TestManyClientsComeAndGo(t *testing.T) {
	t.Parallel()
	f := setup(t)
	id := f.submitted()
	var clients sync.WaitGroup
	for range 20 {
		resp := f.open(http.MethodGet, "/v1/runs/"+id+"/events", http.NoBody, "Accept", ndjson)
		clients.Go(func() {
			defer resp.Body.Close()
			b, err := io.ReadAll(resp.Body)
			if err != nil || !strings.Contains(string(b), `"type":"result"`) {
				t.Errorf("a client got %q, %v", b, err)
			}
		})
		f.open(http.MethodGet, "/v1/runs/"+id+"/events", http.NoBody).Body.Close() // one that leaves at once
	}
	f.bus.publishResult(id, `{}`)
	f.bus.become(id, load.StateDone)
	clients.Wait()
}

func TestStatesNeverWaitForASlowSubscriber(t *testing.T) {
	t.Parallel()
	s := newStates()
	changes, leave := s.subscribe("r")
	for i := range 3 * statesBuffer {
		s.publish(load.Run{ID: "r", Revision: uint64(i)})
		s.publish(load.Run{ID: "other"})
	}
	for i := 2 * statesBuffer; i < 3*statesBuffer; i++ {
		require.Equal(t, uint64(i), (<-changes).Revision, "the newest are kept, in order")
	}
	leave()
	s.publish(load.Run{ID: "r"})
	require.Empty(t, changes)
	require.Empty(t, s.subs)
}

func TestRunFailsWhenTheBusOrTheListenerDoes(t *testing.T) {
	t.Parallel()
	start := func(t *testing.T, b *bus) (net.Listener, chan error) {
		t.Helper()
		listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
		require.NoError(t, err)
		s, err := New(DefaultConfig(), Deps{
			Logger: slog.New(slog.DiscardHandler), Listener: listener, Watcher: b, Ops: http.NotFoundHandler(),
		})
		require.NoError(t, err)
		done := make(chan error, 1)
		go func() { done <- s.Run(t.Context()) }()
		return listener, done
	}
	t.Run("the watch ends", func(t *testing.T) {
		t.Parallel()
		b := newBus()
		_, done := start(t, b)
		close(b.watch)
		require.ErrorIs(t, <-done, load.ErrUnavailable)
	})
	t.Run("there is no watch", func(t *testing.T) {
		t.Parallel()
		b := newBus()
		b.away = load.ErrUnavailable
		listener, done := start(t, b)
		require.ErrorIs(t, <-done, load.ErrUnavailable)
		require.ErrorIs(t, listener.Close(), net.ErrClosed, "the listener is closed all the same")
	})
	t.Run("the listener breaks", func(t *testing.T) {
		t.Parallel()
		listener, done := start(t, newBus())
		require.NoError(t, listener.Close())
		require.ErrorIs(t, <-done, net.ErrClosed)
	})
}

func TestStartAndStopAtOnce(t *testing.T) {
	t.Parallel()
	for range 50 {
		setup(t).end()
	}
}

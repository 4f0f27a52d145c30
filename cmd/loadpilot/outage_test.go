package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// act is how a gateway answers one request. Without an answer it is not there.
type act func(w http.ResponseWriter, r *http.Request)

// scripted is the way to a gateway that plays one act after the other, the last one again and again, in virtual time.
type scripted struct {
	acts  []act
	asked int
	stops []act // of requests to stop the run, which may come at the same time as others
	plays sync.WaitGroup
}

func (s *scripted) RoundTrip(r *http.Request) (*http.Response, error) {
	script := &s.acts
	if strings.HasSuffix(r.URL.Path, "/stop") {
		script = &s.stops
	} else {
		s.asked++
	}
	play := (*script)[0]
	if len(*script) > 1 {
		*script = (*script)[1:]
	}
	if play == nil {
		return nil, syscall.ECONNREFUSED
	}
	answer := httptest.NewRecorder()
	body, stream := io.Pipe()
	head := make(chan struct{})
	free := context.AfterFunc(r.Context(), func() { _ = body.CloseWithError(r.Context().Err()) })
	s.plays.Go(func() {
		defer free()
		play(&streamed{answer, stream, head}, r)
		_ = stream.Close()
	})
	select {
	case <-head:
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	return &http.Response{StatusCode: answer.Code, Status: http.StatusText(answer.Code), Header: answer.Header(), Body: body}, nil
}

// streamed is an answer whose body is read while it is written.
type streamed struct {
	*httptest.ResponseRecorder
	body *io.PipeWriter
	head chan struct{}
}

func (s *streamed) WriteHeader(code int) {
	s.ResponseRecorder.WriteHeader(code)
	close(s.head)
}

func (s *streamed) Write(b []byte) (int, error) { return s.body.Write(b) }

// answers answers a call with a JSON document.
func answers(status int, body any) act {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(body)
	}
}

// tells answers with messages, each of which is written a second after the one before, and then breaks off.
func tells(messages ...any) act {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusOK)
		for _, m := range messages {
			_ = json.NewEncoder(w).Encode(m)
			time.Sleep(time.Second) // virtual
		}
	}
}

func stateIs(s load.State) any {
	return gateway.StateEvent{Type: gateway.EventState, Run: gateway.Run{ID: "r1", State: s, Plan: gateway.Plan{Scenario: "S"}}}
}

func liveAt(secs float64, incidents ...load.Incident) any {
	return gateway.LiveEvent{Type: gateway.EventLive, Live: load.Live{
		State: load.StateRunning, ElapsedSecs: secs, Phase: fmt.Sprintf("at_%.0f", secs), Generators: 3, Incidents: incidents,
	}}
}

func ended() any {
	return gateway.ResultEvent{Type: gateway.EventResult, Result: gateway.RawResult(`{"run_id":"r1"}`)}
}

var (
	natsAway = answers(http.StatusServiceUnavailable, gateway.Problem{Status: 503, Detail: "NATS does not answer; try again later"})
	unknown  = answers(http.StatusNotFound, gateway.Problem{Status: 404, Detail: "no run r1"})
)

// times repeats an act.
func times(n int, a act) []act {
	out := make([]act, n)
	for i := range out {
		out[i] = a
	}
	return out
}

func acts(groups ...[]act) []act {
	var out []act
	for _, g := range groups {
		out = append(out, g...)
	}
	return out
}

// newScripted returns a runner whose gateway plays the acts, and what it shows.
func newScripted(t *testing.T, script []act) (*runner, *scripted, *bytes.Buffer) {
	t.Helper()
	way, shown := &scripted{acts: script}, &bytes.Buffer{}
	t.Cleanup(way.plays.Wait)
	return &runner{
		client: &client{base: "http://gw", label: "--gateway-url http://gw", http: &http.Client{Transport: way}},
		view:   &progressLines{out: shown, failed: func(err error) { t.Error(err) }},
		out:    io.Discard, logger: slog.New(slog.DiscardHandler), outcome: make(chan error, 1),
	}, way, shown
}

// heads cuts the figures off the lines of progress.
func heads(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		head, _, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": 0/0 RPS")
		out = append(out, head)
	}
	return out
}

const (
	refused = "trying again for up to 1m0s: --gateway-url http://gw: unavailable: connection refused"
	broken  = "trying again for up to 1m0s: --gateway-url http://gw: the event stream broke off: unavailable: EOF"
	again   = "the gateway answers again"
)

func TestAClientRidesOutOutages(t *testing.T) {
	t.Parallel()
	first := tells(stateIs(load.StatePreparing), stateIs(load.StateRunning), liveAt(0), liveAt(1))
	second := tells(stateIs(load.StateRunning), liveAt(30), stateIs(load.StateDone), ended())
	start := []string{"S: preparing the generators", "[00:00] at_0", "[00:01] at_1"}
	for name, tc := range map[string]struct {
		script []act
		want   []string
	}{
		"the gateway is away for 20 s": {
			acts([]act{first}, times(99, nil), []act{second}), []string{broken, again, "[00:30] at_30"},
		},
		"NATS is away for 10 s": {
			acts([]act{first}, times(49, natsAway), []act{second}), []string{broken, again, "[00:30] at_30"},
		},
		"twice, almost for a minute": {
			acts([]act{first}, times(299, nil), []act{tells(stateIs(load.StateRunning), liveAt(60))}, times(299, nil), []act{second}),
			[]string{broken, again, "[01:00] at_60", broken, again, "[00:30] at_30"},
		},
		"it was silent long before it broke off": {
			acts([]act{first, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(http.StatusOK)
				for range 20 {
					_, _ = io.WriteString(w, "\n")
					time.Sleep(15 * time.Second) // virtual
				}
			}, nil, second}),
			[]string{broken, again, "[00:30] at_30"},
		},
		"it freezes": {
			acts([]act{func(w http.ResponseWriter, r *http.Request) {
				first(w, r)
				<-r.Context().Done()
			}, second}),
			[]string{
				"no figures for 5s: NATS is away, or every aggregator",
				"trying again for up to 1m0s: --gateway-url http://gw: the event stream broke off: unavailable: silent for 40s",
				again, "[00:30] at_30",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, way, shown := newScripted(t, tc.script)
				result, err := r.follow(t.Context(), gateway.Run{ID: "r1"})
				require.NoError(t, err)
				require.JSONEq(t, `{"run_id":"r1"}`, string(result))
				if diff := cmp.Diff(append(start, tc.want...), heads(shown.String())); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
				require.Len(t, way.acts, 1, "every act was played")
			})
		})
	}
}

func TestPatienceWithAGatewayIsBounded(t *testing.T) {
	t.Parallel()
	first := tells(stateIs(load.StateRunning), liveAt(0))
	for name, tc := range map[string]struct {
		last  act
		calls int // after the stream: one each 200 ms, until the one a minute after the stream broke off
		says  string
	}{
		"it never comes back":         {nil, 300, "no answer for 1m0s: --gateway-url http://gw: unavailable: connection refused\n"},
		"NATS never comes back":       {natsAway, 300, "no answer for 1m0s: NATS does not answer; try again later\n"},
		"another one, of another bus": {unknown, 1, "no run r1\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				plan, run := answers(http.StatusOK, gateway.Plan{}), answers(http.StatusCreated, gateway.Run{ID: "r1"})
				r, way, shown := newScripted(t, []act{plan, run, first, tc.last})
				err := r.perform(t.Context())
				require.Equal(t, load.ExitInfra, codeOf(err))
				require.Equal(t, tc.says+"nobody follows run r1 from here any more; it goes on, and any gateway has its result at /v1/runs/r1/result",
					err.Error())
				require.Equal(t, []string{"[00:00] at_0", broken}, heads(shown.String()))
				require.Equal(t, 3+tc.calls, way.asked)
			})
		})
	}
}

func TestAnInterruptStopsTheRunOrSaysThatItDoesNot(t *testing.T) {
	t.Parallel()
	away := tells(stateIs(load.StateRunning), liveAt(7))
	still := func(w http.ResponseWriter, r *http.Request) {
		away(w, r)
		<-r.Context().Done()
	}
	accepted := answers(http.StatusOK, gateway.Run{ID: "r1", State: load.StateStopping, StoppedAt: &time.Time{}})
	slow := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	goesOn := func(why string) string {
		return "run r1 was NOT stopped and goes on: " + why + "\nstop it with POST /v1/runs/r1/stop at any gateway\n"
	}
	const there = "NATS does not answer; try again later"
	for name, tc := range map[string]struct {
		stream []act // from the start of the run
		stops  []act
		local  bool
		state  load.State
		says   string
	}{
		"at once":                           {[]act{still}, []act{accepted}, false, load.StateStopping, ""},
		"NATS is away for a moment":         {[]act{away, natsAway}, acts(times(5, natsAway), []act{accepted}), false, load.StateStopping, ""},
		"the gateway is away for a moment":  {[]act{away, nil}, acts(times(5, nil), []act{accepted}), false, load.StateStopping, ""},
		"an attempt has no answer":          {[]act{still}, []act{slow, accepted}, false, load.StateStopping, ""},
		"NATS is away":                      {[]act{away, natsAway}, []act{natsAway}, false, load.StateRunning, goesOn(there)},
		"NATS is away, the stream is there": {[]act{still}, []act{natsAway}, false, load.StateRunning, goesOn(there)},
		"the gateway is away": {
			[]act{away, nil}, []act{nil}, false, load.StateRunning, goesOn("--gateway-url http://gw: unavailable: connection refused"),
		},
		"the gateway is frozen": {
			[]act{still}, []act{slow}, false, load.StateRunning, goesOn("--gateway-url http://gw: unavailable: context deadline exceeded"),
		},
		"another gateway, of another bus": {[]act{still}, []act{unknown}, false, load.StateRunning, goesOn("no run r1")},
		"somebody else has stopped it": {
			[]act{tells(stateIs(load.StateRunning), liveAt(7), stateIs(load.StateStopping)), nil}, []act{nil}, false, load.StateStopping, "",
		},
		"it ends with this process": {[]act{away, natsAway}, []act{natsAway}, true, load.StateRunning, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r, way, _ := newScripted(t, tc.stream)
				way.stops = tc.stops
				said := &bytes.Buffer{}
				r.err, r.outlives = said, !tc.local
				ctx, interrupt := context.WithCancel(t.Context())
				var since time.Time
				time.AfterFunc(10*time.Second, func() {
					since = time.Now()
					interrupt()
				})
				raw, err := r.follow(ctx, gateway.Run{ID: "r1"})
				require.NoError(t, err)
				require.Equal(t, resultWait, time.Since(since), "of virtual time")
				var result load.Result
				require.NoError(t, json.Unmarshal(raw, &result))
				require.InDelta(t, 7, result.DurationSecs, 0, "what was seen is kept")
				require.NotNil(t, result.Incidents)
				require.Equal(t, tc.state, result.State)
				require.Equal(t, tc.says, said.String())
				require.Equal(t, tc.says != "", strings.Contains(result.Reason, "goes on"), result.Reason)
				require.Equal(t, load.TrustUntrusted, result.Trust.Level)
				require.Len(t, way.stops, 1, "it asked again until it was accepted")
			})
		})
	}
}

func TestAnInterruptedSubmissionMayHaveMadeARun(t *testing.T) {
	t.Parallel()
	for outlives, says := range map[bool]string{
		true:  "interrupted before the gateway answered: if it has accepted the run, the run goes on and GET /v1/runs lists it",
		false: "interrupted before there was a result",
	} {
		synctest.Test(t, func(t *testing.T) {
			ctx, interrupt := context.WithCancel(t.Context())
			r, _, _ := newScripted(t, []act{answers(http.StatusOK, gateway.Plan{}), func(_ http.ResponseWriter, r *http.Request) {
				interrupt()
				<-r.Context().Done()
			}})
			r.outlives = outlives
			err := r.perform(ctx)
			require.Equal(t, load.ExitInterrupted, codeOf(err))
			require.Equal(t, says, err.Error())
		})
	}
}

func TestAStopThatIsAcceptedLateStillBringsTheResult(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, interrupt := context.WithCancel(t.Context())
		accepted := make(chan struct{})
		r, way, _ := newScripted(t, []act{func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusOK)
			out := json.NewEncoder(w)
			_ = out.Encode(stateIs(load.StateRunning))
			interrupt()
			<-accepted
			_ = out.Encode(stateIs(load.StateRunning)) // from before the stop
			_ = out.Encode(ended())
		}})
		way.stops = acts(times(4, natsAway), []act{func(w http.ResponseWriter, r *http.Request) {
			answers(http.StatusOK, gateway.Run{ID: "r1", State: load.StateStopping, StoppedAt: &time.Time{}})(w, r)
			close(accepted)
		}})
		raw, err := r.follow(ctx, gateway.Run{ID: "r1"})
		require.NoError(t, err)
		require.JSONEq(t, `{"run_id":"r1"}`, string(raw))
	})
}

func TestAnAnswerToAStopMayOvertakeTheStream(t *testing.T) {
	t.Parallel()
	running := gateway.Run{State: load.StateRunning}
	stopping := gateway.Run{State: load.StateStopping, StoppedAt: &time.Time{}}
	done := gateway.Run{State: load.StateDone, StoppedAt: &time.Time{}}
	require.Equal(t, stopping, newer(running, stopping))
	require.Equal(t, stopping, newer(stopping, running))
	require.Equal(t, done, newer(stopping, done))
	require.Equal(t, running, newer(gateway.Run{State: load.StatePreparing}, running))
}

func TestTheWaitForGeneratorsRidesOutOutages(t *testing.T) {
	t.Parallel()
	fleet := func(n int) act {
		members := make([]gateway.Generator, n)
		for i := range members {
			members[i].Pool = load.DefaultPool
		}
		return answers(http.StatusOK, map[string]any{"generators": members})
	}
	synctest.Test(t, func(t *testing.T) {
		r, _, shown := newScripted(t, acts([]act{fleet(1)}, times(20, natsAway), times(20, nil), []act{fleet(1), fleet(2)}))
		r.request.Generators = 2
		require.NoError(t, r.awaitFleet(t.Context()))
		require.Equal(t, []string{
			"waiting for generators: 1 of 2 are there", "trying again for up to 1m0s: NATS does not answer; try again later", again,
		}, heads(shown.String()))
	})
	synctest.Test(t, func(t *testing.T) {
		r, way, _ := newScripted(t, []act{fleet(1), nil})
		r.request.Generators, r.external = 2, true
		require.ErrorIs(t, r.awaitFleet(t.Context()), load.ErrUnavailable)
		require.Equal(t, 1+301, way.asked, "a minute of attempts")
	})
}

func TestOutageTellsItsBeginningAndItsEnd(t *testing.T) {
	t.Parallel()
	var told []string
	o := outage{tell: func(text string) { told = append(told, text) }}
	for _, err := range []error{nil, load.ErrUnavailable, load.ErrUnavailable, nil, nil, &gateway.Problem{Status: 503, Detail: "NATS"}, nil} {
		require.NoError(t, o.bear(err))
	}
	require.Equal(t, []string{
		"trying again for up to 1m0s: unavailable", again, "trying again for up to 1m0s: NATS", again,
	}, told)
	for _, err := range []error{errors.New("other"), &gateway.Problem{Status: 404}, &gateway.Problem{Status: 500}} {
		require.Equal(t, err, o.bear(err), "no use in trying again")
	}
}

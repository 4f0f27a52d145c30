package main

import (
	"bytes"
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/aggregator"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/natsbus"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestDifference(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ a, b, want string }{
		{`{"a":1,"b":2}`, `{"a":1, "b" : 2}`, ""},
		{`{"a":"<"}`, `{"a":"\u003c"}`, ""},
		{`{"a":1,"b":2}`, `{"a":1,"b":3}`, "b"},
		{`{"a":1,"b":2}`, `{"a":0,"b":3}`, "a"},
		{`{"a":{"x":[1,2],"y":{"z":[{"k":1},{"k":2}]}},"b":0}`, `{"a":{"x":[1,2],"y":{"z":[{"k":1},{"k":3}]}},"b":0}`, "a.y.z[1].k"},
		{`{"a":[[1],[2,3]]}`, `{"a":[[1],[2,4]]}`, "a[1][1]"},
		{`{"a":[1,2]}`, `{"a":[1]}`, "a[1]"},
		{`{"a":[],"b":{},"c":1}`, `{"a":[],"b":{},"c":2}`, "c"},
		{`{"a":{},"b":{"c":null}}`, `{"a":{},"b":{"c":false}}`, "b.c"},
		{`{"a":{"x":1,"y":2},"b":3}`, `{"a":{"x":1},"b":3}`, "a.y"},
		{`{"a":{"x":1},"b":3}`, `{"a":{"x":1,"y":2},"b":3}`, "a"},
		{`{"a":1.0}`, `{"a":1}`, "a"},
		{`{"a":{"b":"c"}}`, `{"a":{"b":`, "a.b"},
		{`{"a":1}`, `[1]`, "$"},
		{`{"a":1}`, ``, "$"},
	} {
		require.Equal(t, tc.want, difference([]byte(tc.a), []byte(tc.b)), "%s and %s", tc.a, tc.b)
	}
}

func TestVerificationIsTold(t *testing.T) {
	t.Parallel()
	for want, v := range map[string]verification{
		"Run r: replayed 12 latency events.\nThe stored result is what they say, byte for byte.\n":                {Same: true, Events: 12},
		"Run r: replayed 1 latency event.\nThe stored result differs from what they say, first in a[1].b.\n":      {Events: 1, differs: "a[1].b"},
		"Run r: replayed 0 latency events.\nThe stored result differs from what they say in its spelling only.\n": {},
		"Run r: replayed 5 latency events.\nThe stored result is what they say, byte for byte.\n" +
			"After the end came 2 more events, in no number of the result: 1 iteration started, 9 requests.\n": {
			Same: true, Events: 5, LateEvents: 2, LateStarted: 1, LateRequests: 9,
		},
	} {
		v.RunID = "r"
		var out bytes.Buffer
		require.NoError(t, v.writeText(&out))
		require.Equal(t, want, out.String())
	}
}

// connectBus reaches a bus as its operator does.
func connectBus(t *testing.T, url string) *natsbus.Bus {
	t.Helper()
	bus, err := natsbus.Connect(t.Context(), natsbus.Config{URL: url, Name: t.Name()})
	require.NoError(t, err)
	t.Cleanup(bus.Close)
	return bus
}

func TestVerifyARun(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2)
	target := testkit.StartTargetProcess(t)
	r := f.ended(f.counted(target, 50, 3), target, 150)
	audit := func(code int, args ...string) *testkit.Process {
		return f.run(code, append([]string{"verify", r.RunID, "--nats-url", f.NATS.URL}, args...)...)
	}
	outcome := func(code int) verification {
		p := audit(code, "--json")
		require.Empty(t, p.Stderr())
		require.Equal(t, 1, strings.Count(p.Stdout(), "\n"))
		var v verification
		require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &v))
		return v
	}
	require.Contains(t, audit(load.ExitPassed).Stdout(), "byte for byte")
	v := outcome(load.ExitPassed)
	require.Positive(t, v.Events)
	require.Equal(t, verification{RunID: r.RunID, Same: true, Events: v.Events}, v)

	bus := connectBus(t, f.NATS.URL)
	require.NoError(t, bus.Events.Publish(t.Context(), load.Event{
		Run: r.RunID, Generator: "g9", Instance: uuid.NewString(), Seq: 1,
		Tokens: []load.TokenReport{{Planned: 3, Started: 3}}, Tasks: []load.TaskReport{{Task: "browse", Iterations: 2, Requests: 2}},
	}))
	late := v
	late.LateEvents, late.LateStarted, late.LateRequests = 1, 3, 2
	require.Equal(t, late, outcome(load.ExitPassed))
	require.Contains(t, audit(load.ExitPassed).Stdout(), "3 iterations started")

	stored, err := bus.Events.Result(t.Context(), r.RunID)
	require.NoError(t, err)
	forged := bytes.Replace(stored, []byte(`"requests_total":150,`), []byte(`"requests_total":151,`), 1)
	require.NotEqual(t, stored, forged)
	require.NoError(t, bus.Events.PublishResult(t.Context(), r.RunID, forged))
	require.Contains(t, audit(load.ExitUntrusted).Stdout(), "differs from what they say, first in requests_total.")
	late.Same = false
	require.Equal(t, late, outcome(load.ExitUntrusted))
	require.NoError(t, bus.Events.PublishResult(t.Context(), r.RunID, stored))
	require.True(t, outcome(load.ExitPassed).Same)

	purge(t, f.NATS.URL, "loadpilot.events."+r.RunID+".latency.*")
	p := audit(load.ExitInfra, "--json")
	require.Contains(t, p.Stderr(), "no longer all stored")
	require.Empty(t, p.Stdout())
	purge(t, f.NATS.URL, "loadpilot.events."+r.RunID+".>")
	require.Contains(t, audit(load.ExitInfra).Stderr(), "no result")
}

// purge makes the event stream forget.
func purge(t *testing.T, url, subject string) {
	t.Helper()
	conn, err := nats.Connect(url)
	require.NoError(t, err)
	defer conn.Close()
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	stream, err := js.Stream(t.Context(), "LOADPILOT_EVENTS")
	require.NoError(t, err)
	require.NoError(t, stream.Purge(t.Context(), jetstream.WithPurgeSubject(subject)))
}

// The record of an old run with all its events is as good as a new one's; without some of them nothing is said.
func TestVerifyAnOldRun(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	bus := connectBus(t, server.URL)
	run := load.Run{
		ID: uuid.NewString(), CreatedAt: time.Now().Add(-25 * time.Hour), State: load.StateFailed, Pool: load.DefaultPool, Generators: 1,
		Plan: load.Plan{Scenario: "Old", Shape: load.Shape{Mode: load.ModeConstant, RPS: 1, Duration: time.Second}},
	}
	_, err := bus.Runs.Create(t.Context(), run)
	require.NoError(t, err)
	require.NoError(t, bus.Events.Decide(t.Context(), load.Decision{Run: run.ID, Kind: load.DecisionEnd}))
	audit, err := aggregator.Recompute(run, func(each func(load.Record) error) error {
		return bus.Events.History(t.Context(), run.ID, each)
	})
	require.NoError(t, err)
	l := setup(t)
	require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, audit.Result))
	l.run(load.ExitPassed, "verify", run.ID, "--nats-url", server.URL)
	require.NoError(t, bus.Events.PublishResult(t.Context(), run.ID, []byte(`{}`)))
	p := l.run(load.ExitInfra, "verify", run.ID, "--nats-url", server.URL)
	require.Contains(t, p.Stderr(), "no longer all stored")
}

func TestVerifyOfWhatIsNotThere(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	bus := connectBus(t, server.URL)
	running, err := bus.Runs.Create(t.Context(), load.Run{
		ID: uuid.NewString(), CreatedAt: time.Now(), State: load.StateRunning, Pool: load.DefaultPool, Generators: 1,
	})
	require.NoError(t, err)
	u, err := url.Parse(server.URL)
	require.NoError(t, err)
	l := setup(t)
	for _, tc := range []struct {
		code int
		says string
		args []string
	}{
		{2, "there is no run", []string{uuid.NewString(), "--nats-url", u.Host}},
		{2, "has not ended: it is running", []string{running.ID, "--nats-url", server.URL}},
		{2, "one run", []string{"a.*"}},
		{2, "one run", nil},
		{2, "one run", []string{"a", "b"}},
		{2, "--nats-url", []string{"a", "--nats-url", "nats://%zz"}},
		{4, "--nats-url", []string{"a", "--nats-url", "nats://u:pw@127.0.0.1:1"}},
	} {
		p := l.run(tc.code, append([]string{"verify"}, tc.args...)...)
		require.Contains(t, p.Stderr(), tc.says)
		require.NotContains(t, p.Stderr(), "pw")
		require.Empty(t, p.Stdout())
	}
}

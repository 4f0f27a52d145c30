package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// queueing is a gateway whose runs meet a service that answers in 20 ms, 500 times a second: what comes faster waits.
type queueing struct {
	t        *testing.T
	requests []gateway.Request
}

const queueCapacity = 500

func (q *queueing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	var answer any
	switch {
	case r.URL.Query().Get("dry_run") == "true":
		var req gateway.Request
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil || req.Mode != "constant" {
			q.t.Errorf("planned %+v: %v", req, err)
		}
		answer = gateway.Plan{
			Warmup: "0s", Planned: gateway.Planned{PeakRPS: 100},
			Thresholds: map[string]gateway.Limit{"p99_ms": {Limit: 400}, "rps_min": {Limit: 100}, "max_ms": {Limit: 900, AbortOnFail: true, Delay: "9s"}},
		}
	case r.Method == http.MethodPost:
		var req gateway.Request
		if err := json.NewDecoder(r.Body).Decode(&req); err != nil {
			q.t.Error(err)
		}
		q.requests = append(q.requests, req)
		answer = gateway.Run{ID: fmt.Sprintf("probe-%d", len(q.requests)), State: load.StatePending}
	default:
		raw, err := json.Marshal(q.result(q.requests[len(q.requests)-1]))
		if err != nil {
			q.t.Error(err)
		}
		answer = map[string]any{"type": gateway.EventResult, "run": gateway.Run{State: load.StateDone}, "result": json.RawMessage(raw)}
	}
	if err := json.NewEncoder(w).Encode(answer); err != nil {
		q.t.Error(err)
	}
}

// result is what a run comes to. The wait grows by rate / capacity − 1 seconds in each second.
func (q *queueing) result(req gateway.Request) load.Result {
	secs, err := time.ParseDuration(req.Duration)
	if err != nil {
		q.t.Error(err)
	}
	r := load.Result{
		RunID: fmt.Sprintf("probe-%d", len(q.requests)), State: load.StateDone, RPSTarget: *req.RPS, RequestsTotal: 1,
		Verdict: load.Verdict{Passed: true}, Trust: load.Trust{Level: load.TrustTrusted},
	}
	for s := range int(secs.Seconds()) {
		r.P99Ms = 20 + 1000*max(0, *req.RPS/queueCapacity-1)*float64(s)
		r.Series = append(r.Series, load.Second{Second: s, Phase: "steady", Requests: 1, MeanMs: r.P99Ms})
	}
	p99 := load.ThresholdResult{Key: "p99_ms", Value: r.P99Ms, Limit: 400, Samples: 1, Passed: r.P99Ms < 400}
	r.Verdict = load.Verdict{Passed: p99.Passed, Thresholds: []load.ThresholdResult{p99}}
	return r
}

// searcher is a runner that has a gateway with such a service behind it.
func searcher(t *testing.T, out io.Writer) (*runner, *queueing) {
	t.Helper()
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	q := &queueing{t: t}
	server := httptest.NewServer(q)
	t.Cleanup(server.Close)
	r := &runner{
		client: newClient(server.URL, "gateway"), capacity: true, out: out, err: io.Discard, view: silent{},
		logger: slog.New(slog.DiscardHandler), outcome: make(chan error, 1), request: gateway.Request{Target: "http://shop"},
	}
	t.Cleanup(r.client.close)
	return r, q
}

func TestFindCapacity(t *testing.T) {
	var out bytes.Buffer
	r, q := searcher(t, &out)
	r.jsonOnly = true
	require.NoError(t, r.perform(t.Context()))
	var got load.Capacity
	require.NoError(t, json.Unmarshal(out.Bytes(), &got))
	if got.RPS < 0.95*queueCapacity || got.RPS > 1.05*queueCapacity || !got.LimitFound || len(got.Probes) != len(q.requests) {
		t.Errorf("found %+v by %d runs", got, len(q.requests))
	}
	last := len(q.requests) - 1
	if p := got.Probes[last]; !p.Confirm || !p.Held || p.RPS != got.RPS || p.RunID != fmt.Sprintf("probe-%d", last+1) {
		t.Errorf("last probe %+v", p)
	}
	want := gateway.Request{
		Target: "http://shop", Mode: "constant", RPS: &got.RPS, Duration: "20s", Warmup: "1s", Thresholds: map[string]gateway.Limit{
			"p99_ms": {Limit: 400, AbortOnFail: true, Delay: "3s"}, "rps_min": {}, "max_ms": {Limit: 900, AbortOnFail: true, Delay: "9s"},
		},
	}
	if d := cmp.Diff(want, q.requests[last], cmp.AllowUnexported(gateway.Request{})); d != "" {
		t.Errorf("last request (-want +got):\n%s", d)
	}
}

func TestFindCapacityIsInterrupted(t *testing.T) {
	var out bytes.Buffer
	r, q := searcher(t, &out)
	ctx, interrupt := context.WithCancel(t.Context())
	r.view = interrupting{interrupt}
	err := r.perform(ctx)
	if codeOf(err) != load.ExitInterrupted || len(q.requests) > 1 || !strings.Contains(out.String(), "Capacity") {
		t.Errorf("%v after %d runs:\n%s", err, len(q.requests), out.String())
	}
}

// interrupting ends a context when the first probe is announced.
type interrupting struct{ interrupt func() }

func (i interrupting) note(string)     { i.interrupt() }
func (interrupting) state(gateway.Run) {}
func (interrupting) live(load.Live)    {}
func (interrupting) notice(string)     {}
func (interrupting) close()            {}

func TestCapacityIsWritten(t *testing.T) {
	t.Parallel()
	found := load.NewCapacity([]load.Probe{
		{RPS: 100, P95Ms: 20, P99Ms: 21, Held: true},
		{RPS: 200, P95Ms: 410, P99Ms: 500, ErrorRatePct: 1.5, Why: "p99_ms is 500, not below 400"},
		{RPS: 200, P95Ms: 420, P99Ms: 510, ErrorRatePct: 2, Why: "p99_ms is 510, not below 400"},
		{RPS: 141, P95Ms: 22, P99Ms: 23, Held: true},
	})
	want := strings.TrimPrefix(`
┏━━━━━━━━━━━━━━┳━━━━━━┳━━━━━━━┳━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ iterations/s ┃ held ┃   p95 ┃   p99 ┃ errors ┃ why not                      ┃
┡━━━━━━━━━━━━━━╇━━━━━━╇━━━━━━━╇━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┩
│          100 │ ✓    │  20ms │  21ms │     0% │                              │
│          141 │ ✓    │  22ms │  23ms │     0% │                              │
│          200 │ ✗    │ 410ms │ 500ms │   1.5% │ p99_ms is 500, not below 400 │
│          200 │ ✗    │ 420ms │ 510ms │     2% │ p99_ms is 510, not below 400 │
└──────────────┴──────┴───────┴───────┴────────┴──────────────────────────────┘
Capacity: 141 iterations a second. 200/s were too much: p99_ms is 500, not below 400.
`, "\n")
	for _, tt := range []struct {
		capacity load.Capacity
		want     string
	}{
		{found, want},
		{
			load.Capacity{RPS: 5, Untrusted: true}, "Capacity: at least 5 iterations a second, but generators were the limit: \n",
		},
		{load.Capacity{}, "Capacity: no rate was held.\n"},
		{load.Capacity{RPS: 5}, "Capacity: at least 5 iterations a second; no higher rate was tried.\n"},
	} {
		var got bytes.Buffer
		require.NoError(t, writeCapacity(&got, tt.capacity))
		if d := cmp.Diff(tt.want, got.String()); d != "" {
			t.Errorf("(-want +got):\n%s", d)
		}
	}
}

package cli

import (
	"bytes"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/internal/compare"
	"github.com/loadpilot/loadpilot/apitest/run"
)

func sample() run.Result {
	return run.Result{
		TestID: "0199a1b2-9c40-7000-8000-5d0d1f6c2a11", State: run.StateCompleted, Mode: run.ModeSocket,
		Config: run.Config{
			Method: "GET", Path: "/api/v1/tasks/status/{task_id}", PathParams: map[string]string{"task_id": "abc-123"},
			Clients: 5, Target: "http://127.0.0.1:8000", AuthAs: "alice", Protocol: run.ProtocolHTTP,
		},
		StartedAt: time.Date(2026, 11, 30, 1, 2, 3, 0, time.UTC), DurationSecs: 1.5,
		Metrics: run.Metrics{
			RequestsTotal: 3000, RequestsSucceeded: 2995, RequestsFailed: 5, ErrorRatePct: 0.1667, RequestsPerSecond: 2000,
			LatencyMsMin: 0.05, LatencyMsMean: 1.2, LatencyMsP50: 1.1, LatencyMsP90: 2, LatencyMsP95: 2.5, LatencyMsP99: 4, LatencyMsP999: 9,
			LatencyMsMax: 12.34, FirstByteMsP50: 1, FirstByteMsP95: 2, BytesIn: 123_456, BytesOut: 0, ConnectionsOpened: 5,
		},
		StatusCodes: map[string]int64{"200": 2995, "503": 4},
		Classes:     map[string]int64{"http_503": 4, "timeout": 1},
		Errors: []run.ErrorSample{
			{Request: 17, AtSecs: 0.25, Class: "http_503", Status: 503, LatencyMs: 1.5, Message: "503 Service Unavailable", Body: "try\nagain\x1b[2J"},
			{Request: 18, AtSecs: 0.25, Class: "http_503", Status: 503, LatencyMs: 1.5, Message: "503 Service Unavailable"},
			{Request: 19, AtSecs: 0.25, Class: "http_503", Status: 503, LatencyMs: 1.5, Message: "503 Service Unavailable"},
			{Request: 44, AtSecs: 1, Class: "timeout", LatencyMs: 500, Message: "no answer within 500ms"},
		},
		Warnings: []string{"the clients were at 100 % CPU"},
		Program:  "example 1.0",
	}
}

func written(t *testing.T, r run.Result, full bool) string {
	t.Helper()
	var out bytes.Buffer
	require.NoError(t, writeResult(&out, r, full))
	return out.String()
}

func TestSummaryOfARun(t *testing.T) {
	t.Parallel()
	assert.Equal(t, `GET /api/v1/tasks/status/{task_id}  socket  http://127.0.0.1:8000
  task_id        abc-123
  As             alice
  Requests       3,000 in 1.5s, 2,000/s, 5 failed (0.17%)
  Clients        5
  Latency        p50 1.1ms   p95 2.5ms   p99 4ms   max 12.3ms
  Connections    5 opened

Status codes
  200  2,995
  503  4

Errors
  4×        http_503
  1×        timeout
    request 17 after 250ms, 1.5ms, status 503: 503 Service Unavailable
      try again[2J
    request 18 after 250ms, 1.5ms, status 503: 503 Service Unavailable
    request 19 after 250ms, 1.5ms, status 503: 503 Service Unavailable

Warning: the clients were at 100 % CPU

Test ID 0199a1b2-9c40-7000-8000-5d0d1f6c2a11
`, written(t, sample(), false))
}

func TestResultInFull(t *testing.T) {
	t.Parallel()
	text := written(t, sample(), true)
	for _, line := range []string{
		"  Latency min    50µs\n", "  Latency mean   1.2ms\n", "  Latency p90    2ms\n", "  Latency p99.9  9ms\n", "  Latency max    12.3ms\n",
		"  First byte     p50 1ms   p95 2ms\n", "  Bodies         123 kB received, 0 B sent\n",
		"    request 44 after 1s, 500ms: no answer within 500ms\n", "\nStarted 2026-11-30 01:02:03 UTC by example 1.0\n",
	} {
		assert.Contains(t, text, line)
	}
}

// Streams are told by their events: how long an exchange took says nothing.
func TestSummaryOfStreams(t *testing.T) {
	t.Parallel()
	r := sample()
	r.State, r.Mode = run.StateInterrupted, run.ModeInProcess
	r.Config = run.Config{Method: "GET", Path: "/events", Clients: 2, Protocol: run.ProtocolStream, Rate: 10}
	r.Metrics = run.Metrics{RequestsTotal: 4, RequestsSucceeded: 4, RequestsPerSecond: 2.6667, Late: 1}
	r.Classes, r.Errors, r.Warnings, r.StatusCodes = nil, nil, nil, map[string]int64{"200": 4}
	r.Stream = &run.StreamMetrics{
		Events: 40, EventsPerSecond: 26.67, FirstEventMsP50: 1, FirstEventMsP95: 2, FirstEventMsMax: 3,
		GapMsP50: 10, GapMsP95: 11, GapMsMax: 12, EndedByServer: 1,
	}
	assert.Equal(t, `GET /events  in-process  interrupted
  Requests       4 in 1.5s, 2.67/s, 0 failed (0%)
  Clients        2, 10/s planned, 1 late
  Events         40, 26.7/s, 1 exchange ended by the server
  First event    p50 1ms   p95 2ms   max 3ms
  Gaps           p50 10ms   p95 11ms   max 12ms

Status codes
  200  4

Test ID 0199a1b2-9c40-7000-8000-5d0d1f6c2a11
`, written(t, r, false))
}

// What never came took no time, which is not the same as none at all.
func TestSummaryOfStreamsWithoutEvents(t *testing.T) {
	t.Parallel()
	r := sample()
	r.Config.Protocol, r.Stream = run.ProtocolStream, &run.StreamMetrics{}
	text := written(t, r, false)
	assert.Contains(t, text, "  First event    –\n  Gaps           –\n")
	r.Config.Protocol = run.ProtocolWebSocket
	assert.Contains(t, written(t, r, false), "  Round trips    –\n")
}

func TestRecentRunsAreListed(t *testing.T) {
	t.Parallel()
	r := sample()
	stopped := r.Summary()
	stopped.State, stopped.Mode, stopped.Method, stopped.Path = run.StateInterrupted, run.ModeInProcess, "WS", "/ws\x1b[2J"
	stopped.LatencyMsP95, stopped.ErrorRatePct, stopped.StartedAt = 0, 0, r.StartedAt.Add(-26*time.Hour)
	var out bytes.Buffer
	require.NoError(t, writeRecent(&out, []run.Summary{r.Summary(), stopped}, r.StartedAt.Add(5*time.Minute)))
	assert.Equal(t, `┏━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━┳━━━━━━━┳━━━━━━━┳━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━━━━━━┓
┃ TEST ID                              ┃ METHOD ┃ PATH                           ┃ MODE       ┃ REQ/S ┃   P95 ┃ ERROR % ┃ STARTED                ┃
┡━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━╇━━━━━━━╇━━━━━━━╇━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━━━━━━┩
│ 0199a1b2-9c40-7000-8000-5d0d1f6c2a11 │ GET    │ /api/v1/tasks/status/{task_id} │ socket     │ 2,000 │ 2.5ms │    0.17 │ 5 minutes ago          │
│ 0199a1b2-9c40-7000-8000-5d0d1f6c2a11 │ WS     │ /ws[2J                         │ in-process │ 2,000 │     – │       0 │ yesterday, interrupted │
└──────────────────────────────────────┴────────┴────────────────────────────────┴────────────┴───────┴───────┴─────────┴────────────────────────┘
`, out.String())
	out.Reset()
	require.NoError(t, writeRecent(&out, nil, r.StartedAt))
	assert.Equal(t, "There are no results yet.\n", out.String())
}

func TestComparisonIsATable(t *testing.T) {
	t.Parallel()
	worse := 50.0
	var out bytes.Buffer
	require.NoError(t, writeComparison(&out, compare.Comparison{Verdict: compare.Regression, Targets: []string{"http://a", "http://b"}, Figures: []compare.Figure{
		{Name: "error_rate_pct", Current: 2},
		{Name: "latency_ms_mean", Baseline: 0.02, Current: 0.03, DiffPct: &worse, P: 0.0001, Verdict: compare.Regression},
	}}))
	assert.Equal(t, `┏━━━━━━━━━━━━━━━━━┳━━━━━━━━━━┳━━━━━━━━━┳━━━━━━━━┓
┃ FIGURE          ┃ BASELINE ┃ CURRENT ┃   DIFF ┃
┡━━━━━━━━━━━━━━━━━╇━━━━━━━━━━╇━━━━━━━━━╇━━━━━━━━┩
│ error_rate_pct  │        0 │       2 │    new │
│ latency_ms_mean │     20µs │    30µs │ +50.0% │
└─────────────────┴──────────┴─────────┴────────┘
The baseline is of http://a, the current run of http://b.
Regression.
`, out.String())
}

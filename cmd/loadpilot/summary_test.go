package main

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/lipgloss"
	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func TestSummary(t *testing.T) {
	t.Parallel()
	r := load.Result{
		RunID: "r", Scenario: "CheckoutFlow", TargetURL: "http://shop.test", State: load.StateDone, DurationSecs: 102,
		RPSTarget: 100, RPSActual: 99.96, RequestsTotal: 10212, RequestsPerSec: 100.1, ErrorsTotal: 12, ErrorRatePct: 0.1175,
		Response: load.Distribution{Count: 9, P50Ms: 12.34, P95Ms: 158, P99Ms: 243.4, MaxMs: 1234},
		Service:  load.Distribution{Count: 9, P50Ms: 0.512, P95Ms: 1.5, P99Ms: 20, MaxMs: 999.6},
		Failed:   load.Distribution{Count: 12, P50Ms: 700, P95Ms: 701, P99Ms: 702, MaxMs: 703},
		Lag:      load.Distribution{Count: 9, P50Ms: 0.071, P95Ms: 0.2, P99Ms: 12, MaxMs: 31},
		Setup:    load.SetupResult{Users: 20, Failed: 1, Requests: 21, Response: load.Distribution{Count: 21, P99Ms: 81}},
		Connections: load.ConnectionResult{
			Opened: 1204, Reused: 9000, Failed: 8, Refused: 7, ClosedIdle: 3,
			DNS: load.Distribution{Count: 1, P99Ms: 2.5}, Connect: load.Distribution{Count: 1204, P99Ms: 0.31},
			FirstByte: load.Distribution{Count: 9, P99Ms: 19}, Transfer: load.Distribution{Count: 9, P99Ms: 3},
		},
		Tasks: []load.TaskResult{{Task: "browse", Iterations: 8510, Requests: 8510, Response: load.Distribution{Count: 8510, P99Ms: 41}}, {Task: "buy", Iterations: 1702, Requests: 1702, Errors: 12}},
		Measures: []load.MeasureResult{
			{Kind: load.MeasureCounter, Name: "orders", Count: 4, Total: 1234, PerSec: 12.34},
			{Kind: load.MeasureEvent, Name: "checkout_time", Count: 400, Failed: 12, ErrorRatePct: 3, Times: load.Distribution{Count: 9, P50Ms: 80.5, P95Ms: 158, P99Ms: 243.4}},
			{Kind: load.MeasureGauge, Name: "queue\x1bdepth", Count: 3, Min: -1, Mean: 2.345, Max: 7},
			{Kind: load.MeasureRequest, Name: "GET /items/:id", Requests: 8510, Response: load.Distribution{Count: 9, P50Ms: 1, P95Ms: 2, P99Ms: 3}},
		},
		Errors: []load.ErrorResult{
			{Class: "timeout", Count: 2},
			{Class: "AssertionError", Count: 10, Samples: []load.ErrorSample{{
				Second: 3, Iteration: 312, Task: "buy", Status: 200, Message: "Traceback (most recent call last):\n  File \"checkout.py\", line 12\nAssertionError\n",
			}}},
		},
		Ledger: load.Ledger{Planned: 10212, Started: 10212, Completed: 10211, Unfinished: 1},
		Verdict: load.Verdict{Passed: false, Thresholds: []load.ThresholdResult{
			{Key: "p99_ms", Value: 243.4, Limit: 500, Passed: true},
			{Key: "browse:service_p95_ms", Value: 1.5, Limit: 1, Passed: false},
			{Key: "GET /items/:id:p95_ms", Value: 2, Limit: 10, Passed: true},
			{Key: "orders:count_min", Value: 1234, Limit: 1000, Passed: true},
			{Key: "queue\x1bdepth:max", Value: 7, Limit: 10, Passed: true},
			{Key: "browse:p99_ms[30s]", Value: 490, Limit: 500, Samples: 9, Aborted: true},
			{Key: "rps_min[2s]", Value: 99, Limit: 100, Samples: 9},
		}},
		KneePoint: &load.KneePoint{Step: 1, TotalSteps: 2, RPS: 50, MaxRPS: 100, Steps: []load.StepResult{
			{Step: 1, RPS: 50, P50Ms: 12, P95Ms: 20, P99Ms: 31, Held: true},
			{Step: 2, RPS: 100, P50Ms: 13, P95Ms: 158, P99Ms: 1234, ErrorRatePct: 2.5, Why: "p99_ms is 1234, not below 500"},
		}},
		Trust: load.Trust{Level: load.TrustDegraded, Reasons: []string{"schedule lag p99 is 12.0 ms"}},
	}
	want := strings.TrimPrefix(`
LoadPilot — CheckoutFlow  done after 01:42  http://shop.test
  Iterations  10,212 started, 100.0/s of 100/s at the peak
  Requests    10,212, 100.1/s, 12 failed (0.12%)
  Response    p50 12.3ms   p95 158ms   p99 243ms   max 1234ms
  Service     p50 0.51ms   p95 1.5ms   p99 20ms   max 1000ms
  Failed      p50 700ms   p95 701ms   p99 702ms   max 703ms
  Lag         p50 0.07ms   p95 0.2ms   p99 12ms   max 31ms
  Connections 1,204 opened, 9,000 reused, 8 failed, of which 7 refused, 3 closed by the server while idle
  Parts       p99 of DNS 2.5ms   connect 0.31ms   first byte 19ms   transfer 3ms
  Setup       20 users started, 21 requests, p99 81ms, in no other number
  Task        browse  8,510 iterations, 8,510 requests, 0 failed, p99 41ms
  Task        buy     1,702 iterations, 1,702 requests, 12 failed, p99 –
  Counter     orders          1,234, 12.3/s
  Event       checkout_time   400, 12 failed (3%), p50 80.5ms   p95 158ms   p99 243ms
  Gauge       queuedepth      min -1   mean 2.35   max 7
  Request     GET /items/:id  8,510, 0 failed (0%), p50 1ms   p95 2ms   p99 3ms

Thresholds
  ✓  p99 latency                      243ms < 500ms
  ✗  browse p95 service time          1.5ms ≥ 1ms
  ✓  GET /items/:id p95 latency       2ms < 10ms
  ✓  orders count                     1234 ≥ 1000
  ✓  queuedepth max                   7 < 10
  ✗  worst 30s of browse p99 latency  490ms < 500ms, whose breach ended the run
  ✗  worst 2s of rate                 99 RPS < 100 RPS
3 thresholds were breached.

Steps
  ✓   50/s  p50 12ms   p95 20ms   p99 31ms   errors 0%
  ✗  100/s  p50 13ms   p95 158ms   p99 1234ms   errors 2.5%  p99_ms is 1234, not below 500
Knee: step 1 of 2, 50/s, was the last that was held.

Errors
  10×       AssertionError
            buy, iteration 312, second 3, status 200
            Traceback (most recent call last):
              File "checkout.py", line 12
            AssertionError
  2×        timeout

Setup
  20 users started, 1 attempts failed

Ledger: 10,212 planned = 10,212 started − 0 repeated + 0 dropped + 0 lost + 0 never issued + 0 cancelled
  1 of the started iterations did not finish
Trust: degraded
  schedule lag p99 is 12.0 ms
Result: /state/r.json
`, "\n")
	var got bytes.Buffer
	require.NoError(t, writeSummary(&got, r, "/state/r.json"))
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Connections that were there before the run and used on have no line, and parts that say what the whole says have none.
func TestSummaryOfConnections(t *testing.T) {
	t.Parallel()
	reused := load.ConnectionResult{Reused: 9, FirstByte: load.Distribution{Count: 9, P99Ms: 10}, Transfer: load.Distribution{Count: 9, P99Ms: 0.5}}
	large := reused
	large.Transfer.P99Ms = 5
	for name, tt := range map[string]struct {
		connections load.ConnectionResult
		want        string
	}{
		"nothing": {},
		"reused":  {connections: reused},
		"large":   {connections: large, want: "Parts       p99 of first byte 10ms   transfer 5ms"},
		"refused": {connections: load.ConnectionResult{Failed: 9, Refused: 9}, want: "Connections 0 opened, 0 reused, 9 failed, of which 9 refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got strings.Builder
			service := load.Distribution{Count: 9, P99Ms: 10}
			writeConnections(&got, load.Result{Service: service, Connections: tt.connections}, func(s string) string { return fmt.Sprintf("%-12s", s) })
			require.Equal(t, tt.want, strings.TrimSpace(got.String()))
		})
	}
}

// Where nothing was measured there is no 0: not in the numbers, not in the thresholds, not in the picture of a running test.
func TestNothingWasMeasured(t *testing.T) {
	t.Parallel()
	r := load.Result{
		Tasks:    []load.TaskResult{{Task: "a"}, {Task: "b"}},
		Measures: []load.MeasureResult{{Kind: load.MeasureRequest, Name: "item", Requests: 3, Errors: 3, ErrorRatePct: 100}},
		Ledger:   load.Ledger{Planned: 3, Started: 3},
		Verdict: load.Verdict{Thresholds: []load.ThresholdResult{
			{Key: "orders:count_min", Limit: 5}, {Key: "depth: x:max", Limit: 5}, {Key: "item:error_rate", Value: 100, Limit: 5},
		}},
	}
	var got bytes.Buffer
	require.NoError(t, writeSummary(&got, r, ""))
	for _, want := range []string{
		"  Response    p50 –   p95 –   p99 –   max –\n", "  Service     p50 –   p95 –   p99 –   max –\n", "0 failed, p99 –\n",
		"  Request     item  3, 3 failed (100%), p50 –   p95 –   p99 –\n",
		"  ✗  orders count     was never reported\n", "  ✗  depth: x max     was never reported\n", "  ✗  item error rate  100% ≥ 5%\n",
	} {
		require.Contains(t, got.String(), want)
	}
	require.NotContains(t, got.String(), " 0ms")
	require.Contains(t, liveLines(load.Live{}, 80, terminal.NewPalette(&got)), "  Response      p50 –   p95 –   p99 –   max –")
	var line bytes.Buffer
	(&progressLines{out: &line}).live(load.Live{})
	require.Contains(t, line.String(), "p50 –  p95 –  p99 –")
}

// What has no line of its own name is always shown, and that there is such.
func TestSummaryOfTooManyNames(t *testing.T) {
	t.Parallel()
	r := load.Result{Ledger: load.Ledger{Planned: 1, Started: 1}, Partial: true}
	for i := range 2 * summaryMeasures {
		r.Measures = append(r.Measures, load.MeasureResult{Kind: load.MeasureCounter, Name: strconv.Itoa(i), Total: 1})
	}
	r.Measures = append(r.Measures, load.MeasureResult{Kind: load.MeasureCounter, Name: load.MeasureOther, Total: 77})
	var got bytes.Buffer
	require.NoError(t, writeSummary(&got, r, ""))
	require.Contains(t, got.String(), strings.TrimPrefix(`
  Counter     19     1, 0/s
  Counter     other  77, 0/s
              and 20 more measures
              more than 200 names: the numbers of those that the file does not have literally may be partial, the rest is in other
`, "\n"))
	require.Len(t, r.Measures, 2*summaryMeasures+1)
	r.Partial, r.Measures = false, r.Measures[:5]
	got.Reset()
	require.NoError(t, writeSummary(&got, r, ""))
	require.NotContains(t, got.String(), "more than 200")
}

func TestComparisonNeverContradictsItself(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		key          string
		value, limit float64
		passed       bool
		want         string
	}{
		{"p99_ms", 243, 500, true, "243ms < 500ms"},
		{"p99_ms", 612.4, 500, false, "612ms ≥ 500ms"},
		{"p99_ms", 500, 500, false, "500ms ≥ 500ms"},
		{"p99_ms", 499.7, 500, true, "499.7ms < 500ms"},
		{"p99_ms", 500.2, 500, false, "500.2ms ≥ 500ms"},
		{"error_rate", 0, 1, true, "0% < 1%"},
		{"browse:error_rate", 1.25, 1, false, "1.25% ≥ 1%"},
		{"rps_min", 100, 90, true, "100 RPS ≥ 90 RPS"},
		{"rps_min", 80, 90, false, "80 RPS < 90 RPS"},
		{"p99_ms", 0, 500, false, "no data"},
		{"orders:count", 9, 10, true, "9 < 10"},
		{"orders:count_min", 9, 10, false, "9 < 10"},
		{"orders:rate", 2.5, 2, false, "2.5/s ≥ 2/s"},
		{"orders:rate_min", 2.5, 2, true, "2.5/s ≥ 2/s"},
		{"depth:min", 3, 3, true, "3 ≥ 3"},
		{"depth:mean_min", 0, 1, false, "0 < 1"},
		{"depth:max", 0, 1, false, "no data"},
		{"a:rate:error_rate", 2, 1, false, "2% ≥ 1%"},
	} {
		got := comparison(load.ThresholdResult{Key: tc.key, Value: tc.value, Limit: tc.limit, Passed: tc.passed})
		require.Equal(t, tc.want, got)
	}
}

func TestLiveLines(t *testing.T) {
	t.Parallel()
	l := load.Live{
		Scenario: "CheckoutFlow", ElapsedSecs: 102.4, TotalSecs: 204.8, Phase: "steady", CurrentRPS: 100, TargetRPS: 100,
		RequestsPerS: 120.5, RequestsTotal: 10212, ErrorsTotal: 3, ErrorRatePct: 0.03, Generators: 2, ActiveWorkers: 21,
		Latency: load.LiveLatency{P50Ms: 12, P95Ms: 158, P99Ms: 243, MaxMs: 1234}, Ledger: load.Ledger{Dropped: 1340},
	}
	want := []string{
		"LoadPilot — CheckoutFlow  [01:42]  steady: 100/100 RPS",
		"",
		"  Requests/sec  120.5         Total         10,212",
		"  Errors        0.03 %        Failed        3  dropped 1,340",
		"  Response      p50 12ms   p95 158ms   p99 243ms   max 1234ms",
		"  Generators    2             Users         21",
		"  " + strings.Repeat("█", 10) + strings.Repeat("░", 10) + "  50%",
	}
	if diff := cmp.Diff(want, liveLines(l, 30, terminal.NewPalette(&bytes.Buffer{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Only so many measures are shown that the picture keeps its size.
func TestLiveMeasures(t *testing.T) {
	t.Parallel()
	var l load.Live
	plain := liveLines(l, 80, terminal.NewPalette(&bytes.Buffer{}))
	for i := range liveMeasures + 2 {
		l.Measures = append(l.Measures, load.MeasureResult{Kind: load.MeasureCounter, Name: strings.Repeat("x", 50*i+1), Total: 0.5})
	}
	got := liveLines(l, 80, terminal.NewPalette(&bytes.Buffer{}))
	require.Equal(t, plain, got[:len(plain)])
	got = got[len(plain):]
	require.Len(t, got, liveMeasures+1)
	require.Equal(t, "  Counter       x"+strings.Repeat(" ", 39)+"  0.5, 0/s", got[0])
	require.Equal(t, "  Counter       "+strings.Repeat("x", 39)+"…  0.5, 0/s", got[1])
	require.Equal(t, "                and 2 more measures", got[liveMeasures])
}

func TestScreenDrawsInPlace(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &screen{out: &out, width: func() int { return 20 }, style: terminal.NewPalette(&out)}
	s.draw([]string{"a line that is much longer than the screen", "b"})
	require.Equal(t, "a line that is muc…\x1b[K\nb\x1b[K\n\x1b[J", out.String())
	out.Reset()
	s.draw([]string{"c"})
	require.Equal(t, "\x1b[2A\rc\x1b[K\n\x1b[J", out.String(), "two lines up, and nothing of them is left")
	out.Reset()
	s.close()
	require.Equal(t, "\x1b[1A\r\x1b[J", out.String())
}

func TestProgressLinesAreFew(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &progressLines{out: &out}
	p.state(gateway.Run{State: load.StatePreparing, Plan: gateway.Plan{Scenario: "S"}})
	for second := -1; second < 12; second++ {
		phase := "ramp_up"
		if second >= 7 {
			phase = "steady"
		}
		p.live(load.Live{ElapsedSecs: float64(second) + 0.1*float64(second%2), Phase: phase})
	}
	var heads []string
	for line := range strings.Lines(out.String()) {
		heads = append(heads, line[:min(len(line), 15)])
	}
	require.Equal(t, []string{"S: preparing th", "[00:00] ramp_up", "[00:05] ramp_up", "[00:07] steady:"}, heads[:4])
	require.Len(t, heads, 4)
}

// incidentsTo makes the incidents from one number to another, one a second.
func incidentsTo(from, to int) []load.Incident {
	kinds := []load.IncidentKind{
		load.IncidentJoined, load.IncidentLost, load.IncidentReturned, load.IncidentLeft, load.IncidentTakeover, load.IncidentNeverIssued, "unheard_of",
	}
	var out []load.Incident
	for n := from; n <= to; n++ {
		i := load.Incident{Number: n, Second: n, Kind: kinds[(n-1)%len(kinds)], Reason: "a reason"}
		if n%len(kinds) >= 1 && n%len(kinds) <= 4 {
			i.Generator = "g" + terminal.Count(int64(n))
		}
		out = append(out, i)
	}
	return out
}

func TestEachIncidentIsALineAtOnce(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	p := &progressLines{out: &out}
	live := func(secs float64, recent ...load.Incident) {
		p.live(load.Live{ElapsedSecs: secs, Phase: "steady", TargetRPS: 5, Generators: 3, Incidents: recent})
	}
	live(-1, incidentsTo(1, 1)...)
	live(0, incidentsTo(1, 2)...)
	live(1, incidentsTo(1, 5)...)
	live(2, incidentsTo(1, 5)...)
	live(3, incidentsTo(9, 13)...)
	live(4)
	live(5, incidentsTo(9, 14)...)
	want := strings.TrimPrefix(`
[00:01] generator g1 joined: a reason
[00:02] generator g2 was lost: a reason
[00:00] steady: 0/5 RPS  requests 0  errors 0.00%  p50 –  p95 –  p99 –  users 0  generators 3
[00:03] generator g3 is back: a reason
[00:04] generator g4 left: a reason
[00:05] a reason
3 incidents are not shown here; the result lists them
[00:09] generator g9 was lost: a reason
[00:10] generator g10 is back: a reason
[00:11] generator g11 left: a reason
[00:12] a reason
[00:13] a reason
[00:14] unheard_of: a reason
[00:05] steady: 0/5 RPS  requests 0  errors 0.00%  p50 –  p95 –  p99 –  users 0  generators 3
`, "\n")
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestThePictureEndsWithTheNewestIncidents(t *testing.T) {
	t.Parallel()
	colours := terminal.Palette{Faint: lipgloss.NewStyle().SetString("faint"), Warn: lipgloss.NewStyle().SetString("warn")}
	for recent, want := range map[int][]string{
		0: {},
		2: {"  faint [00:01] generator g1 joined: a reason", "  warn [00:02] generator g2 was lost: a reason"},
		5: {
			"  faint [00:03] generator g3 is back: a reason", "  faint [00:04] generator g4 left: a reason",
			"  faint [00:05] a reason",
		},
		6: {
			"  faint [00:04] generator g4 left: a reason", "  faint [00:05] a reason",
			"  warn [00:06] a reason",
		},
	} {
		lines := liveLines(load.Live{Incidents: incidentsTo(1, recent)}, 80, colours)
		require.Equal(t, want, lines[7:])
	}
}

func TestANoticeStandsUnderThePicture(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	s := &screen{out: &out, width: func() int { return 40 }, style: terminal.NewPalette(&out)}
	s.note("picture")
	for _, text := range []string{"away", "back"} {
		out.Reset()
		s.notice(text)
		require.Contains(t, out.String(), "A\rpicture\x1b[K\n"+text+"\x1b[K\n\x1b[J")
	}
	out.Reset()
	s.note("another")
	require.Equal(t, "\x1b[2A\ranother\x1b[K\n\x1b[J", out.String())
}

func TestASummaryTellsTheFirstIncidents(t *testing.T) {
	t.Parallel()
	section := func(n int) string {
		var b bytes.Buffer
		require.NoError(t, writeSummary(&b, load.Result{Incidents: incidentsTo(1, n)}, ""))
		_, rest, _ := strings.Cut(b.String(), "\nIncidents\n")
		text, _, _ := strings.Cut(rest, "\nLedger: ")
		return text
	}
	require.Empty(t, section(0))
	require.Equal(t, "  [00:01] generator g1 joined: a reason\n", section(1))
	ten := section(10)
	require.Equal(t, 10, strings.Count(ten, "\n"))
	require.Equal(t, ten+"  and 2 more\n", section(12))
}

package main

import (
	"math"
	"net"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// These tests compare what the program reports with what is known: by arithmetic, or by the target's own record. Those that look
// at times run when no other test of this package does, but for rows of their own table.

// attempts is how often a measurement may be repeated on a machine that was too busy for it.
const attempts = 3

// calmly measures until the machine was not too busy for it: the result itself says so, by its lag and its trust. The bounds
// hold for the last attempt, whatever it was like.
func calmly(t *testing.T, busy func(load.Result) bool, measure func() (load.Result, testkit.Record)) (load.Result, testkit.Record) {
	t.Helper()
	for n := 1; ; n++ {
		r, record := measure()
		if n == attempts || !busy(r) {
			return r, record
		}
		t.Logf("attempt %d: the machine was too busy: lag %+v, %v", n, r.Lag, r.Trust.Reasons)
	}
}

// disturbed reports whether iterations began late enough to blur times.
func disturbed(r load.Result) bool {
	return r.Lag.P99Ms > 3 || slices.ContainsFunc(r.Trust.Reasons, func(reason string) bool { return !notOfTheMachine(reason) })
}

// measure runs a scenario of steady.py against a target of its own.
func measure(t *testing.T, code int, target []string, args ...string) (load.Result, testkit.Record) {
	t.Helper()
	url := testkit.StartTargetProcess(t, target...)
	r := setup(t).result(code, append([]string{"run", testdata(t, "steady.py"), "-t", url}, args...)...)
	record, err := testkit.FetchRecord(t.Context(), url)
	require.NoError(t, err)
	return r, record
}

// within asserts that a time of a result is what it must be, but for a share of that and for so many milliseconds.
func within(t *testing.T, name string, want, got, share, ms float64) {
	t.Helper()
	require.LessOrEqual(t, math.Abs(got-want), share*want+ms, "%s: %.3f ms, must be %.3f ms", name, got, want)
}

// The target answers 200 requests a second in 1 ms each, but holds those that arrive from second 5 to 7 until 7. So 400 of 3000
// are held, for times that fall evenly from 2 s to 0, and percentiles follow by arithmetic. A client that waits for an answer
// before it sends the next request sees ten slow ones.
func TestAStallIsMeasuredAsUsersFeelIt(t *testing.T) {
	stall := []string{"-latency", "1ms", "-stall-from", "5s", "-stall-to", "7s"}
	plan := []string{"-s", "Steady", "--rps", "200", "--duration", "15s"}
	t.Run("with users enough", func(t *testing.T) {
		t.Parallel()
		r, record := calmly(t, disturbed, func() (load.Result, testkit.Record) { return measure(t, load.ExitPassed, stall, plan...) })
		requireWhole(t, r, 3000)
		require.Equal(t, 3000, record.Requests())
		within(t, "p50", 1, r.Response.P50Ms, 0, 3)
		// The target answers 400 at once when the stall ends, which takes it a moment: most in proportion here.
		within(t, "p90", 500, r.Response.P90Ms, 0.03, 25)
		within(t, "p95", 1250, r.Response.P95Ms, 0.03, 0)
		within(t, "p99", 1850, r.Response.P99Ms, 0.03, 0)
		within(t, "max", 2000, r.Response.MaxMs, 0.03, 0)
	})
	t.Run("with ten users", func(t *testing.T) {
		t.Parallel()
		// Waiting for users is what the plan brings about, for one in fifty.
		busy := func(r load.Result) bool { return r.Lag.P95Ms > 3 }
		r, record := calmly(t, busy, func() (load.Result, testkit.Record) {
			return measure(t, load.ExitUntrusted, stall, append(plan, "--max-users", "10")...)
		})
		require.True(t, r.Ledger.Balanced(), "%+v", r.Ledger)
		// Ten are held; what is due in the last 250 ms of the stall still finds a user in time.
		require.InDelta(t, 400-10-50, r.Ledger.Dropped, 10)
		require.Equal(t, load.Ledger{
			Planned: 3000, Started: 3000 - r.Ledger.Dropped, Completed: 3000 - r.Ledger.Dropped, Dropped: r.Ledger.Dropped,
		}, r.Ledger)
		require.Equal(t, load.TrustUntrusted, r.Trust.Level)
		require.Contains(t, r.Trust.Reasons[0], "dropped")
		require.Equal(t, int64(record.Requests()), r.Ledger.Started)
		for second, n := range record.PerSecond(r.StartedAt) {
			if second == 7 {
				require.LessOrEqual(t, n, 250, "no more than the wait for a user may bring about")
			} else {
				require.LessOrEqual(t, n, 202, "second %d", second)
			}
		}
	})
}

// Whatever the distribution of the answer times, the service times are those that the target itself has measured.
func TestServiceTimesAreThoseOfTheTarget(t *testing.T) {
	for _, spread := range []testkit.Spread{testkit.SpreadLogNormal, testkit.SpreadBimodal, testkit.SpreadOnePercent} {
		t.Run(string(spread), func(t *testing.T) {
			t.Parallel()
			r, record := calmly(t, disturbed, func() (load.Result, testkit.Record) {
				return measure(t, load.ExitPassed, []string{"-spread", string(spread)}, "-s", "Steady", "--rps", "205", "--duration", "10s")
			})
			requireWhole(t, r, 2050)
			require.Len(t, record.Held, 2050)
			for _, q := range []struct {
				name      string
				q         float64
				got       float64
				share, ms float64
			}{
				{"p50", 0.5, r.Service.P50Ms, 0.01, 1},
				{"p90", 0.9, r.Service.P90Ms, 0.01, 1},
				{"p95", 0.95, r.Service.P95Ms, 0.01, 1},
				{"p99", 0.99, r.Service.P99Ms, 0.01, 1},
				{"p99.9", 0.999, r.Service.P999Ms, 0.03, 5},
			} {
				within(t, q.name, float64(record.HeldQuantile(q.q).Microseconds())/1000, q.got, q.share, q.ms)
			}
		})
	}
}

// A client that sends a request again when its connection was closed under it reports less than the target sees.
func TestNothingIsSentTwice(t *testing.T) {
	t.Parallel()
	for _, http2 := range []string{"false", "true"} {
		t.Run("http2="+http2, func(t *testing.T) {
			t.Parallel()
			r, record := measure(t, load.ExitPassed, []string{"-close-every", "2"},
				"-s", "Steady", "--max-lag", "5s", "--duration", "4s", "--http2="+http2)
			require.Equal(t, 200, record.Requests())
			require.Equal(t, int64(200), r.RequestsTotal)
			require.Equal(t, int64(100), r.ErrorsTotal)
			require.Len(t, record.Held, 100, "answers")
			require.Len(t, r.Errors, 1)
			require.Equal(t, load.ErrorClosed, r.Errors[0].Class)
			require.Equal(t, map[string]int64{"200": 100}, r.StatusCodes)
		})
	}
}

func TestTheRateIsHeld(t *testing.T) {
	t.Parallel()
	r, record := measure(t, load.ExitPassed, nil, "-s", "Steady", "--rps", "500", "--duration", "30s", "--max-lag", "5s")
	requireWhole(t, r, 15_000)
	require.Equal(t, 15_000, record.Requests())
	require.Equal(t, int64(15_000), r.RequestsTotal)
}

// What on_start asks for is told apart from the run, and a run for which nobody could start has failed and shows no data.
func TestARunWithoutUsersFails(t *testing.T) {
	t.Parallel()
	l := setup(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close()) // nobody listens there now
	r := l.result(load.ExitUntrusted, "run", testdata(t, "steady.py"), "-s", "Members", "-t", "http://"+listener.Addr().String(), "--users", "2")
	require.Equal(t, load.StateFailed, r.State)
	require.Equal(t, load.CauseTarget, r.Cause)
	require.Contains(t, r.Reason, "no user could start: httpx.ConnectError")
	require.Equal(t, load.Ledger{Planned: 150, NeverIssued: 150}, r.Ledger)
	require.Zero(t, r.RequestsTotal)
	require.False(t, r.Verdict.Passed)
	require.Contains(t, r.Trust.Reasons[0], "no data")
}

// The target serves the warm-up, and the result tells of it apart.
func TestTheWarmupIsRunAndToldApart(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2)
	target := testkit.StartTargetProcess(t)
	p := f.counted(target, 60, 5, "--warmup", "2s", "--threshold", "rps_min=60")
	require.Equal(t, load.ExitPassed, exitCode(p), "%s%s", p.Stdout(), p.Stderr())
	r := decodeResult(t, p.Stdout())
	requireWhole(t, r, 180)
	require.Equal(t, load.Ledger{Planned: 120, Started: 120, Completed: 120}, r.Warmup.Ledger)
	require.Equal(t, []int64{180, 180, 180, 120}, []int64{r.RequestsTotal, r.Lag.Count, r.Response.Count, r.Warmup.Response.Count})
	require.InDelta(t, 60, r.RPSActual, 0.01)
	for _, second := range r.Series {
		require.Equal(t, second.Second < 2, second.Phase == load.PhaseWarmup)
		require.Equal(t, int64(60), second.Requests)
	}
	record, err := testkit.FetchRecord(t.Context(), target)
	require.NoError(t, err)
	require.Empty(t, record.Missing(300))
	require.Empty(t, record.Repeated())
	require.Contains(t, f.run(load.ExitPassed, "verify", r.RunID, "--nats-url", f.NATS.URL).Stdout(), "byte for byte")
}

// What a script measures during the warm-up, and how it fails in it, is in no number either.
func TestMeasuresOfTheWarmupDoNotCount(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "run", testdata(t, "measured.py"), "-t", testkit.StartTargetProcess(t), "--warmup", "1s", "--json",
		"--threshold", "orders:count_min=40", "--users", "1")
	r := decodeResult(t, p.Stdout())
	requireWhole(t, r, 80)
	got := map[string]float64{}
	for _, m := range r.Measures {
		got[m.Name] = float64(m.Count + m.Requests)
	}
	require.Positive(t, got["users"], "on_start is no part of the warm-up")
	delete(got, "users")
	require.Equal(t, map[string]float64{"work": 80, "number": 80, "item": 80, "orders": 80}, got)
	out := l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--warmup", "1s").Stdout()
	require.Contains(t, out, "] warmup: ")
	require.Contains(t, out, "\nWarm-up: 1s, 10 planned, 10 started, 10 requests, 0 failed, p99 ")
	require.Contains(t, out, "after 00:02")
}

// Users that are prepared have done their on_start and have connected before second 0, and a steady load that they can serve
// needs no others.
func TestUsersArePreparedBeforeTheStart(t *testing.T) {
	for _, tc := range []struct {
		scenario string
		logins   int
	}{{"Steady", 0}, {"Members", 20}} {
		t.Run(tc.scenario, func(t *testing.T) {
			t.Parallel()
			// While a process stands still for longer, the prepared users do not suffice.
			busy := func(r load.Result) bool { return r.Lag.MaxMs > 100 || r.Service.MaxMs > 100 }
			r, record := calmly(t, busy, func() (load.Result, testkit.Record) {
				return measure(t, load.ExitPassed, nil, "-s", tc.scenario, "--users", "20")
			})
			requireWhole(t, r, 150)
			require.Equal(t, int64(20), r.Setup.Users)
			require.Equal(t, int64(tc.logins), r.Setup.Requests)
			require.Equal(t, tc.logins, record.Paths["POST /login"])
			require.Equal(t, int64(tc.logins), record.ArrivedBefore(r.StartedAt), "before second 0 there is on_start, and nothing else")
			require.Equal(t, 20, record.ConnectedBetween(time.Time{}, r.StartedAt))
			require.Zero(t, record.ConnectedBetween(r.StartedAt, r.StartedAt.Add(3*time.Second)))
		})
	}
}

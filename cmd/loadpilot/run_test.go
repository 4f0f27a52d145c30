package main

import (
	"encoding/json"
	"maps"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// requireWhole checks what holds for every run that nothing disturbed.
func requireWhole(t *testing.T, r load.Result, iterations int64) {
	t.Helper()
	require.Zero(t, r.ErrorsTotal, "%+v", r.Errors)
	require.Equal(t, load.StateDone, r.State)
	require.True(t, r.Ledger.Balanced(), "%+v", r.Ledger)
	require.Equal(t, load.Ledger{Planned: iterations, Started: iterations, Completed: iterations}, r.Ledger)
}

func TestTheShippedScenariosRunInOneProcess(t *testing.T) {
	t.Parallel()
	for name, planned := range map[string]int64{"health": 20, "checkout": 20, "journey": 20, "batch": 20, "accounts": 20, "spike": 0, "step": 0} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			file, err := filepath.Abs("../../scenarios/" + name + ".py")
			require.NoError(t, err)
			args := []string{"run", file, "--demo", "--duration", "2s", "--rps", "10", "--threshold", "p99_ms=5000", "--max-lag", "5s"}
			if planned > 0 {
				args = append(args, "--mode", "constant") // 10/s for 2 s
			}
			r := l.result(load.ExitPassed, args...)
			require.Positive(t, r.Ledger.Planned)
			if planned > 0 {
				require.Equal(t, planned, r.Ledger.Planned)
			}
			requireWhole(t, r, r.Ledger.Planned)
			require.Zero(t, r.ErrorsTotal)
		})
	}
}

func TestTheTargetSeesEveryIterationOnce(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	r := l.result(load.ExitPassed, "run", testdata(t, "counted.py"), "-t", target, "--duration", "4s", "--ramp-up", "2s")
	requireWhole(t, r, 1000) // 200·2/2 + 200·4
	record, err := testkit.FetchRecord(t.Context(), target)
	require.NoError(t, err)
	require.Empty(t, record.Missing(1000))
	require.Empty(t, record.Repeated())
	require.Equal(t, 1000, record.Requests())
	counts := tasks(r)
	require.Equal(t, map[string]int64{"browse": 833, "purchase": 167}, counts) // 5 of 6, the last cycle cut after 4
}

func tasks(r load.Result) map[string]int64 {
	out := map[string]int64{}
	for _, task := range r.Tasks {
		out[task.Task] = task.Iterations
	}
	return out
}

func TestResultsAreKept(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--json", "--results-json", "out.json")
	written, err := os.ReadFile(filepath.Join(l.dir, "out.json"))
	require.NoError(t, err)
	require.Equal(t, p.Stdout(), string(written))
	r := decodeResult(t, p.Stdout())
	kept, err := os.ReadFile(filepath.Join(l.state, "loadpilot", "results", r.RunID+".json"))
	require.NoError(t, err)
	require.Equal(t, p.Stdout(), string(kept))

	var names map[string]any
	require.NoError(t, json.Unmarshal(written, &names))
	require.Subset(t, slices.Collect(maps.Keys(names)), []string{
		"run_id", "scenario", "target_url", "started_at", "duration_secs", "rps_target", "rps_actual", "requests_total", "errors_total",
		"error_rate_pct", "p50_ms", "p95_ms", "p99_ms", "max_ms", "response", "service", "lag", "tasks", "status_codes", "errors",
		"ledger", "verdict", "trust", "generators",
	})
}

func TestTheSummaryNamesThresholdsLedgerAndTrust(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--threshold", "p99_ms=60000", "--threshold", "error_rate=1")
	for _, want := range []string{
		"] steady: ", "\nThresholds\n  ✓  error rate   0% < 1%\n  ✓  p99 latency  ", "ms < 60000ms\n",
		"\nAll thresholds passed.\n",
		"\nLedger: 20 planned = 20 started − 0 repeated + 0 dropped + 0 lost + 0 never issued + 0 cancelled\n", "\nTrust: ",
	} {
		require.Contains(t, p.Stdout(), want)
	}
	require.NotContains(t, p.Stdout(), "\x1b", "no colours and no cursor movement where there is no terminal")
	require.Empty(t, p.Stderr())
}

func TestQuietShowsNoProgress(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--quiet")
	require.True(t, strings.HasPrefix(p.Stdout(), "LoadPilot — Light  done after 00:02"), p.Stdout())
}

func TestABreachedThresholdExitsWith1(t *testing.T) {
	t.Parallel()
	l := setup(t)
	r := l.result(load.ExitBreached, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--threshold", "p50_ms=0.001")
	require.False(t, r.Verdict.Passed)
	require.Equal(t, load.StateDone, r.State)
}

func TestADeadTargetFailsWithTrueTimes(t *testing.T) {
	t.Parallel()
	l := setup(t)
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	require.NoError(t, listener.Close()) // nobody listens there now
	r := l.result(load.ExitBreached, "run", testdata(t, "two.py"), "-s", "Light", "-t", "http://"+listener.Addr().String())
	require.Equal(t, int64(20), r.ErrorsTotal)
	require.Equal(t, int64(20), r.Failed.Count, "each failure has its time")
	require.Equal(t, load.ErrorConnect, r.Errors[0].Class)
	require.False(t, r.Verdict.Passed)
}

func TestTimeoutsKeepTheirTrueTime(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t, "-latency", "1m")
	r := l.result(load.ExitBreached, "run", testdata(t, "two.py"), "-s", "Light", "-t", target, "--timeout", "700ms")
	require.Equal(t, int64(20), r.ErrorsTotal)
	require.Equal(t, load.ErrorTimeout, r.Errors[0].Class)
	require.GreaterOrEqual(t, r.Response.MinMs, 700.0) // the time-out covers connecting, which service does not
	require.Equal(t, int64(20), r.Service.Count)
}

func TestDryRunPrintsThePlanAlone(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var plan gateway.Plan
	p := l.run(load.ExitPassed, "run", testdata(t, "counted.py"), "--dry-run", "--seed", "7")
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &plan), p.Stdout())
	require.Equal(t, gateway.Planned{Iterations: 4500, DurationSecs: 25, PeakRPS: 200}, plan.Planned)
	require.Equal(t, []gateway.Task{{Name: "browse", Weight: 5}, {Name: "purchase", Weight: 1}}, plan.Tasks)
	require.Equal(t, uint64(7), plan.Seed)
	require.NoFileExists(t, filepath.Join(l.state, "loadpilot", "results"))
}

func TestInterruptKeepsWhatThereIs(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for name, args := range map[string][]string{
		"one process": nil,
		"agents":      {"--agents", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := l.start(append([]string{"run", testdata(t, "two.py"), "-s", "Light", "--demo", "--duration", "10m", "--json"}, args...)...)
			eventually(t, "requests are made", func() bool { return strings.Contains(p.Stderr(), "[00:0") })
			p.Signal(os.Interrupt)
			require.Equal(t, load.ExitInterrupted, p.Wait())
			r := decodeResult(t, p.Stdout())
			require.FileExists(t, filepath.Join(l.state, "loadpilot", "results", r.RunID+".json"))
			require.Positive(t, r.RequestsTotal)
			require.Less(t, r.Ledger.Started, r.Ledger.Planned)
			require.True(t, r.Ledger.Balanced())
		})
	}
}

func TestInterruptBeforeTheRun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "--demo", "-e", "1", "--json")
	eventually(t, "it waits", func() bool { return strings.Contains(p.Stderr(), "waiting for generators: 0 of 1 are there") })
	p.Signal(os.Interrupt)
	require.Equal(t, load.ExitInterrupted, p.Wait())
	require.Contains(t, p.Stderr(), "interrupted before there was a result")
	require.Empty(t, p.Stdout())
}

func TestInterruptDoesNotWaitForSlowAnswers(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t, "-latency", "5m")
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "-t", target, "--duration", "10m", "--timeout", "10m")
	eventually(t, "the run has begun", func() bool { return strings.Contains(p.Stdout(), "[00:0") })
	p.Signal(os.Interrupt)
	require.Equal(t, load.ExitInterrupted, p.Wait()) // and not after 5 minutes
	require.Contains(t, p.Stdout(), "LoadPilot — Light  ")
}

func TestAgentsShareTheLoad(t *testing.T) {
	t.Parallel()
	l := setup(t)
	target := testkit.StartTargetProcess(t)
	r := l.result(load.ExitPassed, "run", testdata(t, "counted.py"), "-t", target, "--mode", "constant", "--duration", "4s", "--rps", "150", "-a", "3")
	requireWhole(t, r, 600)
	requireShares(t, r, 3, 0.4) // of 128 tokens; over a longer time it evens out
	record, err := testkit.FetchRecord(t.Context(), target)
	require.NoError(t, err)
	require.Empty(t, record.Missing(600))
	require.Empty(t, record.Repeated())
}

// requireShares checks that n generators took part, each with its share but for so much of it.
func requireShares(t *testing.T, r load.Result, n int, tolerance float64) {
	t.Helper()
	require.Len(t, r.Generators, n)
	share := float64(r.Ledger.Started) / float64(n)
	for _, g := range r.Generators {
		require.InEpsilon(t, share, g.Started, tolerance, "share of %s", g.Generator)
	}
}

func TestACPUProfileIsWritten(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.run(load.ExitPassed, "run", testdata(t, "two.py"), "-s", "Light", "--dry-run", "--cpu-profile", "cpu.prof")
	profile, err := os.ReadFile(filepath.Join(l.dir, "cpu.prof"))
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(string(profile), "\x1f\x8b"), "a profile is packed with gzip")
	p := l.run(load.ExitConfig, "run", testdata(t, "two.py"), "-s", "Light", "--dry-run", "--cpu-profile", "no/such/folder/cpu.prof")
	require.Contains(t, p.Stderr(), "--cpu-profile: ")
}

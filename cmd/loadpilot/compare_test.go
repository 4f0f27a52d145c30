package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/compare"
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// steady is a result of 20 s at a rate of 100/s, all of whose seconds have the same times around a median.
func steady(ms float64) load.Result {
	r := finished(time.Hour)
	r.RPSTarget, r.RPSActual, r.DurationSecs, r.RequestsTotal = 100, 100, 20, 2000
	times := histogram.New()
	for i := range 100 {
		times.Record(int64(1000 * ms * (0.5 + float64(i)/100)))
	}
	d := load.NewDistribution(times)
	r.Response, r.P50Ms, r.P95Ms, r.P99Ms = d, d.P50Ms, d.P95Ms, d.P99Ms
	for s := range 20 {
		r.Series = append(r.Series, load.Second{Second: s, TargetRPS: 100})
		r.Windows = append(r.Windows, load.Window{Second: s, Seconds: 1, Started: 100, Requests: 100, MeanMs: d.MeanMs, HDR: times.Snapshot().HDR})
	}
	return r
}

// put writes a result into the working folder.
func (l *lab) put(name string, r load.Result) string {
	l.t.Helper()
	text, err := json.Marshal(r)
	require.NoError(l.t, err)
	require.NoError(l.t, os.MkdirAll(filepath.Dir(filepath.Join(l.dir, name)), 0o700))
	return l.file(name, string(text))
}

func TestCompareNamesAResultInEveryWay(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.env = append(l.env, "GITHUB_STEP_SUMMARY="+filepath.Join(l.dir, "step.md"))
	fast, slow := l.keep(steady(20)), l.keep(steady(30))
	l.put("fast.json", fast)
	p := l.run(load.ExitConfig, "compare", "fast.json")
	require.Contains(t, p.Stderr(), "there is no .loadpilot/baseline.json: name a baseline, or keep one with loadpilot run --save-baseline")
	l.put(".loadpilot/baseline.json", fast)

	p = l.run(load.ExitBreached, "compare", slow.RunID)
	require.Contains(t, p.Stdout(), "Run "+slow.RunID+" against the baseline "+fast.RunID)
	require.Regexp(t, `│ p95_ms +│ +28.8ms │ +43.2ms │ \+50.\d% │ 0.0006 │ regression `, p.Stdout())
	require.Contains(t, p.Stdout(), "\nRegression: chance does not explain it, and it may be 10% or more.\n")
	require.Empty(t, p.Stderr())
	summary, err := os.ReadFile(filepath.Join(l.dir, "step.md"))
	require.NoError(t, err)
	require.Contains(t, string(summary), "## LoadPilot: regression\n")

	p = l.run(load.ExitPassed, "compare", "fast.json", slow.RunID, "--json")
	var c compare.Comparison
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &c))
	require.Equal(t, compare.Improvement, c.Verdict)
	p = l.run(load.ExitPassed, "compare", slow.RunID, "--threshold", "60")
	require.Contains(t, p.Stdout(), "\nNo evidence of a change of 60% or more.\n")

	text, err := json.Marshal(slow)
	require.NoError(t, err)
	piped := exec.Command(program, "compare", "-")
	piped.Dir, piped.Env, piped.Stdin = l.dir, append(os.Environ(), l.env...), bytes.NewReader(text)
	said, err := piped.CombinedOutput()
	require.Error(t, err)
	require.Equal(t, load.ExitBreached, piped.ProcessState.ExitCode(), "%s", said)
}

func TestWhatCompareRefuses(t *testing.T) {
	t.Parallel()
	l := setup(t)
	other, untrusted := steady(20), steady(20)
	other.Scenario = "Bank"
	untrusted.Trust.Level = load.TrustUntrusted
	short := steady(20)
	short.Windows = short.Windows[:3]
	l.put("base.json", steady(20))
	l.put("other.json", other)
	l.put("untrusted.json", untrusted)
	l.put("short.json", short)
	l.file("nonsense.json", "[]")
	l.file("empty.json", "{}")
	for args, want := range map[string]struct {
		code int
		says string
	}{
		"":                             {load.ExitConfig, "name a result"},
		"- -":                          {load.ExitConfig, "only one"},
		"base.json nonsense.json":      {load.ExitConfig, "nonsense.json: not a result of a run"},
		"base.json empty.json":         {load.ExitConfig, "empty.json: not a result of a run: it has no run_id"},
		"base.json none.json":          {load.ExitConfig, "none.json"},
		"base.json other.json":         {load.ExitConfig, "the runs have different scenarios: Bank and Shop"},
		"base.json other.json --force": {load.ExitPassed, "Note: the runs have different scenarios: Bank and Shop"},
		"base.json untrusted.json":     {load.ExitUntrusted, "--allow-untrusted compares it all the same"},
		"untrusted.json base.json --allow-untrusted": {load.ExitPassed, " is untrusted"},
		"base.json base.json --threshold 0":          {load.ExitConfig, "--threshold: 0 is not above 0"},
		"base.json short.json":                       {load.ExitPassed, "Too little to tell: both runs need 200 requests, and 8 blocks that are alike in length and planned rate."},
	} {
		p := l.run(want.code, append([]string{"compare"}, strings.Fields(args)...)...)
		require.Contains(t, p.Stdout()+p.Stderr(), want.says, args)
	}
}

// A stall of two seconds is worth a look, and fails no build.
func TestWhatIsInDoubtPasses(t *testing.T) {
	t.Parallel()
	l := setup(t)
	stalled := steady(20)
	bad := steady(400)
	copy(stalled.Windows[4:6], bad.Windows[4:6])
	stalled.Response.MeanMs, stalled.P95Ms = 58, 420
	l.put("base.json", steady(20))
	l.put("stalled.json", stalled)
	p := l.run(load.ExitPassed, "compare", "stalled.json", "base.json")
	require.Contains(t, p.Stdout(), "\nNote: p95_ms: 1 of 10 blocks of the current run are more than 2 times as slow as any of the baseline")
	require.Contains(t, p.Stdout(), "\nIn doubt: ")

	copy(stalled.Windows[4:10], bad.Windows[4:10])
	l.put("stalled.json", stalled)
	p = l.run(load.ExitBreached, "compare", "stalled.json", "base.json")
	require.Contains(t, p.Stdout(), "\nRegression: the notes say why.\n")
}

// TestRealRunsAreCompared compares runs of two versions of a real server, one of them slower by half.
func TestRealRunsAreCompared(t *testing.T) {
	t.Parallel()
	l := setup(t)
	var runs []*testkit.Process
	for name, latency := range map[string]string{"was": "10ms", "same": "10ms", "slower": "15ms"} {
		target := testkit.StartTargetProcess(t, "-latency", latency)
		runs = append(runs, l.start("run", testdata(t, "counted.py"), "-t", target, "--quiet", "--mode", "constant", "--rps", "50", "--duration", "8s",
			"--results-json", name+".json"))
	}
	for _, run := range runs {
		require.Equal(t, load.ExitPassed, exitCode(run))
	}
	verdict := func(current string) compare.Verdict {
		var c compare.Comparison
		p := l.start("compare", current, "was.json", "--json", "--allow-untrusted", "--threshold", "25")
		code := p.Wait()
		require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &c), p.Stderr())
		require.Equal(t, c.Verdict == compare.Regression, code == load.ExitBreached)
		i := slices.IndexFunc(c.Figures, func(f compare.Figure) bool { return f.Name == "p50_ms" })
		return c.Figures[i].Verdict
	}
	// Of the median, which a busy machine hardly moves. In so short a run it may be too little to tell by chance.
	require.Contains(t, []compare.Verdict{compare.NoEvidence, compare.TooLittle}, verdict("same.json"))
	require.Equal(t, compare.Regression, verdict("slower.json"))
}

package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	hdr "github.com/HdrHistogram/hdrhistogram-go"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
)

// hostile is text that means something in XML, HTML, Markdown and to a terminal.
const hostile = "a<b>&\"'`|*_[x](y)\x1b[31m\x00]]>é"

// TestEveryOutputOfARun makes all of them with one run and checks each with the tool that is its reader.
func TestEveryOutputOfARun(t *testing.T) {
	t.Parallel()
	l := setup(t)
	l.env = append(l.env, "GITHUB_STEP_SUMMARY="+filepath.Join(l.dir, "step.md"))
	p := l.run(load.ExitBreached, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--json", "--quiet", "--duration", "4s",
		"--threshold", "p99_ms=60000", "--threshold", "p50_ms=0.001", "--env", "KEY=sesame-opens",
		"--results-json", "r.json", "-r", "r.html", "--junit", "r.xml", "--csv", "r.csv", "--ndjson", "r.ndjson", "--hdr-log", "r.hlog", "--save-baseline")
	r := decodeResult(t, p.Stdout())
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(l.dir, name))
		require.NoError(t, err)
		require.NotContains(t, string(text), "sesame-opens", name)
		return string(text)
	}
	require.Equal(t, p.Stdout(), read("r.json"))
	require.Contains(t, read("r.html"), r.RunID)
	requireJUnit(t, read("r.xml"))
	requireSeries(t, read("r.csv"), r)
	requireEvents(t, read("r.ndjson"), r)
	requireLog(t, read("r.hlog"), r)
	require.Contains(t, read("step.md"), "## LoadPilot: Light failed\n")
	require.Contains(t, read("step.md"), "| ✗ p50 latency | ")
	require.Contains(t, p.Stderr(), "not kept as the baseline: ")
	require.NoFileExists(t, filepath.Join(l.dir, ".loadpilot", "baseline.json"))
}

// A run that is none to compare with does not take the place of the baseline that there is.
func TestBaselineIsARunThatPassed(t *testing.T) {
	t.Chdir(t.TempDir())
	good := steady(20)
	good.Verdict.Passed = true
	note, err := saveBaseline(good, []byte("good"))
	require.NoError(t, err)
	require.Empty(t, note)
	for says, spoil := range map[string]func(r *load.Result){
		"the run is untrusted":          func(r *load.Result) { r.Trust.Level = load.TrustUntrusted },
		"the run did not reach its end": func(r *load.Result) { r.Reason = "interrupted" },
		"the run did not pass":          func(r *load.Result) { r.Verdict.Passed = false },
	} {
		bad := good
		spoil(&bad)
		note, err := saveBaseline(bad, []byte("bad"))
		require.NoError(t, err)
		require.Equal(t, "not kept as the baseline: "+says, note)
	}
	kept, err := readBaseline()
	require.NoError(t, err)
	require.Equal(t, "good", string(kept))
}

// requireJUnit validates a document by the schema that users get.
func requireJUnit(t *testing.T, text string) {
	t.Helper()
	if _, err := exec.LookPath("xmllint"); err != nil {
		t.Skip("xmllint is not installed")
	}
	schema, err := filepath.Abs("../../docs/junit.xsd")
	require.NoError(t, err)
	lint := exec.Command("xmllint", "--noout", "--schema", schema, "-")
	lint.Stdin = strings.NewReader(text)
	said, err := lint.CombinedOutput()
	require.NoError(t, err, "%s\n%s", said, text)
}

func requireSeries(t *testing.T, text string, r load.Result) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	require.NoError(t, err)
	require.Equal(t, csvHeader, rows[0])
	require.Len(t, rows, 1+len(r.Series))
	require.Equal(t, []string{"1", r.Series[1].Phase, "10", "10"}, rows[2][:4])
}

// requireEvents checks that the events came in their order, the result last.
func requireEvents(t *testing.T, text string, r load.Result) {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	counts := map[string]int{}
	for _, line := range lines {
		var m message
		require.NoError(t, json.Unmarshal([]byte(line), &m), line)
		counts[m.Type]++
	}
	require.Equal(t, 1, counts[gateway.EventResult])
	require.Positive(t, counts[gateway.EventLive])
	require.Positive(t, counts[gateway.EventState])
	var last message
	require.NoError(t, json.Unmarshal([]byte(lines[len(lines)-1]), &last))
	require.Equal(t, r, decodeResult(t, string(last.Result)))
}

// requireLog reads the log as its tools do: no response is missing.
func requireLog(t *testing.T, text string, r load.Result) {
	t.Helper()
	reader, values := hdr.NewHistogramLogReader(strings.NewReader(text)), int64(0)
	for {
		h, err := reader.NextIntervalHistogram()
		require.NoError(t, err)
		if h == nil {
			break
		}
		values += h.TotalCount()
		require.GreaterOrEqual(t, h.StartTimeMs(), r.StartedAt.UnixMilli())
	}
	require.Equal(t, r.Response.Count, values)
}

// worst is a result whose texts are as bad as they can be.
func worst() load.Result {
	return load.Result{
		RunID: "0198", Scenario: hostile, TargetURL: "http://h/?" + hostile, State: load.StateDone, DurationSecs: 10,
		Verdict: load.Verdict{
			Thresholds: []load.ThresholdResult{{Key: hostile + ":p99_ms", Value: 612, Limit: 500}, {Key: "error_rate", Limit: 1, Passed: true, Samples: 1}},
			Reasons:    []string{"not one request succeeded", hostile},
		},
		Trust: load.Trust{Level: load.TrustUntrusted, Reasons: []string{hostile, "second"}},
	}
}

func TestJUnitOfTheWorst(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, writeJUnit(&b, worst()))
	var suites junitSuites
	require.NoError(t, xml.Unmarshal(b.Bytes(), &suites))
	require.Equal(t, junitCounts{Name: suites.Name, Tests: 4, Failures: 2, Errors: 1, Time: "10.000"}, suites.junitCounts)
	require.Len(t, suites.Suites, 1)
	cases := suites.Suites[0].Cases
	require.Equal(t, "requests", cases[0].Name)
	require.NotNil(t, cases[0].Failure)
	require.Equal(t, "was never reported", cases[1].Failure.Message)
	require.Nil(t, cases[2].Failure)
	require.NotNil(t, cases[3].Error)
	requireJUnit(t, b.String())
}

func TestMarkdownOfTheWorst(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	require.NoError(t, writeMarkdown(&b, worst()))
	text := b.String()
	require.Contains(t, text, "untrusted\n")
	require.NotContains(t, text, "<b>")
	require.NotContains(t, text, "\x1b")
	require.NotContains(t, text, "_[x")
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "| ✗") {
			require.Equal(t, 3, strings.Count(line, "|")-strings.Count(line, `\|`), line)
		}
	}
}

func TestOutputsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	l := setup(t)
	for _, flag := range []string{"--results-json", "--report", "--junit", "--csv", "--ndjson", "--hdr-log"} {
		p := l.run(load.ExitConfig, "run", testdata(t, "two.py"), "-s", "Light", "--demo", flag, "none/out")
		require.Contains(t, p.Stderr(), flag+": there is no folder none")
	}
	l.file(".loadpilot", "in the way")
	p := l.run(load.ExitConfig, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--save-baseline")
	require.Contains(t, p.Stderr(), "--save-baseline: ")
}

// A disk that is full is told, and hides neither the result nor what else is written.
func TestAnOutputThatFailsAtTheEnd(t *testing.T) {
	t.Parallel()
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip("there is no /dev/full")
	}
	l := setup(t)
	p := l.run(load.ExitInfra, "run", testdata(t, "two.py"), "-s", "Light", "--demo", "--json", "--csv", "/dev/full", "--ndjson", "/dev/full", "--junit", "r.xml")
	require.Contains(t, p.Stderr(), "--csv: ")
	require.Contains(t, p.Stderr(), "--ndjson: ")
	require.Positive(t, decodeResult(t, p.Stdout()).RequestsTotal)
	require.FileExists(t, filepath.Join(l.dir, "r.xml"))
}

func TestOutputsOfASearch(t *testing.T) {
	r, _ := searcher(t, io.Discard)
	dir := t.TempDir()
	r.outputs = outputOptions{resultsJSON: filepath.Join(dir, "found.json"), report: filepath.Join(dir, "found.html")}
	require.True(t, r.outputs.ofSearch())
	require.NoError(t, r.perform(t.Context()))

	raw, err := os.ReadFile(r.outputs.resultsJSON)
	require.NoError(t, err)
	var found load.Capacity
	require.NoError(t, json.Unmarshal(raw, &found))
	require.NotEmpty(t, found.Probes)
	report, err := os.ReadFile(r.outputs.report)
	require.NoError(t, err)
	require.Contains(t, string(report), found.Probes[0].RunID)

	for _, other := range []outputOptions{{csv: "a"}, {junit: "a"}, {hdrLog: "a"}, {ndjson: "a"}, {saveBaseline: true}} {
		require.False(t, other.ofSearch())
	}
}

// The dashboard is there as long as the run, and an interrupt keeps no output from being written.
func TestTheDashboardOfARunThatIsInterrupted(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.start("run", testdata(t, "two.py"), "-s", "Light", "--demo", "--duration", "10m", "--ui", "--junit", "r.xml", "--ndjson", "r.ndjson", "--save-baseline")
	eventually(t, "the run has begun", func() bool { return strings.Contains(p.Stdout(), "[00:0") })
	require.Regexp(t, `^dashboard: http://127\.0\.0\.1:\d+\n$`, p.Stderr())
	base := strings.TrimSpace(strings.TrimPrefix(p.Stderr(), "dashboard: "))
	for path, contentType := range map[string]string{"/": "text/html", "/v1/runs": "application/json"} {
		resp, err := http.Get(base + path)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		require.Equal(t, http.StatusOK, resp.StatusCode)
		require.Contains(t, resp.Header.Get("Content-Type"), contentType)
	}
	p.Signal(os.Interrupt)
	require.Equal(t, load.ExitInterrupted, p.Wait())
	junit, err := os.ReadFile(filepath.Join(l.dir, "r.xml"))
	require.NoError(t, err)
	requireJUnit(t, string(junit))
	events, err := os.ReadFile(filepath.Join(l.dir, "r.ndjson"))
	require.NoError(t, err)
	require.Equal(t, 1, strings.Count(string(events), `"type":"result"`))
	require.NoFileExists(t, filepath.Join(l.dir, ".loadpilot", "baseline.json"))
	require.Contains(t, p.Stderr(), "not kept as the baseline: ")
}

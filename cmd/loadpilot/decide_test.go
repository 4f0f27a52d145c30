package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/gateway"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/terminal"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	exit := func(code int, text string) error {
		if text == "" {
			return &exitError{code: code}
		}
		return &exitError{code: code, err: errors.New(text)}
	}
	for name, tc := range map[string]struct {
		ended         error // the cause; nil: it goes on
		client, parts error
		code          int
		says          string
	}{
		"all is well":                         {},
		"a result":                            {client: exit(1, ""), code: 1},
		"a part fails beside a passed result": {parts: exit(4, "nats"), code: 4, says: "nats"},
		"a part fails beside a breach":        {client: exit(1, ""), parts: exit(4, "nats"), code: 4, says: "nats"},
		"a part fails beside no data":         {client: exit(3, ""), parts: exit(4, "nats"), code: 4, says: "nats"},
		"the client names the cause":          {client: exit(4, "gateway"), parts: exit(4, "nats"), code: 4, says: "gateway"},
		"a wrong flag":                        {client: errors.New("flag"), parts: exit(4, "nats"), code: 2, says: "flag"},
		"a part fails before the client":      {client: errNoOutcome, parts: exit(4, "nats"), code: 4, says: "nats"},
		"interrupted before the client":       {ended: context.Canceled, client: errNoOutcome, code: 130, says: "interrupted before"},
		"interrupted after a result":          {ended: context.Canceled, client: exit(1, ""), code: 130},
		"interrupted after a pass":            {ended: context.Canceled, code: 130},
		"a part fails while it stops":         {ended: context.Canceled, client: exit(130, ""), parts: exit(4, "nats"), code: 130},
		"a wrong file when interrupted":       {ended: context.Canceled, client: errors.New("file"), code: 130, says: "file"},
		"nobody reads the progress":           {ended: fmt.Errorf("show: %w", syscall.EPIPE), client: exit(4, "show the result"), code: 130},
		"a full disk":                         {ended: errors.New("disk"), client: exit(130, ""), code: 130, says: "disk"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, end := context.WithCancelCause(t.Context())
			defer end(nil)
			if tc.ended != nil {
				end(tc.ended)
			}
			err := decide(ctx, tc.client, tc.parts)
			require.Equal(t, tc.code, codeOf(err))
			if tc.says == "" {
				require.NoError(t, textOf(err))
			} else {
				require.ErrorContains(t, textOf(err), tc.says)
			}
		})
	}
}

func TestFarewellIsSaidOnceAndBackwards(t *testing.T) {
	t.Parallel()
	var f farewell
	var said []string
	f.add(func() { said = append(said, "folder") })
	f.add(func() { said = append(said, "processes") })
	f.run()
	f.run()
	require.Equal(t, []string{"processes", "folder"}, said)
}

func TestNothingThatIsShownCommandsTheTerminal(t *testing.T) {
	t.Parallel()
	const evil = "x\x1b[2J\u009b2J"
	sample := []load.ErrorSample{{Task: evil, Message: evil}}
	var out bytes.Buffer
	require.NoError(t, writeSummary(&out, load.Result{
		Scenario: evil, State: evil, TargetURL: evil, Reason: evil, Ledger: load.Ledger{Started: 1},
		Tasks:   []load.TaskResult{{Task: evil}, {Task: evil}},
		Verdict: load.Verdict{Thresholds: []load.ThresholdResult{{Key: evil + ":p99_ms"}, {Key: evil}}, Reasons: []string{evil}},
		Trust:   load.Trust{Level: evil, Reasons: []string{evil}},
		Errors:  []load.ErrorResult{{Class: evil, Count: 1, Samples: sample}},
		Setup:   load.SetupResult{Failed: 1, Samples: sample},

		Incidents: []load.Incident{{Kind: load.IncidentLost, Generator: evil, Reason: evil}, {Kind: evil}},
	}, ""))
	run := gateway.Run{ID: evil, State: load.StatePending, Plan: gateway.Plan{Scenario: evil}}
	lines := &progressLines{out: &out}
	lines.note(evil)
	lines.notice(evil)
	lines.state(run)
	run.State = evil
	lines.state(run)
	lines.live(load.Live{Phase: evil, Scenario: evil})
	for _, line := range liveLines(load.Live{Phase: evil, Scenario: evil}, 80, terminal.NewPalette(&out)) {
		out.WriteString(line)
	}
	require.NotContains(t, out.String(), "\x1b")
	require.NotContains(t, out.String(), "\u009b")
	require.Equal(t, 28, strings.Count(out.String(), "x[2J2J"), out.String())
}

func TestResultFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	content := func(name string) string {
		t.Helper()
		b, err := os.ReadFile(path(name))
		require.NoError(t, err)
		return string(b)
	}
	require.NoError(t, os.WriteFile(path("old.json"), []byte("something longer"), 0o600))
	require.NoError(t, os.Symlink("old.json", path("link.json")))
	require.NoError(t, os.Symlink("later.json", path("dangling.json")))
	for _, name := range []string{"new.json", "old.json", "link.json", "dangling.json"} {
		require.NoError(t, checkResultFile(path(name)))
		require.NoError(t, writeResult(path(name), []byte(name)))
		require.Equal(t, name, content(name))
	}
	require.Equal(t, "link.json", content("old.json"))
	require.Equal(t, "dangling.json", content("later.json"))
	require.ErrorContains(t, checkResultFile(dir), "folder")
	require.ErrorContains(t, checkResultFile(path("none/x.json")), "there is no folder")
	require.Error(t, checkResultFile(path("old.json/x.json")))
	require.Error(t, writeResult(dir, nil), "a folder cannot be replaced")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 5, "no temporary file is left: %v", entries)
	require.NoError(t, checkResultFile(os.DevNull))
	require.NoError(t, writeResult(os.DevNull, []byte("x")))
	info, err := os.Stat(os.DevNull)
	require.NoError(t, err)
	require.False(t, info.Mode().IsRegular())
}

func TestARunWithoutUsersShowsNoNumbers(t *testing.T) {
	t.Parallel()
	l := setup(t)
	file := l.file("flow.py", scenarioWith("rps=5, duration='1s', mode='constant'",
		"    def on_start(self, client):\n        raise RuntimeError('no \\x1b[31mlogin')\n\n"+aTask))
	p := l.run(load.ExitUntrusted, "run", file, "--demo")
	require.NotContains(t, p.Stdout(), "Response")
	require.Contains(t, p.Stdout(), "no [31mlogin")
	require.NotContains(t, p.Stdout(), "\x1b")
}

// What was seen of a run when its client left keeps the warm-up apart, as its result would.
func TestAPartialResultKeepsTheWarmupApart(t *testing.T) {
	t.Parallel()
	run := gateway.Run{ID: "r", Plan: gateway.Plan{Warmup: "10s"}}
	line := func(secs float64, phase string) load.Live {
		return load.Live{ElapsedSecs: secs, Phase: phase, RequestsTotal: 80, ErrorsTotal: 20, Started: 40, Latency: load.LiveLatency{MaxMs: 7}}
	}
	r := partialResult(run, line(4, load.PhaseWarmup), "left")
	require.Equal(t, []float64{0, 0, 0, 0}, []float64{r.DurationSecs, r.RPSActual, r.RequestsPerSec, r.MaxMs})
	require.Equal(t, []int64{0, 0, 0}, []int64{r.RequestsTotal, r.ErrorsTotal, r.Response.Count})
	require.Equal(t, &load.WarmupResult{DurationSecs: 4, Requests: 80, Errors: 20, Response: load.Distribution{Count: 80, MaxMs: 7}}, r.Warmup)
	r = partialResult(run, line(14, "steady"), "left")
	require.Nil(t, r.Warmup)
	require.Equal(t, []float64{4, 10, 20, 7}, []float64{r.DurationSecs, r.RPSActual, r.RequestsPerSec, r.MaxMs})
	require.Equal(t, []int64{80, 20, 80}, []int64{r.RequestsTotal, r.ErrorsTotal, r.Response.Count})
}

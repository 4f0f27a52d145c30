package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestSelftest(t *testing.T) {
	t.Parallel()
	server := testkit.StartNATS(t)
	l := setup(t)
	p := l.start("selftest", "--duration", "2s", "--nats-url", server.URL, "--json")
	code := p.Wait()
	var s selftest
	require.NoError(t, json.Unmarshal([]byte(p.Stdout()), &s), "%s%s", p.Stdout(), p.Stderr())
	require.Empty(t, p.Stderr())
	require.Equal(t, timerWakes, s.Timer.Count)
	require.LessOrEqual(t, s.Timer.P50Us, s.Timer.P99Us)
	require.LessOrEqual(t, s.Timer.P99Us, s.Timer.MaxUs)
	require.Positive(t, s.Clock.ErrorMs)
	require.Positive(t, s.Processors)
	require.NotEmpty(t, s.Trials)
	require.InDelta(t, firstRate, s.Trials[0].RPS, 0)
	for _, trial := range s.Trials {
		require.Equal(t, int64(trial.RPS*trial.DurationSecs), trial.Planned)
		require.LessOrEqual(t, trial.Started, trial.Planned)
		require.Positive(t, trial.Started)
		require.Zero(t, trial.Errors)
		require.Positive(t, trial.CPUMicrosPerReq)
	}
	higher := func(t trial) bool { return !t.Held && t.RPS > s.HeldRPS }
	require.Equal(t, slices.ContainsFunc(s.Trials, higher), s.LimitFound)
	require.Equal(t, runtime.GOOS == "linux", s.OthersPercent != nil)
	if s.OK { // this machine may be too busy for any rate
		require.Equal(t, load.ExitPassed, code)
		require.LessOrEqual(t, s.TrustedRPS, s.HeldRPS/2)
		require.Positive(t, s.TrustedRPS)
	} else {
		require.Equal(t, load.ExitUntrusted, code)
		require.NotEmpty(t, s.Reasons)
		require.Zero(t, s.TrustedRPS)
	}
	require.NoDirExists(t, l.state+"/loadpilot/results", "it leaves nothing behind")

	for _, tc := range []struct {
		code int
		args []string
		says string
	}{
		{load.ExitConfig, []string{"--duration", "500ms"}, "--duration"},
		{load.ExitConfig, []string{"--nats-url", "nats://%zz"}, "--nats-url"},
		{load.ExitInfra, []string{"--nats-url", "nats://127.0.0.1:1"}, "--nats-url"},
		{load.ExitConfig, []string{"x"}, "x"},
	} {
		require.Contains(t, l.run(tc.code, append([]string{"selftest"}, tc.args...)...).Stderr(), tc.says)
	}
}

func TestTheNextRateClosesInOnWhatIsHeld(t *testing.T) {
	t.Parallel()
	try := func(rps float64, held bool) trial { return trial{RPS: rps, Held: held, CPUMicrosPerReq: 100} }
	for name, tc := range map[string]struct {
		trials []trial
		want   float64
	}{
		"first":                        {nil, firstRate},
		"by the cost":                  {[]trial{try(2000, true)}, 8500}, // 85 % of 2 processors at 2 × 100 µs
		"not too far at once":          {[]trial{try(500, true)}, 4000},
		"further than the cost says":   {[]trial{try(8000, true)}, 12_000},
		"between held and not held":    {[]trial{try(500, true), try(2000, false)}, 1000},
		"near enough":                  {[]trial{try(1000, true), try(1100, false)}, 0},
		"nothing is held":              {[]trial{try(500, false)}, 125},
		"nothing down to the least":    {[]trial{try(500, false), try(125, false)}, leastRate},
		"not even the least":           {[]trial{try(500, false), try(125, false), try(leastRate, false)}, 0},
		"a rate below the held failed": {[]trial{try(500, false), try(1000, true), try(4000, false)}, 2000},
	} {
		require.InDelta(t, tc.want, nextRate(tc.trials, 2), 0.5, name)
	}
}

func TestATrialIsHeldByAllItsMeasures(t *testing.T) {
	t.Parallel()
	held := trial{Planned: 1000, Started: 999, LagP99Ms: 9.9, CPUPercent: 84, Trust: load.TrustDegraded}
	for name, change := range map[string]func(*trial){
		"dropped":    func(t *trial) { t.Started = 998 },
		"failed":     func(t *trial) { t.Errors = 1 },
		"late":       func(t *trial) { t.LagP99Ms = 10 },
		"processors": func(t *trial) { t.CPUPercent = 85 },
		"untrusted":  func(t *trial) { t.Trust = load.TrustUntrusted },
		"nothing":    func(t *trial) { t.Planned, t.Started = 0, 0 },
	} {
		changed := held
		changed.judge()
		require.True(t, changed.Held)
		change(&changed)
		changed.judge()
		require.False(t, changed.Held, name)
	}
}

func TestAMachineIsJudgedInWords(t *testing.T) {
	t.Parallel()
	good := selftest{Timer: timerPrecision{P99Us: 150}, Trials: []trial{{RPS: 500, Held: true}, {RPS: 4043, Held: true}, {RPS: 6000}}}
	most, few := 62.0, 9.0
	for _, tc := range []struct {
		name    string
		change  func(*selftest)
		trusted float64
		says    string
	}{
		{"good", func(*selftest) {}, 2000, "This machine held 4,043 iterations of one plain request a second, beside the target that answered them. " +
			"Trust it with half of\nthat, 2,000 a second"},
		{"a clock that is right", func(s *selftest) { s.Clock = &clockPrecision{ErrorMs: 5} }, 2000, "2,000 a second"},
		{"a clock that is not", func(s *selftest) { s.Clock = &clockPrecision{ErrorMs: 5.1} }, 0, "cannot be trusted as it is now: the clock may be off"},
		{"a late timer", func(s *selftest) { s.Timer.P99Us = 12_000 }, 0, "the timer is 12ms late at p99"},
		{"no rate", func(s *selftest) { s.Trials = s.Trials[2:] }, 0, "as it is now: no rate from 100 a second up was held"},
		{"no limit", func(s *selftest) { s.Trials = s.Trials[:1] }, 250, "This machine held at least 500 iterations"},
		{"no higher limit", func(s *selftest) { s.Trials = []trial{{RPS: 100}, {RPS: 500, Held: true}} }, 250, "its limit was not found"},
		{
			"no rate on a busy machine", func(s *selftest) { s.Trials, s.OthersPercent = s.Trials[2:], &most }, 0,
			"as it is now: it is busy: other work took 62 % of its processors, and no rate from 100",
		},
		{"no rate on a quiet machine", func(s *selftest) { s.Trials, s.OthersPercent = s.Trials[2:], &few }, 0, "as it is now: no rate from 100"},
		{"a busy machine", func(s *selftest) { s.OthersPercent = &most }, 2000, "Other work took 62 % of its processors meanwhile"},
	} {
		s := good
		tc.change(&s)
		s.judge()
		var out bytes.Buffer
		require.NoError(t, s.writeTail(&out))
		require.Contains(t, out.String(), tc.says, tc.name)
		require.InDelta(t, tc.trusted, s.TrustedRPS, 0, tc.name)
		require.Equal(t, tc.trusted > 0, s.OK, tc.name)
		limited := tc.name != "no limit" && tc.name != "no higher limit"
		require.Equal(t, limited, s.LimitFound, tc.name)
		require.Equal(t, s.OK && !limited, strings.Contains(out.String(), "at least"), tc.name)
	}
	for rate, want := range map[float64]float64{0.5: 0.5, 1: 1, 7.9: 7, 99: 99, 101: 100, 2021.5: 2000, 129_999: 120_000} {
		require.InDelta(t, want, roundDown(rate), 1e-9)
	}
}

func TestWhatOtherWorkTookOfTheProcessors(t *testing.T) {
	t.Parallel()
	read := func(stat, target string) (cpuSpent, error) {
		return readCPU(fstest.MapFS{"stat": {Data: []byte(stat)}, "7/stat": {Data: []byte(target)}}, 7)
	}
	const process = "7 (a) b) S 1 7 7 0 -1 4194560 900 0 0 0 300 50 0 0 20 0 9 0 1000\n"
	before := cpuSpent{}
	c, err := read("cpu  1000 200 300 4000 500 60 40 100 900 0\ncpu0 1 2 3\n", process)
	require.NoError(t, err)
	require.Equal(t, 62*time.Second, c.all)
	require.Equal(t, 17*time.Second, c.busy, "without idle, iowait and guests")
	require.GreaterOrEqual(t, c.own, 3500*time.Millisecond)
	c.own = 4600 * time.Millisecond
	require.InDelta(t, 20, c.othersPercent(before), 1e-9) // (17 − 4.6) ÷ 62
	c.own = time.Minute
	require.Zero(t, c.othersPercent(before), "ticks are coarse")
	require.Zero(t, before.othersPercent(before))
	for _, files := range [][2]string{{"", process}, {"cpu 1 2 3", process}, {"cpu 1 2 3 4 x 6 7 8", process}, {"cpu 1 2 3 4 5 6 7 8", "7 (a) S 1"}} {
		_, err := read(files[0], files[1])
		require.Error(t, err)
	}
	_, err = readCPU(fstest.MapFS{}, 7)
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestSelftestLeavesWhenItIsTold(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.start("selftest", "--duration", "10m")
	eventually(t, "it puts load on the target", func() bool { return strings.Contains(p.Stdout(), "\nLoad ") })
	require.Equal(t, load.ExitInterrupted, p.Stop(), "and not after a whole trial of 75 s")
	left, err := os.ReadDir(l.temp)
	require.NoError(t, err)
	require.Empty(t, left)
}

package main

import (
	"bytes"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

const imports = "from loadpilot import LoadClient, VUser, scenario, task\n\n"

// scenarioWith is a scenario with these parameters and this body of its class.
func scenarioWith(parameters, body string) string {
	return imports + "@scenario(" + parameters + ")\nclass Flow(VUser):\n" + body
}

const aTask = "    @task\n    def look(self, client: LoadClient):\n        client.get('/health')\n"

func TestWrongInputIsNamed(t *testing.T) {
	t.Parallel()
	good := scenarioWith("rps=5, duration='1s', mode='constant'", aTask)
	for name, tc := range map[string]struct {
		source string
		args   []string
		code   int
		says   []string
	}{
		"not a Python file":      {"# Title\n\nSome *text*, not code.\n", nil, 2, []string{`File "flow.py", line 3`, "^"}},
		"bytes":                  {"\x00\xff\x01", nil, 2, []string{"flow.py", "not a Python file"}},
		"empty file":             {"\n \n", nil, 2, []string{"flow.py", "empty"}},
		"syntax error":           {imports + "class Flow(VUser)\n    pass\n", nil, 2, []string{`File "flow.py", line 3`, "class Flow(VUser)\n", "^"}},
		"error at the top":       {imports + "x = 1 / 0\n", nil, 2, []string{`File "flow.py", line 3`, "ZeroDivisionError"}},
		"no scenario":            {imports + "x = 1\n", nil, 2, []string{"scenario"}},
		"no task":                {scenarioWith("rps=5", "    pass\n"), nil, 2, []string{"task"}},
		"weight 0":               {scenarioWith("rps=5", strings.Replace(aTask, "@task", "@task(weight=0)", 1)), nil, 2, []string{"weight"}},
		"foreign method":         {scenarioWith("rps=5", strings.Replace(aTask, "client.get(", "client.head(", 1)), nil, 2, []string{`File "flow.py", line 7`, "head", "^"}},
		"foreign batch method":   {scenarioWith("rps=5", strings.Replace(aTask, "client.get('/health')", "client.batch([{'method': 'TRACE', 'path': '/'}])", 1)), nil, 2, []string{"TRACE"}},
		"rps 0 in the file":      {scenarioWith("rps=0", aTask), nil, 2, []string{"rps"}},
		"rps 0":                  {good, []string{"--rps", "0"}, 2, []string{"rps", "above 0"}},
		"rps in words":           {good, []string{"--rps", "many"}, 2, []string{"--rps", "many"}},
		"duration 0":             {good, []string{"--duration", "0s"}, 2, []string{"duration"}},
		"steps 0":                {good, []string{"--mode", "step", "--steps", "0"}, 2, []string{"steps"}},
		"ramp-up too long":       {good, []string{"--mode", "ramp", "--ramp-up", "2s"}, 2, []string{"ramp_up", "longer"}},
		"bad mode":               {good, []string{"--mode", "sine"}, 2, []string{"mode", "sine"}},
		"bad stage":              {good, []string{"--stage", "10"}, 2, []string{"--stage"}},
		"stage without a time":   {good, []string{"--stage", "soon:10"}, 2, []string{"--stage", "soon"}},
		"stages and a mode":      {good, []string{"--mode", "step", "--stage", "1s:10"}, 2, []string{"mode"}},
		"unknown threshold":      {good, []string{"--threshold", "p98_ms=1"}, 2, []string{"--threshold", "p98_ms", "p99_ms"}},
		"threshold of no task":   {good, []string{"--threshold", "pay:p99_ms=1"}, 2, []string{"pay"}},
		"threshold in the file":  {scenarioWith("rps=5, thresholds={'p98_ms': 1}", aTask), nil, 2, []string{"p98_ms"}},
		"threshold without sign": {good, []string{"--threshold", "p99_ms"}, 2, []string{"--threshold"}},
		"bad URL":                {good, []string{"--demo=false", "-t", "localhost:8000"}, 2, []string{"target", "http://"}},
		"no target":              {good, []string{"--demo=false"}, 2, []string{"--target"}},
		"target and demo":        {good, []string{"-t", "http://127.0.0.1:1"}, 2, []string{"--target", "--demo"}},
		"max users 0":            {good, []string{"--max-users", "0"}, 2, []string{"max_users"}},
		"rps NaN":                {good, []string{"--rps", "NaN"}, 2, []string{"--rps"}},
		"rps without end":        {good, []string{"--rps", "Inf"}, 2, []string{"--rps"}},
		"stage NaN":              {good, []string{"--stage", "1s:NaN"}, 2, []string{"--stage"}},
		"threshold NaN":          {good, []string{"--threshold", "p99_ms=NaN"}, 2, []string{"--threshold"}},
		"threshold without end":  {good, []string{"--threshold", "p99_ms=inf"}, 2, []string{"--threshold"}},
		"bad pool":               {good, []string{"--pool", "a b"}, 2, []string{"pool", "a b"}},
		"bad pool of a plan":     {good, []string{"--pool", "a b", "--dry-run"}, 2, []string{"pool", "a b"}},
		"result into a folder":   {good, []string{"--results-json", "."}, 2, []string{"--results-json", "folder"}},
		"password in the target": {good, []string{"--demo=false", "-t", "http://u:pw@127.0.0.1:1"}, 2, []string{"target", "header"}},
		"port of the target":     {good, []string{"--demo=false", "-t", "http://127.0.0.1:65536"}, 2, []string{"target", "65536"}},
		"negative agents":        {good, []string{"--agents", "-1"}, 2, []string{"--agents"}},
		"agents without a bus":   {good, []string{"--agents", "1", "--gateway-url", "http://127.0.0.1:1"}, 2, []string{"--agents", "--nats-url"}},
		"no such folder":         {good, []string{"--results-json", "none/out.json"}, 2, []string{"--results-json", "none"}},
		"unknown flag":           {good, []string{"--rsp", "5"}, 2, []string{"--rsp"}},
		"unknown scenario":       {good, []string{"-s", "Other"}, 2, []string{"Other", "Flow"}},
		"bad log level":          {good, []string{"--log-level", "loud"}, 2, []string{"--log-level", "loud"}},
		"bad NATS URL":           {good, []string{"--nats-url", "nats://%zz"}, 2, []string{"--nats-url"}},
		"odd NATS password":      {good, []string{"--nats-url", "nats://u:pw/x@127.0.0.1:1"}, 2, []string{"--nats-url", "percent"}},
		"NATS without scheme":    {good, []string{"--nats-url", "u:pw@127.0.0.1:1"}, 4, []string{"--nats-url", "127.0.0.1:1"}},
		"unreachable NATS":       {good, []string{"--nats-url", "nats://127.0.0.1:1"}, 4, []string{"--nats-url", "127.0.0.1:1"}},
		"bad gateway URL":        {good, []string{"--gateway-url", "127.0.0.1"}, 2, []string{"--gateway-url"}},
		"odd gateway password":   {good, []string{"--gateway-url", "http://u:pw/x@127.0.0.1:1"}, 2, []string{"--gateway-url"}},
		"odd Redis password":     {good, []string{"--redis-url", "redis://u:pw/x@127.0.0.1:1"}, 2, []string{"--redis-url"}},
		"unreachable gateway":    {good, []string{"--gateway-url", "http://127.0.0.1:1"}, 4, []string{"--gateway-url", "127.0.0.1:1"}},
		"coordinator is gateway": {good, []string{"--coordinator-url", "http://127.0.0.1:1"}, 4, []string{"--gateway-url", "127.0.0.1:1"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := setup(t)
			args := []string{"run", l.file("flow.py", tc.source)}
			if !strings.Contains(strings.Join(tc.args, " "), "--demo") {
				args = append(args, "--demo")
			}
			p := l.run(tc.code, append(args, tc.args...)...)
			for _, text := range tc.says {
				require.Contains(t, p.Stderr(), text)
			}
			require.NotContains(t, p.Stderr(), "pw")
			require.NotContains(t, p.Stderr(), "goroutine", "an error is no crash")
			require.Empty(t, p.Stdout())
		})
	}
}

func TestFilesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	l := setup(t)
	require.Contains(t, l.run(2, "run", "none.py", "--demo").Stderr(), "none.py: there is no such file")
	require.Contains(t, l.run(2, "run", ".", "--demo").Stderr(), "folder")
	require.Contains(t, l.run(2, "run", "--demo").Stderr(), "one scenario file")
}

func TestSeveralScenariosMustBeChosenFrom(t *testing.T) {
	t.Parallel()
	l := setup(t)
	p := l.run(2, "run", testdata(t, "two.py"), "--demo")
	require.Contains(t, p.Stderr(), "Light, Heavy")
}

func TestChooseScenario(t *testing.T) {
	t.Parallel()
	names := []string{"Light", "Heavy"}
	for answers, want := range map[string]string{"2\n": "Heavy", "Light\n": "Light", "7\nno\n\n1\n": "Light"} {
		var out bytes.Buffer
		got, err := chooseScenario(t.Context(), strings.NewReader(answers), &out, names)
		require.NoError(t, err)
		require.Equal(t, want, got)
		require.Contains(t, out.String(), "  1  Light\n  2  Heavy\n")
	}
	_, err := chooseScenario(t.Context(), strings.NewReader(""), &bytes.Buffer{}, names)
	require.ErrorContains(t, err, "--scenario")
}

func TestAPortThatIsTaken(t *testing.T) {
	t.Parallel()
	l := setup(t)
	taken, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	addr := taken.Addr().String()
	for _, args := range [][]string{
		{"demo", "--listen", addr},
		{"gateway", "--listen", addr},
		{"scheduler", "--listen", addr},
		{"generator", "--listen", addr},
		{"aggregator", "--listen", addr},
		{"up", "--listen", addr, "--nats-listen", "127.0.0.1:0", "--redis-listen", "127.0.0.1:0"},
		{"up", "--listen", "127.0.0.1:0", "--nats-listen", addr, "--redis-listen", "127.0.0.1:0"},
		{"up", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--redis-listen", addr},
	} {
		p := l.run(load.ExitInfra, args...)
		require.Contains(t, p.Stderr(), addr)
		require.Contains(t, p.Stderr(), "listen")
		require.NotContains(t, p.Stderr(), "is up")
	}
	for flag, value := range map[string]string{"latency-scale": "NaN", "delay": "-1s", "error-rate": "101", "stall-from": "1s"} {
		require.Contains(t, l.run(load.ExitConfig, "demo", "--"+flag, value).Stderr(), "Error: --"+strings.Replace(flag, "from", "to", 1)+": ")
	}
	for _, command := range []string{"demo", "gateway", "scheduler", "up"} {
		require.Contains(t, l.run(load.ExitConfig, command, "--listen", "nowhere").Stderr(), "--listen")
	}
}

func TestAStoreFolderHasOneOwner(t *testing.T) {
	t.Parallel()
	l := setup(t)
	args := []string{"up", "--listen", "127.0.0.1:0", "--nats-listen", "127.0.0.1:0", "--redis-listen", "127.0.0.1:0", "--data-dir", l.dir}
	first := l.start(args...)
	eventually(t, "the first is up", func() bool { return strings.Contains(first.Stderr(), "gateway is up") })
	require.Contains(t, l.run(load.ExitInfra, args...).Stderr(), "in use")
	require.Zero(t, first.Stop())
}

func TestConfigurationOrder(t *testing.T) {
	t.Parallel()
	l := setup(t)
	file := l.file("flow.py", scenarioWith("rps=1, duration='1s', mode='constant'", aTask))
	iterations := func(env []string, args ...string) string {
		t.Helper()
		with := *l
		with.env = slices.Concat(l.env, env)
		return with.run(0, append([]string{"run", file, "--dry-run"}, args...)...).Stdout()
	}
	require.Contains(t, iterations(nil), `"rps": 1,`)
	l.file("loadpilot.yaml", "rps: 2\nthreshold: [p99_ms=300]\n")
	require.Contains(t, iterations(nil), `"rps": 2,`)
	require.Contains(t, iterations(nil), `"p99_ms": 300`)
	require.Contains(t, iterations([]string{"LOADPILOT_RPS=3"}), `"rps": 3,`)
	require.Contains(t, iterations([]string{"LOADPILOT_RPS=3"}, "--rps", "4"), `"rps": 4,`)
	require.Contains(t, iterations([]string{"LOADPILOT_THRESHOLD=p50_ms=1,error_rate=2"}), `"error_rate": 2,`)
	l.file("other.yaml", "rps: 5\n")
	require.Contains(t, iterations([]string{"LOADPILOT_CONFIG=other.yaml"}), `"rps": 5,`)

	for _, alias := range []string{"LOADPILOT_COORDINATOR_URL=here", "LOADPILOT_GATEWAY_URL=here"} {
		with := *l
		with.env = slices.Concat(l.env, []string{alias})
		require.Contains(t, with.run(2, "run", file, "--dry-run").Stderr(), "--gateway-url: must start")
	}
	for _, key := range []string{"coordinator-url", "gateway-url"} {
		l.file("url.yaml", key+": there\n")
		require.Contains(t, l.run(2, "run", file, "--dry-run", "--config", "url.yaml").Stderr(), "--gateway-url: must start")
	}

	l.env = append(l.env, "LOADPILOT_RPS=x")
	require.Contains(t, l.run(2, "run", file, "--dry-run").Stderr(), "LOADPILOT_RPS")
	require.Contains(t, l.run(2, "run", file, "--dry-run", "--rps", "1", "--config", "none.yaml").Stderr(), "none.yaml")
	l.file("typo.yaml", "rsp: 5\n")
	require.Contains(t, l.run(2, "run", file, "--dry-run", "--rps", "1", "--config", "typo.yaml").Stderr(), `"rsp"`)
}

func TestHelpHasAnExampleForEveryCommand(t *testing.T) {
	t.Parallel()
	for _, command := range newRootCommand(streams{}).Commands() {
		if command.Hidden { // it is for the program itself
			continue
		}
		var out bytes.Buffer
		require.Zero(t, invoke(t, &out, &out, command.Name(), "--help"))
		require.Contains(t, out.String(), "Examples:\n  loadpilot "+command.Name(), command.Name())
	}
}

func TestVersion(t *testing.T) {
	t.Parallel()
	l := setup(t)
	require.True(t, strings.HasPrefix(l.run(0, "version").Stdout(), "loadpilot test go1."))
}

func TestReadScenarioRefusesWhatIsTooLong(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "long.py")
	require.NoError(t, os.WriteFile(name, bytes.Repeat([]byte("#\n"), maxSource), 0o600))
	_, err := readScenario(name)
	require.ErrorContains(t, err, "longer than")
}

package wire_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Those that exist are never rewritten: they are what older programs wrote.
var missing = flag.Bool("golden", false, "write the golden files that do not exist")

const runID = "01981f60-7c1e-7000-8000-000000000001"

var start = time.Date(2026, 7, 1, 12, 0, 0, 123456789, time.UTC)

// The texts stand here because another version of the compressor may write others.
var (
	response = histogram.Snapshot{
		Count: 3, MinMicros: 1800, SumMicros: 30_004_200, P50Micros: 2401, P99Micros: 30_000_000, MaxMicros: 30_000_000,
		HDR: "HISTFAAAADp4AQTAoQ2AQAwAwGtJEFhsd2E5PKIrsA6WhBkwP8Jfnb1jAyyAgLdvxwCuymfN/4ucAQAA//+SdAfa",
	}
	service = histogram.Snapshot{
		Count: 3, MinMicros: 1700, SumMicros: 30_003_000, P50Micros: 2301, P99Micros: 29_999_000, MaxMicros: 29_999_000,
		HDR: "HISTFAAAADx4AQTAMRGAMAwAwE8YuGNl4/CCORzEAgZQwcTaoSoqoX/etWMDLICAVo9rAN+R75p/j5wBAAD//5NfB9g=",
	}
	failed = histogram.Snapshot{
		Count: 1, MinMicros: 30_000_000, SumMicros: 30_000_000, P50Micros: 30_000_000, P99Micros: 30_000_000, MaxMicros: 30_000_000,
		HDR: "HISTFAAAADJ4AQTAQQEAERAAwNk7DXx1UU6DraCOrxwCeJg2sqIAfkDAzqkfYN34XgAAAP//abYGVw==",
	}
	lag = histogram.Snapshot{
		Count: 3, MinMicros: 80, SumMicros: 310, P50Micros: 90, P99Micros: 140, MaxMicros: 140,
		HDR: "HISTFAAAADZ4AQTAMRWAIBAA0H/n4OxztYtZ6EKDC8BCJnIQgf/1enEDLkDAqunfwIh8suUJAAD//3caBaY=",
	}
	setup = histogram.Snapshot{
		Count: 1, MinMicros: 5000, SumMicros: 5000, P50Micros: 5000, P99Micros: 5000, MaxMicros: 5000,
		HDR: "HISTFAAAADB4AQTAQQEAEAwAwGMRfLUQQDkNVkETHeQQwfWVDQEIQIGb23zAGfUHAAD//2GMBYI=",
	}
)

func exampleToken() load.Token {
	return load.Token{Run: runID, Second: 12, Slice: 3, Slices: 35, First: 7203, Count: 17, Planned: 600, StartAt: start}
}

func exampleTokenOfAChangedRun() load.Token {
	token := exampleToken()
	token.Shift, token.Even = -597, true
	return token
}

func exampleEvent() load.Event {
	return load.Event{
		Run: runID, Generator: "gen-1", Instance: "9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a10", Seq: 42, Users: 25, InFlight: 4,
		CPUPercent: 37.5, ClockError: 57 * time.Microsecond,
		Tokens: []load.TokenReport{
			{Second: 12, Slice: 3, Planned: 17, Started: 15, Dropped: 2, Reason: load.DropNoUser, Final: true},
			{Second: 13, Slice: 3, Planned: 17, Started: 1},
		},
		Tasks: []load.TaskReport{{
			Second: 12, Task: "browse", Iterations: 14, Requests: 28, Failed: 2, Status: map[int]int64{200: 26, 503: 1},
			Errors: map[string]int64{"http_503": 1, load.ErrorTimeout: 1}, Checks: map[string]load.CheckCount{"check_browse": {Passed: 13, Failed: 1}},
			BytesIn: 51200, BytesOut: 96, Response: response, Service: service,
			FailedTime: failed,
		}},
		Lag: lag,
		Setup: load.SetupReport{
			Started: 25, Failed: 1, Requests: 26, Errors: map[string]int64{load.ErrorConnect: 1}, Response: setup,
		},
		Samples: []load.ErrorSample{{
			Second: 12, Iteration: 7203, Task: "browse", Class: "http_503", Status: 503, Message: "GET /items: 503 Service Unavailable",
		}},
	}
}

func exampleRunWithData() load.Run {
	run := exampleRun()
	run.Source.Files = []load.DataFile{
		{Name: "data/items.jsonl", SHA256: strings.Repeat("89abcdef01234567", 4)}, {Name: "users.csv", SHA256: strings.Repeat("f0", 32)},
	}
	run.Source.Env = []string{"REGION", "TOKEN"}
	return run
}

func exampleRunWithWarmup() load.Run {
	run := exampleRun()
	run.Plan.Warmup = 10 * time.Second
	return run
}

func exampleRunWithTransport() load.Run {
	run := exampleRun()
	run.Plan.Transport = load.Transport{
		HTTP2: true, ConnectTimeout: 2 * time.Second, Insecure: true, ServerName: "inner.example", Proxy: "http://proxy.example:3128",
		Resolve: []load.Resolve{{Host: "shop.example", Port: "443", Address: "127.0.0.1"}}, SourceAddress: "127.0.0.2",
		CA: true, Cert: true, ProxyAuth: true, Headers: []string{"Authorization", "X-Tenant"},
	}
	return run
}

func exampleRunWithChanges() load.Run {
	run := exampleRun()
	run.Changes = []load.Change{
		{Second: 12, Kind: load.ChangePause, At: start.Add(10*time.Second + time.Microsecond)},
		{Second: 15, Kind: load.ChangeRate, RPS: 62.5, At: start.Add(13 * time.Second)},
		{Second: 20, Kind: load.ChangeResume, At: start.Add(18 * time.Second)},
	}
	run.Plan.Targets = []string{"shop.example:8443", "*.example.com"}
	run.Plan.Thresholds[0].Abort, run.Plan.Thresholds[0].Delay, run.Breach = true, 5*time.Second, "p99_ms"
	return run
}

func exampleRun() load.Run {
	return load.Run{
		ID: runID, CreatedAt: start.Add(-time.Minute), State: load.StateStopping, Reason: "stopped by request", Cause: load.CauseNone,
		Source: load.Source{SHA256: strings.Repeat("0123456789abcdef", 4), File: "shop.py"},
		Plan: load.Plan{
			Scenario: "CheckoutFlow", Target: "https://shop.example/api",
			Shape: load.Shape{
				Mode: load.ModeStages, RPS: 100, Duration: 90 * time.Second, RampUp: 10 * time.Second, Steps: 5,
				Stages: []load.Stage{{Duration: 30 * time.Second, RPS: 50}, {Duration: time.Minute + time.Nanosecond, RPS: 100}},
			},
			Tasks:      []load.Task{{Name: "browse", Weight: 5}, {Name: "purchase", Weight: 1}},
			Thresholds: []load.Threshold{{Metric: "p99_ms", Limit: 500}, {Scope: "browse", Metric: "error_rate", Limit: 0.5}},
			Users:      20, MaxUsers: 10_000, MaxLag: 250 * time.Millisecond, Timeout: 30 * time.Second,
			GracefulStop: 1500 * time.Microsecond, Seed: 18_446_744_073_709_551_615,
		},
		Pool: "default", Generators: 3, Slices: 37, T0: start, StoppedAt: start.Add(time.Minute),
	}
}

func exampleEventWithMeasures() load.Event {
	e := exampleEvent()
	e.Measures = []load.MeasureReport{
		{MeasureName: load.MeasureName{Kind: load.MeasureCounter, Name: "orders"}, Count: 3, Sum: 4.5},
		{MeasureName: load.MeasureName{Kind: load.MeasureEvent, Name: "checkout time"}, Count: 3, Failed: 1, Times: response},
		{MeasureName: load.MeasureName{Kind: load.MeasureGauge, Name: "queue_depth"}, Count: 2, Sum: 6, Min: -1, Max: 7},
		{MeasureName: load.MeasureName{Kind: load.MeasureRequest, Name: "GET /items/:id"}, Count: 3, Times: service},
	}
	return e
}

func exampleEventWithConnections() load.Event {
	e := exampleEvent()
	e.Connections = load.ConnectionReport{
		Opened: 3, Reused: 23, Failed: 2, Refused: 1, ClosedIdle: 3,
		DNS: lag, Connect: lag, TLS: setup, FirstByte: response, Transfer: service,
	}
	e.Setup.Connections = load.ConnectionReport{Opened: 1, Connect: lag}
	return e
}

func exampleRunWithMeasures() load.Run {
	r := exampleRun()
	r.Plan.Measures = []load.MeasureName{
		{Kind: load.MeasureCounter, Name: "orders"}, {Kind: load.MeasureRequest, Name: "GET /items/:id"},
	}
	r.Plan.Thresholds = []load.Threshold{
		{Scope: "orders", Metric: "count_min", Limit: 10}, {Scope: "GET /items/:id", Metric: "p95_ms", Limit: 200},
	}
	return r
}

func exampleGenerator() load.GeneratorStatus {
	return load.GeneratorStatus{
		Generator: "gen-1", Instance: "9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a10", Pool: "default", Version: "v1.2.3",
		Prepared: map[string]load.Prepared{runID: {Users: 20}, "01981f60-7c1e-7000-8000-000000000002": {Error: "LoginError: 403"}},
		MaxRate:  500, Users: 25, InFlight: 4, CPUPercent: 37.5, ClockError: 57 * time.Microsecond, Draining: true,
	}
}

// message is one kind of message: an example, how it is written, and how the bytes are read.
type message struct {
	name   string
	value  any
	encode func() ([]byte, error)
	decode func([]byte) (any, error)
}

func codec[T any](name string, value T, encode func(T) ([]byte, error), decode func([]byte) (T, error)) message {
	return message{
		name: name, value: value,
		encode: func() ([]byte, error) { return encode(value) },
		decode: func(data []byte) (any, error) { return decode(data) },
	}
}

func decision(name string, d load.Decision) message {
	return codec("decision_"+name, wire.State{Decision: &d},
		func(s wire.State) ([]byte, error) { return wire.EncodeDecision(*s.Decision) }, wire.DecodeState)
}

func messages() []message {
	return []message{
		codec("token", exampleToken(), wire.EncodeToken, wire.DecodeToken),
		codec("event", exampleEvent(), wire.EncodeEvent, wire.DecodeEvent),
		codec("run", exampleRun(), wire.EncodeRun, wire.DecodeRun),
		codec("event_measures", exampleEventWithMeasures(), wire.EncodeEvent, wire.DecodeEvent),
		codec("event_connections", exampleEventWithConnections(), wire.EncodeEvent, wire.DecodeEvent),
		codec("run_measures", exampleRunWithMeasures(), wire.EncodeRun, wire.DecodeRun),
		codec("run_transport", exampleRunWithTransport(), wire.EncodeRun, wire.DecodeRun),
		codec("run_data", exampleRunWithData(), wire.EncodeRun, wire.DecodeRun),
		codec("run_warmup", exampleRunWithWarmup(), wire.EncodeRun, wire.DecodeRun),
		codec("run_changes", exampleRunWithChanges(), wire.EncodeRun, wire.DecodeRun),
		codec("token_changes", exampleTokenOfAChangedRun(), wire.EncodeToken, wire.DecodeToken),
		codec("generator", exampleGenerator(), wire.EncodeGenerator, wire.DecodeGenerator),
		decision("own", load.Decision{Run: runID, Kind: load.DecisionOwn, Epoch: 41, Owner: "aggregator-host-4711/9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a11"}),
		decision("own_again", load.Decision{
			Run: runID, Kind: load.DecisionOwn, Epoch: 57, Owner: "aggregator-host-4711/9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a11", Second: 12,
		}),
		decision("fleet", load.Decision{Run: runID, Kind: load.DecisionFleet, Number: 2, Second: 12, Changes: []load.FleetChange{
			{Kind: load.IncidentLost, Generator: "gen-1", Instance: "9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a10", Reason: "no sign of life for 3 s"},
			{Kind: load.IncidentJoined, Generator: "gen-2", Instance: "9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a11"},
		}}),
		decision("close", load.Decision{Run: runID, Kind: load.DecisionClose, Second: 12, NeverIssued: 17}),
		decision("end", load.Decision{Run: runID, Kind: load.DecisionEnd, Through: 9001}),
		codec("result", wire.State{Result: []byte(`{"run_id":"` + runID + `"}`)},
			func(s wire.State) ([]byte, error) { return wire.EncodeResult(runID, s.Result) }, wire.DecodeState),
		codec("result_part", wire.State{Part: []byte(`{"run_id":`)},
			func(s wire.State) ([]byte, error) { return wire.EncodePart(runID, s.Part) }, wire.DecodeState),
		codec("result_parts", wire.State{Parts: []uint64{9002, 9003}},
			func(s wire.State) ([]byte, error) { return wire.EncodeParts(runID, s.Parts) }, wire.DecodeState),
	}
}

func goldenPath(name string) string { return filepath.Join("testdata", "v1", name+".json") }

func indented(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Indent(&b, data, "", "  "))
	return b.String() + "\n"
}

func TestGolden(t *testing.T) {
	t.Parallel()
	for _, m := range messages() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			data, err := m.encode()
			require.NoError(t, err)
			golden, err := os.ReadFile(goldenPath(m.name))
			if os.IsNotExist(err) && *missing {
				golden = []byte(indented(t, data))
				err = os.WriteFile(goldenPath(m.name), golden, 0o600)
			}
			require.NoError(t, err)
			require.Equal(t, string(golden), indented(t, data), "what version 1 wrote must never change")
			read, err := m.decode(golden)
			require.NoError(t, err)
			if s, ok := read.(wire.State); ok && s.Result != nil {
				s.Result = []byte(strings.TrimSpace(compact(t, s.Result)))
				read = s
			}
			if diff := cmp.Diff(m.value, read); diff != "" {
				t.Fatalf("written - read +\n%s", diff)
			}
		})
	}
}

func compact(t *testing.T, data []byte) string {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, json.Compact(&b, data))
	return b.String()
}

func TestOtherVersionsAreRefused(t *testing.T) {
	t.Parallel()
	for _, m := range messages() {
		for _, v := range []string{`{}`, `{"v":2}`, `{"v":2,"run":{"renamed":true},"id":7,"generator":[]}`, `{"v":0}`} {
			_, err := m.decode([]byte(v))
			require.ErrorIs(t, err, wire.ErrVersion, "%s %s", m.name, v)
		}
		_, err := m.decode([]byte(`{"v":2}`))
		require.ErrorContains(t, err, "unknown version 2: this program reads version 1")
	}
}

func TestUnknownFieldsAreIgnored(t *testing.T) {
	t.Parallel()
	for _, m := range messages() {
		data, err := m.encode()
		require.NoError(t, err)
		read, err := m.decode(append([]byte(`{"added_later":[1],`), data[1:]...))
		require.NoError(t, err)
		if diff := cmp.Diff(m.value, read); diff != "" {
			t.Fatalf("%s: written - read +\n%s", m.name, diff)
		}
	}
}

func TestWhatNoEncoderWritesIsRefused(t *testing.T) {
	t.Parallel()
	// Each row changes one field of an example.
	tests := []struct{ message, old, replacement string }{
		{"token", `"slices":35`, `"slices":0`},
		{"token", `"slice":3`, `"slice":35`},
		{"token", `"slice":3`, `"slice":-1`},
		{"token", `"count":17`, `"count":0`},
		{"token", `"count":17`, `"count":601`},
		{"token", `"second":12`, `"second":-1`},
		{"token", `"first":7203`, `"first":9223372036854775807`},
		{"token_changes", `"shift":-597`, `"shift":7204`},
		{"token_changes", `"shift":-597`, `"shift":-9223372036854775808`},
		{"run_changes", `"second":15`, `"second":12`},
		{"run_changes", `"second":12`, `"second":-1`},
		{"run_changes", `"second":20`, `"second":604801`},
		{"run_changes", `"kind":"pause"`, `"kind":"stop"`},
		{"run_changes", `"rps":62.5`, `"rps":0`},
		{"run_changes", `"at":"2026`, `"at":"9926`},
		{"run_changes", `"delay_ms":5000`, `"delay_ms":1e300`},
		{"token", `"run":"` + runID, `"run":"a.b`},
		{"token", `"count":17`, `"count":"17"`},
		{"event", `"seq":42`, `"seq":0`},
		{"event", `"generator":"gen-1"`, `"generator":"*"`},
		{"event", `"started":15`, `"started":-15`},
		{"event", `"iterations":14`, `"iterations":-14`},
		{"event", `"clock_error_us":57`, `"clock_error_us":-1`},
		{"event_connections", `"opened":3`, `"opened":-3`},
		{"event_connections", `"closed_idle":3`, `"closed_idle":-3`},
		{"event_connections", `"opened":1`, `"opened":-1`},
		{"event_measures", `"kind":"gauge"`, `"kind":"meter"`},
		{"event_measures", `"name":"orders"`, `"name":""`},
		{"event_measures", `"orders","count":3`, `"orders","count":-3`},
		{"event_measures", `"failed":1,"times"`, `"failed":-1,"times"`},
		{"event_measures", `"sum":4.5`, `"sum":1e999`},
		{"run_measures", `"kind":"counter"`, `"kind":"total"`},
		{"run", `"id":"` + runID, `"id":"`},
		{"run", `"max_lag_ms":250`, `"max_lag_ms":1e300`},
		{"run", `"duration_ms":30000`, `"duration_ms":1e300`},
		{"run", `"key":"p99_ms"`, `"key":"p98_ms"`},
		{"run", `"state":"stopping"`, `"state":""`},
		{"run", `"t0":"2026`, `"t0":"9926`},
		{"run", `"slices":37`, `"slices":-1`},
		{"generator", `"generator":"gen-1"`, `"generator":""`},
		{"generator", `"pool":"default"`, `"pool":"a.b"`},
		{"decision_own", `,"epoch":41`, ``},
		{"decision_own", `,"owner":"aggregator-host-4711/9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a11"`, ``},
		{"decision_own_again", `"second":12`, `"second":-1`},
		{"decision_fleet", `,"number":2`, ``},
		{"decision_fleet", `"number":2`, `"number":-2`},
		{"decision_fleet", `,"second":12`, ``},
		{"decision_fleet", `"second":12`, `"second":-1`},
		{"decision_fleet", `"second":12`, `"second":604801`},
		{"decision_fleet", `"changes":`, `"renamed":`},
		{"decision_fleet", `"kind":"lost"`, `"kind":"takeover"`},
		{"decision_fleet", `"generator":"gen-1"`, `"generator":"*"`},
		{"decision_fleet", `"instance":"9b2f1c1e-58a5-4d5c-9f6c-3f1f4f2e7a10"`, `"instance":""`},
		{"decision_close", `,"second":12`, ``},
		{"decision_close", `"never_issued":17`, `"never_issued":-1`},
		{"decision_end", `,"through":9001`, ``},
		{"result", `"kind":"result"`, `"kind":"outcome"`},
		{"result_part", `,"part":"eyJydW5faWQiOg=="`, ``},
	}
	byName := map[string]message{}
	for _, m := range messages() {
		byName[m.name] = m
	}
	for _, test := range tests {
		m := byName[test.message]
		data, err := m.encode()
		require.NoError(t, err)
		changed := strings.Replace(string(data), test.old, test.replacement, 1)
		require.NotEqual(t, string(data), changed, "%s has no %s", test.message, test.old)
		_, err = m.decode([]byte(changed))
		require.ErrorIs(t, err, wire.ErrMalformed, "%s with %s", test.message, test.replacement)
	}
}

func TestFleetDecisionsThatCannotBeReadAreNotWritten(t *testing.T) {
	t.Parallel()
	whole := load.Decision{Run: runID, Kind: load.DecisionFleet, Number: 1, Changes: []load.FleetChange{
		{Kind: load.IncidentJoined, Generator: "g", Instance: "i"},
	}}
	_, err := wire.EncodeDecision(whole)
	require.NoError(t, err)
	for name, change := range map[string]func(*load.Decision){
		"no number": func(d *load.Decision) { d.Number = 0 },
		"second":    func(d *load.Decision) { d.Second = -1 },
		"nothing":   func(d *load.Decision) { d.Changes = nil },
		"too much":  func(d *load.Decision) { d.Changes = slices.Repeat(d.Changes, load.MaxFleetChanges+1) },
		"other kind": func(d *load.Decision) {
			d.Changes = []load.FleetChange{{Kind: load.IncidentTakeover, Generator: "g", Instance: "i"}}
		},
		"no name":       func(d *load.Decision) { d.Changes = []load.FleetChange{{Kind: load.IncidentLost, Instance: "i"}} },
		"which process": func(d *load.Decision) { d.Changes = []load.FleetChange{{Kind: load.IncidentLost, Generator: "g"}} },
	} {
		d := whole
		change(&d)
		_, err := wire.EncodeDecision(d)
		require.ErrorIs(t, err, wire.ErrMalformed, name)
	}
}

func TestEmptyPartsAreLeftOut(t *testing.T) {
	t.Parallel()
	data, err := wire.EncodeEvent(load.Event{
		Run: "r", Generator: "g", Instance: "i", Seq: 1, Tasks: []load.TaskReport{{Second: 1, Task: "t"}},
	})
	require.NoError(t, err)
	require.JSONEq(t, `{"v":1,"run":"r","generator":"g","instance":"i","seq":1,"users":0,"in_flight":0,"cpu_percent":0,
		"clock_error_us":0,"tokens":[],"tasks":[{"second":1,"task":"t","iterations":0,"requests":0,"failed":0,
		"bytes_in":0,"bytes_out":0}]}`, string(data))
}

func TestClockErrorIsRoundedUp(t *testing.T) {
	t.Parallel()
	data, err := wire.EncodeGenerator(load.GeneratorStatus{Generator: "g", Pool: "p", ClockError: 1001})
	require.NoError(t, err)
	read, err := wire.DecodeGenerator(data)
	require.NoError(t, err)
	require.Equal(t, 2*time.Microsecond, read.ClockError)
}

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"a": true, "A-Z_09": true, runID: true,
		"": false, "a.b": false, "*": false, ">": false, "a b": false, "é": false, "a\n": false,
	} {
		require.Equal(t, want, wire.Name(name), "%q", name)
	}
}

func TestGoldenHistogramsCanBeMerged(t *testing.T) {
	t.Parallel()
	all := histogram.New()
	for _, s := range []histogram.Snapshot{response, service, failed, lag, setup} {
		require.NoError(t, all.MergeSnapshot(s))
	}
	require.EqualValues(t, 11, all.Count())
	require.EqualValues(t, 80, all.Min())
	require.EqualValues(t, 30_000_000, all.Max())
}

// The examples of the documentation are messages that can be read.
func TestDocumentedExamples(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "bus.md"))
	require.NoError(t, err)
	byName := map[string]message{}
	for _, m := range messages() {
		byName[m.name] = m
	}
	// In the order of the page.
	kinds := []string{
		"token", "event", "decision_own_again", "decision_fleet", "decision_close", "decision_end", "result", "run", "generator",
	}
	examples := strings.Split(string(page), "```json\n")[1:]
	require.Len(t, examples, len(kinds))
	for i, kind := range kinds {
		example, _, _ := strings.Cut(examples[i], "```")
		_, err := byName[kind].decode([]byte(example))
		require.NoError(t, err, kind)
	}
}

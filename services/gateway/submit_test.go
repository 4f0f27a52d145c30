package gateway

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// checkout asks for everything that can be asked for.
func checkout() map[string]any {
	return map[string]any{
		"source": "Light Heavy", "file": "flows/checkout.py", "scenario": "Heavy", "target": "http://shop.test:8000",
		"rps": 200, "duration": "20s", "ramp_up": "5s", "mode": "ramp", "thresholds": map[string]float64{"p99_ms": 800, "browse:error_rate": 1},
		"users": 7, "max_users": 70, "max_lag": "100ms", "timeout": "2s", "graceful_stop": "3s", "warmup": "4s", "seed": 42, "pool": "eu", "generators": 3,
	}
}

func checkoutRun() load.Run {
	return load.Run{
		Revision: 1, CreatedAt: noon, Pool: "eu", Generators: 3, State: load.StatePending,
		Source: load.Source{SHA256: "f2ba5d5f6b8be4c3ec17f2c5a8a3a5fd0d9c4b6eb9c67df7ba4f5d46eb0af8a6", File: "checkout.py"},
		Plan: load.Plan{
			Scenario: "Heavy", Target: "http://shop.test:8000",
			Shape: load.Shape{Mode: load.ModeRamp, RPS: 200, Duration: 20 * time.Second, RampUp: 5 * time.Second, Steps: 5},
			Tasks: []load.Task{{Name: "browse", Weight: 5}, {Name: "purchase", Weight: 1}},
			Thresholds: []load.Threshold{
				{Metric: "p99_ms", Limit: 800}, {Scope: "browse", Metric: "error_rate", Limit: 1},
			},
			Users: 7, MaxUsers: 70, MaxLag: 100 * time.Millisecond, Timeout: 2 * time.Second, GracefulStop: 3 * time.Second, Warmup: 4 * time.Second, Seed: 42,
		},
	}
}

func TestSubmitStoresSourceAndRecord(t *testing.T) {
	t.Parallel()
	form := func(t *testing.T) (body *bytes.Buffer, contentType string) {
		t.Helper()
		body = &bytes.Buffer{}
		w := multipart.NewWriter(body)
		for name, value := range map[string]string{
			"scenario": "Heavy", "target": "http://shop.test:8000", "rps": "200", "duration": "20s", "ramp_up": "5s", "mode": "ramp",
			"thresholds": `{"p99_ms":800,"browse:error_rate":1}`, "users": "7", "max_users": "70", "max_lag": "100ms", "timeout": "2s",
			"graceful_stop": "3s", "warmup": "4s", "seed": "42", "pool": "eu", "generators": "3",
		} {
			require.NoError(t, w.WriteField(name, value))
		}
		part, err := w.CreateFormFile("source", "flows/checkout.py")
		require.NoError(t, err)
		_, err = part.Write([]byte("Light Heavy"))
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return body, w.FormDataContentType()
	}
	for name, submit := range map[string]func(f *fixture) answer{
		"as JSON": func(f *fixture) answer { return f.post("/v1/runs", checkout()) },
		"as a form": func(f *fixture) answer {
			body, contentType := form(f.t)
			return f.do(http.MethodPost, "/v1/runs", body, "Content-Type", contentType)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := setup(t)
			a := submit(f)
			require.Equal(t, http.StatusCreated, a.status, "%s", a.body)
			view := decode[Run](t, a)
			require.Equal(t, "/v1/runs/"+view.ID, a.header.Get("Location"))
			equal(t, Planned{Iterations: 4500, DurationSecs: 25, PeakRPS: 200}, view.Plan.Planned) // 200·5/2 + 200·20

			require.Len(t, f.bus.runs, 1)
			if diff := cmp.Diff(checkoutRun(), f.bus.runs[0], cmpopts.IgnoreFields(load.Run{}, "ID", "Source.SHA256")); diff != "" {
				t.Errorf("record (-want +got):\n%s", diff)
			}
			require.Equal(t, "Light Heavy", string(f.bus.sources[f.bus.runs[0].Source.SHA256]))
		})
	}
}

func TestSubmitFillsInWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	f := setup(t)
	f.submitted()
	run := f.bus.runs[0]
	require.Equal(t, load.DefaultPool, run.Pool)
	require.Equal(t, 1, run.Generators)
	require.Equal(t, "scenario.py", run.Source.File)
	require.Less(t, run.Plan.Seed, uint64(1)<<53, "a seed that every reader of JSON can hold")
	f.submitted()
	require.NotEqual(t, run.Plan.Seed, f.bus.runs[1].Plan.Seed, "each run has a seed of its own")
}

func TestDryRunStoresNothing(t *testing.T) {
	t.Parallel()
	f := setup(t)
	request := checkout()
	delete(request, "target")
	a := f.post("/v1/runs?dry_run=true", request)
	require.Equal(t, http.StatusOK, a.status, "%s", a.body)
	equal(t, Plan{
		Scenario: "Heavy", Mode: load.ModeRamp, RPS: 200, Duration: "20s", RampUp: "5s",
		Thresholds: map[string]Limit{"p99_ms": {Limit: 800}, "browse:error_rate": {Limit: 1}},
		Users:      7, MaxUsers: 70, MaxLag: "100ms", Timeout: "2s", GracefulStop: "3s", Warmup: "4s", Seed: 42,
		Tasks:    []Task{{"browse", 5}, {"purchase", 1}},
		Measures: []Measure{},
		Planned:  Planned{Iterations: 4500, DurationSecs: 25, PeakRPS: 200},
	}, decode[Plan](t, a))
	require.Empty(t, f.bus.runs)
	require.Empty(t, f.bus.sources)
}

func TestSubmitNamesWhatIsWrong(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, tc := range map[string]struct {
		change  map[string]any
		status  int
		field   string
		says    string
		choices []string
	}{
		"no source":          {map[string]any{"source": nil}, 422, "source", "empty", nil},
		"no scenario chosen": {map[string]any{"scenario": nil}, 422, "scenario", "Light, Heavy", []string{"Light", "Heavy"}},
		"unknown scenario":   {map[string]any{"scenario": "Odd"}, 422, "scenario", `"Odd"`, []string{"Light", "Heavy"}},
		"no target":          {map[string]any{"target": nil}, 422, "target", "no URL", nil},
		"bad target":         {map[string]any{"target": "localhost"}, 422, "target", "http://", nil},
		"rps 0":              {map[string]any{"rps": 0}, 422, "rps", "above 0", nil},
		"rps in words":       {map[string]any{"rps": "many"}, 422, "rps", "number", nil},
		"half a step":        {map[string]any{"steps": 1.5}, 422, "steps", "whole number", nil},
		"steps 0":            {map[string]any{"mode": "step", "steps": 0}, 422, "steps", "at least 1", nil},
		"ramp too long":      {map[string]any{"ramp_up": "1m"}, 422, "ramp_up", "longer than the duration", nil},
		"bad mode":           {map[string]any{"mode": "sine"}, 422, "mode", "sine", nil},
		"mode and stages":    {map[string]any{"stages": []Stage{{"1s", 1}}}, 422, "mode", "stages", nil},
		"bad stage":          {map[string]any{"mode": nil, "stages": []Stage{{"soon", 1}}}, 422, "stages", "stage 1", nil},
		"bad duration":       {map[string]any{"duration": "soon"}, 422, "duration", "soon", nil},
		"unknown threshold":  {map[string]any{"thresholds": map[string]any{"p98_ms": 1}}, 422, "thresholds", "p98_ms", nil},
		"foreign task":       {map[string]any{"thresholds": map[string]any{"pay:p99_ms": 1}}, 422, "thresholds", "pay", nil},
		"bad pool":           {map[string]any{"pool": "a.b"}, 422, "pool", "a.b", nil},
		"negative fleet":     {map[string]any{"generators": -1}, 422, "generators", "negative", nil},
		"unknown field":      {map[string]any{"rsp": 5}, 422, "rsp", "no such field", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request := checkout()
			for key, value := range tc.change {
				if request[key] = value; value == nil {
					delete(request, key)
				}
			}
			for _, path := range []string{"/v1/runs", "/v1/runs?dry_run=true"} {
				if tc.field == "target" && request["target"] == nil && path != "/v1/runs" {
					continue // a dry run may leave it out
				}
				p := f.post(path, request).problem(t, tc.status)
				require.Equal(t, tc.field, p.Field)
				require.Contains(t, p.Detail, tc.says)
				require.Equal(t, tc.choices, p.Choices)
			}
		})
	}
	t.Cleanup(func() {
		require.Empty(t, f.bus.runs)
		require.Empty(t, f.bus.sources)
	})
}

func TestSubmitRefusesBodiesThatAreNone(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for name, tc := range map[string]struct {
		body, contentType string
		status            int
	}{
		"nothing":        {"", "application/json", 400},
		"not JSON":       {"{", "application/json", 400},
		"not an object":  {"[]", "application/json", 400},
		"two objects":    {`{"source":"A"}{}`, "application/json", 400},
		"not UTF-8":      {"{\"source\":\"\xff\"}", "application/json", 422},
		"not a form":     {"--b\r\nContent-Disp", "multipart/form-data; boundary=b", 400},
		"foreign type":   {"x", "text/plain", 415},
		"more than fits": {`{"source":"` + strings.Repeat("A", 5000) + `"}`, "application/json", 413},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := f.do(http.MethodPost, "/v1/runs", strings.NewReader(tc.body), "Content-Type", tc.contentType)
			require.NotEmpty(t, a.problem(t, tc.status).Detail)
		})
	}
}

func TestACompileErrorShowsItsPlace(t *testing.T) {
	t.Parallel()
	f := setup(t)
	for source, want := range map[string]Problem{
		"x = 1\ndef browse(self\n": {
			Field: "source", Line: 2, Column: 11, Text: "def browse(self",
			Detail: "  File \"checkout.py\", line 2\n    def browse(self\n              ^\nSyntaxError: '(' was never closed",
		},
	} {
		a := f.post("/v1/runs", map[string]any{"source": source, "file": "checkout.py", "target": "http://shop.test"})
		want.Title, want.Status, want.File = "Unprocessable Entity", 422, "checkout.py"
		equal(t, want, a.problem(t, 422))
	}
}

// Time is virtual: it passes only in the script's sleep.
func TestAScenarioThatDoesNotLoadInTimeIsRefused(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(DefaultConfig(), Deps{Listener: at{}, Compile: func(ctx context.Context, req Request) (Program, error) {
			return scenario.Compile(ctx, req.File, []byte(req.Source), scenario.Options{})
		}})
		require.NoError(t, err)
		_, err = bounded(s, s.submit)(t.Context(), &submitInput{RawBody: []byte(`{"source":"import time\ntime.sleep(30)"}`)})
		var p *Problem
		require.ErrorAs(t, err, &p)
		equal(t, Problem{
			Title: "Unprocessable Entity", Status: 422, Field: "source", File: "scenario.py", Line: 2, Text: "time.sleep(30)",
			Detail: "Traceback (most recent call last):\n  File \"scenario.py\", line 2, in <module>\n    time.sleep(30)\n" +
				"loading the scenario took longer than 2 s",
		}, *p)
	})
}

func TestAtMostTwoScenariosAreCompiledAtATime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var running, most atomic.Int64
		release := make(chan struct{})
		s, err := New(DefaultConfig(), Deps{Listener: at{}, Compile: func(context.Context, Request) (Program, error) {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			<-release
			return program{"A"}, nil
		}})
		require.NoError(t, err)
		compiled := make(chan error)
		for range 5 {
			go func() {
				_, err := s.compile(t.Context(), Request{})
				compiled <- err
			}()
		}
		synctest.Wait()
		require.EqualValues(t, 2, running.Load(), "the others wait")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err = s.compile(ctx, Request{})
		require.ErrorIs(t, err, context.DeadlineExceeded, "but not for longer than the request may take")
		close(release)
		for range 5 {
			require.NoError(t, <-compiled)
		}
		require.EqualValues(t, 2, most.Load())
	})
}

func TestIdempotencyKey(t *testing.T) {
	t.Parallel()
	f := setup(t)
	request := checkout()
	delete(request, "seed") // it must not differ by chance
	first := f.post("/v1/runs", request, "Idempotency-Key", "k1")
	require.Equal(t, http.StatusCreated, first.status, "%s", first.body)
	id := decode[Run](t, first).ID
	f.bus.become(id, load.StateRunning)

	again := f.post("/v1/runs", request, "Idempotency-Key", "k1")
	require.Equal(t, http.StatusOK, again.status, "%s", again.body)
	require.Equal(t, id, decode[Run](t, again).ID)
	require.Equal(t, load.StateRunning, decode[Run](t, again).State)

	for name, change := range map[string]any{"rps": 201, "source": "Heavy", "pool": "us", "seed": 7} {
		other := checkout()
		delete(other, "seed")
		other[name] = change
		a := f.post("/v1/runs", other, "Idempotency-Key", "k1")
		require.Equal(t, http.StatusConflict, a.status, "with another %s: %s", name, a.body)
		require.Equal(t, "Idempotency-Key", decode[Problem](t, a).Field)
	}
	second := f.post("/v1/runs", request, "Idempotency-Key", "k2")
	require.Equal(t, http.StatusCreated, second.status, "%s", second.body)
	require.Len(t, f.bus.runs, 2)
}

func FuzzDecodeRequest(f *testing.F) {
	f.Add("application/json", []byte(`{"source":"A","rps":1,"stages":[{"duration":"1s","rps":5}]}`))
	f.Add("multipart/form-data; boundary=b", []byte("--b\r\nContent-Disposition: form-data; name=\"source\"\r\n\r\nA\r\n--b--\r\n"))
	f.Fuzz(func(t *testing.T, contentType string, body []byte) {
		req, err := decodeRequest(contentType, body)
		if err != nil {
			return
		}
		if req.Source == "" || req.File == "" || strings.ContainsAny(req.File, "/\\\n") {
			t.Errorf("accepted %+v", req)
		}
		if _, err := req.overrides(); err == nil && len(req.Stages) == 0 && len(req.Thresholds) == 0 && req.Duration == "x" {
			t.Error("a duration of x was read")
		}
	})
}

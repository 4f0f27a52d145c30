package load

import (
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseThresholdText(t *testing.T) {
	t.Parallel()
	second := time.Second
	for text, want := range map[string]Threshold{
		"p99_ms=500":      {Metric: "p99_ms", Limit: 500},
		"p99_ms<500":      {Metric: "p99_ms", Limit: 500},
		" p99_ms < 500 ":  {Metric: "p99_ms", Limit: 500},
		"rps_min>=100":    {Metric: "rps_min", Limit: 100},
		"rps_min>100":     {Metric: "rps_min", Limit: 100},
		"p99_ms[30s]<5e2": {Metric: "p99_ms", Limit: 500, Window: 30 * second},
		"p99_ms[2m]=500":  {Metric: "p99_ms", Limit: 500, Window: 120 * second},
		"browse:p99_ms[30s]<500,abort_on_fail,delay=5s": {
			Scope: "browse", Metric: "p99_ms", Limit: 500, Window: 30 * second, Abort: true, Delay: 5 * second,
		},
		"error_rate=1,abort_on_fail":            {Metric: "error_rate", Limit: 1, Abort: true, Delay: 10 * second},
		"error_rate=1 delay=0s abort_on_fail":   {Metric: "error_rate", Limit: 1, Abort: true},
		"error_rate = 1, abort_on_fail":         {Metric: "error_rate", Limit: 1, Abort: true, Delay: 10 * second},
		"depth:min=-3":                          {Scope: "depth", Metric: "min", Limit: -3},
		"a=b,c<d:p99_ms=500":                    {Scope: "a=b,c<d", Metric: "p99_ms", Limit: 500},
		"iterations:rate<5":                     {Scope: "iterations", Metric: "rate", Limit: 5}, // of a counter
		"p(95)<500":                             {Metric: "p95_ms", Limit: 500},
		"p(99)[10s]<500":                        {Metric: "p99_ms", Limit: 500, Window: 10 * second},
		"med<5":                                 {Metric: "p50_ms", Limit: 5},
		"avg<5":                                 {Metric: "mean_ms", Limit: 5},
		"max<5":                                 {Metric: "max_ms", Limit: 5},
		"depth:max<5":                           {Scope: "depth", Metric: "max", Limit: 5},
		"checkout:p(90)<5":                      {Scope: "checkout", Metric: "p90_ms", Limit: 5},
		"http_req_duration:p(95)<500":           {Metric: "p95_ms", Limit: 500},
		"http_req_failed:rate<0.07":             {Metric: "error_rate", Limit: 7},
		"http_req_failed:rate[30s]<0.01":        {Metric: "error_rate", Limit: 1, Window: 30 * second},
		"iterations:rate>100":                   {Metric: "rps_min", Limit: 100},
		"http_req_duration:avg<9,abort_on_fail": {Metric: "mean_ms", Limit: 9, Abort: true, Delay: 10 * second},
	} {
		got, err := ParseThresholdText(text)
		if d := cmp.Diff(want, got); d != "" || err != nil {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, d)
		}
	}
	for text, want := range map[string]string{
		"": "is not KEY=LIMIT", "p99_ms": "is not KEY=LIMIT", "p99_ms=": "is not KEY=LIMIT", "=5": "is not KEY=LIMIT", "p99_ms=x": "is not KEY=LIMIT",
		"p99_ms==5":                        "unknown key",
		"p99_ms<=500":                      "limits are strict: use <",
		"p99_ms>500":                       "p99_ms must be below its limit: use <",
		"rps_min<500":                      "rps_min must not be below its limit: use >=",
		"p99_ms=500,delay=5s":              "a delay goes with abort_on_fail only",
		"p99_ms=5,abort_on_fail,delay=x":   `the delay "x" is not a duration`,
		"p99_ms=5,abort_on_fail,delay=-1s": `the delay "-1s" is not a duration`,
		"p99_ms=500,abort":                 "is not KEY=LIMIT",
		"p(98)<500":                        "the percentiles are p(50), p(90), p(95) and p(99)",
		"p(95<500":                         "the percentiles are",
		"p(99.9)<500":                      "the percentiles are",
		"p99_ms[1s]<5":                     "a window is whole seconds, 2s to 10m0s",
		"p99_ms[11m]<5":                    "a window is whole seconds",
		"p99_ms[2500ms]<5":                 "a window is whole seconds",
		"p99_ms[30s<5":                     "a window is whole seconds",
		"p99_ms[]<5":                       "a window is whole seconds",
		"p98_ms=5":                         `unknown key "p98_ms"`,
		"p99_ms=NaN":                       "not a finite number",
		"http_req_waiting:p(95)<-5":        "must not be negative",
	} {
		_, err := ParseThresholdText(text)
		if field, ok := errors.AsType[*FieldError](err); !ok || field.Field != "thresholds" || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
}

// Whatever is understood is written in one way, and understood as the same again.
func FuzzThresholdText(f *testing.F) {
	for _, text := range []string{
		"p99_ms=500", "browse:p99_ms[30s]<500,abort_on_fail,delay=5s", "http_req_failed:rate<0.01", "iterations:rate>100", "depth:min=-3",
		"a=b,c<d:p(95)<500", "x,abort_on_fail:max=1 abort_on_fail",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		first, err := ParseThresholdText(text)
		if err != nil {
			return
		}
		if math.IsNaN(first.Limit) || first.Delay < 0 || first.Window < 0 || first.Delay > 0 && !first.Abort {
			t.Fatalf("%q: %+v", text, first)
		}
		again, err := ParseThresholdText(first.Text())
		if err != nil || again != first {
			t.Fatalf("%q: %+v is written %q, and read as %+v, %v", text, first, first.Text(), again, err)
		}
		byKey, err := ParseThreshold(first.Key(), first.Limit)
		byKey.Abort, byKey.Delay = first.Abort, first.Delay
		if err != nil || byKey != first {
			t.Fatalf("%q: the key %q is read as %+v, %v", text, first.Key(), byKey, err)
		}
	})
}

// What a threshold can do depends on what it is about.
func TestThresholdsThatCannotAct(t *testing.T) {
	t.Parallel()
	plan := &Plan{
		Tasks:    []Task{{"browse", 1}},
		Measures: []MeasureName{{MeasureCounter, "orders"}, {MeasureEvent, "checkout"}, {MeasureGauge, "depth"}},
	}
	for text, want := range map[string]string{
		"p99_ms[30s]<5,abort_on_fail":         "",
		"browse:p99_ms[30s]<5,abort_on_fail":  "",
		"browse:rps_min[30s]=5":               "",
		"rps_min[30s]=5,abort_on_fail":        "",
		"orders:count<5,abort_on_fail":        "",
		"depth:max<5,abort_on_fail":           "",
		"rps_min=5,abort_on_fail":             "only rps_min of the run can end it, and with a window",
		"browse:rps_min[30s]=5,abort_on_fail": "only rps_min of the run can end it",
		"orders:count_min=5,abort_on_fail":    "only rps_min of the run can end it",
		"orders:count[30s]<5":                 "counter orders has no windows",
		"checkout:p99_ms[30s]<5":              "event checkout has no windows",
	} {
		th, err := ParseThresholdText(text)
		if err != nil {
			t.Fatal(err)
		}
		err = th.Validate(plan)
		if want == "" && err == nil {
			continue
		}
		if want == "" || !errors.Is(err, ErrInvalid) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %q", text, err, want)
		}
	}
	idle := Threshold{Metric: "p99_ms", Limit: 5, Delay: time.Second}
	if err := idle.Validate(plan); err == nil || !strings.Contains(err.Error(), "a delay goes with abort_on_fail only") {
		t.Errorf("a delay of nothing: %v", err)
	}
}

// A threshold whose breach has ended the run has failed, whatever its value became.
func TestVerdictOfAnAbortedRun(t *testing.T) {
	t.Parallel()
	plan := Plan{Thresholds: []Threshold{
		{Metric: "p99_ms", Limit: 500}, {Metric: "p99_ms", Limit: 500, Window: 30 * time.Second, Abort: true},
	}}
	r := Result{RequestsTotal: 10, Response: Distribution{Count: 10, P99Ms: 400}}
	windows := func(t Threshold) (float64, int64) {
		if t != plan.Thresholds[1] {
			return 0, 0
		}
		return 450, 7
	}
	want := []ThresholdResult{
		{Key: "p99_ms", Value: 400, Limit: 500, Passed: true, Samples: 10},
		{Key: "p99_ms[30s]", Value: 450, Limit: 500, Samples: 7, Aborted: true},
	}
	got := r.Judge(&plan, "p99_ms[30s]", windows)
	if d := cmp.Diff(want, got.Thresholds); d != "" || got.Passed {
		t.Errorf("passed %v (-want +got):\n%s", got.Passed, d)
	}
	if got := r.Judge(&plan, "", windows); !got.Passed || !got.Thresholds[1].Passed {
		t.Errorf("without a breach: %+v", got)
	}
}

func TestBreachInWords(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]ThresholdResult{
		"p99_ms[30s] is 812.346, not below 500": {Key: "p99_ms[30s]", Value: 812.34567, Limit: 500, Samples: 1},
		"rps_min is 97, below 100":              {Key: "rps_min", Value: 97, Limit: 100, Samples: 1},
		"p99_ms has no data":                    {Key: "p99_ms", Limit: 500},
	} {
		if got := r.Breach(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

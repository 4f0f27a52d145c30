package aggregator

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Measures of a name add up over all generators, each kind for itself, and are judged as the plan says.
func TestMeasuresAddUp(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 4)
	run.Plan.Measures = []load.MeasureName{{Kind: load.MeasureCounter, Name: "x"}, {Kind: load.MeasureEvent, Name: "checkout"}}
	run.Plan.Thresholds = []load.Threshold{
		{Scope: "x", Metric: "count_min", Limit: 6}, {Scope: "x", Metric: "rate", Limit: 1.5}, {Scope: "checkout", Metric: "max_ms", Limit: 41},
	}
	name := func(kind load.MeasureKind, name string) load.MeasureName {
		return load.MeasureName{Kind: kind, Name: name}
	}
	var l log
	l.event("a", load.Event{Measures: []load.MeasureReport{
		{MeasureName: name(load.MeasureGauge, "x"), Count: 3, Sum: 6, Min: 1, Max: 3},
		{MeasureName: name(load.MeasureCounter, "x"), Count: 2, Sum: 2.5},
		{MeasureName: name(load.MeasureRequest, "GET /:id"), Count: 4, Failed: 1, Times: times(1000, 2000, 3000, 4000)},
	}})
	l.event("b", load.Event{Measures: []load.MeasureReport{
		{MeasureName: name(load.MeasureEvent, "checkout"), Count: 3, Failed: 3, Times: times(10_000, 20_000, 30_000)},
		{MeasureName: name(load.MeasureGauge, "x"), Count: 1, Sum: -2, Min: -2, Max: -2},
	}})
	l.event("a", load.Event{Measures: []load.MeasureReport{
		{MeasureName: name(load.MeasureEvent, "checkout"), Count: 1, Times: times(40_000)},
		{MeasureName: name(load.MeasureCounter, "x"), Count: 1, Sum: 3.5},
		{MeasureName: name(load.MeasureEvent, "a"), Count: 1, Times: times(5)},
	}})
	a := mustAccount(t, run)
	feed(t, a, l.records...)
	want := []load.MeasureResult{
		{Kind: load.MeasureCounter, Name: "x", Count: 3, Total: 6, PerSec: 1.5},
		{Kind: load.MeasureEvent, Name: "a", Count: 1, Times: load.Distribution{
			Count: 1, MinMs: 0.005, MeanMs: 0.005, P50Ms: 0.005, P90Ms: 0.005, P95Ms: 0.005, P99Ms: 0.005, P999Ms: 0.005, MaxMs: 0.005,
		}},
		{Kind: load.MeasureEvent, Name: "checkout", Count: 4, Failed: 3, ErrorRatePct: 75, Times: load.Distribution{
			Count: 4, MinMs: 10, MeanMs: 25, P50Ms: 20.015, P90Ms: 40, P95Ms: 40, P99Ms: 40, P999Ms: 40, MaxMs: 40,
		}},
		{Kind: load.MeasureGauge, Name: "x", Count: 4, Min: -2, Max: 3, Mean: 1},
		{Kind: load.MeasureRequest, Name: "GET /:id", Requests: 4, Errors: 1, ErrorRatePct: 25, Response: load.Distribution{
			Count: 4, MinMs: 1, MeanMs: 2.5, P50Ms: 2, P90Ms: 4, P95Ms: 4, P99Ms: 4, P999Ms: 4, MaxMs: 4,
		}},
	}
	r := a.result(load.StateDone)
	if d := cmp.Diff(want, r.Measures); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	wantVerdict := []load.ThresholdResult{
		{Key: "x:count_min", Value: 6, Limit: 6, Passed: true, Samples: 3},
		{Key: "x:rate", Value: 1.5, Limit: 1.5, Samples: 3},
		{Key: "checkout:max_ms", Value: 40, Limit: 41, Passed: true, Samples: 4},
	}
	if d := cmp.Diff(wantVerdict, r.Verdict.Thresholds); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if got := a.snapshot(at(2)).Measures[0].PerSec; got != 3 {
		t.Errorf("after 2 s a counter of 6 grows by %v/s", got)
	}
	if got := mustAccount(t, run).result(load.StateDone).Measures; got == nil || len(got) > 0 {
		t.Errorf("no measures are %v, want an empty list", got)
	}
}

// The result says so if there were more names than generators tell apart, and is as its schema says.
func TestTooManyNames(t *testing.T) {
	t.Parallel()
	results := mustSchema(t, "results.schema.json")
	var reports []load.MeasureReport
	for i := range load.MaxMeasures {
		reports = append(reports, load.MeasureReport{MeasureName: load.MeasureName{Kind: load.MeasureCounter, Name: strconv.Itoa(i)}, Count: 1, Sum: 1})
	}
	a := mustAccount(t, runningRun(70, 4))
	var l log
	l.event("a", load.Event{Measures: reports})
	feed(t, a, l.records...)
	if r := a.result(load.StateDone); r.Partial {
		t.Error("partial while each has its own name")
	}
	l.event("a", load.Event{Measures: []load.MeasureReport{
		{MeasureName: load.MeasureName{Kind: load.MeasureCounter, Name: load.MeasureOther}, Count: 1, Sum: 1},
	}})
	feed(t, a, l.records[1:]...)
	r := a.result(load.StateDone)
	if !r.Partial {
		t.Error("not partial although there were others")
	}
	validate(t, results, r)
}

// What is small is not lost beside what is large, whatever comes first.
func TestSumsAreExact(t *testing.T) {
	t.Parallel()
	terms := []float64{1e34, 0.25, -1e34, 5e-324, 1e-300, 0.5}
	for first := range terms {
		var e exact
		for i := range terms {
			e.add(terms[(first+i)%len(terms)])
		}
		if got := e.value(); got != 0.75 {
			t.Errorf("from term %d on: %v, want 0.75", first, got)
		}
	}
}

package generator

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// summary leaves the encoded bins out of a comparison.
var summary = cmpopts.IgnoreFields(histogram.Snapshot{}, "HDR", "P50Micros", "P99Micros")

func times(micros ...int64) histogram.Snapshot {
	h := histogram.New()
	for _, m := range micros {
		h.Record(m)
	}
	return h.Snapshot()
}

func TestReports(t *testing.T) {
	t.Parallel()
	rec := newRecorder()
	timeout, refused := rec.class(load.ErrorTimeout), rec.class("http_500")
	shard := rec.shard()
	for _, s := range []sample{
		{kind: kindLag, response: 3},
		{kind: kindRequest, second: 1, task: 1, status: 200, response: 30, service: 20, in: 5, out: 6},
		{kind: kindRequest, second: 1, task: 0, status: 500, response: 50, service: 50, class: refused, flags: flagFailed},
		{kind: kindSetupRequest, response: 1000, class: timeout},
		{kind: kindRequest, second: 1, task: 1, response: 70, service: 40, class: timeout, flags: flagFailed},
		{kind: kindRequest, second: 0, task: 1, class: timeout, flags: flagFailed | flagUntimed},
		{kind: kindLag, response: 4},
		{kind: kindCompleted, second: 1, task: 1, flags: flagCheckPassed},
		{kind: kindCompleted, second: 1, task: 1, flags: flagCheckFailed},
		{kind: kindCompleted, second: 1, task: 0},
		{kind: kindUserStarted},
		{kind: kindUserStarted},
		{kind: kindSetupFailed},
	} {
		shard.add(s)
	}
	r := newReporter([]load.Task{{Name: "browse"}, {Name: "buy"}}, rec)
	var e load.Event
	r.report(&e, rec.drain(nil))
	require.Empty(t, cmp.Diff([]load.TaskReport{
		{
			Second: 0, Task: "buy", Requests: 1, Failed: 1,
			Status: map[int]int64{}, Errors: map[string]int64{load.ErrorTimeout: 1}, Checks: map[string]load.CheckCount{},
		},
		{
			Second: 1, Task: "browse", Iterations: 1, Requests: 1, Failed: 1,
			Status: map[int]int64{500: 1}, Errors: map[string]int64{"http_500": 1}, Checks: map[string]load.CheckCount{},
			Response: times(50), Service: times(50), FailedTime: times(50),
		},
		{
			Second: 1, Task: "buy", Iterations: 2, Requests: 2, Failed: 1, BytesIn: 5, BytesOut: 6,
			Status: map[int]int64{200: 1}, Errors: map[string]int64{load.ErrorTimeout: 1},
			Checks:   map[string]load.CheckCount{"check_buy": {Passed: 1, Failed: 1}},
			Response: times(30, 70), Service: times(20, 40), FailedTime: times(70),
		},
	}, e.Tasks, summary))
	require.Empty(t, cmp.Diff(times(3, 4), e.Lag, summary))
	require.Empty(t, cmp.Diff(load.SetupReport{
		Started: 2, Failed: 1, Requests: 1, Errors: map[string]int64{load.ErrorTimeout: 1}, Response: times(1000),
	}, e.Setup, summary))

	var again load.Event
	r.report(&again, rec.drain(nil))
	require.Zero(t, again, "a sample is reported once")
}

// Measures add up by kind and name, whichever shard they came from.
func TestMeasureReports(t *testing.T) {
	t.Parallel()
	rec := newRecorder()
	for i, m := range []scenario.Measure{
		{Kind: load.MeasureEvent, Name: "x", Value: 12.3456},
		{Kind: load.MeasureGauge, Name: "x", Value: 7.5},
		{Kind: load.MeasureCounter, Name: "x", Value: 1e15},
		{Kind: load.MeasureEvent, Name: "y", Value: 0},
		{Kind: load.MeasureEvent, Name: "x", Value: 86_400_000, Failed: true},
		{Kind: load.MeasureGauge, Name: "x", Value: -0.25},
		{Kind: load.MeasureCounter, Name: "x", Value: 0},
		{Kind: load.MeasureCounter, Name: "x", Value: 1},
		{Kind: load.MeasureGauge, Name: "above", Value: 3},
	} {
		rec.shards[i%len(rec.shards)].add(rec.measured(m))
	}
	request := rec.measure(load.MeasureRequest, "x", true)
	request.response = 5000
	rec.shard().add(request, sample{kind: kindLag, response: 3})
	var e load.Event
	newReporter(nil, rec).report(&e, rec.drain(nil))
	require.Empty(t, cmp.Diff([]load.MeasureReport{
		{MeasureName: load.MeasureName{Kind: load.MeasureCounter, Name: "x"}, Count: 3, Sum: 1e15 + 1},
		{MeasureName: load.MeasureName{Kind: load.MeasureEvent, Name: "x"}, Count: 2, Failed: 1, Times: times(12_346, 86_400_000_000)},
		{MeasureName: load.MeasureName{Kind: load.MeasureEvent, Name: "y"}, Count: 1, Times: times(0)},
		{MeasureName: load.MeasureName{Kind: load.MeasureGauge, Name: "above"}, Count: 1, Sum: 3, Min: 3, Max: 3},
		{MeasureName: load.MeasureName{Kind: load.MeasureGauge, Name: "x"}, Count: 2, Sum: 7.25, Min: -0.25, Max: 7.5},
		{MeasureName: load.MeasureName{Kind: load.MeasureRequest, Name: "x"}, Count: 1, Failed: 1, Times: times(5000)},
	}, e.Measures, summary, cmpopts.SortSlices(func(a, b load.MeasureReport) int { return a.Compare(b.MeasureName) })))
	for _, m := range e.Measures {
		require.NoError(t, m.Validate())
	}
	require.Equal(t, times(3), e.Lag)
	require.Empty(t, e.Tasks)
}

// What is beyond the names that a run may have is told apart by its kind.
func TestMeasureNamesAreBounded(t *testing.T) {
	t.Parallel()
	rec := newRecorder()
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 1000 {
				kind := load.MeasureCounter
				if i%2 == 0 {
					kind = load.MeasureGauge
				}
				rec.shard().add(rec.measured(scenario.Measure{Kind: kind, Name: strconv.Itoa(i), Value: 1}))
			}
		})
	}
	wg.Wait()
	var e load.Event
	newReporter(nil, rec).report(&e, rec.drain(nil))
	require.Len(t, e.Measures, maxSeries+2)
	n := int64(0)
	for _, m := range e.Measures {
		n += m.Count
		if m.Name == seriesOther {
			require.Greater(t, m.Count, int64(4))
		} else {
			require.EqualValues(t, 4, m.Count)
		}
	}
	require.EqualValues(t, 4000, n)
}

// What the plan lists is told apart however many other names came before, of which there are as many as without it.
func TestPlannedMeasuresHavePlaces(t *testing.T) {
	t.Parallel()
	planned := make([]load.MeasureName, 0, 3*maxSeries)
	for i := range 3 * maxSeries {
		planned = append(planned, load.MeasureName{Kind: load.MeasureCounter, Name: fmt.Sprint("planned ", i)})
	}
	rec := newRecorder(planned...)
	report := func(name string) {
		rec.shard().add(rec.measured(scenario.Measure{Kind: load.MeasureCounter, Name: name, Value: 1}))
	}
	for i := range 2 * maxSeries {
		report(fmt.Sprint("invented ", i))
	}
	for _, m := range planned {
		report(m.Name)
	}
	var e load.Event
	newReporter(nil, rec).report(&e, rec.drain(nil))
	counts := map[string]int64{}
	for _, m := range e.Measures {
		counts[m.Name] = m.Count
	}
	require.Len(t, counts, len(planned)+maxSeries+1)
	require.EqualValues(t, maxSeries, counts[seriesOther])
	for _, m := range planned {
		require.EqualValues(t, 1, counts[m.Name])
	}
}

func TestNamesAreBounded(t *testing.T) {
	t.Parallel()
	rec := newRecorder()
	require.Zero(t, rec.class(""))
	for i := range 1000 {
		n := rec.class(fmt.Sprint("class ", i))
		require.Equal(t, n, rec.class(fmt.Sprint("class ", i)))
	}
	require.Equal(t, "class 0", rec.classes.name(rec.class("class 0")))
	require.Equal(t, "class 199", rec.classes.name(rec.class("class 199")))
	require.Equal(t, seriesOther, rec.classes.name(rec.class("class 200")))
	require.Equal(t, seriesOther, rec.classes.name(rec.class("class 999")))

	many := make([]load.Task, 300)
	for i := range many {
		many[i].Name = fmt.Sprint("task ", i)
	}
	r := newReporter(many, rec)
	names := map[string]bool{}
	for i := range many {
		names[r.taskName(uint16(i))] = true
	}
	require.Len(t, names, maxSeries)
	require.True(t, names[seriesOther])
}

func TestErrorSamplesAreCapped(t *testing.T) {
	t.Parallel()
	r := newRecorder()
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 100 {
				r.example(load.ErrorSample{Message: strings.Repeat("x", 10_000)})
			}
		})
	}
	wg.Wait()
	require.False(t, r.wants())
	all := r.drainExamples()
	require.Len(t, all, load.MaxSamples)
	require.Len(t, all[0].Message, maxMessage)
	require.Empty(t, r.drainExamples())
}

// Whatever size an event has, its parts hold everything once, the tokens before the tasks.
func TestSplit(t *testing.T) {
	t.Parallel()
	e := &load.Event{Run: "r", Users: 7, Lag: times(1, 2, 3), Setup: load.SetupReport{Started: 4}}
	for i := range 20_000 {
		e.Tokens = append(e.Tokens, load.TokenReport{Slice: i})
	}
	some := times(1, 20, 300, 4000)
	for i := range 3_000 {
		e.Tasks = append(e.Tasks, load.TaskReport{Second: i, Response: some})
	}
	for i := range 1_000 {
		e.Measures = append(e.Measures, load.MeasureReport{
			MeasureName: load.MeasureName{Kind: load.MeasureEvent, Name: fmt.Sprint(strings.Repeat("x", 190), i)}, Count: 4, Times: some,
		})
	}
	for range load.MaxSamples {
		e.Samples = append(e.Samples, load.ErrorSample{Message: strings.Repeat("x", maxMessage)})
	}
	parts := split(e)
	require.GreaterOrEqual(t, len(parts), 5)
	sum := load.Event{Run: "r", Users: 7, Lag: parts[0].Lag, Setup: parts[0].Setup}
	for i, p := range parts {
		size := sizeHead
		require.Equal(t, "r", p.Run)
		require.Equal(t, 7, p.Users)
		if i > 0 {
			require.Zero(t, p.Lag)
			require.Zero(t, p.Setup.Started)
		}
		require.False(t, len(p.Tokens) > 0 && len(sum.Tasks) > 0, "tokens after tasks")
		sum.Tokens, sum.Tasks, sum.Samples = append(sum.Tokens, p.Tokens...), append(sum.Tasks, p.Tasks...), append(sum.Samples, p.Samples...)
		sum.Measures = append(sum.Measures, p.Measures...)
		for _, task := range p.Tasks {
			size += taskSize(task)
		}
		require.LessOrEqual(t, size+len(p.Tokens)*sizeToken, maxEvent)
		text, err := wire.EncodeEvent(valid(p))
		require.NoError(t, err)
		require.LessOrEqual(t, len(text), maxEvent)
	}
	require.True(t, reflect.DeepEqual(e, &sum))
	require.Len(t, split(&load.Event{Run: "r"}), 1)
}

// valid is the event with what the wire asks for.
func valid(e load.Event) load.Event {
	e.Generator, e.Instance, e.Seq = "g", "i", 1
	return e
}

// With 100 arrivals a second in tokens of 10: ten at first, then one each 100 ms; what is late is free.
func TestAllowance(t *testing.T) {
	t.Parallel()
	a := newAllowance(100, 0)
	n, wait := a.tokens(0, 10)
	require.Equal(t, 10, n)
	require.Zero(t, wait)
	a.spend(100)
	n, wait = a.tokens(0, 10)
	require.Zero(t, n)
	require.Equal(t, 100*time.Millisecond, wait)
	n, _ = a.tokens(250*time.Millisecond, 10)
	require.Equal(t, 2, n)
	a.spend(0)
	n, _ = a.tokens(time.Hour, 10)
	require.Equal(t, 10, n, "an hour of rest saves up no more than a second")
	n, _ = a.tokens(time.Hour, 1000)
	require.Equal(t, 1, n, "a token above the whole rate is taken, and paid off later")
	a.spend(1000)
	n, wait = a.tokens(time.Hour, 1000)
	require.Zero(t, n)
	require.Equal(t, 10*time.Second, wait)

	n, _ = newAllowance(0, 0).tokens(0, 10)
	require.Equal(t, mostTokens, n)
}

// BenchmarkRecord is the recording of one iteration with one request, on all processors.
func BenchmarkRecord(b *testing.B) {
	r := newRecorder()
	const iterations = 1000
	for i := range r.shards {
		r.shards[i].samples = make([]sample, 0, 4*iterations*len(r.shards))
		r.shards[i].spare = make([]sample, 0, 4*iterations*len(r.shards))
	}
	all := make([]sample, 0, 1<<20)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		s := r.shard()
		n := 0
		for pb.Next() {
			s.add(sample{kind: kindLag, response: 1})
			s.add(sample{kind: kindRequest, response: 2}, sample{kind: kindCompleted})
			if n++; n%iterations == 0 {
				s.mu.Lock()
				s.samples = s.samples[:0]
				s.mu.Unlock()
			}
		}
	})
	_ = r.drain(all)
}

// BenchmarkMeasure is the recording of one event of a script, on all processors.
func BenchmarkMeasure(b *testing.B) {
	r := newRecorder()
	const events = 1000
	for i := range r.shards {
		r.shards[i].samples = make([]sample, 0, 2*events*len(r.shards))
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		s := r.shard()
		n := 0
		for pb.Next() {
			s.add(r.measured(scenario.Measure{Kind: load.MeasureEvent, Name: "checkout_time", Value: 12.5}))
			if n++; n%events == 0 {
				s.mu.Lock()
				s.samples = s.samples[:0]
				s.mu.Unlock()
			}
		}
	})
}

// BenchmarkFlushMeasures adds up what 10,000 rps with two measures each leave behind in half a second.
func BenchmarkFlushMeasures(b *testing.B) {
	rec := newRecorder()
	r := newReporter(nil, rec)
	var source []sample
	for i := range 5_000 {
		source = append(source,
			rec.measured(scenario.Measure{Kind: load.MeasureEvent, Name: "checkout_time", Value: float64(1+i*7919%9000) / 10}),
			rec.measured(scenario.Measure{Kind: load.MeasureCounter, Name: "orders", Value: 1}))
	}
	samples := make([]sample, len(source))
	b.ReportAllocs()
	for b.Loop() {
		copy(samples, source)
		r.report(&load.Event{}, samples)
	}
}

// BenchmarkFlush adds up what 10,000 rps leave behind in half a second: 5,000 iterations with one request each.
func BenchmarkFlush(b *testing.B) {
	rec := newRecorder()
	r := newReporter([]load.Task{{Name: "browse"}, {Name: "buy"}}, rec)
	source := make([]sample, 0, 15_000)
	for i := range 5_000 {
		second, task, t := int32(i/2500), uint16(i%2), uint32(1000+i*7919%9000)
		source = append(source, sample{kind: kindLag, response: t / 100},
			sample{kind: kindRequest, second: second, task: task, response: t, service: t, status: 200},
			sample{kind: kindCompleted, second: second, task: task})
	}
	samples := make([]sample, len(source))
	b.ReportAllocs()
	for b.Loop() {
		copy(samples, source)
		r.report(&load.Event{}, samples)
	}
}

package generator

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
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
		for _, task := range p.Tasks {
			size += taskSize(task)
		}
		require.LessOrEqual(t, size+len(p.Tokens)*sizeToken, maxEvent)
	}
	require.True(t, reflect.DeepEqual(e, &sum))
	require.Len(t, split(&load.Event{Run: "r"}), 1)
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

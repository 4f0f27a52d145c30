package generator

import (
	"cmp"
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Grouping is a stable sort by series, however many there are and however they are mixed.
func TestGrouping(t *testing.T) {
	t.Parallel()
	kinds := []kind{kindRequest, kindCompleted, kindLag, kindSetupRequest, kindSetupFailed, kindUserStarted, kindMeasure, kindOpened, kindTLS}
	var g grouping
	for seed := range uint64(20) {
		r := rand.New(rand.NewPCG(seed, 9))
		samples := make([]sample, r.IntN(5000))
		seconds, tasks := 1+r.Int32N(700), 1+r.IntN(300)
		for i := range samples {
			samples[i] = sample{
				kind: kinds[r.IntN(len(kinds))], second: r.Int32N(seconds), task: uint16(r.IntN(tasks)), response: uint32(i),
				flags: flagSetup * flags(r.IntN(2)),
			}
		}
		want := slices.Clone(samples)
		slices.SortStableFunc(want, func(a, b sample) int { return cmp.Compare(a.series(), b.series()) })
		var got []sample
		last := series(0)
		for group := range g.each(samples) {
			require.NotEmpty(t, group)
			for i := range group {
				require.Equal(t, group[0].series(), group[i].series())
			}
			require.True(t, len(got) == 0 || last < group[0].series(), "each series comes once")
			last = group[0].series()
			got = append(got, group...)
		}
		require.Len(t, got, len(want))
		require.True(t, slices.Equal(want, got), "seed %d", seed)
	}
}

// sum is what a reader of events makes of them.
type sum struct {
	response, service, failed map[string]*histogram.Histogram
}

func newSum(tasks []load.Task) sum {
	s := sum{map[string]*histogram.Histogram{}, map[string]*histogram.Histogram{}, map[string]*histogram.Histogram{}}
	for _, t := range tasks {
		s.response[t.Name], s.service[t.Name], s.failed[t.Name] = histogram.New(), histogram.New(), histogram.New()
	}
	return s
}

func snapshots(of map[string]*histogram.Histogram) map[string]histogram.Snapshot {
	out := map[string]histogram.Snapshot{}
	for name, h := range of {
		out[name] = h.Snapshot()
	}
	return out
}

// Eight generators record iterations and flush when it suits them; their events cross the bus and are merged in any order. That
// is bin for bin the histogram of all that was measured.
func TestMergedHistogramsAreThatOfAllSamples(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(10, 10))
	tasks := []load.Task{{Name: "browse", Weight: 6}, {Name: "search", Weight: 3}, {Name: "buy", Weight: 1}}
	sequence, err := load.NewSequence(tasks)
	require.NoError(t, err)
	profile, err := load.NewProfile(load.Shape{Mode: load.ModeConstant, RPS: 1000, Duration: time.Minute})
	require.NoError(t, err)
	all, lags := newSum(tasks), histogram.New()
	var events [][]byte
	for range 8 {
		c := &crew{recorder: newRecorder(), tasks: tasks, sequence: sequence}
		reporter := newReporter(tasks, c.recorder)
		h := &hands{crew: c, shard: c.recorder.shard()}
		flush := func() {
			e := load.Event{Run: "r", Generator: "g", Instance: "i", Seq: 1}
			reporter.report(&e, c.recorder.drain(nil))
			text, err := wire.EncodeEvent(e)
			require.NoError(t, err)
			events = append(events, text)
		}
		for k := range int64(2000) {
			if r.IntN(300) == 0 {
				flush()
			}
			token := pacer.NewToken(load.Token{Second: r.IntN(3), Slices: 1, Count: 1}, &pacer.Lane{Profile: &profile}, 0)
			lag, asked := time.Duration(r.ExpFloat64()*1e5), time.Duration(r.IntN(1e9))
			service := time.Duration(math.Exp(8+6*r.Float64()) * 1e3) // 3 ms to 20 min
			task := tasks[sequence.Task(k)].Name
			u := &user{script: scriptFunc(func(context.Context, scenario.Client) scenario.Outcome {
				x := h.ask(&scenario.Request{Method: "GET", URL: "/"})[0].exchange
				*x = httpdriver.Exchange{Asked: asked, Sent: asked + time.Microsecond, Done: asked + time.Microsecond + service}
				x.Response.Status = 200 + 300*r.IntN(2)
				if x.Response.Status == 500 {
					all.failed[task].Record((time.Microsecond + service + lag).Microseconds())
				}
				return scenario.Outcome{}
			})}
			h.Run(t.Context(), nil, u, pacer.Arrival{Number: k, Due: asked - lag, Token: token}, asked)
			lags.Record(lag.Microseconds())
			all.response[task].Record((time.Microsecond + service + lag).Microseconds())
			all.service[task].Record(service.Microseconds())
		}
		flush()
	}
	r.Shuffle(len(events), func(i, j int) { events[i], events[j] = events[j], events[i] })
	merged, mergedLags := newSum(tasks), histogram.New()
	for _, text := range events {
		e, err := wire.DecodeEvent(text)
		require.NoError(t, err)
		require.NoError(t, mergedLags.MergeSnapshot(e.Lag))
		for _, task := range e.Tasks {
			require.NoError(t, merged.response[task.Task].MergeSnapshot(task.Response))
			require.NoError(t, merged.service[task.Task].MergeSnapshot(task.Service))
			require.NoError(t, merged.failed[task.Task].MergeSnapshot(task.FailedTime))
		}
	}
	require.Equal(t, lags.Snapshot(), mergedLags.Snapshot())
	require.Equal(t, snapshots(all.response), snapshots(merged.response))
	require.Equal(t, snapshots(all.service), snapshots(merged.service))
	require.Equal(t, snapshots(all.failed), snapshots(merged.failed))
}

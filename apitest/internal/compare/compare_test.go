package compare

import (
	"encoding/json"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const clients = 10

// result is a closed loop of 64 windows of 100 requests. The latencies of windows scatter by 8 % around mean, and a window is half
// as far away from it as the one before, on average. Requests fail with the given probability.
func result(seed uint64, mean, failing float64) *run.Result {
	random := rand.New(rand.NewPCG(seed, 0))
	noise := 0.0
	r := &run.Result{TestID: "id", Mode: run.ModeSocket, Config: run.Config{Path: "/"}.WithDefaults()}
	r.Config.Clients = clients
	total := 0.0
	for range 64 {
		noise = 0.5*noise + math.Sqrt(1-0.5*0.5)*0.08*random.NormFloat64()
		w := run.Window{Requests: 100, MeanMs: mean * (1 + noise)}
		for range w.Requests {
			if random.Float64() < failing {
				w.Failed++
			}
		}
		w.Secs = w.MeanMs / 1000 * float64(w.Requests) / clients
		r.Windows = append(r.Windows, w)
		r.DurationSecs += w.Secs
		r.Metrics.RequestsTotal += w.Requests
		r.Metrics.RequestsFailed += w.Failed
		total += w.MeanMs * float64(w.Requests)
	}
	n := float64(r.Metrics.RequestsTotal)
	r.Metrics.LatencyMsMean = total / n
	r.Metrics.RequestsPerSecond = n / r.DurationSecs
	r.Metrics.ErrorRatePct = 100 * float64(r.Metrics.RequestsFailed) / n
	return r
}

func verdict(t *testing.T, a, b *run.Result, threshold float64) Comparison {
	t.Helper()
	c, err := Results(a, b, threshold)
	require.NoError(t, err)
	return c
}

func TestChanceIsNotTakenForAChange(t *testing.T) {
	t.Parallel()
	flagged := 0
	for seed := range uint64(50) {
		a, b := result(2*seed, 10, 0.01), result(2*seed+1, 10, 0.01)
		if verdict(t, a, b, 0).Verdict != NoEvidence { // p alone decides
			flagged++
		}
	}
	require.LessOrEqual(t, flagged, 2)
}

func TestAChangeIsFound(t *testing.T) {
	t.Parallel()
	found := map[Verdict]int{}
	for seed := range uint64(10) {
		found[verdict(t, result(2*seed, 10, 0), result(2*seed+1, 11, 0), 5).Verdict]++
		found[verdict(t, result(2*seed, 11, 0), result(2*seed+1, 10, 0), 5).Verdict]++
	}
	require.GreaterOrEqual(t, found[Regression], 9, "10 % slower")
	require.GreaterOrEqual(t, found[Improvement], 9, "10 % faster")
}

func TestASmallChangeIsNone(t *testing.T) {
	t.Parallel()
	c := verdict(t, result(1, 10, 0), result(2, 11, 0), 20)
	require.Equal(t, NoEvidence, c.Verdict)
	require.Equal(t, "no evidence of a change", c.String())
	for _, f := range c.Figures {
		if f.Name == "latency_ms_mean" {
			require.Less(t, f.P, significance, "it is there, but below the threshold")
		}
	}
}

func TestErrorsAreARegressionHoweverFastTheyAre(t *testing.T) {
	t.Parallel()
	c := verdict(t, result(1, 10, 0), result(2, 5, 0.05), DefaultThreshold)
	require.Equal(t, Regression, c.Verdict)
	require.Contains(t, c.String(), "regression: error_rate_pct 0 → ")
	require.Regexp(t, `\(new, p = 0\.000\d+\)$`, c.String())
	require.NotContains(t, c.String(), "latency_ms_mean", "that got better")

	text, err := json.Marshal(c)
	require.NoError(t, err, "no figure is infinite")
	require.Contains(t, string(text), `"name":"error_rate_pct","baseline":0,`)
	require.Contains(t, string(text), `"diff_pct":null`)
}

func TestAComparisonComesToTheSameEachTime(t *testing.T) {
	t.Parallel()
	a, b := result(1, 10, 0.01), result(2, 10.1, 0.01)
	first := verdict(t, a, b, 10)
	require.Equal(t, first, verdict(t, a, b, 10))
}

func TestTooFewRequests(t *testing.T) {
	t.Parallel()
	whole := result(1, 10, 0)
	few := result(2, 100, 0)
	few.Windows = few.Windows[:blocks-1]
	require.Equal(t, TooFew, verdict(t, whole, few, 10).Verdict)
	few = result(2, 100, 0)
	few.Metrics.RequestsTotal = MinRequests - 1
	require.Equal(t, TooFew, verdict(t, few, whole, 10).Verdict)
	require.Equal(t, "too few requests to tell", verdict(t, few, whole, 10).String())
}

func TestResultsOfDifferentTestsAreRefused(t *testing.T) {
	t.Parallel()
	for want, spoil := range map[string]func(*run.Result){
		"results of different modes cannot be compared: socket and in-process: invalid": func(r *run.Result) { r.Config.InProcess = true },
		"results of different protocols cannot be compared: http and stream: invalid":   func(r *run.Result) { r.Config.Protocol = run.ProtocolStream },
		"results of different methods cannot be compared: GET and POST: invalid":        func(r *run.Result) { r.Config.Method = "POST" },
		"results of different paths cannot be compared: / and /x: invalid":              func(r *run.Result) { r.Config.Path = "/x" },
		"results of different query parameters cannot be compared: none and q=1: invalid": func(r *run.Result) {
			r.Config.Query = []run.Pair{{Name: "q", Value: "1"}}
		},
		"results of different payloads cannot be compared: none and abc: invalid": func(r *run.Result) { r.Config.PayloadSum = "abc" },
		"results of different numbers of clients cannot be compared: 10 and 11: invalid": func(r *run.Result) {
			r.Config.Clients = 11
		},
	} {
		other := result(1, 10, 0)
		spoil(other)
		_, err := Results(result(1, 10, 0), other, 10)
		require.ErrorIs(t, err, load.ErrInvalid)
		require.EqualError(t, err, want)
	}
}

// The same test against another target is a comparison that says so.
func TestTargetsMayDiffer(t *testing.T) {
	t.Parallel()
	before, after := result(1, 10, 0), result(1, 10, 0)
	before.Config.Target, after.Config.Path = "http://staging", "http://127.0.0.1:8000/"
	c := verdict(t, before, after, 10)
	require.Equal(t, []string{"http://staging", "http://127.0.0.1:8000"}, c.Targets)
	require.Equal(t, "no evidence of a change (http://127.0.0.1:8000, and http://staging before)", c.String())
	require.Nil(t, verdict(t, before, before, 10).Targets)
}

func TestTheFiguresOfStreams(t *testing.T) {
	t.Parallel()
	a, b := result(1, 10, 0), result(2, 10, 0)
	a.Stream, b.Stream = &run.StreamMetrics{EventsPerSecond: 100}, &run.StreamMetrics{EventsPerSecond: 150}
	names := map[string]Figure{}
	for _, f := range verdict(t, a, b, 10).Figures {
		names[f.Name] = f
	}
	require.InDelta(t, 50, *names["events_per_second"].DiffPct, 1e-9)
	require.NotContains(t, names, "latency_ms_mean", "streams have no latency")
}

func TestTheConditionOfARegression(t *testing.T) {
	t.Parallel()
	condition, err := run.ParseFailOn("regression>5")
	require.NoError(t, err)
	met, judged, text := Holds(condition, result(1, 10, 0), result(2, 20, 0))
	require.True(t, met)
	require.True(t, judged)
	require.Contains(t, text, "regression>5: regression: requests_per_second ")
	met, judged, text = Holds(condition, result(1, 10, 0), result(2, 10, 0))
	require.False(t, met)
	require.True(t, judged)
	require.Equal(t, "regression>5: no evidence of a change", text)
	few := result(2, 100, 0)
	few.Windows = few.Windows[:blocks-1]
	met, judged, text = Holds(condition, result(1, 10, 0), few)
	require.False(t, met || judged)
	require.Equal(t, "regression>5: too few requests to tell", text)
	other := result(1, 10, 0)
	other.Config.InProcess = true
	met, judged, text = Holds(condition, result(1, 10, 0), other)
	require.False(t, met || judged)
	require.Contains(t, text, "different modes")
}

func BenchmarkResults(b *testing.B) {
	x, y := result(1, 10, 0.01), result(2, 10, 0.01)
	for b.Loop() {
		_, _ = Results(x, y, DefaultThreshold)
	}
}

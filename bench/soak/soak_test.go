package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// A short soak counts right and says how the process is. Whether it is flat in six seconds is nothing to ask.
func TestAShortSoak(t *testing.T) {
	t.Parallel()
	o := options{
		loadpilot: testkit.Binary(t, "LOADPILOT_TEST_BINARY", "github.com/loadpilot/loadpilot/cmd/loadpilot"),
		rate:      200, duration: 6 * time.Second, window: time.Second,
	}
	var out bytes.Buffer
	r, err := soak(t.Context(), o, &out)
	require.NoError(t, err, "%s", &out)
	require.Len(t, strings.Split(strings.TrimSpace(out.String()), "\n"), 2+6, "%s", &out)
	require.Equal(t, int64(1200), r.result.Ledger.Planned)
	require.True(t, r.result.Ledger.Balanced())
	require.Zero(t, r.result.ErrorsTotal)
	var started, requests, lags int64
	for _, w := range r.table.windows {
		require.LessOrEqual(t, w.started, int64(200))
		started, requests, lags = started+w.started, requests+w.requests, lags+w.lag.Count()
	}
	require.Equal(t, r.result.Ledger.Started, started)
	require.Equal(t, r.result.RequestsTotal, requests)
	require.Equal(t, r.result.Lag.Count, lags)
	last := r.table.windows[5].vitals
	require.Positive(t, last.rss)
	require.Positive(t, last.heap)
	require.Positive(t, last.goroutines)
}

func TestWhatIsCalledFlat(t *testing.T) {
	t.Parallel()
	o := options{rate: 100, duration: 10 * time.Minute, window: time.Minute}
	for name, tc := range map[string]struct {
		change func(*outcome)
		says   string
	}{
		"fine": {func(*outcome) {}, ""},
		"memory before the third window does not count": {func(r *outcome) { r.table.windows[0].vitals.rss = 1 << 20 }, ""},
		"a bad minute is no trend":                      {func(r *outcome) { lag(r, 9, 90_000) }, ""},
		"memory grows":                                  {func(r *outcome) { r.table.windows[9].vitals.rss = 180 << 20 }, "memory grew from 100 MiB in the third window to 180 MiB"},
		"the heap grows":                                {func(r *outcome) { r.table.windows[9].vitals.heap = 61 << 20 }, "the heap grew from 40 MiB in the third window to 61 MiB"},
		"goroutines grow":                               {func(r *outcome) { r.table.windows[9].vitals.goroutines = 151 }, "goroutines grew from 100 in the third window to 151"},
		"as much as they may": {func(r *outcome) {
			r.table.windows[9].vitals = vitals{rss: 174 << 20, heap: 60 << 20, goroutines: 150}
		}, ""},
		"events are missing": {func(r *outcome) { r.table.windows[9].started-- }, "the events tell of 59999 iterations that were started, the ledger of 60000"},
		"lag grows": {func(r *outcome) {
			for i := range 8 {
				lag(r, i+2, int64(i+1)*5000)
			}
		}, "lag p99 grew from 10.00 ms to 35"},
		"one failed":     {func(r *outcome) { r.result.ErrorsTotal = 1 }, "1 of 60000 requests failed"},
		"not all began":  {func(r *outcome) { r.result.Ledger.Started, r.result.Ledger.Dropped = 59_000, 1000 }, "only 59000 of 60000"},
		"another length": {func(r *outcome) { r.result.Ledger.Planned = 5 }, "60000 iterations are planned"},
		"untrusted":      {func(r *outcome) { r.result.Trust.Level = load.TrustUntrusted }, "untrusted"},
	} {
		r := outcome{table: newTable(o), result: load.Result{
			RequestsTotal: 60_000, Ledger: load.Ledger{Planned: 60_000, Started: 60_000, Completed: 60_000}, Verdict: load.Verdict{Passed: true},
		}}
		for i := range r.table.windows {
			r.table.windows[i].vitals, r.table.windows[i].started = vitals{rss: 100 << 20, heap: 40 << 20, goroutines: 100}, 6000
			lag(&r, i, 1000)
		}
		tc.change(&r)
		if problems := r.problems(o); tc.says == "" {
			require.Empty(t, problems, name)
		} else {
			require.Contains(t, strings.Join(problems, "\n"), tc.says, name)
		}
	}
}

// lag gives a window one lag, in microseconds.
func lag(r *outcome, window int, micros int64) {
	r.table.windows[window].lag = histogram.New()
	r.table.windows[window].lag.Record(micros)
}

func TestOptions(t *testing.T) {
	t.Parallel()
	for _, o := range []options{
		{rate: 0, duration: time.Minute, window: time.Second},
		{rate: 1, duration: time.Minute, window: time.Millisecond},
		{rate: 1, duration: time.Minute, window: 7 * time.Second},
		{rate: 1, duration: 4 * time.Second, window: time.Second},
	} {
		require.Error(t, o.validate(), "%+v", o)
	}
	require.NoError(t, options{rate: 1, duration: 5 * time.Second, window: time.Second}.validate())
}

package aggregator

import (
	"fmt"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// played is the account of a run of some seconds whose every second has 7 tokens of n iterations each, that take 1 to n ms.
func played(t *testing.T, run load.Run, n int64) *account {
	t.Helper()
	a := mustAccount(t, run)
	var l log
	for s := range a.seconds {
		e := load.Event{}
		for _, tok := range tokensOf(t, run, s) {
			e.Tokens, e.Tasks = append(e.Tokens, report(tok, n, 0)), append(e.Tasks, done(s, "browse", n))
		}
		l.event("a", e)
		l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
	}
	feed(t, a, l.records...)
	return a
}

// 100 s in at most 48 windows: 33 of 3 s and one of 1 s. With a warm-up of 4 s the other 96 s are 48 windows of 2 s.
func TestWindowsAddUpToTheRun(t *testing.T) {
	t.Parallel()
	for warm, want := range map[int]string{0: "34 windows of 3, the last of 1 from 99", 4: "48 windows of 2, the last of 2 from 98"} {
		run := runningRun(14, 100)
		run.Plan.Warmup = time.Duration(warm) * time.Second
		r := played(t, run, 2).result(load.StateDone)
		last := r.Windows[len(r.Windows)-1]
		got := fmt.Sprintf("%d windows of %d, the last of %d from %d", len(r.Windows), r.Windows[0].Seconds, last.Seconds, last.Second)
		if got != want {
			t.Errorf("warm-up of %d s: %s, want %s", warm, got, want)
		}
		sum, response := load.Window{Second: warm}, histogram.New()
		for _, w := range r.Windows {
			if w.Second != sum.Second+sum.Seconds {
				t.Errorf("a window from second %d, want %d", w.Second, sum.Second+sum.Seconds)
			}
			sum.Seconds += w.Seconds
			sum.Started, sum.Requests, sum.Errors = sum.Started+w.Started, sum.Requests+w.Requests, sum.Errors+w.Errors
			err := response.MergeSnapshot(histogram.Snapshot{
				Count: w.Requests, MinMicros: 1000, MaxMicros: 2000, SumMicros: int64(1000 * w.MeanMs * float64(w.Requests)), HDR: w.HDR,
			})
			if err != nil || w.ServiceHDR != w.HDR {
				t.Errorf("window from second %d: %v, service times %q", w.Second, err, w.ServiceHDR)
			}
		}
		if sum.Seconds != 100-warm || sum.Started != r.Ledger.Started || sum.Requests != r.RequestsTotal || sum.Errors != r.ErrorsTotal {
			t.Errorf("the windows come to %+v, the run to %+v", sum, r.Ledger)
		}
		if got := load.NewDistribution(response); got != r.Response {
			t.Errorf("response times of the windows %+v, of the run %+v", got, r.Response)
		}
	}
}

// Each second is in a live line once its reports should be in, and again after it has changed; a line that nobody got counts
// as untold.
func TestLiveLinesTellEachSecond(t *testing.T) {
	t.Parallel()
	run := runningRun(14, 40)
	a := mustAccount(t, run)
	var l log
	told := func(secs float64) string {
		line := a.snapshot(at(secs))
		out := ""
		for _, s := range line.Seconds {
			out += fmt.Sprintf("%d:%d ", s.Second, s.Started)
		}
		a.told(line)
		return out
	}
	begin := func(second int) {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tokensOf(t, run, second)[0], 2, 0)}})
		feed(t, a, l.records[len(l.records)-1])
	}
	begin(0)
	begin(1)
	for _, step := range []struct {
		do   func()
		secs float64
		want string
	}{
		{nil, 1.7, ""},         // second 0 has not ended 0.75 s ago
		{nil, 1.8, "0:2 "},     // second 1 has begun, and is not told yet
		{nil, 1.9, ""},         // nothing new
		{nil, 3.8, "1:2 2:0 "}, // nothing was reported of second 2
		{func() { begin(1) }, 3.9, "1:4 "},
	} {
		if step.do != nil {
			step.do()
		}
		a.snapshot(at(step.secs)) // which was not published
		if got := told(step.secs); got != step.want {
			t.Errorf("%v s: told %q, want %q", step.secs, got, step.want)
		}
	}
	if got := a.snapshot(at(39.9)).Seconds; len(got) != load.RecentSeconds || got[0].Second != 9 || got[29].Second != 38 {
		t.Errorf("after a gap %d seconds, want the newest 30, 9 to 38", len(got))
	}
}

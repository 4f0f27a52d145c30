package aggregator

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Four steps of two seconds each: 14, 28, 42 and 56 rps in 7 slices.
func TestKnee(t *testing.T) {
	t.Parallel()
	type outcome struct {
		millis  int64 // of the response time
		lag     int64 // of it, milliseconds
		failed  int64 // requests of each token
		dropped int64 // arrivals of each token
	}
	fine, slow := outcome{millis: 10}, outcome{millis: 31}
	for _, tt := range []struct {
		name  string
		steps []outcome
		want  load.KneePoint
		late  []int // the steps of which that is said
	}{
		{"every step is held", []outcome{fine, fine, fine, fine}, load.KneePoint{Step: 4, RPS: 56, P99Ms: 10}, nil},
		{"30 ms is three times 10 ms and still held", []outcome{fine, fine, {millis: 30}, slow}, load.KneePoint{Step: 3, RPS: 42, P99Ms: 30}, nil},
		{"4 ms is four times 1 ms, but below the floor", []outcome{{millis: 1}, {millis: 1}, {millis: 1}, {millis: 4}}, load.KneePoint{Step: 4, RPS: 56, P99Ms: 4}, nil},
		{"slow from the third step on", []outcome{fine, fine, slow, slow}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}, nil},
		{"a step that recovers does not count", []outcome{fine, slow, fine, fine}, load.KneePoint{Step: 1, RPS: 14, P99Ms: 10}, nil},
		{"one of 6 failed in the third", []outcome{fine, fine, {millis: 10, failed: 1}, fine}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}, nil},
		{"one of 4 dropped in the second", []outcome{fine, {millis: 10, dropped: 1}, fine, fine}, load.KneePoint{Step: 1, RPS: 14, P99Ms: 10}, nil},
		{"late from the third step on", []outcome{fine, fine, {millis: 800, lag: 790}, {millis: 800, lag: 700}}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}, []int{3}},
		{"nothing works", []outcome{{millis: 10, failed: 2}, fine, fine, fine}, load.KneePoint{}, nil},
		{"it ended in the second step", []outcome{fine, fine}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := runningRun(56, 8)
			run.Plan.Thresholds = nil
			run.Plan.Shape = load.Shape{Mode: load.ModeStep, RPS: 56, Duration: 8 * time.Second, Steps: 4}
			if n := len(tt.steps); n < 4 {
				run.State, run.StoppedAt = load.StateStopping, at(float64(2*n))
			}
			a := mustAccount(t, run)
			var l log
			for i, o := range tt.steps {
				for s := 2 * i; s < 2*i+2; s++ {
					for _, tok := range tokensOf(t, run, s) {
						n := tok.Count - o.dropped
						micros := make([]int64, n)
						service := make([]int64, n)
						for j := range micros {
							micros[j], service[j] = 1000*o.millis, 1000*(o.millis-o.lag)
						}
						l.event("a", load.Event{
							Tokens: []load.TokenReport{report(tok, n, o.dropped)},
							Tasks: []load.TaskReport{{
								Second: s, Task: "buy", Iterations: n, Requests: n, Failed: o.failed,
								Response: times(micros...), Service: times(service...),
							}},
						})
					}
					l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
				}
			}
			feed(t, a, l.records...)
			tt.want.TotalSteps, tt.want.MaxRPS = 4, 56
			got := a.result(load.StateDone).KneePoint
			if d := cmp.Diff(&tt.want, got, cmpopts.IgnoreFields(load.KneePoint{}, "Steps")); d != "" {
				t.Errorf("knee (-want +got):\n%s", d)
			}
			var late []int
			for _, s := range got.Steps {
				if strings.HasSuffix(s.Why, "; but iterations began late: the p99 of the service times is only 10.0 ms") {
					late = append(late, s.Step)
				}
			}
			if !slices.Equal(late, tt.late) {
				t.Errorf("late in steps %v, want %v: %+v", late, tt.late, got.Steps)
			}
		})
	}
	if k := mustAccount(t, runningRun(70, 1)).result(load.StateDone).KneePoint; k != nil {
		t.Errorf("a constant profile has the knee %+v", k)
	}
}

// Four steps of two seconds each, of 7, 14, 21 and 28 rps: everything takes 40 ms, but buying 100 ms in the third, and one of 14
// fails in the second. With a threshold on response times nothing is measured by the first step any more.
func TestKneeByThresholds(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		thresholds []string
		knee       int
		why        [4]string
	}{
		{nil, 1, [4]string{"", "7.1 % of the requests failed", "p99 is 100.0 ms, that of the first step 10.0 ms", "p99 is 40.0 ms, that of the first step 10.0 ms"}},
		{[]string{"p99_ms=90", "error_rate=8"}, 2, [4]string{"", "", "p99_ms is 100, not below 90", ""}},
		{[]string{"p99_ms[30s]=101", "error_rate=8", "rps_min=28"}, 4, [4]string{}},
		{[]string{"p99_ms=101", "error_rate=8", "buy:p99_ms=90"}, 2, [4]string{"", "", "buy:p99_ms is 100, not below 90", ""}},
		{[]string{"p99_ms=101", "error_rate=8", "browse:p99_ms=41"}, 4, [4]string{}},
		{[]string{"p99_ms=101"}, 1, [4]string{"", "7.1 % of the requests failed", "", ""}},
	} {
		t.Run(strings.Join(tt.thresholds, " "), func(t *testing.T) {
			t.Parallel()
			run := runningRun(28, 8)
			run.Plan.Shape = load.Shape{Mode: load.ModeStep, RPS: 28, Duration: 8 * time.Second, Steps: 4}
			run.Plan.Thresholds = nil
			for _, text := range tt.thresholds {
				th, err := load.ParseThresholdText(text)
				if err != nil {
					t.Fatal(err)
				}
				run.Plan.Thresholds = append(run.Plan.Thresholds, th)
			}
			a := mustAccount(t, run)
			var l log
			for s := range 8 {
				millis := map[string]int64{"browse": 40, "buy": 40}
				switch s / 2 {
				case 0:
					millis = map[string]int64{"browse": 10, "buy": 10}
				case 2:
					millis["buy"] = 100
				}
				for i, tok := range tokensOf(t, run, s) {
					task := []string{"browse", "buy"}[i%2]
					micros := slices.Repeat([]int64{1000 * millis[task]}, int(tok.Count))
					r := load.TaskReport{
						Second: s, Task: task, Iterations: tok.Count, Requests: tok.Count, Response: times(micros...), Service: times(micros...),
					}
					if s/2 == 1 && i == 0 {
						r.Failed = 1
					}
					l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, tok.Count, 0)}, Tasks: []load.TaskReport{r}})
				}
				l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
			}
			feed(t, a, l.records...)
			k := a.result(load.StateDone).KneePoint
			if k.Step != tt.knee || len(k.Steps) != 4 {
				t.Errorf("knee %+v, want step %d of 4", k, tt.knee)
			}
			for i, s := range k.Steps {
				if s.Step != i+1 || s.RPS != float64(7*(i+1)) || s.StartedPct != 100 || s.Why != tt.why[i] || s.Held != (tt.why[i] == "") {
					t.Errorf("%+v, want why %q", s, tt.why[i])
				}
			}
			run.Changes = []load.Change{{Second: 3, Kind: load.ChangePause}}
			if k := mustAccount(t, run).result(load.StateDone).KneePoint; k != nil {
				t.Errorf("steps that were changed have the knee %+v", k)
			}
		})
	}
}

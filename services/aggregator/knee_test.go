package aggregator

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Four steps of two seconds each: 14, 28, 42 and 56 rps in 7 slices.
func TestKnee(t *testing.T) {
	t.Parallel()
	type outcome struct {
		millis  int64
		failed  int64 // requests of each token
		dropped int64 // arrivals of each token
	}
	fine, slow := outcome{millis: 10}, outcome{millis: 31}
	for _, tt := range []struct {
		name  string
		steps []outcome
		want  load.KneePoint
	}{
		{"every step is held", []outcome{fine, fine, fine, fine}, load.KneePoint{Step: 4, RPS: 56, P99Ms: 10}},
		{"30 ms is three times 10 ms and still held", []outcome{fine, fine, {millis: 30}, slow}, load.KneePoint{Step: 3, RPS: 42, P99Ms: 30}},
		{"4 ms is four times 1 ms, but below the floor", []outcome{{millis: 1}, {millis: 1}, {millis: 1}, {millis: 4}}, load.KneePoint{Step: 4, RPS: 56, P99Ms: 4}},
		{"slow from the third step on", []outcome{fine, fine, slow, slow}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}},
		{"a step that recovers does not count", []outcome{fine, slow, fine, fine}, load.KneePoint{Step: 1, RPS: 14, P99Ms: 10}},
		{"one of 6 failed in the third", []outcome{fine, fine, {millis: 10, failed: 1}, fine}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}},
		{"one of 4 dropped in the second", []outcome{fine, {millis: 10, dropped: 1}, fine, fine}, load.KneePoint{Step: 1, RPS: 14, P99Ms: 10}},
		{"nothing works", []outcome{{millis: 10, failed: 2}, fine, fine, fine}, load.KneePoint{}},
		{"it ended in the second step", []outcome{fine, fine}, load.KneePoint{Step: 2, RPS: 28, P99Ms: 10}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := runningRun(56, 8)
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
						for j := range micros {
							micros[j] = 1000 * o.millis
						}
						l.event("a", load.Event{
							Tokens: []load.TokenReport{report(tok, n, o.dropped)},
							Tasks: []load.TaskReport{{
								Second: s, Task: "buy", Iterations: n, Requests: n, Failed: o.failed,
								Response: times(micros...), Service: times(micros...),
							}},
						})
					}
					l.decide(load.Decision{Kind: load.DecisionClose, Second: s})
				}
			}
			feed(t, a, l.records...)
			tt.want.TotalSteps, tt.want.MaxRPS, tt.want.Steps = 4, 56, []load.StepResult{}
			got := a.result(load.StateDone).KneePoint
			if d := cmp.Diff(&tt.want, got); d != "" {
				t.Errorf("knee (-want +got):\n%s", d)
			}
		})
	}
	if k := mustAccount(t, runningRun(70, 1)).result(load.StateDone).KneePoint; k != nil {
		t.Errorf("a constant profile has the knee %+v", k)
	}
}

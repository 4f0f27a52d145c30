package load

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestApplyReplacesOnlyWhatIsGiven(t *testing.T) {
	t.Parallel()
	base := Plan{
		Shape:      Shape{Mode: ModeRamp, RPS: 10, Duration: time.Minute, RampUp: 10 * time.Second, Steps: 5},
		Thresholds: []Threshold{{Metric: "p99_ms", Limit: 500}, {Scope: "browse", Metric: "p99_ms", Limit: 300}},
		MaxUsers:   100,
		Seed:       1,
	}
	rps, duration, seed := 200.0, 20*time.Second, uint64(7)
	got := base
	err := got.Apply(Overrides{
		RPS: &rps, Duration: &duration, Seed: &seed,
		Thresholds: []Threshold{{Metric: "p99_ms", Limit: 800}, {Metric: "error_rate", Limit: 2}},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := Plan{
		Shape: Shape{Mode: ModeRamp, RPS: 200, Duration: 20 * time.Second, RampUp: 10 * time.Second, Steps: 5},
		Thresholds: []Threshold{
			{Metric: "p99_ms", Limit: 800}, {Scope: "browse", Metric: "p99_ms", Limit: 300}, {Metric: "error_rate", Limit: 2},
		},
		MaxUsers: 100,
		Seed:     7,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("plan (-want +got):\n%s", diff)
	}
	if base.Thresholds[0].Limit != 500 {
		t.Error("the thresholds of the plan it was copied from have changed")
	}
}

func TestApplyStages(t *testing.T) {
	t.Parallel()
	stages := []Stage{{Duration: time.Second, RPS: 10}, {Duration: time.Second, RPS: 0}}
	constant, free := ModeConstant, ModeStages
	for name, tc := range map[string]struct {
		mode *Mode
		fail string
	}{
		"imply their mode":       {nil, ""},
		"go with their mode":     {&free, ""},
		"contradict another one": {&constant, "mode"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := Plan{Shape: Shape{Mode: ModeRamp, RPS: 5}}
			err := p.Apply(Overrides{Mode: tc.mode, Stages: stages})
			var field *FieldError
			switch {
			case tc.fail == "" && err != nil:
				t.Fatal(err)
			case tc.fail == "" && p.Shape.Mode != ModeStages:
				t.Errorf("mode %q, want stages", p.Shape.Mode)
			case tc.fail != "" && (!errors.As(err, &field) || field.Field != tc.fail):
				t.Errorf("error %v, want one about %s", err, tc.fail)
			}
		})
	}
}

package load

import (
	"errors"
	"testing"
	"time"
)

func TestWarmupMustLeaveSomethingToMeasure(t *testing.T) {
	t.Parallel()
	spike := []Stage{{Duration: time.Second, RPS: 10}, {Duration: time.Second}, {Duration: 2 * time.Second}}
	for warmup, ok := range map[time.Duration]bool{
		0: true, time.Second: true, 2 * time.Second: false, 3 * time.Second: false, 4 * time.Second: false, time.Hour: false,
		-time.Second: false, 1500 * time.Millisecond: false,
	} {
		p := Plan{
			Target: "http://127.0.0.1", Shape: Shape{Mode: ModeStages, Stages: spike}, Tasks: []Task{{Name: "t", Weight: 1}},
			MaxUsers: 1, MaxLag: 1, Timeout: 1, Warmup: warmup,
		}
		err := p.Validate()
		field, refused := errors.AsType[*FieldError](err)
		if ok != (err == nil) || refused && field.Field != "warmup" {
			t.Errorf("warm-up %v: %v", warmup, err)
		}
	}
}

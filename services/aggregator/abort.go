package aggregator

import (
	"context"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// breached returns the first threshold of a live line whose breach is to end the run. Of a run in which nothing more is due there is
// nothing left to end.
func (a *account) breached(l load.Live) (load.ThresholdResult, bool) {
	if l.ElapsedSecs >= l.TotalSecs {
		return load.ThresholdResult{}, false
	}
	measured := time.Duration(l.ElapsedSecs*float64(time.Second)) - a.run.Plan.Warmup
	for i, t := range a.run.Plan.Thresholds {
		if r := l.Thresholds[i]; t.Abort && measured >= t.Delay && r.Samples > 0 && !r.Passed {
			return r, true
		}
	}
	return load.ThresholdResult{}, false
}

// stopIfBreached stops the run as a user would, but the record names the threshold, so that every owner comes to the same verdict:
// what is reported after the stop may mend the value. An update that fails, or that another change of the record has overtaken,
// is for the next beat.
func (o *owner) stopIfBreached(ctx context.Context, live load.Live) {
	r, breached := o.acc.breached(live)
	if !breached || o.run.State != load.StateRunning || !o.settled() {
		return
	}
	_ = o.attempt(ctx, "stop the run", decideTimeout, func(ctx context.Context) error {
		return o.amend(ctx, func(run *load.Run) {
			if run.Stop(o.deps.Clock.Now(), "threshold "+r.Breach()) {
				run.Breach = r.Key
			}
		})
	})
}

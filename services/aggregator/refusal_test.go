package aggregator

import (
	"encoding/json"
	"math"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// A run of 5 s, whose second 0 is 1.5 s after the begin. The event stream refuses something from a moment on.
func TestEventStreamRefuses(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		what     string
		from, to time.Duration // from the begin
		failed   time.Duration // when the run fails: 30 s after the first refusal; 0: it does not
	}{
		{"the mark of a run that begins", "own", 0, 2 * time.Minute, 30 * time.Second},
		{"everything in mid-run", "all", 4 * time.Second, 2 * time.Minute, 34 * time.Second},
		{"the end", "end", 0, 2 * time.Minute, 36500 * time.Millisecond},
		{"the result", "result", 0, 2 * time.Minute, 36500 * time.Millisecond},
		{"everything, but not for long", "all", 4 * time.Second, 33 * time.Second, 0},
		{"the result, but not for long", "result", 0, 35 * time.Second, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				begun := time.Now()
				run := begin(b, 5)
				full := time.AfterFunc(tt.from, func() { b.with(func() { b.refuse = tt.what }) })
				defer full.Stop()
				free := time.AfterFunc(tt.to, func() { b.with(func() { b.refuse = "" }) })
				defer free.Stop()
				pass(time.Millisecond)
				stop := replica(t, deps(b), "one")
				defer stop()
				fleet(t, b, run, 2)
				if tt.failed == 0 {
					pass(time.Until(begun.Add(40 * time.Second)))
					wantWhole(t, b, 5)
					return
				}
				pass(time.Until(begun.Add(tt.failed - time.Second)))
				if s := b.get("r").State; s != load.StateRunning {
					t.Errorf("state %s before the patience is over", s)
				}
				pass(5 * time.Second) // the pauses between tries grow to 2 s
				got := b.get("r")
				if got.State != load.StateFailed || got.Cause != load.CauseInfra || !strings.Contains(got.Reason, "the event stream is full") {
					t.Errorf("state %s, cause %q, reason %q", got.State, got.Cause, got.Reason)
				}
				b.with(func() {
					if b.puts != 0 {
						t.Errorf("%d results while the stream takes none", b.puts)
					}
				})
				pass(2 * time.Minute) // the result is stored as soon as there is room
				r := resultOf(t, b)
				if r.State != load.StateFailed || r.Reason != got.Reason || r.ExitCode() != load.ExitInfra || b.puts != 1 {
					t.Errorf("%d results, state %s, reason %q, exit %d", b.puts, r.State, r.Reason, r.ExitCode())
				}
				if b.get("r").Revision != got.Revision {
					t.Error("the record of a failed run was changed")
				}
				last := b.writes[len(b.writes)-1]
				if last.State != load.StateFailed || !json.Valid(last.Result) {
					t.Errorf("last write: state %s, result %s", last.State, last.Result)
				}
			})
		})
	}
}

// A result that cannot be encoded is no refusal of the bus: the run fails at once, for that reason.
func TestResultThatCannotBeEncoded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 5)
		run.Plan.Thresholds = []load.Threshold{{Metric: "p99_ms", Limit: math.NaN()}}
		b.put(run)
		stop := replica(t, deps(b), "one")
		defer stop()
		fleet(t, b, run, 2)
		pass(time.Until(run.T0.Add(10 * time.Second)))
		got, owners := b.get("r"), len(b.owners)
		if got.State != load.StateFailed || got.Cause != load.CauseInfra || !strings.Contains(got.Reason, "the run has no result: encode result: json: unsupported value: NaN") {
			t.Errorf("state %s, cause %q, reason %q", got.State, got.Cause, got.Reason)
		}
		pass(time.Minute)
		if b.puts != 0 || len(b.owners) != owners || b.get("r").Revision != got.Revision {
			t.Errorf("%d results, %d owners after %d, revision %d after %d", b.puts, len(b.owners), owners, b.get("r").Revision, got.Revision)
		}
	})
}

// Refusals with a success between them are no series, however long ago the first was.
func TestPatienceBeginsAnew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 60)
		stop := replica(t, deps(b), "one")
		defer stop()
		flaky := make(chan struct{})
		go func() {
			defer close(flaky)
			for range 10 {
				time.Sleep(5 * time.Second)
				b.with(func() { b.refuse = "all" })
				time.Sleep(5 * time.Second)
				b.with(func() { b.refuse = "" })
			}
		}()
		fleet(t, b, run, 2)
		<-flaky
		pass(time.Until(run.T0.Add(2 * time.Minute)))
		wantWhole(t, b, 60)
		closed := slices.ContainsFunc(b.records, func(r load.Record) bool {
			return r.Decision != nil && r.Decision.Kind == load.DecisionClose && r.Decision.Second == 59
		})
		if !closed {
			t.Error("second 59 was not closed")
		}
	})
}

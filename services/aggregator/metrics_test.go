package aggregator

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/loadpilot/loadpilot/shared/load"
)

// scrape returns what a registry shows: the values by name, with the labels apart from those of the run, and of histograms the
// counts.
func scrape(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	families, err := registry.Gather()
	if err != nil {
		t.Error(err)
	}
	out := map[string]float64{}
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			for _, label := range m.GetLabel() {
				switch label.GetName() {
				case "run":
				case "scenario":
					if label.GetValue() != "Checkout" {
						t.Errorf("%s is of scenario %q", name, label.GetValue())
					}
				default:
					name += " " + label.GetValue()
				}
			}
			switch {
			case m.GetHistogram() != nil:
				out[name] = float64(m.GetHistogram().GetSampleCount())
			case m.GetCounter() != nil:
				out[name] = m.GetCounter().GetValue()
			default:
				out[name] = m.GetGauge().GetValue()
			}
		}
	}
	return out
}

func without(all map[string]float64, prefix string) map[string]float64 {
	for name := range all {
		if strings.HasPrefix(name, prefix) {
			delete(all, name)
		}
	}
	return all
}

// The figures of a run are those of its result, and go two minutes after its end.
func TestMetricsShowTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 5)
		d := deps(b)
		registry := prometheus.NewRegistry()
		d.Metrics = registry
		stop := replica(t, d, "one")
		defer stop()
		idle := map[string]float64{"loadpilot_aggregator_runs": 0, "loadpilot_aggregator_store_failures_total": 0}
		if d := cmp.Diff(idle, scrape(t, registry)); d != "" {
			t.Errorf("before the run (-want +got):\n%s", d)
		}
		var during map[string]float64
		look := time.AfterFunc(time.Until(run.T0.Add(3800*time.Millisecond)), func() { during = scrape(t, registry) })
		defer look.Stop()
		fleet(t, b, run, 3)
		pass(300 * time.Millisecond)
		if during["loadpilot_current_rps"] != 70 || during["loadpilot_active_workers"] != 6 || during["loadpilot_aggregator_runs"] != 1 {
			t.Errorf("during the run: %v", during)
		}
		result := resultOf(t, b)
		want := map[string]float64{
			"loadpilot_aggregator_runs": 0, "loadpilot_aggregator_store_failures_total": 0,
			"loadpilot_current_rps": 0, "loadpilot_target_rps": 0, "loadpilot_active_workers": 0, "loadpilot_in_flight": 0,
			"loadpilot_generators": 0, "loadpilot_thresholds_failed": 0, "loadpilot_untrusted": 0,
			"loadpilot_requests_total": 350, "loadpilot_errors_total": 0,
			"loadpilot_task_requests_total browse": 0, "loadpilot_task_errors_total browse": 0,
			"loadpilot_task_requests_total buy": 350, "loadpilot_task_errors_total buy": 0,
			"loadpilot_iterations_total started": 350, "loadpilot_iterations_total completed": 350,
			"loadpilot_ledger_iterations planned": 350, "loadpilot_ledger_iterations repeated": 0, "loadpilot_ledger_iterations dropped": 0,
			"loadpilot_ledger_iterations lost": 0, "loadpilot_ledger_iterations never_issued": 0, "loadpilot_ledger_iterations cancelled": 0,
			"loadpilot_response_duration_seconds": 350, "loadpilot_service_duration_seconds": 350, "loadpilot_schedule_lag_seconds": 0,
			"loadpilot_latency_p50_ms": result.P50Ms, "loadpilot_latency_p95_ms": result.P95Ms, "loadpilot_latency_p99_ms": result.P99Ms,
			"loadpilot_latency_max_ms": result.MaxMs, "loadpilot_latency_mean_ms": result.Response.MeanMs,
		}
		if d := cmp.Diff(want, without(scrape(t, registry), "loadpilot_task_latency")); d != "" {
			t.Errorf("after the run (-want +got):\n%s", d)
		}
		pass(lingering + time.Second)
		if d := cmp.Diff(idle, scrape(t, registry)); d != "" {
			t.Errorf("two minutes later (-want +got):\n%s", d)
		}
	})
}

// What a process no longer owns is shown by its successor alone.
func TestMetricsMoveWithTheLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		run := begin(b, 8)
		var registries [2]*prometheus.Registry
		var stops [2]func()
		defer func() {
			for _, stop := range stops {
				stop()
			}
		}()
		for i, owner := range []string{"one", "two"} {
			d := deps(b)
			registries[i] = prometheus.NewRegistry()
			d.Metrics = registries[i]
			stops[i] = replica(t, d, owner)
			pass(time.Millisecond)
		}
		leave := time.AfterFunc(time.Until(run.T0.Add(2*time.Second)), stops[0])
		defer leave.Stop()
		fleet(t, b, run, 2)
		pass(5 * time.Second)
		if _, shown := scrape(t, registries[0])["loadpilot_requests_total"]; shown {
			t.Error("the run is still shown by the owner that left")
		}
		if n := scrape(t, registries[1])["loadpilot_requests_total"]; n != 560 {
			t.Errorf("%v requests shown by the successor, want 560", n)
		}
	})
}

// The iterations of the warm-up are in no counter, even while it lasts.
func TestMetricsLeaveTheWarmupOut(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	run := runningRun(70, 4)
	run.Plan.Warmup = 2 * time.Second
	a := mustAccount(t, run)
	var l log
	for s, want := range []float64{0, 0, 70, 140} {
		l.event("a", load.Event{Tasks: []load.TaskReport{done(s, "buy", 70)}})
		feed(t, a, l.records[s])
		m.show(a, a.snapshot(at(float64(s)+1)))
		if got := scrape(t, registry)["loadpilot_requests_total"]; got != want {
			t.Errorf("second %d: %v requests, want %v", s, got, want)
		}
	}
}

// Thresholds that nothing was measured for yet are not broken.
func TestMetricsCountThresholdsThatAreJudged(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	run := runningRun(70, 4)
	run.Plan.Warmup = 2 * time.Second
	run.Plan.Thresholds = []load.Threshold{{Metric: "p99_ms", Limit: 1}}
	a := mustAccount(t, run)
	var l log
	for s, want := range []float64{0, 0, 1, 1} {
		l.event("a", load.Event{Tasks: []load.TaskReport{done(s, "buy", 70)}})
		feed(t, a, l.records[s])
		m.show(a, a.snapshot(at(float64(s)+1)))
		if got := scrape(t, registry)["loadpilot_thresholds_failed"]; got != want {
			t.Errorf("second %d: %v thresholds failed, want %v", s, got, want)
		}
	}
}

// A run that failed before its second 0 is not shown: its counts would have no beginning.
func TestMetricsOfARunThatNeverStarted(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	run := runningRun(70, 4)
	run.T0, run.State = time.Time{}, load.StateFailed
	a := mustAccount(t, run)
	m.show(a, a.snapshot(at(0)))
	m.leave(run.ID, true)
	if _, shown := scrape(t, registry)["loadpilot_requests_total"]; shown {
		t.Error("the run is shown")
	}
}

// A report that comes late takes back what was booked as lost, and no counter goes down by that.
func TestCountersOfARunNeverGoDown(t *testing.T) {
	t.Parallel()
	registry := prometheus.NewRegistry()
	m := newMetrics(registry)
	run := runningRun(70, 4)
	a := mustAccount(t, run)
	var l log
	look := func() map[string]float64 {
		m.show(a, a.snapshot(at(3)))
		return scrape(t, registry)
	}
	l.decide(load.Decision{Kind: load.DecisionClose, Second: 0})
	feed(t, a, l.records...)
	before := look()
	for _, tok := range tokensOf(t, run, 0) {
		l.event("a", load.Event{Tokens: []load.TokenReport{report(tok, 10, 0)}, Tasks: []load.TaskReport{done(0, "buy", 10)}})
	}
	feed(t, a, l.records[1:]...)
	after := look()
	lost := "loadpilot_ledger_iterations lost"
	if before[lost] != 70 || after[lost] != 0 {
		t.Errorf("%v lost, then %v, want 70 and 0", before[lost], after[lost])
	}
	for name, n := range before {
		if strings.Contains(name, "_total") && after[name] < n {
			t.Errorf("%s went from %v to %v", name, n, after[name])
		}
	}
}

package load

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// search probes a service that holds what is at most its capacity, and in longer probes what is at most another.
func search(start, most, capacity, lasting float64) []Probe {
	var done []Probe
	for {
		rps, confirm, over := NextProbe(done, start, most)
		if over {
			return done
		}
		limit := capacity
		if confirm {
			limit = lasting
		}
		done = append(done, Probe{RPS: rps, Confirm: confirm, Held: rps <= limit})
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name                           string
		start, most, capacity, lasting float64
		want                           string
	}{
		// √(320·640) = 452.5, √(453·640) = 538.4, √(453·538) = 493.7, √(494·538) = 515.5, √(494·516) = 504.9, and 505/494 ≤ 1.03
		{"doubles, bisects, confirms", 10, 1e6, 500, 500, "10 20 40 80 160 320 640- 640- 453 538- 538- 494 516- 516- 505- 505- 494!"},
		{"too much at first", 80, 1e6, 30, 30, "80- 80- 40- 40- 20 28.3 33.6- 33.6- 30.8- 30.8- 29.5 30.1- 30.1- 29.5!"},
		{"the long probe shows that it was too much", 10, 1e6, 10, 9.5, "10 20- 20- 14.1- 14.1- 11.9- 11.9- 10.9- 10.9- 10.4- 10.4- 10.2- 10.2- 10!- 10!- 9.7!- 9.7!- 9.41!"},
		{"no limit in sight", 100, 250, 1e9, 1e9, "100 200 250 250!"},
		{"nothing is held", 1, 1e6, 0, 0, "1- 1- 0.5- 0.5- 0.25- 0.25- 0.125- 0.125-"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var words []string
			for _, p := range search(tt.start, tt.most, tt.capacity, tt.lasting) {
				word := fmt.Sprintf("%.4g", p.RPS)
				if p.Confirm {
					word += "!"
				}
				if !p.Held {
					word += "-"
				}
				words = append(words, word)
			}
			if got := strings.Join(words, " "); got != tt.want {
				t.Errorf("probes %s, want %s", got, tt.want)
			}
		})
	}
}

// Whatever the capacity and the start, the result lies within 3 % below it and takes a bounded number of probes.
func TestSearchFindsTheCapacity(t *testing.T) {
	t.Parallel()
	for capacity := 0.5; capacity < 60_000; capacity *= 1.07 {
		for _, start := range []float64{1, 10, 777} {
			done := search(start, MaxRPS, capacity, capacity)
			found := NewCapacity(done)
			if found.RPS > capacity || found.RPS < capacity/1.035 || !found.LimitFound {
				t.Errorf("from %v: found %v of %v", start, found.RPS, capacity)
			}
			if len(done) > mostProbes+1 {
				t.Errorf("from %v to %v: %d probes", start, capacity, len(done))
			}
		}
	}
}

func TestCapacityOfASearch(t *testing.T) {
	t.Parallel()
	lucky := []Probe{{RPS: 10, Held: true}, {RPS: 40, Held: true}, {RPS: 20}, {RPS: 20}}
	want := Capacity{RPS: 10, LimitFound: true, Probes: lucky}
	if d := cmp.Diff(want, NewCapacity(lucky)); d != "" {
		t.Errorf("a rate above one that was not held counts (-want +got):\n%s", d)
	}
	hiccup := []Probe{{RPS: 10, Held: true}, {RPS: 20}, {RPS: 20, Held: true}}
	if got := NewCapacity(hiccup); got.RPS != 20 || got.LimitFound {
		t.Errorf("a rate that was held when it was tried again: %+v", got)
	}
	lagging := []Probe{{RPS: 10, Held: true}, {RPS: 20, Untrusted: true}, {RPS: 20, Untrusted: true}}
	if got := NewCapacity(lagging); got.RPS != 10 || got.LimitFound || !got.Untrusted {
		t.Errorf("a rate that could not be measured: %+v", got)
	}
	if got := NewCapacity(nil); got.RPS != 0 || got.LimitFound || got.Probes == nil {
		t.Errorf("without a probe: %+v", got)
	}
}

// A queue that is filled by 500/s and emptied by 490/s grows by 10 in each second, and the wait for it by 10/490 s.
func TestProbesOfAnOverloadedService(t *testing.T) {
	t.Parallel()
	queue := func(mean func(second int) float64) Result {
		r := Result{
			RPSTarget: 500, RequestsTotal: 5000, P99Ms: 15, Verdict: Verdict{Passed: true}, Trust: Trust{Level: TrustTrusted},
			Series: []Second{{Second: 0, Phase: PhaseWarmup, Requests: 500, MeanMs: 1000}},
		}
		for s := 1; s <= 10; s++ {
			r.Series = append(r.Series, Second{Second: s, Phase: "steady", Requests: 500, MeanMs: mean(s)})
		}
		return r
	}
	steady := queue(func(int) float64 { return 20 })
	short := queue(func(s int) float64 { return 20 + float64(s)*1000*10/490 })
	short.Series = short.Series[:6] // the warm-up and five more
	breach := func(r *Result) {
		r.Verdict = Verdict{Thresholds: []ThresholdResult{{Key: "p99_ms", Value: 501.25, Limit: 500, Samples: 9}}}
	}
	lagging := func(r *Result) {
		r.P99Ms, r.Service.P99Ms, r.Lag.P99Ms, r.Trust = 150, 45, 90, Trust{TrustDegraded, []string{"lag"}}
	}
	late := func(r *Result) {
		r.P99Ms, r.Service.P99Ms, r.Trust = 800, 2, Trust{TrustUntrusted, []string{"late"}}
	}
	for _, tt := range []struct {
		name       string
		result     Result
		change     func(*Result)
		thresholds []Threshold
		why        string
	}{
		{"held", steady, nil, nil, ""},
		{"grows", queue(func(s int) float64 { return 20 + float64(s)*1000*10/490 }), nil, nil, "response times grow by 20 ms each second: requests queue up"},
		{"grows for too short to tell", short, nil, nil, ""},
		{"grows by less than one percent", queue(func(s int) float64 { return 20 + 5*float64(s) }), nil, nil, ""},
		{"is noisy", queue(func(s int) float64 { return 500 + 400*math.Sin(float64(s*s)) }), nil, nil, ""},
		{"slow", steady, func(r *Result) { r.P99Ms = 61 }, nil, "p99 is 61.0 ms, under the lightest load 20.0 ms"},
		{"as slow as a threshold allows", steady, func(r *Result) { r.P99Ms = 61 }, []Threshold{{Metric: "p95_ms", Limit: 90}}, ""},
		{"fails", steady, func(r *Result) { r.ErrorRatePct = 1 }, nil, "1.0 % of the requests failed"},
		{"fails as a threshold allows", steady, func(r *Result) { r.ErrorRatePct = 1 }, []Threshold{{Metric: "error_rate", Limit: 2}}, ""},
		{"untrusted", steady, func(r *Result) { r.Trust = Trust{TrustUntrusted, []string{"late"}} }, nil, "late"},
		{"late, and slow only by that", steady, late, nil, "late"},
		{"late, breaching a threshold by that", steady, func(r *Result) { late(r); breach(r) }, nil, "late"},
		{
			"breaching a threshold by lag before it is untrusted", steady, func(r *Result) { breach(r); lagging(r) }, nil,
			"p99_ms is 501.25, not below 500, most of it schedule lag: p99 90.0 ms",
		},
		{"lagging, but errors breach a threshold", steady, func(r *Result) { breach(r); lagging(r); r.ErrorsTotal = 1 }, nil, "p99_ms is 501.25, not below 500"},
		{"lagging, but most of it is the service", steady, func(r *Result) { breach(r); lagging(r); r.P99Ms = 181 }, nil, "p99_ms is 501.25, not below 500"},
		{"lagging, and held", steady, func(r *Result) { lagging(r); r.P99Ms = 50 }, nil, ""},
		{"late by errors of generators", steady, func(r *Result) {
			late(r)
			r.ErrorRatePct, r.ErrorsTotal, r.Errors = 30, 1500, []ErrorResult{{Class: ErrorGenerator, Count: 1490}, {Class: "http_5xx", Count: 10}}
		}, nil, "late"},
		{"untrusted, but the service is slow", steady, func(r *Result) { late(r); r.Service.P99Ms = 700 }, nil, "p99 is 800.0 ms, under the lightest load 20.0 ms; the measurement is untrusted: late"},
		{"untrusted, but the service fails", steady, func(r *Result) { late(r); breach(r); r.ErrorsTotal = 50 }, nil, "p99_ms is 501.25, not below 500; the measurement is untrusted: late"},
		{"untrusted, since nothing comes back", steady, func(r *Result) {
			late(r)
			r.RequestsTotal, r.Ledger.Started, r.Verdict = 0, 500, Verdict{Reasons: []string{"no request was made"}}
		}, nil, "no request was made; the measurement is untrusted: late"},
		{"nothing came back", steady, func(r *Result) { r.Verdict = Verdict{Reasons: []string{"no request was made"}} }, nil, "no request was made"},
		{"a breach", steady, breach, nil, "p99_ms is 501.25, not below 500"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r := tt.result
			if tt.change != nil {
				tt.change(&r)
			}
			p := r.NewProbe(tt.thresholds, []Probe{{RPS: 900, P99Ms: 900}, {RPS: 10, P99Ms: 20, ServiceP99Ms: 19}}, true)
			if p.Why != tt.why || p.Held != (tt.why == "") || p.Untrusted != (tt.why == "late" || strings.Contains(tt.why, "schedule lag")) || p.RPS != 500 || !p.Confirm {
				t.Errorf("%+v, want why %q", p, tt.why)
			}
		})
	}
}

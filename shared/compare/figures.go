package compare

import (
	"math"

	"github.com/loadpilot/loadpilot/shared/load"
)

// figure is a figure that is compared.
type figure struct {
	name           string
	of             func(*load.Result) float64
	block          func(block) (value float64, ok bool) // what is tested; not ok: the block is too small for it
	limit          func(baseline, thresholdPct float64, up bool) float64
	higherIsBetter bool
	time           bool
}

const errorRatePct = "error_rate_pct"

// figures are those that are compared. A rate or a time is tested by its logarithm: what changes a service multiplies its times.
var figures = []figure{
	{name: "rps_actual", of: func(r *load.Result) float64 { return r.RPSActual }, block: rate, limit: factor, higherIsBetter: true},
	{name: errorRatePct, of: func(r *load.Result) float64 { return r.ErrorRatePct }, block: errorRate, limit: part},
	{name: "mean_ms", of: func(r *load.Result) float64 { return r.Response.MeanMs }, block: mean, limit: factor, time: true},
	{name: "p50_ms", of: func(r *load.Result) float64 { return r.P50Ms }, block: quantile(0.5), limit: factor, time: true},
	{name: "p95_ms", of: func(r *load.Result) float64 { return r.P95Ms }, block: quantile(0.95), limit: factor, time: true},
	{name: "p99_ms", of: func(r *load.Result) float64 { return r.P99Ms }, block: quantile(0.99), limit: factor, time: true},
}

// rate is the share of the plan that was started. 0.5: it may be nothing.
func rate(b block) (float64, bool) {
	return math.Log((float64(b.started) + 0.5) / (float64(b.planned) + 0.5)), true
}

func errorRate(b block) (float64, bool) {
	return 100 * float64(b.errors) / float64(b.requests), b.requests > 0
}

func mean(b block) (float64, bool) { return math.Log(b.sumMs / float64(b.times.Count())), b.sumMs > 0 }

// quantile returns a quantile of the response times, between the two ranks around q (n+1): a rank that is rounded is below the
// quantile or above it, depending on n. One block needs as many times that there is one above it.
func quantile(q float64) func(block) (float64, bool) {
	return func(b block) (float64, bool) {
		n := float64(b.times.Count())
		if n*(1-q) < 1-1e-9 {
			return 0, false
		}
		below, part := math.Modf(q * (n + 1))
		at := func(rank float64) float64 { return math.Log(float64(max(1, b.times.Quantile((rank-0.5)/n)))) }
		value := at(below)
		return value + part*(at(below+1)-value), true
	}
}

// factor is the logarithm of a change by the threshold. The one that undoes a change is as great, so that comparing the other way
// round says the opposite.
func factor(_, thresholdPct float64, up bool) float64 {
	if up {
		return math.Log1p(thresholdPct / 100)
	}
	return -math.Log1p(thresholdPct / 100)
}

// part is such a change of a figure that may be 0, so that it has no logarithm.
func part(baseline, thresholdPct float64, up bool) float64 {
	return baseline * math.Expm1(factor(baseline, thresholdPct, up))
}

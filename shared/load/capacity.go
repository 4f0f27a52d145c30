package load

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Probe is one try of the search for the highest rate that a service holds: a run of a constant rate.
type Probe struct {
	RPS          float64 `json:"rps"`
	P95Ms        float64 `json:"p95_ms"` // response time
	P99Ms        float64 `json:"p99_ms"`
	ServiceP99Ms float64 `json:"service_p99_ms"`
	ErrorRatePct float64 `json:"error_rate_pct"`
	Held         bool    `json:"held"`
	Why          string  `json:"why"`       // it was not held; empty otherwise
	Untrusted    bool    `json:"untrusted"` // because the load was not what it should be: that says nothing about the service
	Confirm      bool    `json:"confirm"`   // a longer one, of the rate that was found
	RunID        string  `json:"run_id"`
}

// Capacity is what a search has come to.
type Capacity struct {
	RPS        float64 `json:"capacity_rps"` // the highest rate that was held, 0 if none was
	LimitFound bool    `json:"limit_found"`  // the service did not hold a higher rate
	Untrusted  bool    `json:"untrusted"`    // a higher rate could not be measured: generators were the limit
	Probes     []Probe `json:"probes"`       // in their order
}

// The search: how close the rates that were held and not held come to each other, how many probes that may take, how far the rate
// goes down when the longer probe at the end is not held, and the lowest rate worth a probe.
const (
	closeEnough   = 1.03
	mostProbes    = 36
	mostConfirms  = 16
	confirmFactor = 0.97
	leastProbeRPS = 0.1
)

// NextProbe returns the rate of the next probe, by what those before it came to: the rate doubles from start until it is not held,
// but to most at most, and is bisected then; the highest that was held must hold in a longer probe, too. What is not held is tried
// once more: a hiccup of a machine is no limit of the service. over: there is no next probe.
func NextProbe(done []Probe, start, most float64) (rps float64, confirm, over bool) {
	if len(done) == 0 {
		return min(start, most), false, false
	}
	held, broken, confirms := bounds(done)
	last, searched := done[len(done)-1], len(done)-confirms
	switch {
	case last.Confirm && last.Held, confirms == mostConfirms:
		return 0, false, true
	case !last.Held && !slices.ContainsFunc(done[:len(done)-1], last.again):
		return last.RPS, last.Confirm, false
	case last.Confirm:
		return threeDigits(confirmFactor * last.RPS), true, false
	case held == 0 && (searched == mostProbes || broken/2 < leastProbeRPS):
		return 0, false, true
	case held == 0:
		return broken / 2, false, false
	case held >= most, searched == mostProbes, broken/held <= closeEnough:
		return held, true, false
	case math.IsInf(broken, 1):
		return min(2*held, most), false, false
	default:
		return threeDigits(math.Sqrt(held * broken)), false, false
	}
}

// NewCapacity sums a search up.
func NewCapacity(done []Probe) Capacity {
	held, broken, _ := bounds(done)
	c := Capacity{RPS: held, Probes: append([]Probe{}, done...)}
	for _, p := range done {
		c.LimitFound = c.LimitFound || p.RPS == broken && !p.Held && !p.Untrusted
	}
	c.Untrusted = !math.IsInf(broken, 1) && !c.LimitFound
	return c
}

// again reports whether another probe has failed as p has.
func (p Probe) again(other Probe) bool {
	return !other.Held && other.RPS == p.RPS && other.Confirm == p.Confirm
}

// bounds returns the lowest rate that was not held twice, infinite if there is none, and the highest below it that was, 0 if there
// is none: a service that holds a rate by luck is not believed.
func bounds(done []Probe) (held, broken float64, confirms int) {
	broken = math.Inf(1)
	for i, p := range done {
		if p.Confirm {
			confirms++
		}
		if !p.Held && slices.ContainsFunc(done[:i], p.again) {
			broken = min(broken, p.RPS)
		}
	}
	for _, p := range done {
		if p.Held && p.RPS < broken {
			held = max(held, p.RPS)
		}
	}
	return held, broken, confirms
}

// threeDigits rounds a rate for people.
func threeDigits(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v))-2)
	return math.Round(v/unit) * unit
}

// NewProbe judges a run of a constant rate. Where no threshold says how long a response may take, the p99 of the lowest of the rates
// so far does.
func (r *Result) NewProbe(thresholds []Threshold, done []Probe, confirm bool) Probe {
	p := Probe{
		RPS: r.RPSTarget, P95Ms: r.P95Ms, P99Ms: r.P99Ms, ServiceP99Ms: r.Service.P99Ms, ErrorRatePct: r.ErrorRatePct,
		Confirm: confirm, RunID: r.RunID,
	}
	lowest := p
	for _, d := range done {
		if d.RPS < lowest.RPS {
			lowest = d
		}
	}
	p.Why = r.overload(thresholds, lowest.P99Ms)
	switch {
	case p.Why != "" && !r.atEase(lowest.ServiceP99Ms):
		if r.Trust.Level == TrustUntrusted { // a generator at its end lets a service look slow, too
			p.Why += "; the measurement is untrusted: " + strings.Join(r.Trust.Reasons, "; ")
		}
	case r.Trust.Level == TrustUntrusted:
		p.Why, p.Untrusted = strings.Join(r.Trust.Reasons, "; "), true
	case p.Why != "" && r.Trust.Level == TrustDegraded && r.Lag.P99Ms > r.P99Ms/2 && r.ErrorsTotal == 0: // a breach may come before it is untrusted
		p.Why, p.Untrusted = fmt.Sprintf("%s, most of it schedule lag: p99 %.1f ms", p.Why, r.Lag.P99Ms), true
	}
	p.Held = p.Why == ""
	return p
}

// atEase reports whether the service shows no sign of overload: it answers, rarely with an error, and takes no longer than under the
// lightest load. Response times do not tell, because they begin when an iteration was due: they grow, too, if generators are late.
func (r *Result) atEase(lightServiceMs float64) bool {
	errors := r.ErrorsTotal
	for _, e := range r.Errors {
		if e.Class == ErrorGenerator {
			errors -= e.Count
		}
	}
	silent := r.RequestsTotal == 0 && r.Ledger.Started > 0
	return !silent && 100*float64(errors) < MuchErrorPct*float64(max(1, r.RequestsTotal)) && !Slow(r.Service.P99Ms, lightServiceMs)
}

// overload says why the service did not hold a constant rate; empty if it did, as far as can be told.
func (r *Result) overload(thresholds []Threshold, light float64) string {
	for _, t := range r.Verdict.Thresholds {
		if !t.Passed {
			return t.Breach()
		}
	}
	errors, times := Unlimited(thresholds)
	growth, certain := r.growth()
	switch {
	case !r.Verdict.Passed:
		return strings.Join(r.Verdict.Reasons, "; ")
	case errors && r.ErrorRatePct >= MuchErrorPct:
		return fmt.Sprintf("%.1f %% of the requests failed", r.ErrorRatePct)
	case times && Slow(r.P99Ms, light):
		return fmt.Sprintf("p99 is %.1f ms, under the lightest load %.1f ms", r.P99Ms, light)
	case certain && growth > muchGrowth:
		return fmt.Sprintf("response times grow by %.0f ms each second: requests queue up", 1000*growth)
	}
	return ""
}

// MuchErrorPct is the share of failed requests with which a service no longer counts as holding a load, where no threshold says.
const MuchErrorPct = 1.0

// Slow reports whether a p99 in ms has left the order of magnitude of that of a light load, where no threshold says how long a
// response may take. The floor keeps a jump from 1 ms to 4 ms from counting.
func Slow(p99Ms, lightMs float64) bool { return p99Ms > max(3*lightMs, 20) }

// Unlimited reports of the errors and of the response times of the run whether no threshold limits them.
func Unlimited(thresholds []Threshold) (errors, times bool) {
	errors, times = true, true
	for _, t := range thresholds {
		if t.Scope == "" {
			errors = errors && t.Metric != "error_rate"
			times = times && (!strings.HasSuffix(t.Metric, "_ms") || strings.HasPrefix(t.Metric, "service_"))
		}
	}
	return errors, times
}

// muchGrowth is by how much of each second response times may grow.
const muchGrowth = 0.01

// leastGrowthSeconds is how many seconds growth is judged by at least: of a line through fewer, the standard error says little.
const leastGrowthSeconds = 6

// growth returns by how many seconds the mean response time grows in each second of the run, by least squares, and whether that is
// three times its standard error. Arrivals that come faster than they are served wait for a queue that grows: of a service with the
// capacity C, response times grow by rps/C − 1 in each second, however long the thresholds allow them to be.
func (r *Result) growth() (slope float64, certain bool) {
	var n, sumX, sumY, sumXX, sumXY, sumYY float64
	for _, s := range r.Series {
		if s.Phase == PhaseWarmup || s.Requests == 0 {
			continue
		}
		x, y := float64(s.Second), s.MeanMs/1000
		n, sumX, sumY, sumXX, sumXY, sumYY = n+1, sumX+x, sumY+y, sumXX+x*x, sumXY+x*y, sumYY+y*y
	}
	if n < leastGrowthSeconds {
		return 0, false
	}
	xx, xy, yy := sumXX-sumX*sumX/n, sumXY-sumX*sumY/n, sumYY-sumY*sumY/n
	slope = xy / xx
	deviation := math.Sqrt(max(0, yy-slope*xy) / (n - 2) / xx)
	return slope, slope > 3*deviation
}

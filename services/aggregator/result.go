package aggregator

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// result returns the outcome of the run in its final state: a pure function of the account, and its JSON the same bytes
// for the same events in whatever order they came.
func (a *account) result(state load.State) load.Result {
	requests, failed, response, service := totals(a.tasks)
	r := load.Result{
		RunID: a.run.ID, Scenario: a.run.Plan.Scenario, TargetURL: a.run.Plan.Target, State: state, Cause: a.run.Cause,
		StartedAt: a.run.T0.UTC(), DurationSecs: a.measured(a.cut), Seed: a.run.Plan.Seed, RPSTarget: a.profile.Peak(),
		RequestsTotal: requests, ErrorsTotal: failed, ErrorRatePct: percent(failed, requests),
		BytesIn: a.bytesIn, BytesOut: a.bytesOut,
		Response: load.NewDistribution(response), Service: load.NewDistribution(service), Failed: load.NewDistribution(a.failed),
		StatusCodes: statusCodes(a.status), Errors: a.errorResults(), Tasks: a.taskResults(), Setup: a.setupResult(),
		Measures: a.measureResults(a.measured(a.cut)), Connections: a.links.result(),
		LateEvents: int64(len(a.late)), Incidents: a.incidents(a.story.first()), Series: []load.Second{},
		Windows: a.windowResults(), Changes: a.run.Changes,
	}
	r.Partial = a.run.Plan.Overflows(r.Measures)
	if state != load.StateDone || a.stoppedEarly() {
		r.Reason = a.run.Reason
	}
	r.P50Ms, r.P95Ms, r.P99Ms, r.MaxMs = r.Response.P50Ms, r.Response.P95Ms, r.Response.P99Ms, r.Response.MaxMs
	if a.run.T0.IsZero() {
		r.StartedAt = a.run.CreatedAt.UTC()
		r.Ledger, r.Warmup = a.neverStarted()
	} else {
		r.Series, r.Ledger, r.Warmup = a.series()
	}
	if r.DurationSecs > 0 {
		// Repeats, and what was started after a stop before the word of it had come, are no part of the rate held until then.
		afterCut := a.profile.Total() - a.due - r.Ledger.Cancelled
		r.RPSActual = float64(max(0, r.Ledger.Started-r.Ledger.Repeated-afterCut)) / r.DurationSecs
		r.RequestsPerSec = float64(a.measuredRequests()) / r.DurationSecs
	}
	r.Generators, r.Lag = a.generatorResults()
	r.KneePoint = a.knee()
	r.Verdict = r.Judge(&a.run.Plan, a.run.Breach, a.windowValue(a.needed(), true))
	r.Trust = a.trust(&r)
	return r
}

// measuredRequests returns the requests of the iterations that were due after the warm-up and before the cut.
func (a *account) measuredRequests() (requests int64) {
	for _, sec := range a.seconds[min(a.warm, a.needed()):a.needed()] {
		if sec != nil {
			requests += sec.requests
		}
	}
	return requests
}

// neverStarted is what a run comes to without second 0: stopped before it, or failed.
func (a *account) neverStarted() (load.Ledger, *load.WarmupResult) {
	book := func(n int64) load.Ledger {
		if a.run.Stopped() {
			return load.Ledger{Planned: n, Cancelled: n}
		}
		return load.Ledger{Planned: n, NeverIssued: n}
	}
	warm := a.profile.First(a.warm)
	return book(a.profile.Total() - warm), a.warmup(book(warm))
}

// warmup sums the warm-up up, but for its ledger, which is given; nil if the plan has none.
func (a *account) warmup(l load.Ledger) *load.WarmupResult {
	if a.warm == 0 {
		return nil
	}
	w := &load.WarmupResult{DurationSecs: min(a.cut, a.run.Plan.Warmup).Seconds(), Ledger: l}
	requests, failed, response, _ := totals(a.warmTasks)
	w.Requests, w.Errors, w.Response = requests, failed, load.NewDistribution(response)
	return w
}

// trust judges the measurement.
func (a *account) trust(r *load.Result) load.Trust {
	e := load.Evidence{
		Ledger: r.Ledger, Lag: r.Lag, Service: r.Service, Requests: r.RequestsTotal,
		GeneratorErrors: a.errors[load.ErrorGenerator], Lost: a.incidents(a.story.lost()),
	}
	for _, g := range r.Generators {
		e.MaxCPUPercent = max(e.MaxCPUPercent, g.CPUPercent)
		e.ClockErrorMs = max(e.ClockErrorMs, g.ClockErrorMs)
	}
	for _, i := range a.instances {
		e.EventGaps += i.gaps()
	}
	return load.JudgeTrust(e)
}

// series returns a line for each second up to the cut, and for those after it of which something was started, with the
// ledger of the whole profile, the warm-up apart: what was cancelled as whole seconds has no line.
func (a *account) series() ([]load.Second, load.Ledger, *load.WarmupResult) {
	lines := []load.Second{}
	var warm, rest load.Ledger
	for s := range a.seconds {
		l := a.ledger(s)
		if s < a.needed() || l.Started > 0 {
			lines = append(lines, a.line(s))
		}
		if s < a.warm {
			warm = warm.Add(l)
		} else {
			rest = rest.Add(l)
		}
	}
	return lines, rest, a.warmup(warm)
}

// taskNames returns the tasks of the plan in its order, then the others.
func (a *account) taskNames(tasks map[string]*task) []string {
	names := make([]string, 0, len(tasks))
	for _, t := range a.run.Plan.Tasks {
		names = append(names, t.Name)
	}
	planned := len(names)
	for name := range tasks {
		if !slices.Contains(names[:planned], name) {
			names = append(names, name)
		}
	}
	slices.Sort(names[planned:])
	return names
}

func (a *account) taskResults() []load.TaskResult {
	out := []load.TaskResult{}
	for _, name := range a.taskNames(a.tasks) {
		t := a.tasks[name]
		r := load.TaskResult{
			Task: name, Iterations: t.iterations, Requests: t.requests, Errors: t.failed,
			ErrorRatePct: percent(t.failed, t.requests), Checks: t.checks,
			Response: load.NewDistribution(t.response), Service: load.NewDistribution(t.service),
		}
		for _, planned := range a.run.Plan.Tasks {
			if planned.Name == name {
				r.Weight = planned.Weight
			}
		}
		out = append(out, r)
	}
	return out
}

// errorResults returns the classes by how often they occurred, the most frequent first.
func (a *account) errorResults() []load.ErrorResult {
	out := []load.ErrorResult{}
	for class, n := range a.errors {
		samples := a.samples.run[class]
		if samples == nil {
			samples = []load.ErrorSample{}
		}
		out = append(out, load.ErrorResult{Class: class, Count: n, Samples: samples})
	}
	slices.SortFunc(out, func(x, y load.ErrorResult) int {
		return cmp.Or(cmp.Compare(y.Count, x.Count), cmp.Compare(x.Class, y.Class))
	})
	room := load.MaxSamples
	for i := range out {
		out[i].Samples = out[i].Samples[:min(len(out[i].Samples), room)]
		room -= len(out[i].Samples)
	}
	return out
}

func (a *account) setupResult() load.SetupResult {
	return load.SetupResult{
		Users: a.setup.started, Failed: a.setup.failed, Requests: a.setup.requests, Errors: maps.Clone(a.setup.errors),
		Response: load.NewDistribution(a.setup.response), Samples: a.samples.ofSetup(),
		Connections: a.setup.links.result(),
	}
}

// generatorResults returns each instance's share by name, and the lag of them all.
func (a *account) generatorResults() ([]load.GeneratorResult, load.Distribution) {
	out, lag := []load.GeneratorResult{}, histogram.New()
	for _, i := range a.instances {
		lag.Merge(i.lag)
		out = append(out, load.GeneratorResult{
			Generator: i.generator, Instance: i.id, Started: i.measured, Requests: i.requests, Errors: i.failed,
			Users: i.mostUsers, CPUPercent: i.cpuPercent, ClockErrorMs: float64(i.clockError.Microseconds()) / 1000,
			LagP99Ms: load.NewDistribution(i.lag).P99Ms, LastSecond: i.lastSecond,
		})
	}
	slices.SortFunc(out, func(x, y load.GeneratorResult) int {
		return cmp.Or(cmp.Compare(x.Generator, y.Generator), cmp.Compare(x.Instance, y.Instance))
	})
	return out, load.NewDistribution(lag)
}

func statusCodes(counts map[int]int64) map[string]int64 {
	out := make(map[string]int64, len(counts))
	for code, n := range counts {
		out[strconv.Itoa(code)] = n
	}
	return out
}

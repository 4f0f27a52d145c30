package aggregator

import (
	"maps"
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// reportDelay is how long after a second its reports are normally in: a flush of 500 ms and the way over the bus.
	reportDelay = 750 * time.Millisecond
	// silence is after how many snapshots without an event an instance of which no decision has told no longer counts as working
	// on the run.
	silence = 30
)

// snapshot shows the run at a bus time. The current rate is that of the last whole second whose reports should be in, the
// target rate and the requests per second are of the same second; all three are 0 before the first and after the last. What
// is counted so far is the warm-up while that is the phase, and then the run without it.
func (a *account) snapshot(now time.Time) load.Live {
	a.ticks++
	elapsed := time.Duration(0)
	if !a.run.T0.IsZero() {
		elapsed = now.Sub(a.run.T0)
	}
	phase := a.phase(elapsed)
	if a.run.State.Final() || a.stoppedEarly() && elapsed >= a.cut {
		phase = a.profile.Phase(a.profile.Length())
	}
	warming := phase == load.PhaseWarmup
	from, to, tasks := a.warm, len(a.seconds), a.tasks
	if warming {
		from, to, tasks = 0, a.warm, a.warmTasks
	}
	requests, failed, response, _ := totals(tasks)
	d := load.NewDistribution(response)
	l := load.Live{
		RunID: a.run.ID, Scenario: a.run.Plan.Scenario, State: a.run.State,
		TimestampSecs: float64(now.UnixMilli()) / 1000, ElapsedSecs: float64(elapsed.Milliseconds()) / 1000,
		TotalSecs: a.profile.Length().Seconds(), Phase: phase,
		RequestsTotal: requests, ErrorsTotal: failed, ErrorRatePct: percent(failed, requests), Planned: a.profile.First(to) - a.profile.First(from),
		Latency: load.LiveLatency{
			P50Ms: d.P50Ms, P95Ms: d.P95Ms, P99Ms: d.P99Ms, MaxMs: d.MaxMs, MinMs: d.MinMs, MeanMs: d.MeanMs,
		},
		Tasks: []load.LiveTask{}, Measures: a.measureResults(a.measured(min(elapsed, a.cut))), Incidents: a.incidents(a.story.recent()),
		Changes: a.run.Changes,
	}
	known := a.known(elapsed)
	l.Seconds = a.news(known)
	l.Thresholds, l.Trust = a.judgeSoFar(known, a.complete(known, elapsed))
	if s := a.reported(elapsed); s >= 0 {
		line := a.line(s)
		l.CurrentRPS, l.TargetRPS, l.RequestsPerS = float64(line.Started), float64(line.TargetRPS), float64(line.Requests)
	}
	for _, name := range a.taskNames(tasks) {
		t := tasks[name]
		d := load.NewDistribution(t.response)
		l.Tasks = append(l.Tasks, load.LiveTask{
			Task: name, Requests: t.requests, Errors: t.failed, P50Ms: d.P50Ms, P99Ms: d.P99Ms, MeanMs: d.MeanMs,
		})
	}
	for _, i := range a.instances {
		if warming {
			l.Started += i.started - i.measured
		} else {
			l.Started += i.measured
		}
		if a.story.at(i.id, a.ticks-i.heard <= silence) {
			l.Generators++
			l.ActiveWorkers += i.users
			l.InFlight += i.inFlight
		}
	}
	if n, known := a.story.present(); known {
		l.Generators = n
	}
	for s, sec := range a.seconds[from:to] {
		if sec != nil && sec.closed {
			l.Ledger = l.Ledger.Add(a.line(from + s).Ledger)
		}
	}
	return l
}

// known returns below which second all reports should be in: seconds that lie wholly after a stop are left out.
func (a *account) known(elapsed time.Duration) int {
	if a.ended {
		return a.needed()
	}
	return min(max(0, int((elapsed-reportDelay)/time.Second)), a.needed())
}

// news returns the newest lines below second known that are new, or have changed, since told was called last.
func (a *account) news(known int) []load.Second {
	for ; a.shown < known; a.shown++ {
		a.fresh[a.shown] = struct{}{}
		if a.profile.Count(a.shown) == 0 { // as in a pause; no report will touch it
			a.changed[a.shown] = struct{}{}
		}
	}
	out := []load.Second{}
	for _, s := range slices.Backward(slices.Sorted(maps.Keys(a.fresh))) {
		if s < known && len(out) < load.RecentSeconds {
			out = append(out, a.line(s))
		}
	}
	slices.Reverse(out)
	return out
}

// told takes note that listeners have the live line.
func (a *account) told(l load.Live) {
	if n := len(l.Seconds); n > 0 {
		maps.DeleteFunc(a.fresh, func(s int, _ struct{}) bool { return s <= l.Seconds[n-1].Second })
	}
}

// slowPatience is how long after its end a second is waited for whose iterations have not all ended, before windows are judged
// without them.
const slowPatience = 5 * time.Second

// complete returns below which of the seconds below known windows can be judged: all that was started in them has ended, or they
// ended long ago.
func (a *account) complete(known int, elapsed time.Duration) int {
	long := max(0, int((elapsed-slowPatience)/time.Second))
	for s := long; s < known; s++ {
		if line := a.line(s); line.TargetRPS > 0 && (!line.Closed || line.Ledger.Unfinished > 0) {
			return s
		}
	}
	return known
}

// judgeSoFar judges the run by what was reported of it, thresholds with windows by the seconds below complete. The rate is that
// of the seconds below known, of which all reports should be in. What is still under way counts as if it succeeded: what fails at
// once must not outweigh what takes longer to succeed, and a breach is one however that ends.
func (a *account) judgeSoFar(known, complete int) ([]load.ThresholdResult, load.Trust) {
	requests, failed, response, service := totals(a.tasks)
	secs := a.measured(min(time.Duration(known)*time.Second, a.cut))
	ended := a.endedShare()
	r := load.Result{
		DurationSecs: secs, RequestsTotal: requests, ErrorsTotal: failed, ErrorRatePct: ended * percent(failed, requests),
		Response: load.NewDistribution(response), Service: load.NewDistribution(service),
		Tasks: a.taskResults(), Measures: a.measureResults(secs),
	}
	for i := range r.Tasks {
		r.Tasks[i].ErrorRatePct *= ended
	}
	for i := range r.Measures {
		r.Measures[i].ErrorRatePct *= ended
	}
	r.Generators, r.Lag = a.generatorResults()
	var started int64
	for s := a.warm; s < known; s++ {
		line := a.line(s)
		started += line.Started - line.Ledger.Repeated
		if line.Closed {
			r.Ledger = r.Ledger.Add(line.Ledger)
		}
	}
	r.Ledger.Unfinished = 0
	if secs > 0 {
		r.RPSActual = float64(started) / secs
	}
	thresholds := []load.ThresholdResult{}
	for _, t := range a.run.Plan.Thresholds {
		thresholds = append(thresholds, r.JudgeOne(&a.run.Plan, t, a.windowValue(complete, false)))
	}
	if r.Ledger.Planned == 0 {
		return thresholds, load.Trust{Level: load.TrustTrusted, Reasons: []string{}}
	}
	return thresholds, a.trust(&r)
}

// endedShare returns which share has ended of the measured iterations that are known to have begun.
func (a *account) endedShare() float64 {
	var started, ended int64
	for _, i := range a.instances {
		started += i.measured
	}
	for _, t := range a.tasks {
		ended += t.iterations
	}
	return share(ended, started)
}

// share is 1 if nothing has begun, and at most that.
func share(ended, started int64) float64 {
	if ended >= started {
		return 1
	}
	return float64(ended) / float64(started)
}

// reported returns the last whole second whose reports should be in, −1 if there is none.
func (a *account) reported(elapsed time.Duration) int {
	ended := elapsed - reportDelay
	if ended < time.Second || ended >= a.profile.Length()+time.Second {
		return -1
	}
	return min(int(ended/time.Second)-1, len(a.seconds)-1)
}

func percent(part, whole int64) float64 {
	if whole == 0 {
		return 0
	}
	return 100 * float64(part) / float64(whole)
}

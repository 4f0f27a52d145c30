package aggregator

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	// reportDelay is how long after a second its reports are normally in: a flush of 500 ms and the way over the bus.
	reportDelay = 750 * time.Millisecond
	// silence is after how many snapshots without an event an instance no longer counts as working on the run. One that
	// has nothing to tell is silent too.
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
	}
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
		if a.ticks-i.heard <= silence && !a.story.gone(i.id) {
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

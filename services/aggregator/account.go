package aggregator

import (
	"fmt"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// account is the book of one run: everything its events and the decisions about it add up to. It has no clock and does no
// I/O. What it would take for the result is independent of the order in which events come.
type account struct {
	run     load.Run
	profile load.Profile
	cut     time.Duration // arrivals due from here on do not count: the length of the profile, or the stop
	due     int64         // arrivals due before the cut
	warm    int           // seconds below this number are warm-up: in the series and the warm-up's numbers, and in no others

	seconds []*second        // by number; nil while nothing is known about one
	open    int              // every second below is closed
	changed map[int]struct{} // lines that the store may not have
	fresh   map[int]struct{} // lines that no live line has told
	shown   int              // every second below has been in a live line

	windows []*windows      // of the thresholds that have some
	byTask  map[string]bool // tasks whose seconds thresholds need to know

	tasks     map[string]*task
	warmTasks map[string]*task // of the warm-up
	measures  map[load.MeasureName]*measure
	status    map[int]int64
	errors    map[string]int64
	bytesIn   int64
	bytesOut  int64
	failed    *histogram.Histogram // response times of the failed requests
	links     connections
	setup     setup
	instances map[string]*instance
	samples   samples

	applied uint64             // sequence of the newest event that was merged
	sealed  bool               // nothing after through is merged any more
	through uint64             // while sealed
	late    map[event]struct{} // events after through
	ended   bool               // the end decision was read
	void    bool               // it names another number than was assumed
	story   story
	ticks   int // snapshots taken, the measure of an instance's silence
}

// event is the identity of an event.
type event struct {
	instance string
	seq      uint64
}

// task adds up one task over the whole run.
type task struct {
	iterations, requests, failed int64
	checks                       map[string]load.CheckCount
	response, service            *histogram.Histogram
}

// setup adds up on_start and on_stop.
type setup struct {
	started, failed, requests int64
	errors                    map[string]int64
	response                  *histogram.Histogram
	links                     connections
}

// newAccount opens the book of a run. It fails if the run's profile is not valid.
func newAccount(run load.Run) (*account, error) {
	profile, err := load.NewProfile(run.Plan.Shape)
	if err != nil {
		return nil, fmt.Errorf("profile of run %s: %w", run.ID, err)
	}
	a := &account{
		profile: profile, warm: min(run.Plan.WarmupSeconds(), profile.Seconds()), seconds: make([]*second, profile.Seconds()), changed: map[int]struct{}{}, fresh: map[int]struct{}{},
		tasks: map[string]*task{}, warmTasks: map[string]*task{}, measures: map[load.MeasureName]*measure{}, status: map[int]int64{}, errors: map[string]int64{},
		failed: histogram.New(), links: newConnections(),
		setup:     setup{errors: map[string]int64{}, response: histogram.New(), links: newConnections()},
		instances: map[string]*instance{}, late: map[event]struct{}{}, byTask: map[string]bool{},
	}
	for _, t := range run.Plan.Tasks {
		taskOf(a.tasks, t.Name)
		taskOf(a.warmTasks, t.Name)
	}
	for _, t := range run.Plan.Thresholds {
		if t.Window > 0 {
			a.windows = append(a.windows, newWindows(t, len(a.seconds)-a.warm))
		}
		if t.Window > 0 || run.Plan.Shape.Mode == load.ModeStep { // steps are judged one by one
			a.byTask[t.Scope] = true
		}
	}
	a.update(run)
	return a, nil
}

// update takes a newer record of the run.
func (a *account) update(run load.Run) {
	from := a.replan(run.Changes)
	a.run = run
	cut := a.profile.Length()
	if run.T0.IsZero() {
		cut = 0
	} else if run.Stopped() {
		cut = min(cut, max(0, run.StoppedAt.Sub(run.T0)))
	}
	if cut != a.cut {
		from = 0
	}
	if from == len(a.seconds) {
		return
	}
	a.cut, a.due = cut, a.profile.DueBefore(cut)
	if cut == a.profile.Length() {
		a.due = a.profile.Total()
	}
	for s, sec := range a.seconds[from:] {
		if sec != nil {
			a.touch(from + s)
		}
	}
	for _, w := range a.windows { // those with seconds of which nothing is known, too
		clear(w.values)
	}
}

// replan takes the changes of the rate that a newer record of the run has, and returns the first second whose arrivals are others
// now; that there is none the number of seconds says. What was said of those seconds already stands: a change has no place in the
// order of the stream.
func (a *account) replan(changes []load.Change) (from int) {
	from = len(a.seconds)
	same := 0
	for same < min(len(changes), len(a.run.Changes)) && changes[same] == a.run.Changes[same] {
		same++
	}
	for _, list := range [][]load.Change{a.run.Changes, changes} {
		if same < len(list) {
			from = min(from, list[same].Second)
		}
	}
	for s, sec := range a.seconds[from:] {
		if sec != nil && sec.whole {
			a.tally(from+s, 0) // spread out while it is known what whole was
		}
	}
	a.profile, a.open = a.profile.With(changes), min(a.open, from)
	return from
}

// stoppedEarly reports whether a stop came while arrivals were still to come. A later one changes nothing.
func (a *account) stoppedEarly() bool { return a.run.Stopped() && a.cut < a.profile.Length() }

// seal fixes the newest event that counts, before the end decision is published or when it is known already.
func (a *account) seal(through uint64) { a.sealed, a.through = true, through }

// apply takes the next entry of the event stream. An error says that an event could not be understood; it is counted as
// missing, and the account is unharmed. Once the end decision was read nothing changes any more.
func (a *account) apply(rec load.Record) error {
	switch {
	case a.ended:
		return nil
	case rec.Decision != nil:
		a.obey(*rec.Decision)
		return nil
	case rec.Event != nil:
		return a.merge(rec.Sequence, rec.Event)
	default:
		return fmt.Errorf("%w: record %d is neither event nor decision", load.ErrInvalid, rec.Sequence)
	}
}

func (a *account) obey(d load.Decision) {
	switch d.Kind {
	case load.DecisionOwn:
		a.story.own(d)
	case load.DecisionFleet:
		a.story.fleet(d)
	case load.DecisionClose:
		if d.Second < 0 || d.Second >= len(a.seconds) {
			return
		}
		if sec := a.second(d.Second); !sec.closed {
			sec.closed, sec.neverIssued = true, d.NeverIssued
			a.story.close(d)
			a.touch(d.Second)
		}
	case load.DecisionEnd:
		// Another owner may have ended the run through another number, and what was merged by then cannot be taken back. A
		// new account must be sealed with this number before it reads the stream again.
		a.void = a.applied > d.Through || a.sealed && a.through != d.Through
		a.ended = true
		a.seal(d.Through)
	}
}

// saw takes note of a token in the token stream. It matters only until its second is closed.
func (a *account) saw(tok load.Token) {
	if tok.Second < 0 || tok.Second >= len(a.seconds) || tok.Slice < 0 || tok.Slice >= a.run.Slices {
		return
	}
	if sec := a.second(tok.Second); !sec.closed {
		a.tally(tok.Second, tok.Slice).seen = true
	}
}

// second returns the book of a second that lies within the profile.
func (a *account) second(s int) *second {
	if a.seconds[s] == nil {
		a.seconds[s] = newSecond()
	}
	return a.seconds[s]
}

// touch says that the line of a second in the series is no longer right.
func (a *account) touch(s int) {
	a.seconds[s].stale = true
	a.changed[s] = struct{}{}
	a.fresh[s] = struct{}{}
	for _, w := range a.windows {
		w.touch(s - a.warm)
	}
}

// taskOf returns the book of a task, which it opens.
func taskOf(tasks map[string]*task, name string) *task {
	t, ok := tasks[name]
	if !ok {
		t = &task{checks: map[string]load.CheckCount{}, response: histogram.New(), service: histogram.New()}
		tasks[name] = t
	}
	return t
}

// add books what was reported of the task.
func (t *task) add(r load.TaskReport, times taskTimes) {
	t.iterations += r.Iterations
	t.requests += r.Requests
	t.failed += r.Failed
	t.response.Merge(times.response)
	t.service.Merge(times.service)
	for name, c := range r.Checks {
		sum := t.checks[name]
		t.checks[name] = load.CheckCount{Passed: sum.Passed + c.Passed, Failed: sum.Failed + c.Failed}
	}
}

// measured returns how many seconds have been measured at a time: the warm-up is over by then, or they are 0.
func (a *account) measured(until time.Duration) float64 {
	return max(0, until-time.Duration(a.warm)*time.Second).Seconds()
}

// phase names what the run does at a time from the start.
func (a *account) phase(t time.Duration) string {
	if a.warm > 0 && t < time.Duration(a.warm)*time.Second {
		return load.PhaseWarmup
	}
	return a.profile.Phase(t)
}

// totals returns the number of requests of some tasks, the failed ones among them, and their times.
func totals(tasks map[string]*task) (requests, failed int64, response, service *histogram.Histogram) {
	response, service = histogram.New(), histogram.New()
	for _, t := range tasks {
		requests += t.requests
		failed += t.failed
		response.Merge(t.response)
		service.Merge(t.service)
	}
	return requests, failed, response, service
}

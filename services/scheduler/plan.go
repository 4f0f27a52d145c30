package scheduler

import (
	"fmt"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// tolerance is how far into a second its tokens are still worth publishing: short enough that the arrivals due by then can
// be called within the least useful max lag.
const tolerance = 100 * time.Millisecond

// timetable says when the tokens of a running run go out. It is a pure function of the run record.
type timetable struct {
	run     load.Run
	profile load.Profile
	lead    time.Duration
}

func newTimetable(run load.Run, lead time.Duration) (timetable, error) {
	profile, err := load.NewRunProfile(&run)
	if err != nil {
		return timetable{}, fmt.Errorf("profile of run %s: %w", run.ID, err)
	}
	return timetable{run: run, profile: profile, lead: lead}, nil
}

// departure is the next second to publish.
type departure struct {
	second   int
	at       time.Time // bus time to publish it
	deadline time.Time // bus time after which it is no longer worth it
	skipped  int       // seconds with arrivals that were given up before it
	over     bool      // nothing is left to publish
}

// next returns the first second from the given one on that is still worth publishing. Seconds without arrivals have no
// tokens and are passed over.
func (t *timetable) next(from int, now time.Time) departure {
	d := departure{second: max(0, from)}
	for ; d.second < t.profile.Seconds(); d.second++ {
		if t.profile.Count(d.second) == 0 {
			continue
		}
		start := t.start(d.second)
		if deadline := start.Add(tolerance); now.Before(deadline) {
			d.at, d.deadline = start.Add(-t.lead), deadline
			return d
		}
		d.skipped++
	}
	d.over = true
	return d
}

// resume returns the second from which a replica that has just arrived goes on: the last one on the bus, which may be
// there in part, unless it is too late for that one.
func (t *timetable) resume(last int, found bool, now time.Time) int {
	switch {
	case !found:
		return 0
	case now.Before(t.start(last).Add(tolerance)):
		return last
	default:
		return last + 1
	}
}

func (t *timetable) start(second int) time.Time {
	return t.run.T0.Add(time.Duration(second) * time.Second)
}

func (t *timetable) tokens(second int) []load.Token {
	return t.profile.Tokens(t.run.ID, second, t.run.Slices, t.run.T0)
}

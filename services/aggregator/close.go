package aggregator

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// How long the account waits for what should have come.
const (
	// issueMargin after a second its tokens are in the token stream, or never will be: schedulers skip a second that has
	// begun.
	issueMargin = time.Second
	// reportMargin is the longest that a report of a live generator takes: two flushes and the way over the bus.
	reportMargin = 2 * time.Second
	// leaveMargin is how long users may take to leave when nothing more is due: on_stop.
	leaveMargin = 5 * time.Second
	// leastAckWait is the shortest time after which the bus hands an unanswered token to another generator.
	leastAckWait = 5 * time.Second
)

// rules are the waiting times that follow from a plan.
type rules struct {
	expiry time.Duration // after the end of a second no more is heard of its tokens
	finish time.Duration // after the last due time no more is heard of its iterations
	leave  time.Duration // after the last due time nobody waits for users that are still there
}

// rulesOf derives the waiting times. A token whose holder died is delivered again when the bus has waited for the holder, and
// accounted for by the new one. An iteration may be called max lag after its due time and then outlive the run by the
// graceful stop.
func rulesOf(p *load.Plan, lead time.Duration) rules {
	ackWait := max(leastAckWait, lead+time.Second+p.MaxLag+2*time.Second)
	return rules{
		expiry: p.MaxLag + ackWait + reportMargin,
		finish: p.MaxLag + p.GracefulStop + reportMargin,
		leave:  p.MaxLag + leaveMargin,
	}
}

// decide returns the decisions that are due at a bus time: seconds that can be closed and, when all are, the end of the run.
// It may only be asked when both streams have been read up to the present. It is a pure function of the account and now.
func (a *account) decide(now time.Time, r rules) []load.Decision {
	if a.ended || a.run.T0.IsZero() {
		return nil
	}
	var out []load.Decision
	elapsed := now.Sub(a.run.T0)
	pending := false
	for s := a.open; s < a.needed(); s++ {
		switch {
		case a.settled(s):
			if s == a.open {
				a.open++
			}
		case a.closable(s, elapsed, r):
			out = append(out, load.Decision{Run: a.run.ID, Kind: load.DecisionClose, Second: s, NeverIssued: a.absent(s)})
			pending = true
		case elapsed < time.Duration(s)*time.Second:
			return out
		default:
			pending = true
		}
	}
	if over := elapsed - a.cut; !pending && over >= 0 && a.quiet(over, r) {
		out = append(out, a.end())
	}
	return out
}

// end is the decision to end the run with what has been merged so far.
func (a *account) end() load.Decision {
	through := a.applied
	if a.sealed {
		through = a.through
	}
	return load.Decision{Run: a.run.ID, Kind: load.DecisionEnd, Through: through}
}

// needed returns below which number the seconds must be closed before the run can end: those with arrivals before the cut.
func (a *account) needed() int {
	return int((a.cut + time.Second - 1) / time.Second)
}

// settled reports whether a second is closed, or empty before the cut.
func (a *account) settled(s int) bool {
	if min(a.profile.First(s+1), a.due) <= a.profile.First(s) {
		return true
	}
	return a.seconds[s] != nil && a.seconds[s].closed
}

// closable reports whether nothing more is to be expected of a second: every arrival is in a token that is final or
// cancelled as a whole, or those tokens that are missing can no longer come, or the time is up.
func (a *account) closable(s int, elapsed time.Duration, r rules) bool {
	over := elapsed - time.Duration(s+1)*time.Second
	if over >= r.expiry {
		return true
	}
	sec := a.seconds[s]
	if sec == nil {
		return over >= issueMargin
	}
	for i := range sec.tallies {
		t := &sec.tallies[i]
		if (t.seen || t.reported) && !t.final && a.cancelled(s, i) < a.arrivals(s, i) {
			return false
		}
	}
	return a.absent(s) == 0 || over >= issueMargin
}

// absent returns how many arrivals of a second are in no token that anybody has seen.
func (a *account) absent(s int) int64 {
	n := a.profile.Count(s)
	if a.seconds[s] == nil {
		return n
	}
	for i, t := range a.seconds[s].tallies {
		if t.seen || t.reported {
			n -= a.arrivals(s, i)
		}
	}
	return n
}

// quiet reports whether nothing more is to be expected so long after the last due time: every iteration that is known to
// have begun was completed and every user has left, or the time is up.
func (a *account) quiet(over time.Duration, r rules) bool {
	for _, i := range a.instances {
		if i.completed < i.started && over < r.finish || i.users > 0 && over < r.leave {
			return false
		}
	}
	return true
}

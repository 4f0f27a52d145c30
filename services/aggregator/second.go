package aggregator

import (
	"maps"
	"slices"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// second is what is known about the arrivals that were due in one second.
type second struct {
	tallies     []tally // by slice; nil if whole, or if nothing is known
	whole       bool    // every token of it was reported final with each arrival started once
	closed      bool
	neverIssued int64 // as its close decision says

	book
	tasks map[string]*book // of those in account.byTask

	stale bool        // line must be made anew
	line  load.Second // its line in the series
}

// tally is what is known about a token.
type tally struct {
	started, dropped int64
	reported         bool // by a generator
	final            bool
	seen             bool // in the token stream
}

func newSecond() *second {
	return &second{book: newBook(), stale: true}
}

// between returns how many k with lo ≤ k < hi lie in slice k ≡ slice (mod slices).
func between(lo, hi int64, slice, slices int) int64 {
	n := int64(slices)
	first := lo + (int64(slice)-lo%n+n)%n
	if first >= hi {
		return 0
	}
	return (hi-first-1)/n + 1
}

// arrivals returns how many arrivals a token holds.
func (a *account) arrivals(s, slice int) int64 {
	return between(a.profile.First(s), a.profile.First(s+1), slice, a.run.Slices)
}

// cancelled returns how many of a token's arrivals are due after the cut.
func (a *account) cancelled(s, slice int) int64 {
	return between(max(a.profile.First(s), a.due), a.profile.First(s+1), slice, a.run.Slices)
}

// tally returns the book of a token. A second that was whole is spread out again.
func (a *account) tally(s, slice int) *tally {
	sec := a.second(s)
	if sec.tallies == nil {
		sec.tallies = make([]tally, a.run.Slices)
		if sec.whole {
			for i := range sec.tallies {
				if n := a.arrivals(s, i); n > 0 {
					sec.tallies[i] = tally{started: n, reported: true, final: true}
				}
			}
			sec.whole = false
		}
	}
	return &sec.tallies[slice]
}

// fold drops the tallies of a closed second if they say no more than that each arrival was started once.
func (a *account) fold(s int) {
	sec := a.seconds[s]
	if sec.tallies == nil {
		return
	}
	for i, t := range sec.tallies {
		if n := a.arrivals(s, i); t.reported != (n > 0) || n > 0 && (!t.final || t.started != n || t.dropped != 0) {
			return
		}
	}
	sec.tallies, sec.whole = nil, true
}

// ledger books a second.
func (a *account) ledger(s int) load.Ledger {
	lo, hi := a.profile.First(s), a.profile.First(s+1)
	sec := a.seconds[s]
	if sec == nil {
		return load.SecondLedger(hi-lo, max(0, hi-max(lo, a.due)), 0, nil)
	}
	var l load.Ledger
	if sec.whole {
		l = load.Ledger{Planned: hi - lo, Started: hi - lo}
	} else {
		var reported []load.TokenTally
		for i, t := range sec.tallies {
			if t.reported {
				reported = append(reported, load.TokenTally{
					Planned: a.arrivals(s, i), Started: t.started, Dropped: t.dropped, Final: t.final,
					AfterStop: a.cancelled(s, i),
				})
			}
		}
		l = load.SecondLedger(hi-lo, max(0, hi-max(lo, a.due)), sec.neverIssued, reported)
	}
	l.Completed = sec.iterations
	l.Unfinished = max(0, l.Started-l.Completed)
	return l
}

// line returns a second's line in the series, made anew only if something has changed.
func (a *account) line(s int) load.Second {
	sec := a.seconds[s]
	if sec != nil && !sec.stale {
		return sec.line
	}
	line := load.Second{
		Second: s, Phase: a.phase(time.Duration(s) * time.Second), TargetRPS: a.profile.Count(s), Ledger: a.ledger(s),
	}
	line.Started = line.Ledger.Started
	if sec == nil {
		return line
	}
	sec.unpack()
	response, service := load.NewDistribution(sec.response), load.NewDistribution(sec.service)
	line.Requests, line.Errors, line.Closed = sec.requests, sec.failed, sec.closed
	line.P50Ms, line.P95Ms, line.P99Ms, line.MaxMs = response.P50Ms, response.P95Ms, response.P99Ms, response.MaxMs
	line.MeanMs = response.MeanMs
	line.ServiceP50Ms, line.ServiceP99Ms = service.P50Ms, service.P99Ms
	sec.line, sec.stale = line, false
	if sec.closed {
		a.fold(s)
		if line.Ledger.Unfinished == 0 {
			sec.packAll()
		}
	}
	return line
}

// takeChanged returns the lines that have changed since it was called last, in order.
func (a *account) takeChanged() []load.Second {
	out := make([]load.Second, 0, len(a.changed))
	for _, s := range slices.Sorted(maps.Keys(a.changed)) {
		out = append(out, a.line(s))
	}
	clear(a.changed)
	return out
}

// touchAll makes the next takeChanged return every line that there is.
func (a *account) touchAll() {
	for s, sec := range a.seconds {
		if sec != nil || s < a.shown && a.profile.Count(s) == 0 {
			a.changed[s] = struct{}{}
		}
	}
}

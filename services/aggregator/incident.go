package aggregator

import (
	"fmt"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// story is what befell a run and who works on it: a function of the decisions about the run in the order of the stream, and
// of nothing else.
type story struct {
	happenings []happening
	gaps       int    // number of the newest happening of kind never_issued, 0 before the first
	mark       uint64 // epoch of the newest owner that has left its mark
	owner      string // its name
	number     int    // of the newest fleet decision, 0 before the first
	members    map[string]member
}

// happening is an incident. One of kind never_issued has no reason yet: the account knows it.
type happening struct {
	load.Incident

	last int // of kind never_issued: the last of the seconds in a row
}

// member is an instance of a generator that works on the run, or did.
type member struct {
	generator string
	present   bool
}

func (s *story) add(i load.Incident) {
	i.Number = len(s.happenings) + 1
	s.happenings = append(s.happenings, happening{Incident: i, last: i.Second})
}

// own takes note of a mark. That of an owner who was late to leave it, and one that is in the stream twice because its owner
// has read the stream several times, say nothing.
func (s *story) own(d load.Decision) {
	if d.Epoch <= s.mark {
		return
	}
	if s.mark > 0 {
		s.add(load.Incident{Second: d.Second, Kind: load.IncidentTakeover, Reason: takeover(s.owner, d.Owner)})
	}
	s.mark, s.owner = d.Epoch, d.Owner
}

func takeover(from, to string) string {
	if from == to {
		return "its aggregator had lost hold of the run, took it over again and read its events again"
	}
	return "another aggregator took the run over and read its events again: " + to
}

// close takes note of a second that was closed for the first time. Seconds in a row without all of their arrivals are one
// incident.
func (s *story) close(d load.Decision) {
	if d.NeverIssued == 0 {
		return
	}
	if s.gaps > 0 && s.happenings[s.gaps-1].last+1 == d.Second {
		s.happenings[s.gaps-1].last = d.Second
		return
	}
	s.add(load.Incident{Second: d.Second, Kind: load.IncidentNeverIssued})
	s.gaps = len(s.happenings)
}

// fleet takes note of who came and went. The first decision of each number stands.
func (s *story) fleet(d load.Decision) {
	if d.Number <= s.number {
		return
	}
	s.number = d.Number
	if s.members == nil {
		s.members = make(map[string]member, len(d.Changes))
	}
	for _, c := range d.Changes {
		s.members[c.Instance] = member{
			generator: c.Generator, present: c.Kind == load.IncidentJoined || c.Kind == load.IncidentReturned,
		}
		if d.Number > 1 {
			s.add(load.Incident{Second: d.Second, Kind: c.Kind, Generator: c.Generator, Instance: c.Instance, Reason: c.Reason})
		}
	}
}

// at reports whether an instance works on the run, by whether it was heard of lately if no decision has told. One that has nothing
// to do, as in a pause, is silent.
func (s *story) at(instance string, heard bool) bool {
	if m, known := s.members[instance]; known {
		return m.present
	}
	return heard
}

// present returns how many generators work on the run; known is false while no decision has told.
func (s *story) present() (n int, known bool) {
	for _, m := range s.members {
		if m.present {
			n++
		}
	}
	return n, s.number > 0
}

// first returns what a result lists.
func (s *story) first() []happening {
	return s.happenings[:min(len(s.happenings), load.MaxIncidents)]
}

// recent returns what a live line lists.
func (s *story) recent() []happening {
	return s.happenings[max(0, len(s.happenings)-load.RecentIncidents):]
}

// lost returns those that tell of a lost generator.
func (s *story) lost() []happening {
	return slices.DeleteFunc(slices.Clone(s.happenings), func(h happening) bool { return h.Kind != load.IncidentLost })
}

// incidents returns happenings as the account has them at present, never nil.
func (a *account) incidents(of []happening) []load.Incident {
	out := make([]load.Incident, len(of))
	for i, h := range of {
		out[i] = h.Incident
		if h.Kind == load.IncidentNeverIssued {
			out[i].Reason = a.neverIssued(h.Second, h.last)
		}
	}
	return out
}

// neverIssued says what became of arrivals that no scheduler had published when their seconds, closed by now, were closed. The
// number is the ledger's: a stop may have cancelled some of them, a change of the rate of which the owner had not heard may have
// done away with them, and tokens that were published later may have been reported.
func (a *account) neverIssued(first, last int) string {
	seconds := fmt.Sprintf("second %d", first)
	if last > first {
		seconds = fmt.Sprintf("seconds %d–%d", first, last)
	}
	var sum load.Ledger
	for s := first; s <= last; s++ {
		sum = sum.Add(a.line(s).Ledger)
	}
	switch {
	case sum.NeverIssued > 1:
		return fmt.Sprintf("%d arrivals of %s were never issued", sum.NeverIssued, seconds)
	case sum.NeverIssued == 1:
		return fmt.Sprintf("1 arrival of %s was never issued", seconds)
	}
	reason := fmt.Sprintf("arrivals of %s were issued too late", seconds)
	if sum.Cancelled > 0 {
		reason += ", or were due after the stop"
	}
	if len(a.run.Changes) > 0 {
		reason += ", or were planned no more"
	}
	return reason
}

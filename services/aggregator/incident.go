package aggregator

import (
	"fmt"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
)

// story is what befell a run and who works on it: a function of the decisions about the run in the order of the stream, and
// of nothing else.
type story struct {
	incidents []load.Incident
	mark      uint64 // epoch of the newest owner that has left its mark
	owner     string // its name
	number    int    // of the newest fleet decision, 0 before the first
	members   map[string]member
	gap       gap
}

// member is an instance of a generator that works on the run, or did.
type member struct {
	generator string
	present   bool
}

// gap is the newest incident of arrivals that were never issued.
type gap struct {
	index       int // in the incidents
	first, last int // seconds
	arrivals    int64
}

func (s *story) add(i load.Incident) {
	i.Number = len(s.incidents) + 1
	s.incidents = append(s.incidents, i)
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
	switch to {
	case "":
		return "another aggregator took the run over and read its events again"
	case from:
		return "its aggregator had lost hold of the run, took it over again and read its events again"
	default:
		return "another aggregator took the run over and read its events again: " + to
	}
}

// close takes note of a second that was closed for the first time. Seconds in a row without all of their arrivals are one
// incident.
func (s *story) close(d load.Decision) {
	if d.NeverIssued == 0 {
		return
	}
	if g := &s.gap; g.arrivals > 0 && d.Second == g.last+1 {
		g.last = d.Second
		g.arrivals += d.NeverIssued
	} else {
		s.gap = gap{index: len(s.incidents), first: d.Second, last: d.Second, arrivals: d.NeverIssued}
		s.add(load.Incident{Second: d.Second, Kind: load.IncidentNeverIssued})
	}
	s.incidents[s.gap.index].Reason = s.gap.String()
}

func (g gap) String() string {
	seconds := fmt.Sprintf("second %d", g.first)
	if g.last > g.first {
		seconds = fmt.Sprintf("seconds %d–%d", g.first, g.last)
	}
	if g.arrivals == 1 {
		return fmt.Sprintf("1 arrival of %s was never issued", seconds)
	}
	return fmt.Sprintf("%d arrivals of %s were never issued", g.arrivals, seconds)
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

// gone reports whether an instance is known to work on the run no more.
func (s *story) gone(instance string) bool {
	m, known := s.members[instance]
	return known && !m.present
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

// first returns what a result lists of the incidents, never nil.
func (s *story) first() []load.Incident {
	return append([]load.Incident{}, s.incidents[:min(len(s.incidents), load.MaxIncidents)]...)
}

// recent returns what a live line lists of them, never nil.
func (s *story) recent() []load.Incident {
	return append([]load.Incident{}, s.incidents[max(0, len(s.incidents)-load.RecentIncidents):]...)
}

// lost returns those that tell of a lost generator.
func (s *story) lost() []load.Incident {
	return slices.DeleteFunc(slices.Clone(s.incidents), func(i load.Incident) bool { return i.Kind != load.IncidentLost })
}

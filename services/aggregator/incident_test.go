package aggregator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

func joined(name, instance string) load.FleetChange {
	return load.FleetChange{Kind: load.IncidentJoined, Generator: name, Instance: instance, Reason: "users ready: 2"}
}

func TestIncidentsFollowTheStream(t *testing.T) {
	t.Parallel()
	own := func(epoch uint64, owner string, second int) load.Decision {
		return load.Decision{Kind: load.DecisionOwn, Epoch: epoch, Owner: owner, Second: second}
	}
	closed := func(second int, never int64) load.Decision {
		return load.Decision{Kind: load.DecisionClose, Second: second, NeverIssued: never}
	}
	fleet := func(number, second int, changes ...load.FleetChange) load.Decision {
		return load.Decision{Kind: load.DecisionFleet, Number: number, Second: second, Changes: changes}
	}
	lostB := load.FleetChange{Kind: load.IncidentLost, Generator: "g2", Instance: "b", Reason: "no sign of life for 3 s"}
	for name, tt := range map[string]struct {
		decisions []load.Decision
		want      []string // kind, second, generator, reason
	}{
		"nothing": {[]load.Decision{own(1, "x", 0), closed(0, 0), closed(1, 0)}, nil},
		"the first fleet is none": {
			[]load.Decision{own(1, "x", 0), fleet(1, 0, joined("g1", "a"), joined("g2", "b")), fleet(2, 4, lostB)},
			[]string{"lost 4 g2 no sign of life for 3 s"},
		},
		"the first of a number stands": {
			[]load.Decision{fleet(1, 0, joined("g1", "a")), fleet(2, 3, joined("g3", "c")), fleet(2, 3, lostB), fleet(1, 9, lostB)},
			[]string{"joined 3 g3 users ready: 2"},
		},
		"takeovers": {
			[]load.Decision{own(1, "x", 0), own(5, "y", 3), own(9, "y", 6), own(12, "", 8)},
			[]string{
				"takeover 3  another aggregator took the run over and read its events again: y",
				"takeover 6  its aggregator had lost hold of the run, took it over again and read its events again",
				"takeover 8  another aggregator took the run over and read its events again",
			},
		},
		"a mark left twice, and one that came too late": {
			[]load.Decision{own(1, "x", 0), own(1, "x", 2), own(9, "y", 6), own(5, "z", 7), own(9, "y", 8)},
			[]string{"takeover 6  another aggregator took the run over and read its events again: y"},
		},
		"seconds in a row": {
			[]load.Decision{closed(1, 30), closed(2, 30), own(1, "x", 4), closed(3, 30), closed(5, 1), closed(4, 0), closed(5, 9)},
			[]string{"never_issued 1  90 arrivals of seconds 1–3 were never issued", "never_issued 5  1 arrival of second 5 was never issued"},
		},
		"nothing after the end": {
			[]load.Decision{own(1, "x", 0), fleet(1, 0, joined("g2", "b")), {Kind: load.DecisionEnd}, own(5, "y", 3), fleet(2, 4, lostB), closed(3, 7)},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var l log
			for _, d := range tt.decisions {
				l.decide(d)
			}
			a := mustAccount(t, runningRun(70, 10))
			feed(t, a, l.records...)
			var got []string
			for i, inc := range a.result(load.StateDone).Incidents {
				got = append(got, fmt.Sprintf("%s %d %s %s", inc.Kind, inc.Second, inc.Generator, inc.Reason))
				if inc.Number != i+1 {
					t.Errorf("incident %d has number %d", i+1, inc.Number)
				}
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("incidents (-want +got):\n%s", d)
			}
			again := mustAccount(t, runningRun(70, 10))
			feed(t, again, l.records...)
			if x, y := mustJSON(t, a.result(load.StateDone)), mustJSON(t, again.result(load.StateDone)); !bytes.Equal(x, y) {
				t.Errorf("a replay gives other bytes:\n%s\n%s", x, y)
			}
		})
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	body, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// A result lists the first incidents, a live line the last.
func TestIncidentsAreLimited(t *testing.T) {
	t.Parallel()
	a := mustAccount(t, runningRun(70, 10))
	results, lines := mustSchema(t, "results.schema.json"), mustSchema(t, "live.schema.json")
	feed(t, a, load.Record{Decision: &load.Decision{Kind: load.DecisionFleet, Number: 1, Changes: []load.FleetChange{joined("g", "a")}}})
	for i := range load.MaxIncidents + 1 {
		kind := []load.IncidentKind{load.IncidentLost, load.IncidentReturned}[i%2]
		feed(t, a, load.Record{Decision: &load.Decision{
			Kind: load.DecisionFleet, Number: i + 2, Second: i, Changes: []load.FleetChange{{Kind: kind, Generator: "g", Instance: "a"}},
		}})
	}
	r, l := a.result(load.StateDone), a.snapshot(at(2.75))
	if n := len(r.Incidents); n != load.MaxIncidents || r.Incidents[0].Number != 1 {
		t.Errorf("%d incidents, the first is %+v", n, r.Incidents[0])
	}
	if n := len(l.Incidents); n != load.RecentIncidents || l.Incidents[n-1].Number != load.MaxIncidents+1 {
		t.Errorf("%d incidents, the last is %+v", n, l.Incidents[n-1])
	}
	validate(t, results, r)
	validate(t, lines, l)
}

// A live line counts the generators that the decisions know, and no users of those that are gone.
func TestLiveLineKnowsTheFleet(t *testing.T) {
	t.Parallel()
	a := mustAccount(t, runningRun(70, 10))
	var l log
	l.event("a", load.Event{Users: 2, InFlight: 1})
	l.event("b", load.Event{Users: 3, InFlight: 1})
	feed(t, a, l.records...)
	check := func(generators, users int) {
		t.Helper()
		if s := a.snapshot(at(3)); s.Generators != generators || s.ActiveWorkers != users {
			t.Errorf("%d generators, %d users; want %d, %d", s.Generators, s.ActiveWorkers, generators, users)
		}
	}
	check(2, 5)
	tell := func(number int, changes ...load.FleetChange) {
		t.Helper()
		feed(t, a, load.Record{Decision: &load.Decision{Kind: load.DecisionFleet, Number: number, Changes: changes}})
	}
	tell(1, joined("gen-a", "a"), joined("gen-b", "b"), joined("gen-c", "c"))
	check(3, 5)
	tell(2, load.FleetChange{Kind: load.IncidentLost, Generator: "gen-b", Instance: "b"})
	check(2, 2)
	tell(3, load.FleetChange{Kind: load.IncidentLeft, Generator: "gen-c", Instance: "c"},
		load.FleetChange{Kind: load.IncidentReturned, Generator: "gen-b", Instance: "b"})
	check(2, 5)
}

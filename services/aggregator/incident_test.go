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
			[]load.Decision{own(1, "x", 0), own(5, "y", 3), own(9, "y", 6)},
			[]string{
				"takeover 3  another aggregator took the run over and read its events again: y",
				"takeover 6  its aggregator had lost hold of the run, took it over again and read its events again",
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

// How many arrivals were never issued is what the ledger says, also of what came to light after the second was closed. 10 in
// each of the 7 tokens of a second.
func TestNeverIssuedIsWhatTheLedgerSays(t *testing.T) {
	t.Parallel()
	late := func(run load.Run, second, tokens int) (reports []load.TokenReport) {
		for _, tok := range tokensOf(t, run, second)[:tokens] {
			reports = append(reports, report(tok, 0, tok.Count))
		}
		return reports
	}
	for _, tt := range []struct {
		name   string
		stop   float64 // seconds after second 0; 0: none
		late   [2]int  // tokens of seconds 3 and 4 that a generator had after these were closed, and dropped
		never  int64
		reason string
	}{
		{"none came", 0, [2]int{}, 140, "140 arrivals of seconds 3–4 were never issued"},
		{"all but one token came too late", 0, [2]int{7, 6}, 10, "10 arrivals of seconds 3–4 were never issued"},
		{"all came too late", 0, [2]int{7, 7}, 0, "arrivals of seconds 3–4 were issued too late"},
		{"stopped half way through second 4", 4.5, [2]int{}, 105, "105 arrivals of seconds 3–4 were never issued"},
		{"the word of a stop before second 3 came late", 2.5, [2]int{}, 0, "arrivals of seconds 3–4 were issued too late, or were due after the stop"},
		{"both", 4, [2]int{7, 0}, 0, "arrivals of seconds 3–4 were issued too late, or were due after the stop"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			run := runningRun(70, 10)
			if tt.stop > 0 {
				run.State, run.StoppedAt = load.StateStopping, at(tt.stop)
			}
			var l log
			for second := range 3 {
				l.decide(load.Decision{Kind: load.DecisionClose, Second: second})
			}
			for second := 3; second < 5; second++ {
				l.decide(load.Decision{Kind: load.DecisionClose, Second: second, NeverIssued: 70})
			}
			l.event("a", load.Event{Tokens: append(late(run, 3, tt.late[0]), late(run, 4, tt.late[1])...)})
			a := mustAccount(t, run)
			feed(t, a, l.records...)
			live, r := a.snapshot(at(9)).Incidents, a.result(load.StateDone)
			want := []load.Incident{{Number: 1, Second: 3, Kind: load.IncidentNeverIssued, Reason: tt.reason}}
			if d := cmp.Diff(want, r.Incidents); d != "" {
				t.Errorf("incidents of the result (-want +got):\n%s", d)
			}
			if d := cmp.Diff(want, live); d != "" {
				t.Errorf("incidents of the live line (-want +got):\n%s", d)
			}
			never := r.Ledger.NeverIssued
			if tt.stop == 0 { // seconds 5 to 9 were not closed, and nobody says why they are missing
				never = r.Series[3].Ledger.NeverIssued + r.Series[4].Ledger.NeverIssued
			}
			if never != tt.never {
				t.Errorf("the ledger says %d were never issued, want %d", never, tt.never)
			}
		})
	}
}

// The owner of the run had not heard of a pause when it closed two seconds of it.
func TestNothingIsMissingInAPause(t *testing.T) {
	t.Parallel()
	run := runningRun(70, 5)
	run.Changes = []load.Change{{Second: 3, Kind: load.ChangePause}}
	a := mustAccount(t, run)
	for second := 3; second < 5; second++ {
		a.obey(load.Decision{Kind: load.DecisionClose, Second: second, NeverIssued: 70})
	}
	r := a.result(load.StateDone)
	want := []load.Incident{{
		Number: 1, Second: 3, Kind: load.IncidentNeverIssued,
		Reason: "arrivals of seconds 3–4 were issued too late, or were planned no more",
	}}
	if d := cmp.Diff(want, r.Incidents); d != "" {
		t.Errorf("incidents (-want +got):\n%s", d)
	}
	if r.Ledger.Planned != 210 || r.Ledger.NeverIssued != 0 {
		t.Errorf("ledger %+v, want 210 planned and none never issued", r.Ledger)
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

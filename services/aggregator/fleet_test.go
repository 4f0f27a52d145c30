package aggregator

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/loadpilot/loadpilot/shared/load"
)

func draining(g load.GeneratorStatus) load.GeneratorStatus {
	g.Draining = true
	return g
}

// A look a second, of which each compares the fleet with what was told so far; nil is a look that fails.
func TestFleetChanges(t *testing.T) {
	t.Parallel()
	type looks [][]load.GeneratorStatus
	a, b, b2, c := alive("g1", "a"), alive("g2", "b"), alive("g2", "b2"), alive("g3", "c")
	foreign, unready, broken, unnamed := c, c, c, c
	foreign.Pool = "q"
	unready.Prepared = nil
	broken.Prepared = map[string]load.Prepared{"r": {Error: "login refused"}}
	unnamed.Instance = ""
	all := []load.GeneratorStatus{a, b}
	one := []load.GeneratorStatus{a}
	none := []load.GeneratorStatus{}
	steady := looks{all, all, all, all} // from look 3 on an absence can be believed
	for name, tt := range map[string]struct {
		looks looks
		users int // of instance b in its newest event
		want  []string
	}{
		"all is well":          {steady, 2, nil},
		"nobody yet":           {looks{none, none, none, all}, 2, nil},
		"missed once":          {append(slices.Clone(steady), one, all, one, all), 2, nil},
		"lost":                 {append(slices.Clone(steady), one, one, one), 2, []string{"5 lost g2/b: no sign of life for 3 s"}},
		"all lost":             {append(slices.Clone(steady), none, none), 2, []string{"5 lost g1/a: no sign of life for 3 s", "5 lost g2/b: no sign of life for 3 s"}},
		"lost soon after":      {looks{all, one, one, one}, 2, []string{"3 lost g2/b: no sign of life for 3 s"}},
		"lost and back, twice": {append(slices.Clone(steady), one, one, all, one, one, all), 2, []string{"5 lost g2/b: no sign of life for 3 s", "6 returned g2/b: seen again", "8 lost g2/b: no sign of life for 3 s", "9 returned g2/b: seen again"}},
		"restarted": {
			append(slices.Clone(steady), []load.GeneratorStatus{a, b2}, []load.GeneratorStatus{a, b2}), 2,
			[]string{"4 joined g2/b2: users ready: 2", "5 lost g2/b: another process runs under its name"},
		},
		"drains":                             {append(slices.Clone(steady), []load.GeneratorStatus{a, draining(b)}, one, one), 2, []string{"4 left g2/b: it drains: it was told to leave"}},
		"drained between looks":              {append(slices.Clone(steady), one, one, one), 0, []string{"5 left g2/b: drained"}},
		"joined":                             {append(slices.Clone(steady), []load.GeneratorStatus{a, b, c}), 2, []string{"4 joined g3/c: users ready: 2"}},
		"joined, not for this run":           {append(slices.Clone(steady), append(all, foreign), append(all, unready), append(all, broken), append(all, unnamed), append(all, draining(c))), 2, nil},
		"an outage, all forgotten for 2 s":   {append(slices.Clone(steady), nil, nil, none, none, one, all), 2, nil},
		"an outage, one never comes back":    {append(slices.Clone(steady), nil, nil, none, one, one, one), 2, []string{"9 lost g2/b: no sign of life for 3 s"}},
		"short outages, one after the other": {append(slices.Clone(steady), one, nil, one, nil, one, nil, one, one), 2, nil},
		"lost, then seen while it drains":    {append(slices.Clone(steady), one, one, []load.GeneratorStatus{a, draining(b)}), 2, []string{"5 lost g2/b: no sign of life for 3 s"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			acc := mustAccount(t, runningRun(70, 10))
			var l log
			l.event("b", load.Event{Users: tt.users})
			feed(t, acc, l.records...)
			absent := map[string]int{}
			var got []string
			var since time.Time
			for i, fleet := range tt.looks {
				now := at(float64(i))
				if fleet == nil {
					since = time.Time{}
					continue
				}
				if since.IsZero() {
					since = now
				}
				changes := acc.fleetChanges(&roll{at: now, since: since, generators: fleet}, absent, 3*time.Second)
				if len(changes) == 0 {
					continue
				}
				feed(t, acc, load.Record{Decision: &load.Decision{
					Run: "r", Kind: load.DecisionFleet, Number: acc.story.number + 1, Second: i, Changes: changes,
				}})
			}
			for _, i := range acc.incidents(acc.story.happenings) {
				got = append(got, fmt.Sprintf("%d %s %s/%s: %s", i.Second, i.Kind, i.Generator, i.Instance, i.Reason))
			}
			if d := cmp.Diff(tt.want, got); d != "" {
				t.Errorf("incidents (-want +got):\n%s", d)
			}
		})
	}
}

// incidents are those of the result on the bus, without their reasons.
func incidents(t *testing.T, b *bus) []string {
	t.Helper()
	var out []string
	for _, i := range resultOf(t, b).Incidents {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%d %s %s", i.Second, i.Kind, i.Generator)))
	}
	return out
}

// fleetDecisions are the numbers of those on the bus.
func fleetDecisions(b *bus) []int {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []int
	for _, r := range b.records {
		if r.Decision != nil && r.Decision.Kind == load.DecisionFleet {
			out = append(out, r.Decision.Number)
		}
	}
	return out
}

// after does something to the bus a time from now.
func after(b *bus, d time.Duration, do func()) (stop func() bool) {
	return time.AfterFunc(d, func() { b.with(do) }).Stop
}

// lines is a log that tests read.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) count(part string) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return strings.Count(l.text.String(), part)
}

// Two generators; one goes silent 6.3 s from the begin, in second 4 of the run. Whoever owns the run when, the incidents are told
// once, and a fresh reader finds the same bytes.
func TestFleetIsTold(t *testing.T) {
	t.Parallel()
	lost := []string{"6 lost g2"}
	for _, tt := range []struct {
		name      string
		do        func(t *testing.T, b *bus, first func()) // at the begin
		decisions []int
		want      []string
	}{
		{"one owner", func(*testing.T, *bus, func()) {}, []int{1, 2}, lost},
		{"a successor before the loss", func(t *testing.T, b *bus, first func()) {
			t.Cleanup(replica(t, deps(b), "second"))
			time.AfterFunc(3500*time.Millisecond, first)
		}, []int{1, 2}, []string{"2 takeover", "6 lost g2"}},
		{"a successor after the loss", func(t *testing.T, b *bus, first func()) {
			t.Cleanup(replica(t, deps(b), "second"))
			time.AfterFunc(9500*time.Millisecond, first)
		}, []int{1, 2}, []string{"6 lost g2", "8 takeover"}},
		{"a zombie was first with the same number", func(_ *testing.T, b *bus, _ func()) {
			after(b, 5300*time.Millisecond, func() {
				d := load.Decision{
					Run: "r", Kind: load.DecisionFleet, Number: 2, Second: 3,
					Changes: []load.FleetChange{joined("g3", "c")},
				}
				b.decided[d.ID()] = true
				b.records = append(b.records, load.Record{Sequence: uint64(len(b.records)) + 1, Decision: &d})
				b.fleet = append(b.fleet, alive("g3", "c"))
			})
		}, []int{1, 2, 3}, []string{"3 joined g3", "6 lost g2"}},
		{"the fleet cannot be seen for a while", func(_ *testing.T, b *bus, _ func()) {
			after(b, 4300*time.Millisecond, func() { b.blind = true })
			after(b, 9300*time.Millisecond, func() { b.blind = false })
		}, []int{1, 2}, []string{"11 lost g2"}},
		{"the stream does not take it for a while", func(_ *testing.T, b *bus, _ func()) {
			after(b, 4300*time.Millisecond, func() { b.refuse = "fleet" })
			after(b, 9600*time.Millisecond, func() { b.refuse = "" })
		}, []int{1, 2}, []string{"8 lost g2"}},
		{"the stream never takes it", func(_ *testing.T, b *bus, _ func()) {
			b.refuse = "fleet"
		}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBus()
				b.fleet = []load.GeneratorStatus{alive("g1", "a"), alive("g2", "b")}
				run := begin(b, 12)
				var out lines
				d := deps(b)
				d.Logger = slog.New(slog.NewTextHandler(&out, nil))
				first := replica(t, d, "first")
				defer first()
				pass(time.Millisecond)
				tt.do(t, b, first)
				after(b, 6300*time.Millisecond, func() {
					b.fleet = slices.DeleteFunc(slices.Clone(b.fleet), func(g load.GeneratorStatus) bool { return g.Instance == "b" })
				})
				fleet(t, b, run, 2)
				pass(300 * time.Millisecond)
				wantWhole(t, b, 12) // nothing has waited
				if d := cmp.Diff(tt.want, incidents(t, b)); d != "" {
					t.Errorf("incidents (-want +got):\n%s", d)
				}
				if d := cmp.Diff(tt.decisions, fleetDecisions(b)); d != "" {
					t.Errorf("fleet decisions (-want +got):\n%s", d)
				}
				fresh := mustAccount(t, b.get("r"))
				feed(t, fresh, b.records...)
				if again := mustJSON(t, fresh.result(load.StateDone)); !bytes.Equal(again, b.results["r"]) {
					t.Errorf("a fresh account comes to another result:\n%s\n%s", b.results["r"], again)
				}
				if tt.name == "one owner" && (out.count("level=WARN msg=incident run=r kind=lost second=6") != 1 || out.count("msg=incident") != 1) {
					t.Errorf("log:\n%s", out.text.String())
				}
			})
		})
	}
}

// However many runs a process owns, it looks once a second, and not at all when it owns none.
func TestOneLookASecond(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBus()
		l := &lookout{fleet: fleetList{b}, log: slog.New(slog.DiscardHandler)}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			l.keep(ctx)
		}()
		pass(3500 * time.Millisecond)
		if b.looks != 0 || l.roll.Load() != nil {
			t.Errorf("%d looks without a run", b.looks)
		}
		l.owned.Add(2)
		pass(3 * time.Second)
		r := l.roll.Load()
		if b.looks != 3 || r == nil || r.at.Sub(r.since) != 2*time.Second {
			t.Errorf("%d looks in 3 s, roll %+v", b.looks, r)
		}
		b.with(func() { b.blind = true })
		pass(2 * time.Second)
		if l.roll.Load() != nil {
			t.Error("the roll of a fleet that cannot be seen is kept")
		}
		b.with(func() { b.blind = false })
		pass(2 * time.Second)
		if r := l.roll.Load(); r == nil || r.at.Sub(r.since) != time.Second {
			t.Errorf("roll after an outage: %+v", r)
		}
		l.owned.Add(-2)
		pass(5 * time.Second)
		if b.looks != 7 || l.roll.Load() != nil {
			t.Errorf("%d looks, want 7 and no more without a run", b.looks)
		}
		cancel()
		<-done
	})
}

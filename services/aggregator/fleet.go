package aggregator

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Times of the watch over the fleet.
const (
	lookEvery   = time.Second
	lookTimeout = time.Second
	tellTimeout = decideTimeout / 2
	// absentLooks is in how many looks in a row a generator is missed before it counts as gone.
	absentLooks = 2
)

// roll is the fleet at one look.
type roll struct {
	at         time.Time
	since      time.Time // every look from then on has succeeded
	generators []load.GeneratorStatus
}

// lookout looks at the fleet once a second, for all runs that this process owns and only while there is one.
type lookout struct {
	fleet Fleet
	log   *slog.Logger
	owned atomic.Int64         // runs
	roll  atomic.Pointer[roll] // the newest; nil while the fleet cannot be seen
	blind bool
}

// keep looks until ctx ends.
func (l *lookout) keep(ctx context.Context) {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			l.look(ctx)
		case <-ctx.Done():
			return
		}
	}
}

func (l *lookout) look(ctx context.Context) {
	if l.owned.Load() == 0 {
		l.roll.Store(nil)
		return
	}
	bounded, cancel := context.WithTimeout(ctx, lookTimeout)
	defer cancel()
	generators, err := l.fleet.List(bounded)
	if err != nil {
		if !l.blind && ctx.Err() == nil {
			l.log.Warn("the fleet cannot be seen, trying on", "error", err)
		}
		l.blind = true
		l.roll.Store(nil)
		return
	}
	l.blind = false
	next := &roll{at: time.Now(), generators: generators}
	next.since = next.at
	if last := l.roll.Load(); last != nil {
		next.since = last.since
	}
	l.roll.Store(next)
}

// tellFleet publishes who came and went since the newest fleet decision that was read. It is tried once after each look: this
// only informs, and nothing that decides about the run waits for it long.
func (o *owner) tellFleet(ctx context.Context) {
	r := o.lookout.roll.Load()
	if r == nil || r == o.seen || o.acc.sealed || o.run.T0.IsZero() {
		return
	}
	o.seen = r
	changes := o.acc.fleetChanges(r, o.absent, o.cfg.Expiry)
	if len(changes) == 0 {
		return
	}
	d := load.Decision{
		Run: o.run.ID, Kind: load.DecisionFleet, Number: o.acc.story.number + 1, Second: o.second(),
		Changes: changes[:min(len(changes), load.MaxFleetChanges)],
	}
	if o.asked[d.ID()] {
		return
	}
	o.asked[d.ID()] = o.attempt(ctx, "publish fleet decision", tellTimeout, func(ctx context.Context) error {
		return o.deps.Events.Decide(ctx, d)
	}) == nil
}

// second is that of the run at present, within what a decision can say.
func (o *owner) second() int {
	if o.run.T0.IsZero() {
		return 0
	}
	return int(min(max(0, o.deps.Clock.Now().Sub(o.run.T0)), load.MaxDuration) / time.Second)
}

// fleetChanges returns how the fleet of the run differs from what its decisions have told, by name. A generator belongs to the
// run if it is in its pool and prepared for it. absent counts for each instance the looks in a row in which it was missed. expiry is
// how long the bus remembers a generator that is silent: after an outage of the bus it has forgotten all of them, and each gets
// as long to show up again.
func (a *account) fleetChanges(r *roll, absent map[string]int, expiry time.Duration) []load.FleetChange {
	var changes []load.FleetChange
	add := func(kind load.IncidentKind, generator, instance, reason string) {
		changes = append(changes, load.FleetChange{Kind: kind, Generator: generator, Instance: instance, Reason: reason})
	}
	listed, names := map[string]bool{}, map[string]bool{}
	for _, g := range r.generators {
		listed[g.Instance], names[g.Generator] = true, true
		delete(absent, g.Instance)
		m, known := a.story.members[g.Instance]
		prepared, ready := g.Prepared[a.run.ID]
		switch {
		case g.Draining && m.present:
			add(load.IncidentLeft, g.Generator, g.Instance, "it drains: it was told to leave")
		case g.Draining || m.present || g.Instance == "" || g.Pool != a.run.Pool || !ready || prepared.Error != "":
		case known:
			add(load.IncidentReturned, g.Generator, g.Instance, "seen again")
		default:
			add(load.IncidentJoined, g.Generator, g.Instance, fmt.Sprintf("users ready: %d", prepared.Users))
		}
	}
	for instance, m := range a.story.members {
		if !m.present || listed[instance] {
			continue
		}
		absent[instance]++
		if absent[instance] < absentLooks || r.at.Sub(r.since) < expiry {
			continue
		}
		switch i := a.instances[instance]; {
		case i != nil && i.users == 0: // it may have drained between two looks
			add(load.IncidentLeft, m.generator, instance, "drained")
		case names[m.generator]:
			add(load.IncidentLost, m.generator, instance, "another process runs under its name")
		default:
			add(load.IncidentLost, m.generator, instance, fmt.Sprintf("no sign of life for %g s", expiry.Seconds()))
		}
	}
	slices.SortFunc(changes, func(x, y load.FleetChange) int {
		return cmp.Or(cmp.Compare(x.Generator, y.Generator), cmp.Compare(x.Instance, y.Instance))
	})
	return changes
}

// tell logs what has befallen the run since it was told last. What an owner reads of the time before it took the run over was
// its predecessor's to tell, except that it took over.
func (o *owner) tell(rec load.Record) {
	news := o.acc.story.happenings[min(o.told, len(o.acc.story.happenings)):]
	o.told += len(news)
	d := rec.Decision
	if o.ready.IsZero() && (d == nil || d.Kind != load.DecisionOwn || d.Epoch != o.mark) {
		return
	}
	for _, i := range o.acc.incidents(news) {
		level := slog.LevelInfo
		attrs := []slog.Attr{slog.String("kind", string(i.Kind)), slog.Int("second", i.Second), slog.String("reason", i.Reason)}
		if i.Generator != "" {
			attrs = append(attrs, slog.String("generator", i.Generator), slog.String("instance", i.Instance))
		}
		if i.Kind == load.IncidentLost || i.Kind == load.IncidentNeverIssued {
			level = slog.LevelWarn
		}
		o.log.LogAttrs(context.Background(), level, "incident", attrs...)
	}
}

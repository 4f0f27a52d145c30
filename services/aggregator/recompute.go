package aggregator

import (
	"fmt"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Audit is what a run's history says, whoever owned the run while it lasted.
type Audit struct {
	Result []byte // the JSON that an owner publishes
	Events int64  // latency events that count
	Late   Late
}

// Late adds up the events that came after the last one that counts. They are in no number of the result.
type Late struct {
	Events   int64
	Started  int64 // iterations that they report as started
	Requests int64
}

// Recompute makes the result of a run that has ended from its record and its history as every owner does. history hands out
// the same events and decisions, in stream order, each time it is called; it is called twice.
//
// It fails with load.ErrNotFound if the history lacks the decision that ended the run, or the last event that counts: events
// that are not stored any more say nothing about the result.
func Recompute(run load.Run, history func(each func(load.Record) error) error) (Audit, error) {
	through, err := endOf(history)
	if err != nil {
		return Audit{}, fmt.Errorf("run %s: %w", run.ID, err)
	}
	acc, err := newAccount(run)
	if err != nil {
		return Audit{}, err
	}
	acc.seal(through)
	var audit Audit
	late := map[event]struct{}{}
	err = history(func(rec load.Record) error {
		_ = acc.apply(rec) // an event that is not understood is in the result, as one that is missing
		if e := rec.Event; e != nil && rec.Sequence > through && !acc.has(e) {
			if _, known := late[event{e.Instance, e.Seq}]; !known {
				late[event{e.Instance, e.Seq}] = struct{}{}
				audit.Late.add(e)
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return Audit{}, fmt.Errorf("run %s: %w", run.ID, err)
	case !acc.ended:
		return Audit{}, fmt.Errorf("run %s: %w", run.ID, errNoEnd)
	case acc.applied != through:
		return Audit{}, fmt.Errorf("run %s: %w: event %d, the last that counts", run.ID, load.ErrNotFound, through)
	}
	for _, i := range acc.instances {
		audit.Events += i.count()
	}
	_, audit.Result, err = acc.final(run.State)
	return audit, err
}

// errNoEnd says that nothing tells which events count.
var errNoEnd = fmt.Errorf("%w: the decision that ended it", load.ErrNotFound)

// endOf returns the last sequence that counts: the first decision to end the run stands.
func endOf(history func(each func(load.Record) error) error) (through uint64, err error) {
	found := false
	err = history(func(rec load.Record) error {
		if d := rec.Decision; d != nil && d.Kind == load.DecisionEnd && !found {
			through, found = d.Through, true
		}
		return nil
	})
	if err == nil && !found {
		err = errNoEnd
	}
	return through, err
}

// has reports whether an event, or a copy of it, was merged.
func (a *account) has(e *load.Event) bool {
	inst := a.instances[e.Instance]
	return inst != nil && inst.has(e.Seq)
}

// count returns how many events of the instance were merged, with those that could not be read.
func (i *instance) count() int64 {
	return int64(i.through) + int64(len(i.ahead)) //nolint:gosec // far below 2^63
}

func (l *Late) add(e *load.Event) {
	l.Events++
	for _, r := range e.Tokens {
		l.Started += r.Started
	}
	for _, r := range e.Tasks {
		l.Requests += r.Requests
	}
}

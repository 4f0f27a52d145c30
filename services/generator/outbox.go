package generator

import (
	"context"
	"log/slog"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

const (
	flushEvery     = 500 * time.Millisecond
	publishTimeout = 2 * time.Second        // of one attempt
	publishPause   = 100 * time.Millisecond // after a failed attempt, doubling
	publishRest    = time.Second            // the longest pause
	keptSamples    = 1 << 18                // buffers that grew beyond, while the bus was away, give their memory back
)

// outbox stores the events of one run, one at a time. What happens while one is under way stays where it is counted and
// goes into the next, so the outbox never holds more than one flush, however long the bus is away. It belongs to one
// goroutine.
type outbox struct {
	sink     EventSink
	log      *slog.Logger
	head     load.Event // run, generator and instance of each event
	vitals   func() vitals
	recorder *recorder
	reporter *reporter
	holdings *holdings
	metrics  *metrics

	samples []sample
	seq     uint64
	told    vitals // in the last event
}

// vitals is what an event tells of the present.
type vitals struct {
	users, inFlight int
	cpuPercent      float64
	clockError      time.Duration
}

// run flushes at intervals, and for the last time when leave is closed. The end of ctx gives up: run returns the events that
// it could not store.
func (o *outbox) run(ctx context.Context, leave <-chan struct{}) []load.Event {
	tick := time.NewTicker(flushEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-leave:
			return o.flush(ctx)
		case <-tick.C:
			if unstored := o.flush(ctx); unstored != nil {
				return unstored
			}
		}
	}
}

// flush stores what has happened since the last call, then acknowledges the tokens that are final by it. It returns the events
// that were not stored when ctx ended.
func (o *outbox) flush(ctx context.Context) []load.Event {
	e, final := o.collect()
	if e == nil {
		return nil
	}
	parts := split(e)
	for i := range parts {
		o.seq++
		parts[i].Seq = o.seq
		if !o.publish(ctx, parts[i]) {
			return parts[i:]
		}
	}
	if err := o.holdings.acknowledge(final); err != nil {
		// The bus delivers them again, and they are booked as what they are: known.
		o.log.Warn("tokens not acknowledged", "error", err)
	}
	return nil
}

// collect makes an event of all that is new, nil if nothing is, and names the tokens that are final by it.
func (o *outbox) collect() (*load.Event, []tokenKey) {
	if cap(o.samples) > keptSamples {
		o.samples = nil
	}
	// Samples first: an iteration is booked on its token before it can be recorded as completed, so no event reports more
	// completed than started.
	o.samples = o.recorder.drain(o.samples[:0])
	examples := o.recorder.drainExamples()
	tokens, final := o.holdings.report()
	now := o.vitals()
	moved := now.users != o.told.users || now.inFlight != o.told.inFlight
	if len(o.samples)+len(tokens)+len(examples) == 0 && !moved {
		return nil, nil
	}
	o.told = now
	e := o.head
	e.Users, e.InFlight, e.CPUPercent, e.ClockError = now.users, now.inFlight, now.cpuPercent, now.clockError
	e.Tokens, e.Samples = tokens, examples
	o.reporter.report(&e, o.samples)
	o.metrics.count(&e)
	return &e, final
}

// publish tries until the event is stored; false: ctx ended first.
func (o *outbox) publish(ctx context.Context, e load.Event) bool {
	pause := publishPause
	for failures := 0; ; failures++ {
		attempt, cancel := context.WithTimeout(ctx, publishTimeout)
		err := o.sink.Publish(attempt, e)
		cancel()
		if err == nil {
			o.metrics.events.Inc()
			if failures > 0 {
				o.log.Info("events are stored again", "attempts", failures+1)
			}
			return true
		}
		o.metrics.refused.Inc()
		if failures == 0 && ctx.Err() == nil {
			o.log.Warn("event not stored, trying again", "error", err)
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
		pause = min(2*pause, publishRest)
	}
}

// loss is what a generator measured and could not store.
type loss struct {
	events                        int
	started, iterations, requests int64
}

func (l *loss) add(e *load.Event) {
	l.events++
	for _, t := range e.Tokens {
		l.started += t.Started
	}
	for _, t := range e.Tasks {
		l.iterations += t.Iterations
		l.requests += t.Requests
	}
}

// any reports whether something of the run is missing; what on_stop did after the end of a run is not.
func (l *loss) any() bool { return l.started+l.iterations+l.requests > 0 }

// LogValue implements slog.LogValuer.
func (l *loss) LogValue() slog.Value {
	return slog.GroupValue(slog.Int("events", l.events), slog.Int64("started", l.started),
		slog.Int64("iterations", l.iterations), slog.Int64("requests", l.requests))
}

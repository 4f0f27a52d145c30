package natsbus

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Events carries latency events from generators to aggregators, and keeps the decisions and the result of each run.
type Events struct {
	bus    *Bus
	stream jetstream.Stream
}

// partSize is the most bytes of a final JSON in one message. In base64 it stays below the server's usual limit of 1 MiB.
const partSize = 512 << 10

// Publish returns when the event is stored; one that was stored before counts.
func (e *Events) Publish(ctx context.Context, event load.Event) error {
	if err := errors.Join(checkName("run", event.Run), checkName("generator", event.Generator)); err != nil {
		return err
	}
	data, err := wire.EncodeEvent(event)
	if err != nil {
		return err
	}
	id := event.Instance + "/" + event.Run + "/" + strconv.FormatUint(event.Seq, 10)
	_, err = e.bus.store(ctx, "publish event "+id, latencySubject(event.Run, event.Generator), data, jetstream.WithMsgID(id))
	return err
}

// Decide returns when the decision is stored, or when one with its id already is; whichever was stored first stands.
func (e *Events) Decide(ctx context.Context, d load.Decision) error {
	if err := checkName("run", d.Run); err != nil {
		return err
	}
	data, err := wire.EncodeDecision(d)
	if err != nil {
		return err
	}
	_, err = e.bus.store(ctx, "publish decision "+d.ID(), stateSubject(d.Run), data, jetstream.WithMsgID(d.ID()))
	return err
}

// Replay returns the run's events and decisions from the first and then those that come, in the order of the stream, each
// once. The channel is closed when ctx or the bus ends.
func (e *Events) Replay(ctx context.Context, run string) (<-chan load.Record, error) {
	return e.records(ctx, run, false)
}

// records reads the events and decisions of a run: those that are stored, then those that come unless stored ones are enough.
func (e *Events) records(ctx context.Context, run string, stored bool) (<-chan load.Record, error) {
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	state, result := stateSubject(run), resultSubject(run)
	t := tail{bus: e.bus, stream: eventStream, subject: eventPrefix + run + ".>", stored: stored}
	return follow(ctx, t, func(m *nats.Msg, meta *nats.MsgMetadata) (load.Record, bool, error) {
		r := load.Record{Sequence: meta.Sequence.Stream}
		switch m.Subject {
		case result:
			return r, false, nil
		case state:
			s, err := wire.DecodeState(m.Data)
			r.Decision = s.Decision
			return r, s.Decision != nil, err
		}
		event, err := wire.DecodeEvent(m.Data)
		r.Event = &event
		return r, err == nil, err
	})
}

// PublishResult stores the final JSON of a run; the last one that is stored stands. It must not be empty.
func (e *Events) PublishResult(ctx context.Context, run string, result []byte) error {
	if err := checkName("run", run); err != nil {
		return err
	}
	operation := "publish result of run " + run
	if len(result) <= partSize {
		data, err := wire.EncodeResult(run, result)
		if err != nil {
			return fmt.Errorf("%s: %w", operation, err)
		}
		_, err = e.bus.store(ctx, operation, resultSubject(run), data)
		return err
	}
	var parts []uint64
	for rest := result; len(rest) > 0; {
		n := min(partSize, len(rest))
		data, err := wire.EncodePart(run, rest[:n])
		if err != nil {
			return err
		}
		sequence, err := e.bus.store(ctx, operation, resultSubject(run), data)
		if err != nil {
			return err
		}
		parts, rest = append(parts, sequence), rest[n:]
	}
	data, err := wire.EncodeParts(run, parts)
	if err != nil {
		return err
	}
	_, err = e.bus.store(ctx, operation, resultSubject(run), data)
	return err
}

// Result returns the final JSON of a run. It fails with load.ErrNotFound while there is none.
func (e *Events) Result(ctx context.Context, run string) ([]byte, error) {
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	operation := "get result of run " + run
	last, err := e.state(ctx, operation, func(ctx context.Context, s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
		return s.GetLastMsgForSubject(ctx, resultSubject(run))
	})
	if err != nil {
		return nil, err
	}
	if last.Result == nil && last.Parts == nil {
		return nil, fmt.Errorf("%s: %w: it is not stored whole yet", operation, load.ErrNotFound)
	}
	result := last.Result
	for _, sequence := range last.Parts {
		s, err := e.state(ctx, operation, func(ctx context.Context, s jetstream.Stream) (*jetstream.RawStreamMsg, error) {
			return s.GetMsg(ctx, sequence)
		})
		if err != nil {
			return nil, err
		}
		result = append(result, s.Part...)
	}
	return result, nil
}

// state reads one message of a state or result subject.
func (e *Events) state(ctx context.Context, operation string,
	get func(context.Context, jetstream.Stream) (*jetstream.RawStreamMsg, error),
) (wire.State, error) {
	var state wire.State
	err := retry(ctx, operation, func(ctx context.Context) error {
		m, err := get(ctx, e.stream)
		if err != nil {
			return err
		}
		state, err = wire.DecodeState(m.Data)
		return err
	})
	return state, err
}

// store publishes a message to the event stream and returns its sequence. When the stream is full it makes room.
func (b *Bus) store(ctx context.Context, operation, subject string, data []byte, options ...jetstream.PublishOpt) (uint64, error) {
	var sequence uint64
	err := retry(ctx, operation, func(attempt context.Context) error {
		ack, err := b.js.Publish(attempt, subject, data, options...)
		if refused := full(err); refused != nil {
			if err := b.makeRoom(ctx); err != nil && ctx.Err() == nil { // to purge may take longer than an attempt
				b.log.Warn("no room could be made in the event stream, trying on", "error", err)
			}
			return refused
		}
		if err != nil {
			return err
		}
		sequence = ack.Sequence
		return nil
	})
	return sequence, err
}

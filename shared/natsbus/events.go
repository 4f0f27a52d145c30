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
type Events struct{ bus *Bus }

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
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	state := stateSubject(run)
	t := tail{bus: e.bus, stream: eventStream, subject: eventPrefix + run + ".>"}
	return follow(ctx, t, func(m *nats.Msg, meta *nats.MsgMetadata) (load.Record, bool, error) {
		r := load.Record{Sequence: meta.Sequence.Stream}
		if m.Subject == state {
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
		_, err = e.bus.store(ctx, operation, stateSubject(run), data)
		return err
	}
	var parts []uint64
	for rest := result; len(rest) > 0; {
		n := min(partSize, len(rest))
		data, err := wire.EncodePart(run, rest[:n])
		if err != nil {
			return err
		}
		sequence, err := e.bus.store(ctx, operation, stateSubject(run), data)
		if err != nil {
			return err
		}
		parts, rest = append(parts, sequence), rest[n:]
	}
	data, err := wire.EncodeParts(run, parts)
	if err != nil {
		return err
	}
	_, err = e.bus.store(ctx, operation, stateSubject(run), data)
	return err
}

// Result returns the final JSON of a run. It fails with load.ErrNotFound while there is none.
func (e *Events) Result(ctx context.Context, run string) ([]byte, error) {
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	var result []byte
	err := retry(ctx, "get result of run "+run, func(ctx context.Context) error {
		m, err := e.bus.lastMessage(ctx, eventStream, stateSubject(run))
		if err != nil {
			return err
		}
		s, err := wire.DecodeState(m.Data)
		if err != nil {
			return err
		}
		if s.Parts != nil {
			result, err = e.join(ctx, s.Parts)
			return err
		}
		if s.Result == nil {
			return fmt.Errorf("%w: not yet decided", load.ErrNotFound)
		}
		result = s.Result
		return nil
	})
	return result, err
}

func (e *Events) join(ctx context.Context, parts []uint64) ([]byte, error) {
	stream, err := e.bus.js.Stream(ctx, eventStream)
	if err != nil {
		return nil, err
	}
	var result []byte
	for _, sequence := range parts {
		m, err := stream.GetMsg(ctx, sequence)
		if err != nil {
			return nil, err
		}
		s, err := wire.DecodeState(m.Data)
		if err != nil {
			return nil, err
		}
		result = append(result, s.Part...)
	}
	return result, nil
}

// store publishes a message and returns its sequence.
func (b *Bus) store(ctx context.Context, operation, subject string, data []byte, options ...jetstream.PublishOpt) (uint64, error) {
	var sequence uint64
	err := retry(ctx, operation, func(ctx context.Context) error {
		ack, err := b.js.Publish(ctx, subject, data, options...)
		if err != nil {
			return err
		}
		sequence = ack.Sequence
		return nil
	})
	return sequence, err
}

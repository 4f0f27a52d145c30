package natsbus

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

const (
	tailBatch     = 512
	tailExpiry    = 30 * time.Second
	tailHeartbeat = time.Second
	// tailSilence is how long a consumer may be silent before it is taken for lost.
	tailSilence = 2500 * time.Millisecond
	// tailInactive is when the server deletes the consumer of a reader that has vanished.
	tailInactive = 30 * time.Second
)

// tail reads a subject of a stream in order, first what is stored and then what comes. It makes its own consumer, and
// another one where it stopped whenever the consumer may have been lost or a delivery was, so that every message is handed
// out once.
type tail struct {
	bus     *Bus
	stream  string
	subject string
	latest  bool // begin with the last message of each subject instead of the first of all
	stored  bool // end with what is stored instead of waiting for what comes
	handle  func(context.Context, *nats.Msg, *nats.MsgMetadata)

	consumer string
	created  time.Time // of the stream
	next     uint64    // sequence to go on with; 0: from the start
	pending  uint64    // messages that were stored, and not delivered, when the server spoke of them last
	lost     <-chan struct{}
}

// follow starts a tail and returns what decode makes of its messages. decode returns false to leave a message out, which is
// logged if there is an error. The channel is closed when ctx, the bus or the tail ends.
func follow[T any](ctx context.Context, t tail, decode func(*nats.Msg, *nats.MsgMetadata) (T, bool, error)) (<-chan T, error) {
	out := make(chan T)
	t.handle = func(ctx context.Context, m *nats.Msg, meta *nats.MsgMetadata) {
		v, ok, err := decode(m, meta)
		if err != nil {
			t.bus.log.Warn("message left out", "subject", m.Subject, "sequence", meta.Sequence.Stream, "error", err)
			return
		}
		if !ok {
			return
		}
		select {
		case out <- v:
		case <-ctx.Done():
		}
	}
	if err := retry(ctx, "read "+t.subject, t.open); err != nil {
		return nil, err
	}
	ctx, free := t.bus.bind(ctx)
	t.bus.workers.Go(func() {
		defer close(out)
		defer free()
		t.run(ctx)
	})
	return out, nil
}

// run reads until ctx ends, or all that is stored was read if that is enough.
func (t *tail) run(ctx context.Context) {
	for ctx.Err() == nil {
		err := t.read(ctx)
		t.remove() //nolint:contextcheck // what ends the reading must not end the tidying
		if err == nil {
			return
		}
		if ctx.Err() == nil {
			t.bus.log.Info("reading again", "subject", t.subject, "sequence", t.next, "cause", err)
		}
		for ctx.Err() == nil {
			attempt, cancel := context.WithTimeout(ctx, patience)
			err := t.open(attempt)
			cancel()
			if err == nil {
				break
			}
			pause(ctx, dialPause)
		}
	}
	t.remove() //nolint:contextcheck // what ends the reading must not end the tidying
}

// open makes the consumer, and the streams if they have gone.
func (t *tail) open(ctx context.Context) error {
	t.lost = t.bus.reconnected()
	stream, err := t.bus.js.Stream(ctx, t.stream)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		return errors.Join(err, t.bus.makeStreams(ctx))
	}
	if err != nil {
		return err
	}
	if created := stream.CachedInfo().Created; !created.Equal(t.created) {
		t.created, t.next = created, 0 // another stream, which counts from 1
	}
	config := jetstream.ConsumerConfig{
		FilterSubject: t.subject, AckPolicy: jetstream.AckNonePolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		InactiveThreshold: tailInactive, MemoryStorage: true, Replicas: 1,
	}
	switch {
	case t.next > 0:
		config.DeliverPolicy, config.OptStartSeq = jetstream.DeliverByStartSequencePolicy, t.next
	case t.latest:
		config.DeliverPolicy = jetstream.DeliverLastPerSubjectPolicy
	}
	consumer, err := t.bus.js.CreateConsumer(ctx, t.stream, config)
	if err != nil {
		return err
	}
	info := consumer.CachedInfo()
	t.consumer, t.pending = info.Name, info.NumPending
	return nil
}

// remove deletes the consumer if that is possible; otherwise the server does it later.
func (t *tail) remove() {
	if t.consumer == "" || !t.bus.nc.IsConnected() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), attemptTimeout)
	defer cancel()
	_ = t.bus.js.DeleteConsumer(ctx, t.stream, t.consumer)
	t.consumer = ""
}

// Why a tail gave a consumer up.
var (
	errReconnected  = errors.New("connection was restored")
	errSilent       = errors.New("consumer is silent")
	errConsumerGone = errors.New("consumer is gone")
	errGap          = errors.New("a delivery was lost")
)

// read hands out what the consumer delivers until it must be given up. Without an error nothing is left to read: ctx has
// ended, or what is stored has.
func (t *tail) read(ctx context.Context) error {
	in, err := newInbox(t.bus.nc, tailBatch)
	if err != nil {
		return err
	}
	defer in.close()
	silence := time.NewTimer(tailSilence)
	defer silence.Stop()
	ask := request{Batch: tailBatch, Expires: tailExpiry, Heartbeat: tailHeartbeat}
	if t.stored {
		ask = request{Batch: tailBatch, NoWait: true}
	}
	var wanted int
	var delivered uint64
	for {
		if wanted == 0 {
			if err := in.ask(t.stream, t.consumer, ask); err != nil {
				return err
			}
			wanted = tailBatch
		}
		select {
		case <-ctx.Done():
			return nil
		case <-t.lost:
			return errReconnected
		case <-silence.C:
			return errSilent
		case m := <-in.messages:
			switch status(m) {
			case statusHeartbeat:
			case statusNoMessages:
				if t.stored && t.pending > 0 {
					return errGap // unless they were purged, as the next consumer will know
				}
				if t.stored {
					return nil
				}
				wanted = 0
			case statusExpired:
				wanted = 0
			case statusMessage:
				meta, err := m.Metadata()
				if err != nil {
					return err
				}
				if delivered++; meta.Sequence.Consumer != delivered {
					return errGap
				}
				wanted--
				t.handle(ctx, m, meta)
				t.next, t.pending = meta.Sequence.Stream+1, meta.NumPending
			default:
				return errConsumerGone
			}
			silence.Reset(tailSilence)
		}
	}
}

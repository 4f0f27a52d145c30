package natsbus

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

// Tokens carries rate tokens from schedulers to generators.
type Tokens struct {
	bus    *Bus
	stream jetstream.Stream
}

const (
	// minAckWait is how long a token may be held without a sign of life.
	minAckWait = 5 * time.Second
	// maxWaiting is how many generators may wait for tokens of a run at once.
	maxWaiting = 16384
	// publishTimeout is when a token is taken for lost on its way to the stream.
	publishTimeout = time.Second
)

func consumerName(run string) string { return "run_" + run }

// Open makes the consumer that all generators of a run share. lead is how long before its second a token is published. It is
// idempotent.
func (t *Tokens) Open(ctx context.Context, run load.Run, lead time.Duration) error {
	if err := errors.Join(checkName("run", run.ID), checkName("pool", run.Pool)); err != nil {
		return err
	}
	config := jetstream.ConsumerConfig{
		Durable: consumerName(run.ID), FilterSubject: tokenSubject(run.Pool, run.ID),
		AckPolicy: jetstream.AckExplicitPolicy, DeliverPolicy: jetstream.DeliverAllPolicy,
		// By the time of a redelivery everything in the token is past due, so it is accounted for and not run again.
		AckWait:       max(minAckWait, lead+time.Second+run.Plan.MaxLag+2*time.Second),
		MaxAckPending: -1, MaxDeliver: -1, MaxWaiting: maxWaiting,
	}
	return retry(ctx, "open tokens of run "+run.ID, func(ctx context.Context) error {
		_, err := t.bus.js.CreateOrUpdateConsumer(ctx, tokenStream, config)
		return err
	})
}

// Close deletes the consumer of a run. It is idempotent.
func (t *Tokens) Close(ctx context.Context, run load.Run) error {
	return retry(ctx, "close tokens of run "+run.ID, func(ctx context.Context) error {
		err := t.bus.js.DeleteConsumer(ctx, tokenStream, consumerName(run.ID))
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			return nil
		}
		return err
	})
}

// Publish stores tokens in one burst and returns when all are stored; what is not acknowledged is published again under the
// same id until ctx ends, then it fails with load.ErrUnavailable. A token that was stored before is not stored again.
func (t *Tokens) Publish(ctx context.Context, pool string, tokens []load.Token) error {
	missing := make([]outgoing, len(tokens))
	for i, token := range tokens {
		if err := errors.Join(checkName("run", token.Run), checkName("pool", pool)); err != nil {
			return err
		}
		data, err := wire.EncodeToken(token)
		if err != nil {
			return err
		}
		missing[i] = outgoing{subject: tokenSubject(pool, token.Run), id: token.ID(), data: data}
	}
	var last error
	for ctx.Err() == nil { // what is too late is not sent, even by a process that was frozen on its way here
		if missing, last = t.burst(ctx, missing); len(missing) == 0 {
			return nil
		}
		pause(ctx, pauseAfterFailure)
	}
	return fmt.Errorf("publish tokens: %d of %d are not stored: %w", len(missing), len(tokens), translate(cmp.Or(last, ctx.Err())))
}

// outgoing is an encoded token on its way.
type outgoing struct {
	subject, id string
	data        []byte
	ack         jetstream.PubAckFuture
}

// burst publishes all tokens, then waits for their acknowledgements. It returns those without one and the last error.
func (t *Tokens) burst(ctx context.Context, tokens []outgoing) (unstored []outgoing, last error) {
	for i, token := range tokens {
		tokens[i].ack = nil
		if ctx.Err() != nil { // sending may have been held up
			continue
		}
		message := nats.NewMsg(token.subject)
		message.Data = token.data
		// The client would try again on its own a while later, whatever has become of ctx.
		ack, err := t.bus.js.PublishMsgAsync(message, jetstream.WithMsgID(token.id), jetstream.WithRetryAttempts(0))
		if err != nil {
			last = err
		}
		tokens[i].ack = ack
	}
	for _, token := range tokens {
		if token.ack != nil {
			err := stored(ctx, token.ack)
			if err == nil {
				continue
			}
			last = err
		}
		unstored = append(unstored, token)
	}
	return unstored, last
}

func stored(ctx context.Context, ack jetstream.PubAckFuture) error {
	select {
	case <-ack.Ok():
		return nil
	case err := <-ack.Err():
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// LastSecond returns the second of the token of the run that was stored last, if there is one.
func (t *Tokens) LastSecond(ctx context.Context, run load.Run) (second int, found bool, err error) {
	err = retry(ctx, "get last token of run "+run.ID, func(ctx context.Context) error {
		m, err := t.stream.GetLastMsgForSubject(ctx, tokenSubject(run.Pool, run.ID))
		if err != nil {
			return err
		}
		token, err := wire.DecodeToken(m.Data)
		second, found = token.Second, err == nil
		return err
	})
	if errors.Is(err, load.ErrNotFound) {
		return 0, false, nil
	}
	return second, found, err
}

// Watch returns every token of the run in the order of the stream, first those that are there. The channel is closed when
// ctx or the bus ends.
func (t *Tokens) Watch(ctx context.Context, run load.Run) (<-chan load.Token, error) {
	if err := errors.Join(checkName("run", run.ID), checkName("pool", run.Pool)); err != nil {
		return nil, err
	}
	tail := tail{bus: t.bus, stream: tokenStream, subject: tokenSubject(run.Pool, run.ID)}
	return follow(ctx, tail, func(m *nats.Msg, _ *nats.MsgMetadata) (load.Token, bool, error) {
		token, err := wire.DecodeToken(m.Data)
		return token, err == nil, err
	})
}

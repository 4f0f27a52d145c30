package natsbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

const (
	// fetchMost bounds what one request takes in.
	fetchMost = 4096
	// fetchExpiry is how long a request for tokens stands; it bounds what a generator that froze can swallow. Tokens come in
	// bursts a second apart, and each burst starts the requests anew: one of 1 s would always end just as the next burst
	// comes, and whoever asks again a moment later misses his share (three generators had 554, 546 and 700 iterations, and
	// with 0.7 s 595, 603 and 602).
	fetchExpiry = 700 * time.Millisecond
	// fetchLinger is how long the rest of a burst is awaited once the first token is there.
	fetchLinger = 5 * time.Millisecond
	// fetchSlack is how long after its expiry a request is taken for lost.
	fetchSlack = 500 * time.Millisecond
)

// Fetch takes up to limit tokens of a run, at least 1. It waits less than 1 s for the first one and returns those that came with
// it; none is no error. Nothing stays behind in this process: what is not returned stays with the consumer, for anyone; what
// crossed the end of the request on its way is delivered again at once. If ctx ends while tokens come in, they are still
// returned, so that the caller can give them back.
//
// It fails with load.ErrNotFound while the run has no consumer, and with load.ErrUnavailable if NATS does not answer.
func (t *Tokens) Fetch(ctx context.Context, run load.Run, limit int) ([]load.Delivery, error) {
	if err := checkName("run", run.ID); err != nil {
		return nil, err
	}
	messages, err := t.take(ctx, consumerName(run.ID), min(limit, fetchMost))
	if len(messages) == 0 && err != nil {
		return nil, fmt.Errorf("fetch tokens of run %s: %w", run.ID, translate(err))
	}
	deliveries := make([]load.Delivery, 0, len(messages))
	for _, m := range messages {
		d, err := t.delivery(m)
		if err != nil {
			// Left unacknowledged, so that a generator that understands it gets it.
			t.bus.log.Warn("token left out", "run", run.ID, "error", err)
			continue
		}
		deliveries = append(deliveries, d)
	}
	return deliveries, nil
}

// take lets one pull request stand until its first messages are in and then withdraws it.
func (t *Tokens) take(ctx context.Context, consumer string, limit int) ([]*nats.Msg, error) {
	in, err := newInbox(t.bus.nc, limit)
	if err != nil {
		return nil, err
	}
	defer in.close()
	if err := in.ask(tokenStream, consumer, request{Batch: limit, Expires: fetchExpiry}); err != nil {
		return nil, err
	}
	deadline := time.NewTimer(fetchExpiry + fetchSlack)
	defer deadline.Stop()
	var linger <-chan time.Time
	var taken []*nats.Msg
	for len(taken) < limit {
		select {
		case m := <-in.messages:
			switch status(m) {
			case statusMessage:
				taken = append(taken, m)
				if linger == nil {
					linger = time.After(fetchLinger)
				}
			case statusExpired, statusNoMessages:
				return taken, nil
			default:
				return taken, t.whyNot(ctx, consumer)
			}
		case <-linger:
			return append(taken, in.drain()...), nil
		case <-deadline.C:
			return append(taken, in.drain()...), t.whyNot(ctx, consumer)
		case <-ctx.Done():
			return append(taken, in.drain()...), ctx.Err()
		}
	}
	return taken, nil
}

// errDropped says that the server forgot a request, as it does when it restarts.
var errDropped = errors.New("the request was dropped")

// whyNot tells a consumer that is gone from a server that was not ready.
func (t *Tokens) whyNot(ctx context.Context, consumer string) error {
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	if _, err := t.bus.js.Consumer(ctx, tokenStream, consumer); err != nil {
		return err
	}
	return errDropped
}

func (t *Tokens) delivery(m *nats.Msg) (load.Delivery, error) {
	token, err := wire.DecodeToken(m.Data)
	if err != nil {
		return load.Delivery{}, err
	}
	meta, err := m.Metadata()
	if err != nil {
		return load.Delivery{}, err
	}
	return load.Delivery{Token: token, Redelivered: meta.NumDelivered > 1, Receipt: receipt{t.bus.nc, m.Reply}}, nil
}

// receipt answers for a delivered token.
type receipt struct {
	nc    *nats.Conn
	reply string
}

func (r receipt) Ack() error        { return r.send("ack", "+ACK") }
func (r receipt) Nak() error        { return r.send("nak", "-NAK") }
func (r receipt) InProgress() error { return r.send("hold", "+WPI") }

func (r receipt) send(operation, answer string) error {
	if err := r.nc.Publish(r.reply, []byte(answer)); err != nil {
		return fmt.Errorf("%s token: %w", operation, translate(err))
	}
	return nil
}

package natsbus

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/wire"
)

const (
	// attemptTimeout bounds the first attempt of a request; each later one may take twice as long as the one before. The
	// client's own 5 s would stop a generator for so long when a reply is lost.
	attemptTimeout = 500 * time.Millisecond
	// patience bounds all attempts of an operation.
	patience = 3 * time.Second
	// onceTimeout bounds an operation that must not be repeated. It is below the expiry of a lease.
	onceTimeout = 2 * time.Second
	// pauseAfterFailure keeps retries from spinning while the connection is down.
	pauseAfterFailure = 50 * time.Millisecond
)

// translate maps a vendor's error to one of package load. Errors of contexts that were cancelled stay as they are.
func translate(err error) error {
	var api *jetstream.APIError
	switch {
	case err == nil || errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, jetstream.ErrKeyNotFound), errors.Is(err, jetstream.ErrMsgNotFound),
		errors.Is(err, jetstream.ErrObjectNotFound), errors.Is(err, jetstream.ErrConsumerNotFound):
		return fmt.Errorf("%w: %w", load.ErrNotFound, err)
	case errors.Is(err, jetstream.ErrKeyExists), errors.Is(err, jetstream.ErrKeyRevisionMismatch):
		return fmt.Errorf("%w: %w", load.ErrConflict, err)
	case errors.Is(err, nats.ErrMaxPayload):
		return fmt.Errorf("%w: %w", load.ErrInvalid, err)
	case errors.As(err, &api) && (api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequence ||
		api.ErrorCode == jetstream.JSErrCodeStreamWrongLastSequenceConstant):
		return fmt.Errorf("%w: %w", load.ErrConflict, err)
	case errors.Is(err, wire.ErrVersion), errors.Is(err, wire.ErrMalformed), isDomain(err):
		return err
	default:
		// What is left is a server that does not answer, is not ready, is full, or was never set up.
		return fmt.Errorf("%w: %w", load.ErrUnavailable, err)
	}
}

func isDomain(err error) bool {
	return errors.Is(err, load.ErrNotFound) || errors.Is(err, load.ErrConflict) ||
		errors.Is(err, load.ErrInvalid) || errors.Is(err, load.ErrUnavailable)
}

// once runs an operation that must not be repeated.
func once(ctx context.Context, operation string, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, onceTimeout)
	defer cancel()
	if err := translate(f(ctx)); err != nil {
		return fmt.Errorf("%s: %w", operation, err)
	}
	return nil
}

// retry runs an operation that may be repeated until the server has answered.
func retry(ctx context.Context, operation string, f func(context.Context) error) error {
	return retryLarge(ctx, operation, 0, f)
}

// slowest is the rate below which a server counts as not answering, in bytes per second.
const slowest = 4 << 20

// retryLarge is retry for an operation that moves so many bytes.
func retryLarge(ctx context.Context, operation string, size int, f func(context.Context) error) error {
	moving := time.Duration(size) * time.Second / slowest
	ctx, cancel := context.WithTimeout(ctx, patience+2*moving)
	defer cancel()
	var last error
	for timeout := attemptTimeout + moving; ; timeout *= 2 {
		attempt, cancelAttempt := context.WithTimeout(ctx, timeout)
		err := translate(f(attempt))
		cancelAttempt()
		if err == nil {
			return nil
		}
		if last == nil || !errors.Is(err, context.DeadlineExceeded) {
			last = err // what the server said tells more than that it said nothing in the end
		}
		if !errors.Is(err, load.ErrUnavailable) || !pause(ctx, pauseAfterFailure) {
			return fmt.Errorf("%s: %w", operation, last)
		}
	}
}

// pause waits and reports whether ctx lives on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// checkName refuses what would be another subject, or several. It fails with load.ErrInvalid.
func checkName(field, name string) error {
	if !wire.Name(name) {
		return &load.FieldError{Field: field, Message: fmt.Sprintf("%q must be made of A-Z a-z 0-9 _ -", name)}
	}
	return nil
}

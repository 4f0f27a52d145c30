package natsbus

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Live carries what a running test looks like to whoever listens. Nothing is stored.
type Live struct{ bus *Bus }

// liveBacklog is how many lines a slow listener may be behind before it misses some.
const liveBacklog = 64

// Publish sends a line to all listeners without waiting for them. It fails with load.ErrUnavailable while NATS is away.
func (l *Live) Publish(_ context.Context, live load.Live) error {
	if err := checkName("run", live.RunID); err != nil {
		return err
	}
	data, err := json.Marshal(live)
	if err != nil {
		return fmt.Errorf("encode live line: %w", err)
	}
	if err := l.bus.nc.Publish(livePrefix+live.RunID, data); err != nil {
		return fmt.Errorf("publish live line: %w", translate(err))
	}
	return nil
}

// Subscribe returns the lines of a run that are published from now on. The channel is closed when ctx or the bus ends.
func (l *Live) Subscribe(ctx context.Context, run string) (<-chan load.Live, error) {
	if err := checkName("run", run); err != nil {
		return nil, err
	}
	messages := make(chan *nats.Msg, liveBacklog)
	sub, err := l.bus.nc.ChanSubscribe(livePrefix+run, messages)
	if err != nil {
		return nil, fmt.Errorf("subscribe to live lines: %w", translate(err))
	}
	// Once the server has answered it knows of the subscription.
	err = retry(ctx, "subscribe to live lines", l.bus.nc.FlushWithContext)
	if err != nil {
		_ = sub.Unsubscribe()
		return nil, err
	}
	out := make(chan load.Live)
	ctx, free := l.bus.bind(ctx)
	l.bus.workers.Go(func() {
		defer close(out)
		defer free()
		defer sub.Unsubscribe() //nolint:errcheck // it fails only if the connection has gone, and with it the subscription
		l.forward(ctx, messages, out)
	})
	return out, nil
}

func (l *Live) forward(ctx context.Context, from <-chan *nats.Msg, to chan<- load.Live) {
	for {
		select {
		case <-ctx.Done():
			return
		case m := <-from:
			var live load.Live
			if err := json.Unmarshal(m.Data, &live); err != nil {
				l.bus.log.Warn("message left out", "subject", m.Subject, "error", err)
				continue
			}
			select {
			case to <- live:
			case <-ctx.Done():
				return
			}
		}
	}
}

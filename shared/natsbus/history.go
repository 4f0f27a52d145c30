package natsbus

import (
	"context"
	"fmt"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// historySilence is how long History waits for the next record while NATS is away or slow.
const historySilence = 30 * time.Second

// History hands out the events and decisions that are stored for a run, in the order of the stream, each once, and returns
// when there are no more, or with the error of each. It goes on after an outage; one that lasts makes it fail with
// load.ErrUnavailable.
func (e *Events) History(ctx context.Context, run string, each func(load.Record) error) error {
	operation := "read history of run " + run
	ctx, cancel := context.WithCancel(ctx)
	records, err := e.records(ctx, run, true)
	if err != nil {
		cancel()
		return fmt.Errorf("%s: %w", operation, err)
	}
	defer func() {
		cancel()
		for range records { // until the reader has gone
		}
	}()
	silence := time.NewTimer(historySilence)
	defer silence.Stop()
	for {
		select {
		case rec, ok := <-records:
			switch {
			case ok:
				if err := each(rec); err != nil {
					return err
				}
				silence.Reset(historySilence)
			case ctx.Err() != nil:
				return fmt.Errorf("%s: %w", operation, ctx.Err())
			case e.bus.lifetime.Err() != nil:
				return fmt.Errorf("%s: %w: the bus was closed", operation, load.ErrUnavailable)
			default:
				return nil
			}
		case <-silence.C:
			return fmt.Errorf("%s: %w: NATS has not answered for %v", operation, load.ErrUnavailable, historySilence)
		}
	}
}

// KeptSince returns the bus time before which the event stream forgets everything; zero: it forgets nothing by age.
func (e *Events) KeptSince(ctx context.Context) (time.Time, error) {
	var since time.Time
	err := retry(ctx, "look at the event stream", func(ctx context.Context) error {
		info, err := e.stream.Info(ctx)
		if err != nil {
			return err
		}
		if age := info.Config.MaxAge; age > 0 {
			since = e.bus.Clock.Now().Add(-age)
		}
		return nil
	})
	return since, err
}

package main

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/loadpilot/loadpilot/services/gateway"
)

// stopAnswer is what came of one attempt to stop a run: its record as it is then, or why it could not be stopped.
type stopAnswer struct {
	run gateway.Run
	err error
}

// stopSteadily asks for the stop of a run again and again until it is accepted or ctx ends, and hands over what comes of each
// attempt. The gateway, or NATS behind it, may be away.
func (c *client) stopSteadily(ctx context.Context, id string, take func(stopAnswer)) {
	for {
		run, err := c.stop(ctx, id)
		if take(stopAnswer{run, err}); err == nil {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pollPause):
		}
	}
}

func (c *client) stop(ctx context.Context, id string) (run gateway.Run, err error) {
	ctx, cancel := context.WithTimeout(ctx, stopWait)
	defer cancel()
	err = c.call(ctx, http.MethodPost, "/v1/runs/"+url.PathEscape(id)+"/stop", nil, &run)
	return run, err
}

package service

import (
	"bytes"
	"context"
	"mime"
	"net/http"
	"time"

	"github.com/loadpilot/loadpilot/apitest/internal/payload"
	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
)

// recognize makes the first request ahead of the run, unless that may change something, and reads the header of the answer: if that says
// that events follow, the run counts them, for otherwise each answer would be a slow one. If there is no answer the run will tell why.
func (s Service) recognize(ctx context.Context, c run.Config, calls *payload.Maker) run.Config {
	if c.Protocol == run.ProtocolHTTP && c.Method == http.MethodGet && c.PayloadFunc == nil {
		switch s.mediaType(ctx, c, calls) {
		case "text/event-stream", "application/x-ndjson":
			c.Protocol = run.ProtocolStream
			return c.WithDefaults()
		}
	}
	if c.Protocol == run.ProtocolHTTP {
		c.Events = 0 // there are none
	}
	return c
}

// mediaType returns what the first request is answered with, "" if it is not.
func (s Service) mediaType(ctx context.Context, c run.Config, calls *payload.Maker) (media string) {
	call := run.Call{Timeout: c.Timeout, Redirects: c.Redirects}
	if c.Duration > 0 {
		call.Until = time.Now().Add(c.Duration)
	}
	if calls.First().Fill(0, &call) != nil {
		return ""
	}
	target := roundtrip.NewTarget(s.roundTrips(c), func(ctx context.Context, x *roundtrip.HTTP) error {
		req, err := http.NewRequestWithContext(ctx, x.Call.Method, x.URL, bytes.NewReader(x.Call.Body))
		if err != nil {
			return err
		}
		req.Header, req.Host = x.Header, x.Host
		resp, err := x.Client.Do(req)
		if err != nil {
			return err
		}
		if resp.StatusCode < http.StatusBadRequest {
			media, _, _ = mime.ParseMediaType(resp.Header.Get("Content-Type")) // what it cannot parse is no stream
		}
		return resp.Body.Close()
	})
	client, err := target.NewClient(ctx)
	if err != nil {
		return ""
	}
	defer client.Close()
	client.Do(ctx, &call, &run.Outcome{})
	return media
}

package socket

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"github.com/loadpilot/loadpilot/apitest/internal/redirect"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/httpdriver"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// client is a user of the server, with connections of its own.
type client struct {
	target  *Target
	session *httpdriver.Session
	x       httpdriver.Exchange
	req     scenario.Request
	ahead   bool // a connection was opened that no outcome has told of
}

// Do implements run.Client.
func (c *client) Do(ctx context.Context, call *run.Call, out *run.Outcome) {
	c.DoIn(ctx, nil, call, out)
}

// DoIn is Do in a strand, which may leave its loop.
func (c *client) DoIn(ctx context.Context, s *strand.Strand, call *run.Call, out *run.Outcome) {
	c.x.Strand = s
	*out = run.Outcome{Opened: c.ahead}
	c.ahead = false
	c.exchange(ctx, call, out)
	if call.Redirects > 0 && redirect.Is(out.Status) {
		c.follow(ctx, call, out)
	}
}

// Ready reports whether the next call would be made on the loop of a strand.
func (c *client) Ready() bool { return c.session.Ready() }

// Close implements run.Client.
func (c *client) Close() { c.session.Close() }

// exchange sends one request and adds what came of it to the outcome.
func (c *client) exchange(ctx context.Context, call *run.Call, out *run.Outcome) {
	x, req := &c.x, &c.req
	req.Method, req.URL, req.Body, req.Timeout = call.Method, call.URL, call.Body, call.Timeout
	req.Header = req.Header[:0]
	for i := range call.Header {
		req.Header = append(req.Header, scenario.Field(call.Header[i]))
	}
	x.Shuns = nil
	if call.Unsaid {
		x.Shuns = run.IsStream
	}
	c.session.Do(ctx, x, req)
	r := &x.Response
	if x.First > 0 && out.FirstByte == 0 {
		out.FirstByte = out.Latency + x.First - x.Sent
	}
	out.Status, out.Class, out.Err = r.Status, r.Class, r.Err
	if errors.Is(r.Err, httpdriver.ErrShunned) {
		out.Class = run.ErrorStream
	}
	out.Latency += x.Done - x.Sent
	out.BytesIn += x.BytesIn
	out.BytesOut += x.BytesOut
	out.Opened = out.Opened || x.Link.State == httpdriver.LinkOpened
	out.Body = nil
	if r.Status >= http.StatusBadRequest {
		out.Body = r.Body[:min(len(r.Body), run.MaxSampleBody)]
	}
}

// follow makes the requests that redirects ask for. The time-out of the call is that of all of them.
func (c *client) follow(ctx context.Context, call *run.Call, out *run.Outcome) {
	deadline := c.target.clock.Now() - out.Latency + call.Timeout
	from := call.URL
	if !strings.Contains(from, "://") {
		from = c.target.base + "/" + strings.TrimPrefix(from, "/")
	}
	redirect.Follow(*call, from, c.location(), out, func(call *run.Call) (location string) {
		if call.Timeout = deadline - c.target.clock.Now(); call.Timeout <= 0 {
			out.Class, out.Err = load.ErrorTimeout, context.DeadlineExceeded
			return ""
		}
		c.exchange(ctx, call, out)
		return c.location()
	})
}

// location returns where the last answer leads, "" if there was none.
func (c *client) location() string {
	if c.x.Response.Header == nil {
		return ""
	}
	for name, value := range c.x.Response.Header {
		if strings.EqualFold(name, "Location") {
			return value
		}
	}
	return ""
}

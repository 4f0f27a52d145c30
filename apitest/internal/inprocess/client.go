package inprocess

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/apitest/internal/redirect"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// grace is how long a handler may take to return when its context is cancelled.
const grace = 100 * time.Millisecond

// localhost is the Host of requests that name none.
const localhost = "localhost"

// client calls the handler, one call after another.
type client struct {
	target *Target
	worker *worker
	timer  *time.Timer
	raw    string  // the URL of the call before
	parsed url.URL // what it is
}

func newClient(t *Target) *client {
	c := &client{target: t, worker: startWorker(t.handler), timer: time.NewTimer(0)}
	c.timer.Stop()
	return c
}

// Close implements run.Client.
func (c *client) Close() { close(c.worker.calls) }

// Do implements run.Client.
func (c *client) Do(ctx context.Context, call *run.Call, out *run.Outcome) {
	*out = run.Outcome{}
	host := localhost
	for i := range call.Header {
		if strings.EqualFold(call.Header[i].Name, "Host") {
			host = call.Header[i].Value
		}
	}
	begin := time.Now()
	location := c.serve(ctx, call, host, begin, call.Timeout, out)
	if call.Redirects > 0 && redirect.Is(out.Status) {
		c.follow(ctx, call, host, location, begin, out)
	}
}

// follow makes the calls that redirects ask for. The time-out of the call is that of all of them.
func (c *client) follow(ctx context.Context, call *run.Call, host, location string, begin time.Time, out *run.Outcome) {
	base := "http://" + host
	redirect.Follow(*call, base+"/"+strings.TrimPrefix(call.URL, "/"), location, out, func(call *run.Call) (location string) {
		path, ok := strings.CutPrefix(call.URL, base)
		if !ok || path != "" && path[0] != '/' {
			out.Class, out.Err = run.ErrorRedirect, fmt.Errorf("a redirect to %s, which this process does not serve", call.URL)
			return ""
		}
		call.URL = cmp.Or(path, "/")
		return c.serve(ctx, call, host, begin, call.Timeout-time.Since(begin), out)
	})
}

// serve has the handler answer one request, and adds what came of it to the outcome of what has begun then. It returns the Location of
// the answer.
func (c *client) serve(ctx context.Context, call *run.Call, host string, begin time.Time, within time.Duration, out *run.Outcome) (location string) {
	out.Status, out.Body = 0, nil
	x, err := c.newExchange(ctx, call, host, begin)
	if err != nil {
		out.Class, out.Err = load.ErrorRequest, err
		return ""
	}
	returned, err := c.await(ctx, x, within)
	out.Latency = time.Since(begin)
	if out.FirstByte == 0 {
		out.FirstByte = time.Duration(x.w.first.Load())
	}
	if returned { // otherwise the handler is still at it
		out.Latency = x.ended.Sub(begin)
		out.BytesIn += x.w.sent
		out.BytesOut += int64(len(call.Body))
	}
	switch {
	case x.w.stream.Load():
		out.Class = run.ErrorStream
	case err == nil && x.err == nil:
		out.Status, out.Body = x.w.status, x.w.kept
		return x.w.header.Get("Location")
	case err == nil:
		out.Class, out.Err = x.err.Class, x.err
	case ctx.Err() != nil:
		out.Class, out.Err = load.ErrorCancelled, err
	default:
		out.Class, out.Err = load.ErrorTimeout, err
	}
	return ""
}

var errTimeout = errors.New("the handler did not return in time")

// await has the worker make an exchange, and reports whether the handler has returned. It fails if that was not in time, or if ctx ends.
func (c *client) await(ctx context.Context, x *exchange, within time.Duration) (returned bool, err error) {
	w := c.worker
	w.calls <- x
	c.timer.Reset(within)
	select {
	case <-w.done:
		c.timer.Stop()
		return true, nil
	case <-c.timer.C:
		err = errTimeout
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	x.ctx.cancel(context.Canceled) // as net/http says when the client has gone
	c.timer.Reset(grace)
	select {
	case <-w.done:
		c.timer.Stop()
		return true, err
	case <-c.timer.C:
	}
	x.body.close() // it is the caller's
	close(w.calls)
	c.worker = startWorker(c.target.handler)
	c.target.lost.Add(1)
	return false, err
}

// worker is the goroutine that calls the handler for a client.
type worker struct {
	calls chan *exchange
	done  chan struct{} // takes an element after each
}

func startWorker(h http.Handler) *worker {
	w := &worker{calls: make(chan *exchange, 1), done: make(chan struct{}, 1)}
	go func() {
		for x := range w.calls {
			x.run(h)
			w.done <- struct{}{}
		}
	}()
	return w
}

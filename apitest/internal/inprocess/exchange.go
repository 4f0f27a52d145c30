package inprocess

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"net/url"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/apitest/internal/roundtrip"
	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// exchange is one call of the handler. It is never used again: a handler may keep what it got.
type exchange struct {
	request *http.Request
	ctx     callContext
	url     url.URL
	body    body
	w       writer
	ended   time.Time
	err     *roundtrip.Error // nil: it went well
}

// newExchange makes the request of a call.
func (c *client) newExchange(ctx context.Context, call *run.Call, host string, begin time.Time) (*exchange, error) {
	if call.URL != c.raw {
		u, err := url.ParseRequestURI(call.URL)
		if err != nil {
			return nil, err
		}
		c.raw, c.parsed = call.URL, *u
	}
	x := &exchange{url: c.parsed, ctx: callContext{Context: ctx}}
	x.w.ctx, x.w.head, x.w.asked, x.w.unsaid = &x.ctx, call.Method == http.MethodHead, begin, call.Unsaid
	r := http.Request{
		Method: call.Method, URL: &x.url, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: header(call.Header), Host: host,
		ContentLength: int64(len(call.Body)), RemoteAddr: "127.0.0.1:1", RequestURI: call.URL, Body: http.NoBody,
	}
	if len(call.Body) > 0 {
		x.body.left = call.Body
		r.Body = &x.body
	}
	x.request = r.WithContext(&x.ctx)
	return x, nil
}

// header makes a header of fields, without the Host, which a request has elsewhere.
func header(fields []run.Pair) http.Header {
	h := make(http.Header, len(fields))
	values := make([]string, len(fields))
	for i, f := range fields {
		name := textproto.CanonicalMIMEHeaderKey(f.Name)
		if name == "Host" {
			continue
		}
		values[i] = f.Value
		if before, ok := h[name]; ok {
			h[name] = append(before, f.Value)
		} else {
			h[name] = values[i : i+1 : i+1]
		}
	}
	return h
}

// run calls the handler.
func (x *exchange) run(h http.Handler) {
	defer func() {
		x.end(recover())
		x.ctx.cancel(context.Canceled)
		x.body.close()
	}()
	h.ServeHTTP(&x.w, x.request)
}

var (
	errAborted = &roundtrip.Error{Class: load.ErrorClosed, Err: errors.New("the handler aborted the response")}
	errShort   = &roundtrip.Error{Class: load.ErrorClosed, Err: errors.New("the handler wrote less than its Content-Length")}
)

// panicked is what a panic of the handler is to its client, who finds the response aborted if the handler means that.
func panicked(with any) *roundtrip.Error {
	if with == http.ErrAbortHandler { //nolint:errorlint // net/http compares so
		return errAborted
	}
	return &roundtrip.Error{Class: run.ErrorPanic, Err: fmt.Errorf("the handler panicked: %v", with)}
}

// end sees to what the handler has left to be done.
func (x *exchange) end(recovered any) {
	x.ended = time.Now()
	w := &x.w
	w.begin(http.StatusOK)
	if x.ctx.Err() == nil {
		w.answer(x.ended)
	}
	switch {
	case recovered != nil:
		x.err = panicked(recovered)
	case w.length >= 0 && w.sent < w.length && !w.head && w.hasBody():
		x.err = errShort
	}
}

// callContext is the context of one call. Its values are those of the run. It makes no channel that nobody asks for.
type callContext struct {
	context.Context //nolint:containedctx // it is one

	mu   sync.Mutex
	done chan struct{}
	err  error
}

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.done == nil {
		c.done = make(chan struct{})
		if c.err != nil {
			close(c.done)
		}
	}
	return c.done
}

// Err implements context.Context.
func (c *callContext) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) { return time.Time{}, false }

func (c *callContext) cancel(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err != nil {
		return
	}
	if c.err = err; c.done != nil {
		close(c.done)
	}
}

// body is the body of a request, which is the caller's and may be read until the call has ended.
type body struct {
	mu     sync.Mutex
	left   []byte
	closed bool
}

// Read implements io.Reader.
func (b *body) Read(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return 0, http.ErrBodyReadAfterClose
	case len(b.left) == 0:
		return 0, io.EOF
	}
	n := copy(p, b.left)
	b.left = b.left[n:]
	return n, nil
}

// Close implements io.Closer.
func (b *body) Close() error {
	b.close()
	return nil
}

func (b *body) close() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.closed = nil, true
}

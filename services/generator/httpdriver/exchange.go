package httpdriver

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"maps"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/valyala/fasthttp"

	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

const (
	readBuffer = 8 << 10 // of each request under way; larger response headers cost an allocation
	hugeHeader = 1 << 20
	hugeBody   = 256 << 20
	keptBuffer = 1 << 20 // an exchange that grew beyond gives its memory back
)

// readers holds *bufio.Reader. They belong to requests under way, not to idle connections.
var readers = sync.Pool{New: func() any { return bufio.NewReaderSize(nil, readBuffer) }}

// Exchange is one request with its response. The zero value is ready; it can be used again and again, and what its
// Response refers to is valid until it is.
type Exchange struct {
	Strand   *strand.Strand              // that does the exchange; nil: a goroutine does
	KeepBody int                         // not 0: of a longer body only so much is kept, or what came together with its header; the rest is counted
	Shuns    func(mediaType string) bool // with KeepBody: ends the exchange, with ErrShunned, when the header of an answer of unknown length has come; nil: none
	Response scenario.Response
	Asked    time.Duration // instant at which the script asked
	Sent     time.Duration // instant at which a connection stood and the first byte was written; Asked if it never came to that
	First    time.Duration // instant of the first byte of the response; 0 if none came
	Done     time.Duration // instant of the last byte of the body, or of the failure
	Link     Link
	BytesIn  int64 // of the body
	BytesOut int64 // of the body

	out    []byte
	raw    []byte // of a plain response, this one or an earlier one, all of it; parsed only knows it when that is asked for
	plain  plain  // what raw is
	looked bool   // raw is this response
	parsed fasthttp.Response
	header iter.Seq2[string, string] // eachHeader, kept so that showing it allocates nothing
	answer *http.Response            // over HTTP/2; nil: parsed
	body   bytes.Buffer              // over HTTP/2
}

// Do sends a request and reads the response to its end. How it went is in x.
func (s *Session) Do(ctx context.Context, x *Exchange, req *scenario.Request) {
	d := s.driver
	x.reset(d.cfg.Now())
	err := s.do(ctx, x, req)
	if err == nil {
		x.Response.Elapsed = x.Done - x.Sent
		x.fill()
		return
	}
	x.Done = d.cfg.Now()
	x.Response.Elapsed = x.Done - x.Sent
	if cutOff(ctx) {
		err = &Error{Class: load.ErrorCancelled, Stage: err.Stage, err: context.Cause(ctx)}
		x.Link.abandon()
	}
	x.Response.Err, x.Response.Class, x.Response.Stage = err, err.Class, err.Stage
}

// cutOff reports whether a context ended otherwise than by its time.
func cutOff(ctx context.Context) bool {
	return ctx.Err() != nil && !errors.Is(ctx.Err(), context.DeadlineExceeded)
}

func (s *Session) do(ctx context.Context, x *Exchange, req *scenario.Request) *Error {
	d := s.driver
	h, path, rooted, err := d.locate(req.URL)
	if err != nil {
		return &Error{Class: load.ErrorRequest, Stage: scenario.StageConnect, err: err}
	}
	timeout := req.Timeout
	if timeout <= 0 {
		timeout = d.cfg.Timeout
	}
	if d.framer != nil {
		x.Strand.Leave()
		r, err := d.newRequest(h, path, rooted, req)
		if err != nil {
			return &Error{Class: load.ErrorRequest, Stage: scenario.StageConnect, err: err}
		}
		return s.multiplex(ctx, x, h, r, timeout, req.Connect)
	}
	head, rest, err := d.appendRequest(x.out[:0], h, path, rooted, req)
	x.out = head
	if err != nil {
		return &Error{Class: load.ErrorRequest, Stage: scenario.StageConnect, err: err}
	}
	for {
		c, failed := s.connection(ctx, x.Strand, h, timeout, req.Connect, &x.Link)
		if failed != nil {
			failed.Stage = scenario.StageConnect
			return failed
		}
		stale, failed := s.exchange(ctx, c, x, req, head, rest, timeout)
		if !stale {
			return failed
		}
		x.Link.Closed++ // and nothing was sent
	}
}

// exchange sends a request and reads its response, unless the connection turns out to be stale. Then the connection is put aside, for
// others to take, or closed.
func (s *Session) exchange(ctx context.Context, c *conn, x *Exchange, req *scenario.Request, head, rest []byte, timeout time.Duration) (stale bool, failed *Error) {
	d := s.driver
	stop := func() bool { return true }
	c.strand = x.Strand
	if ctx.Done() != d.ctx.Done() {
		if err := c.leave(); err != nil { // a strand would not hear that the connection is closed
			c.close()
			return false, sendError(err)
		}
		stop = context.AfterFunc(ctx, func() { _ = c.Close() })
	}
	x.Sent = d.cfg.Now()
	since := x.Asked
	if req.Connect > 0 {
		since = x.Sent
	}
	if err := c.send(head, rest); err != nil {
		stop()
		c.close()
		return c.stale, sendError(err)
	}
	reusable, failed := x.read(c, req.Method == http.MethodHead)
	if failed == nil || failed.Stage != scenario.StageSend {
		x.BytesOut = int64(len(req.Body))
	}
	x.First, x.Done = c.first, c.last
	if failed == nil && x.Done-since > timeout {
		// When a response and its deadline have both come before the process ran again, reading prefers the response.
		reusable, failed = false, fail(load.ErrorClosed, fmt.Errorf("receive: %w", os.ErrDeadlineExceeded))
	}
	if !stop() {
		reusable = false
		if failed == nil && cutOff(ctx) {
			failed = fail(load.ErrorClosed, net.ErrClosed) // over TLS an answer may still come when the connection is closed
		}
	}
	if !reusable {
		c.close()
		return c.stale, failed
	}
	c.used, c.strand = true, nil
	s.put(c)
	return false, failed
}

// connectWithin returns how long a request may take until it has a connection.
func (d *Driver) connectWithin(timeout, connect time.Duration) time.Duration {
	if connect > 0 {
		return connect
	}
	return min(timeout, cmp.Or(d.cfg.Transport.ConnectTimeout, timeout))
}

// connection returns one that is ready for a request. Its deadline is the time-out from now on, or, if the request has another one
// for connecting, from when it stands. The run's limit for connecting is within the time-out.
func (s *Session) connection(ctx context.Context, on *strand.Strand, h *host, timeout, connect time.Duration, link *Link) (*conn, *Error) {
	within := s.driver.connectWithin(timeout, connect)
	if connect <= 0 && within == timeout {
		return s.connect(ctx, on, h, timeout, link)
	}
	now := s.driver.cfg.Now()
	deadline := now + timeout
	c, failed := s.connect(ctx, on, h, within, link)
	if failed != nil {
		return nil, failed
	}
	now = s.driver.cfg.Now()
	if connect > 0 {
		deadline = now + timeout
	}
	if err := c.limit(deadline, now); err != nil {
		c.close()
		return nil, fail(load.ErrorConnect, err)
	}
	return c, nil
}

// read parses the response and reports whether the connection can carry another request.
func (x *Exchange) read(c *conn, headOnly bool) (reusable bool, failed *Error) {
	r, _ := readers.Get().(*bufio.Reader)
	r.Reset(c)
	defer func() {
		r.Reset(nil)
		readers.Put(r)
	}()
	if !headOnly {
		if _, err := r.Peek(1); err != nil {
			return false, receiveError(c, err)
		}
		first, _ := r.Peek(r.Buffered())
		if x.looked = x.plain.same(x.raw, first); !x.looked {
			x.plain, x.looked = parsePlain(first)
		}
		if x.looked {
			x.raw = append(x.raw[:0], first...)
			x.BytesIn = int64(len(first) - x.plain.head)
			return true, nil
		}
		x.plain = plain{}
	}
	if x.KeepBody > 0 {
		return x.readCounted(c, r, headOnly)
	}
	x.parsed.SkipBody = headOnly
	err := x.parsed.ReadLimitBody(r, hugeBody)
	left := r.Buffered()
	if isSmallBuffer(err) {
		// Nothing of the header was consumed: read it again through a larger buffer.
		large := bufio.NewReaderSize(r, hugeHeader)
		err = x.parsed.ReadLimitBody(large, hugeBody)
		left = large.Buffered()
	}
	if err != nil {
		return false, receiveError(c, err)
	}
	x.BytesIn = int64(len(x.parsed.Body()))
	return left == 0 && !x.parsed.ConnectionClose() && x.parsed.StatusCode() != fasthttp.StatusSwitchingProtocols, nil
}

func isSmallBuffer(err error) bool {
	if err == nil {
		return false
	}
	var small *fasthttp.ErrSmallBuffer
	return errors.As(err, &small)
}

// receiveError classes why a response could not be read: the connection broke, or what came is not HTTP.
func receiveError(c *conn, err error) *Error {
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return &Error{Class: load.ErrorGenerator, err: fmt.Errorf("a body above %d MiB: %w", hugeBody>>20, err)}
	case c.stage == scenario.StageSend:
		return sendError(c.ioErr)
	case errors.Is(c.ioErr, io.EOF):
		return fail(load.ErrorClosed, errClosed)
	case c.ioErr != nil:
		return fail(load.ErrorClosed, fmt.Errorf("receive: %w", c.ioErr))
	default:
		return &Error{Class: load.ErrorProtocol, err: err}
	}
}

func sendError(err error) *Error {
	if errors.Is(err, io.EOF) {
		err = errClosed
	}
	failed := fail(load.ErrorClosed, fmt.Errorf("send: %w", err))
	failed.Stage = scenario.StageSend
	return failed
}

var errClosed = errors.New("the server closed the connection before the response was complete")

func (x *Exchange) reset(now time.Duration) {
	if cap(x.out) > keptBuffer {
		x.out = nil
	}
	if cap(x.parsed.Body()) > keptBuffer {
		x.parsed = fasthttp.Response{}
	}
	if x.body.Cap() > keptBuffer {
		x.body = bytes.Buffer{}
	}
	x.answer, x.looked = nil, false
	if x.header == nil {
		x.header = x.eachHeader
	}
	x.Response = scenario.Response{}
	x.Asked, x.Sent, x.First, x.Done = now, now, 0, 0
	x.Link = Link{}
	x.BytesIn, x.BytesOut = 0, 0
}

// fill shows the parsed response to the script.
func (x *Exchange) fill() {
	if x.answer != nil {
		x.Response.Status, x.Response.Version = x.answer.StatusCode, "HTTP/2"
		x.Response.Header, x.Response.Body = x.header, x.body.Bytes()
		x.Response.SetsCookie = len(x.answer.Header["Set-Cookie"]) > 0
		x.Response.Encoding = strings.Join(x.answer.Header["Content-Encoding"], ", ")
		return
	}
	x.Response.Header = x.header
	if x.looked {
		x.Response.Status, x.Response.Body, x.Response.SetsCookie = x.plain.status, x.raw[x.plain.head:], x.plain.cookies
		return
	}
	x.Response.Status = x.parsed.StatusCode()
	x.Response.Body = x.parsed.Body()
	header := &x.parsed.Header
	if version := header.Protocol(); string(version) != "HTTP/1.1" {
		x.Response.Version = string(version)
	}
	if reason := header.StatusMessage(); string(reason) != http.StatusText(x.Response.Status) {
		x.Response.Reason = string(reason)
	}
	if encoding := header.ContentEncoding(); len(encoding) > 0 {
		x.Response.Encoding = string(encoding)
	}
	for range header.Cookies() {
		x.Response.SetsCookie = true
		break
	}
}

// eachHeader yields the header fields of the response; what nobody reads costs nothing.
func (x *Exchange) eachHeader(yield func(name, value string) bool) {
	if x.answer != nil {
		for _, name := range slices.Sorted(maps.Keys(x.answer.Header)) {
			for _, value := range x.answer.Header[name] {
				if !yield(strings.ToLower(name), value) {
					return
				}
			}
		}
		return
	}
	if x.looked {
		_ = x.parsed.Header.Read(bufio.NewReaderSize(bytes.NewReader(x.raw), len(x.raw))) // parsePlain takes only what this can read
	}
	for name, value := range x.parsed.Header.All() {
		if !yield(string(name), string(value)) {
			return
		}
	}
}

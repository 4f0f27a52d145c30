package httpdriver

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/textproto"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// Over HTTP/2 a user has one connection to each host, as a browser has, and its requests share that. The frames are net/http's;
// its pool of connections, which repeats requests, is not used: a request that was written once is not written again.

// line is a user's HTTP/2 connection to a host.
type line struct {
	host *host
	turn chan struct{} // takes an element from who looks for the connection, and opens it

	mu     sync.Mutex // held for moments only
	shared *shared    // nil: none
	closed bool       // it keeps no connection any more
}

// shared is an HTTP/2 connection. It is closed when nobody has it any more: neither its line nor a request.
type shared struct {
	*http.ClientConn

	owners atomic.Int32
}

func (c *shared) leave() {
	if c.owners.Add(-1) == 0 {
		_ = c.Close()
	}
}

// get returns the connection of the line to one more owner; nil: there is none.
func (l *line) get() *shared {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.shared != nil {
		l.shared.owners.Add(1)
	}
	return l.shared
}

// put gives the line a new connection, of which the caller is the other owner, or the only one if the line was closed meanwhile.
func (l *line) put(client *http.ClientConn) *shared {
	c := &shared{ClientConn: client}
	c.owners.Store(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.shared = c
		c.owners.Add(1)
	}
	return c
}

// drop takes a connection off its line. What is under way on it goes on.
func (l *line) drop(c *shared) {
	l.mu.Lock()
	had := l.shared == c
	if had {
		l.shared = nil
	}
	l.mu.Unlock()
	if had {
		c.leave()
	}
}

// close drops the connection of the line, and lets it keep no other.
func (l *line) close() {
	l.mu.Lock()
	c := l.shared
	l.shared, l.closed = nil, true
	l.mu.Unlock()
	if c != nil {
		c.leave()
	}
}

// newFramer returns what makes HTTP/2 connections out of connections that stand.
func newFramer() *http.Transport {
	standing := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, _ := ctx.Value(standingKey{}).(net.Conn)
		return c, nil
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP2(true)
	protocols.SetUnencryptedHTTP2(true)
	return &http.Transport{
		DialContext: standing, DialTLSContext: standing, Protocols: protocols, DisableCompression: true,
		HTTP2: &http.HTTP2Config{StrictMaxConcurrentRequests: true}, // what a server does not take at once waits
	}
}

// standingKey is the key of the connection in the context of its framer.
type standingKey struct{}

// tether is a TCP connection that ends with the run.
type tether struct {
	net.Conn

	release func() bool
}

// Close closes the connection.
func (t *tether) Close() error {
	t.release()
	return t.Conn.Close()
}

// open opens an HTTP/2 connection. How it went is in link.
func (s *Session) open(ctx context.Context, h *host, link *Link) (*http.ClientConn, *Error) {
	d := s.driver
	link.State = LinkFailed
	tcp, failed := d.reach(ctx, h, link)
	if failed != nil {
		return nil, failed
	}
	var c net.Conn = &tether{tcp, context.AfterFunc(d.ctx, func() { _ = tcp.Close() })} //nolint:contextcheck // it outlives the request that opened it
	scheme := "http"
	if h.tls != nil {
		scheme = "https"
		before := d.cfg.Now()
		secure, err := s.secure(ctx, c, h)
		if err != nil {
			_ = c.Close()
			return nil, fail(load.ErrorTLS, err)
		}
		_, link.TLS = d.lap(before)
		c = secure
	}
	client, err := d.framer.NewClientConn(context.WithValue(ctx, standingKey{}, c), scheme, net.JoinHostPort(h.name, h.port))
	if err != nil {
		_ = c.Close()
		return nil, fail(load.ErrorClosed, err)
	}
	link.State = LinkOpened
	return client, nil
}

// line returns the user's line to a host. If there are too many, the one that was asked for longest ago is closed.
func (s *Session) line(h *host) *line {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, l := range slices.Backward(s.lines) {
		if l.host.is(h) {
			s.lines = append(slices.Delete(s.lines, i, i+1), l)
			return l
		}
	}
	if len(s.lines) == mostIdle {
		s.lines[0].close()
		s.lines = slices.Delete(s.lines, 0, 1)
	}
	l := &line{host: h, turn: make(chan struct{}, 1)}
	s.lines = append(s.lines, l)
	return l
}

// connected returns the connection of a line, which it opens if there is none, or none any more; the caller leaves it. Those who
// ask at the same time wait for the one who opens it. Lost is a connection that was found to take no more requests.
func (s *Session) connected(ctx context.Context, l *line, lost *shared, link *Link) (*shared, *Error) {
	select {
	case l.turn <- struct{}{}:
		defer func() { <-l.turn }()
	case <-ctx.Done():
		return nil, fail(load.ErrorConnect, ctx.Err())
	}
	if c := l.get(); c != nil {
		if c != lost && c.Err() == nil {
			link.State = LinkReused
			return c, nil
		}
		l.drop(c)
		c.leave()
		link.Closed++
	}
	client, failed := s.open(ctx, l.host, link)
	if failed != nil {
		return nil, failed
	}
	return l.put(client), nil
}

// progress is how far a request has come. It is told by other goroutines, which may outlive the exchange.
type progress struct {
	now   func() time.Duration
	sent  atomic.Int64 // instant at which the first byte was about to be written; -1: not yet
	first atomic.Int64 // instant of the first byte of the response; -1: not yet
	whole atomic.Bool  // the request was written to its end
}

func newProgress(now func() time.Duration) *progress {
	p := &progress{now: now}
	p.sent.Store(-1)
	p.first.Store(-1)
	return p
}

func (p *progress) trace() *httptrace.ClientTrace {
	return &httptrace.ClientTrace{
		WroteHeaderField:     func(string, []string) { p.sent.CompareAndSwap(-1, int64(p.now())) },
		WroteRequest:         func(info httptrace.WroteRequestInfo) { p.whole.Store(info.Err == nil) },
		GotFirstResponseByte: func() { p.first.CompareAndSwap(-1, int64(p.now())) },
	}
}

// multiplex sends a request over HTTP/2 and reads the response to its end.
func (s *Session) multiplex(ctx context.Context, x *Exchange, h *host, r *http.Request, timeout, connect time.Duration) *Error {
	if connect <= 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	within := s.driver.connectWithin(timeout, connect)
	l := s.line(h)
	var lost *shared
	for {
		opening, cancel := context.WithTimeout(ctx, within)
		c, failed := s.connected(opening, l, lost, &x.Link)
		cancel()
		if failed != nil {
			failed.Stage = scenario.StageConnect
			return failed
		}
		written, failed := x.attempt(ctx, c.ClientConn, r, timeout, connect > 0, s.driver.cfg.Now)
		again := failed != nil && !written && x.Link.State != LinkOpened && ctx.Err() == nil && gone(c.ClientConn, failed)
		if failed != nil && failed.Class == load.ErrorTimeout && x.First == 0 {
			l.drop(c) // it may be dead without anybody knowing: the next request takes another one, as over HTTP/1.1
		}
		c.leave()
		if !again {
			return failed
		}
		lost = c // it had ended before anything was written: another one takes the request
	}
}

// attempt makes an exchange over a connection, and reports whether anything of the request was written. If apart is true the
// time-out counts from now, else from when the request was asked for.
func (x *Exchange) attempt(ctx context.Context, client *http.ClientConn, r *http.Request, timeout time.Duration, apart bool,
	now func() time.Duration,
) (written bool, failed *Error) {
	x.Sent = now()
	since := x.Asked
	if apart {
		since = x.Sent
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	p := newProgress(now)
	failed = x.roundTrip(httptrace.WithClientTrace(ctx, p.trace()), client, r, p)
	if failed == nil && x.Done-since > timeout {
		failed = fail(load.ErrorClosed, fmt.Errorf("receive: %w", os.ErrDeadlineExceeded))
	}
	return p.sent.Load() >= 0, failed
}

// gone reports whether a connection has ended, or takes no more requests.
func gone(client *http.ClientConn, failed *Error) bool {
	return client.Err() != nil || strings.HasPrefix(failed.err.Error(), "http2: client conn")
}

// roundTrip sends a request and reads the response.
func (x *Exchange) roundTrip(ctx context.Context, client *http.ClientConn, r *http.Request, p *progress) *Error {
	var n int64
	answer, err := client.RoundTrip(r.WithContext(ctx))
	shunned := err == nil && x.shuns(answer.StatusCode, answer.Header.Get("Content-Type"), answer.ContentLength)
	if err == nil {
		if !shunned {
			n, err = x.readFrames(answer.Body)
		}
		x.Done = p.now()
		_ = answer.Body.Close()
	}
	if sent := p.sent.Load(); sent >= 0 {
		x.Sent = time.Duration(sent)
	}
	if first := p.first.Load(); first >= 0 {
		x.First = time.Duration(first)
	}
	if err == nil || p.whole.Load() { // an answer may come before net/http has said that the request was written
		x.BytesOut = r.ContentLength
	}
	switch {
	case shunned:
		return &Error{Class: load.ErrorCancelled, err: ErrShunned}
	case err != nil:
		return streamFailure(err, p)
	case x.body.Len() > hugeBody:
		return &Error{Class: load.ErrorGenerator, err: fmt.Errorf("a body above %d MiB", hugeBody>>20)}
	}
	x.BytesIn, x.answer = n, answer
	return nil
}

// readFrames reads a body that came over HTTP/2, and returns how long it is.
func (x *Exchange) readFrames(body io.Reader) (n int64, err error) {
	x.body.Reset()
	if x.KeepBody == 0 {
		return io.Copy(&x.body, io.LimitReader(body, hugeBody+1))
	}
	n, err = x.keep(body)
	x.body.Write(x.raw)
	return n, err
}

// streamError has the shape of the errors that net/http gives for a stream, whose type it keeps to itself.
type streamError struct {
	StreamID uint32
	Code     uint32
	Cause    error
}

func (e streamError) Error() string { return fmt.Sprintf("stream error %d", e.Code) }

// streamFailure classes why there is no response: the server gave the stream or the connection up, or what it sent is not HTTP/2.
func streamFailure(err error, p *progress) *Error {
	var stream streamError
	var network *net.OpError
	class := load.ErrorProtocol
	switch {
	case errors.As(err, &stream):
		if stream.Cause != nil && strings.Contains(stream.Cause.Error(), "received from peer") {
			class = load.ErrorClosed
		}
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		class, err = load.ErrorClosed, errClosed
	case errors.As(err, &network), strings.Contains(err.Error(), "GOAWAY"), strings.HasPrefix(err.Error(), "http2: client conn"):
		class = load.ErrorClosed
	case strings.Contains(err.Error(), "HTTP/1.1 header"): // what came instead of the server's first frame, maybe before anything was sent
	case p.sent.Load() < 0:
		class = load.ErrorRequest // net/http holds requests to more rules than we do
	}
	f := fail(class, err)
	switch {
	case p.sent.Load() < 0:
		f.Stage = scenario.StageConnect
	case !p.whole.Load():
		f.Stage = scenario.StageSend
	}
	return f
}

// newRequest makes a request for net/http.
func (d *Driver) newRequest(h *host, path string, rooted bool, req *scenario.Request) (*http.Request, error) {
	if !isToken(req.Method) {
		return nil, fmt.Errorf("%q is not an HTTP method", req.Method)
	}
	header := make(http.Header, len(req.Header)+len(h.fields))
	for i := range req.Header {
		f := &req.Header[i]
		if framing(f.Name) || connectionOnly(f.Name) {
			continue
		}
		if !isToken(f.Name) || strings.ContainsAny(f.Value, "\r\n\x00") {
			return nil, fmt.Errorf("%q: %w", f.Name, errHeader)
		}
		header.Add(f.Name, f.Value)
	}
	for i := range h.fields {
		if f := &h.fields[i]; !has(req, f.name) {
			header.Add(f.name, f.value)
		}
	}
	r := &http.Request{
		Method: req.Method, Host: header.Get("Host"), Header: header, Proto: "HTTP/2.0", ProtoMajor: 2,
		URL: &url.URL{Scheme: "http", Host: h.authority, Opaque: string(d.appendTarget(nil, path, rooted))},
	}
	if h.tls != nil {
		r.URL.Scheme = "https"
	}
	if strings.HasPrefix(r.URL.Opaque, "//") {
		r.URL.Opaque = "//" + r.Host + r.URL.Opaque // or the path would be taken for a host
	}
	if header["User-Agent"] == nil {
		header["User-Agent"] = nil // or net/http would say its own
	}
	if len(req.Body) > 0 {
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(req.Body)), int64(len(req.Body))
	}
	return r, nil
}

// connectionOnly reports whether a header field is about an HTTP/1.1 connection, and has no place in HTTP/2.
func connectionOnly(name string) bool {
	switch textproto.CanonicalMIMEHeaderKey(name) {
	case "Connection", "Keep-Alive", "Proxy-Connection", "Upgrade", "Te":
		return true
	}
	return false
}

package httpdriver

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// conn is one connection of a user. It remembers the error that broke it, because parsers of HTTP hide it.
type conn struct {
	net.Conn // TLS or TCP

	host    *host
	raw     syscall.RawConn
	probe   func(fd uintptr) bool // looks at the socket; kept so that looking allocates nothing
	dead    bool                  // what probe saw
	used    bool                  // a response was read
	ioErr   error
	now     func() time.Duration
	first   time.Duration // instant at which something came; 0: nothing yet
	last    time.Duration // instant of the last read
	release func() bool   // unregisters from the context
}

// begin forgets what the response before was like.
func (c *conn) begin() { c.ioErr, c.first, c.last = nil, 0, 0 }

// Read reads, and remembers an error and when that was.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.last = c.now()
	if n > 0 && c.first == 0 {
		c.first = c.last
	}
	if err != nil {
		c.ioErr = err
	}
	return n, err
}

func (c *conn) close() {
	c.release()
	_ = c.Close()
}

// alive reports whether the peer has neither closed the idle connection nor sent something nobody asked for.
func (c *conn) alive() bool {
	if c.probe == nil {
		return true
	}
	c.dead = false
	err := c.raw.Read(c.probe)
	return err == nil && !c.dead
}

// connect returns a connection to the host that is ready for a request, an idle one if there is one, with its deadline set.
// How that went is in link.
func (s *Session) connect(ctx context.Context, h *host, deadline time.Time, link *Link) (*conn, *Error) {
	for c := s.take(h); c != nil; c = s.take(h) {
		if c.SetDeadline(deadline) == nil && c.alive() {
			link.State = LinkReused
			return c, nil
		}
		link.Closed++
		c.close()
	}
	ctx, cancel := context.WithDeadline(ctx, deadline)
	defer cancel()
	c, failed := s.driver.dial(ctx, h, link)
	if failed != nil {
		return nil, failed
	}
	if err := c.SetDeadline(deadline); err != nil {
		c.close()
		return nil, fail(load.ErrorConnect, err)
	}
	return c, nil
}

// dial opens a connection: to the next address of the host, or the ones after it if that does not answer. Nothing was sent
// yet, so this repeats nothing. How it went is in link.
func (d *Driver) dial(ctx context.Context, h *host, link *Link) (*conn, *Error) {
	link.State = LinkFailed
	now := d.cfg.Now()
	addresses, asked, err := d.resolver.lookup(ctx, h.name)
	if err != nil {
		return nil, fail(load.ErrorDNS, err)
	}
	if asked {
		now, link.DNS = d.lap(now)
	}
	var tcp net.Conn
	for i, a := range addresses {
		tcp, err = d.dialer.DialContext(ctx, "tcp", net.JoinHostPort(a, h.port))
		if err == nil {
			if i > 0 {
				d.resolver.prefer(h.name, a)
			}
			break
		}
		if ctx.Err() != nil || exhausted(err) {
			break
		}
	}
	if err != nil {
		if refused(err) {
			link.State = LinkRefused
		}
		return nil, fail(load.ErrorConnect, err)
	}
	now, link.Connect = d.lap(now)
	c := &conn{Conn: tcp, host: h, now: d.cfg.Now}
	if sc, ok := tcp.(syscall.Conn); ok {
		if c.raw, err = sc.SyscallConn(); err == nil {
			c.probe = newProbe(c)
		}
	}
	// Closing is what interrupts every read and write, whatever deadline is set meanwhile.
	c.release = context.AfterFunc(d.ctx, func() { _ = tcp.Close() }) //nolint:contextcheck // it outlives the request that opened it
	if h.tls != nil {
		secure := tls.Client(tcp, h.tls)
		if err := secure.HandshakeContext(ctx); err != nil {
			c.close()
			return nil, fail(load.ErrorTLS, err)
		}
		_, link.TLS = d.lap(now)
		c.Conn = secure
	}
	link.State = LinkOpened
	return c, nil
}

// Error is a failed exchange.
type Error struct {
	Class string // load.Error…
	Stage scenario.Stage
	err   error
}

func (e *Error) Error() string { return e.err.Error() }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.err }

// fail classes an error that happened in the given stage. What the generator lacks and what the clock cut off is not the
// fault of the stage.
func fail(stage string, err error) *Error {
	e := &Error{Class: stage, err: err}
	var timeout interface{ Timeout() bool }
	switch {
	case exhausted(err):
		e.Class = load.ErrorGenerator
	case stage == load.ErrorDNS:
		e.err = fmt.Errorf("resolve: %w", err)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		e.Class = load.ErrorTimeout
	}
	return e
}

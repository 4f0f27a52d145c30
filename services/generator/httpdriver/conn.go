package httpdriver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/scenario"
)

// conn is one connection of a user. It remembers the error that broke it, because parsers of HTTP hide it.
type conn struct {
	net.Conn // TLS or TCP

	host    *host
	now     func() time.Duration
	life    context.Context //nolint:containedctx // the driver's, whose end closes the connection
	raw     syscall.RawConn
	probe   func(fd uintptr) bool // looks at the socket; kept so that looking allocates nothing
	dead    bool                  // what probe saw
	used    bool                  // a response was read
	kept    bool                  // it was put aside at least once
	stale   bool                  // it was found closed, or out of step, before anything was sent
	release func() bool           // unregisters from the context
	first   time.Duration         // instant at which something of the response came; 0: nothing yet
	last    time.Duration         // instant of the last read

	turner   *turner        // nil: there is none for TLS, nor on some platforms
	strand   *strand.Strand // of the exchange under way
	detached *detached      // the socket, in place of Conn; nil: it is Conn's
	read     int            // bytes of its response
	out      []byte         // of the request, what goes out with the first reading of its response
	deadline time.Duration  // instant at which the exchange under way times out
	armed    time.Duration  // instant at which the socket's own deadline passes; it may be that of an earlier exchange
	ioErr    error
	stage    scenario.Stage // of ioErr
}

// limit sets the instant at which what is under way times out. The socket is told only if it would wake too late, so that most
// exchanges set no timer.
func (c *conn) limit(deadline, now time.Duration) error {
	c.deadline = deadline
	if c.detached != nil || c.turner != nil && c.armed > now && c.armed <= deadline {
		return nil
	}
	return c.arm()
}

// arm tells the socket when the exchange under way times out.
func (c *conn) arm() error {
	c.armed = c.deadline
	return c.SetDeadline(time.Now().Add(c.deadline - c.now()))
}

// mostWoven is how much of a response a strand reads on its loop: others wait.
const mostWoven = 128 << 10

// send sends a request, or has it go out when its response is read. It forgets what the exchange before was like.
func (c *conn) send(head, rest []byte) error {
	c.ioErr, c.stage, c.first, c.last, c.read = nil, scenario.StageReceive, 0, 0, 0
	if len(rest) > 0 || c.turner == nil || c.strand.OnLoop() && c.detach() != nil {
		if err := c.leave(); err != nil {
			return err
		}
	}
	if c.turner != nil && len(rest) == 0 {
		c.out = head
		return nil
	}
	if c.turner != nil && c.kept && !c.alive() {
		c.stale = true
		return errStale
	}
	if err := c.write(head); err != nil {
		return err
	}
	return c.write(rest)
}

// write sends all of p.
func (c *conn) write(p []byte) error {
	if len(p) == 0 {
		return nil
	}
	if c.armed != c.deadline {
		if err := c.arm(); err != nil {
			return err
		}
	}
	_, err := c.Write(p)
	return err
}

// Read reads, and remembers an error and when that was. What is still to be sent goes first.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.receive(p)
	for errors.Is(err, os.ErrDeadlineExceeded) && c.now() < c.deadline {
		// The deadline was that of an earlier exchange.
		if err = c.arm(); err == nil {
			n, err = c.receive(p)
		}
	}
	if c.read += n; c.read > mostWoven && err == nil {
		err = c.leave()
	}
	c.last = c.now()
	if n > 0 && c.first == 0 {
		c.first = c.last
	}
	if err != nil {
		c.ioErr = err
	}
	return n, err
}

func (c *conn) receive(p []byte) (int, error) {
	if len(c.out) == 0 {
		if c.detached != nil {
			t := c.weave(nil, p)
			return t.received, t.err
		}
		return c.Conn.Read(p)
	}
	c.stage = scenario.StageSend
	var t turn
	if c.detached != nil {
		t = c.weave(c.out, p)
	} else {
		t = c.turner.take(c.out, p, c.kept)
	}
	c.out, c.stale = c.out[t.sent:], t.stale
	n, err := t.received, t.err
	if t.stale {
		return 0, errStale
	}
	if len(c.out) > 0 && err == nil {
		// The socket takes no more for now.
		if err = c.leave(); err == nil {
			err = c.write(c.out)
		}
		if err == nil {
			c.out = nil
		}
	}
	if len(c.out) > 0 {
		return 0, err
	}
	c.stage = scenario.StageReceive
	if n > 0 || err != nil {
		return n, err
	}
	return c.Conn.Read(p)
}

func (c *conn) close() {
	if c.detached != nil {
		c.detached.close()
		return
	}
	c.release()
	_ = c.Close()
}

// leave has the exchange go on in a goroutine of its own.
func (c *conn) leave() error {
	c.strand.Leave()
	return c.attach()
}

// hold makes tcp the connection, which ends with the driver's life.
func (c *conn) hold(tcp net.Conn) {
	c.Conn = tcp
	if sc, ok := tcp.(syscall.Conn); ok {
		var err error
		if c.raw, err = sc.SyscallConn(); err == nil {
			c.probe = newProbe(c)
			if c.host.tls == nil {
				c.turner = newTurner(c.raw)
			}
		}
	}
	// Closing is what interrupts every read and write, whatever deadline is set meanwhile.
	c.release = context.AfterFunc(c.life, func() { _ = tcp.Close() })
}

// errStale is the end of an exchange that did not begin.
var errStale = errors.New("the kept connection is not open any more")

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
func (s *Session) connect(ctx context.Context, on *strand.Strand, h *host, timeout time.Duration, link *Link) (*conn, *Error) {
	now := s.driver.cfg.Now()
	deadline := now + timeout
	for c := s.take(h); c != nil; c = s.take(h) {
		if !on.OnLoop() {
			if err := c.attach(); err != nil {
				c.close()
				link.State = LinkFailed
				return nil, fail(load.ErrorConnect, err)
			}
		}
		if c.limit(deadline, now) == nil && (c.turner != nil || c.alive()) { // a turner looks itself
			link.State = LinkReused
			return c, nil
		}
		link.Closed++
		c.close()
	}
	on.Leave()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	c, failed := s.dial(ctx, h, link)
	if failed != nil {
		return nil, failed
	}
	if err := c.limit(deadline, s.driver.cfg.Now()); err != nil {
		c.close()
		return nil, fail(load.ErrorConnect, err)
	}
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
	var op *net.OpError
	switch {
	case errors.As(err, &op) && op.Op == "remote error": // TLS 1.3 tells clients what is wrong with their certificate after the handshake
		e.Class = load.ErrorTLS
	case exhausted(err):
		e.Class = load.ErrorGenerator
	case stage == load.ErrorDNS:
		e.err = fmt.Errorf("resolve: %w", err)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		e.Class = load.ErrorTimeout
	}
	return e
}

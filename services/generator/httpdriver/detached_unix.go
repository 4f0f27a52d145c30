//go:build unix

package httpdriver

import (
	"errors"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/loadpilot/loadpilot/services/generator/strand"
)

// detached is the socket of a connection that the loop of a strand watches and the Go runtime does not, which would wake a thread for
// each response.
type detached struct {
	fd    int
	loop  *strand.Loop
	watch *strand.Watch
}

// detach takes the connection from the runtime and has the loop of its strand watch it. It does nothing if that was done.
func (c *conn) detach() error {
	if c.detached != nil {
		return nil
	}
	fd, err := -1, error(nil)
	if failed := c.raw.Control(func(old uintptr) { fd, err = unix.FcntlInt(old, unix.F_DUPFD_CLOEXEC, 0) }); failed != nil {
		return failed
	}
	if err != nil {
		return err
	}
	loop := c.strand.Loop()
	watch, err := loop.Watch(fd)
	if err != nil {
		return errors.Join(err, unix.Close(fd))
	}
	c.release()
	_ = c.Close()
	c.detached = &detached{fd: fd, loop: loop, watch: watch}
	return nil
}

// attach gives a detached connection back to the runtime, so that a goroutine can wait for it.
func (c *conn) attach() error {
	if c.detached == nil {
		return nil
	}
	c.detached.loop.Unwatch(c.detached.fd)
	file := os.NewFile(uintptr(c.detached.fd), "socket")
	tcp, err := net.FileConn(file)
	c.detached = nil
	if err := errors.Join(err, file.Close()); err != nil {
		return err
	}
	c.hold(tcp)
	return c.arm()
}

// weave is the take of a turner for a strand on its loop: the strand waits in place of the goroutine, until the deadline of the exchange.
// With an empty out it receives alone. It also fails when the life of the connection has ended, which closes no detached socket.
func (c *conn) weave(out, in []byte) turn {
	t := c.turner
	t.turn = turn{out: out, in: in, kept: c.kept, looked: len(out) == 0 || c.detached.watch.Quiet(c.detached.loop)}
	for {
		switch {
		case c.life.Err() != nil:
			t.err = net.ErrClosed
		case t.advance(uintptr(c.detached.fd)):
		case c.now() >= c.deadline:
			t.err = os.ErrDeadlineExceeded
		default:
			c.strand.Wait(c.detached.watch, c.deadline)
			continue
		}
		break
	}
	done := t.turn
	t.turn = turn{}
	return done
}

// close closes the socket, once.
func (d *detached) close() {
	if d.fd >= 0 {
		_ = unix.Close(d.fd)
		d.fd = -1
	}
}

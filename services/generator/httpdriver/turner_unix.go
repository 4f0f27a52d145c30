//go:build unix

package httpdriver

import (
	"io"
	"syscall"
)

// turner sends a request and receives the beginning of its response by one system call each, after a look at whether something came
// unasked: it waits for the response before it reads, where reading a net.Conn asks, is told that there is nothing, waits, and asks
// again.
type turner struct {
	raw  syscall.RawConn
	step func(fd uintptr) bool // t.advance, kept so that taking it allocates nothing

	turn
}

// turn is one request and the beginning of its response.
type turn struct {
	out, in  []byte // in must have room
	kept     bool   // the connection was put aside: whatever comes unasked, it cannot be used any more
	looked   bool
	stale    bool // that was so; nothing was sent
	sent     int
	received int
	err      error
}

func newTurner(raw syscall.RawConn) *turner {
	t := &turner{raw: raw}
	t.step = t.advance
	return t
}

// take sends out, which must not be empty, and then receives into in at least one byte, unless it fails or is stale. If the socket
// does not take all of out at once, it returns without an error how much it took.
func (t *turner) take(out, in []byte, kept bool) turn {
	t.turn = turn{out: out, in: in, kept: kept}
	if err := t.raw.Read(t.step); err != nil {
		t.err = err
	}
	done := t.turn
	t.turn = turn{}
	return done
}

// advance does what can be done now and reports whether the turn is over; otherwise it is called again when there is something to
// read. It is first called when the runtime has already begun to watch for that, which it is told of only once: the look finds what
// came before.
func (t *turner) advance(fd uintptr) bool {
	if !t.looked {
		t.looked = true
		if over := t.receive(int(fd)); over && (t.kept || t.err != nil) {
			t.stale = t.kept
			return true
		}
	}
	if t.sent == 0 && len(t.out) > 0 {
		n, err := retried(syscall.Write, int(fd), t.out)
		t.sent = max(0, n)
		if err == syscall.EAGAIN { //nolint:errorlint // system calls return plain numbers
			err = nil
		}
		t.err = err
		return err != nil || t.sent < len(t.out) || t.received > 0
	}
	return t.receive(int(fd))
}

// receive reads what is there and reports false if nothing is, for now.
func (t *turner) receive(fd int) bool {
	n, err := retried(syscall.Read, fd, t.in)
	switch {
	case err == syscall.EAGAIN: //nolint:errorlint // as above
		return false
	case err == nil && n == 0:
		err = io.EOF
	}
	t.received, t.err = max(0, n), err
	return true
}

// retried repeats a system call that a signal has interrupted. Only those of package syscall order, for the race detector, what
// is done on the two sides of a connection as package net does.
func retried(call func(fd int, p []byte) (int, error), fd int, p []byte) (n int, err error) {
	for {
		if n, err = call(fd, p); err != syscall.EINTR { //nolint:errorlint // as above
			return n, err
		}
	}
}

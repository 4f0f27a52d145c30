//go:build !unix

package httpdriver

import (
	"errors"
	"syscall"
)

// turner exists only where sockets can be used by their descriptors.
type turner struct{}

func newTurner(syscall.RawConn) *turner { return nil }

// turn is one request and the beginning of its response.
type turn struct {
	stale          bool
	sent, received int
	err            error
}

func (*turner) take([]byte, []byte, bool) turn { panic("there is no turner here") }

// detached would be the socket of a connection that a strand uses.
type detached struct{}

func (c *conn) detach() error { return errors.ErrUnsupported }

func (c *conn) attach() error { return nil }

func (c *conn) weave([]byte, []byte) turn { panic("there are no strands here") }

func (*detached) close() { panic("there are no strands here") }

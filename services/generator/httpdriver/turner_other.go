//go:build !unix

package httpdriver

import "syscall"

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

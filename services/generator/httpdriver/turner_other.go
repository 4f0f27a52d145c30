//go:build !unix

package httpdriver

import "syscall"

// turner exists only where sockets can be used by their descriptors.
type turner struct{}

func newTurner(syscall.RawConn) *turner { return nil }

func (*turner) turn([]byte, []byte) (sent, received int, err error) { panic("there is no turner here") }

//go:build unix

package httpdriver

import (
	"errors"
	"syscall"
)

// exhausted reports whether this process or machine ran out of what a connection needs: the target has no part in that.
func exhausted(err error) bool {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return false
	}
	switch errno {
	case syscall.EMFILE, syscall.ENFILE, syscall.EADDRNOTAVAIL, syscall.ENOBUFS, syscall.ENOMEM:
		return true
	default:
		return false
	}
}

// refused reports whether the peer has said no to a connection.
func refused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }

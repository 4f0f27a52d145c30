//go:build unix

package httpdriver

import (
	"errors"

	"golang.org/x/sys/unix"
)

// newProbe returns a look at the socket of an idle connection that neither waits nor consumes: silence is what a living
// one has to say. A TLS server may send session tickets before its first response.
func newProbe(c *conn) func(fd uintptr) bool {
	var b [1]byte
	return func(fd uintptr) bool {
		n, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		silent := errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR)
		tickets := err == nil && n > 0 && c.host.tls != nil && !c.used
		c.dead = !silent && !tickets
		return true
	}
}

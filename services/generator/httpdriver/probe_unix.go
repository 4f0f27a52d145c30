//go:build unix

package httpdriver

import "golang.org/x/sys/unix"

// newProbe returns a look at the socket of an idle connection that neither waits nor consumes: silence is what a living
// one has to say. A TLS server may send session tickets before its first response.
func newProbe(c *conn) func(fd uintptr) bool {
	fds := []unix.PollFd{{Events: unix.POLLIN}}
	return func(fd uintptr) bool {
		fds[0].Fd = int32(fd) //nolint:gosec // descriptors are small
		n, err := unix.Poll(fds, 0)
		tickets := c.host.tls != nil && !c.used && fds[0].Revents == unix.POLLIN
		c.dead = err == nil && n > 0 && !tickets
		return true
	}
}

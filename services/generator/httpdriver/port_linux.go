package httpdriver

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// latePort lets the system choose the port of a socket with a source address when it connects, not before: ports are then
// scarce for each server, not for all together.
func latePort(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) {
		_ = unix.SetsockoptInt(int(fd), unix.IPPROTO_IP, unix.IP_BIND_ADDRESS_NO_PORT, 1) // without it ports are chosen early
	})
}

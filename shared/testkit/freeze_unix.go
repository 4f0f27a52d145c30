//go:build unix

package testkit

import (
	"syscall"
	"testing"
)

// Freeze stops the process in its tracks, as a machine does that is suspended, until Thaw or the end of the test.
func (p *Process) Freeze(tb testing.TB) {
	tb.Helper()
	p.Signal(syscall.SIGSTOP)
	tb.Cleanup(p.Thaw)
}

// Thaw lets a frozen process go on.
func (p *Process) Thaw() { p.Signal(syscall.SIGCONT) }

// Freeze stops the server in its tracks until Thaw or the end of the test.
func (s *Server) Freeze(tb testing.TB) {
	tb.Helper()
	s.process.Freeze(tb)
}

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.process.Thaw() }

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

//go:build unix

package httpdriver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

func TestClasses(t *testing.T) {
	t.Parallel()
	dial := func(e syscall.Errno) error {
		return &net.OpError{Op: "dial", Err: os.NewSyscallError("connect", e)}
	}
	for _, tt := range []struct {
		stage string
		err   error
		class string
	}{
		{load.ErrorConnect, dial(syscall.ECONNREFUSED), load.ErrorConnect},
		{load.ErrorConnect, dial(syscall.EHOSTUNREACH), load.ErrorConnect},
		{load.ErrorConnect, dial(syscall.ETIMEDOUT), load.ErrorTimeout},
		{load.ErrorConnect, dial(syscall.EMFILE), load.ErrorGenerator},
		{load.ErrorConnect, dial(syscall.ENFILE), load.ErrorGenerator},
		{load.ErrorConnect, dial(syscall.EADDRNOTAVAIL), load.ErrorGenerator},
		{load.ErrorConnect, context.DeadlineExceeded, load.ErrorTimeout},
		{load.ErrorDNS, &net.DNSError{Err: "no such host", IsNotFound: true}, load.ErrorDNS},
		{load.ErrorDNS, &net.DNSError{Err: "server misbehaving", IsTimeout: true}, load.ErrorDNS},
		{load.ErrorDNS, dial(syscall.EMFILE), load.ErrorGenerator},
		{load.ErrorTLS, errors.New("bad certificate"), load.ErrorTLS},
		{load.ErrorTLS, os.ErrDeadlineExceeded, load.ErrorTimeout},
		{load.ErrorClosed, fmt.Errorf("receive: %w", syscall.ECONNRESET), load.ErrorClosed},
		{load.ErrorClosed, fmt.Errorf("receive: %w", os.ErrDeadlineExceeded), load.ErrorTimeout},
	} {
		e := fail(tt.stage, tt.err)
		require.Equal(t, tt.class, e.Class, "%s: %v", tt.stage, tt.err)
		require.ErrorIs(t, e, tt.err)
	}
}

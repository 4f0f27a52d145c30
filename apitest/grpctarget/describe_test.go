package grpctarget

import (
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

func TestServersThatDoNotDescribeTheirMethod(t *testing.T) {
	t.Parallel()
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = silent.Close() })
	for _, host := range []string{unused(t), silent.Addr().String()} {
		_, _, err := Opener().Open(t.Context(), run.Config{Path: "grpc://" + host + unary, Timeout: 50 * time.Millisecond})
		require.ErrorIs(t, err, load.ErrUnavailable)
		require.ErrorContains(t, err, host)
	}
}

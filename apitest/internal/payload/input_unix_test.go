//go:build unix

package payload

import (
	"context"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Nobody writes into the pipe that the rows are read from.
func TestAnInterruptEndsTheWaitForRows(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "rows.csv")
	require.NoError(t, syscall.Mkfifo(pipe, 0o600))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := New(ctx, run.Config{Path: "/", DataFile: pipe})
	require.ErrorContains(t, err, "data: context canceled")
	writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // the read ends, which the process would have ended
	require.NoError(t, err)
	require.NoError(t, writer.Close())
}

func TestEndlessRowsAreRefused(t *testing.T) {
	t.Parallel()
	_, err := New(t.Context(), run.Config{Path: "/", DataFile: "/dev/zero"})
	require.ErrorIs(t, err, load.ErrInvalid)
	require.ErrorContains(t, err, "data: /dev/zero: it has more than 64 MiB")
}

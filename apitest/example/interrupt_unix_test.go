//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
)

// Whoever waits for input that does not come can leave.
func TestInterruptedWhileInputIsRead(t *testing.T) {
	t.Parallel()
	s := newShell(t, "none")
	for flag, value := range map[string]string{"--payload": "@", "--data": ""} {
		for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
			pipe := filepath.Join(t.TempDir(), "pipe")
			require.NoError(t, syscall.Mkfifo(pipe, 0o600))
			p := s.start("run", "/health/", "--in-process", flag, value+pipe)
			writer, err := os.OpenFile(pipe, os.O_WRONLY, 0) // when it reads
			require.NoError(t, err)
			p.Signal(signal)
			assert.Equal(t, load.ExitInterrupted, p.Wait(), flag)
			assert.Empty(t, p.Stdout()+p.Stderr())
			require.NoError(t, writer.Close())
		}
	}
}

package testkit_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/testkit"
)

func TestProcess(t *testing.T) {
	t.Parallel()
	shell, err := os.Stat("/bin/sh")
	if err != nil || shell.IsDir() {
		t.Skip("this platform has no /bin/sh")
	}
	sh := func(t *testing.T, script string) *testkit.Process {
		t.Helper()
		return testkit.Start(t, testkit.Command{Path: "/bin/sh", Args: []string{"-c", script}, Env: []string{"NAME=pilot"}})
	}
	t.Run("exits", func(t *testing.T) {
		t.Parallel()
		p := sh(t, `echo "hello $NAME"; echo bad >&2; exit 3`)
		require.Equal(t, "hello pilot", p.Line(t))
		require.Equal(t, 3, p.Wait())
		require.Equal(t, "bad", strings.TrimSpace(p.Stderr()))
	})
	t.Run("obeys", func(t *testing.T) {
		t.Parallel()
		p := sh(t, `trap 'exit 7' TERM; echo ready; while :; do sleep 0.01; done`)
		p.Line(t)
		require.Equal(t, -1, p.ExitCode(), "it runs")
		require.Equal(t, 7, p.Stop())
		require.Equal(t, 7, p.Stop(), "stopping twice is no mistake")
	})
	t.Run("is killed", func(t *testing.T) {
		t.Parallel()
		p := sh(t, `trap '' TERM; echo ready; while :; do sleep 0.01; done`)
		p.Line(t)
		p.Kill()
		require.Equal(t, -1, p.Wait(), "a signal has no exit code")
	})
}

//go:build unix

package embedded

import (
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAFolderIsFreeWhileAChildStillHoldsTheFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	lock, err := lockFolder(dir)
	require.NoError(t, err)
	child, err := syscall.Dup(int(lock.Fd())) // what a fork does to it
	require.NoError(t, err)
	defer syscall.Close(child)

	require.NoError(t, freeFolder(lock))
	again, err := lockFolder(dir)
	require.NoError(t, err)
	require.NoError(t, freeFolder(again))
}

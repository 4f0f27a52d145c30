package lifecycle

import (
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

// percent reads the collector's pace.
func percent() int {
	p := debug.SetGCPercent(100)
	debug.SetGCPercent(p)
	return p
}

func TestTuneMemory(t *testing.T) {
	before, limit := debug.SetGCPercent(70), debug.SetMemoryLimit(-1)
	defer debug.SetGCPercent(before)
	defer debug.SetMemoryLimit(limit)
	t.Setenv("GOMEMLIMIT", "3GiB")
	TuneMemory(func(string) string { return "70" })
	require.Equal(t, 70, percent(), "GOGC stands")
	require.Equal(t, limit, debug.SetMemoryLimit(-1), "so does GOMEMLIMIT, which the runtime has read")
	TuneMemory(func(string) string { return "" })
	require.Equal(t, collectPercent, percent())
}

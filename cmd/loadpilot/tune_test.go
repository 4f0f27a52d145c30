package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"
)

func nothing(string) string { return "" }

// keepMemory restores the settings of the collector after a test.
func keepMemory(t *testing.T) {
	t.Helper()
	percent, limit := debug.SetGCPercent(100), debug.SetMemoryLimit(-1)
	t.Cleanup(func() {
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	})
}

// The settings are those of the process.
func TestTuneMemory(t *testing.T) {
	keepMemory(t)
	debug.SetGCPercent(70)
	debug.SetMemoryLimit(3 << 30)
	tuneMemory(func(name string) string { return map[string]string{"GOGC": "70", "GOMEMLIMIT": "3GiB"}[name] })
	require.Equal(t, 70, debug.SetGCPercent(100), "GOGC stands")
	require.Equal(t, int64(3<<30), debug.SetMemoryLimit(-1), "so does GOMEMLIMIT, which the runtime has read")
	tuneMemory(nothing)
	require.Equal(t, collectPercent, debug.SetGCPercent(100))
}

func TestTuneThreads(t *testing.T) {
	before := runtime.GOMAXPROCS(1)
	defer runtime.GOMAXPROCS(before)
	tuneThreads(func(string) string { return "1" })
	require.Equal(t, 1, runtime.GOMAXPROCS(0), "GOMAXPROCS stands")
	tuneThreads(nothing)
	require.Equal(t, 2, runtime.GOMAXPROCS(3))
	tuneThreads(nothing)
	require.Equal(t, 3, runtime.GOMAXPROCS(0), "there are enough")
}

func TestDivideMemory(t *testing.T) {
	for name, tt := range map[string]struct {
		getenv func(string) string
		limit  int64
		want   []string
		own    int64
	}{
		"three processes":    {nothing, 3 << 30, []string{"GOMEMLIMIT=1073741824"}, 1 << 30},
		"no limit":           {nothing, math.MaxInt64, nil, math.MaxInt64},
		"by the environment": {func(string) string { return "3GiB" }, 3 << 30, nil, 3 << 30},
	} {
		t.Run(name, func(t *testing.T) {
			keepMemory(t)
			debug.SetMemoryLimit(tt.limit)
			require.Equal(t, tt.want, divideMemory(tt.getenv, 2))
			require.Equal(t, tt.own, debug.SetMemoryLimit(-1))
		})
	}
}

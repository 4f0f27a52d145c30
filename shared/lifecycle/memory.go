package lifecycle

import (
	"runtime/debug"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// collectPercent is how much of what is in use may be allocated before the garbage collector runs. Load comes in bursts of
	// short-lived values, so twice as seldom costs little memory and saves half of the work.
	collectPercent = 200
	// limitShare is the part of the container's memory from which on the collector runs as often as it takes.
	limitShare = 0.9
)

// TuneMemory sets the pace of the process's garbage collector, by the memory limit of the container if it is in one. What the
// environment, read by getenv, says in GOGC and GOMEMLIMIT stands.
func TuneMemory(getenv func(name string) string) {
	if getenv("GOGC") == "" {
		debug.SetGCPercent(collectPercent)
	}
	// Without a limit, or where there are no containers, the heap is not bounded: that is no error.
	_, _ = memlimit.Set(memlimit.WithRatio(limitShare))
}

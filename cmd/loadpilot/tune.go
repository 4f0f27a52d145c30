package main

import (
	"math"
	"runtime"
	"runtime/debug"
	"strconv"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

const (
	// collectPercent is how much of what is in use may be allocated before the garbage collector runs. Load comes in bursts of
	// short-lived values, so a third less often costs little memory and saves a third of the work.
	collectPercent = 150
	// limitShare is the part of the container's memory from which on the collector runs as often as it takes.
	limitShare = 0.9
)

// Where the runtime finds its own settings, which stand.
const (
	paceName    = "GOGC"
	limitName   = "GOMEMLIMIT"
	threadsName = "GOMAXPROCS"
)

// fewestThreads run at once, also where there is but one processor: the kernel lets the pacer's thread go on whenever something is to
// be done for it, where the Go scheduler would let it wait for up to 10 ms.
const fewestThreads = 2

// tuneThreads sets how many threads of this process run at once. What the environment says stands.
func tuneThreads(getenv func(name string) string) {
	if getenv(threadsName) == "" && runtime.GOMAXPROCS(0) < fewestThreads {
		runtime.GOMAXPROCS(fewestThreads)
	}
}

// tuneMemory sets the pace of this process's garbage collector, by the memory limit of the container if it is in one. What the
// environment says stands.
func tuneMemory(getenv func(name string) string) {
	if getenv(paceName) == "" {
		debug.SetGCPercent(collectPercent)
	}
	if getenv(limitName) != "" {
		return
	}
	// Without a limit, or where there are no containers, the heap is not bounded: that is no error.
	if limit, err := memlimit.FromCgroup(); err == nil {
		debug.SetMemoryLimit(int64(limitShare * float64(limit)))
	}
}

// divideMemory takes this process's part of the container's memory if it shares that with the given number of others, and
// returns what the environment of each of them has to say for the same; nothing if there is no limit, or the environment says
// it already.
func divideMemory(getenv func(name string) string, others int) []string {
	limit := debug.SetMemoryLimit(-1)
	if getenv(limitName) != "" || limit == math.MaxInt64 {
		return nil
	}
	limit /= int64(others) + 1
	debug.SetMemoryLimit(limit)
	return []string{limitName + "=" + strconv.FormatInt(limit, 10)}
}

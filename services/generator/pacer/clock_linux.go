package pacer

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

// preciseClock sleeps in the kernel's high-resolution timer.
type preciseClock struct {
	plainClock

	epochNanos int64 // the epoch on CLOCK_MONOTONIC
}

// NewClock returns the best clock of the platform: here one that sleeps in clock_nanosleep.
func NewClock() Clock {
	epoch := time.Now()
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return plainClock{epoch: epoch}
	}
	// The two readings are not simultaneous; adding what has passed since the epoch keeps SleepUntil from waking early.
	return preciseClock{plainClock: plainClock{epoch: epoch}, epochNanos: ts.Nano() - int64(time.Since(epoch)) + epochSkewNanos}
}

// epochSkewNanos outweighs the error of relating the two clocks: waking this much later is nothing, waking earlier would
// cost a second sleep.
const epochSkewNanos = 500

// SleepUntil sleeps to an absolute time, so being preempted before the system call costs nothing.
func (c preciseClock) SleepUntil(t time.Duration) {
	ts := unix.NsecToTimespec(c.epochNanos + int64(t))
	for {
		// The runtime's preemption signals interrupt the sleep.
		err := unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil)
		if !errors.Is(err, unix.EINTR) {
			return
		}
	}
}

// tuneThread asks the kernel not to delay this thread's timers by its usual 50 µs in order to batch wake-ups. Being refused
// costs just that.
func tuneThread() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) }

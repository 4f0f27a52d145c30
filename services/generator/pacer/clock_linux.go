package pacer

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// preciseClock wakes by the kernel's high-resolution timers.
type preciseClock struct {
	plainClock

	epochNanos int64 // the epoch on CLOCK_MONOTONIC
}

// NewClock returns the best clock of the platform: here one whose alarms are timer descriptors.
func NewClock() Clock {
	epoch := time.Now()
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return plainClock{epoch: epoch}
	}
	// The two readings are not simultaneous; adding what has passed since the epoch keeps alarms from waking early.
	return preciseClock{plainClock: plainClock{epoch: epoch}, epochNanos: ts.Nano() - int64(time.Since(epoch)) + epochSkewNanos}
}

// epochSkewNanos outweighs the error of relating the two clocks: waking this much later is nothing, waking earlier would
// cost a second sleep.
const epochSkewNanos = 500

// grain is the least time between two wake-ups. At thousands of arrivals a second it makes one of several, which then cost a
// fraction; what it adds to their lag is less than what a busy machine does.
const grain = 400 * time.Microsecond

// deafFor is how long an alarm sleeps at a time that cannot wait for its descriptor.
const deafFor = time.Millisecond

// Alarm returns a timer descriptor, which the runtime waits for along with the connections: that is as punctual as sleeping in
// the kernel and needs no thread. If there are no descriptors left it returns a plain alarm.
func (c preciseClock) Alarm() Alarm {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return NewPlainAlarm(c)
	}
	file := os.NewFile(uintptr(fd), "timer")
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return NewPlainAlarm(c)
	}
	return &preciseAlarm{clock: c, file: file, raw: raw}
}

type preciseAlarm struct {
	clock preciseClock
	file  *os.File
	raw   syscall.RawConn
	woken time.Duration // when Wait returned last
	rung  atomic.Bool

	mu     sync.Mutex // guards the descriptor against Close
	closed bool
}

func (a *preciseAlarm) Wait(until time.Duration) {
	until = max(until, a.woken+grain)
	armed := false
	// The runtime waits for the descriptor when the function has looked at it in vain, and calls it again when the timer expires.
	err := a.raw.Read(func(fd uintptr) bool {
		if armed {
			return true
		}
		armed = true
		a.set(int(fd), until)
		return a.rung.Load() // what rang before the timer was set may have been overwritten
	})
	a.rung.Store(false)
	a.woken = a.clock.Now()
	if err != nil {
		time.Sleep(min(until-a.woken, deafFor)) // some kernel does not let the runtime watch: it hears no ring meanwhile
	}
}

// set arms the timer; the largest instant disarms it.
func (a *preciseAlarm) set(fd int, until time.Duration) {
	var spec unix.ItimerSpec
	if until != never {
		spec.Value = unix.NsecToTimespec(max(1, a.clock.epochNanos+int64(until)))
	}
	_ = unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, &spec, nil) // it fails for bad arguments only
}

func (a *preciseAlarm) Ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed {
		return
	}
	a.rung.Store(true)
	_ = a.raw.Control(func(fd uintptr) { a.set(int(fd), 0) })
}

func (a *preciseAlarm) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	_ = a.file.Close()
}

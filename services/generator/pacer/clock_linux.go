package pacer

import (
	"errors"
	"fmt"
	"sync"
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
	c := preciseClock{plainClock: plainClock{epoch: time.Now()}}
	closest := never
	for range calibrations {
		var ts unix.Timespec
		before := c.Now()
		if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
			return c.plainClock
		}
		// The epoch lies between this long and the time until after the reading before it. The latest that it can be lets no alarm wake
		// early, which would spin until it is time; the best of several readings is hardly late.
		if took := c.Now() - before; took < closest {
			closest, c.epochNanos = took, ts.Nano()-int64(before)
		}
	}
	return c
}

// calibrations is how often two clocks are read to relate them: the process may stand still between two readings.
const calibrations = 10

// grain is the least time between two wake-ups. At thousands of arrivals a second it makes one of several, which then cost a
// fraction; what it adds to their lag is less than what a busy machine does.
const grain = 400 * time.Microsecond

// Alarm returns an epoll descriptor with a timer, a bell and what else is to be watched, for which the runtime waits along with the
// connections: that is as punctual as sleeping in the kernel and needs no thread. If there are no descriptors left it returns a
// plain alarm.
func (c preciseClock) Alarm() Alarm {
	a := &preciseAlarm{clock: c, armed: disarmed, epoll: -1, timer: -1, bell: -1}
	if err := a.open(); err != nil {
		a.Close()
		return NewPlainAlarm(c)
	}
	return a
}

type preciseAlarm struct {
	clock preciseClock
	epoll int
	timer int
	armed time.Duration // what the timer is set to
	over  bool          // the alarm has gone off, and Serve has not said so yet
	woken time.Duration // when it went off last

	events [512]unix.EpollEvent

	mu     sync.Mutex // guards the bell against Close
	bell   int
	closed bool
}

// disarmed says that the timer is not set.
const disarmed = never - 1

func (a *preciseAlarm) open() (err error) {
	if a.epoll, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return err
	}
	if a.timer, err = unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC); err != nil {
		return err
	}
	if a.bell, err = unix.Eventfd(0, unix.EFD_NONBLOCK|unix.EFD_CLOEXEC); err != nil {
		return err
	}
	return errors.Join(a.Watch(a.timer), a.Watch(a.bell))
}

// Watch implements Watcher. Events come at changes only, so that nothing has to be read to silence the timer and the bell.
func (a *preciseAlarm) Watch(fd int) error {
	event := unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLRDHUP | unix.EPOLLET, Fd: int32(fd)} //nolint:gosec // descriptors are small
	return unix.EpollCtl(a.epoll, unix.EPOLL_CTL_ADD, fd, &event)
}

// Unwatch implements Watcher.
func (a *preciseAlarm) Unwatch(fd int) {
	_ = unix.EpollCtl(a.epoll, unix.EPOLL_CTL_DEL, fd, nil) // it fails only if the descriptor is not watched
}

// Wait implements Alarm.
func (a *preciseAlarm) Wait(until time.Duration) {
	for over := false; !over; {
		over, _ = a.Serve(until, func(int, bool) {})
	}
}

// Serve implements Watcher.
func (a *preciseAlarm) Serve(until time.Duration, tell func(fd int, ended bool)) (over, all bool) {
	a.arm(max(until, a.woken+grain))
	_, all = a.wait(-1, tell)
	if over = a.over; over {
		a.over, a.woken = false, a.clock.Now()
	}
	return over, all
}

// Poll implements Watcher.
func (a *preciseAlarm) Poll(tell func(fd int, ended bool)) (told, all bool) { return a.wait(0, tell) }

// wait waits for events, so many milliseconds or forever, and tells of those on sockets. It notes if the alarm has gone off.
func (a *preciseAlarm) wait(timeout int, tell func(fd int, ended bool)) (told, all bool) {
	if a.over {
		timeout = 0
	}
	n, err := unix.EpollWait(a.epoll, a.events[:], timeout)
	if err != nil && !errors.Is(err, unix.EINTR) {
		panic(fmt.Sprintf("wait for epoll descriptor: %v", err)) // it fails for bad arguments only
	}
	for i := range a.events[:max(0, n)] {
		switch fd := int(a.events[i].Fd); fd {
		case a.timer:
			a.armed, a.over = disarmed, true
		case a.bell:
			a.over = true
		default:
			told = true
			tell(fd, a.events[i].Events&(unix.EPOLLRDHUP|unix.EPOLLHUP|unix.EPOLLERR) != 0)
		}
	}
	return told, n < len(a.events)
}

// arm sets the timer; the largest instant disarms it.
func (a *preciseAlarm) arm(until time.Duration) {
	if until == a.armed {
		return
	}
	a.armed = until
	var spec unix.ItimerSpec
	if until != never {
		spec.Value = unix.NsecToTimespec(max(1, a.clock.epochNanos+int64(until)))
	}
	_ = unix.TimerfdSettime(a.timer, unix.TFD_TIMER_ABSTIME, &spec, nil) // it fails for bad arguments only
}

// Ring implements Alarm.
func (a *preciseAlarm) Ring() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.closed {
		_, _ = unix.Write(a.bell, []byte{1, 0, 0, 0, 0, 0, 0, 0}) // adds one to a counter that never fills
	}
}

// Close implements Alarm.
func (a *preciseAlarm) Close() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	for _, fd := range []int{a.epoll, a.timer, a.bell} {
		if fd >= 0 {
			_ = unix.Close(fd)
		}
	}
}

package pacer

import "time"

// Clock is the generator's local clock. Its instants are durations since an epoch of its own and never run backwards.
type Clock interface {
	Now() time.Duration
	// At translates a time that carries a monotonic reading.
	At(t time.Time) time.Duration
	// Alarm returns a new alarm by this clock; the caller must close it.
	Alarm() Alarm
}

// Alarm wakes one goroutine at given instants.
type Alarm interface {
	// Wait returns at or after the instant, as soon after it as the platform allows, or earlier if Ring is called. It is for one
	// goroutine at a time. The largest instant never comes.
	Wait(until time.Duration)
	// Ring ends the present Wait, or else the next one. It is safe for concurrent use, and does nothing after Close.
	Ring()
	// Close releases the alarm; nobody may be in Wait.
	Close()
}

// Watcher is an alarm that also tells what happens on sockets meanwhile. All but Ring and Unwatch is for one goroutine.
type Watcher interface {
	Alarm
	// Watch begins to watch a socket, until its descriptor is closed.
	Watch(fd int) error
	// Unwatch ends what Watch began while the descriptor lives on.
	Unwatch(fd int)
	// Serve waits until the instant, or until Ring is called, and is over then. It also returns when it has told of sockets:
	// that there is something to read, or that the peer has ended them or they are broken. It tells once of each change. All says
	// that there is nothing left to be told.
	Serve(until time.Duration, tell func(fd int, ended bool)) (over, all bool)
	// Poll tells of sockets as Serve does but does not wait, and reports whether there was something to tell.
	Poll(tell func(fd int, ended bool)) (told, all bool)
}

// plainClock wakes with the timers of the Go runtime, which are up to about a millisecond late.
type plainClock struct{ epoch time.Time }

// NewPlainClock returns a clock that wakes with Go timers; it works on every platform and in virtual time.
func NewPlainClock() Clock { return plainClock{epoch: time.Now()} }

func (c plainClock) Now() time.Duration           { return time.Since(c.epoch) }
func (c plainClock) At(t time.Time) time.Duration { return t.Sub(c.epoch) }
func (c plainClock) Alarm() Alarm                 { return NewPlainAlarm(c) }

// plainAlarm is a timer of the Go runtime.
type plainAlarm struct {
	clock Clock
	timer *time.Timer
	rung  chan struct{} // holds one element when it rang
}

// NewPlainAlarm returns an alarm by any clock that wakes with Go timers.
func NewPlainAlarm(c Clock) Alarm {
	return &plainAlarm{clock: c, timer: time.NewTimer(never), rung: make(chan struct{}, 1)}
}

func (a *plainAlarm) Wait(until time.Duration) {
	a.timer.Reset(until - a.clock.Now())
	select {
	case <-a.timer.C:
	case <-a.rung:
	}
}

func (a *plainAlarm) Ring() {
	select {
	case a.rung <- struct{}{}:
	default:
	}
}

func (a *plainAlarm) Close() { a.timer.Stop() }

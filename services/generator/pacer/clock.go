package pacer

import "time"

// Clock is the generator's local clock. Its instants are durations since an epoch of its own and never run backwards.
type Clock interface {
	Now() time.Duration
	// At translates a time that carries a monotonic reading.
	At(t time.Time) time.Duration
	// SleepUntil returns at or after the instant, as soon after it as the platform allows. It is called for short waits
	// only and cannot be interrupted.
	SleepUntil(t time.Duration)
}

// plainClock sleeps with the timers of the Go runtime, which are up to about a millisecond late.
type plainClock struct{ epoch time.Time }

// NewPlainClock returns a clock that sleeps with Go timers; it works on every platform and in virtual time.
func NewPlainClock() Clock { return plainClock{epoch: time.Now()} }

func (c plainClock) Now() time.Duration           { return time.Since(c.epoch) }
func (c plainClock) At(t time.Time) time.Duration { return t.Sub(c.epoch) }
func (c plainClock) SleepUntil(t time.Duration)   { time.Sleep(t - c.Now()) }

//go:build !linux

package pacer

// NewClock returns the best clock of the platform: here the timers of the Go runtime.
func NewClock() Clock { return NewPlainClock() }

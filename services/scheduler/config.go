package scheduler

import (
	"fmt"
	"time"
)

// Config says how far ahead of time the scheduler works.
type Config struct {
	Lead           time.Duration // how long before its start a second is published, above 0
	StartDelay     time.Duration // from the start barrier to second 0, at least Lead, or the first second would be late
	PrepareTimeout time.Duration // how long the start barrier waits for generators, above 0
}

// DefaultConfig fits a fleet of processes. In one process, where a message takes microseconds, Lead and StartDelay can be
// a few tenths of a second.
func DefaultConfig() Config {
	return Config{Lead: time.Second, StartDelay: 1500 * time.Millisecond, PrepareTimeout: 30 * time.Second}
}

// Validate reports the first value that is out of range.
func (c Config) Validate() error {
	switch {
	case c.Lead <= 0:
		return fmt.Errorf("scheduler: lead %v must be above 0", c.Lead)
	case c.StartDelay < c.Lead:
		return fmt.Errorf("scheduler: start delay %v must be at least the lead, %v", c.StartDelay, c.Lead)
	case c.PrepareTimeout <= 0:
		return fmt.Errorf("scheduler: prepare timeout %v must be above 0", c.PrepareTimeout)
	}
	return nil
}

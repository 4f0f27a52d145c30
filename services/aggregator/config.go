package aggregator

import (
	"errors"
	"fmt"
	"time"
)

// Config says who the aggregator is and how long it waits.
type Config struct {
	Owner         string        // name in the leases, different in each process
	Lead          time.Duration // the scheduler's, above 0
	Expiry        time.Duration // after which the bus forgets a lease that is not renewed, or a generator that is silent, at least 2 s
	StorePatience time.Duration // how long the result of an ended run is offered to a store that is away
	EventPatience time.Duration // how long the event stream may refuse what is said about a run before the run fails, above 0
}

// DefaultConfig returns the values that fit the bus's own; the owner must be filled in.
func DefaultConfig() Config {
	return Config{
		Lead: time.Second, Expiry: 3 * time.Second, StorePatience: 30 * time.Second, EventPatience: 30 * time.Second,
	}
}

// Validate reports the first value that is out of range.
func (c Config) Validate() error {
	switch {
	case c.Owner == "":
		return errors.New("aggregator: owner has no name")
	case c.Lead <= 0:
		return fmt.Errorf("aggregator: lead %v must be above 0", c.Lead)
	case c.Expiry < 2*time.Second:
		return fmt.Errorf("aggregator: expiry %v must be at least 2s", c.Expiry)
	case c.StorePatience < 0:
		return fmt.Errorf("aggregator: store patience %v must not be negative", c.StorePatience)
	case c.EventPatience <= 0:
		return fmt.Errorf("aggregator: event patience %v must be above 0", c.EventPatience)
	}
	return nil
}

package demo

import (
	"fmt"
	"math"
	"time"
)

// Config describes how the shop behaves. The zero value answers at once and never fails.
type Config struct {
	// Seed selects the sequence of latencies and signs the tokens.
	Seed uint64
	// LatencyScale multiplies every endpoint's latency: 0 is none, 1 is realistic.
	LatencyScale float64
	// Delay is added to each answer.
	Delay time.Duration
	// ErrorRate is the part of the requests that are answered with 503, in per cent.
	ErrorRate float64
	// Requests that arrive from StallFrom until before StallTo, counted since New, are held until StallTo.
	StallFrom, StallTo time.Duration
}

// Validate reports the first field that is out of its range.
func (c Config) Validate() error {
	switch {
	case !(c.LatencyScale >= 0) || math.IsInf(c.LatencyScale, 0):
		return fmt.Errorf("latency-scale: %v must be a number from 0", c.LatencyScale)
	case c.Delay < 0:
		return fmt.Errorf("delay: %v must not be negative", c.Delay)
	case !(c.ErrorRate >= 0 && c.ErrorRate <= 100):
		return fmt.Errorf("error-rate: %v must be from 0 to 100 per cent", c.ErrorRate)
	case c.StallFrom < 0 || c.StallTo < c.StallFrom:
		return fmt.Errorf("stall-to: the window from %v to %v must not end before it begins", c.StallFrom, c.StallTo)
	}
	return nil
}

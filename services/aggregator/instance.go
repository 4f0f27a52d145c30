package aggregator

import (
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
	"github.com/loadpilot/loadpilot/shared/load"
)

// instance is one generator process as its events show it.
type instance struct {
	generator string
	id        string

	through    uint64              // every event up to this one has come
	ahead      map[uint64]struct{} // those beyond that have come as well
	newest     uint64
	unreadable int64

	started, completed         int64
	measured, requests, failed int64 // iterations started and requests made after the warm-up
	lastSecond                 int   // of its token reports; −1 before the first
	mostUsers                  int
	cpuPercent                 float64
	clockError                 time.Duration
	lag                        *histogram.Histogram

	// Of its newest event, for live snapshots.
	users, inFlight int
	heard           int // the account's ticks when its last event came
}

func newInstance(e *load.Event) *instance {
	return &instance{
		generator: e.Generator, id: e.Instance, ahead: map[uint64]struct{}{}, lastSecond: -1, lag: histogram.New(),
	}
}

func (i *instance) has(seq uint64) bool {
	_, ahead := i.ahead[seq]
	return ahead || seq <= i.through
}

func (i *instance) take(seq uint64) {
	i.ahead[seq] = struct{}{}
	for {
		if _, ok := i.ahead[i.through+1]; !ok {
			return
		}
		i.through++
		delete(i.ahead, i.through)
	}
}

// meet takes what the event says about the process itself.
func (i *instance) meet(e *load.Event, ticks int) {
	i.heard = ticks
	i.mostUsers = max(i.mostUsers, e.Users)
	i.cpuPercent = max(i.cpuPercent, e.CPUPercent)
	i.clockError = max(i.clockError, e.ClockError)
	if e.Seq > i.newest {
		i.newest, i.users, i.inFlight = e.Seq, e.Users, e.InFlight
	}
}

// gaps returns how many events are missing: those that never came before others that did, and those that could not be read.
func (i *instance) gaps() int64 {
	newest := i.through
	for seq := range i.ahead {
		newest = max(newest, seq)
	}
	return int64(newest-i.through) - int64(len(i.ahead)) + i.unreadable //nolint:gosec // far below 2^63
}

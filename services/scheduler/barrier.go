package scheduler

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/loadpilot/loadpilot/shared/load"
)

// barrier is the decision whether a preparing run may start.
type barrier struct {
	start      bool
	generators int // that start with it
	failed     bool
	cause      load.Cause
	reason     string
}

// decideStart looks at the live generators after the run has been preparing for waited. The run starts when at least
// run.Generators of its pool, and all that are not leaving, have reported; after timeout it starts with those that have.
// It fails if each that reported could not start a user, or if none reported in time.
func decideStart(run load.Run, fleet []load.GeneratorStatus, waited, timeout time.Duration) barrier {
	alive, ready := 0, 0
	var errors []string
	for _, g := range fleet {
		if g.Pool != run.Pool || g.Draining {
			continue
		}
		alive++
		switch p, reported := g.Prepared[run.ID]; {
		case !reported:
		case p.Error != "":
			errors = append(errors, p.Error)
		default:
			ready++
		}
	}
	reported := ready + len(errors)
	complete := reported >= max(1, run.Generators) && reported == alive
	switch {
	case !complete && waited < timeout:
		return barrier{}
	case ready > 0:
		return barrier{start: true, generators: ready}
	case reported > 0:
		slices.Sort(errors) // every replica names the same one
		return barrier{failed: true, cause: load.CauseTarget, reason: errors[0]}
	default:
		return barrier{failed: true, cause: load.CauseInfra, reason: nobodyPrepared(run, fleet, alive, timeout)}
	}
}

func nobodyPrepared(run load.Run, fleet []load.GeneratorStatus, alive int, timeout time.Duration) string {
	reason := fmt.Sprintf("no generator prepared within %v: ", timeout)
	if alive > 0 {
		return reason + fmt.Sprintf("%d of pool %q alive, none has reported", alive, run.Pool)
	}
	var pools []string
	for _, g := range fleet {
		if g.Pool != run.Pool && !slices.Contains(pools, g.Pool) {
			pools = append(pools, g.Pool)
		}
	}
	if len(pools) == 0 {
		return reason + fmt.Sprintf("none is running in pool %q", run.Pool)
	}
	slices.Sort(pools)
	return reason + fmt.Sprintf("none is running in pool %q, only in %s", run.Pool, strings.Join(pools, ", "))
}

package load

import "time"

// State of a run. It moves by compare-and-swap only, along
// pending → preparing → running → stopping → done | failed | aborted.
type State string

// The states of a run.
const (
	StatePending   State = "pending"   // accepted, not yet seen by a scheduler
	StatePreparing State = "preparing" // generators fetch the scenario and start their first users
	StateRunning   State = "running"   // T0 and Slices are set; tokens flow
	StateStopping  State = "stopping"  // someone asked for a stop; nothing due after StoppedAt starts
	StateDone      State = "done"      // ended by itself or by a stop; the result is complete
	StateFailed    State = "failed"    // could not be run; Reason says why
	StateAborted   State = "aborted"   // given up before it started
)

// Final reports whether the run has ended.
func (s State) Final() bool { return s == StateDone || s == StateFailed || s == StateAborted }

// Cause says whose fault a failed run is; it decides the exit code.
type Cause string

// The causes of a failure.
const (
	CauseNone   Cause = ""
	CauseTarget Cause = "target"         // the service under test: no user could start
	CauseInfra  Cause = "infrastructure" // no generator, no bus
)

// DefaultPool holds the generators that were put into no other.
const DefaultPool = "default"

// Source names the scenario source of a run by its content.
type Source struct {
	SHA256 string     // hex digest of the stored source
	File   string     // base name, for messages
	Files  []DataFile // that the source reads, by name
	Env    []string   // names of its environment, in order; the values are kept apart until the run ends
}

// DataFile names a data file of a run by its content.
type DataFile struct {
	Name   string // by which the source reads it
	SHA256 string // hex digest of the stored text
}

// Run is the record of a run, kept by the bus and changed by compare-and-swap on Revision.
type Run struct {
	ID         string // uuid v7
	Revision   uint64 // of the stored record as it was read; 0 before it is created
	CreatedAt  time.Time
	Source     Source
	Plan       Plan
	Pool       string // the generators that work on it
	Generators int    // the start waits for at least so many prepared generators, at least 1
	State      State
	Reason     string // why it ended, if not by itself
	Cause      Cause
	Slices     int       // tokens a second; set with T0
	T0         time.Time // bus time of second 0; zero until the run is running
	StoppedAt  time.Time // bus time of a stop; zero if none
	Changes    []Change  // of the rate of the plan, by their seconds; at most MaxChanges
	Breach     string    // Key of the threshold whose breach stopped the run
}

// Stop asks for the end of a run at an instant of bus time, for a reason: one that has not started ends at once. It reports
// whether that changed the record; a run that is stopping or has ended stays as it is.
func (r *Run) Stop(at time.Time, reason string) bool {
	switch r.State {
	case StatePending, StatePreparing:
		r.State = StateAborted
	case StateRunning:
		r.State = StateStopping
	case StateStopping, StateDone, StateFailed, StateAborted:
		return false
	}
	r.StoppedAt, r.Reason = at, reason
	return true
}

// HasSecrets reports whether something is kept apart for the run.
func (r *Run) HasSecrets() bool { return len(r.Source.Env) > 0 || r.Plan.Transport.HasCredentials() }

// Stopped reports whether a stop was asked for.
func (r *Run) Stopped() bool { return !r.StoppedAt.IsZero() }

// GeneratorStatus is what one generator says about itself while it is alive.
type GeneratorStatus struct {
	Generator  string // its name: [A-Za-z0-9_-]
	Instance   string // uuid of the process
	Pool       string
	Version    string
	Prepared   map[string]Prepared // run id → what was prepared for it
	MaxRate    float64             // arrivals per second it takes at most; 0: no limit
	Users      int
	InFlight   int           // iterations under way
	CPUPercent float64       // of all cores it may use
	ClockError time.Duration // bound of its clock's error to the bus
	Draining   bool          // it was told to leave and takes nothing new
}

// Prepared says how the preparation for one run went.
type Prepared struct {
	Users int    // users that are ready
	Error string // why none is; empty if Users > 0 or the scenario starts users on demand
}

// Lease is the right to own a run for a while.
type Lease struct {
	Run   string
	Owner string
	Epoch uint64 // grows with every acquisition and renewal; fences writes to Redis
}

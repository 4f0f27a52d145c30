package load

// Incident is something that befell a run on its way: a generator came or went, an aggregator took over, arrivals were never
// issued. It is told in the order in which the event stream has it.
type Incident struct {
	Number    int          `json:"number"` // 1, 2, 3, … in the run
	Second    int          `json:"second"` // of the run when it was noticed, or that it concerns
	Kind      IncidentKind `json:"kind"`
	Generator string       `json:"generator,omitempty"` // its name, if it is about one
	Instance  string       `json:"instance,omitempty"`  // uuid of its process
	Reason    string       `json:"reason"`              // in words
}

// IncidentKind tells incidents apart.
type IncidentKind string

// The kinds of incidents.
const (
	IncidentJoined      IncidentKind = "joined"       // a generator came while the run was under way
	IncidentLeft        IncidentKind = "left"         // a generator left in order
	IncidentLost        IncidentKind = "lost"         // a generator gave no sign of life any more
	IncidentReturned    IncidentKind = "returned"     // one that was lost is back
	IncidentTakeover    IncidentKind = "takeover"     // an aggregator took the run over from another, or from itself
	IncidentNeverIssued IncidentKind = "never_issued" // arrivals that no scheduler published
)

// MaxIncidents is how many incidents a result lists, the first ones; a live line carries the last RecentIncidents.
const (
	MaxIncidents    = 200
	RecentIncidents = 5
)

// MaxFleetChanges is how many changes one [DecisionFleet] tells; so many fit into one message.
const MaxFleetChanges = 4096

// FleetChange is one generator that came or went, as a [DecisionFleet] tells it. Kind is one of the first four.
type FleetChange struct {
	Kind      IncidentKind
	Generator string
	Instance  string
	Reason    string
}

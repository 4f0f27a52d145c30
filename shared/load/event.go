package load

import (
	"strconv"
	"time"

	"github.com/loadpilot/loadpilot/shared/histogram"
)

// Event is what one generator tells about one run at a flush. All counts are deltas since its event before, so merging is
// addition; an event counts once, told apart by (Instance, Seq).
type Event struct {
	Run        string
	Generator  string // its name
	Instance   string // uuid of its process
	Seq        uint64 // 1, 2, 3, … without a gap for each instance and run
	Users      int    // users alive at the flush
	InFlight   int    // iterations under way at the flush
	CPUPercent float64
	ClockError time.Duration
	Tokens     []TokenReport
	Tasks      []TaskReport
	Measures   []MeasureReport
	Lag        histogram.Snapshot // called − due of the iterations started

	Connections ConnectionReport // of the iterations
	Setup       SetupReport
	Samples     []ErrorSample
}

// TokenReport says what became of arrivals of a token since the report before. Dropped only explains: the ledger derives
// what is missing from Planned and Started.
type TokenReport struct {
	Second  int
	Slice   int
	Planned int64 // arrivals in the token, the same in each report of it
	Started int64
	Dropped int64
	Reason  DropReason // of the dropped ones
	Final   bool       // every arrival of the token was started or dropped
}

// DropReason says why a generator did not start an arrival it held.
type DropReason string

// The reasons to drop an arrival.
const (
	DropNone    DropReason = ""
	DropNoUser  DropReason = "no_user"   // no user became free within max lag
	DropLate    DropReason = "late"      // the token came, or the pacer woke, more than max lag too late
	DropStopped DropReason = "cancelled" // due after the stop
)

// TaskReport adds up the iterations and requests of one task whose arrivals were due in one second.
type TaskReport struct {
	Second     int
	Task       string
	Iterations int64 // completed
	Requests   int64 // with a request that failed before it was sent, and one for an iteration that failed without any
	Failed     int64
	Status     map[int]int64
	Errors     map[string]int64      // error class → requests
	Checks     map[string]CheckCount // check_<task> → outcomes
	BytesIn    int64                 // bodies received
	BytesOut   int64                 // bodies sent
	Response   histogram.Snapshot    // done − due, of all requests
	Service    histogram.Snapshot    // done − sent, of all requests
	FailedTime histogram.Snapshot    // done − due, of the failed requests only
}

// CheckCount counts the outcomes of a check.
type CheckCount struct {
	Passed int64 `json:"passed"`
	Failed int64 `json:"failed"`
}

// SetupReport adds up on_start and on_stop of the users; none of it enters the totals of the run.
type SetupReport struct {
	Started  int64 // users whose on_start succeeded, or that have none
	Failed   int64 // attempts of on_start or on_stop that failed
	Requests int64
	Errors   map[string]int64 // error class → count
	Response histogram.Snapshot

	Connections ConnectionReport // with those that users open ahead of their first request
}

// ConnectionReport adds up how requests came to their connections, and where their time went.
type ConnectionReport struct {
	Opened     int64 // connections
	Reused     int64 // requests that found a connection kept from before
	Failed     int64 // requests that found none and for which none could be opened
	Refused    int64 // those among them whose target refused
	ClosedIdle int64 // kept connections that the server had closed when the next request needed one

	DNS       histogram.Snapshot // look-ups of the host's name: a name is not looked up for each connection
	Connect   histogram.Snapshot // until a TCP connection stood
	TLS       histogram.Snapshot // handshakes that succeeded
	FirstByte histogram.Snapshot // sent → first byte of the response, of all requests that got one
	Transfer  histogram.Snapshot // first byte → last byte or failure, of the same requests
}

// ErrorSample is one failure in detail. Only the first of a run are kept.
type ErrorSample struct {
	Second    int    `json:"second"`
	Iteration int64  `json:"iteration"` // arrival number; −1 in on_start and on_stop
	Task      string `json:"task"`      // on_start and on_stop for those
	Class     string `json:"class"`     // error class
	Status    int    `json:"status"`    // HTTP status, 0 if there was no response
	Message   string `json:"message"`   // one line, or a traceback as the script engine prints it
}

// MaxSamples is how many error samples a run keeps.
const MaxSamples = 100

// Error classes of requests that got no usable response. Scripts' exceptions are named by their own class, refused
// statuses as http_<status>.
const (
	ErrorTimeout   = "timeout"
	ErrorConnect   = "connect"   // the connection could not be opened
	ErrorClosed    = "closed"    // the peer closed or reset it before the response was whole
	ErrorDNS       = "dns"       // the host name could not be resolved
	ErrorTLS       = "tls"       // the handshake failed
	ErrorProxy     = "proxy"     // the proxy could not be reached, or would not connect to the target
	ErrorProtocol  = "protocol"  // what came back is not HTTP
	ErrorRequest   = "request"   // the script asked for something that cannot be sent
	ErrorCancelled = "cancelled" // cut off by the end of the run, or by a cancel of the script: such requests are not counted
	ErrorGenerator = "generator" // the generator itself failed: its measurement cannot be trusted
)

// Decision is what the aggregator that owns a run has decided; it is published as an event, and whoever takes the run over
// obeys the first decision of each kind and second.
type Decision struct {
	Run         string
	Kind        DecisionKind
	Epoch       uint64 // DecisionOwn: of the lease
	Owner       string // DecisionOwn: the owner in the lease, different in each process
	Second      int    // DecisionClose: the second; DecisionOwn, DecisionFleet: that of the run at the time
	NeverIssued int64  // DecisionClose: arrivals of the second that were absent from the token stream
	Through     uint64 // DecisionEnd: sequence of the last event that counts

	Number  int           // DecisionFleet: 1, 2, 3, … in the run
	Changes []FleetChange // DecisionFleet: who came and went since the one before
}

// DecisionKind tells decisions apart.
type DecisionKind string

// The kinds of decisions.
const (
	// DecisionOwn marks where an aggregator took the run over. Once it reads its own mark it has read everything that came
	// before, so that it may decide.
	DecisionOwn   DecisionKind = "own"
	DecisionClose DecisionKind = "close"
	DecisionEnd   DecisionKind = "end"
	// DecisionFleet says which generators came and went. The first one of a run tells who began it.
	DecisionFleet DecisionKind = "fleet"
)

// ID names the decision within the bus: the first one with an id stands.
func (d Decision) ID() string {
	switch d.Kind {
	case DecisionOwn:
		return d.Run + "/own/" + strconv.FormatUint(d.Epoch, 10)
	case DecisionClose:
		return numbered(d.Run+"/close/", d.Second)
	case DecisionFleet:
		return numbered(d.Run+"/fleet/", d.Number)
	default:
		return d.Run + "/" + string(d.Kind)
	}
}

// Record is one entry of a run's event stream, in stream order. Exactly one of Event and Decision is set.
type Record struct {
	Sequence uint64
	Event    *Event
	Decision *Decision
}

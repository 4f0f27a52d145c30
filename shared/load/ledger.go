package load

// Ledger accounts for every planned iteration:
//
//	Planned = Started − Repeated + Dropped + Lost + NeverIssued + Cancelled
//
// holds for each second and for the run. It holds by construction, so it proves nothing by itself; [Result] names what can
// fail.
type Ledger struct {
	Planned     int64 `json:"planned"`
	Started     int64 `json:"started"`      // its task was called
	Completed   int64 `json:"completed"`    // reported as finished
	Unfinished  int64 `json:"unfinished"`   // started, never reported as finished
	Dropped     int64 `json:"dropped"`      // a generator had it and did not start it
	Lost        int64 `json:"lost"`         // published, never reported
	NeverIssued int64 `json:"never_issued"` // absent from the token stream
	Cancelled   int64 `json:"cancelled"`    // due after a stop
	Repeated    int64 `json:"repeated"`     // run more than once
}

// Balanced reports whether the equation above holds.
func (l Ledger) Balanced() bool {
	return l.Planned == l.Started-l.Repeated+l.Dropped+l.Lost+l.NeverIssued+l.Cancelled
}

// Add returns the sum of two ledgers.
func (l Ledger) Add(o Ledger) Ledger {
	return Ledger{
		Planned: l.Planned + o.Planned, Started: l.Started + o.Started, Completed: l.Completed + o.Completed,
		Unfinished: l.Unfinished + o.Unfinished, Dropped: l.Dropped + o.Dropped, Lost: l.Lost + o.Lost,
		NeverIssued: l.NeverIssued + o.NeverIssued, Cancelled: l.Cancelled + o.Cancelled, Repeated: l.Repeated + o.Repeated,
	}
}

// TokenTally adds up all reports of one token.
type TokenTally struct {
	Planned   int64
	Started   int64
	Dropped   int64
	Final     bool
	AfterStop int64 // of the planned arrivals, those due at or after the stop
}

// ledger books one token. What was neither started nor due after the stop is dropped as far as somebody said so, and lost
// beyond that.
func (t TokenTally) ledger() Ledger {
	l := Ledger{Planned: t.Planned, Started: t.Started, Repeated: max(0, t.Started-t.Planned)}
	rest := max(0, t.Planned-t.Started)
	l.Cancelled = min(rest, t.AfterStop)
	rest -= l.Cancelled
	l.Dropped = min(rest, t.Dropped)
	l.Lost = rest - l.Dropped
	return l
}

// SecondLedger books a second of planned arrivals, afterStop of which are due at or after the stop: the tokens that were
// reported, neverIssued arrivals that were absent from the token stream, and what was published but never reported.
// Completed and Unfinished are left to the caller, who knows the iterations.
func SecondLedger(planned, afterStop, neverIssued int64, tokens []TokenTally) Ledger {
	sum := Ledger{}
	for _, t := range tokens {
		sum = sum.Add(t.ledger())
		afterStop -= t.AfterStop
	}
	silent := max(0, planned-sum.Planned)
	neverIssued = min(neverIssued, silent)
	afterStop = min(max(0, afterStop), silent)
	fromNever := min(neverIssued, afterStop)
	fromLost := afterStop - fromNever
	sum.Planned += silent
	sum.Cancelled += afterStop
	sum.NeverIssued += neverIssued - fromNever
	sum.Lost += silent - neverIssued - fromLost
	return sum
}

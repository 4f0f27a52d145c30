package load

import (
	"fmt"
	"strings"
)

// TrustLevel says how far a measurement can be believed.
type TrustLevel string

// The levels of trust.
const (
	TrustTrusted   TrustLevel = "trusted"
	TrustDegraded  TrustLevel = "degraded"  // read with care; the exit code does not change
	TrustUntrusted TrustLevel = "untrusted" // the numbers do not show what the plan asked for
)

// Trust is the verdict on the measurement itself.
type Trust struct {
	Level   TrustLevel `json:"level"`
	Reasons []string   `json:"reasons"`
}

// Evidence is what trust is judged by.
type Evidence struct {
	Ledger          Ledger
	Lag             Distribution
	Service         Distribution
	MaxCPUPercent   float64 // of the busiest generator
	ClockErrorMs    float64 // of the worst generator
	GeneratorErrors int64   // requests that failed by the generator's own fault
	EventGaps       int64   // events missing between others of the same instance
	Requests        int64
	Lost            []Incident // generators that gave no sign of life any more
}

// Limits of trust, from which a run is degraded or untrusted.
const (
	degradedStarted    = 0.999 // of planned − cancelled
	untrustedStarted   = 0.99
	degradedLagMs      = 10
	untrustedLagMs     = 100
	degradedLagShare   = 0.05 // of the service p50
	untrustedLagShare  = 0.5
	degradedCPUPercent = 85
	degradedClockMs    = 5
	untrustedRepeated  = 0.001

	degradedUnfinished  = 0.001 // of started: their times, the longest of all, are missing
	untrustedUnfinished = 0.01
)

// JudgeTrust weighs the evidence. Cancelled arrivals do not count against a run.
func JudgeTrust(e Evidence) Trust {
	t := Trust{Level: TrustTrusted, Reasons: []string{}}
	add := func(level TrustLevel, format string, args ...any) {
		if t.Level != TrustUntrusted {
			t.Level = level
		}
		t.Reasons = append(t.Reasons, fmt.Sprintf(format, args...))
	}
	l := e.Ledger
	because := lostGenerators(e.Lost)
	due := l.Planned - l.Cancelled
	started := l.Started - l.Repeated
	share := 1.0
	if due > 0 {
		share = float64(started) / float64(due)
	}
	switch {
	case e.Requests == 0:
		add(TrustUntrusted, "no data: not one request was measured%s", because)
	case share < untrustedStarted:
		add(TrustUntrusted, "only %d of %d iterations were started (%.2f %%, below 99 %%)%s", started, due, 100*share, missing(l)+because)
	case share < degradedStarted:
		add(TrustDegraded, "%d of %d iterations were started (%.2f %%, below 99.9 %%)%s", started, due, 100*share, missing(l)+because)
	}
	if len(t.Reasons) > 0 {
		because = "" // it is told once
	}
	switch {
	case e.Lag.P99Ms > max(untrustedLagMs, untrustedLagShare*e.Service.P50Ms):
		add(TrustUntrusted, "schedule lag p99 is %.1f ms: iterations began far later than planned", e.Lag.P99Ms)
	case e.Lag.P99Ms > max(degradedLagMs, degradedLagShare*e.Service.P50Ms):
		add(TrustDegraded, "schedule lag p99 is %.1f ms", e.Lag.P99Ms)
	}
	switch unfinished := float64(l.Unfinished) / float64(max(1, l.Started)); {
	case unfinished > untrustedUnfinished:
		add(TrustUntrusted, "%d of %d iterations had not ended when they were cut off: their times are missing%s", l.Unfinished, l.Started, because)
	case unfinished > degradedUnfinished:
		add(TrustDegraded, "%d of %d iterations had not ended when they were cut off%s", l.Unfinished, l.Started, because)
	}
	if float64(l.Repeated) > untrustedRepeated*float64(l.Planned) {
		add(TrustUntrusted, "%d iterations were run more than once", l.Repeated)
	}
	if e.GeneratorErrors > 0 {
		add(TrustUntrusted, "%d requests failed by a generator's own fault", e.GeneratorErrors)
	}
	if e.EventGaps > 0 {
		add(TrustUntrusted, "%d latency events are missing", e.EventGaps)
	}
	if l.Completed > l.Started {
		add(TrustUntrusted, "%d iterations were reported, but only %d started", l.Completed, l.Started)
	}
	if e.MaxCPUPercent > degradedCPUPercent {
		add(TrustDegraded, "a generator used %.0f %% of its CPU", e.MaxCPUPercent)
	}
	if e.ClockErrorMs > degradedClockMs {
		add(TrustDegraded, "a generator's clock may be off by %.1f ms", e.ClockErrorMs)
	}
	return t
}

// missing says what became of the arrivals that were not started: ": 60 dropped, 20 lost, 30 never issued".
func missing(l Ledger) string {
	var parts []string
	for _, p := range []struct {
		n    int64
		what string
	}{{l.Dropped, "dropped"}, {l.Lost, "lost"}, {l.NeverIssued, "never issued"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.what))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return ": " + strings.Join(parts, ", ")
}

// namedLost is how many lost generators a reason names.
const namedLost = 3

// lostGenerators says which generators were lost, as the end of a reason: "; generator g2 was lost in second 12".
func lostGenerators(lost []Incident) string {
	var b strings.Builder
	for i, l := range lost {
		if i == namedLost {
			fmt.Fprintf(&b, "; %d more were lost", len(lost)-namedLost)
			break
		}
		fmt.Fprintf(&b, "; generator %s was lost in second %d", l.Generator, l.Second)
	}
	return b.String()
}

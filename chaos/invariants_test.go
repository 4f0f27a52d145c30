package chaos_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

// cost is what the faults of a trial may have done to what is known about it.
type cost struct {
	// unreported: a generator died or was cut off until the run had ended, so that nobody knows what it did after its last
	// report.
	unreported bool
	// redelivered: NATS crashed, and may have forgotten that it had handed out a token.
	redelivered bool
}

// check waits for the result of a run and compares it with what the target saw. These must hold whatever fails:
//
//   - the ledger balances, and the seconds add up to it;
//   - no iteration ran twice unless it is counted as repeated;
//   - the iterations that the target missed are those dropped, lost, never issued or cancelled;
//   - nothing is caught up with in a burst;
//   - a result that calls itself trusted is true;
//   - whoever reads the events again comes to the same result, byte for byte.
func (r *trial) check(c cost) load.Result {
	t := r.t
	t.Helper()
	result, _ := r.ended()
	record := r.record()
	require.Equal(t, load.StateDone, result.State, "%s: %s", r, result.Reason)
	l := result.Ledger
	t.Logf("%s: %+v, %d of %d requests failed, trust %v, incidents %v",
		r, l, result.ErrorsTotal, result.RequestsTotal, result.Trust, result.Incidents)

	require.True(t, l.Balanced(), "%s: %+v", r, l)
	require.Zero(t, result.Trust.Level == load.TrustTrusted && len(result.Trust.Reasons) > 0)
	sum, requests, failed := load.Ledger{}, int64(0), int64(0)
	for _, s := range result.Series {
		require.True(t, s.Ledger.Balanced(), "%s: second %d: %+v", r, s.Second, s.Ledger)
		require.Equal(t, s.TargetRPS, s.Ledger.Planned, "%s: second %d", r, s.Second)
		sum, requests, failed = sum.Add(s.Ledger), requests+s.Requests, failed+s.Errors
	}
	require.Equal(t, l, sum, "%s: the seconds do not add up to the total", r)
	require.Equal(t, result.RequestsTotal, requests, "%s", r)
	require.Equal(t, result.ErrorsTotal, failed, "%s", r)

	r.checkNumbers(c, result, record)
	checkNoBurst(t, result, record)
	r.verify()
	return result
}

// checkNumbers compares the numbers that the target saw with the ledger.
func (r *trial) checkNumbers(c cost, result load.Result, record testkit.Record) {
	t, l := r.t, result.Ledger
	t.Helper()
	missing := int64(len(record.Missing(l.Planned)))
	distinct := l.Planned - missing
	twice := int64(record.Requests()) - distinct
	notStarted := l.Dropped + l.Lost + l.NeverIssued + l.Cancelled
	explain := []any{"%s: the target missed %d and saw %d twice; %+v", r, missing, twice, l}

	switch {
	case !c.redelivered:
		require.Zero(t, twice, explain...)
		require.Zero(t, l.Repeated, explain...)
	case !c.unreported:
		// A token of which two generators each dropped a part looks less repeated than it is.
		require.LessOrEqual(t, twice, l.Repeated+l.Dropped, explain...)
	}
	switch {
	case c.unreported:
		// What it started and never told is booked as dropped or lost; what it told and never sent is unfinished.
		require.GreaterOrEqual(t, missing, l.NeverIssued+l.Cancelled, explain...)
		require.LessOrEqual(t, missing, notStarted+l.Unfinished+twice+result.ErrorsTotal, explain...)
	default:
		require.GreaterOrEqual(t, missing, notStarted, explain...)
		// A request that failed may never have arrived: a machine that stands still for longer than its timeout does that.
		require.LessOrEqual(t, missing, notStarted+twice+result.ErrorsTotal, explain...)
	}
	if result.Trust.Level == load.TrustTrusted {
		require.LessOrEqual(t, 1000*max(missing-notStarted-result.ErrorsTotal, notStarted-missing), l.Planned, explain...)
		require.LessOrEqual(t, 1000*twice, l.Planned, explain...)
	}
}

// checkNoBurst looks for a second in which the target saw more than what was due in it and, because iterations may start late
// by max lag, in the second before. A busy machine may deliver a little of a second in the next one.
func checkNoBurst(t *testing.T, result load.Result, record testkit.Record) {
	t.Helper()
	seen := record.PerSecond(result.StartedAt)
	due := func(s int) int64 {
		if s < 0 || s >= len(result.Series) {
			return 0
		}
		return result.Series[s].TargetRPS
	}
	for s, n := range seen {
		most := due(s) + due(s-1)
		require.LessOrEqual(t, int64(n), most+most/4+2, "second %d of %v", s, seen)
	}
}

// verify has a process that knows nothing of the run read its events again.
func (r *trial) verify() {
	t := r.t
	t.Helper()
	p := testkit.Start(t, testkit.Command{Path: program.path, Args: []string{"verify", r.id, "--nats-url", r.fleet.NATS.URL}})
	require.Zero(t, p.Wait(), "%s: %s%s", r, p.Stdout(), p.Stderr())
}

// checkEnd stops every service in order.
func checkEnd(t *testing.T, fleet *testkit.Fleet) {
	t.Helper()
	for _, s := range fleet.Services() {
		select {
		case <-s.Exited(): // killed, and not started again
		default:
			require.Zero(t, s.Stop(), "%s: %s", s.Name, s.Stderr())
		}
	}
}

// untouched is a run that no fault may have harmed.
func (r *trial) untouched() load.Result {
	r.t.Helper()
	result := r.check(cost{})
	require.Zero(r.t, result.Ledger.Lost+result.Ledger.NeverIssued+result.Ledger.Unfinished, "%s: %+v", r, result.Ledger)
	return result
}

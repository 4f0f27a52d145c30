//go:build unix

package chaos_test

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/testkit"
)

const (
	// busy is how much later than it was called an iteration may reach the target on a busy machine, by the clock on the wall;
	// that it was called in time the generator itself has measured.
	busy = 1500 * time.Millisecond
	// early is how much earlier than due it may, by the error of a generator's clock: it does not wait longer for an answer.
	early = 500 * time.Millisecond
	// strays is how many iterations a generator may have called and not sent yet when it is frozen.
	strays = 3
)

// cost is what the faults of a trial may have done to what is known about it.
type cost struct {
	// unreported is how many iterations may have run without anybody knowing, or knowing how they ended: a generator died, or
	// was cut off until the run had ended.
	unreported int64
	// redelivered: NATS crashed, and may have forgotten that it had handed out a token.
	redelivered bool
	// frozen is how often a generator was frozen.
	frozen int
	// held: something held back what schedulers had said, so that tokens may have come to the bus after their second.
	held bool
	// stopped: the run was stopped.
	stopped bool
}

// untold is how many iterations a generator may have run in so much time that it did not tell of; a fifth more than its share,
// because seconds are dealt out in slices.
func untold(share float64, during time.Duration) int64 {
	return int64(math.Ceil(1.2*share*during.Seconds())) + 2
}

// check waits for the result of a run and compares it with what the target saw. These must hold whatever fails:
//
//   - the ledger balances, and the seconds add up to it;
//   - what was started, and what was asked and answered, is what the target saw, second by second;
//   - no iteration ran twice unless it is counted as repeated;
//   - what is never issued is what the token stream does not hold;
//   - nothing is started later than max lag after it was due;
//   - a result that calls itself trusted is true;
//   - whoever reads the events again comes to the same result, byte for byte.
func (r *trial) check(c cost) load.Result {
	t := r.t
	t.Helper()
	result, _ := r.ended()
	record := r.record()
	l := result.Ledger
	t.Logf("%s: %+v, %d of %d requests failed, lag at most %.1f ms, trust %v, incidents %v",
		r, l, result.ErrorsTotal, result.RequestsTotal, result.Lag.MaxMs, result.Trust, result.Incidents)
	require.True(t, l.Balanced(), "%s: %+v", r, l)
	if c.stopped && result.State == load.StateAborted {
		require.Equal(t, load.Ledger{Planned: l.Planned, Cancelled: l.Planned}, l, "%s: it never started", r)
		require.Zero(t, record.Requests(), "%s", r)
		r.verify()
		return result
	}
	require.Equal(t, load.StateDone, result.State, "%s: %s", r, result.Reason)
	require.False(t, result.Trust.Level == load.TrustTrusted && len(result.Trust.Reasons) > 0)
	r.checkSums(result)
	r.checkStarted(c, result, record)
	r.checkTwice(c, result, record)
	r.checkIssued(c, result)
	r.checkInTime(c, result, record)
	r.checkStop(c, result, record)
	r.verify()
	return result
}

// checkSums: the seconds add up to the total.
func (r *trial) checkSums(result load.Result) {
	t := r.t
	t.Helper()
	sum, requests, failed := load.Ledger{}, int64(0), int64(0)
	for _, s := range result.Series {
		require.True(t, s.Ledger.Balanced(), "%s: second %d: %+v", r, s.Second, s.Ledger)
		require.Equal(t, s.TargetRPS, s.Ledger.Planned, "%s: second %d", r, s.Second)
		sum, requests, failed = sum.Add(s.Ledger), requests+s.Requests, failed+s.Errors
	}
	// Seconds that lie wholly after a stop are not in the series.
	rest := result.Ledger.Planned - sum.Planned
	sum = sum.Add(load.Ledger{Planned: rest, Cancelled: rest})
	require.Equal(t, result.Ledger, sum, "%s: the seconds do not add up to the total", r)
	require.Equal(t, result.RequestsTotal, requests, "%s", r)
	require.Equal(t, result.ErrorsTotal, failed, "%s", r)
}

// checkStarted compares what was started and asked with what the target saw. Each iteration makes one request. One that failed
// may never have arrived: a machine that stands still for longer than its timeout does that.
func (r *trial) checkStarted(c cost, result load.Result, record testkit.Record) {
	t, l := r.t, result.Ledger
	t.Helper()
	seen := make([]int64, r.profile().Seconds())
	for _, k := range record.Iterations {
		seen[r.second(k)]++
	}
	unknown := int64(record.Requests())
	for _, s := range result.Series {
		n := seen[s.Second]
		unknown -= min(n, s.Ledger.Started)
		require.GreaterOrEqual(t, n, s.Ledger.Started-s.Errors-s.Ledger.Unfinished, "%s: second %d: %+v", r, s.Second, s)
		require.GreaterOrEqual(t, n, s.Requests-s.Errors, "%s: second %d: %+v", r, s.Second, s)
	}
	require.LessOrEqual(t, unknown, c.unreported, "%s: the target saw what the result does not know; %v, %+v", r, seen, l)
	require.LessOrEqual(t, l.Unfinished, c.unreported, "%s: %+v", r, l)
	require.GreaterOrEqual(t, result.RequestsTotal, l.Completed, "%s: %+v", r, l)
	require.LessOrEqual(t, result.RequestsTotal, l.Completed+c.unreported, "%s: %+v", r, l)
	require.LessOrEqual(t, int64(record.Requests()), result.RequestsTotal+c.unreported, "%s: %+v", r, l)
	if result.Trust.Level == load.TrustTrusted {
		require.LessOrEqual(t, 1000*unknown, l.Planned, "%s: %+v", r, l)
	}
}

// checkTwice: what the target saw twice is what is repeated.
func (r *trial) checkTwice(c cost, result load.Result, record testkit.Record) {
	t, l := r.t, result.Ledger
	t.Helper()
	twice := int64(record.Requests()) - (l.Planned - int64(len(record.Missing(l.Planned))))
	explain := []any{"%s: the target saw %d twice; %+v", r, twice, l}
	if !c.redelivered {
		require.Zero(t, twice, explain...)
		require.Zero(t, l.Repeated, explain...)
		return
	}
	// A token of which two generators each dropped a part looks less repeated than it is, and so does one that one of them
	// never told of.
	hidden := openBus(t, r.fleet).partlyDropped(r.id) + c.unreported
	require.LessOrEqual(t, twice, l.Repeated+hidden, explain...)
	require.GreaterOrEqual(t, twice, l.Repeated-result.ErrorsTotal-l.Unfinished, explain...)
	if result.Trust.Level == load.TrustTrusted {
		require.LessOrEqual(t, 1000*twice, l.Planned, explain...)
	}
}

// checkIssued compares what the result calls never issued with the token stream.
func (r *trial) checkIssued(c cost, result load.Result) {
	t := r.t
	t.Helper()
	issued, overdue := openBus(t, r.fleet).issued(r.id)
	if !c.held {
		require.Empty(t, overdue, "%s: published when their second was over", r)
	}
	for _, s := range result.Series {
		absent := s.TargetRPS - issued[s.Second]
		require.GreaterOrEqual(t, s.Ledger.NeverIssued, absent-s.Ledger.Cancelled, "%s: second %d: %+v", r, s.Second, s.Ledger)
		require.LessOrEqual(t, s.Ledger.NeverIssued, absent+overdue[s.Second], "%s: second %d: %+v", r, s.Second, s.Ledger)
	}
}

// checkInTime: nothing was started later than max lag after it was due, as the generators measured it and as the target saw it,
// so that nothing can have been caught up with in a burst.
func (r *trial) checkInTime(c cost, result load.Result, record testkit.Record) {
	t := r.t
	t.Helper()
	profile, maxLag := r.profile(), r.maxLag()
	require.LessOrEqual(t, result.Lag.MaxMs, float64(maxLag.Milliseconds())+1, "%s", r)
	late := map[int64]time.Duration{}
	for i, k := range record.Iterations {
		after := record.First.Add(record.At[i]).Sub(result.StartedAt) - profile.Due(k)
		require.GreaterOrEqual(t, after, -early, "%s: iteration %d", r, k)
		if after > maxLag+busy {
			late[k] = after
		}
	}
	require.LessOrEqual(t, len(late), c.frozen*strays, "%s: by iteration %v", r, late)
}

// checkStop: what is cancelled is what was due after the stop, but for what was started before word of it had come.
func (r *trial) checkStop(c cost, result load.Result, record testkit.Record) {
	t, l := r.t, result.Ledger
	t.Helper()
	run, ok := r.look()
	require.True(t, ok, "%s", r)
	if run.StoppedAt == nil {
		require.Zero(t, l.Cancelled, "%s: %+v", r, l)
		return
	}
	require.True(t, c.stopped, "%s: nobody stopped it", r)
	profile := r.profile()
	before := profile.DueBefore(run.StoppedAt.Sub(result.StartedAt))
	seen := int64(0)
	for _, k := range record.Iterations {
		if k >= before {
			seen++
		}
	}
	after := profile.Total() - before
	require.LessOrEqual(t, l.Cancelled, after, "%s: %+v", r, l)
	require.GreaterOrEqual(t, l.Cancelled, after-seen-result.ErrorsTotal, "%s: %+v", r, l)
}

// verify has a process that knows nothing of the run read its events again.
func (r *trial) verify() {
	t := r.t
	t.Helper()
	p := testkit.Start(t, testkit.Command{Path: program.path, Args: []string{"verify", r.id, "--nats-url", r.fleet.NATS.URL}})
	require.Zero(t, p.Wait(), "%s: %s%s", r, p.Stdout(), p.Stderr())
}

// checkEnd stops every service in order. Those that are gone the test has ended itself.
func checkEnd(t *testing.T, fleet *testkit.Fleet) {
	t.Helper()
	for _, s := range fleet.Services() {
		require.False(t, s.Failed(), "%s ended by itself, with %d: %s", s.Name, s.ExitCode(), s.Log())
		select {
		case <-s.Exited(): // killed or told to leave, and not started again
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

package generator

import (
	"errors"
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
)

// progressEvery is how often the bus is told that a token is still held: well within the shortest wait for an
// acknowledgement, 5 s.
const progressEvery = 1500 * time.Millisecond

// holdings is the tokens of one run that this generator has taken and not yet acknowledged.
type holdings struct {
	mu     sync.Mutex
	tokens map[tokenKey]*holding
}

type tokenKey struct{ second, slice int }

type holding struct {
	token    *pacer.Token
	receipt  load.Receipt
	reported pacer.Tally
	final    bool // the report that says so was made
	told     time.Duration
}

func newHoldings() *holdings { return &holdings{tokens: map[tokenKey]*holding{}} }

// add takes a token in and reports whether it is new; one that is held already is ignored.
func (h *holdings) add(t *pacer.Token, r load.Receipt, now time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := tokenKey{t.Second, t.Slice}
	if h.tokens[key] != nil {
		return false
	}
	h.tokens[key] = &holding{token: t, receipt: r, told: now}
	return true
}

// giveBack returns tokens of which nothing was started to the bus.
func (h *holdings) giveBack(tokens []*pacer.Token) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, t := range tokens {
		key := tokenKey{t.Second, t.Slice}
		errs = append(errs, h.tokens[key].receipt.Nak())
		delete(h.tokens, key)
	}
	return errors.Join(errs...)
}

// keep tells the bus of each token that was not acknowledged for a while that it is still held.
func (h *holdings) keep(now time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, t := range h.tokens {
		if now-t.told >= progressEvery {
			t.told = now
			errs = append(errs, t.receipt.InProgress())
		}
	}
	return errors.Join(errs...)
}

// settled reports whether each arrival of each token was started or dropped.
func (h *holdings) settled() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, t := range h.tokens {
		if !t.token.Settled() {
			return false
		}
	}
	return true
}

// report returns what became of the tokens since the last report, and the keys of those that are final by it.
func (h *holdings) report() (reports []load.TokenReport, final []tokenKey) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, t := range h.tokens {
		if t.final {
			continue
		}
		t.final = t.token.Settled() // read before the tally, which is then complete
		now := t.token.Tally()
		reports = appendReports(reports, t.token, t.reported, now, t.final)
		t.reported = now
		if t.final {
			final = append(final, key)
		}
	}
	return reports, final
}

// appendReports adds a report for each reason there is to tell something; only the last of a final token says so.
func appendReports(reports []load.TokenReport, t *pacer.Token, before, now pacer.Tally, final bool) []load.TokenReport {
	from := len(reports)
	add := func(started, dropped int64, reason load.DropReason) {
		reports = append(reports, load.TokenReport{
			Second: t.Second, Slice: t.Slice, Planned: t.Count, Started: started, Dropped: dropped, Reason: reason,
		})
	}
	if n := now.Started - before.Started; n > 0 {
		add(n, 0, load.DropNone)
	}
	if n := now.Late - before.Late; n > 0 {
		add(0, n, load.DropLate)
	}
	if n := now.NoUser - before.NoUser; n > 0 {
		add(0, n, load.DropNoUser)
	}
	if n := now.Cancelled - before.Cancelled; n > 0 {
		add(0, n, load.DropStopped)
	}
	if final {
		if len(reports) == from {
			add(0, 0, load.DropNone)
		}
		reports[len(reports)-1].Final = true
	}
	return reports
}

// acknowledge forgets tokens whose final count is stored, and tells the bus.
func (h *holdings) acknowledge(final []tokenKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var errs []error
	for _, key := range final {
		errs = append(errs, h.tokens[key].receipt.Ack())
		delete(h.tokens, key)
	}
	return errors.Join(errs...)
}

package generator

import (
	"sync"
	"time"

	"github.com/loadpilot/loadpilot/services/generator/pacer"
	"github.com/loadpilot/loadpilot/shared/load"
)

// progressEvery is how often the bus is told that a token is still held: well within the shortest wait for an
// acknowledgement, 5 s.
const progressEvery = 1500 * time.Millisecond

// holdings is the tokens of one run that this generator has taken and not yet acknowledged, and those that it has but whose
// arrivals could still be started: a server that was killed forgets the last acknowledgements and deliveries, and then such a
// token comes as if for the first time.
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
	done     bool // and stored
	told     time.Duration
}

func newHoldings() *holdings { return &holdings{tokens: map[tokenKey]*holding{}} }

// add takes a token in and reports whether it is new. One that is held already is ignored, one that is done is acknowledged
// again; should that fail, it comes once more.
func (h *holdings) add(t *pacer.Token, r load.Receipt, now time.Duration) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	key := tokenKey{t.Second, t.Slice}
	if known := h.tokens[key]; known != nil {
		if known.done {
			_ = r.Ack()
		}
		return false
	}
	h.tokens[key] = &holding{token: t, receipt: r, told: now}
	return true
}

// giveBack returns tokens of which nothing was started to the bus.
func (h *holdings) giveBack(tokens []*pacer.Token) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var last error
	for _, t := range tokens {
		key := tokenKey{t.Second, t.Slice}
		if err := h.tokens[key].receipt.Nak(); err != nil {
			last = err
		}
		delete(h.tokens, key)
	}
	return last
}

// keep tells the bus of each token that was not acknowledged for a while that it is still held, and forgets those that are
// done and over. What could not be told is told by the next call.
func (h *holdings) keep(now time.Duration) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	for key, t := range h.tokens {
		switch {
		case t.done:
			if now > t.token.Over() {
				delete(h.tokens, key)
			}
		case now-t.told >= progressEvery:
			if err := t.receipt.InProgress(); err != nil {
				return err
			}
			t.told = now
		}
	}
	return nil
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

// acknowledge tells the bus of tokens whose final count is stored.
func (h *holdings) acknowledge(final []tokenKey) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	var last error
	for _, key := range final {
		t := h.tokens[key]
		t.done = true
		if err := t.receipt.Ack(); err != nil {
			last = err
		}
	}
	return last
}

package roundtrip

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/shared/load"
)

// Exchange is one under way. The zero value is ready; it can be used again and again.
type Exchange struct {
	Call *run.Call
	Out  *run.Outcome

	sent  time.Time
	last  time.Time // event; zero: there was none
	limit *time.Timer
	gaps  gaps
}

var errLimit = errors.New("the exchange has taken as long as it may")

// Run makes an exchange by speak, whose context ends when the exchange must. Of the outcome, only Stream is kept from before.
func (x *Exchange) Run(ctx context.Context, call *run.Call, out *run.Outcome, speak func(context.Context) error) {
	*out = run.Outcome{Stream: out.Stream}
	x.Call, x.Out, x.last, x.gaps = call, out, time.Time{}, gaps{every: 1}
	x.Begin()
	within, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	x.limit = time.AfterFunc(x.atMost(call.Timeout), func() { cancel(errLimit) })
	defer x.limit.Stop()
	err := speak(within)
	out.Latency, out.Gaps = x.Since(time.Now()), x.gaps.kept
	switch {
	case err == nil:
	case ctx.Err() != nil:
		out.Class, out.Err = load.ErrorCancelled, context.Cause(ctx)
	case within.Err() != nil:
		out.Class, out.Err = x.cutOff()
	default:
		out.Class, out.Err = Class(err), withoutURL(err)
	}
}

// Begin is called when the connection stands: what came before does not count.
func (x *Exchange) Begin() { x.sent = time.Now() }

// Since returns how long before the given time the exchange began.
func (x *Exchange) Since(t time.Time) time.Duration { return t.Sub(x.sent) }

// Events notes that so many events have come now. It reports whether those were all that the call asks for; more than those do not
// count.
func (x *Exchange) Events(n int64) (enough bool) {
	now := time.Now()
	for range n {
		if x.last.IsZero() {
			x.Out.FirstEvent = x.Since(now)
		} else {
			x.gaps.add(now.Sub(x.last))
		}
		x.last = now
		if x.Out.Events++; x.Out.Events == x.Call.Events {
			return true
		}
	}
	return false
}

// RoundTrip notes that the answer to what was sent at the given time has come. It reports whether that was the last one that the
// call asks for.
func (x *Exchange) RoundTrip(since time.Time) (enough bool) {
	now := time.Now()
	if x.Out.Events == 0 {
		x.Out.FirstEvent = x.Since(now)
	}
	x.gaps.add(now.Sub(since))
	x.Out.Events++
	return x.Out.Events == x.Call.Events
}

// Patience sets how long is waited from now on, if the call says when its exchange ends. Otherwise the time-out stands.
func (x *Exchange) Patience(d time.Duration) {
	if !x.Call.Until.IsZero() {
		x.limit.Reset(x.atMost(d))
	}
}

func (x *Exchange) atMost(d time.Duration) time.Duration {
	if x.Call.Until.IsZero() {
		return d
	}
	return min(d, time.Until(x.Call.Until))
}

// cutOff classes an exchange that took as long as it may.
func (x *Exchange) cutOff() (class string, err error) {
	untold := x.Call.Until.IsZero() && x.Call.Events == 0
	over := !x.Call.Until.IsZero() && !time.Now().Before(x.Call.Until)
	switch {
	case x.Out.Events > 0 && (untold || over):
		return "", nil
	case over:
		return load.ErrorCancelled, errLimit
	default:
		return load.ErrorTimeout, fmt.Errorf("timed out after %s, with %d events", x.Call.Timeout, x.Out.Events)
	}
}

// maxGaps is how many gaps of a call are told.
const maxGaps = 1024

// gaps keeps every k-th of any number of gaps. It doubles k when it is full.
type gaps struct {
	kept  []time.Duration
	every int64
	seen  int64
}

func (g *gaps) add(d time.Duration) {
	if g.seen%g.every == 0 && len(g.kept) == maxGaps {
		for i := range maxGaps / 2 {
			g.kept[i] = g.kept[2*i]
		}
		g.kept = g.kept[:maxGaps/2]
		g.every *= 2
	}
	if g.seen%g.every == 0 {
		g.kept = append(g.kept, d)
	}
	g.seen++
}

package engine

import (
	"context"
	"math"
	"time"

	"github.com/loadpilot/loadpilot/apitest/run"
	"github.com/loadpilot/loadpilot/services/generator/strand"
	"github.com/loadpilot/loadpilot/shared/load"
)

// client makes one request after another.
type client struct {
	run.Client

	engine *engine
	filler run.Filler
	woven  StrandClient         // the Client, if it runs in strands
	again  func(*strand.Strand) // run, kept so that posting it allocates nothing
	sleep  strand.Watch         // of nothing: waiting for it is sleeping
	call   run.Call
	out    run.Outcome
}

func (e *engine) newClient(ctx context.Context, calls run.Maker) (*client, error) {
	made, err := e.target.NewClient(ctx)
	if err != nil {
		return nil, err
	}
	c := &client{Client: made, engine: e, filler: calls.New()}
	c.call = run.Call{Timeout: e.cfg.Timeout, Events: e.cfg.Events, Redirects: e.cfg.Redirects, Login: e.cfg.LoginHeader, Unsaid: e.cfg.Unsaid}
	c.again = c.run
	if e.loop != nil {
		var ok bool
		if c.woven, ok = made.(StrandClient); !ok {
			made.Close()
			return nil, errNoStrands
		}
	}
	return c, nil
}

// run makes requests until there are no more to make. In a strand it makes one and has the loop run it again, which first reads the
// answers that have come for others: so their time is not that of sending this one.
func (c *client) run(s *strand.Strand) {
	for c.step(s) {
		if s.OnLoop() || s != nil && c.woven.Ready() {
			c.engine.loop.Post(c.again)
			return
		}
	}
	if c.engine.working.Add(-1) == 0 && s != nil {
		c.engine.loop.Ring()
	}
}

// step makes the next request, and reports whether there was one.
func (c *client) step(s *strand.Strand) bool {
	e := c.engine
	n, due, ok := e.claim()
	if !ok || !c.await(s, due) {
		return false
	}
	if due > 0 && e.clock.Now()-due > lateAfter {
		e.late.Add(1)
	}
	c.call.N = n
	cuts := false
	if err := c.filler.Fill(n, &c.call); err != nil {
		c.out = run.Outcome{Class: run.ErrorPayload, Err: err}
	} else if cuts = c.limit(); s != nil {
		c.woven.DoIn(e.ctx, s, &c.call, &c.out)
	} else {
		c.Do(e.ctx, &c.call, &c.out)
	}
	if c.out.Class == run.ErrorStream {
		e.stream.Store(true)
		return false
	}
	if cuts && c.out.Class == load.ErrorTimeout || c.out.Class == load.ErrorCancelled {
		if e.ctx.Err() == nil {
			e.tally.cutOff(&c.out)
		}
		return false
	}
	if due > 0 {
		c.out.Latency = e.clock.Now() - due
	}
	e.tally.record(n, &c.out)
	if c.out.Class == load.ErrorTimeout {
		if q, ok := e.target.(Quitter); ok && q.GaveUp() != nil {
			e.gaveUp.Store(true)
		}
	}
	return true
}

// limit sets how long the next request may take, and reports whether the end of Duration limits it. Exchanges of other protocols see to
// that themselves: what a stream has come to until then counts.
func (c *client) limit() (cuts bool) {
	e := c.engine
	if e.cfg.Protocol != run.ProtocolHTTP || e.until == math.MaxInt64 {
		return false
	}
	left := max(1, e.until-e.clock.Now()) // 0 would be no limit
	c.call.Timeout = min(e.cfg.Timeout, left)
	return left < e.cfg.Timeout
}

// await waits until a request is due, or until the end of Duration if that is before, and reports whether the request is to be made.
func (c *client) await(s *strand.Strand, due time.Duration) bool {
	e := c.engine
	now := e.clock.Now()
	if now >= e.until {
		return false
	}
	for end := min(due, e.until); end > now && e.ctx.Err() == nil; now = e.clock.Now() {
		if s.OnLoop() {
			s.Wait(&c.sleep, end)
			continue
		}
		timer := time.NewTimer(end - now)
		select {
		case <-timer.C:
		case <-e.ctx.Done():
			timer.Stop()
		}
	}
	return due < e.until && e.ctx.Err() == nil
}

package compiler

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// Positions of a loop that a generator left at a yield.
const (
	atStart = iota
	inBody
	inElse
)

// state gives a compound statement its place in the frame of a generator; in other
// functions, and where no yield can leave the statement, the state lives in Go.
func (c *function) state(leaves bool) func(f *frame, own *runtime.State) *runtime.State {
	if !c.gen || !leaves {
		return func(_ *frame, own *runtime.State) *runtime.State { return own }
	}
	i := c.code.NStates
	c.code.NStates++
	return func(f *frame, _ *runtime.State) *runtime.State { return &f.States[i] }
}

func (c *function) forStmt(s *syntax.For) stmt {
	head, before := c.lifted(s.Iter)
	it := c.expr(head)
	each := &loopHead{set: c.target(s.Target), at: c.span(s), steps: 1 + extraSteps(s.Body, s.Target)}
	body, orelse := c.block(s.Body), c.block(s.Else)
	begin := iteration(s.Async)
	state := c.state(anyYield(s.Body) || anyYield(s.Else))
	return c.after(before, func(f *frame) (how flow, err error) {
		var own runtime.State
		st := state(f, &own)
		if st.Pos == atStart {
			if st.Iter, err = begin(f, it, each.at); err != nil {
				return next, err
			}
		}
		for {
			if st.Pos == atStart {
				if st.Pos, err = each.advance(f, st); err != nil {
					break
				}
			}
			if st.Pos == inElse {
				if how, err = orelse(f); how == yielded {
					return how, err
				}
				break
			}
			how, err = body(f)
			if how == yielded && err == nil {
				return how, nil
			}
			st.Pos = atStart
			if err != nil || how == returned {
				break
			}
			if how == breaks {
				how = next
				break
			}
		}
		st.Pos, st.Iter = atStart, nil
		return how, err
	})
}

// A loopHead is what a for loop does before each round, which takes steps.
type loopHead struct {
	set   store
	at    *runtime.Span
	steps int
}

// advance binds the next item and tells where the loop goes on.
func (l *loopHead) advance(f *frame, st *runtime.State) (int, error) {
	v, err := st.Iter.Next(f.Thread)
	if err == nil && v != nil {
		err = f.Thread.Steps(l.steps)
	}
	if err != nil {
		return atStart, f.Fail(err, l.at)
	}
	if v == nil {
		return inElse, nil
	}
	return inBody, l.set(f, v)
}

// iteration is how a for loop, or one with async, begins.
func iteration(async bool) func(f *frame, of expr, at *runtime.Span) (runtime.Iterator, error) {
	if !async {
		return iterate
	}
	return func(f *frame, of expr, at *runtime.Span) (runtime.Iterator, error) {
		v, err := of(f)
		if err != nil {
			return nil, err
		}
		it, err := runtime.AsyncIter(f.Thread, v)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return it, nil
	}
}

func iterate(f *frame, of expr, at *runtime.Span) (runtime.Iterator, error) {
	v, err := of(f)
	if err != nil {
		return nil, err
	}
	it, err := runtime.Iter(f.Thread, v)
	if err != nil {
		return nil, f.Fail(err, at)
	}
	return it, nil
}

func (c *function) while(s *syntax.While) stmt {
	if c.gen && hasYield(s.Test) {
		if len(s.Else) > 0 {
			c.refuse(s.Test, "yield in the condition of while with else is not supported: assign its value to a name first")
			return nil
		}
		at := s.Test.Range()
		leave := &syntax.If{Span: at, Test: s.Test, Body: s.Body, Else: []syntax.Stmt{&syntax.Break{Span: at}}}
		s = &syntax.While{Span: s.Span, Test: &syntax.Constant{Span: at, Value: true}, Body: []syntax.Stmt{leave}}
	}
	cond, body, orelse, at := c.test(s.Test), c.block(s.Body), c.block(s.Else), c.span(s.Test)
	state, steps := c.state(anyYield(s.Body) || anyYield(s.Else)), 1+extraSteps(s.Body, s.Test)
	return func(f *frame) (flow, error) {
		var own runtime.State
		st := state(f, &own)
		for {
			if st.Pos == atStart {
				ok, err := cond(f)
				if err != nil {
					return next, err
				}
				st.Pos = inBody
				if !ok {
					st.Pos = inElse
				}
			}
			if st.Pos == inElse {
				how, err := orelse(f)
				if how != yielded {
					st.Pos = atStart
				}
				return how, err
			}
			how, err := body(f)
			if err == nil && how == yielded {
				return yielded, nil
			}
			st.Pos = atStart
			switch {
			case err != nil:
				return next, err
			case how == breaks:
				return next, nil
			case how == returned:
				return returned, nil
			}
			if err := f.Thread.Steps(steps); err != nil {
				return next, f.Fail(err, at)
			}
		}
	}
}

package compiler

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

func (c *function) try(s *syntax.Try) stmt {
	body := c.block(s.Body)
	if len(s.Handlers) > 0 {
		body = c.tryExcept(s, body)
	}
	if len(s.Finally) == 0 {
		return body
	}
	return c.tryFinally(s, body)
}

// handler is one except clause.
type handler struct {
	match func(f *frame, e *runtime.Exception) (bool, error)
	set   store // nil without `as`
	body  stmt
}

// Positions of a try statement: the body, the else block, then the handlers.
const (
	inTry = iota
	inTryElse
	firstHandler
)

func (c *function) tryExcept(s *syntax.Try, body stmt) stmt {
	handlers := make([]handler, len(s.Handlers))
	leaves := anyYield(s.Body) || anyYield(s.Else)
	for i, h := range s.Handlers {
		handlers[i] = c.handler(h)
		leaves = leaves || anyYield(h.Body)
	}
	orelse, state := c.block(s.Else), c.state(leaves)
	return func(f *frame) (flow, error) {
		var own runtime.State
		st := state(f, &own)
		if st.Pos == inTry {
			how, err := body(f)
			switch {
			case err == nil && how == yielded:
				return yielded, nil
			case err == nil && how == next:
				st.Pos = inTryElse
			case err == nil:
				return how, nil
			default:
				e := runtime.AsException(err)
				if st.Pos, err = choose(f, handlers, e); err != nil {
					st.Pos = inTry
					return next, err
				}
				st.Value = e
			}
		}
		var how flow
		var err error
		if st.Pos == inTryElse {
			how, err = orelse(f)
		} else {
			how, err = handlers[st.Pos-firstHandler].run(f, st)
		}
		if err != nil || how != yielded {
			st.Pos, st.Value = inTry, nil
		}
		return how, err
	}
}

// choose finds the handler for an error, and gives the error back when none is
// for it.
func choose(f *frame, handlers []handler, e *runtime.Exception) (int, error) {
	outer := f.Thread.Handle(e)
	defer f.Thread.Handle(outer)
	if !e.Catchable() {
		return 0, e
	}
	for i, h := range handlers {
		ok, failed := h.match(f, e)
		if failed != nil {
			return 0, failed
		}
		if ok {
			return firstHandler + i, nil
		}
	}
	return 0, e
}

func (h *handler) run(f *frame, st *runtime.State) (flow, error) {
	e := st.Value.(*runtime.Exception)
	th := f.Thread
	outer := th.Handle(e)
	if h.set != nil && st.Flow == 0 {
		if err := h.set(f, e); err != nil {
			th.Handle(outer)
			return next, err
		}
	}
	st.Flow = 1 // the name is bound, should a yield leave the handler
	how, err := h.body(f)
	th.Handle(outer)
	if err == nil && how == yielded {
		return how, nil
	}
	st.Flow = 0
	if h.set != nil {
		if unbind := h.set(f, nil); err == nil {
			err = unbind
		}
	}
	return how, err
}

func (c *function) handler(h *syntax.ExceptHandler) handler {
	out := handler{match: func(*frame, *runtime.Exception) (bool, error) { return true, nil }}
	if h.Type != nil {
		class, at := c.expr(h.Type), c.span(h.Type)
		out.match = func(f *frame, e *runtime.Exception) (bool, error) {
			want, err := class(f)
			if err != nil {
				return false, err
			}
			ok, err := runtime.Matches(e, want)
			if err != nil {
				return false, f.Fail(err, at)
			}
			return ok, nil
		}
	}
	if h.Name != "" {
		out.set = c.assign(h.Name)
		if p, _ := c.where(h.Name); p == inClass {
			name := h.Name
			out.set = func(f *frame, v value) error {
				if v == nil {
					_, err := namespace(f).Delete(f.Thread, runtime.Str(name))
					return err
				}
				namespace(f).SetStr(name, v)
				return nil
			}
		}
	}
	out.body = c.block(h.Body)
	return out
}

func (c *function) tryFinally(s *syntax.Try, body stmt) stmt {
	final := c.block(s.Finally)
	leaves := anyYield(s.Body) || anyYield(s.Else) || anyYield(s.Finally)
	for _, h := range s.Handlers {
		leaves = leaves || anyYield(h.Body)
	}
	state := c.state(leaves)
	return func(f *frame) (flow, error) {
		var own runtime.State
		st := state(f, &own)
		if st.Pos == atStart {
			how, err := body(f)
			if err == nil && how == yielded {
				return yielded, nil
			}
			st.Pos, st.Flow, st.Err, st.Value = inBody, int(how), err, f.Result
		}
		th := f.Thread
		outer := th.Handling()
		if st.Err != nil {
			th.Handle(runtime.AsException(st.Err))
		}
		how, err := final(f)
		th.Handle(outer)
		if err == nil && how == yielded {
			return yielded, nil
		}
		was := *st
		*st = runtime.State{}
		if err != nil || how != next {
			return how, err
		}
		f.Result = was.Value
		return flow(was.Flow), was.Err
	}
}

// maxBlocks is CPython's limit for blocks within each other.
const maxBlocks = 20

// with compiles the first item around the others.
func (c *function) with(s *syntax.With, items []*syntax.WithItem) stmt {
	if len(items) > maxBlocks {
		c.refuse(s, "too many statically nested blocks")
		return nil
	}
	head, before := c.lifted(items[0].Context)
	context, at := c.expr(head), c.span(s)
	var set store
	if items[0].Target != nil {
		set = c.target(items[0].Target)
	}
	var body stmt
	if len(items) > 1 {
		body = c.with(s, items[1:])
	} else {
		body = c.block(s.Body)
	}
	leaves := anyYield(s.Body)
	for _, it := range items[1:] {
		leaves = leaves || hasYield(it)
	}
	state, async := c.state(leaves), s.Async
	return c.after(before, func(f *frame) (flow, error) {
		var own runtime.State
		st := state(f, &own)
		if st.Pos == atStart {
			manager, err := context(f)
			if err != nil {
				return next, err
			}
			v, err := runtime.Enter(f.Thread, manager, async)
			if err != nil {
				return next, f.Fail(err, at)
			}
			st.Pos, st.Value = inBody, manager
			if set != nil {
				if err := set(f, v); err != nil {
					st.Pos, st.Value = atStart, nil
					return leave(f, manager, next, err, async, at)
				}
			}
		}
		how, err := body(f)
		if err == nil && how == yielded {
			return yielded, nil
		}
		manager := st.Value
		st.Pos, st.Value = atStart, nil
		return leave(f, manager, how, err, async, at)
	})
}

// leave calls __exit__, which may swallow the error of the body.
func leave(f *frame, manager value, how flow, err error, async bool, at *runtime.Span) (flow, error) {
	result := f.Result
	if err == nil {
		if _, err := runtime.Exit(f.Thread, manager, nil, async); err != nil {
			return next, f.Fail(err, at)
		}
		f.Result = result
		return how, nil
	}
	e := runtime.AsException(err)
	outer := f.Thread.Handle(e)
	swallowed, failed := runtime.Exit(f.Thread, manager, e, async)
	if failed != nil {
		failed = f.Fail(failed, at)
	}
	f.Thread.Handle(outer)
	if failed != nil {
		return next, failed
	}
	if swallowed && e.Catchable() {
		return next, nil
	}
	return next, err
}

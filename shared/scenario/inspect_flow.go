package scenario

import (
	"maps"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// unbound notes where a function reads a local variable that surely, or on a path that is
// plain to see, has no value yet.
func (i *inspector) unbound(f *syntax.FunctionDef) {
	s := i.scopes[f]
	names := map[string]binding{}
	for name, list := range s.bindings {
		param := false
		for _, b := range list {
			param = param || b.how == bindParam
		}
		if !param && !s.elsewhere[name] && !i.isCaptured(s, name) {
			names[name] = list[0]
		}
	}
	if len(names) > 0 {
		fl := &flow{inspector: i, scope: s, names: names}
		fl.block(f.Body, state{})
	}
}

// isCaptured reports whether a function within also binds the variable.
func (i *inspector) isCaptured(s *scope, name string) bool {
	for _, in := range i.scopes {
		if in != s && in.elsewhere[name] {
			return true
		}
	}
	return false
}

// valueState tells whether a variable has a value.
type valueState int

const (
	noValue   valueState = iota
	someValue            // one statement gives it a value, if its condition holds
	anyValue             // nothing can be said
	hasValue
)

// A state is what is known of the variables at one point; it is never changed once shared.
// nil stands for a point that is never reached.
type state map[string]valueState

// A flow goes through one function in the order in which it runs.
type flow struct {
	*inspector
	scope  *scope
	names  map[string]binding
	silent int // above 0 within code whose errors are expected
}

func (fl *flow) block(body []syntax.Stmt, st state) state {
	for _, stmt := range body {
		if st == nil {
			return nil
		}
		st = fl.stmt(stmt, st)
	}
	return st
}

func (st state) with(name string, p valueState) state {
	out := maps.Clone(st)
	out[name] = p
	return out
}

// vague forgets which variables may lack a value: a condition seen by now may be the same that
// decided it.
func (st state) vague() state {
	if st == nil {
		return nil
	}
	out := maps.Clone(st)
	for name, p := range out {
		if p == someValue {
			out[name] = anyValue
		}
	}
	return out
}

// join is the state after two paths met; one says whether a variable that only one of them
// has deserves a word.
func join(a, b state, one bool) state {
	switch {
	case a == nil:
		return b.vague()
	case b == nil:
		return a.vague()
	}
	out := state{}
	for _, st := range []state{a, b} {
		for name := range st {
			x, y := a[name], b[name]
			switch {
			case x == y:
				out[name] = x
			case one && min(x, y) == noValue && max(x, y) == hasValue:
				out[name] = someValue
			default:
				out[name] = anyValue
			}
		}
	}
	return out
}

func (fl *flow) stmt(stmt syntax.Stmt, st state) state {
	switch n := stmt.(type) {
	case *syntax.Return, *syntax.Raise, *syntax.Break, *syntax.Continue:
		fl.uses(n, st)
		return nil
	case *syntax.If:
		return fl.branch(n, st)
	case *syntax.While:
		return fl.loop(n, n.Test, nil, n.Body, n.Else, st)
	case *syntax.For:
		fl.expr(n.Iter, st)
		return fl.loop(n, nil, n.Target, n.Body, n.Else, st)
	case *syntax.Try:
		return fl.try(n, st)
	case *syntax.With:
		for _, item := range n.Items {
			fl.expr(item.Context, st)
			if item.Target != nil {
				st = fl.assign(item.Target, st)
			}
		}
		before := st
		if after := fl.block(n.Body, st); after != nil {
			return after
		}
		return fl.blurred(n, before) // it may have swallowed an exception
	}
	fl.uses(stmt, st)
	return fl.binds(stmt, st)
}

// binds is the state after a simple statement or a definition.
func (fl *flow) binds(stmt syntax.Stmt, st state) state {
	switch n := stmt.(type) {
	case *syntax.Delete:
		for _, t := range targets(n) {
			if id, ok := t.(*syntax.Name); ok {
				st = st.with(id.ID, noValue)
			}
		}
		return st
	case *syntax.Assert:
		return st.vague()
	case *syntax.ExprStmt:
		if _, isCall := n.Value.(*syntax.Call); isCall {
			st = st.vague() // it may have raised for the same reason
		}
	}
	return fl.bound(stmt, st, hasValue)
}

// bound marks all that n binds in this scope.
func (fl *flow) bound(n syntax.Node, st state, p valueState) state {
	b := body{bound: map[string]int{}}
	walkBlock(n, b.count)
	for name := range b.bound {
		if _, ours := fl.names[name]; ours {
			st = st.with(name, p)
		}
	}
	return fl.imports(n, st, p)
}

// imports marks the names that import statements within n bind, which differ from those that they import.
func (fl *flow) imports(n syntax.Node, st state, p valueState) state {
	in := &scope{bindings: map[string][]binding{}, elsewhere: map[string]bool{}}
	walkBlock(n, func(n syntax.Node) {
		switch n.(type) {
		case *syntax.Import, *syntax.ImportFrom:
			in.note(n)
		}
	})
	for name := range in.bindings {
		st = st.with(name, p)
	}
	return st
}

func (fl *flow) blurred(n syntax.Node, st state) state {
	in := fl.bound(n, state{}, hasValue)
	out := maps.Clone(st)
	for name := range in {
		if out[name] != hasValue {
			out[name] = anyValue
		}
	}
	return out
}

// walkBlock visits n and all below it that runs in the same scope.
func walkBlock(n syntax.Node, visit func(syntax.Node)) {
	visit(n)
	switch n.(type) {
	case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda, *syntax.ListComp, *syntax.SetComp, *syntax.DictComp, *syntax.GeneratorExp:
		return
	}
	syntax.Children(n, func(c syntax.Node) { walkBlock(c, visit) })
}

func (fl *flow) branch(n *syntax.If, st state) state {
	fl.expr(n.Test, st)
	st = fl.walrus(n.Test, st)
	then := fl.block(n.Body, st.vague())
	if len(n.Else) == 0 {
		return join(then, st, then != nil)
	}
	_, chain := n.Else[0].(*syntax.If)
	other := fl.block(n.Else, st.vague())
	return join(then, other, (!chain || len(n.Else) > 1) && then != nil && other != nil)
}

// walrus marks what an expression binds with :=, if it is evaluated.
func (fl *flow) walrus(e syntax.Expr, st state) state {
	walk(e, func(n syntax.Node) {
		if w, ok := n.(*syntax.NamedExpr); ok && st[w.Target.ID] != hasValue {
			st = st.with(w.Target.ID, anyValue)
		}
	})
	if w, ok := e.(*syntax.NamedExpr); ok {
		st = st.with(w.Target.ID, hasValue)
	}
	return st
}

// loop goes through a loop once: its body may have run before, and what it binds is taken as
// bound behind it.
func (fl *flow) loop(n syntax.Node, test, target syntax.Expr, body, otherwise []syntax.Stmt, st state) state {
	in := fl.blurred(n, st).vague()
	if test != nil {
		fl.expr(test, in)
		in = fl.walrus(test, in)
	}
	if target != nil {
		in = fl.assign(target, in)
	}
	fl.block(body, in)
	after := fl.blurred(n, st)
	fl.block(otherwise, after)
	return after
}

func (fl *flow) try(n *syntax.Try, st state) state {
	guarded := trying{}.within(n)
	if guarded.names {
		fl.silent++
	}
	after := fl.block(n.Body, st)
	if guarded.names {
		fl.silent--
	}
	if after != nil {
		after = fl.block(n.Else, after)
	}
	var body syntax.Node = &syntax.With{Span: n.Span, Body: n.Body}
	raised := fl.blurred(body, st)
	out, left := after, after == nil
	for _, h := range n.Handlers {
		in := raised
		if h.Type != nil {
			fl.expr(h.Type, in)
		}
		if h.Name != "" {
			in = in.with(h.Name, hasValue)
		}
		end := fl.block(h.Body, in)
		if end != nil && h.Name != "" {
			end = end.with(h.Name, noValue)
		}
		if end == nil {
			left = true
			continue
		}
		out = fl.afterHandler(out, end, st)
	}
	if len(n.Finally) > 0 {
		fl.block(n.Finally, fl.blurred(n, st))
		if out != nil {
			out = fl.bound(&syntax.With{Span: n.Span, Body: n.Finally}, out, hasValue)
		}
	}
	if left && out != nil {
		out = out.vague()
	}
	return out
}

// afterHandler joins the end of the body of a try statement, or of handlers before, with that of
// a handler that goes on. What only the body binds is missing if it raised.
func (fl *flow) afterHandler(out, end, before state) state {
	if out == nil {
		return end
	}
	joined := join(out, end, false)
	for name, p := range joined {
		if p == anyValue && out[name] == hasValue && end[name] == anyValue && before[name] == noValue {
			joined[name] = someValue
		}
	}
	return joined
}

func (fl *flow) assign(target syntax.Expr, st state) state {
	for _, t := range flatten([]syntax.Expr{target}) {
		if id, ok := t.(*syntax.Name); ok {
			st = st.with(id.ID, hasValue)
		} else {
			fl.expr(t, st)
		}
	}
	return st
}

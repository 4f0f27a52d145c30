package compiler

import (
	"strconv"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// hasYield tells whether a yield of this function stands within n.
func hasYield(n syntax.Node) bool {
	switch n.(type) {
	case *syntax.Yield, *syntax.YieldFrom:
		return true
	case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda,
		*syntax.ListComp, *syntax.SetComp, *syntax.DictComp, *syntax.GeneratorExp:
		return false
	}
	found := false
	syntax.Children(n, func(c syntax.Node) { found = found || hasYield(c) })
	return found
}

func anyYield(list []syntax.Stmt) bool {
	for _, s := range list {
		if hasYield(s) {
			return true
		}
	}
	return false
}

// resumable runs statements in a generator: it goes on with the one that yielded.
func (c *function) resumable(stmts []stmt) stmt {
	state := c.state(true)
	return func(f *frame) (flow, error) {
		st := state(f, nil)
		for st.Pos < len(stmts) {
			how, err := stmts[st.Pos](f)
			if err == nil && how == yielded {
				return yielded, nil
			}
			if err != nil || how != next {
				st.Pos = 0
				return how, err
			}
			st.Pos++
		}
		st.Pos = 0
		return next, nil
	}
}

// after runs what was lifted out of a statement's expressions before it.
func (c *function) after(before []stmt, s stmt) stmt {
	if len(before) == 0 {
		return s
	}
	return c.resumable(append(before, s))
}

// yielding compiles a simple statement with yields: they become statements of
// their own before it, which leave their values in temporaries.
func (c *function) yielding(s syntax.Stmt) stmt {
	var rest syntax.Stmt
	var before []stmt
	switch s := s.(type) {
	case *syntax.ExprStmt:
		if y, ok := s.Value.(*syntax.Yield); ok && (y.Value == nil || !hasYield(y.Value)) {
			return c.yield(y, y.Value, c.newTemp(y))
		}
		n := *s
		n.Value, before = c.lifted(s.Value)
		rest = &n
	case *syntax.Assign:
		n := *s
		n.Value, before = c.lifted(s.Value)
		rest = &n
	case *syntax.AugAssign:
		n := *s
		n.Value, before = c.lifted(s.Value)
		rest = &n
	case *syntax.AnnAssign:
		n := *s
		n.Value, before = c.lifted(s.Value)
		rest = &n
	case *syntax.Return:
		n := *s
		n.Value, before = c.lifted(s.Value)
		rest = &n
	case *syntax.Raise:
		n := *s
		n.Exc, before = c.lifted(s.Exc)
		rest = &n
	case *syntax.Assert:
		n := *s
		n.Test, before = c.lifted(s.Test)
		rest = &n
	default:
		rest = s
	}
	if hasYield(rest) {
		c.refuse(s, "yield in this place is not supported: assign its value to a name first")
		return nil
	}
	compiled := c.stmt(rest)
	if compiled == nil {
		compiled = sequence(nil)
	}
	return c.after(before, compiled)
}

// lifted takes the yields out of an expression.
func (c *function) lifted(e syntax.Expr) (syntax.Expr, []stmt) {
	if !c.gen || !hasYield(e) {
		return e, nil
	}
	outer := c.prelude
	c.prelude = nil
	e = c.lift(e)
	before := c.prelude
	c.prelude = outer
	return e, before
}

func (c *function) newTemp(of syntax.Expr) *syntax.Name {
	c.temps++
	n := &syntax.Name{Span: of.Range(), ID: ".t" + strconv.Itoa(c.temps)}
	c.slot(n.ID)
	return n
}

// temp reads a temporary.
func (c *function) temp(n *syntax.Name) expr {
	i := c.slot(n.ID)
	return func(f *frame) (value, error) { return f.Locals[i], nil }
}

// spill evaluates e now and leaves its value in a temporary.
func (c *function) spill(e syntax.Expr) syntax.Expr {
	if _, ok := e.(*syntax.Constant); ok {
		return e
	}
	t := c.newTemp(e)
	val, i := c.expr(e), c.slot(t.ID)
	c.prelude = append(c.prelude, func(f *frame) (flow, error) {
		v, err := val(f)
		f.Locals[i] = v
		return next, err
	})
	return t
}

// lift turns the yields within e into prelude statements. What is evaluated before
// a yield is spilled, so that the order stays that of the source.
func (c *function) lift(e syntax.Expr) syntax.Expr {
	switch e := e.(type) {
	case *syntax.Yield:
		t := c.newTemp(e)
		v := e.Value
		if v != nil {
			v = c.lift(v)
		}
		c.prelude = append(c.prelude, c.yield(e, v, t))
		return t
	case *syntax.YieldFrom:
		t := c.newTemp(e)
		c.prelude = append(c.prelude, c.yieldFrom(e, c.lift(e.Value), t))
		return t
	}
	if !hasYield(e) {
		return e
	}
	copied, parts := parts(e)
	last := -1
	for i, p := range parts {
		if hasYield(*p) {
			last = i
		}
	}
	for i, p := range parts[:last+1] {
		*p = c.lift(*p)
		if i < last {
			*p = c.spill(*p)
		}
	}
	return copied
}

// parts copies an expression whose operands are all evaluated, in order, and points
// at the operands of the copy. Others keep their yields, which are then refused.
func parts(e syntax.Expr) (syntax.Expr, []*syntax.Expr) {
	switch e := e.(type) {
	case *syntax.Call:
		n := *e
		n.Args = append([]syntax.Expr(nil), e.Args...)
		n.Keywords = make([]*syntax.Keyword, len(e.Keywords))
		ps := append([]*syntax.Expr{&n.Func}, pointers(n.Args)...)
		for i, k := range e.Keywords {
			kw := *k
			n.Keywords[i] = &kw
			ps = append(ps, &kw.Value)
		}
		return &n, ps
	case *syntax.BinaryExpr:
		n := *e
		return &n, []*syntax.Expr{&n.Left, &n.Right}
	case *syntax.UnaryExpr:
		n := *e
		return &n, []*syntax.Expr{&n.Operand}
	case *syntax.Compare:
		if len(e.Ops) > 1 {
			return e, nil
		}
		n := *e
		n.Comparators = append([]syntax.Expr(nil), e.Comparators...)
		return &n, []*syntax.Expr{&n.Left, &n.Comparators[0]}
	case *syntax.Attribute:
		n := *e
		return &n, []*syntax.Expr{&n.Value}
	case *syntax.Await:
		n := *e
		return &n, []*syntax.Expr{&n.Value}
	case *syntax.NamedExpr:
		n := *e
		return &n, []*syntax.Expr{&n.Value}
	case *syntax.Subscript:
		n := *e
		return &n, []*syntax.Expr{&n.Value, &n.Index}
	case *syntax.FormattedValue:
		n := *e
		return &n, []*syntax.Expr{&n.Value}
	case *syntax.JoinedStr:
		n := *e
		n.Values = append([]syntax.Expr(nil), e.Values...)
		return &n, pointers(n.Values)
	case *syntax.Tuple:
		n := *e
		n.Elts = append([]syntax.Expr(nil), e.Elts...)
		return &n, pointers(n.Elts)
	case *syntax.List:
		n := *e
		n.Elts = append([]syntax.Expr(nil), e.Elts...)
		return &n, pointers(n.Elts)
	}
	return e, nil
}

func pointers(list []syntax.Expr) []*syntax.Expr {
	out := make([]*syntax.Expr, len(list))
	for i := range list {
		out[i] = &list[i]
	}
	return out
}

// yield compiles one yield: it leaves the body, and on the way back takes what was
// sent or raises what was thrown.
func (c *function) yield(n syntax.Node, v syntax.Expr, t *syntax.Name) stmt {
	val := func(*frame) (value, error) { return runtime.None, nil }
	if v != nil {
		val = c.expr(v)
	}
	at, i, state := c.span(n), c.slot(t.ID), c.state(true)
	return func(f *frame) (flow, error) {
		st := state(f, nil)
		if st.Pos == atStart {
			v, err := val(f)
			if err != nil {
				return next, err
			}
			st.Pos, f.Result = inBody, v
			return yielded, nil
		}
		st.Pos = atStart
		if err := f.Thrown; err != nil {
			f.Thrown = nil
			return next, f.Fail(err, at)
		}
		f.Locals[i] = f.Sent
		return next, nil
	}
}

// yieldFrom compiles `yield from`: it yields all that the iterable does.
func (c *function) yieldFrom(n syntax.Node, v syntax.Expr, t *syntax.Name) stmt {
	of, at, i, state := c.expr(v), c.span(n), c.slot(t.ID), c.state(true)
	return func(f *frame) (flow, error) {
		st := state(f, nil)
		sent, thrown := f.Sent, f.Thrown
		f.Thrown = nil
		if st.Pos == atStart {
			it, err := iterate(f, of, at)
			if err != nil {
				return next, err
			}
			st.Pos, st.Iter, sent, thrown = inBody, it, runtime.None, nil
		}
		v, err := delegate(f.Thread, st.Iter, sent, thrown)
		if err == nil && v != nil {
			f.Result = v
			return yielded, nil
		}
		f.Locals[i] = runtime.None
		if g, ok := st.Iter.(*runtime.Generator); ok {
			f.Locals[i] = g.Result()
		}
		st.Pos, st.Iter = atStart, nil
		if err != nil {
			err = f.Fail(err, at)
		}
		return next, err
	}
}

// delegate passes what came in on to the inner iterator.
func delegate(th *runtime.Thread, it runtime.Iterator, sent value, thrown error) (value, error) {
	if g, ok := it.(*runtime.Generator); ok {
		return g.Resume(th, sent, thrown)
	}
	if thrown != nil {
		return nil, thrown
	}
	return it.Next(th)
}

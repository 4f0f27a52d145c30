package compiler

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// block compiles a list of statements.
func (c *function) block(list []syntax.Stmt) stmt {
	stmts := make([]stmt, 0, len(list))
	for _, s := range list {
		if compiled := c.stmt(s); compiled != nil {
			stmts = append(stmts, compiled)
		}
		if c.err != nil {
			return nil
		}
	}
	if c.gen && anyYield(list) {
		return c.resumable(stmts)
	}
	return sequence(stmts)
}

func sequence(stmts []stmt) stmt {
	switch len(stmts) {
	case 0:
		return func(*frame) (flow, error) { return next, nil }
	case 1:
		return stmts[0]
	case 2:
		a, b := stmts[0], stmts[1]
		return func(f *frame) (flow, error) {
			if how, err := a(f); err != nil || how != next {
				return how, err
			}
			return b(f)
		}
	}
	return func(f *frame) (flow, error) {
		for _, s := range stmts {
			if how, err := s(f); err != nil || how != next {
				return how, err
			}
		}
		return next, nil
	}
}

// stmt compiles a statement; nil when it does nothing.
func (c *function) stmt(s syntax.Stmt) stmt {
	if c.gen && simple(s) && hasYield(s) {
		return c.yielding(s)
	}
	switch s := s.(type) {
	case *syntax.ExprStmt:
		return c.exprStmt(s)
	case *syntax.Assign:
		return c.assignment(s)
	case *syntax.AugAssign:
		return c.augmented(s)
	case *syntax.AnnAssign:
		return c.annotated(s)
	case *syntax.Return:
		return c.returns(s)
	case *syntax.If:
		return c.ifStmt(s)
	case *syntax.For:
		return c.forStmt(s)
	case *syntax.While:
		return c.while(s)
	case *syntax.Try:
		return c.try(s)
	case *syntax.With:
		return c.with(s, s.Items)
	case *syntax.Raise:
		return c.raise(s)
	case *syntax.Assert:
		return c.assert(s)
	case *syntax.FunctionDef:
		return c.functionDef(s)
	case *syntax.ClassDef:
		return c.classDef(s)
	case *syntax.Delete:
		return c.delete(s)
	case *syntax.Import:
		return c.importStmt(s)
	case *syntax.ImportFrom:
		return c.importFrom(s)
	case *syntax.Break:
		return func(*frame) (flow, error) { return breaks, nil }
	case *syntax.Continue:
		return func(*frame) (flow, error) { return repeats, nil }
	case *syntax.Pass, *syntax.Global, *syntax.Nonlocal:
		return nil
	}
	c.refuse(s, "this statement is not supported")
	return nil
}

// simple tells statements that hold no others.
func simple(s syntax.Stmt) bool {
	switch s.(type) {
	case *syntax.If, *syntax.For, *syntax.While, *syntax.Try, *syntax.With, *syntax.FunctionDef, *syntax.ClassDef:
		return false
	}
	return true
}

func (c *function) exprStmt(s *syntax.ExprStmt) stmt {
	if _, ok := s.Value.(*syntax.Constant); ok {
		return nil
	}
	val := c.expr(s.Value)
	return func(f *frame) (flow, error) {
		_, err := val(f)
		return next, err
	}
}

// annotated ignores the annotation, but remembers it in a class body.
func (c *function) annotated(s *syntax.AnnAssign) stmt {
	var note stmt
	if name, ok := s.Target.(*syntax.Name); ok && s.Simple && c.scope.kind == classScope {
		text := c.sourceOf(s.Annotation)
		note = func(f *frame) (flow, error) {
			runtime.Annotate(namespace(f), name.ID, text)
			return next, nil
		}
	}
	if s.Value == nil {
		return note
	}
	set := c.assignment(&syntax.Assign{Span: s.Span, Targets: []syntax.Expr{s.Target}, Value: s.Value})
	if note == nil {
		return set
	}
	return sequence([]stmt{set, note})
}

// sourceOf is the text of an expression on one line.
func (c *function) sourceOf(e syntax.Expr) string {
	r := e.Range()
	line := []rune(c.module.Line(r.Start.Line))
	end := len(line)
	if r.End.Line == r.Start.Line {
		end = min(end, int(r.End.Col)-1)
	}
	return string(line[min(int(r.Start.Col)-1, end):end])
}

func (c *function) returns(s *syntax.Return) stmt {
	if s.Value == nil {
		return func(f *frame) (flow, error) {
			f.Result = runtime.None
			return returned, nil
		}
	}
	val := c.expr(s.Value)
	return func(f *frame) (flow, error) {
		v, err := val(f)
		f.Result = v
		return returned, err
	}
}

func (c *function) raise(s *syntax.Raise) stmt {
	at := c.span(s)
	if s.Exc == nil {
		return func(f *frame) (flow, error) {
			err := runtime.Reraise(f.Thread)
			if runtime.AsException(err) != f.Thread.Handling() {
				err = f.Fail(err, at)
			}
			return next, err
		}
	}
	exc := c.expr(s.Exc)
	var cause expr
	if s.Cause != nil {
		cause = c.expr(s.Cause)
	}
	return func(f *frame) (flow, error) {
		v, err := exc(f)
		if err != nil {
			return next, err
		}
		var from value
		if cause != nil {
			if from, err = cause(f); err != nil {
				return next, err
			}
		}
		return next, f.Fail(runtime.Raise(f.Thread, v, from), at)
	}
}

// assert keeps both sides of a failed comparison for the host to show.
func (c *function) assert(s *syntax.Assert) stmt {
	at := c.assertSpan(s)
	var message expr
	if s.Msg != nil {
		message = c.expr(s.Msg)
	}
	fail := func(f *frame, cmp *runtime.Comparison) (flow, error) {
		e := runtime.NewException(runtime.AssertionError)
		if message != nil {
			m, err := message(f)
			if err != nil {
				return next, err
			}
			e.Args = []value{m}
		}
		e.SetComparison(cmp)
		return next, f.Fail(e, at)
	}
	if cmp, ok := s.Test.(*syntax.Compare); ok && len(cmp.Ops) == 1 {
		left, right, rel, op := c.expr(cmp.Left), c.expr(cmp.Comparators[0]), relate(cmp.Ops[0]), cmp.Ops[0].String()
		cmpAt := c.span(cmp)
		return func(f *frame) (flow, error) {
			a, err := left(f)
			if err != nil {
				return next, err
			}
			b, err := right(f)
			if err != nil {
				return next, err
			}
			v, err := rel(f.Thread, a, b)
			if err != nil {
				return next, f.Fail(err, cmpAt)
			}
			ok, err := runtime.Truth(f.Thread, v)
			if err != nil {
				return next, f.Fail(err, cmpAt)
			}
			if ok {
				return next, nil
			}
			return fail(f, &runtime.Comparison{Op: op, Left: a, Right: b})
		}
	}
	cond := c.test(s.Test)
	return func(f *frame) (flow, error) {
		ok, err := cond(f)
		if err != nil || ok {
			return next, err
		}
		return fail(f, nil)
	}
}

// assertSpan is what CPython 3.11 marks: the last comparison of the condition, or
// the whole statement when there is none.
func (c *function) assertSpan(s *syntax.Assert) *runtime.Span {
	var last syntax.Node = s
	var look func(e syntax.Expr)
	look = func(e syntax.Expr) {
		switch e := e.(type) {
		case *syntax.Compare:
			last = e
		case *syntax.UnaryExpr:
			if e.Op == syntax.Not {
				look(e.Operand)
			}
		case *syntax.BoolOp:
			for _, v := range e.Values {
				look(v)
			}
		case *syntax.IfExpr:
			look(e.Test)
			look(e.Body)
			look(e.Else)
		}
	}
	look(s.Test)
	return c.span(last)
}

func (c *function) functionDef(s *syntax.FunctionDef) stmt {
	def := c.define(s, s.Name, s.Params, func(in *function) func(f *frame) (value, error) {
		in.code.Async = s.Async
		in.code.Doc = docstring(s.Body)
		return in.body(s.Body)
	})
	return c.decorated(s.Decorators, def, c.assign(s.Binds))
}

func docstring(body []syntax.Stmt) value {
	if len(body) > 0 {
		if e, ok := body[0].(*syntax.ExprStmt); ok {
			if k, ok := e.Value.(*syntax.Constant); ok {
				if text, ok := k.Value.(string); ok {
					return runtime.Str(text)
				}
			}
		}
	}
	return runtime.None
}

// decorated applies decorators from the last to the first and binds the result.
func (c *function) decorated(decorators []syntax.Expr, def expr, set store) stmt {
	fns, at := make([]expr, len(decorators)), make([]*runtime.Span, len(decorators))
	for i, d := range decorators {
		fns[i], at[i] = c.expr(d), c.span(d)
	}
	return func(f *frame) (flow, error) {
		wrap, err := evalAll(f, fns)
		if err != nil {
			return next, err
		}
		v, err := def(f)
		if err != nil {
			return next, err
		}
		for i, decorator := range slices.Backward(wrap) {
			if v, err = runtime.Call(f.Thread, decorator, v); err != nil {
				return next, f.Fail(err, at[i])
			}
		}
		return next, set(f, v)
	}
}

func (c *function) ifStmt(s *syntax.If) stmt {
	head, before := c.lifted(s.Test)
	cond, then, orelse := c.test(head), c.block(s.Body), c.block(s.Else)
	if !c.gen || !anyYield(s.Body) && !anyYield(s.Else) {
		return c.after(before, func(f *frame) (flow, error) {
			ok, err := cond(f)
			if err != nil {
				return next, err
			}
			if ok {
				return then(f)
			}
			return orelse(f)
		})
	}
	state := c.state(true)
	return c.after(before, func(f *frame) (flow, error) {
		st := state(f, nil)
		if st.Pos == atStart {
			ok, err := cond(f)
			if err != nil {
				return next, err
			}
			st.Pos = inElse
			if ok {
				st.Pos = inBody
			}
		}
		branch := then
		if st.Pos == inElse {
			branch = orelse
		}
		how, err := branch(f)
		if err != nil || how != yielded {
			st.Pos = atStart
		}
		return how, err
	})
}

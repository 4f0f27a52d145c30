package compiler

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

var unaryOps = [...]rune{syntax.UAdd: runtime.Plus, syntax.USub: runtime.Neg, syntax.Invert: runtime.Invert}

func (c *function) binary(e *syntax.BinaryExpr) expr {
	left, right, at, op := c.expr(e.Left), c.expr(e.Right), c.span(e), runtime.Op(e.Op)
	return func(f *frame) (value, error) {
		a, err := left(f)
		if err != nil {
			return nil, err
		}
		b, err := right(f)
		if err != nil {
			return nil, err
		}
		v, err := runtime.Binary(f.Thread, op, a, b)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

func (c *function) unary(e *syntax.UnaryExpr) expr {
	if e.Op == syntax.Not {
		return boxed(c.test(e))
	}
	val, at, op := c.expr(e.Operand), c.span(e), unaryOps[e.Op]
	return func(f *frame) (value, error) {
		v, err := val(f)
		if err != nil {
			return nil, err
		}
		if v, err = runtime.Unary(f.Thread, op, v); err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

func boxed(t test) expr {
	return func(f *frame) (value, error) {
		ok, err := t(f)
		return runtime.NewBool(ok), err
	}
}

// boolOp gives the operand that decided.
func (c *function) boolOp(e *syntax.BoolOp) expr {
	vals := make([]expr, len(e.Values))
	for i, v := range e.Values {
		vals[i] = c.expr(v)
	}
	at, or, last := c.span(e), e.Or, len(vals)-1
	return func(f *frame) (value, error) {
		for _, val := range vals[:last] {
			v, err := val(f)
			if err != nil {
				return nil, err
			}
			ok, err := runtime.Truth(f.Thread, v)
			if err != nil {
				return nil, f.Fail(err, at)
			}
			if ok == or {
				return v, nil
			}
		}
		return vals[last](f)
	}
}

// relate compiles one comparison operator to a function of both operands.
func relate(op syntax.CompareOperator) func(th *runtime.Thread, a, b value) (value, error) {
	switch op {
	case syntax.Is:
		return func(_ *runtime.Thread, a, b value) (value, error) { return runtime.NewBool(runtime.Is(a, b)), nil }
	case syntax.IsNot:
		return func(_ *runtime.Thread, a, b value) (value, error) { return runtime.NewBool(!runtime.Is(a, b)), nil }
	case syntax.In:
		return func(th *runtime.Thread, a, b value) (value, error) {
			ok, err := runtime.Contains(th, b, a)
			return runtime.NewBool(ok), err
		}
	case syntax.NotIn:
		return func(th *runtime.Thread, a, b value) (value, error) {
			ok, err := runtime.Contains(th, b, a)
			return runtime.NewBool(!ok), err
		}
	}
	rich := runtime.CmpOp(op)
	return func(th *runtime.Thread, a, b value) (value, error) { return runtime.Compare(th, rich, a, b) }
}

func (c *function) compare(e *syntax.Compare) expr {
	at := c.span(e)
	left := c.expr(e.Left)
	rights, rels := make([]expr, len(e.Ops)), make([]func(*runtime.Thread, value, value) (value, error), len(e.Ops))
	for i, op := range e.Ops {
		rights[i], rels[i] = c.expr(e.Comparators[i]), relate(op)
	}
	if len(rels) == 1 {
		right, rel := rights[0], rels[0]
		return func(f *frame) (value, error) {
			a, err := left(f)
			if err != nil {
				return nil, err
			}
			b, err := right(f)
			if err != nil {
				return nil, err
			}
			v, err := rel(f.Thread, a, b)
			if err != nil {
				return nil, f.Fail(err, at)
			}
			return v, nil
		}
	}
	return func(f *frame) (v value, err error) {
		a, err := left(f)
		if err != nil {
			return nil, err
		}
		for i, rel := range rels {
			b, err := rights[i](f)
			if err != nil {
				return nil, err
			}
			if v, err = rel(f.Thread, a, b); err != nil {
				return nil, f.Fail(err, at)
			}
			if i == len(rels)-1 {
				break
			}
			ok, err := runtime.Truth(f.Thread, v)
			if err != nil {
				return nil, f.Fail(err, at)
			}
			if !ok {
				return v, nil
			}
			a = b
		}
		return v, nil
	}
}

// test compiles an expression as a condition.
func (c *function) test(e syntax.Expr) test {
	switch e := e.(type) {
	case *syntax.UnaryExpr:
		if e.Op == syntax.Not {
			inner := c.test(e.Operand)
			return func(f *frame) (bool, error) {
				ok, err := inner(f)
				return !ok, err
			}
		}
	case *syntax.BoolOp:
		parts := make([]test, len(e.Values))
		for i, v := range e.Values {
			parts[i] = c.test(v)
		}
		or := e.Or
		return func(f *frame) (ok bool, err error) {
			for _, p := range parts {
				if ok, err = p(f); err != nil || ok == or {
					return ok, err
				}
			}
			return ok, nil
		}
	}
	val, at := c.expr(e), c.span(e)
	return func(f *frame) (bool, error) {
		v, err := val(f)
		if err != nil {
			return false, err
		}
		if b, ok := v.(runtime.Bool); ok {
			return bool(b), nil
		}
		ok, err := runtime.Truth(f.Thread, v)
		if err != nil {
			return false, f.Fail(err, at)
		}
		return ok, nil
	}
}

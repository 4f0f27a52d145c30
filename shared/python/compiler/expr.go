package compiler

import (
	"math/big"
	"strconv"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// expr compiles an expression.
func (c *function) expr(e syntax.Expr) expr {
	if v := c.constant(e); v != nil {
		return func(*frame) (value, error) { return v, nil }
	}
	switch e := e.(type) {
	case *syntax.Name:
		if e.ID[0] == '.' {
			return c.temp(e)
		}
		return c.load(e)
	case *syntax.Attribute:
		return c.attribute(e)
	case *syntax.Call:
		return c.call(e)
	case *syntax.BinaryExpr:
		return c.binary(e)
	case *syntax.UnaryExpr:
		return c.unary(e)
	case *syntax.Compare:
		return c.compare(e)
	case *syntax.BoolOp:
		return c.boolOp(e)
	case *syntax.IfExpr:
		return c.ifExpr(e)
	case *syntax.JoinedStr:
		return c.joined(e)
	case *syntax.Subscript:
		return c.subscript(e)
	case *syntax.Slice:
		return c.slice(e)
	case *syntax.Tuple:
		return c.display(e, e.Elts, func(vs []value) value { return runtime.NewTuple(vs...) })
	case *syntax.List:
		return c.display(e, e.Elts, func(vs []value) value { return runtime.NewList(vs...) })
	case *syntax.Set:
		return c.set(e)
	case *syntax.Dict:
		return c.dict(e)
	case *syntax.Lambda:
		return c.define(e, "<lambda>", e.Params, func(in *function) func(f *frame) (value, error) {
			return in.body([]syntax.Stmt{&syntax.Return{Span: e.Body.Range(), Value: e.Body}})
		})
	case *syntax.ListComp, *syntax.SetComp, *syntax.DictComp, *syntax.GeneratorExp:
		return c.comprehension(e)
	case *syntax.NamedExpr:
		return c.walrus(e)
	case *syntax.Await:
		return c.await(e)
	case *syntax.Yield, *syntax.YieldFrom:
		c.refuse(e, "yield in a part of an expression that may not be evaluated is not supported: assign its value to a name first")
	default:
		c.refuse(e, "this expression is not supported here")
	}
	return nil
}

// constant is the value of a constant expression, nil for others.
func (c *function) constant(e syntax.Expr) value {
	switch e := e.(type) {
	case *syntax.Constant:
		return literal(e.Value)
	case *syntax.UnaryExpr:
		if v := c.constant(e.Operand); v != nil && e.Op != syntax.Not {
			r, err := runtime.Unary(c.th, unaryOps[e.Op], v)
			if err == nil {
				return r
			}
		}
	case *syntax.BinaryExpr:
		return c.fold(e)
	case *syntax.Tuple:
		vs := make([]value, len(e.Elts))
		for i, x := range e.Elts {
			if vs[i] = c.constant(x); vs[i] == nil {
				return nil
			}
		}
		return runtime.NewTuple(vs...)
	}
	return nil
}

// foldLimit bounds the operands of folded operators, so that a file cannot make
// its compilation slow.
const foldLimit = 1 << 31

func (c *function) fold(e *syntax.BinaryExpr) value {
	a, b := c.constant(e.Left), c.constant(e.Right)
	if !foldable(a) || !foldable(b) || e.Op == syntax.Pow || e.Op == syntax.LShift {
		return nil
	}
	v, err := runtime.Binary(c.th, runtime.Op(e.Op), a, b)
	if err != nil {
		return nil
	}
	return v
}

func foldable(v value) bool {
	switch v := v.(type) {
	case runtime.Int:
		return v < foldLimit && v > -foldLimit
	case runtime.Float:
		return true
	}
	return false
}

func literal(v any) value {
	switch v := v.(type) {
	case nil:
		return runtime.None
	case bool:
		return runtime.NewBool(v)
	case int64:
		return runtime.NewInt(v)
	case *big.Int:
		return runtime.NewBigInt(v)
	case float64:
		return runtime.Float(v)
	case string:
		return runtime.Str(v)
	case syntax.Bytes:
		return runtime.Bytes(v)
	}
	return runtime.Ellipsis
}

func (c *function) attribute(e *syntax.Attribute) expr {
	of, at, name := c.expr(e.Value), c.span(e), e.Attr
	cache := &runtime.AttrCache{}
	return func(f *frame) (value, error) {
		v, err := of(f)
		if err != nil {
			return nil, err
		}
		if v, err = cache.Get(f.Thread, v, name); err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

func (c *function) subscript(e *syntax.Subscript) expr {
	of, key, at := c.expr(e.Value), c.expr(e.Index), c.span(e)
	return func(f *frame) (value, error) {
		v, err := of(f)
		if err != nil {
			return nil, err
		}
		k, err := key(f)
		if err != nil {
			return nil, err
		}
		if v, err = runtime.GetItem(f.Thread, v, k); err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

func (c *function) slice(e *syntax.Slice) expr {
	part := func(x syntax.Expr) expr {
		if x == nil {
			return func(*frame) (value, error) { return runtime.None, nil }
		}
		return c.expr(x)
	}
	lo, hi, step := part(e.Lower), part(e.Upper), part(e.Step)
	return func(f *frame) (value, error) {
		a, err := lo(f)
		if err != nil {
			return nil, err
		}
		b, err := hi(f)
		if err != nil {
			return nil, err
		}
		s, err := step(f)
		if err != nil {
			return nil, err
		}
		return &runtime.Slice{Lo: a, Hi: b, Step: s}, nil
	}
}

// display compiles a tuple or list display.
func (c *function) display(e syntax.Expr, elts []syntax.Expr, build func([]value) value) expr {
	for _, elt := range elts {
		if _, ok := elt.(*syntax.Starred); ok {
			fill := c.starred(e, elts)
			return func(f *frame) (value, error) {
				vs, err := fill(f)
				if err != nil {
					return nil, err
				}
				return build(vs), nil
			}
		}
	}
	items, at := make([]expr, len(elts)), c.span(e)
	for i, e := range elts {
		items[i] = c.expr(e)
	}
	return func(f *frame) (value, error) {
		if err := f.Thread.Alloc(48 + 16*len(items)); err != nil {
			return nil, f.Fail(err, at)
		}
		vs := make([]value, len(items))
		for i, item := range items {
			v, err := item(f)
			if err != nil {
				return nil, err
			}
			vs[i] = v
		}
		return build(vs), nil
	}
}

// starred compiles a list of expressions of which some are `*iterable`.
func (c *function) starred(of syntax.Node, elts []syntax.Expr) func(f *frame) ([]value, error) {
	type item struct {
		e    expr
		star bool
		at   *runtime.Span
	}
	items, at := make([]item, len(elts)), c.span(of)
	for i, e := range elts {
		s, star := e.(*syntax.Starred)
		if star {
			items[i] = item{c.expr(s.Value), true, at}
		} else {
			items[i] = item{c.expr(e), false, nil}
		}
	}
	return func(f *frame) ([]value, error) {
		var out []value
		for _, it := range items {
			v, err := it.e(f)
			if err != nil {
				return nil, err
			}
			if !it.star {
				out = append(out, v)
				continue
			}
			vs, err := runtime.Collect(f.Thread, v)
			if err != nil {
				if runtime.NotIterable(err, v) {
					err = runtime.Errorf(runtime.TypeError, "Value after * must be an iterable, not %s", v.Class().Name)
				}
				return nil, f.Fail(err, it.at)
			}
			out = append(out, vs...)
		}
		return out, nil
	}
}

func (c *function) set(e *syntax.Set) expr {
	fill, at := c.starred(e, e.Elts), c.span(e)
	return func(f *frame) (value, error) {
		vs, err := fill(f)
		if err != nil {
			return nil, err
		}
		s := runtime.NewSet(false)
		for _, v := range vs {
			if err := s.Add(f.Thread, v); err != nil {
				return nil, f.Fail(err, at)
			}
		}
		return s, nil
	}
}

func (c *function) dict(e *syntax.Dict) expr {
	keys, vals := make([]expr, len(e.Keys)), make([]expr, len(e.Values))
	for i := range e.Values {
		if e.Keys[i] != nil {
			keys[i] = c.expr(e.Keys[i])
		}
		vals[i] = c.expr(e.Values[i])
	}
	at := c.span(e)
	return func(f *frame) (value, error) {
		if err := f.Thread.Alloc(64 + 48*len(vals)); err != nil {
			return nil, f.Fail(err, at)
		}
		d := runtime.NewDictSize(len(vals))
		for i, val := range vals {
			if keys[i] == nil {
				v, err := val(f)
				if err != nil {
					return nil, err
				}
				if !runtime.IsMapping(v) {
					return nil, f.Fail(runtime.Errorf(runtime.TypeError, "'%s' object is not a mapping", v.Class().Name), at)
				}
				if err := runtime.MergeInto(f.Thread, d, v); err != nil {
					return nil, f.Fail(err, at)
				}
				continue
			}
			k, err := keys[i](f)
			if err != nil {
				return nil, err
			}
			v, err := val(f)
			if err != nil {
				return nil, err
			}
			if err := d.Set(f.Thread, k, v); err != nil {
				return nil, f.Fail(err, at)
			}
		}
		return d, nil
	}
}

func (c *function) walrus(e *syntax.NamedExpr) expr {
	val, set := c.expr(e.Value), c.assign(e.Target.ID)
	return func(f *frame) (value, error) {
		v, err := val(f)
		if err != nil {
			return nil, err
		}
		return v, set(f, v)
	}
}

func (c *function) await(e *syntax.Await) expr {
	val, at := c.expr(e.Value), c.span(e)
	return func(f *frame) (value, error) {
		v, err := val(f)
		if err != nil {
			return nil, err
		}
		if v, err = runtime.Await(f.Thread, v); err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

func (c *function) ifExpr(e *syntax.IfExpr) expr {
	cond, then, orelse := c.test(e.Test), c.expr(e.Body), c.expr(e.Else)
	return func(f *frame) (value, error) {
		ok, err := cond(f)
		if err != nil {
			return nil, err
		}
		if ok {
			return then(f)
		}
		return orelse(f)
	}
}

// joined compiles an f-string: one buffer, one charge.
func (c *function) joined(e *syntax.JoinedStr) expr {
	type field struct {
		before string // the text that stands before it
		value  expr
	}
	var fields []field
	text, at := "", c.span(e)
	for _, v := range e.Values {
		switch v := v.(type) {
		case *syntax.Constant:
			text += string(literal(v.Value).(runtime.Str))
			continue
		case *syntax.FormattedValue:
			fields = append(fields, field{text, c.formatted(v, at)})
		default: // a yield within has put it aside
			fields = append(fields, field{text, c.expr(v)})
		}
		text = ""
	}
	return func(f *frame) (value, error) {
		var room [128]byte
		buf := room[:0]
		for i := range fields {
			buf = append(buf, fields[i].before...)
			v, err := fields[i].value(f)
			if err != nil {
				return nil, err
			}
			switch v := v.(type) {
			case runtime.Str:
				buf = append(buf, v...)
			case runtime.Int:
				buf = strconv.AppendInt(buf, int64(v), 10)
			default:
				shown, err := runtime.Format(f.Thread, v, "")
				if err != nil {
					return nil, f.Fail(err, at)
				}
				buf = append(buf, shown...)
			}
		}
		buf = append(buf, text...)
		if err := f.Thread.Alloc(len(buf)); err != nil {
			return nil, f.Fail(err, at)
		}
		return runtime.Str(buf), nil
	}
}

// formatted compiles one `{…}` of an f-string, whose place its errors have.
func (c *function) formatted(e *syntax.FormattedValue, at *runtime.Span) expr {
	val, conversion := c.expr(e.Value), e.Conversion
	if conversion == 0 && e.Spec == nil {
		return val // joined turns it into text
	}
	spec := func(*frame) (value, error) { return runtime.Str(""), nil }
	if e.Spec != nil {
		spec = c.expr(e.Spec)
	}
	return func(f *frame) (value, error) {
		v, err := val(f)
		if err != nil {
			return nil, err
		}
		s, err := spec(f)
		if err != nil {
			return nil, err
		}
		text, err := runtime.FormatValue(f.Thread, v, conversion, string(s.(runtime.Str)))
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return runtime.Str(text), nil
	}
}

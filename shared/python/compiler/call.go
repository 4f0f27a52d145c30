package compiler

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// call compiles a call. Arguments are evaluated straight onto the thread's stack,
// where they become the first locals of the function called.
func (c *function) call(e *syntax.Call) expr {
	if n, ok := e.Func.(*syntax.Name); ok && n.ID == "super" && len(e.Args) == 0 && len(e.Keywords) == 0 && c.scope.kind == functionScope {
		return c.super(e)
	}
	c.checkLiterals(e)
	for _, a := range e.Args {
		if _, ok := a.(*syntax.Starred); ok {
			return c.spread(e)
		}
	}
	var names []string
	args := make([]expr, 0, len(e.Args)+len(e.Keywords))
	for _, a := range e.Args {
		args = append(args, c.expr(a))
	}
	for _, k := range e.Keywords {
		if k.Name == "" {
			return c.spread(e)
		}
		names = append(names, k.Name)
		args = append(args, c.expr(k.Value))
	}
	if a, ok := e.Func.(*syntax.Attribute); ok {
		return c.callMethod(e, a, args, names)
	}
	fn, at := c.expr(e.Func), c.span(e)
	return func(f *frame) (value, error) {
		callee, err := fn(f)
		if err != nil {
			return nil, err
		}
		th := f.Thread
		vals := th.Reserve(len(args))
		for i, arg := range args {
			if vals[i], err = arg(f); err != nil {
				th.Release(vals)
				return nil, err
			}
		}
		v, err := runtime.CallArgs(th, callee, runtime.Args{Vals: vals, Names: names})
		th.Release(vals)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

// callMethod compiles `value.name(…)` without making a bound method.
func (c *function) callMethod(e *syntax.Call, a *syntax.Attribute, args []expr, names []string) expr {
	of, at, attrAt, name := c.expr(a.Value), c.span(e), c.span(a), a.Attr
	if a.Start.Line != a.End.Line {
		at.Line, at.Col = c.attributeStart(a)
	}
	cache := &runtime.AttrCache{}
	return func(f *frame) (value, error) {
		self, err := of(f)
		if err != nil {
			return nil, err
		}
		th := f.Thread
		callee, method, err := cache.LoadMethod(th, self, name)
		if err != nil {
			return nil, f.Fail(err, attrAt)
		}
		skip := 0
		if method {
			skip = 1
		}
		vals := th.Reserve(len(args) + skip)
		if method {
			vals[0] = self
		}
		for i, arg := range args {
			if vals[i+skip], err = arg(f); err != nil {
				th.Release(vals)
				return nil, err
			}
		}
		v, err := runtime.CallArgs(th, callee, runtime.Args{Vals: vals, Names: names})
		th.Release(vals)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

// spread compiles a call with `*iterable` or `**mapping` arguments.
func (c *function) spread(e *syntax.Call) expr {
	type argument struct {
		e    expr
		name string
		star int // 1 for *, 2 for **
	}
	list := make([]argument, 0, len(e.Args)+len(e.Keywords))
	for _, a := range e.Args {
		if s, ok := a.(*syntax.Starred); ok {
			list = append(list, argument{e: c.expr(s.Value), star: 1})
		} else {
			list = append(list, argument{e: c.expr(a)})
		}
	}
	for _, k := range e.Keywords {
		if k.Name == "" {
			list = append(list, argument{e: c.expr(k.Value), star: 2})
		} else {
			list = append(list, argument{e: c.expr(k.Value), name: k.Name})
		}
	}
	fn, at := c.expr(e.Func), c.span(e)
	return func(f *frame) (value, error) {
		callee, err := fn(f)
		if err != nil {
			return nil, err
		}
		var pos, kw []value
		var names []string
		for _, a := range list {
			v, err := a.e(f)
			if err != nil {
				return nil, err
			}
			switch {
			case a.star == 1:
				vs, err := runtime.Collect(f.Thread, v)
				if err != nil {
					if runtime.NotIterable(err, v) {
						err = runtime.Errorf(runtime.TypeError, "%s argument after * must be an iterable, not %s", runtime.FunctionTitle(callee), v.Class().Name)
					}
					return nil, f.Fail(err, at)
				}
				pos = append(pos, vs...)
			case a.star == 2:
				if err := runtime.SpreadKeywords(f.Thread, callee, v, &names, &kw); err != nil {
					return nil, f.Fail(err, at)
				}
			case a.name != "":
				if err := runtime.NewKeyword(f.Thread, callee, a.name, names); err != nil {
					return nil, f.Fail(err, at)
				}
				names, kw = append(names, a.name), append(kw, v)
			default:
				pos = append(pos, v)
			}
		}
		v, err := runtime.CallArgs(f.Thread, callee, runtime.Args{Vals: append(pos, kw...), Names: names})
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

// super compiles `super()`: the class is that around the method, self its first
// parameter.
func (c *function) super(e *syntax.Call) expr {
	at := c.span(e)
	cell, ok := c.scope.free["__class__"]
	if !ok || c.code.NPos == 0 && c.code.VarArgs < 0 {
		return func(f *frame) (value, error) {
			text := "super(): no arguments"
			if c.code.NPos > 0 || c.code.VarArgs >= 0 {
				text = "super(): __class__ cell not found"
			}
			return nil, f.Fail(runtime.Errorf(runtime.RuntimeError, "%s", text), at)
		}
	}
	first := c.load(&syntax.Name{Span: e.Span, ID: c.code.Params[0]})
	return func(f *frame) (value, error) {
		class := f.Fn.Free[cell].Load()
		self, err := first(f)
		if err != nil {
			return nil, err
		}
		if class == nil {
			return nil, f.Fail(runtime.Errorf(runtime.RuntimeError, "super(): empty __class__ cell"), at)
		}
		v, err := runtime.NewSuper(class, self)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

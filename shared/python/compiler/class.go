package compiler

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// classDef compiles a class statement. The body is a function of three arguments,
// the namespace it fills, the bases and the keywords, which gives the class.
func (c *function) classDef(s *syntax.ClassDef) stmt {
	for _, member := range s.Body {
		if f, ok := member.(*syntax.FunctionDef); ok && f.Name == "__getattribute__" {
			c.refuse(f.NameSpan, "__getattribute__ is not called here: use __getattr__, or a property")
		}
	}
	in := &function{unit: c.unit, scope: c.scopes[s]}
	qual := in.scope.qual + s.Name
	in.code = &runtime.Code{
		Name: s.Name, QualName: qual, File: c.file, Line: s.Start.Line,
		VarArgs: -1, VarKw: -1, NPos: 3, Simple: true, Params: []string{".ns", ".bases", ".kw"},
	}
	in.nslots = 3
	in.code.Extra = nameNodes * extraSteps(s.Body)
	run := in.block(s.Body)
	doc := docstring(s.Body)
	cell, hasCell := in.scope.cells["__class__"]
	in.code.Body = func(f *frame) (value, error) {
		if doc != runtime.None {
			namespace(f).SetStr("__doc__", doc)
		}
		if _, err := run(f); err != nil {
			return nil, err
		}
		var kwargs []runtime.Kwarg
		for k, v := range f.Locals[2].(*runtime.Dict).All() {
			kwargs = append(kwargs, runtime.Kwarg{Name: string(k.(runtime.Str)), Value: v})
		}
		var made *runtime.Slot
		if hasCell {
			made = f.Cells[cell]
		}
		return runtime.BuildClass(f.Thread, runtime.ClassSpec{
			Module: f.Fn.Globals.Name, Name: s.Name, QualName: qual,
			Bases: f.Locals[1].(*runtime.Tuple).Items, Names: namespace(f), Keywords: kwargs, Cell: made,
		})
	}
	in.finish()
	bases := c.starred(s, s.Bases)
	names, vals := make([]string, len(s.Keywords)), make([]expr, len(s.Keywords))
	for i, k := range s.Keywords {
		if k.Name == "" {
			c.refuse(k, "** in a class head is not supported")
		}
		names[i], vals[i] = k.Name, c.expr(k.Value)
	}
	capture, at := c.captures(in.scope), c.span(s)
	def := func(f *frame) (value, error) {
		bs, err := bases(f)
		if err != nil {
			return nil, err
		}
		kw := runtime.NewDict()
		for i, val := range vals {
			v, err := val(f)
			if err != nil {
				return nil, err
			}
			kw.SetStr(names[i], v)
		}
		fn := &runtime.Function{Code: in.code, Globals: f.Fn.Globals}
		if capture != nil {
			fn.Free = capture(f)
		}
		v, err := runtime.Call(f.Thread, fn, runtime.NewDict(), runtime.NewTuple(bs...), kw)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
	return c.decorated(s.Decorators, def, c.assign(s.Binds))
}

// comprehension compiles to a function of one argument, the first iterator, as in
// CPython 3.11, whose tracebacks show it.
func (c *function) comprehension(e syntax.Expr) expr {
	in := &function{unit: c.unit, scope: c.scopes[e]}
	in.code = &runtime.Code{
		Name: in.scope.name, QualName: in.scope.qual + in.scope.name, File: c.file, Line: e.Range().Start.Line,
		VarArgs: -1, VarKw: -1, NPos: 1, Simple: true, Params: []string{".0"},
	}
	in.slot(".0")
	var gens []*syntax.Comprehension
	switch e := e.(type) {
	case *syntax.ListComp:
		gens = e.Generators
		in.code.Body = in.collect(e, gens, func() value { return runtime.NewList() }, in.appendItem(e.Elt))
	case *syntax.SetComp:
		gens = e.Generators
		in.code.Body = in.collect(e, gens, func() value { return runtime.NewSet(false) }, in.addItem(e.Elt))
	case *syntax.DictComp:
		gens = e.Generators
		in.code.Body = in.collect(e, gens, func() value { return runtime.NewDict() }, in.setItem(e.Key, e.Value))
	case *syntax.GeneratorExp:
		gens = e.Generators
		in.gen, in.code.Generator, in.code.Async = true, true, waits(e)
		in.code.Body = in.body(generatorBody(e))
	}
	in.finish()
	first, at, capture := c.expr(gens[0].Iter), c.span(e), c.captures(in.scope)
	begin := iteration(gens[0].Async)
	return func(f *frame) (value, error) {
		it, err := begin(f, first, at)
		if err != nil {
			return nil, err
		}
		fn := &runtime.Function{Code: in.code, Globals: f.Fn.Globals}
		if capture != nil {
			fn.Free = capture(f)
		}
		vals := f.Thread.Reserve(1)
		vals[0] = it
		v, err := runtime.CallArgs(f.Thread, fn, runtime.Args{Vals: vals})
		f.Thread.Release(vals)
		if err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
}

// generatorBody is the loops of a generator expression as statements.
func generatorBody(e *syntax.GeneratorExp) []syntax.Stmt {
	body := []syntax.Stmt{&syntax.ExprStmt{Span: e.Elt.Range(), Value: &syntax.Yield{Span: e.Elt.Range(), Value: e.Elt}}}
	for i, g := range slices.Backward(e.Generators) {
		for _, test := range slices.Backward(g.Ifs) {
			body = []syntax.Stmt{&syntax.If{Span: test.Range(), Test: test, Body: body}}
		}
		iter := g.Iter
		if i == 0 {
			iter = &syntax.Name{Span: g.Iter.Range(), ID: ".0"}
		}
		body = []syntax.Stmt{&syntax.For{Span: g.Iter.Range(), Target: g.Target, Iter: iter, Body: body, Async: g.Async}}
	}
	return body
}

// waits tells whether a generator expression is asynchronous.
func waits(e *syntax.GeneratorExp) bool {
	for i, g := range e.Generators {
		if g.Async || i > 0 && hasAwait(g.Iter) || slices.ContainsFunc(g.Ifs, func(x syntax.Expr) bool { return hasAwait(x) }) {
			return true
		}
	}
	return hasAwait(e.Elt)
}

func hasAwait(n syntax.Node) bool {
	switch n.(type) {
	case *syntax.Await:
		return true
	case *syntax.Lambda:
		return false
	}
	found := false
	syntax.Children(n, func(c syntax.Node) { found = found || hasAwait(c) })
	return found
}

// emit takes one item of a comprehension into its result.
type emit func(f *frame, into value) error

func (c *function) appendItem(elt syntax.Expr) func() emit {
	return func() emit {
		val, at := c.expr(elt), c.span(elt)
		return func(f *frame, into value) error {
			v, err := val(f)
			if err != nil {
				return err
			}
			if err := into.(*runtime.List).Push(f.Thread, v); err != nil {
				return f.Fail(err, at)
			}
			return nil
		}
	}
}

func (c *function) addItem(elt syntax.Expr) func() emit {
	return func() emit {
		val, at := c.expr(elt), c.span(elt)
		return func(f *frame, into value) error {
			v, err := val(f)
			if err != nil {
				return err
			}
			if err := into.(*runtime.Set).Add(f.Thread, v); err != nil {
				return f.Fail(err, at)
			}
			return nil
		}
	}
}

func (c *function) setItem(key, val syntax.Expr) func() emit {
	return func() emit {
		k, v, at := c.expr(key), c.expr(val), c.span(key)
		return func(f *frame, into value) error {
			kv, err := k(f)
			if err != nil {
				return err
			}
			vv, err := v(f)
			if err != nil {
				return err
			}
			if err := into.(*runtime.Dict).Set(f.Thread, kv, vv); err != nil {
				return f.Fail(err, at)
			}
			return nil
		}
	}
}

// collect compiles the loops of a comprehension around emit. The element is
// compiled last, when the targets have their slots.
func (c *function) collect(e syntax.Expr, gens []*syntax.Comprehension, empty func() value, element func() emit) func(f *frame) (value, error) {
	type loop struct {
		begin func(f *frame, of expr, at *runtime.Span) (runtime.Iterator, error)
		iter  expr
		set   store
		ifs   []test
		at    *runtime.Span
		steps int
	}
	steps := rounds(e, gens)
	loops := make([]loop, len(gens))
	for i, g := range gens {
		iter := g.Iter
		if i == 0 {
			iter = &syntax.Name{Span: g.Iter.Range(), ID: ".0"}
		}
		loops[i] = loop{begin: iteration(g.Async), iter: c.expr(iter), set: c.target(g.Target), at: c.span(e), steps: steps[i]}
		if i > 0 {
			loops[i].at = c.span(g.Iter)
		}
		for _, cond := range g.Ifs {
			loops[i].ifs = append(loops[i].ifs, c.test(cond))
		}
	}
	take := element()
	var run func(f *frame, depth int, into value) error
	run = func(f *frame, depth int, into value) error {
		l := &loops[depth]
		it, err := l.begin(f, l.iter, l.at)
		if err != nil {
			return err
		}
	items:
		for {
			v, err := it.Next(f.Thread)
			if err == nil && v != nil {
				err = f.Thread.Steps(l.steps)
			}
			if err != nil {
				return f.Fail(err, l.at)
			}
			if v == nil {
				return nil
			}
			if err := l.set(f, v); err != nil {
				return err
			}
			for _, cond := range l.ifs {
				ok, err := cond(f)
				if err != nil {
					return err
				}
				if !ok {
					continue items
				}
			}
			if depth+1 < len(loops) {
				err = run(f, depth+1, into)
			} else {
				err = take(f, into)
			}
			if err != nil {
				return err
			}
		}
	}
	return func(f *frame) (value, error) {
		into := empty()
		return into, run(f, 0, into)
	}
}

package scenario

import (
	"maps"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// uses looks at what a simple statement reads. The names that it binds are not among it.
func (fl *flow) uses(n syntax.Node, st state) {
	switch n := n.(type) {
	case *syntax.Assign:
		fl.expr(n.Value, st)
		for _, t := range n.Targets {
			fl.targetUses(t, st)
		}
	case *syntax.AnnAssign:
		if n.Value != nil {
			fl.expr(n.Value, st)
		}
		fl.targetUses(n.Target, st)
	case *syntax.AugAssign:
		fl.expr(n.Value, st)
		fl.expr(n.Target, st)
	case *syntax.Delete:
		for _, t := range n.Targets {
			fl.expr(t, st)
		}
	case *syntax.FunctionDef:
		for _, d := range n.Decorators {
			fl.expr(d, st)
		}
		for _, p := range n.Params.All() {
			if p.Default != nil {
				fl.expr(p.Default, st)
			}
		}
	case *syntax.ClassDef:
		for _, e := range n.Bases {
			fl.expr(e, st)
		}
	case *syntax.Import, *syntax.ImportFrom, *syntax.Global, *syntax.Nonlocal:
	default:
		syntax.Children(n, func(c syntax.Node) { fl.expr(c, st) })
	}
}

func (fl *flow) targetUses(t syntax.Expr, st state) {
	for _, part := range flatten([]syntax.Expr{t}) {
		if _, ok := part.(*syntax.Name); !ok {
			fl.expr(part, st)
		}
	}
}

// expr looks at the variables that an expression reads for sure, or that a comprehension in it does.
func (fl *flow) expr(n syntax.Node, st state) {
	switch n := n.(type) {
	case *syntax.Lambda:
		return // it runs later
	case *syntax.ListComp, *syntax.SetComp, *syntax.DictComp, *syntax.GeneratorExp:
		in := fl.scopes[n]
		inner := maps.Clone(st)
		for name := range in.bindings {
			inner[name] = hasValue
		}
		syntax.Children(n, func(c syntax.Node) { fl.expr(c, inner.vague()) })
		return
	case *syntax.IfExpr:
		fl.expr(n.Test, st)
		st = fl.walrus(n.Test, st).vague()
		fl.expr(n.Body, st)
		fl.expr(n.Else, st)
		return
	case *syntax.BoolOp:
		for _, e := range n.Values {
			fl.expr(e, st)
			st = fl.walrus(e, st).vague()
		}
		return
	case *syntax.NamedExpr:
		fl.expr(n.Value, st)
		return
	case *syntax.Name:
		fl.read(n, st)
		return
	}
	before := st
	syntax.Children(n, func(c syntax.Node) {
		fl.expr(c, before)
		if e, ok := c.(syntax.Expr); ok {
			before = fl.walrus(e, before)
		}
	})
}

func (fl *flow) read(n *syntax.Name, st state) {
	b, ours := fl.names[n.ID]
	if !ours || fl.silent > 0 {
		return
	}
	switch st[n.ID] {
	case noValue:
		fl.note(true, n, "", "local variable '%s' has no value here: line %d, which binds it, does not run before", n.ID, b.node.Range().Start.Line)
	case someValue:
		fl.note(false, n, "", "local variable '%s' may have no value here: line %d, which binds it, does not always run", n.ID, b.node.Range().Start.Line)
	case anyValue, hasValue:
	}
}

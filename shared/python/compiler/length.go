package compiler

import "github.com/loadpilot/loadpilot/shared/python/syntax"

// nodesPerStep is how much of a program takes as long as a step: a call or a round takes
// one, and more by the length of its body.
const nodesPerStep = 2

// nameNodes is what a node of a class body counts: its names are entries of a table.
const nameNodes = 4

// extraSteps are those of a body, and of the expressions that each round of a loop
// evaluates besides.
func extraSteps(body []syntax.Stmt, besides ...syntax.Expr) int {
	var n length
	n.block(body)
	n.all(besides)
	return int(n / nodesPerStep)
}

// length counts the nodes of a program that run at most once whenever their function is
// called, or their loop goes round: not those of other functions and loops within, which
// pay by themselves.
type length int

func (n *length) node(x syntax.Node) {
	*n++
	switch x := x.(type) {
	case *syntax.For:
		n.node(x.Iter)
		n.block(x.Else)
	case *syntax.While:
		n.node(x.Test)
		n.block(x.Else)
	case *syntax.FunctionDef:
		n.all(x.Decorators)
		n.parameters(x.Params)
	case *syntax.ClassDef:
		n.all(x.Decorators)
		n.all(x.Bases)
	case *syntax.Lambda:
		n.parameters(x.Params)
	case *syntax.ListComp:
		n.node(x.Generators[0].Iter)
	case *syntax.SetComp:
		n.node(x.Generators[0].Iter)
	case *syntax.DictComp:
		n.node(x.Generators[0].Iter)
	case *syntax.GeneratorExp:
		n.node(x.Generators[0].Iter)
	default:
		syntax.Children(x, n.node)
	}
}

func (n *length) block(list []syntax.Stmt) {
	for _, s := range list {
		n.node(s)
	}
}

func (n *length) all(list []syntax.Expr) {
	for _, e := range list {
		n.node(e)
	}
}

func (n *length) parameters(ps *syntax.Parameters) {
	for _, p := range ps.All() {
		n.node(p)
	}
}

// items counts what a comprehension makes.
func (n *length) items(comprehension syntax.Expr) {
	syntax.Children(comprehension, func(x syntax.Node) {
		if _, loop := x.(*syntax.Comprehension); !loop {
			n.node(x)
		}
	})
}

// rounds gives the steps that a round of each loop of a comprehension takes.
func rounds(e syntax.Expr, gens []*syntax.Comprehension) []int {
	steps := make([]int, len(gens))
	for i, g := range gens {
		var n length
		n.node(g.Target)
		n.all(g.Ifs)
		if i+1 < len(gens) {
			n.node(gens[i+1].Iter)
		} else {
			n.items(e)
		}
		steps[i] = 1 + int(n/nodesPerStep)
	}
	return steps
}

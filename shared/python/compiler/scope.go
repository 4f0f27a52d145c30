package compiler

import "github.com/loadpilot/loadpilot/shared/python/syntax"

type scopeKind uint8

const (
	moduleScope scopeKind = iota
	classScope
	functionScope
)

// scope is what one block of the source binds and uses.
type scope struct {
	kind   scopeKind
	name   string
	qual   string // qualified name of what is defined inside: "f.<locals>."
	parent *scope
	bound  map[string]bool // assigned here, parameters included
	used   map[string]bool
	global map[string]bool
	outer  map[string]bool // declared nonlocal
	order  []string        // bound names by first appearance

	slots  map[string]int // locals
	cells  map[string]int // locals that inner functions use
	free   map[string]int // names of enclosing functions
	nfree  []string
	yields bool
}

func newScope(kind scopeKind, name string, parent *scope) *scope {
	s := &scope{
		kind: kind, name: name, parent: parent,
		bound: map[string]bool{}, used: map[string]bool{}, global: map[string]bool{}, outer: map[string]bool{},
		slots: map[string]int{}, cells: map[string]int{}, free: map[string]int{},
	}
	if parent != nil {
		switch parent.kind {
		case functionScope:
			s.qual = parent.qual + parent.name + ".<locals>."
		case classScope:
			s.qual = parent.qual + parent.name + "."
		}
		if parent.global[name] {
			s.qual = ""
		}
	}
	return s
}

func (s *scope) bind(name string) {
	if !s.bound[name] {
		s.bound[name] = true
		s.order = append(s.order, name)
	}
}

// scopes are the scopes of a file, by the node that opens them.
type scopes map[syntax.Node]*scope

// analyse finds the scopes of a file and what each name in them is.
func analyse(m *syntax.Module) (scopes, *scope, error) {
	a := &analyser{module: m, all: scopes{}}
	top := newScope(moduleScope, "<module>", nil)
	a.block(top, m.Body)
	if a.err != nil {
		return nil, nil, a.err
	}
	for _, r := range a.resolve {
		if err := r(); err != nil {
			return nil, nil, err
		}
	}
	return a.all, top, nil
}

type analyser struct {
	module  *syntax.Module
	all     scopes
	resolve []func() error // run when all bindings are known, outer scopes first
	err     error
}

func (a *analyser) refuse(n syntax.Node, format string, args ...any) {
	if a.err == nil {
		a.err = syntax.NewError(a.module, n.Range(), format, args...)
	}
}

func (a *analyser) block(s *scope, body []syntax.Stmt) {
	for _, st := range body {
		a.node(s, st)
	}
}

// node records what n binds and uses in s, and opens the scopes within.
func (a *analyser) node(s *scope, n syntax.Node) {
	switch n := n.(type) {
	case *syntax.FunctionDef:
		s.bind(n.Binds)
		a.exprs(s, n.Decorators)
		a.function(s, n, n.Name, n.Params, func(in *scope) { a.block(in, n.Body) })
		return
	case *syntax.Lambda:
		a.function(s, n, "<lambda>", n.Params, func(in *scope) { a.node(in, n.Body) })
		return
	case *syntax.ClassDef:
		a.class(s, n)
		return
	case *syntax.ListComp:
		a.comprehension(s, n, "<listcomp>", n.Generators, n.Elt)
		return
	case *syntax.SetComp:
		a.comprehension(s, n, "<setcomp>", n.Generators, n.Elt)
		return
	case *syntax.DictComp:
		a.comprehension(s, n, "<dictcomp>", n.Generators, n.Key, n.Value)
		return
	case *syntax.GeneratorExp:
		a.comprehension(s, n, "<genexpr>", n.Generators, n.Elt)
		return
	case *syntax.AnnAssign: // annotations are not evaluated
		a.target(s, n.Target)
		if n.Value != nil {
			a.node(s, n.Value)
		}
		return
	case *syntax.Name:
		s.used[n.ID] = true
		if n.ID == "super" && s.kind == functionScope {
			s.used["__class__"] = true
		}
		return
	}
	a.bindings(s, n)
	syntax.Children(n, func(c syntax.Node) { a.node(s, c) })
}

// bindings records the names that a statement or expression itself binds.
func (a *analyser) bindings(s *scope, n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Assign:
		for _, t := range n.Targets {
			a.target(s, t)
		}
	case *syntax.AugAssign:
		a.target(s, n.Target)
	case *syntax.For:
		a.target(s, n.Target)
	case *syntax.Delete:
		for _, t := range n.Targets {
			a.target(s, t)
		}
	case *syntax.WithItem:
		if n.Target != nil {
			a.target(s, n.Target)
		}
	case *syntax.ExceptHandler:
		if n.Name != "" {
			s.bind(n.Name)
		}
	case *syntax.NamedExpr:
		a.walrus(s, n)
	case *syntax.Import:
		for _, al := range n.Names {
			s.bind(importedName(al))
		}
	case *syntax.ImportFrom:
		for _, al := range n.Names {
			if al.AsName != "" {
				s.bind(al.AsName)
			} else {
				s.bind(al.Name)
			}
		}
	case *syntax.Global:
		a.declare(s, n, n.Names, s.global, "global")
	case *syntax.Nonlocal:
		if s.kind == moduleScope {
			a.refuse(n, "nonlocal declaration not allowed at module level")
		}
		a.declare(s, n, n.Names, s.outer, "nonlocal")
	case *syntax.Yield, *syntax.YieldFrom:
		s.yields = true
	}
}

func (a *analyser) declare(s *scope, n syntax.Node, names []string, into map[string]bool, word string) {
	for _, name := range names {
		switch {
		case s.bound[name] && s.slots[name] < 0:
			a.refuse(n, "name '%s' is parameter and %s", name, word)
		case s.bound[name] && s.kind != moduleScope:
			a.refuse(n, "name '%s' is assigned to before %s declaration", name, word)
		case s.used[name] && s.kind != moduleScope:
			a.refuse(n, "name '%s' is used prior to %s declaration", name, word)
		case s.global[name] && word == "nonlocal" || s.outer[name] && word == "global":
			a.refuse(n, "name '%s' is nonlocal and global", name)
		}
		into[name] = true
	}
}

func (a *analyser) target(s *scope, t syntax.Expr) {
	switch t := t.(type) {
	case *syntax.Name:
		s.bind(t.ID)
	case *syntax.Tuple:
		for _, e := range t.Elts {
			a.target(s, e)
		}
	case *syntax.List:
		for _, e := range t.Elts {
			a.target(s, e)
		}
	case *syntax.Starred:
		a.target(s, t.Value)
	default:
		syntax.Children(t, func(c syntax.Node) { a.node(s, c) })
	}
}

// walrus binds in the nearest block that is no comprehension.
func (a *analyser) walrus(s *scope, n *syntax.NamedExpr) {
	in := s
	for in.isComprehension() {
		in.outer[n.Target.ID] = true
		in = in.parent
	}
	if in != s && in.kind == classScope {
		a.refuse(n, "assignment expression within a comprehension cannot be used in a class body")
	}
	in.bind(n.Target.ID)
	if in.kind == moduleScope && in != s {
		for c := s; c != in; c = c.parent {
			delete(c.outer, n.Target.ID)
			c.global[n.Target.ID] = true
		}
	}
}

func (s *scope) isComprehension() bool {
	return s.kind == functionScope && s.name != "<lambda>" && s.name[0] == '<'
}

func (a *analyser) exprs(s *scope, list []syntax.Expr) {
	for _, e := range list {
		a.node(s, e)
	}
}

func (a *analyser) function(s *scope, n syntax.Node, name string, ps *syntax.Parameters, body func(*scope)) {
	in := newScope(functionScope, name, s)
	a.all[n] = in
	for _, p := range ps.All() {
		if p.Default != nil {
			a.node(s, p.Default)
		}
		if in.bound[p.Name] {
			a.refuse(p, "duplicate argument '%s' in function definition", p.Name)
		}
		in.bind(p.Name)
		in.slots[p.Name] = -1
	}
	a.later(in, n)
	body(in)
}

func (a *analyser) class(s *scope, n *syntax.ClassDef) {
	s.bind(n.Binds)
	a.exprs(s, n.Decorators)
	a.exprs(s, n.Bases)
	for _, k := range n.Keywords {
		a.node(s, k.Value)
	}
	in := newScope(classScope, n.Name, s)
	a.all[n] = in
	a.later(in, n)
	a.block(in, n.Body)
}

// comprehension: the first iterable belongs to the enclosing scope.
func (a *analyser) comprehension(s *scope, n syntax.Node, name string, gens []*syntax.Comprehension, elts ...syntax.Expr) {
	a.node(s, gens[0].Iter)
	in := newScope(functionScope, name, s)
	in.bind(".0")
	a.all[n] = in
	a.later(in, n)
	for i, g := range gens {
		if i > 0 {
			a.node(in, g.Iter)
		}
		a.target(in, g.Target)
		a.exprs(in, g.Ifs)
	}
	a.exprs(in, elts)
}

// later resolves the scope's names once all bindings are known.
func (a *analyser) later(s *scope, n syntax.Node) {
	a.resolve = append(a.resolve, func() error {
		for name := range s.outer {
			if s.parent.owner(name) == nil {
				return syntax.NewError(a.module, n.Range(), "no binding for nonlocal '%s' found", name)
			}
			s.capture(name)
		}
		for name := range s.used {
			if !s.global[name] && (!s.bound[name] || s.outer[name]) {
				s.capture(name)
			}
		}
		if s.kind == classScope { // a name the body binds may also come from outside
			for name := range s.used {
				if s.bound[name] && !s.global[name] && s.parent.owner(name) != nil {
					s.capture(name)
				}
			}
		}
		return nil
	})
}

// owner is the nearest enclosing function that binds name, or the class that gives
// __class__.
func (s *scope) owner(name string) *scope {
	for ; s != nil; s = s.parent {
		switch {
		case s.kind == classScope && name == "__class__":
			return s
		case s.kind != functionScope:
			continue
		case s.global[name]:
			return nil
		case s.bound[name] && !s.outer[name]:
			return s
		}
	}
	return nil
}

// capture makes name a cell of its owner and a free name of all functions between.
func (s *scope) capture(name string) {
	owner := s.parent.owner(name)
	if owner == nil {
		return
	}
	if _, ok := owner.cells[name]; !ok {
		owner.cells[name] = len(owner.cells)
	}
	for in := s; in != owner; in = in.parent {
		if _, ok := in.free[name]; ok {
			continue
		}
		in.free[name] = len(in.nfree)
		in.nfree = append(in.nfree, name)
	}
}

func importedName(al *syntax.Alias) string {
	if al.AsName != "" {
		return al.AsName
	}
	for i := range len(al.Name) {
		if al.Name[i] == '.' {
			return al.Name[:i]
		}
	}
	return al.Name
}

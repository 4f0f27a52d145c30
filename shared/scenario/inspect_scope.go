package scenario

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// A scope is a block with names of its own: the file, a function, a class, a comprehension.
type scope struct {
	node      syntax.Node // nil for the file
	parent    *scope
	class     bool
	bindings  map[string][]binding
	elsewhere map[string]bool // declared global or nonlocal
}

// A binding is one place where a name of a scope gets a value.
type binding struct {
	how   bindHow
	node  syntax.Node // what binds: a parameter, an import, a function, a class; else the target
	value syntax.Expr // of bindTo, bindItem, bindPart and bindWith: what it is made of
	from  string      // of bindImport and bindFrom: the module
	name  string      // of bindFrom: the name there
}

type bindHow int

const (
	bindOther    bindHow = iota
	bindTo               // name = value
	bindItem             // for name in value
	bindPart             // name, … = value
	bindWith             // with value as name
	bindParam            // a parameter
	bindImport           // import from
	bindFrom             // from from import name
	bindFunction         // def
	bindClass            // class
)

func (s *scope) bind(name string, b binding) {
	if name != "" {
		s.bindings[name] = append(s.bindings[name], b)
	}
}

// scopes are all of a file, by the node that opens them; the file's own stands under nil.
type scopes map[syntax.Node]*scope

func newScopes(m *syntax.Module) scopes {
	all := scopes{}
	top := all.open(nil, nil)
	for _, stmt := range m.Body {
		all.visit(top, stmt)
	}
	// What functions declare global is bound in the file.
	for _, s := range all {
		for name := range s.elsewhere {
			owner := all[nil]
			if at := s.parent.function(name); at != nil {
				owner = at
			}
			if s != owner {
				owner.bindings[name] = append(owner.bindings[name], s.bindings[name]...)
				delete(s.bindings, name)
			}
		}
	}
	return all
}

// function is the nearest function that binds a name, nil if none does.
func (s *scope) function(name string) *scope {
	for ; s != nil && s.node != nil; s = s.parent {
		if !s.class && len(s.bindings[name]) > 0 && !s.elsewhere[name] {
			return s
		}
	}
	return nil
}

// resolve is the scope that a name of s belongs to, nil if nothing in the file binds it.
func (s *scope) resolve(name string) *scope {
	for first := true; s != nil; s, first = s.parent, false {
		if (first || !s.class) && len(s.bindings[name]) > 0 {
			return s
		}
	}
	return nil
}

func (all scopes) open(n syntax.Node, parent *scope) *scope {
	s := &scope{node: n, parent: parent, bindings: map[string][]binding{}, elsewhere: map[string]bool{}}
	all[n] = s
	return s
}

// visit notes what n binds in s and opens the scopes below it.
func (all scopes) visit(s *scope, n syntax.Node) {
	switch n := n.(type) {
	case *syntax.FunctionDef:
		s.bind(n.Binds, binding{how: bindFunction, node: n})
		all.outside(s, n.Decorators, n.Params)
		in := all.open(n, s)
		in.params(n.Params)
		all.block(in, n.Body)
		return
	case *syntax.Lambda:
		all.outside(s, nil, n.Params)
		in := all.open(n, s)
		in.params(n.Params)
		all.visit(in, n.Body)
		return
	case *syntax.ClassDef:
		s.bind(n.Binds, binding{how: bindClass, node: n})
		all.outside(s, n.Decorators, nil)
		for _, e := range n.Bases {
			all.visit(s, e)
		}
		for _, k := range n.Keywords {
			all.visit(s, k.Value)
		}
		in := all.open(n, s)
		in.class = true
		all.block(in, n.Body)
		return
	case *syntax.ListComp:
		all.comprehension(s, n, n.Generators, n.Elt)
		return
	case *syntax.SetComp:
		all.comprehension(s, n, n.Generators, n.Elt)
		return
	case *syntax.GeneratorExp:
		all.comprehension(s, n, n.Generators, n.Elt)
		return
	case *syntax.DictComp:
		all.comprehension(s, n, n.Generators, n.Key, n.Value)
		return
	}
	s.note(n)
	syntax.Children(n, func(c syntax.Node) { all.visit(s, c) })
}

func (all scopes) block(s *scope, body []syntax.Stmt) {
	for _, stmt := range body {
		all.visit(s, stmt)
	}
}

// outside visits what of a definition belongs to the scope around it.
func (all scopes) outside(s *scope, decorators []syntax.Expr, params *syntax.Parameters) {
	for _, d := range decorators {
		all.visit(s, d)
	}
	if params == nil {
		return
	}
	for _, p := range params.All() {
		if p.Default != nil {
			all.visit(s, p.Default)
		}
	}
}

func (s *scope) params(params *syntax.Parameters) {
	for _, p := range params.All() {
		s.bind(p.Name, binding{how: bindParam, node: p})
	}
}

// comprehension opens a scope in which all but the first iterable is evaluated.
func (all scopes) comprehension(s *scope, n syntax.Node, generators []*syntax.Comprehension, parts ...syntax.Expr) {
	all.visit(s, generators[0].Iter)
	in := all.open(n, s)
	for i, g := range generators {
		if i > 0 {
			all.visit(in, g.Iter)
		}
		in.target(g.Target, g.Iter, bindItem)
		all.visit(in, g.Target)
		for _, e := range g.Ifs {
			all.visit(in, e)
		}
	}
	for _, e := range parts {
		all.visit(in, e)
	}
}

// note notes the names that n itself binds.
func (s *scope) note(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Assign:
		for _, t := range n.Targets {
			s.target(t, n.Value, bindTo)
		}
	case *syntax.AnnAssign:
		if n.Value != nil {
			s.target(n.Target, n.Value, bindTo)
		} else if s.class || s.node == nil {
			s.target(n.Target, nil, bindOther)
		}
	case *syntax.AugAssign:
		s.target(n.Target, nil, bindOther)
	case *syntax.NamedExpr:
		at := s
		for at.isComprehension() {
			at = at.parent
		}
		at.bind(n.Target.ID, binding{how: bindTo, node: n.Target, value: n.Value})
	case *syntax.For:
		s.target(n.Target, n.Iter, bindItem)
	case *syntax.WithItem:
		if n.Target != nil {
			s.target(n.Target, n.Context, bindWith)
		}
	case *syntax.ExceptHandler:
		s.bind(n.Name, binding{how: bindOther, node: n})
	case *syntax.Import:
		for _, a := range n.Names {
			name, module := a.AsName, a.Name
			if name == "" {
				name, _, _ = strings.Cut(a.Name, ".")
				module = name
			}
			s.bind(name, binding{how: bindImport, node: a, from: module})
		}
	case *syntax.ImportFrom:
		for _, a := range n.Names {
			name := a.AsName
			if name == "" {
				name = a.Name
			}
			s.bind(name, binding{how: bindFrom, node: a, from: n.Module, name: a.Name})
		}
	case *syntax.Global:
		s.declare(n.Names)
	case *syntax.Nonlocal:
		s.declare(n.Names)
	}
}

func (s *scope) declare(names []string) {
	for _, name := range names {
		s.elsewhere[name] = true
	}
}

func (s *scope) isComprehension() bool {
	switch s.node.(type) {
	case *syntax.ListComp, *syntax.SetComp, *syntax.DictComp, *syntax.GeneratorExp:
		return true
	}
	return false
}

// target notes what a target binds; value is what the target as a whole gets, or is made of.
func (s *scope) target(t, value syntax.Expr, how bindHow) {
	if id, ok := t.(*syntax.Name); ok {
		s.bind(id.ID, binding{how: how, node: id, value: value})
		return
	}
	for _, part := range flatten([]syntax.Expr{t}) {
		id, ok := part.(*syntax.Name)
		if !ok {
			continue
		}
		b := binding{how: bindOther, node: id}
		if tuple, isTuple := t.(*syntax.Tuple); isTuple && how == bindTo && plainTuple(tuple) {
			b.how, b.value = bindPart, value
		}
		s.bind(id.ID, b)
	}
}

// plainTuple reports whether a tuple is one of names.
func plainTuple(t *syntax.Tuple) bool {
	for _, e := range t.Elts {
		if _, ok := e.(*syntax.Name); !ok {
			return false
		}
	}
	return true
}

package scenario

import (
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// usage is what a file does to attributes, whatever they belong to.
type usage struct {
	stored  map[string]bool // written or deleted anywhere
	written map[string]bool // … other than through self in on_start and __init__
	byName  bool            // some code reaches attributes by computed names, or calls on_start itself
}

// usage goes through the whole file.
func (s *source) usage() *usage {
	u := &usage{stored: map[string]bool{}, written: map[string]bool{}}
	for _, stmt := range s.module.Body {
		u.visit(stmt, "", false)
	}
	return u
}

// visit notes what n does. self is the first parameter if n stands in on_start or
// __init__, else ""; method says that n is a statement of a class.
func (u *usage) visit(n syntax.Node, self string, method bool) {
	for _, t := range targets(n) {
		if attr, ok := t.(*syntax.Attribute); ok {
			u.stored[attr.Attr] = true
			if self == "" || !isName(attr.Value, self) {
				u.written[attr.Attr] = true
			}
		}
	}
	isClass := false
	switch n := n.(type) {
	case *syntax.FunctionDef:
		u.function(n, method)
		return
	case *syntax.Lambda:
		self = ""
	case *syntax.ClassDef:
		isClass, self = true, ""
	case *syntax.Name:
		switch n.ID {
		case "setattr", "delattr", "vars", "globals", "locals":
			u.byName = true
		}
	case *syntax.Attribute:
		u.attribute(n.Attr, self)
	}
	syntax.Children(n, func(c syntax.Node) { u.visit(c, self, isClass) })
}

func (u *usage) function(f *syntax.FunctionDef, method bool) {
	self := ""
	switch f.Name {
	case "on_start", "__init__":
		if params := f.Params.All(); method && len(params) > 0 {
			self = params[0].Name
		}
	case "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__get__", "__set__":
		u.byName = true
	}
	syntax.Children(f, func(c syntax.Node) { u.visit(c, self, false) })
}

func (u *usage) attribute(name, self string) {
	switch name {
	case "__dict__", "__setattr__", "__getattribute__", "__delattr__":
		u.byName = true
	case "on_start", "__init__":
		u.byName = u.byName || self == "" // called again after the start
	}
}

// targets returns what n assigns to or deletes; lists and tuples are taken apart.
func targets(n syntax.Node) []syntax.Expr {
	switch n := n.(type) {
	case *syntax.Assign:
		return flatten(n.Targets)
	case *syntax.AugAssign:
		return []syntax.Expr{n.Target}
	case *syntax.AnnAssign:
		return []syntax.Expr{n.Target}
	case *syntax.NamedExpr:
		return []syntax.Expr{n.Target}
	case *syntax.For:
		return flatten([]syntax.Expr{n.Target})
	case *syntax.Comprehension:
		return flatten([]syntax.Expr{n.Target})
	case *syntax.WithItem:
		return flatten([]syntax.Expr{n.Target})
	case *syntax.Delete:
		return flatten(n.Targets)
	}
	return nil
}

func flatten(list []syntax.Expr) []syntax.Expr {
	var out []syntax.Expr
	for _, e := range list {
		switch e := e.(type) {
		case nil:
		case *syntax.Tuple:
			out = append(out, flatten(e.Elts)...)
		case *syntax.List:
			out = append(out, flatten(e.Elts)...)
		case *syntax.Starred:
			out = append(out, flatten([]syntax.Expr{e.Value})...)
		default:
			out = append(out, e)
		}
	}
	return out
}

// A body is what the top level of a class or module binds.
type body struct {
	bound     map[string]int                 // how often each name is bound
	literals  map[string]bool                // bound once, to a literal
	functions map[string]*syntax.FunctionDef // bound once, by a plain def
}

func newBody(stmts []syntax.Stmt) *body {
	b := &body{bound: map[string]int{}, literals: map[string]bool{}, functions: map[string]*syntax.FunctionDef{}}
	for _, stmt := range stmts {
		walkScope(stmt, b.count)
	}
	for _, stmt := range stmts {
		switch s := stmt.(type) {
		case *syntax.Assign:
			if len(s.Targets) == 1 {
				b.literal(s.Targets[0], s.Value)
			}
		case *syntax.AnnAssign:
			b.literal(s.Target, s.Value)
		case *syntax.FunctionDef:
			if b.bound[s.Name] == 1 {
				b.functions[s.Name] = s
			}
		}
	}
	return b
}

// count notes the names that n itself binds.
func (b *body) count(n syntax.Node) {
	for _, t := range targets(n) {
		if id, ok := t.(*syntax.Name); ok {
			b.bound[id.ID]++
		}
	}
	switch n := n.(type) {
	case *syntax.FunctionDef:
		b.bound[n.Name]++
	case *syntax.ClassDef:
		b.bound[n.Name]++
	case *syntax.ExceptHandler:
		b.bound[n.Name]++
	case *syntax.Alias:
		b.bound[n.Name]++
		b.bound[n.AsName]++
	}
}

func (b *body) literal(target, value syntax.Expr) {
	id, isName := target.(*syntax.Name)
	if _, isLiteral := value.(*syntax.Constant); isName && isLiteral && b.bound[id.ID] == 1 {
		b.literals[id.ID] = true
	}
}

// constants returns the names of the module that are bound once, to a literal, and that no
// function declares global.
func (s *source) constants() map[string]bool {
	out := newBody(s.module.Body).literals
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			if g, ok := n.(*syntax.Global); ok {
				for _, name := range g.Names {
					delete(out, name)
				}
			}
		})
	}
	return out
}

package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// usage is what a file does to attributes, whatever they belong to.
type usage struct {
	stored  map[string]bool        // written or deleted anywhere
	written map[string]syntax.Node // … other than through self in on_start and __init__: where first
	byName  syntax.Node            // the first code that may reach attributes by computed names, or call on_start itself
}

// usage goes through the whole file.
func (s *source) usage() *usage {
	u := &usage{stored: map[string]bool{}, written: map[string]syntax.Node{}}
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
			u.write(attr, self)
		}
	}
	isClass := false
	switch n := n.(type) {
	case *syntax.FunctionDef:
		u.function(n, method)
		return
	case *syntax.ClassDef:
		isClass, self = true, ""
		u.suspect(n.NameSpan, len(n.Keywords) > 0) // a metaclass may do anything
	case *syntax.Lambda, *syntax.GeneratorExp:
		self = "" // runs later
	case *syntax.ExprStmt:
		if args, ok := startOfBase(n, self); ok {
			for _, e := range args {
				u.visit(e, self, false)
			}
			return
		}
	case *syntax.Call:
		if u.harmless(n, self) {
			return
		}
	case *syntax.Name:
		u.variable(n)
	case *syntax.Attribute:
		u.attribute(n, n.Attr)
	case *syntax.Constant:
		text, ok := n.Value.(string)
		u.suspect(n, ok && runsAtStart(text))
	}
	syntax.Children(n, func(c syntax.Node) { u.visit(c, self, isClass) })
}

func (u *usage) write(attr *syntax.Attribute, self string) {
	u.stored[attr.Attr] = true
	u.suspect(attr, attr.Attr == "__class__" || attr.Attr == "__bases__")
	if (self == "" || !isName(attr.Value, self)) && u.written[attr.Attr] == nil {
		u.written[attr.Attr] = attr
	}
}

// suspect notes code that may change any attribute, if it is that.
func (u *usage) suspect(n syntax.Node, reachesAny bool) {
	if reachesAny && u.byName == nil {
		u.byName = n
	}
}

// function visits a function. One that is on_start or __init__ may write attributes of its
// self, unless it is decorated or its self may be another user.
func (u *usage) function(f *syntax.FunctionDef, method bool) {
	self := ""
	switch f.Name {
	case "on_start", "__init__":
		params := f.Params.All()
		if method && len(f.Decorators) == 0 && len(params) > 0 && !rebinds(f, params[0].Name) {
			self = params[0].Name
		}
	case "__new__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__get__", "__set__":
		u.suspect(f.NameSpan, true)
	}
	syntax.Children(f, func(c syntax.Node) { u.visit(c, self, false) })
}

// runsAtStart reports whether a method of that name runs before any task, and only then
// unless somebody mentions it.
func runsAtStart(name string) bool { return name == "on_start" || name == "__init__" }

// variable notes that a variable is read or bound.
func (u *usage) variable(n *syntax.Name) {
	switch n.ID {
	case "setattr", "delattr", "getattr", "vars", "globals", "locals", "type":
		u.suspect(n, true)
	}
	u.suspect(n, runsAtStart(n.ID))
}

// attribute notes that an attribute is used.
func (u *usage) attribute(n syntax.Node, name string) {
	switch name {
	case "__dict__", "__setattr__", "__getattribute__", "__delattr__":
		u.suspect(n, true)
	}
	u.suspect(n, runsAtStart(name))
}

// harmless visits a call of type(x) or getattr(x, "name"), which reaches nothing that
// the attribute itself would not. It reports false for any other call.
func (u *usage) harmless(call *syntax.Call, self string) bool {
	fn, ok := call.Func.(*syntax.Name)
	if !ok || len(call.Keywords) > 0 {
		return false
	}
	switch {
	case fn.ID == "type" && len(call.Args) == 1:
		if _, spread := call.Args[0].(*syntax.Starred); spread {
			return false
		}
	case fn.ID == "getattr" && len(call.Args) > 1:
		key, _ := call.Args[1].(*syntax.Constant)
		if key == nil {
			return false
		}
		text, _ := key.Value.(string)
		u.attribute(key, text)
	default:
		return false
	}
	for _, arg := range call.Args {
		u.visit(arg, self, false)
	}
	return true
}

// startOfBase returns the arguments of a statement of on_start or __init__ that calls that
// of the base class on the same user, as super().on_start(client) does.
func startOfBase(stmt *syntax.ExprStmt, self string) (args []syntax.Expr, ok bool) {
	value := stmt.Value
	if awaited, ok := value.(*syntax.Await); ok {
		value = awaited.Value
	}
	call, ok := value.(*syntax.Call)
	if !ok || self == "" || len(call.Keywords) > 0 {
		return nil, false
	}
	fn, ok := call.Func.(*syntax.Attribute)
	if !ok || !runsAtStart(fn.Attr) {
		return nil, false
	}
	base, ok := fn.Value.(*syntax.Call)
	return call.Args, ok && isName(base.Func, "super") && len(base.Args) == 0
}

// rebinds reports whether a function gives one of its parameters another value.
func rebinds(f *syntax.FunctionDef, param string) bool {
	found := false
	for _, stmt := range f.Body {
		walk(stmt, func(n syntax.Node) {
			b := body{bound: map[string]int{}}
			b.count(n)
			found = found || b.bound[param] > 0
			if g, ok := n.(*syntax.Nonlocal); ok {
				found = found || slices.Contains(g.Names, param)
			}
		})
	}
	return found
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

package compiler

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// module finds an importable module, or refuses the import at its place.
func (c *function) importable(n syntax.Node, name string) *runtime.Module {
	m := c.env.Modules(name)
	if m == nil {
		msg := "No module named '" + name + "'"
		if advice := c.env.Advice["import "+name]; advice != "" {
			msg += ": " + advice
		}
		c.refuse(n, "%s", msg)
		return nil
	}
	if !slices.Contains(c.imports, name) {
		c.imports = append(c.imports, name)
	}
	return m
}

func (c *function) importStmt(s *syntax.Import) stmt {
	list := make([]stmt, 0, len(s.Names))
	for _, al := range s.Names {
		if c.importable(al, al.Name) == nil {
			return nil
		}
		name := al.Name
		if al.AsName == "" {
			name = importedName(al)
			if c.importable(al, name) == nil {
				return nil
			}
		}
		c.noteImport(importedName(al), c.env.Modules(name))
		set := c.assign(importedName(al))
		list = append(list, func(f *frame) (flow, error) { return next, set(f, f.Fn.Globals.Imports[name]) })
	}
	return sequence(list)
}

func (c *function) importFrom(s *syntax.ImportFrom) stmt {
	if s.Module == "__future__" && s.Level == 0 {
		return nil
	}
	if s.Level > 0 {
		c.refuse(s, "relative imports are not available: a scenario is one file")
		return nil
	}
	m := c.importable(s, s.Module)
	if m == nil {
		return nil
	}
	list := make([]stmt, 0, len(s.Names))
	for _, al := range s.Names {
		sub := s.Module + "." + al.Name
		isModule := m.Get(al.Name) == nil && c.env.Modules(sub) != nil
		if isModule {
			c.importable(al, sub)
		} else if m.Get(al.Name) == nil {
			msg := "cannot import name '" + al.Name + "' from '" + s.Module + "'"
			if advice := c.env.Advice["import "+sub]; advice != "" {
				msg += ": " + advice
			}
			c.refuse(al, "%s", msg)
			return nil
		}
		if _, computed := m.Get(al.Name).(*runtime.Getter); computed {
			c.refuse(al, "write %s: it changes with each arrival", sub)
			return nil
		}
		name := al.AsName
		if name == "" {
			name = al.Name
		}
		c.noteImport(name, m.Get(al.Name))
		set := c.assign(name)
		list = append(list, func(f *frame) (flow, error) {
			if isModule {
				return next, set(f, f.Fn.Globals.Imports[sub])
			}
			return next, set(f, f.Fn.Globals.Imports[s.Module].Get(al.Name))
		})
	}
	return sequence(list)
}

// binding is a name within a scope; no scope stands for the module's.
type binding struct {
	scope *scope
	name  string
}

// bindingOf is where a name is bound; false when that is in another function.
func (c *function) bindingOf(name string) (binding, bool) {
	switch p, _ := c.where(name); {
	case p == inLocal || p == inClass && c.scope.bound[name]:
		return binding{c.scope, name}, true
	case p == inGlobal || p == inClass:
		return binding{nil, name}, true
	}
	return binding{}, false
}

// noteImport remembers what an import binds, for checks of calls.
func (c *function) noteImport(name string, v value) {
	if b, ok := c.bindingOf(name); ok {
		c.imported[b] = v
	}
}

// checkLiterals refuses a call of an imported native whose literal arguments cannot
// be right.
func (c *function) checkLiterals(e *syntax.Call) {
	fn := e.Func
	attr, isAttr := fn.(*syntax.Attribute)
	if isAttr {
		fn = attr.Value
	}
	name, ok := fn.(*syntax.Name)
	if !ok {
		return
	}
	b, ok := c.bindingOf(name.ID)
	if !ok {
		return
	}
	callee := c.imported[b]
	if isAttr {
		m, ok := callee.(*runtime.Module)
		if !ok {
			return
		}
		callee = m.Get(attr.Attr)
	}
	native, ok := callee.(*runtime.Native)
	if !ok {
		return
	}
	literals := make([]value, len(e.Args))
	for i, a := range e.Args {
		if _, starred := a.(*syntax.Starred); starred {
			return
		}
		literals[i] = c.constant(a)
	}
	if i, why := native.RefuseLiterals(literals); why != "" {
		c.refuse(e.Args[i], "%s", why)
	}
}

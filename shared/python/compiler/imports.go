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

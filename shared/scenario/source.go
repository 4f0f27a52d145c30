package scenario

import "github.com/loadpilot/loadpilot/shared/python/syntax"

// A source is the syntax tree of a file, with what error messages and the search for
// ready requests look up in it.
type source struct {
	module  *syntax.Module
	classes map[string][]*syntax.ClassDef // by name, in the order of the file
}

func newSource(file string, text []byte) (*source, error) {
	m, err := syntax.Parse(file, text)
	if err != nil {
		return nil, err
	}
	s := &source{module: m, classes: make(map[string][]*syntax.ClassDef)}
	for _, stmt := range m.Body {
		walk(stmt, func(n syntax.Node) {
			if c, ok := n.(*syntax.ClassDef); ok {
				s.classes[c.Name] = append(s.classes[c.Name], c)
			}
		})
	}
	return s, nil
}

// walk calls visit for n and all below it.
func walk(n syntax.Node, visit func(syntax.Node)) {
	visit(n)
	syntax.Children(n, func(c syntax.Node) { walk(c, visit) })
}

// class returns the only class of that name, or nil.
func (s *source) class(name string) *syntax.ClassDef {
	if list := s.classes[name]; len(list) == 1 {
		return list[0]
	}
	return nil
}

// methods returns the functions that the body of a class defines under a name.
func methods(c *syntax.ClassDef, name string) []*syntax.FunctionDef {
	var out []*syntax.FunctionDef
	for _, stmt := range c.Body {
		walkScope(stmt, func(n syntax.Node) {
			if f, ok := n.(*syntax.FunctionDef); ok && f.Name == name {
				out = append(out, f)
			}
		})
	}
	return out
}

// walkScope calls visit for n and what is below it, without what is inside the
// functions and classes met.
func walkScope(n syntax.Node, visit func(syntax.Node)) {
	visit(n)
	switch n.(type) {
	case *syntax.FunctionDef, *syntax.ClassDef, *syntax.Lambda:
		return
	}
	syntax.Children(n, func(c syntax.Node) { walkScope(c, visit) })
}

// keyword returns the value that a decorator gives to a parameter, or nil.
func keyword(decorators []syntax.Expr, name string) syntax.Node {
	for _, d := range decorators {
		call, ok := d.(*syntax.Call)
		if !ok {
			continue
		}
		for _, k := range call.Keywords {
			if k.Name == name {
				return k.Value
			}
		}
	}
	return nil
}

// scenarioArgument returns where a class's decorator gives a parameter, or else the class's name.
func (s *source) scenarioArgument(class, parameter string) syntax.Node {
	list := s.classes[class]
	if len(list) == 0 {
		return syntax.Span{Start: syntax.Pos{Line: 1}, End: syntax.Pos{Line: 1}}
	}
	c := list[len(list)-1]
	if n := keyword(c.Decorators, parameter); n != nil {
		return n
	}
	return c.NameSpan
}

// thresholdArgument returns where a class's decorator gives a threshold, or else all of them.
func (s *source) thresholdArgument(class, key string) syntax.Node {
	n := s.scenarioArgument(class, "thresholds")
	d, ok := n.(*syntax.Dict)
	if !ok {
		return n
	}
	for _, k := range d.Keys {
		if c, ok := k.(*syntax.Constant); ok && c.Value == key {
			return c
		}
	}
	return n
}

// taskArgument returns where a task's decorator gives its weight, or else the task's
// name, or else the class's. The task may be inherited from one of the classes after the first.
func (s *source) taskArgument(mro []string, task string) syntax.Node {
	for _, name := range mro {
		c := s.class(name)
		if c == nil {
			continue
		}
		if list := methods(c, task); len(list) > 0 {
			f := list[len(list)-1]
			if n := keyword(f.Decorators, "weight"); n != nil {
				return n
			}
			return f.NameSpan
		}
	}
	return s.scenarioArgument(mro[0], "")
}

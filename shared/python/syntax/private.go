package syntax

import "strings"

// mangle gives the private names of class bodies, those that begin with two underscores
// and do not end so, the name of their class, as Python does: `self.__total` within
// class Cart is `self._Cart__total`. Functions and classes keep the name that they show.
func mangle(m *Module) {
	for _, s := range m.Body {
		mangler("").node(s)
	}
}

// A mangler is the prefix of private names in the class around, "" outside classes.
type mangler string

// name is what stands in the program for a name of the source.
func (c mangler) name(s string) string {
	if c == "" || !strings.HasPrefix(s, "__") || strings.HasSuffix(s, "__") || strings.Contains(s, ".") {
		return s
	}
	return string(c) + s
}

func (c mangler) names(list []string) {
	for i, s := range list {
		list[i] = c.name(s)
	}
}

func (c mangler) node(n Node) {
	switch n := n.(type) {
	case *ClassDef:
		c.class(n)
		return
	case *FunctionDef:
		n.Binds = c.name(n.Name)
	case *Name:
		n.ID = c.name(n.ID)
	case *Attribute:
		n.Attr = c.name(n.Attr)
	case *Parameter:
		n.Name = c.name(n.Name)
	case *Keyword:
		n.Name = c.name(n.Name)
	case *ExceptHandler:
		n.Name = c.name(n.Name)
	case *Alias:
		n.AsName = c.name(n.AsName)
	case *Global:
		c.names(n.Names)
	case *Nonlocal:
		c.names(n.Names)
	}
	Children(n, c.node)
}

func (c mangler) class(n *ClassDef) {
	n.Binds = c.name(n.Name)
	inside := mangler("")
	if bare := strings.TrimLeft(n.Name, "_"); bare != "" {
		inside = mangler("_" + bare)
	}
	Children(&ClassDef{Decorators: n.Decorators, Bases: n.Bases, Keywords: n.Keywords}, c.node)
	for _, s := range n.Body {
		inside.node(s)
	}
}

package scenario

import "github.com/loadpilot/loadpilot/shared/python/syntax"

// stores are attributes that the file writes otherwise than through self.
type stores struct {
	anywhere map[string]bool // … of any object
	guarded  map[string]bool // names that hasattr, getattr and setattr ask for
	any      bool            // attributes of any name
}

func (i *inspector) findStores() stores {
	out := stores{anywhere: map[string]bool{}, guarded: map[string]bool{}}
	methods := map[*syntax.FunctionDef]bool{}
	var visit func(n syntax.Node, self string)
	visit = func(n syntax.Node, self string) {
		switch n := n.(type) {
		case *syntax.ClassDef:
			for _, stmt := range n.Body {
				walkScope(stmt, func(n syntax.Node) {
					if f, ok := n.(*syntax.FunctionDef); ok {
						methods[f] = true
					}
				})
			}
		case *syntax.FunctionDef:
			if methods[n] {
				self = selfOf(n)
			}
		case *syntax.Call:
			if name, ok := n.Func.(*syntax.Name); ok && len(n.Args) > 0 {
				switch text := literalArgument(n); {
				case name.ID != "setattr" && name.ID != "getattr" && name.ID != "hasattr" && name.ID != "delattr" && name.ID != "vars":
				case text != "":
					out.guarded[text] = true
				case name.ID == "setattr" && (self == "" || !isName(n.Args[0], self)), name.ID == "vars" && !isName(n.Args[0], self):
					out.any = true
				}
			}
		case *syntax.Attribute:
			out.any = out.any || n.Attr == "__dict__" && !isName(n.Value, self) || n.Attr == "__setattr__"
		}
		for _, t := range targets(n) {
			if attr, ok := t.(*syntax.Attribute); ok && (self == "" || !isName(attr.Value, self)) {
				out.anywhere[attr.Attr] = true
			}
		}
		syntax.Children(n, func(c syntax.Node) { visit(c, self) })
	}
	for _, stmt := range i.source.module.Body {
		visit(stmt, "")
	}
	return out
}

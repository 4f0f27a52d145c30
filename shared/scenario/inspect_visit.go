package scenario

import (
	"maps"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// An inspector goes through a file and notes what is wrong. It says nothing of what it
// cannot be sure about.
type inspector struct {
	source   *source
	scopes   scopes
	globals  *runtime.Module // the file as it was loaded; nil if that failed
	builtins runtime.Members
	modules  map[string]stdlib.Factory
	made     map[string]*runtime.Module
	classes  map[*syntax.ClassDef]*classInfo
	stores   stores
	findings []Finding
}

func newInspector(s *source) *inspector {
	i := &inspector{
		source: s, scopes: newScopes(s.module), builtins: stdlib.Builtins(), modules: stdlib.Modules(),
		made: map[string]*runtime.Module{}, classes: map[*syntax.ClassDef]*classInfo{},
	}
	maps.Copy(i.modules, hostModules(&collector{}))
	i.findClasses()
	i.stores = i.findStores()
	return i
}

// module returns a module that can be imported, or nil.
func (i *inspector) module(name string) *runtime.Module {
	if m := i.made[name]; m != nil {
		return m
	}
	factory := i.modules[name]
	if factory == nil {
		return nil
	}
	m := factory(stdlib.Host{})
	i.made[name] = m
	return m
}

// run goes through the file.
func (i *inspector) run(scenarios []Summary) {
	i.block(i.scopes[nil], i.source.module.Body, trying{})
	for _, c := range i.source.module.Body {
		walk(c, func(n syntax.Node) {
			if def, ok := n.(*syntax.ClassDef); ok {
				i.class(i.classes[def])
			}
		})
	}
	i.checks(scenarios)
}

// trying says what becomes of an exception: some code guards against it on purpose.
type trying struct {
	names, attributes, types bool // these exceptions are expected
	all                      bool // every exception is caught, which does not make a mistake right
}

// within is what becomes of exceptions in the body of a try statement.
func (t trying) within(s *syntax.Try) trying {
	for _, h := range s.Handlers {
		list := []syntax.Expr{h.Type}
		if tuple, ok := h.Type.(*syntax.Tuple); ok {
			list = tuple.Elts
		}
		for _, e := range list {
			switch {
			case e == nil, isNamed(e, "Exception"), isNamed(e, "BaseException"):
				t.all = true
			case isNamed(e, "NameError"), isNamed(e, "UnboundLocalError"):
				t.names = true
			case isNamed(e, "AttributeError"):
				t.attributes = true
			case isNamed(e, "TypeError"):
				t.types = true
			}
		}
	}
	return t
}

// note adds a finding about a node.
func (i *inspector) note(isError bool, n syntax.Node, hint, format string, args ...any) {
	at := syntax.NewError(i.source.module, n.Range(), format, args...)
	f := Finding{Error: isError, Line: at.Line, Col: at.Col, EndCol: at.EndCol, Text: at.Text, Message: at.Msg, Hint: hint}
	same := func(o Finding) bool { return o.Line == f.Line && o.Col == f.Col && o.Message == f.Message }
	if !slices.ContainsFunc(i.findings, same) {
		i.findings = append(i.findings, f)
	}
}

func (i *inspector) block(s *scope, body []syntax.Stmt, t trying) {
	for n, stmt := range body {
		i.visit(s, stmt, t)
		if leaves(stmt) && n+1 < len(body) {
			i.note(false, body[n+1], "", "this can never run: what stands before it leaves")
			break
		}
	}
}

// leaves reports whether nothing after a statement runs.
func leaves(stmt syntax.Stmt) bool {
	switch stmt.(type) {
	case *syntax.Return, *syntax.Raise, *syntax.Break, *syntax.Continue:
		return true
	}
	return false
}

// visit looks at n, which stands in s, and at all below it.
func (i *inspector) visit(s *scope, n syntax.Node, t trying) {
	switch n := n.(type) {
	case *syntax.FunctionDef:
		i.function(s, n, t)
		return
	case *syntax.ClassDef:
		i.exprs(s, n.Decorators, t)
		i.exprs(s, n.Bases, t)
		i.block(i.scopes[n], n.Body, t)
		return
	case *syntax.Lambda:
		i.defaults(s, n.Params, t)
		i.visit(i.scopes[n], n.Body, t)
		return
	case *syntax.Try:
		i.try(s, n, t)
		return
	case *syntax.If:
		i.visit(s, n.Test, t)
		i.block(s, n.Body, t)
		i.block(s, n.Else, t)
		return
	case *syntax.For:
		i.visit(s, n.Iter, t)
		i.target(s, n.Target, t)
		i.block(s, n.Body, t)
		i.block(s, n.Else, t)
		return
	case *syntax.While:
		i.visit(s, n.Test, t)
		i.block(s, n.Body, t)
		i.block(s, n.Else, t)
		return
	case *syntax.With:
		for _, item := range n.Items {
			i.visit(s, item.Context, t)
			if item.Target != nil {
				i.target(s, item.Target, t)
			}
		}
		i.block(s, n.Body, t)
		return
	case *syntax.Assign:
		i.visit(s, n.Value, t)
		for _, target := range n.Targets {
			i.target(s, target, t)
		}
		return
	case *syntax.AnnAssign: // annotations are not evaluated
		if n.Value != nil {
			i.visit(s, n.Value, t)
		}
		i.target(s, n.Target, t)
		return
	case *syntax.AugAssign:
		i.visit(s, n.Value, t)
		i.target(s, n.Target, t)
		return
	case *syntax.Delete:
		for _, target := range n.Targets {
			i.target(s, target, t)
		}
		return
	}
	i.look(s, n, t)
	i.children(s, n, t)
}

// look judges an expression or a simple statement by itself.
func (i *inspector) look(s *scope, n syntax.Node, t trying) {
	switch n := n.(type) {
	case *syntax.Name:
		i.name(s, n, t)
	case *syntax.Attribute:
		i.attribute(s, n, t)
	case *syntax.Call:
		i.call(s, n, t)
	case *syntax.Subscript:
		i.subscript(s, n, t)
	case *syntax.Assert:
		i.assert(s, n)
	case *syntax.Compare:
		i.compare(s, n, false)
	case *syntax.ExprStmt:
		i.dropped(s, n)
	}
}

// children visits what is below an expression or a simple statement.
func (i *inspector) children(s *scope, n syntax.Node, t trying) {
	switch n := n.(type) {
	case *syntax.ListComp:
		i.comprehension(s, n, n.Generators, t, n.Elt)
	case *syntax.SetComp:
		i.comprehension(s, n, n.Generators, t, n.Elt)
	case *syntax.GeneratorExp:
		i.comprehension(s, n, n.Generators, t, n.Elt)
	case *syntax.DictComp:
		i.comprehension(s, n, n.Generators, t, n.Key, n.Value)
	case *syntax.NamedExpr:
		i.visit(s, n.Value, t)
	case *syntax.Import, *syntax.ImportFrom:
	default:
		syntax.Children(n, func(c syntax.Node) { i.visit(s, c, t) })
	}
}

func (i *inspector) exprs(s *scope, list []syntax.Expr, t trying) {
	for _, e := range list {
		i.visit(s, e, t)
	}
}

func (i *inspector) defaults(s *scope, params *syntax.Parameters, t trying) {
	for _, p := range params.All() {
		if p.Default != nil {
			i.visit(s, p.Default, t)
		}
	}
}

func (i *inspector) function(s *scope, f *syntax.FunctionDef, t trying) {
	i.exprs(s, f.Decorators, t)
	i.defaults(s, f.Params, t)
	i.block(i.scopes[f], f.Body, trying{})
	i.unbound(f)
}

func (i *inspector) try(s *scope, n *syntax.Try, t trying) {
	i.block(s, n.Body, t.within(n))
	for _, h := range n.Handlers {
		if h.Type != nil {
			i.visit(s, h.Type, t)
		}
		i.block(s, h.Body, t)
	}
	i.block(s, n.Else, t)
	i.block(s, n.Finally, t)
}

// target visits what is evaluated of the target of an assignment.
func (i *inspector) target(s *scope, e syntax.Expr, t trying) {
	for _, part := range flatten([]syntax.Expr{e}) {
		switch part := part.(type) {
		case *syntax.Attribute:
			i.visit(s, part.Value, t)
		case *syntax.Subscript:
			i.visit(s, part.Value, t)
			i.visit(s, part.Index, t)
		}
	}
}

func (i *inspector) comprehension(s *scope, n syntax.Node, generators []*syntax.Comprehension, t trying, parts ...syntax.Expr) {
	in := i.scopes[n]
	for k, g := range generators {
		if k == 0 {
			i.visit(s, g.Iter, t)
		} else {
			i.visit(in, g.Iter, t)
		}
		i.target(in, g.Target, t)
		i.exprs(in, g.Ifs, t)
	}
	i.exprs(in, parts, t)
}

// name judges the reading of a name.
func (i *inspector) name(s *scope, n *syntax.Name, t trying) {
	if t.names || i.builtins[n.ID] != nil || n.ID == "__class__" {
		return
	}
	at := s.resolve(n.ID)
	if at == nil {
		if i.globals != nil && i.globals.Get(n.ID) != nil || n.ID == "__name__" || n.ID == "__file__" || n.ID == "__doc__" {
			return
		}
		i.note(!t.all, n, near(n.ID, i.visible(s)), "name '%s' is not defined", n.ID)
		return
	}
	if at.node != nil || i.globals == nil || i.globals.Get(n.ID) != nil || s.node == nil {
		return
	}
	for _, f := range i.scopes {
		if f.elsewhere[n.ID] {
			return // a function binds it
		}
	}
	b := at.bindings[n.ID][0]
	i.note(false, n, "", "name '%s' has no value: line %d, which binds it, was not reached when the file was loaded", n.ID, b.node.Range().Start.Line)
}

// visible lists the names that can be read in a scope.
func (i *inspector) visible(s *scope) []string {
	var names []string
	for first := true; s != nil; s, first = s.parent, false {
		if first || !s.class {
			names = append(names, slices.Sorted(maps.Keys(s.bindings))...)
		}
	}
	return append(names, slices.Sorted(maps.Keys(i.builtins))...)
}

// attribute judges the reading of an attribute.
func (i *inspector) attribute(s *scope, e *syntax.Attribute, t trying) {
	if t.attributes || i.stores.guarded[e.Attr] || isDunder(e.Attr) {
		return
	}
	of := i.known(s, e.Value, 0)
	switch {
	case of == nil:
	case of.object != nil:
		i.member(of, e, t)
	case of.value != nil:
		i.memberOf(of.value, e, t)
	case of.class != nil && of.class.Lookup(e.Attr) == nil:
		i.note(!t.all, attributeName(e), near(e.Attr, members(of.class)), "'%s' object has no attribute '%s'", of.class.Name, e.Attr)
	}
}

// memberOf judges an attribute of a module or of a class that comes with the language.
func (i *inspector) memberOf(v runtime.Value, e *syntax.Attribute, t trying) {
	switch v := v.(type) {
	case *runtime.Module:
		if v.Get(e.Attr) == nil && i.modules[v.Name+"."+e.Attr] == nil && !i.stores.anywhere[e.Attr] {
			i.note(!t.all, attributeName(e), near(e.Attr, v.Names()), "module '%s' has no attribute '%s'", v.Name, e.Attr)
		}
	case *runtime.Class:
		if v.Lookup(e.Attr) == nil && v.Class().Lookup(e.Attr) == nil {
			i.note(!t.all, attributeName(e), near(e.Attr, members(v)), "type object '%s' has no attribute '%s'", v.Name, e.Attr)
		}
	}
}

// members lists the attributes of a class.
func members(c *runtime.Class) []string {
	var names []string
	for _, name := range runtime.Dir(c) {
		if !isDunder(name) {
			names = append(names, name)
		}
	}
	return names
}

func isDunder(name string) bool {
	return len(name) > 4 && name[:2] == "__" && name[len(name)-2:] == "__"
}

// attributeName is the place of the name in value.name.
func attributeName(e *syntax.Attribute) syntax.Node {
	at := e.Span
	at.Start = at.End
	at.Start.Col -= int32(len([]rune(e.Attr))) //nolint:gosec // the length of a name
	return at
}

package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// An analysis tells which tasks of a class always ask for the same requests. That is so
// if a task is a plain list of requests whose arguments are made of literals, constants
// of the module, attributes of self, and methods that return such an expression. The
// classes must stand at the top level of the file, where no variable of a function hides
// a constant. The attributes must never be written but through self in on_start and
// __init__, and nobody may mention these. Whoever reaches for attributes by name
// (setattr, __dict__) disables it for the whole file.
type analysis struct {
	classes   []*body // of the method resolution order; nil if one is not known
	usage     *usage
	constants map[string]bool // names of the module that are bound once, to a literal
}

func (s *source) analyse(class *runtime.Class) *analysis {
	a := &analysis{usage: s.usage(), constants: s.constants()}
	for _, c := range class.MRO() {
		if userClass.Is(c) {
			continue // VUser and object
		}
		def := s.class(c.Name)
		if def == nil || !slices.Contains(s.module.Body, syntax.Stmt(def)) || !onlyDecorator(def.Decorators, "scenario") {
			return &analysis{usage: a.usage}
		}
		b := newBody(def.Body)
		for name, f := range b.functions {
			if fn, ok := c.Own(name).(*runtime.Function); !ok || fn.Code.Line != f.Start.Line {
				delete(b.functions, name) // something else took its place
			}
		}
		a.classes = append(a.classes, b)
	}
	return a
}

// onlyDecorator reports whether there is no decorator but those with a name.
func onlyDecorator(decorators []syntax.Expr, name string) bool {
	for _, d := range decorators {
		if call, ok := d.(*syntax.Call); ok {
			d = call.Func
		}
		switch d := d.(type) {
		case *syntax.Name:
			if d.ID != name {
				return false
			}
		case *syntax.Attribute:
			if d.Attr != name {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// method returns the function that a name stands for in the class, nil if that is not plain.
func (a *analysis) method(name string) *syntax.FunctionDef {
	if a.usage.stored[name] {
		return nil
	}
	for _, c := range a.classes {
		if c.bound[name] > 0 {
			return c.functions[name]
		}
	}
	return nil
}

// readsBody reports whether a check uses its third parameter, the body.
func (a *analysis) readsBody(check string) bool {
	f := a.method(check)
	if f == nil || a.usage.byName {
		return true
	}
	params := f.Params.All()
	if len(params) != 3 || f.Params.VarArg != nil || f.Params.KwArg != nil {
		return true
	}
	return mentions(f)[params[2].Name] > 0
}

// task reports whether a task's requests are always the same, provided that the
// attributes it reads hold immutable values.
func (a *analysis) task(name string) (reads []string, ok bool) {
	f := a.method(name)
	if f == nil || a.usage.byName || !onlyDecorator(f.Decorators, "task") || len(f.Params.All()) != 2 || len(f.Params.Args) != 2 || f.Generator {
		return nil, false
	}
	client := f.Params.Args[1].Name
	p := &purity{analysis: a, self: f.Params.Args[0].Name, client: client, locals: map[string]bool{}, inside: []string{name}}
	mentioned := mentions(f)
	for _, stmt := range f.Body {
		if !p.requests(stmt, client, mentioned) && !p.binds(stmt) && !idle(stmt) {
			return nil, false
		}
	}
	return p.reads, true
}

// idle reports whether a statement does nothing: a docstring or pass.
func idle(stmt syntax.Stmt) bool {
	switch s := stmt.(type) {
	case *syntax.Pass:
		return true
	case *syntax.ExprStmt:
		_, ok := s.Value.(*syntax.Constant)
		return ok
	}
	return false
}

// purity follows the expressions of one function.
type purity struct {
	*analysis
	self   string
	client string          // "" in a helper
	locals map[string]bool // bound so far, to pure expressions
	reads  []string
	inside []string // methods being followed
}

// requests reports whether a statement is a request with pure arguments whose response
// is dropped, or given to a name that is mentioned nowhere else.
func (p *purity) requests(stmt syntax.Stmt, client string, mentioned map[string]int) bool {
	var value syntax.Expr
	switch s := stmt.(type) {
	case *syntax.ExprStmt:
		value = s.Value
	case *syntax.Assign:
		if id, ok := s.Targets[0].(*syntax.Name); !ok || len(s.Targets) > 1 || mentioned[id.ID] > 1 {
			return false
		}
		value = s.Value
	}
	if awaited, ok := value.(*syntax.Await); ok {
		value = awaited.Value
	}
	call, ok := value.(*syntax.Call)
	if !ok {
		return false
	}
	fn, ok := call.Func.(*syntax.Attribute)
	if !ok || !isName(fn.Value, client) {
		return false
	}
	for _, k := range call.Keywords {
		if !p.pure(k.Value) {
			return false
		}
	}
	return p.all(call.Args)
}

// mentions counts how often each name stands in the body of a function.
func mentions(f *syntax.FunctionDef) map[string]int {
	count := map[string]int{}
	for _, stmt := range f.Body {
		walk(stmt, func(n syntax.Node) {
			if name, ok := n.(*syntax.Name); ok {
				count[name.ID]++
			}
		})
	}
	return count
}

// binds reports whether a statement gives a pure value to a local name.
func (p *purity) binds(stmt syntax.Stmt) bool {
	s, ok := stmt.(*syntax.Assign)
	if !ok || len(s.Targets) != 1 || !p.pure(s.Value) {
		return false
	}
	target, ok := s.Targets[0].(*syntax.Name)
	if !ok || target.ID == p.self || target.ID == p.client {
		return false
	}
	p.locals[target.ID] = true
	return true
}

func isName(e syntax.Expr, id string) bool {
	n, ok := e.(*syntax.Name)
	return ok && n.ID == id
}

func (p *purity) all(list []syntax.Expr) bool {
	for _, e := range list {
		if e != nil && !p.pure(e) {
			return false
		}
	}
	return true
}

// pure reports whether an expression has the same value each time.
func (p *purity) pure(e syntax.Expr) bool {
	switch e := e.(type) {
	case *syntax.Constant:
		return true
	case *syntax.Name:
		return e.ID != p.self && e.ID != p.client && (p.locals[e.ID] || p.constants[e.ID])
	case *syntax.Attribute:
		return isName(e.Value, p.self) && p.attribute(e.Attr)
	case *syntax.Call:
		return p.helper(e)
	case *syntax.JoinedStr, *syntax.FormattedValue, *syntax.Tuple, *syntax.List, *syntax.Dict,
		*syntax.BinaryExpr, *syntax.UnaryExpr, *syntax.BoolOp, *syntax.Compare, *syntax.IfExpr:
		ok := true
		syntax.Children(e, func(n syntax.Node) {
			part, isExpr := n.(syntax.Expr)
			ok = ok && isExpr && p.pure(part)
		})
		return ok
	}
	return false
}

// attribute reports whether an attribute of self keeps its value after on_start.
func (p *purity) attribute(name string) bool {
	if p.usage.written[name] {
		return false
	}
	for _, c := range p.classes {
		if c.bound[name] > 0 && !c.literals[name] {
			return false // a method, or something that computes it
		}
	}
	if !slices.Contains(p.reads, name) {
		p.reads = append(p.reads, name)
	}
	return true
}

// helper reports whether a call is one of a method of self that returns a pure expression.
func (p *purity) helper(call *syntax.Call) bool {
	fn, ok := call.Func.(*syntax.Attribute)
	if !ok || !isName(fn.Value, p.self) || len(call.Args) > 0 || len(call.Keywords) > 0 || slices.Contains(p.inside, fn.Attr) {
		return false
	}
	f := p.method(fn.Attr)
	if f == nil || len(f.Decorators) > 0 || f.Async || f.Generator || len(f.Params.All()) != 1 || len(f.Params.Args) != 1 {
		return false
	}
	inner := &purity{
		analysis: p.analysis, self: f.Params.Args[0].Name, locals: map[string]bool{}, reads: p.reads, inside: append(p.inside, fn.Attr),
	}
	for i, stmt := range f.Body {
		if ret, ok := stmt.(*syntax.Return); ok && i == len(f.Body)-1 {
			if ret.Value == nil || !inner.pure(ret.Value) {
				return false
			}
			p.reads = inner.reads
			return true
		}
		if !inner.binds(stmt) && !idle(stmt) {
			return false
		}
	}
	return false
}

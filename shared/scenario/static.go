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
	return otherDecorator(decorators, name) == nil
}

// otherDecorator returns the first decorator with another name, or nil.
func otherDecorator(decorators []syntax.Expr, name string) syntax.Node {
	for _, decorator := range decorators {
		d := decorator
		if call, ok := d.(*syntax.Call); ok {
			d = call.Func
		}
		switch d := d.(type) {
		case *syntax.Name:
			if d.ID == name {
				continue
			}
		case *syntax.Attribute:
			if d.Attr == name {
				continue
			}
		}
		return decorator
	}
	return nil
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
	if f == nil || a.usage.byName != nil {
		return true
	}
	params := f.Params.All()
	if len(params) != 3 || f.Params.VarArg != nil || f.Params.KwArg != nil {
		return true
	}
	return mentions(f)[params[2].Name] > 0
}

// An obstacle is what keeps the requests of a task from being the same each time.
type obstacle struct {
	node syntax.Node // nil if it stands nowhere in particular
	why  string      // what is said of it
}

// What is said of obstacles.
const (
	whyNotPlain  = "is no plain method of a plain class"
	whyByName    = "may change any attribute"
	whyDecorated = "may change what the task does"
	whyParams    = "takes more than the client"
	whyStatement = "is more than a request"
	whyAnswer    = "is used afterwards"
	whyVaries    = "may differ each time"
	whyCall      = "is called each time"
	whyVariable  = "is no constant"
	whyWritten   = "is written after on_start"
	whyComputed  = "is computed by the class"
	whyUser      = "is more than its attributes"
	whyMutable   = "holds neither a text nor a number"
)

// task returns the attributes that a task's requests depend on. If nothing else changes
// them there is no obstacle, provided that the attributes hold immutable values.
func (a *analysis) task(name string) (reads []string, _ *obstacle) {
	f := a.method(name)
	switch {
	case f == nil:
		return nil, &obstacle{nil, whyNotPlain}
	case a.usage.byName != nil:
		return nil, &obstacle{a.usage.byName, whyByName}
	case !onlyDecorator(f.Decorators, "task"):
		return nil, &obstacle{otherDecorator(f.Decorators, "task"), whyDecorated}
	case len(f.Params.All()) != 2 || len(f.Params.Args) != 2:
		return nil, &obstacle{f.NameSpan, whyParams}
	case f.Generator:
		return nil, &obstacle{f.NameSpan, whyStatement}
	}
	client := f.Params.Args[1].Name
	p := &purity{analysis: a, self: f.Params.Args[0].Name, client: client, locals: map[string]bool{}, inside: []string{name}}
	mentioned := mentions(f)
	for _, stmt := range f.Body {
		if idle(stmt) {
			continue
		}
		if call := requestOf(stmt, client); call != nil {
			if o := p.request(stmt, call, mentioned); o != nil {
				return nil, o
			}
		} else if o := p.binds(stmt); o != nil {
			return nil, o
		}
	}
	return p.reads, nil
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

// requestOf returns the request that a statement is, or assigns to something; nil if it
// is none.
func requestOf(stmt syntax.Stmt, client string) *syntax.Call {
	var value syntax.Expr
	switch s := stmt.(type) {
	case *syntax.ExprStmt:
		value = s.Value
	case *syntax.Assign:
		value = s.Value
	}
	if awaited, ok := value.(*syntax.Await); ok {
		value = awaited.Value
	}
	call, ok := value.(*syntax.Call)
	if !ok {
		return nil
	}
	if fn, ok := call.Func.(*syntax.Attribute); !ok || !isName(fn.Value, client) {
		return nil
	}
	return call
}

// request finds what is not the same each time in a request: one of its arguments, or
// the answer if it is given to a name that is mentioned elsewhere.
func (p *purity) request(stmt syntax.Stmt, call *syntax.Call, mentioned map[string]int) *obstacle {
	if s, ok := stmt.(*syntax.Assign); ok {
		id, ok := s.Targets[0].(*syntax.Name)
		if !ok || len(s.Targets) > 1 || mentioned[id.ID] > 1 {
			return &obstacle{call, whyAnswer}
		}
	}
	for _, e := range call.Args {
		if o := p.pure(e); o != nil {
			return o
		}
	}
	for _, k := range call.Keywords {
		if o := p.pure(k.Value); o != nil {
			return o
		}
	}
	return nil
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

// binds finds what is not the same each time in a statement that gives a pure value to
// a local name; any other statement is an obstacle as a whole.
func (p *purity) binds(stmt syntax.Stmt) *obstacle {
	s, ok := stmt.(*syntax.Assign)
	if !ok || len(s.Targets) != 1 {
		return &obstacle{stmt, whyStatement}
	}
	target, ok := s.Targets[0].(*syntax.Name)
	if !ok || target.ID == p.self || target.ID == p.client {
		return &obstacle{stmt, whyStatement}
	}
	if o := p.pure(s.Value); o != nil {
		return o
	}
	p.locals[target.ID] = true
	return nil
}

func isName(e syntax.Expr, id string) bool {
	n, ok := e.(*syntax.Name)
	return ok && n.ID == id
}

// pure finds in an expression what may have another value each time; nil if nothing does.
func (p *purity) pure(e syntax.Expr) *obstacle {
	if request := p.requestIn(e); request != nil {
		return &obstacle{request, whyAnswer}
	}
	switch e := e.(type) {
	case *syntax.Constant:
		return nil
	case *syntax.Name:
		switch {
		case e.ID == p.self || e.ID == p.client:
			return &obstacle{e, whyUser}
		case !p.locals[e.ID] && !p.constants[e.ID]:
			return &obstacle{e, whyVariable}
		}
		return nil
	case *syntax.Attribute:
		if !isName(e.Value, p.self) {
			return &obstacle{e, whyVaries}
		}
		return p.attribute(e)
	case *syntax.Call:
		return p.helper(e)
	case *syntax.JoinedStr, *syntax.FormattedValue, *syntax.Tuple, *syntax.List, *syntax.Dict,
		*syntax.BinaryExpr, *syntax.UnaryExpr, *syntax.BoolOp, *syntax.Compare, *syntax.IfExpr:
		var first *obstacle
		syntax.Children(e, func(n syntax.Node) {
			if first != nil {
				return
			}
			if part, ok := n.(syntax.Expr); ok {
				first = p.pure(part)
			} else {
				first = &obstacle{n, whyVaries}
			}
		})
		return first
	}
	return &obstacle{e, whyVaries}
}

// attribute finds out whether an attribute of self keeps its value after on_start.
func (p *purity) attribute(e *syntax.Attribute) *obstacle {
	if p.usage.written[e.Attr] != nil {
		return &obstacle{e, whyWritten}
	}
	for _, c := range p.classes {
		if c.bound[e.Attr] > 0 && !c.literals[e.Attr] {
			return &obstacle{e, whyComputed} // or a method
		}
	}
	if !slices.Contains(p.reads, e.Attr) {
		p.reads = append(p.reads, e.Attr)
	}
	return nil
}

// requestIn returns the request whose answer an expression goes on with, nil if there is none.
func (p *purity) requestIn(e syntax.Expr) *syntax.Call {
	switch e := e.(type) {
	case *syntax.Call:
		if fn, ok := e.Func.(*syntax.Attribute); ok && p.client != "" && isName(fn.Value, p.client) {
			return e
		}
		return p.requestIn(e.Func)
	case *syntax.Attribute:
		return p.requestIn(e.Value)
	case *syntax.Subscript:
		return p.requestIn(e.Value)
	case *syntax.Await:
		return p.requestIn(e.Value)
	}
	return nil
}

// helper follows a call of a method of self that returns a pure expression. Any other call
// is an obstacle.
func (p *purity) helper(call *syntax.Call) *obstacle {
	opaque := &obstacle{call, whyCall}
	fn, ok := call.Func.(*syntax.Attribute)
	if !ok || !isName(fn.Value, p.self) || len(call.Args) > 0 || len(call.Keywords) > 0 || slices.Contains(p.inside, fn.Attr) {
		return opaque
	}
	f := p.method(fn.Attr)
	if f == nil || len(f.Decorators) > 0 || f.Async || f.Generator || len(f.Params.All()) != 1 || len(f.Params.Args) != 1 {
		return opaque
	}
	inner := &purity{
		analysis: p.analysis, self: f.Params.Args[0].Name, locals: map[string]bool{}, reads: p.reads, inside: append(p.inside, fn.Attr),
	}
	for i, stmt := range f.Body {
		if idle(stmt) {
			continue
		}
		if ret, ok := stmt.(*syntax.Return); ok && i == len(f.Body)-1 && ret.Value != nil {
			if o := inner.pure(ret.Value); o != nil {
				return o
			}
			p.reads = inner.reads
			return nil
		}
		if o := inner.binds(stmt); o != nil {
			return o
		}
	}
	return opaque
}

package scenario

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// call judges a call: what is called, and whether the arguments fit it.
func (i *inspector) call(s *scope, call *syntax.Call, t trying) {
	if t.types {
		return
	}
	if fn, ok := call.Func.(*syntax.Attribute); ok {
		of := i.known(s, fn.Value, 0)
		switch {
		case of == nil:
		case of.object != nil:
			i.methodCall(of, fn, call, t)
			return
		case of.class != nil:
			i.nativeCall(of.class, fn, call, t)
			return
		}
	}
	k := i.known(s, call.Func, 0)
	switch {
	case k == nil:
	case k.def != nil:
		i.misfit(shapeOf(k.def), call, 0, t)
	case k.object != nil && !k.instance:
		if init := k.object.constructor(); init != nil {
			i.misfit(shapeOf(init), call, 1, t)
		}
	case k.value != nil:
		i.misfit(k.value, call, 0, t)
	}
}

// nativeCall judges the call of a method of a native class.
func (i *inspector) nativeCall(class *runtime.Class, fn *syntax.Attribute, call *syntax.Call, t trying) {
	switch m := class.Lookup(fn.Attr).(type) {
	case *runtime.Native:
		i.misfit(m, call, 1, t)
	case *runtime.Getter:
		if part := responseParts[fn.Attr]; class == responseClass && part != nil {
			i.note(!t.all, call, "write ."+fn.Attr+" without parentheses", "'%s' object is not callable", part.class.Name)
		}
	}
}

// methodCall judges the call of a method of a class of the file.
func (i *inspector) methodCall(of *known, fn *syntax.Attribute, call *syntax.Call, t trying) {
	f := of.object.method(fn.Attr)
	if f == nil || i.stores.anywhere[fn.Attr] {
		return
	}
	self := 1
	switch {
	case len(f.Decorators) == 1 && hasDecorator(f, "staticmethod"):
		self = 0
	case len(f.Decorators) == 1 && hasDecorator(f, "classmethod"):
	case len(f.Decorators) > 0 && !onlyDecorator(f.Decorators, "task"):
		return
	case !of.instance:
		self = 0
	}
	i.misfit(shapeOf(f), call, self, t)
}

// misfit notes that a call does not fit the parameters, self of which are given before
// the arguments.
func (i *inspector) misfit(fn runtime.Value, call *syntax.Call, self int, t trying) {
	a := runtime.Args{Vals: make([]runtime.Value, self, self+len(call.Args)+len(call.Keywords))}
	for _, e := range call.Args {
		if _, spread := e.(*syntax.Starred); spread {
			return
		}
		a.Vals = append(a.Vals, nil)
	}
	for _, k := range call.Keywords {
		if k.Name == "" {
			return
		}
		a.Vals, a.Names = append(a.Vals, nil), append(a.Names, k.Name)
	}
	for n := range a.Vals {
		a.Vals[n] = runtime.None
	}
	err := runtime.Misfit(fn, a)
	if err == nil {
		return
	}
	var at syntax.Node = call
	hint := ""
	msg := runtime.AsException(err).Message()
	for _, k := range call.Keywords {
		if strings.HasSuffix(msg, "unexpected keyword argument '"+k.Name+"'") {
			at, hint = keywordName(k), near(k.Name, runtime.Parameters(fn))
		}
	}
	if f, ok := fn.(*runtime.Function); ok && self == 1 && hint == "" && !slices.Contains([]string{"self", "cls"}, first(f.Code.Params)) {
		hint = "is 'self' missing from its parameters?"
	}
	i.note(!t.all, at, hint, "%s", msg)
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// keywordName is the place of the name in name=value.
func keywordName(k *syntax.Keyword) syntax.Node {
	at := k.Span
	at.End = at.Start
	at.End.Col += int32(len([]rune(k.Name))) //nolint:gosec // the length of a name
	return at
}

// shapeOf is a function that has the parameters of one of the file, and no body.
func shapeOf(f *syntax.FunctionDef) *runtime.Function {
	code := &runtime.Code{Name: f.Name, QualName: f.Name, VarArgs: -1, VarKw: -1, PosOnly: len(f.Params.PosOnly)}
	fn := &runtime.Function{Code: code}
	for _, p := range slices.Concat(f.Params.PosOnly, f.Params.Args) {
		code.Params = append(code.Params, p.Name)
		if p.Default != nil {
			fn.Defaults = append(fn.Defaults, runtime.None)
		}
	}
	code.NPos = len(code.Params)
	for _, p := range f.Params.KwOnly {
		code.Params = append(code.Params, p.Name)
		var omitted runtime.Value
		if p.Default != nil {
			omitted = runtime.None
		}
		fn.KwOnly = append(fn.KwOnly, omitted)
	}
	code.NLocals = len(code.Params)
	if f.Params.VarArg != nil {
		code.VarArgs = code.NLocals
		code.NLocals++
	}
	if f.Params.KwArg != nil {
		code.VarKw = code.NLocals
		code.NLocals++
	}
	return fn
}

// subscript notes an index into a method that should be called, as in r.json["id"].
func (i *inspector) subscript(s *scope, e *syntax.Subscript, t trying) {
	fn, ok := e.Value.(*syntax.Attribute)
	if !ok || t.types {
		return
	}
	of := i.known(s, fn.Value, 0)
	if of == nil || of.class == nil {
		return
	}
	if _, isMethod := of.class.Lookup(fn.Attr).(*runtime.Native); isMethod {
		i.note(!t.all, e, "write ."+fn.Attr+"()[...]", "'builtin_function_or_method' object is not subscriptable")
	}
}

// assert notes assertions that cannot fail, and such that cannot hold.
func (i *inspector) assert(s *scope, n *syntax.Assert) {
	if tuple, ok := n.Test.(*syntax.Tuple); ok && len(tuple.Elts) > 0 {
		i.note(false, tuple, "take the parentheses away", "this assertion never fails: a tuple is always true")
		return
	}
	if c, ok := n.Test.(*syntax.Compare); ok {
		i.compare(s, c, true)
	}
}

// compare notes the comparison of a status with a text. In an assertion it fails each time.
func (i *inspector) compare(s *scope, n *syntax.Compare, asserted bool) {
	left := n.Left
	for k, right := range n.Comparators {
		op := n.Ops[k]
		equal := op == syntax.Eq || op == syntax.In
		if equal || op == syntax.NotEq || op == syntax.NotIn {
			text := i.textBeside(s, left, right)
			if text == nil {
				text = i.textBeside(s, right, left)
			}
			if text != nil {
				hint := ""
				if number, ok := text.Value.(string); ok && number != "" && strings.Trim(number, "0123456789") == "" {
					hint = "write " + number + " without quotes"
				}
				i.note(asserted && equal && len(n.Ops) == 1, text, hint, "a status is a number: it never equals a text")
			}
		}
		left = right
	}
}

// textBeside returns the text that a status is compared with, or that all it is compared with are like.
func (i *inspector) textBeside(s *scope, status, other syntax.Expr) *syntax.Constant {
	if k := i.known(s, status, 0); k == nil || !k.status {
		return nil
	}
	list := []syntax.Expr{other}
	switch o := other.(type) {
	case *syntax.Tuple:
		list = o.Elts
	case *syntax.List:
		list = o.Elts
	case *syntax.Set:
		list = o.Elts
	}
	var text *syntax.Constant
	for _, e := range list {
		c, ok := e.(*syntax.Constant)
		if !ok {
			return nil
		}
		if _, isText := c.Value.(string); !isText {
			return nil
		}
		if text == nil {
			text = c
		}
	}
	return text
}

// dropped notes statements that do nothing: a comparison without assert, a method that is
// not called, a coroutine that nobody awaits.
func (i *inspector) dropped(s *scope, n *syntax.ExprStmt) {
	switch e := n.Value.(type) {
	case *syntax.Compare:
		i.note(false, e, "put assert before it", "the result of this comparison is dropped")
	case *syntax.Attribute:
		of := i.known(s, e.Value, 0)
		if of == nil || of.class == nil {
			return
		}
		if _, isMethod := of.class.Lookup(e.Attr).(*runtime.Native); isMethod {
			i.note(false, e, "add ()", "this does nothing: .%s is not called", e.Attr)
		}
	case *syntax.Call:
		var f *syntax.FunctionDef
		if fn, ok := e.Func.(*syntax.Attribute); ok {
			if of := i.known(s, fn.Value, 0); of != nil && of.object != nil && of.instance {
				f = of.object.method(fn.Attr)
			}
		}
		if k := i.known(s, e.Func, 0); k != nil && k.def != nil {
			f = k.def
		}
		if f != nil && f.Async && !f.Generator && len(f.Decorators) == 0 || i.isAsyncio(s, e.Func) {
			i.note(false, e, "put await before it", "this does nothing: the coroutine is never awaited")
		}
	}
}

// isAsyncio reports whether a function is asyncio.sleep or asyncio.gather.
func (i *inspector) isAsyncio(s *scope, fn syntax.Expr) bool {
	m := i.module("asyncio")
	k := i.known(s, fn, 0)
	if m == nil || k == nil || k.value == nil {
		return false
	}
	return k.value == m.Get("sleep") || k.value == m.Get("gather")
}

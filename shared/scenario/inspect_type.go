package scenario

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// A known is what can be told of a value from the source.
type known struct {
	value    runtime.Value       // the value itself: a module, or a class or function of one
	class    *runtime.Class      // a native class that the value is exactly of
	def      *syntax.FunctionDef // a function of the file
	object   *classInfo          // an instance of a class of the file, …
	instance bool                // … if this is set, or else the class itself
	item     *known              // what its items are
	status   bool                // the status of a response
}

// same reports whether two values are known to be alike.
func (k *known) same(o *known) bool {
	return k != nil && o != nil && k.value == o.value && k.class == o.class && k.def == o.def && k.object == o.object && k.instance == o.instance &&
		k.status == o.status && (k.item == nil) == (o.item == nil) && (k.item == nil || k.item.same(o.item))
}

// maxDepth bounds how far values are followed from name to name.
const maxDepth = 12

// Kinds of plain values.
var (
	knownResponse = &known{class: responseClass}
	knownClient   = &known{class: clientClass}
	knownText     = &known{class: runtime.Str("").Class()}
	knownNumber   = &known{class: runtime.NewInt(0).Class()}
	knownFloat    = &known{class: runtime.Float(0).Class()}
	knownBool     = &known{class: runtime.True.Class()}
	knownBytes    = &known{class: runtime.Bytes("").Class()}
	knownStatus   = &known{class: runtime.NewInt(0).Class(), status: true}
	knownList     = &known{class: runtime.NewList().Class()}
	knownDict     = &known{class: runtime.NewDict().Class()}
)

// responseParts are the attributes of a response whose kind is known.
var responseParts = map[string]*known{
	"status_code": knownStatus, "ok": knownBool, "is_success": knownBool, "text": knownText, "content": knownBytes,
	"elapsed_ms": knownFloat, "headers": {class: headersClass}, "reason_phrase": knownText,
}

// known tells what an expression gives, nil if that cannot be told.
func (i *inspector) known(s *scope, e syntax.Expr, depth int) *known {
	if depth > maxDepth {
		return nil
	}
	switch e := e.(type) {
	case *syntax.Constant:
		return knownConstant(e)
	case *syntax.JoinedStr:
		return knownText
	case *syntax.List, *syntax.ListComp:
		return knownList
	case *syntax.Dict, *syntax.DictComp:
		return knownDict
	case *syntax.Name:
		return i.knownName(s, e.ID, depth+1)
	case *syntax.Attribute:
		return i.knownAttribute(i.known(s, e.Value, depth+1), e.Attr)
	case *syntax.Await:
		return i.known(s, e.Value, depth+1)
	case *syntax.NamedExpr:
		return i.known(s, e.Value, depth+1)
	case *syntax.Call:
		return i.knownCall(s, e, depth+1)
	case *syntax.Subscript:
		if of := i.known(s, e.Value, depth+1); of != nil && of.item != nil {
			if _, isSlice := e.Index.(*syntax.Slice); isSlice {
				return of
			}
			return of.item
		}
	}
	return nil
}

func knownConstant(c *syntax.Constant) *known {
	switch c.Value.(type) {
	case string:
		return knownText
	case bool:
		return knownBool
	case int64:
		return knownNumber
	case float64:
		return knownFloat
	case syntax.Bytes:
		return knownBytes
	}
	return nil
}

// knownName tells what a name stands for: the same thing whichever of its bindings came last.
func (i *inspector) knownName(s *scope, name string, depth int) *known {
	at := s.resolve(name)
	if at == nil {
		if v := i.builtins[name]; v != nil {
			return &known{value: v}
		}
		return nil
	}
	var all *known
	for n, b := range at.bindings[name] {
		k := i.knownBinding(at, b, depth)
		if k == nil || n > 0 && !all.same(k) {
			return nil
		}
		all = k
	}
	return all
}

func (i *inspector) knownBinding(s *scope, b binding, depth int) *known {
	switch b.how {
	case bindTo:
		return i.known(s, b.value, depth+1)
	case bindWith:
		if k := i.known(s, b.value, depth+1); k == knownResponse {
			return k
		}
	case bindItem, bindPart:
		in := s
		if s.isComprehension() {
			in = s.parent
		}
		if k := i.known(in, b.value, depth+1); k != nil {
			return k.item
		}
	case bindParam:
		return i.knownParam(s, b.node)
	case bindImport, bindFrom:
		return i.imported(b)
	case bindFunction:
		if f, ok := b.node.(*syntax.FunctionDef); ok && len(f.Decorators) == 0 && !s.class {
			return &known{def: f}
		}
	case bindClass:
		if c, ok := b.node.(*syntax.ClassDef); ok {
			return &known{object: i.classes[c]}
		}
	case bindOther:
	}
	return nil
}

// imported is what an import gives.
func (i *inspector) imported(b binding) *known {
	m := i.module(b.from)
	if m == nil {
		return nil
	}
	if b.how == bindImport {
		return &known{value: m}
	}
	if sub := i.module(b.from + "." + b.name); sub != nil && m.Get(b.name) == nil {
		return &known{value: sub}
	}
	return knownValue(m.Get(b.name))
}

// knownValue is what is known of a value of a module, which may be computed.
func knownValue(v runtime.Value) *known {
	if _, computed := v.(*runtime.Getter); computed || v == nil {
		return nil
	}
	return &known{value: v}
}

// knownParam knows the client of tasks and hooks, and self.
func (i *inspector) knownParam(s *scope, param syntax.Node) *known {
	f, ok := s.node.(*syntax.FunctionDef)
	if !ok || len(f.Params.Args) == 0 || len(f.Params.PosOnly) > 0 {
		return nil
	}
	class, _ := s.parent.node.(*syntax.ClassDef)
	for n, p := range f.Params.Args {
		if p != param {
			continue
		}
		if n == 0 && p.Name != "client" && class != nil && !hasDecorator(f, "staticmethod") && i.classes[class] != nil {
			return &known{object: i.classes[class], instance: true}
		}
		if p.Annotation != nil && isNamed(p.Annotation, "LoadClient") {
			return knownClient
		}
		if n == 1 && class != nil && i.classes[class].isUser() && isInvoked(f) {
			return knownClient
		}
		checks := strings.HasPrefix(f.Name, checkPrefix) && len(f.Params.Args) == 3
		if n == 1 && checks && class != nil && i.classes[class].isUser() {
			return knownStatus
		}
	}
	return nil
}

// isInvoked reports whether a method of a user is a hook or a task.
func isInvoked(f *syntax.FunctionDef) bool {
	return f.Name == "on_start" || f.Name == "on_stop" || hasDecorator(f, "task")
}

func hasDecorator(f *syntax.FunctionDef, name string) bool {
	for _, d := range f.Decorators {
		if otherDecorator([]syntax.Expr{d}, name) == nil {
			return true
		}
	}
	return false
}

// isNamed reports whether an expression is a name, or ends in it after a dot.
func isNamed(e syntax.Expr, name string) bool {
	switch e := e.(type) {
	case *syntax.Name:
		return e.ID == name
	case *syntax.Attribute:
		return e.Attr == name
	case *syntax.Constant:
		return e.Value == name
	}
	return false
}

func (i *inspector) knownAttribute(of *known, name string) *known {
	switch {
	case of == nil:
		return nil
	case of.class == responseClass:
		return responseParts[name]
	case of.value != nil:
		if m, ok := of.value.(*runtime.Module); ok {
			return knownValue(m.Get(name))
		}
	}
	return nil
}

// knownCall tells what a call gives: an answer, or an instance of a class of the file.
func (i *inspector) knownCall(s *scope, call *syntax.Call, depth int) *known {
	if fn, ok := call.Func.(*syntax.Attribute); ok {
		if i.known(s, fn.Value, depth) == knownClient {
			switch fn.Attr {
			case "get", "post", "put", "patch", "delete":
				return knownResponse
			case "batch":
				return &known{class: knownList.class, item: knownResponse}
			}
			return nil
		}
	}
	if k := i.known(s, call.Func, depth); k != nil && k.object != nil && !k.instance {
		return &known{object: k.object, instance: true}
	}
	return nil
}

package scenario

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// httpxSenders are the names of httpx that send requests.
var httpxSenders = []string{"Client", "AsyncClient", "get", "post", "put", "patch", "delete", "head", "options", "request", "stream"}

// checkSenders refuses what httpx sends requests by: nobody would measure them.
func (s *source) checkSenders() refusals {
	modules := map[string]bool{} // names that stand for httpx
	var wrong refusals
	refuse := func(at syntax.Node, name string) {
		if slices.Contains(httpxSenders, name) {
			wrong.add(s.errorAt(at, "httpx."+name, fmt.Sprintf(
				"use the client that the task is given, as in client.get(\"/\"); what httpx.%s sends would not be measured", name)))
		}
	}
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			switch n := n.(type) {
			case *syntax.Import:
				for _, a := range n.Names {
					if a.Name == "httpx" {
						modules[cmp.Or(a.AsName, a.Name)] = true
					}
				}
			case *syntax.ImportFrom:
				for _, a := range n.Names {
					if n.Module == "httpx" {
						refuse(a, a.Name)
					}
				}
			}
		})
	}
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			if a, ok := n.(*syntax.Attribute); ok {
				if id, ok := a.Value.(*syntax.Name); ok && modules[id.ID] {
					refuse(a, a.Attr)
				}
			}
		})
	}
	return wrong
}

// checkVerbs refuses requests with a foreign method, as far as they can be seen without
// running the script: client.head(…) and a literal "method" in a batch.
func (s *source) checkVerbs() refusals {
	wrong := s.checkSenders()
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			f, ok := n.(*syntax.FunctionDef)
			if !ok || !takesClient(f) {
				return
			}
			client := f.Params.Args[1].Name
			walk(f, func(n syntax.Node) {
				if call, ok := n.(*syntax.Call); ok {
					wrong.add(s.checkCall(call, client))
				}
			})
		})
	}
	return wrong
}

// takesClient reports whether a function's second parameter is a client: that of a task
// or hook is, and one that says so.
func takesClient(f *syntax.FunctionDef) bool {
	if len(f.Params.Args) < 2 {
		return false
	}
	if f.Name == "on_start" || f.Name == "on_stop" || len(f.Decorators) > 0 && onlyDecorator(f.Decorators, "task") {
		return true
	}
	param := f.Params.Args[1]
	return param.Name == "client" || param.Annotation != nil && isName(param.Annotation, "LoadClient")
}

// checkCall refuses a call on the client with a foreign method.
func (s *source) checkCall(call *syntax.Call, client string) error {
	fn, ok := call.Func.(*syntax.Attribute)
	if !ok || !isName(fn.Value, client) {
		return nil
	}
	switch fn.Attr {
	case "head", "options", "trace", "connect":
		at := fn.Span
		at.Start = at.End
		at.Start.Col -= int32(len(fn.Attr)) //nolint:gosec // one of four words
		return s.errorAt(at, "method", badVerb(fn.Attr))
	case "batch":
		for _, arg := range call.Args {
			if err := s.checkBatch(arg); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkBatch refuses a foreign method in a literal list of requests.
func (s *source) checkBatch(requests syntax.Expr) error {
	list, ok := requests.(*syntax.List)
	if !ok {
		return nil
	}
	for _, e := range list.Elts {
		d, ok := e.(*syntax.Dict)
		if !ok {
			continue
		}
		for i, k := range d.Keys {
			key, _ := k.(*syntax.Constant)
			value, _ := d.Values[i].(*syntax.Constant)
			if key == nil || value == nil || key.Value != "method" {
				continue
			}
			verb, ok := value.Value.(string)
			if !ok {
				return s.errorAt(value, "method", "it must be a text such as \"GET\"")
			}
			if !slices.ContainsFunc(verbs, func(v string) bool { return equalFold(v, verb) }) {
				return s.errorAt(value, "method", badVerb(verb))
			}
		}
	}
	return nil
}

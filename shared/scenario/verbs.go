package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// checkVerbs refuses requests with a foreign method, as far as they can be seen without
// running the script: client.head(…) where client is a method's second parameter, and a
// literal "method" in a batch.
func (s *source) checkVerbs() error {
	var wrong error
	for _, list := range s.classes {
		for _, c := range list {
			for _, stmt := range c.Body {
				f, ok := stmt.(*syntax.FunctionDef)
				if !ok || len(f.Params.Args) < 2 {
					continue
				}
				client := f.Params.Args[1].Name
				for _, stmt := range f.Body {
					walk(stmt, func(n syntax.Node) {
						if call, ok := n.(*syntax.Call); ok && wrong == nil {
							wrong = s.checkCall(call, client)
						}
					})
				}
			}
		}
	}
	return wrong
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
			verb, _ := value.Value.(string)
			if !slices.ContainsFunc(verbs, func(v string) bool { return equalFold(v, verb) }) {
				return s.errorAt(value, "method", badVerb(verb))
			}
		}
	}
	return nil
}

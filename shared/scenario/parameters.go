package scenario

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// checkParameters refuses parameters of @scenario as far as they can be judged without running the file: their names, and
// values that are literals.
func (s *source) checkParameters() refusals {
	var wrong refusals
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			class, ok := n.(*syntax.ClassDef)
			if !ok || s.class(class.Name) != class {
				return
			}
			for _, d := range class.Decorators {
				if call, ok := d.(*syntax.Call); ok && onlyDecorator([]syntax.Expr{d}, "scenario") {
					wrong = append(wrong, s.checkLiterals(class.Name, call)...)
				}
			}
		})
	}
	return wrong
}

// checkLiterals refuses parameters of one @scenario.
func (s *source) checkLiterals(class string, call *syntax.Call) refusals {
	var names []string
	var values []runtime.Value
	for _, k := range call.Keywords {
		if k.Name == "" {
			continue
		}
		if v := literal(k.Value); v != nil {
			names, values = append(names, k.Name), append(values, v)
		} else if !slices.Contains(parameters, k.Name) {
			names, values = append(names, k.Name), append(values, runtime.None)
		}
	}
	p := defaultPlan(class)
	return s.setParameters(&p, names, values)
}

// literal is the value of a literal text or number, or of a dict with what is literal in it; nil for anything else.
func literal(e syntax.Expr) runtime.Value {
	switch e := e.(type) {
	case *syntax.Constant:
		switch e.Value.(type) {
		case string, bool, int64, float64:
			if v, err := runtime.FromGo(e.Value); err == nil {
				return v
			}
		}
	case *syntax.Dict:
		items := map[string]any{}
		for i, k := range e.Keys {
			key, isConstant := k.(*syntax.Constant)
			value, isLiteral := e.Values[i].(*syntax.Constant)
			if !isConstant || !isLiteral {
				continue
			}
			if name, ok := key.Value.(string); ok {
				items[name] = value.Value
			}
		}
		if v, err := runtime.FromGo(items); err == nil {
			return v
		}
	}
	return nil
}

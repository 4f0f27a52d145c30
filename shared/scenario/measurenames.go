package scenario

import (
	"maps"
	"slices"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// measures returns the names of measures that stand in the file as literals, by kind and name: the first arguments of
// loadpilot's event, counter and gauge, and what requests are given as name. A name that is computed is only known when it is
// reported.
func (s *source) measures() []load.MeasureName {
	f := measureFinder{
		modules: map[string]bool{}, functions: map[string]load.MeasureKind{}, found: map[load.MeasureName]struct{}{},
	}
	for _, stmt := range s.module.Body {
		walk(stmt, f.imports)
	}
	for _, stmt := range s.module.Body {
		walk(stmt, f.calls)
	}
	return slices.SortedFunc(maps.Keys(f.found), load.MeasureName.Compare)
}

// A measureFinder collects names. It takes the names of imports for what was imported wherever they stand: a name too many
// only widens the choice of thresholds.
type measureFinder struct {
	modules   map[string]bool             // names of the loadpilot module
	functions map[string]load.MeasureKind // names of its functions
	found     map[load.MeasureName]struct{}
}

// functionKind is the kind of measure that a function of the loadpilot module reports, "" for any other function.
func functionKind(name string) load.MeasureKind {
	switch kind := load.MeasureKind(name); kind {
	case load.MeasureCounter, load.MeasureEvent, load.MeasureGauge:
		return kind
	default:
		return ""
	}
}

// imports notes under which names loadpilot and its functions are known.
func (f *measureFinder) imports(n syntax.Node) {
	switch n := n.(type) {
	case *syntax.Import:
		for _, a := range n.Names {
			if a.Name == "loadpilot" {
				f.modules[localName(a)] = true
			}
		}
	case *syntax.ImportFrom:
		for _, a := range n.Names {
			if kind := functionKind(a.Name); kind != "" && n.Module == "loadpilot" {
				f.functions[localName(a)] = kind
			}
		}
	}
}

func localName(a *syntax.Alias) string {
	if a.AsName != "" {
		return a.AsName
	}
	return a.Name
}

// calls collects the names in a call.
func (f *measureFinder) calls(n syntax.Node) {
	call, ok := n.(*syntax.Call)
	if !ok {
		return
	}
	switch fn := call.Func.(type) {
	case *syntax.Name:
		f.function(f.functions[fn.ID], call)
	case *syntax.Attribute:
		module, isName := fn.Value.(*syntax.Name)
		switch {
		case isName && f.modules[module.ID]:
			f.function(functionKind(fn.Attr), call)
		case fn.Attr == "batch":
			for _, arg := range call.Args {
				walk(arg, f.batched)
			}
		case slices.ContainsFunc(verbs, func(v string) bool { return equalFold(v, fn.Attr) }):
			f.add(load.MeasureRequest, keywordValue(call, "name"))
		}
	}
}

// function collects the first argument of a function that reports measures.
func (f *measureFinder) function(kind load.MeasureKind, call *syntax.Call) {
	switch {
	case kind == "":
	case len(call.Args) > 0:
		f.add(kind, call.Args[0])
	default:
		f.add(kind, keywordValue(call, "name"))
	}
}

// batched collects the name in a dict that describes a request.
func (f *measureFinder) batched(n syntax.Node) {
	d, ok := n.(*syntax.Dict)
	if !ok {
		return
	}
	for i, k := range d.Keys {
		if key, ok := k.(*syntax.Constant); ok && key.Value == "name" {
			f.add(load.MeasureRequest, d.Values[i])
		}
	}
}

// add takes a name if it is a literal.
func (f *measureFinder) add(kind load.MeasureKind, e syntax.Expr) {
	c, ok := e.(*syntax.Constant)
	if !ok {
		return
	}
	if name, ok := c.Value.(string); ok && load.ValidMeasureName(name) {
		f.found[load.MeasureName{Kind: kind, Name: name}] = struct{}{}
	}
}

// keywordValue returns what a call gives to a parameter by name, or nil.
func keywordValue(call *syntax.Call, name string) syntax.Expr {
	for _, k := range call.Keywords {
		if k.Name == name {
			return k.Value
		}
	}
	return nil
}

package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/load"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// checkPrefix and the name of a task make the name of its check.
const checkPrefix = "check_"

// checkMethods refuses hooks, tasks and checks that could not be called, or that nothing
// would call.
func (s *source) checkMethods(class *runtime.Class, names []string, tasks []load.Task) refusals {
	isTask := func(name string) bool { // they are in order
		_, found := slices.BinarySearchFunc(tasks, name, func(t load.Task, name string) int { return strings.Compare(t.Name, name) })
		return found
	}
	var wrong refusals
	for _, name := range names {
		member := class.Lookup(name)
		checked, isCheck := strings.CutPrefix(name, checkPrefix)
		switch {
		case isTask(name), name == "on_start", name == "on_stop":
			wrong.add(s.checkMethod(class, name, member, "client"))
		case isCheck && isTask(checked):
			wrong.add(s.checkMethod(class, name, member, "status_code", "body"))
		case isCheck && !s.hasTask(checked):
			wrong.add(s.strayCheck(class, name, member, tasks))
		}
	}
	return wrong
}

// checkMethod refuses a method that cannot be called with these arguments, or whose call
// would run nothing. Of what is no function of the script it says nothing.
func (s *source) checkMethod(class *runtime.Class, name string, member runtime.Value, params ...string) error {
	fn, bound := function(member)
	if fn == nil {
		return nil
	}
	if fn.Code.Generator {
		return s.errorAt(s.definition(class, fn.Code), name, "a generator does nothing when it is called: take the yield out")
	}
	if bound {
		params = append([]string{"self"}, params...)
	}
	if !accepts(fn, len(params)) {
		return s.errorAt(s.definition(class, fn.Code), name,
			fmt.Sprintf("it is called with (%s), which its parameters do not fit", strings.Join(params, ", ")))
	}
	return nil
}

// strayCheck refuses the check of a task that does not exist.
func (s *source) strayCheck(class *runtime.Class, name string, member runtime.Value, tasks []load.Task) error {
	fn, _ := function(member)
	if fn == nil {
		return nil
	}
	list := make([]string, len(tasks))
	for i, t := range tasks {
		list[i] = t.Name
	}
	return s.errorAt(s.definition(class, fn.Code), name,
		fmt.Sprintf("no task has that check's name; scenario %s has %s", class.Name, strings.Join(list, ", ")))
}

// function returns the function that a class member is, nil when it is something else, and
// whether a call passes it self, or the class, first.
func function(member runtime.Value) (fn *runtime.Function, bound bool) {
	switch m := member.(type) {
	case *runtime.Function:
		return m, true
	case *runtime.ClassMethod:
		fn, _ = m.Fn.(*runtime.Function)
		return fn, true
	case *runtime.StaticMethod:
		fn, _ = m.Fn.(*runtime.Function)
	}
	return fn, false
}

// accepts reports whether a function can be called with n positional arguments.
func accepts(fn *runtime.Function, n int) bool {
	code := fn.Code
	for i := range len(code.Params) - code.NPos {
		if i >= len(fn.KwOnly) || fn.KwOnly[i] == nil {
			return false
		}
	}
	return n >= code.NPos-len(fn.Defaults) && (n <= code.NPos || code.VarArgs >= 0)
}

// hasTask reports whether any function of the file that has the name is marked as a task:
// one that a subclass, a condition or another scenario leaves out is no mistake.
func (s *source) hasTask(name string) bool {
	return s.find(func(n syntax.Node) bool {
		f, ok := n.(*syntax.FunctionDef)
		return ok && f.Name == name && slices.ContainsFunc(f.Decorators, func(d syntax.Expr) bool {
			return onlyDecorator([]syntax.Expr{d}, "task")
		})
	}) != nil
}

// definition returns where a function is defined: its name or its lambda, or else the
// name of the class that has it.
func (s *source) definition(class *runtime.Class, code *runtime.Code) syntax.Node {
	n := s.find(func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.FunctionDef:
			return n.Name == code.Name && n.Start.Line == code.Line
		case *syntax.Lambda:
			return code.Name == "<lambda>" && n.Start.Line == code.Line
		}
		return false
	})
	switch n := n.(type) {
	case nil:
		return s.scenarioArgument(class.Name, "")
	case *syntax.FunctionDef:
		return n.NameSpan
	}
	return n
}

// find returns the first node of the file that fits, or nil.
func (s *source) find(fits func(syntax.Node) bool) syntax.Node {
	var found syntax.Node
	for _, stmt := range s.module.Body {
		walk(stmt, func(n syntax.Node) {
			if found == nil && fits(n) {
				found = n
			}
		})
	}
	return found
}

package scenario

import (
	"maps"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// A classInfo is what is known of a class of the file.
type classInfo struct {
	def     *syntax.ClassDef
	body    *body
	bases   []*classInfo
	native  []*runtime.Class // bases that come with the language
	below   []*classInfo     // classes that inherit from it directly
	opened  bool             // its instances may have attributes that cannot be seen
	assigns map[string]bool  // attributes that its methods write through self
}

// findClasses makes the classes of the file and connects them.
func (i *inspector) findClasses() {
	for _, s := range i.scopes {
		if def, ok := s.node.(*syntax.ClassDef); ok {
			i.classes[def] = &classInfo{def: def, body: newBody(def.Body), assigns: map[string]bool{}}
		}
	}
	for def, c := range i.classes {
		s := i.scopes[def]
		c.opened = len(def.Keywords) > 0 || c.hasHooks() || slices.ContainsFunc(def.Decorators, func(d syntax.Expr) bool {
			return otherDecorator([]syntax.Expr{d}, "scenario") != nil && otherDecorator([]syntax.Expr{d}, "dataclass") != nil
		})
		for _, e := range def.Bases {
			i.addBase(c, i.known(s.parent, e, 0))
		}
		for _, stmt := range def.Body {
			walkScope(stmt, func(n syntax.Node) {
				if f, ok := n.(*syntax.FunctionDef); ok {
					c.noteMethod(f)
				}
			})
		}
	}
}

func (i *inspector) addBase(c *classInfo, base *known) {
	switch {
	case base == nil:
		c.opened = true
	case base.object != nil && base.object != c:
		c.bases = append(c.bases, base.object)
		base.object.below = append(base.object.below, c)
	default:
		native, ok := base.value.(*runtime.Class)
		if !ok || native != userClass && native != runtime.ObjectClass && !native.Is(runtime.BaseException) {
			c.opened = true
			return
		}
		c.native = append(c.native, native)
	}
}

// hasHooks reports whether a class answers for attributes by itself.
func (c *classInfo) hasHooks() bool {
	for _, name := range []string{"__getattr__", "__getattribute__", "__setattr__", "__delattr__", "__slots__", "__init_subclass__", "__new__"} {
		if c.body.bound[name] > 0 {
			return true
		}
	}
	return false
}

// noteMethod notes what a method does to the attributes of its self.
func (c *classInfo) noteMethod(f *syntax.FunctionDef) {
	self := selfOf(f)
	if self == "" {
		return
	}
	walk(f, func(n syntax.Node) {
		for _, t := range targets(n) {
			if attr, ok := t.(*syntax.Attribute); ok && isName(attr.Value, self) {
				c.assigns[attr.Attr] = true
			}
		}
		switch n := n.(type) {
		case *syntax.Attribute:
			if isName(n.Value, self) && (n.Attr == "__dict__" || n.Attr == "__class__" || n.Attr == "__setattr__") {
				c.opened = true
			}
		case *syntax.Call:
			name, ok := n.Func.(*syntax.Name)
			if !ok || len(n.Args) == 0 || !isName(n.Args[0], self) {
				return
			}
			switch name.ID {
			case "setattr", "vars":
				if text := literalArgument(n); text != "" {
					c.assigns[text] = true
				} else {
					c.opened = true
				}
			}
		}
	})
}

// selfOf is the name of the first parameter of a method, "" if it has none or gives it
// another value.
func selfOf(f *syntax.FunctionDef) string {
	if hasDecorator(f, "staticmethod") || len(f.Params.PosOnly)+len(f.Params.Args) == 0 {
		return ""
	}
	name := slices.Concat(f.Params.PosOnly, f.Params.Args)[0].Name
	if rebinds(f, name) {
		return ""
	}
	return name
}

// literalArgument is the second argument of setattr, getattr or hasattr, "" unless it is a
// literal.
func literalArgument(call *syntax.Call) string {
	if len(call.Args) < 2 {
		return ""
	}
	c, _ := call.Args[1].(*syntax.Constant)
	if c == nil {
		return ""
	}
	text, _ := c.Value.(string)
	return text
}

// family is all classes whose methods may see the same instance as those of c: those below
// it, and all that these inherit from.
func (c *classInfo) family() []*classInfo {
	var out []*classInfo
	var up, down func(*classInfo)
	up = func(k *classInfo) {
		if slices.Contains(out, k) {
			return
		}
		out = append(out, k)
		for _, b := range k.bases {
			up(b)
		}
	}
	seen := map[*classInfo]bool{}
	down = func(k *classInfo) {
		if seen[k] {
			return
		}
		seen[k] = true
		up(k)
		for _, b := range k.below {
			down(b)
		}
	}
	down(c)
	return out
}

// isUser reports whether a class inherits from VUser.
func (c *classInfo) isUser() bool {
	if c == nil {
		return false
	}
	return slices.Contains(c.native, userClass) || slices.ContainsFunc(c.bases, (*classInfo).isUser)
}

// method returns the function that a name of the class stands for, nil unless there is only
// one in the whole family.
func (c *classInfo) method(name string) *syntax.FunctionDef {
	var found *syntax.FunctionDef
	for _, k := range c.family() {
		if k.opened || k.assigns[name] || k.body.bound[name] > 1 || found != nil && k.body.bound[name] > 0 {
			return nil
		}
		if k.body.bound[name] == 1 {
			if found = k.body.functions[name]; found == nil {
				return nil
			}
		}
	}
	return found
}

// constructor is the __init__ that making an instance calls, nil if that cannot be told.
func (c *classInfo) constructor() *syntax.FunctionDef {
	for k := c; k != nil && !k.opened && len(k.def.Decorators) == 0; k = k.bases[0] {
		if f := k.body.functions["__init__"]; f != nil && len(f.Decorators) == 0 {
			return f
		}
		if k.body.bound["__init__"] > 0 || len(k.bases) != 1 || len(k.native) > 0 {
			return nil
		}
	}
	return nil
}

// member judges an attribute of an instance of a class of the file, or of the class itself.
func (i *inspector) member(of *known, e *syntax.Attribute, t trying) {
	names := map[string]bool{}
	for _, k := range of.object.family() {
		if k.opened || i.stores.any {
			return
		}
		for _, native := range append(k.native, runtime.ObjectClass) {
			for _, name := range members(native) {
				names[name] = true
			}
		}
		for name := range k.body.bound {
			names[name] = true
		}
		for name := range k.assigns {
			names[name] = true
		}
	}
	if names[e.Attr] || i.stores.anywhere[e.Attr] {
		return
	}
	hint := near(e.Attr, slices.Sorted(maps.Keys(names)))
	if e.Attr == "client" && hint == "" && of.object.isUser() {
		hint = "the client is a parameter of tasks and hooks"
	}
	i.note(!t.all, attributeName(e), hint, "'%s' object has no attribute '%s': nothing in the class or its bases assigns it",
		of.object.def.Name, e.Attr)
}

// class judges a class as a whole.
func (i *inspector) class(c *classInfo) {
	if c == nil {
		return
	}
	defined := map[string]*syntax.FunctionDef{}
	for _, stmt := range c.def.Body {
		f, ok := stmt.(*syntax.FunctionDef)
		if !ok {
			continue
		}
		if before := defined[f.Name]; before != nil && len(before.Decorators) == 0 || before != nil && onlyDecorator(before.Decorators, "task") {
			if len(f.Decorators) == 0 || onlyDecorator(f.Decorators, "task") {
				i.note(false, f.NameSpan, "", "%s is defined again: the one in line %d is lost", f.Name, before.NameSpan.Start.Line)
			}
		}
		defined[f.Name] = f
		if len(f.Params.All()) == 0 && !hasDecorator(f, "staticmethod") && len(f.Decorators) == 0 && !i.calledOnClass(c, f.Name) {
			i.note(false, f.NameSpan, "write def "+f.Name+"(self)", "a method without parameters cannot be called on an instance")
		}
		if list := f.Params.All(); len(list) > 0 && list[0].Name == "client" && !hasDecorator(f, "staticmethod") && !i.calledOnClass(c, f.Name) {
			i.note(false, list[0], "write def "+f.Name+"(self, client)", "the first parameter of a method is the instance, not the client")
		}
	}
	if c.isUser() {
		i.strays(c)
	}
}

// calledOnClass reports whether a method is used other than through an instance, as a
// decorator in the class body for instance.
func (i *inspector) calledOnClass(c *classInfo, name string) bool {
	used := false
	for _, stmt := range c.def.Body {
		walk(stmt, func(n syntax.Node) {
			if id, ok := n.(*syntax.Name); ok && id.ID == name {
				used = true
			}
		})
	}
	return used || i.source.find(func(n syntax.Node) bool {
		attr, ok := n.(*syntax.Attribute)
		return ok && attr.Attr == name && isName(attr.Value, c.def.Name)
	}) != nil
}

// strays notes methods of a user that look like hooks, tasks or checks, and that nothing
// calls.
func (i *inspector) strays(c *classInfo) {
	wanted := []string{"on_start", "on_stop"}
	for _, k := range c.family() {
		for name, f := range k.body.functions {
			if hasDecorator(f, "task") {
				wanted = append(wanted, checkPrefix+name)
			}
		}
	}
	slices.Sort(wanted)
	for _, stmt := range c.def.Body {
		f, ok := stmt.(*syntax.FunctionDef)
		if !ok || len(f.Decorators) > 0 || isDunder(f.Name) || slices.Contains(wanted, f.Name) || i.isMentioned(f.Name) {
			continue
		}
		params := f.Params.All()
		hint := near(f.Name, wanted)
		switch {
		case len(params) == 2 && params[1].Name == "client":
			if hint == "" {
				hint = "is it a task? put @task before it"
			}
			i.note(false, f.NameSpan, hint, "nothing calls %s", f.Name)
		case len(params) == 3 && hint != "" && !strings.HasPrefix(f.Name, checkPrefix):
			i.note(false, f.NameSpan, hint, "nothing calls %s", f.Name)
		}
	}
}

// isMentioned reports whether anything in the file names an attribute, or has its name as a text.
func (i *inspector) isMentioned(name string) bool {
	return i.stores.any || i.source.find(func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.Attribute:
			return n.Attr == name
		case *syntax.Name:
			return n.ID == name
		case *syntax.Constant:
			return n.Value == name
		}
		return false
	}) != nil
}

// checks notes checks that never run: of a task that sends nothing, or of one that the
// scenario does not have.
func (i *inspector) checks(scenarios []Summary) {
	for _, summary := range scenarios {
		def := i.source.class(summary.Plan.Scenario)
		if def == nil {
			continue
		}
		c := i.classes[def]
		isTask := func(name string) bool {
			return slices.ContainsFunc(summary.Tasks, func(t TaskSummary) bool { return t.Name == name })
		}
		for name, f := range c.body.functions {
			task, ok := strings.CutPrefix(name, checkPrefix)
			if !ok || i.isMentioned(name) {
				continue
			}
			if !isTask(task) {
				if len(c.below) == 0 {
					i.note(false, f.NameSpan, near(name, checkNames(summary)), "this check never runs: %s has no task %s", def.Name, task)
				}
				continue
			}
			if method := c.method(task); method != nil && len(method.Params.Args) > 1 && mentions(method)[method.Params.Args[1].Name] == 0 {
				i.note(false, f.NameSpan, "", "this check never runs: task %s sends no request", task)
			}
		}
	}
}

func checkNames(s Summary) []string {
	names := make([]string, len(s.Tasks))
	for i, t := range s.Tasks {
		names[i] = checkPrefix + t.Name
	}
	return names
}

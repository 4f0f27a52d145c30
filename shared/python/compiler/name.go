package compiler

import (
	"maps"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// place is where a name lives.
type place uint8

const (
	inLocal place = iota
	inCell
	inFree
	inGlobal
	inClass // the class body's dict first, then where else the name is found
)

// where finds out what a name is in this function.
func (c *function) where(name string) (place, int) {
	s := c.scope
	if s.kind == functionScope && !s.global[name] {
		if i, ok := s.cells[name]; ok && s.bound[name] && !s.outer[name] {
			return inCell, i
		}
		if i, ok := s.free[name]; ok {
			return inFree, i
		}
		if s.bound[name] {
			return inLocal, c.slot(name)
		}
	}
	if s.kind == classScope && !s.global[name] {
		if s.bound[name] && !s.outer[name] {
			return inClass, 0
		}
		if i, ok := s.free[name]; ok {
			return inFree, i
		}
		if name != "__class__" {
			return inClass, 0
		}
	}
	return inGlobal, c.global(name)
}

// load compiles the reading of a name.
func (c *function) load(n *syntax.Name) expr {
	name, at := n.ID, c.span(n)
	p, i := c.where(name)
	switch p {
	case inLocal:
		return func(f *frame) (value, error) {
			if v := f.Locals[i]; v != nil {
				return v, nil
			}
			return nil, f.Fail(unboundLocal(name), at)
		}
	case inCell:
		return func(f *frame) (value, error) {
			if v := f.Cells[i].Load(); v != nil {
				return v, nil
			}
			return nil, f.Fail(unboundLocal(name), at)
		}
	case inFree:
		return func(f *frame) (value, error) {
			if v := f.Fn.Free[i].Load(); v != nil {
				return v, nil
			}
			return nil, f.Fail(runtime.Errorf(runtime.NameError,
				"cannot access free variable '%s' where it is not associated with a value in enclosing scope", name), at)
		}
	case inClass:
		return c.loadInClass(name, at)
	}
	return c.loadGlobal(n, i, at)
}

func unboundLocal(name string) error {
	return runtime.Errorf(runtime.UnboundLocalError, "cannot access local variable '%s' where it is not associated with a value", name)
}

func (c *function) loadGlobal(n *syntax.Name, i int, at *runtime.Span) expr {
	builtin := c.env.Builtins[n.ID]
	if builtin == nil {
		if advice := c.env.Advice[n.ID]; advice != "" && !c.bindsGlobal(n.ID) {
			c.refuse(n, "%s is not available: %s", n.ID, advice)
		}
	}
	return func(f *frame) (value, error) {
		if v := f.Fn.Globals.Slot(i).Load(); v != nil {
			return v, nil
		}
		if builtin != nil {
			return builtin, nil
		}
		return nil, f.Fail(runtime.NameErrorOf(n.ID, c.known(f)), at)
	}
}

// known are the names that a mistyped one may have meant: the function's bound ones,
// the module's, the built-in ones. The program runs by now, so it gives no name a place: one that
// is only annotated has none.
func (c *function) known(f *frame) func() [][]string {
	var locals []string
	if c.scope.kind == functionScope {
		for _, name := range c.scope.order {
			s := c.scope
			i, local := s.slots[name]
			_, cell := s.cells[name]
			if local && i >= 0 && f.Locals[i] != nil || cell && s.bound[name] && !s.outer[name] && !s.global[name] {
				locals = append(locals, name)
			}
		}
	}
	globals := f.Fn.Globals
	return func() [][]string {
		return [][]string{locals, globals.Names(), slices.Sorted(maps.Keys(c.env.Builtins))}
	}
}

// bindsGlobal tells whether the file itself gives the name a meaning.
func (c *function) bindsGlobal(name string) bool {
	top := c.scope
	for top.parent != nil {
		top = top.parent
	}
	if top.bound[name] {
		return true
	}
	for _, s := range c.scopes {
		if s.global[name] && s.bound[name] {
			return true
		}
	}
	return false
}

func (c *function) loadInClass(name string, at *runtime.Span) expr {
	var outside expr
	if i, ok := c.scope.free[name]; ok {
		outside = func(f *frame) (value, error) { return f.Fn.Free[i].Load(), nil }
	} else {
		outside = c.loadGlobal(&syntax.Name{ID: name}, c.global(name), at)
	}
	key := runtime.Str(name)
	return func(f *frame) (value, error) {
		if v := namespace(f).GetStr(string(key)); v != nil {
			return v, nil
		}
		v, err := outside(f)
		if v == nil && err == nil {
			err = f.Fail(runtime.Errorf(runtime.NameError, "name '%s' is not defined", name), at)
		}
		return v, err
	}
}

// namespace is the dict of the class body that runs in f.
func namespace(f *frame) *runtime.Dict { return f.Locals[0].(*runtime.Dict) }

// assign compiles the binding of a name.
func (c *function) assign(name string) store {
	p, i := c.where(name)
	switch p {
	case inLocal:
		return func(f *frame, v value) error {
			f.Locals[i] = v
			return nil
		}
	case inCell:
		return func(f *frame, v value) error {
			f.Cells[i].Store(v)
			return nil
		}
	case inFree:
		return func(f *frame, v value) error {
			f.Fn.Free[i].Store(v)
			return nil
		}
	case inClass:
		return func(f *frame, v value) error {
			return runtime.BindInClass(f.Thread, f.Locals[1].(*runtime.Tuple), namespace(f), name, v)
		}
	}
	return func(f *frame, v value) error {
		f.Fn.Globals.Slot(i).Store(v)
		return nil
	}
}

// remove compiles `del name`.
func (c *function) remove(n *syntax.Name) stmt {
	load, at := c.load(n), c.span(n)
	unset := c.assign(n.ID)
	p, _ := c.where(n.ID)
	return func(f *frame) (flow, error) {
		if p == inClass {
			old, err := namespace(f).Delete(f.Thread, runtime.Str(n.ID))
			if old == nil && err == nil {
				err = f.Fail(runtime.Errorf(runtime.NameError, "name '%s' is not defined", n.ID), at)
			}
			return next, err
		}
		if _, err := load(f); err != nil {
			return next, err
		}
		return next, unset(f, nil)
	}
}

package runtime

import (
	"maps"
	"slices"
)

// Function is a function written in Python.
type Function struct {
	Code     *Code
	Globals  *Module
	Defaults []Value // of the last positional parameters
	KwOnly   []Value // defaults of the keyword-only parameters, nil where none
	Free     []*Slot
	attrs    *Dict // __name__ and the like once set, and a host's marks
	guard
}

// Class implements Value.
func (*Function) Class() *Class { return functionClass }

// Name is the function's name as written.
func (fn *Function) Name() string { return fn.Code.Name }

func (fn *Function) attributes() *Dict {
	fn.lock()
	defer fn.unlock()
	if fn.attrs == nil {
		fn.attrs = NewDict()
		if fn.shared() {
			publish(fn.attrs)
		}
	}
	return fn.attrs
}

func (fn *Function) attr(name string) Value {
	fn.lock()
	attrs := fn.attrs
	fn.unlock()
	if attrs == nil {
		return nil
	}
	return attrs.GetStr(name)
}

func (fn *Function) publishTo(queue []Value) []Value {
	if !fn.share() {
		return queue
	}
	for _, list := range [][]Value{fn.Defaults, fn.KwOnly} {
		for _, v := range list {
			if v != nil {
				queue = append(queue, v)
			}
		}
	}
	for _, s := range fn.Free {
		queue = s.publishTo(queue)
	}
	if fn.attrs != nil {
		queue = append(queue, fn.attrs)
	}
	return queue
}

// BoundMethod is a function with its self.
type BoundMethod struct{ Self, Fn Value }

// Class implements Value.
func (m *BoundMethod) Class() *Class {
	if _, ok := m.Fn.(*Native); ok {
		return builtinClass
	}
	return methodClass
}

func (m *BoundMethod) publishTo(queue []Value) []Value { return append(queue, m.Self, m.Fn) }

// The built-in descriptors.
type (
	// Property is an attribute that functions of the script compute.
	Property struct{ get, set, del, doc Value }
	// StaticMethod is a function that a class holds and does not bind.
	StaticMethod struct{ Fn Value }
	// ClassMethod is a function bound to the class it is found in.
	ClassMethod struct{ Fn Value }
	// Getter is an attribute of a native class that Go code computes.
	Getter struct {
		Name string
		Get  func(th *Thread, self Value) (Value, error)
		set  func(th *Thread, self, v Value) error // nil: read-only
	}
)

// Class implements Value.
func (*Property) Class() *Class { return propertyClass }

// Class implements Value.
func (*StaticMethod) Class() *Class { return staticMethodClass }

// Class implements Value.
func (*ClassMethod) Class() *Class { return classMethodClass }

// Class implements Value.
func (*Getter) Class() *Class { return getterClass }

func (p *Property) publishTo(queue []Value) []Value {
	for _, v := range []Value{p.get, p.set, p.del} {
		if v != nil {
			queue = append(queue, v)
		}
	}
	return queue
}

func (s *StaticMethod) publishTo(queue []Value) []Value { return append(queue, s.Fn) }
func (c *ClassMethod) publishTo(queue []Value) []Value  { return append(queue, c.Fn) }

// Super is what super() gives: look-ups start after a class.
type Super struct {
	after *Class
	self  Value // an instance, or a class in a class method
}

// Class implements Value.
func (*Super) Class() *Class { return superClass }

// NewSuper checks that self is an instance of class, or a class below it.
func NewSuper(class, self Value) (Value, error) {
	c, ok := class.(*Class)
	if !ok {
		return nil, Errorf(TypeError, "super() argument 1 must be a type, not %s", class.Class().Name)
	}
	if k, ok := self.(*Class); ok && k.Is(c) || self.Class().Is(c) {
		return &Super{after: c, self: self}, nil
	}
	return nil, Errorf(TypeError, "super(type, obj): obj must be an instance or subtype of type")
}

// Module is a loaded or native module.
type Module struct {
	Name  string
	index map[string]int // fixed by the compiler, or the members of a native one
	slots []*Slot
	// Imports are the native modules that a compiled file names, made at its load.
	Imports map[string]*Module
	extra   *Dict // other names
}

// Class implements Value.
func (*Module) Class() *Class { return moduleClass }

// NewModule makes a native module.
func NewModule(name string, members Members) *Module {
	index := make(map[string]int, len(members))
	for i, k := range slices.Sorted(maps.Keys(members)) {
		index[k] = i
	}
	m := NewGlobals(name, index)
	for k, v := range members {
		if n, ok := v.(*Native); ok && n.module == "" && n.owner == nil {
			n.module = name
		}
		m.Set(k, v)
	}
	publish(m)
	return m
}

// NewGlobals makes the module of a compiled file; names are those its code uses.
func NewGlobals(name string, index map[string]int) *Module {
	m := &Module{Name: name, index: index, slots: make([]*Slot, len(index)), extra: NewDict()}
	for i := range m.slots {
		m.slots[i] = &Slot{}
	}
	m.Set("__name__", Str(name))
	return m
}

// Slot is the place of a name that the compiler numbered.
func (m *Module) Slot(i int) *Slot { return m.slots[i] }

// Get is the value of a name, nil when unbound.
func (m *Module) Get(name string) Value {
	if i, ok := m.index[name]; ok {
		return m.slots[i].Load()
	}
	return m.extra.GetStr(name)
}

// Set binds a name.
func (m *Module) Set(name string, v Value) {
	if i, ok := m.index[name]; ok {
		m.slots[i].Store(v)
		return
	}
	m.extra.SetStr(name, v)
}

// Names are the bound names; those of a compiled file stand in the order of
// their first mention.
func (m *Module) Names() []string {
	names := make([]string, len(m.index))
	for name, i := range m.index {
		names[i] = name
	}
	out := names[:0]
	for i, name := range names {
		if m.slots[i].Load() != nil {
			out = append(out, name)
		}
	}
	for k := range m.extra.All() {
		out = append(out, string(k.(Str)))
	}
	return out
}

func (m *Module) publishTo(queue []Value) []Value {
	if m.extra.shared() {
		return queue
	}
	for _, s := range m.slots {
		queue = s.publishTo(queue)
	}
	return append(queue, m.extra)
}

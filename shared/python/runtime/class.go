package runtime

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"weak"
)

// maxFields bounds the attributes that instances of one class keep in slots; more
// go to a dict of the instance, so that a script inventing names pays for itself.
const maxFields = 128

// Class is a Python type. Built-in and native classes are immutable once made;
// script classes may gain, change and lose attributes at any time.
type Class struct {
	Name   string
	Module string
	qual   string
	bases  []*Class
	mro    []*Class // itself first
	meta   *Class   // nil means type

	builtin bool // immutable; instances of it exactly have no attributes of their own
	frozen  bool // immutable, but otherwise as a script's
	perUser bool // instances have attributes for each user: threading.local
	final   bool // cannot be inherited from
	solid   bool // its own make makes the instances of classes below

	// make builds an instance; cls is the class asked for, which inherits from this one.
	make       maker
	bind       func(th *Thread, base *Class, names *Dict, name string, v Value) (Value, error) // see Hooks
	subclassed func(th *Thread, cls *Class) error
	covers     func(sub *Class) bool
	abstract   []string        // methods without which there are no instances, sorted
	slots      map[string]bool // the only attributes of instances; nil: any

	mu      sync.Mutex // guards attrs, order, subs and the making of shapes
	attrs   map[string]*Slot
	order   []string
	subs    []weak.Pointer[Class]
	shared  bool
	current atomic.Pointer[shape]
}

// shape is what attribute look-ups need to know of a class, frozen: the members
// found along the MRO and where instances keep their fields. A changed class has
// a new shape, so inline caches compare one pointer.
type shape struct {
	members map[string]*Slot
	fields  map[string]int
}

// Class implements Value.
func (c *Class) Class() *Class {
	if c.meta != nil {
		return c.meta
	}
	return TypeClass
}

// newBuiltin makes an immutable class; its members are set by define.
func newBuiltin(name string, bases ...*Class) *Class {
	if len(bases) == 0 {
		bases = []*Class{ObjectClass}
	}
	c := newRoot()
	c.Name, c.qual, c.bases = name, name, bases
	c.mro = append(c.mro, bases[0].mro...)
	c.make, c.meta, c.subclassed = bases[0].make, bases[0].meta, bases[0].subclassed
	return c
}

// newRoot is object, whose bases are none.
func newRoot() *Class {
	c := &Class{Name: "object", Module: "builtins", qual: "object", builtin: true, attrs: map[string]*Slot{}}
	c.mro = []*Class{c}
	return c
}

// Members are the attributes of a native class.
type Members map[string]Value

// define sets members while the class is still private.
func (c *Class) define(m Members) *Class {
	for _, name := range slices.Sorted(maps.Keys(m)) {
		v := m[name]
		if n, ok := v.(*Native); ok && n.owner == nil {
			n.join(c)
		}
		c.put(name, v)
	}
	return c
}

func (c *Class) put(name string, v Value) {
	s := c.attrs[name]
	if s == nil {
		s = &Slot{shared: c.shared}
		c.attrs[name] = s
		c.order = append(c.order, name)
	}
	s.p.Store(&v) // who shares the class has published v
}

// NewNativeClass makes the class of a host's own Go type: scripts can use its
// instances but neither make nor inherit from it. A name may be dotted, as that of
// CPython's types in C: messages then name the class with its module.
func NewNativeClass(module, name string, m Members) *Class {
	return NewNativeSubclass(ObjectClass, module, name, m)
}

// NewNativeSubclass makes a native class whose instances are also those of base.
func NewNativeSubclass(base *Class, module, name string, m Members) *Class {
	c := newBuiltin(name, base)
	c.Module, c.final, c.make = module, true, nil
	c.qual = c.BareName()
	return c.define(m)
}

// BareName is the class's __name__.
func (c *Class) BareName() string {
	if c.builtin || c.frozen {
		return c.Name[strings.LastIndexByte(c.Name, '.')+1:]
	}
	return c.Name
}

// NewClass makes a class that scripts may instantiate and inherit from.
func NewClass(module, name string, bases []*Class, m Members) (*Class, error) {
	c := &Class{Name: name, Module: module, qual: name, bases: bases, attrs: map[string]*Slot{}}
	if len(bases) == 0 {
		c.bases = []*Class{ObjectClass}
	}
	for i, b := range c.bases {
		if b.final {
			return nil, Errorf(TypeError, "type '%s' is not an acceptable base type", b.Name)
		}
		if slices.Contains(c.bases[:i], b) {
			return nil, Errorf(TypeError, "duplicate base class %s", b.Name)
		}
	}
	if err := c.linearize(); err != nil {
		return nil, err
	}
	for _, k := range c.mro[1:] {
		if k.meta != nil && c.meta == nil {
			c.meta = k.meta
		}
		if k.subclassed != nil && c.subclassed == nil {
			c.subclassed = k.subclassed
		}
		if k.bind != nil && c.bind == nil {
			c.bind = k.bind
		}
		c.perUser = c.perUser || k.perUser
		if k.make != nil && (c.make == nil || k.builtin && k != ObjectClass && c.solidBase() == nil) {
			c.make = k.make
		}
	}
	if s := c.solidBase(); s != nil {
		c.make = s.make
	}
	c.define(m)
	for _, b := range c.bases {
		b.adopt(c)
	}
	return c, nil
}

// solidBase is the built-in type other than object whose data instances carry, or nil.
func (c *Class) solidBase() *Class {
	for _, k := range c.mro[1:] {
		if (k.builtin || k.solid) && k != ObjectClass && k.make != nil {
			return k
		}
	}
	return nil
}

// linearize sets the MRO by the C3 rule.
func (c *Class) linearize() error {
	lists := make([][]*Class, 0, len(c.bases)+1)
	for _, b := range c.bases {
		lists = append(lists, slices.Clone(b.mro))
	}
	lists = append(lists, slices.Clone(c.bases))
	c.mro = []*Class{c}
	for {
		lists = slices.DeleteFunc(lists, func(l []*Class) bool { return len(l) == 0 })
		if len(lists) == 0 {
			return nil
		}
		head := goodHead(lists)
		if head == nil {
			return mroError(lists)
		}
		c.mro = append(c.mro, head)
		for i, l := range lists {
			if l[0] == head {
				lists[i] = l[1:]
			}
		}
	}
}

// goodHead is the first head that stands in no other list's tail.
func goodHead(lists [][]*Class) *Class {
	for _, l := range lists {
		inTail := func(o []*Class) bool { return slices.Contains(o[1:], l[0]) }
		if !slices.ContainsFunc(lists, inTail) {
			return l[0]
		}
	}
	return nil
}

func mroError(lists [][]*Class) error {
	text, seen := "", []*Class{}
	for _, l := range lists {
		if slices.Contains(seen, l[0]) {
			continue
		}
		seen = append(seen, l[0])
		if text != "" {
			text += ", "
		}
		text += l[0].Name
	}
	return Errorf(TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases %s", text)
}

// adopt remembers a subclass, so that a new attribute reaches its look-ups. Weak
// pointers let a class that was made inside a function go.
func (c *Class) adopt(sub *Class) {
	if c.builtin || c.frozen {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.subs) > 16 && len(c.subs)&(len(c.subs)-1) == 0 {
		c.subs = slices.DeleteFunc(c.subs, func(p weak.Pointer[Class]) bool { return p.Value() == nil })
	}
	c.subs = append(c.subs, weak.Make(sub))
}

// shape is the current shape; it is made at the first look-up.
func (c *Class) shape() *shape {
	if s := c.current.Load(); s != nil {
		return s
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.reshape(nil)
}

// reshape makes the shape anew; c.mu is held.
func (c *Class) reshape(fields map[string]int) *shape {
	if s := c.current.Load(); s != nil && fields == nil {
		return s
	}
	members := map[string]*Slot{}
	for _, k := range slices.Backward(c.mro) {
		if k != c {
			k.mu.Lock()
		}
		maps.Copy(members, k.attrs)
		if k != c {
			k.mu.Unlock()
		}
	}
	s := &shape{members: members, fields: fields}
	c.current.Store(s)
	return s
}

// invalidate drops the shapes of the class and all below it. Field positions
// outlive it: instances depend on them.
func (c *Class) invalidate() {
	c.mu.Lock()
	var fields map[string]int
	if s := c.current.Load(); s != nil {
		fields = s.fields
	}
	if fields == nil {
		fields = map[string]int{}
	}
	c.reshape(fields)
	subs := slices.Clone(c.subs)
	c.mu.Unlock()
	for _, p := range subs {
		if sub := p.Value(); sub != nil {
			sub.invalidate()
		}
	}
}

// field finds or makes the position of an instance attribute; -1 when the class
// has no room for more.
func (c *Class) field(name string) int {
	if i, ok := c.shape().fields[name]; ok {
		return i
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	old := c.reshape(nil)
	if i, ok := old.fields[name]; ok {
		return i
	}
	if len(old.fields) >= maxFields {
		return -1
	}
	fields := make(map[string]int, len(old.fields)+1)
	maps.Copy(fields, old.fields)
	fields[name] = len(old.fields)
	c.current.Store(&shape{members: old.members, fields: fields})
	return len(old.fields)
}

// Lookup finds name along the MRO as it stands there, unbound; nil when absent.
func (c *Class) Lookup(name string) Value {
	if s := c.shape().members[name]; s != nil {
		return s.Load()
	}
	return nil
}

// SetMember sets a class attribute.
func (c *Class) SetMember(name string, v Value) {
	c.mu.Lock()
	shared := c.shared
	c.mu.Unlock()
	if shared { // not below the lock: v may lead back to the class
		publish(v)
	}
	c.mu.Lock()
	s := c.attrs[name]
	fresh := s == nil || s.Load() == nil
	c.put(name, v)
	c.mu.Unlock()
	if fresh {
		c.invalidate()
	}
}

// deleteMember removes an own attribute and tells whether there was one.
func (c *Class) deleteMember(name string) bool {
	c.mu.Lock()
	_, ok := c.attrs[name]
	if ok {
		delete(c.attrs, name)
		c.order = slices.DeleteFunc(slices.Clone(c.order), func(n string) bool { return n == name })
	}
	c.mu.Unlock()
	if ok {
		c.invalidate()
	}
	return ok
}

// Names are the class's own attributes in the order they were defined.
func (c *Class) Names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.order)
}

// Own is the class's own attribute, nil when absent.
func (c *Class) Own(name string) Value {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.attrs[name]; s != nil {
		return s.Load()
	}
	return nil
}

// Bases and MRO are read-only.
func (c *Class) Bases() []*Class { return c.bases }

// MRO is the method resolution order, the class itself first.
func (c *Class) MRO() []*Class { return c.mro }

// Is tells whether c is k or inherits from it.
func (c *Class) Is(k *Class) bool { return c == k || slices.Contains(c.mro, k) }

// QualName is the dotted path within the module.
func (c *Class) QualName() string { return c.qual }

// fullName is how repr names the class.
func (c *Class) fullName() string {
	if c.Module == "builtins" || c.Module == "" {
		return c.qual
	}
	return c.Module + "." + c.qual
}

func (c *Class) publishTo(queue []Value) []Value {
	if c.builtin {
		return queue
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.shared {
		return queue
	}
	c.shared = true
	for _, s := range c.attrs {
		queue = s.publishTo(queue)
	}
	for _, b := range c.bases {
		queue = append(queue, b)
	}
	return queue
}

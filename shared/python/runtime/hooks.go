package runtime

// Hooks are what a native class adds to the making and the testing of classes; the
// classes below it inherit them. A nil field adds nothing.
type Hooks struct {
	// Meta is the class of the class: its members serve `C[k]`, `len(C)`, `C(…)` and the like.
	Meta *Class
	// Bind sees each name that the body of a class below binds and gives what is kept.
	Bind func(th *Thread, base *Class, names *Dict, name string, v Value) (Value, error)
	// Subclassed runs after a class below was built.
	Subclassed func(th *Thread, cls *Class) error
	// Covers tells which classes count as below this one though they do not inherit from it.
	// It alone is not inherited.
	Covers func(sub *Class) bool
}

// SetHooks gives a native class its hooks while it is still private.
func (c *Class) SetHooks(h Hooks) *Class {
	if h.Meta != nil {
		c.meta = h.Meta
	}
	c.bind, c.subclassed, c.covers = h.Bind, h.Subclassed, h.Covers
	return c
}

// ClassBuilder is a value that stands among the bases of a class statement without
// being a class: it makes the class itself.
type ClassBuilder interface {
	BuildClass(th *Thread, spec ClassSpec) (Value, error)
}

// BindInClass is the binding of a name in the body of a class with these bases.
func BindInClass(th *Thread, bases *Tuple, names *Dict, name string, v Value) error {
	for _, b := range bases.Items {
		c, ok := b.(*Class)
		if !ok || c.bind == nil {
			continue
		}
		var err error
		if v, err = c.bind(th, c, names, name, v); err != nil {
			return err
		}
		break
	}
	return names.Set(th, Str(name), v)
}

// NewType makes a native class that scripts may inherit from; construct may name the
// class it was called for, whose instances Instance makes. A nil construct makes none.
func NewType(module, name string, base *Class, construct func(th *Thread, cls *Class, a Args) (Value, error), m Members) *Class {
	if base == nil {
		base = ObjectClass
	}
	c := newBuiltin(name, base)
	c.Module, c.qual, c.make = module, c.BareName(), construct
	c.define(m)
	if construct != nil {
		c.put("__new__", newMethod(c))
	}
	return c
}

// NewFrozenClass makes a class as a class statement does, but one that scripts
// cannot change: it may serve several programs.
func NewFrozenClass(module, name string, bases []*Class, m Members) *Class {
	c, err := NewClass(module, name, bases, nil)
	if err != nil {
		panic(err) // the bases are the engine's own
	}
	c.frozen = true
	c.qual = c.BareName()
	c.define(m)
	c.qual = c.BareName()
	return c
}

// Instance is data as an instance of cls: wrapped when cls is not the data's own class.
func Instance(cls *Class, data Value) Value {
	if cls.builtin {
		return data
	}
	return &Object{class: cls, native: data}
}

// Data is what an instance of a class below a built-in type carries of that type,
// and any other value itself.
func Data(v Value) Value { return native(v) }

// Attribute is an attribute that Go code computes and, when set is not nil, sets.
func Attribute(name string, get func(th *Thread, self Value) (Value, error), set func(th *Thread, self, v Value) error) *Getter {
	return &Getter{Name: name, Get: get, set: set}
}

// Guard is the lock of a native container of another package; the zero value is
// that of a private one. The container's PublishTo calls Share.
type Guard struct{ guard }

// Lock excludes other threads from a shared container.
func (g *Guard) Lock() { g.lock() }

// Unlock ends what Lock began.
func (g *Guard) Unlock() { g.unlock() }

// Share gives the container its lock and tells whether it had none.
func (g *Guard) Share() bool { return g.share() }

// Keep must see what a container is about to hold: a shared one holds only what is published.
func (g *Guard) Keep(vs ...Value) {
	if g.shared() {
		publish(vs...)
	}
}

// Container is a native value of another package that others can be reached from:
// PublishTo marks it and appends what it holds to the queue; a second call does nothing.
type Container interface {
	PublishTo(queue []Value) []Value
}

// Holding tells what publishing must reach besides the values given to NewIterator.
func (it *NativeIterator) Holding(held func() []Value) *NativeIterator {
	it.held = held
	return it
}

// Keep must see what the iterator is about to hold beyond one Next.
func (it *NativeIterator) Keep(v Value) {
	if it.turn.ch != nil {
		publish(v)
	}
}

// metaMember is a special method that the class of the class has beyond type.
func (c *Class) metaMember(name string) Value {
	if c.meta == nil {
		return nil
	}
	for _, k := range c.meta.mro {
		if k == TypeClass {
			return nil
		}
		if m := k.Own(name); m != nil {
			return m
		}
	}
	return nil
}

// under tells what issubclass(c, k) does.
func (c *Class) under(k *Class) bool {
	return c.Is(k) || k.covers != nil && k.covers(c)
}

// setSlots limits the attributes of instances to __slots__, when every base does.
func (c *Class) setSlots(th *Thread) error {
	slots := c.Own("__slots__")
	if slots == nil {
		return nil
	}
	allowed := map[string]bool{}
	for _, b := range c.mro[1:] {
		if b == ObjectClass || b.builtin {
			continue
		}
		if b.slots == nil {
			return nil
		}
		for name := range b.slots {
			allowed[name] = true
		}
	}
	add := func(v Value) error {
		name, ok := AsStr(v)
		if !ok {
			return Errorf(TypeError, "__slots__ items must be strings, not '%s'", v.Class().Name)
		}
		if c.Own(name) != nil {
			return Errorf(ValueError, "'%s' in __slots__ conflicts with class variable", name)
		}
		allowed[name] = true
		return nil
	}
	if _, ok := AsStr(slots); ok {
		slots = NewTuple(slots)
	}
	if err := Iterate(th, slots, add); err != nil {
		return err
	}
	if !allowed["__dict__"] {
		c.slots = allowed
	}
	return nil
}

// Seal leaves instances without attributes of their own; those of classes below it
// have them unless __slots__ says otherwise.
func (c *Class) Seal() { c.slots = map[string]bool{} }

// refuseSlot is the error for an attribute that __slots__ leaves out.
func (c *Class) refuseSlot(v Value, name string) error {
	if c.Lookup(name) != nil {
		return Errorf(AttributeError, "'%s' object attribute '%s' is read-only", c.Name, name)
	}
	return noAttribute(v, name)
}

// While runs f while no other thread is within the iterator's Next.
func (it *NativeIterator) While(th *Thread, f func()) error {
	shared, err := it.turn.take(th)
	if err != nil {
		return err
	}
	f()
	it.turn.give(shared)
	return nil
}

// DefineMembers adds members to a native class while it is still private.
func DefineMembers(c *Class, m Members) { c.define(m) }

// ItemsIterator yields the items of a tuple.
func ItemsIterator(t *Tuple) Iterator { return itemsIter(tupleIterClass, t.Items, t) }

// Len is the number of parameters.
func (s *Signature) Len() int { return len(s.params) }

// IsNumber tells integers and floats, also of classes below them.
func IsNumber(v Value) bool { return isNumber(native(v)) }

// NewMethod is the __new__ of a class with a constructor written in Go.
func NewMethod(c *Class) Value { return newMethod(c) }

// Quote is the repr of a string.
func Quote(s string) string { return quote(s, false) }

// Func is the Go side of a native function.
func (n *Native) Func() NativeFunc { return n.fn }

// Work counts n units, as bytes, of a native operation that is long in itself.
func (th *Thread) Work(n int) error { return th.work(n) }

// OwnAttribute is the attribute that an instance itself has, nil without.
func OwnAttribute(v Value, name string) Value {
	if o := object(v); o != nil {
		return o.get(name)
	}
	return nil
}

// Make is what the __new__ of the built-in class below cls gives: an instance before
// its __init__.
func Make(th *Thread, cls *Class, a Args) (Value, error) {
	if cls.make == nil {
		return nil, Errorf(TypeError, "cannot create '%s' instances", cls.fullName())
	}
	return cls.make(th, cls, a)
}

// Builtin tells the classes that are part of the language.
func (c *Class) Builtin() bool { return c.builtin }

// FullName is the name of the class with its module, as repr has it.
func (c *Class) FullName() string { return c.fullName() }

// Bind is what a class member becomes when it is read through self, or through the
// class alone when self is None.
func Bind(th *Thread, member, self, class Value) (Value, error) {
	c, ok := class.(*Class)
	if !ok {
		c = self.Class()
	}
	if self == None {
		return member, nil
	}
	return bindMember(th, member, self, c)
}

// SetData gives a new instance what it carries of a built-in type.
func SetData(o *Object, data Value) { o.native = data }

// Attributes is a snapshot of the instance's own attributes.
func Attributes(o *Object) *Dict { return o.attributes() }

// Scripted tells the classes that a script made.
func (c *Class) Scripted() bool { return !c.builtin && !c.frozen }

// KeepTrace gives the function that takes back what the traceback gained since: an
// exception that went into a generator and came out again shows nothing of it.
func (e *Exception) KeepTrace() (restore func()) {
	n := len(e.points())
	return func() {
		e.lock()
		e.trace = e.trace[:min(n, len(e.trace))]
		e.unlock()
	}
}

package runtime

import "sync/atomic"

// AttrCache remembers, for one place in the source, where an attribute was found
// last. It is safe for concurrent use.
type AttrCache struct {
	p      atomic.Pointer[attrEntry]
	misses atomic.Uint32
}

// attributeBytes is what an attribute takes that the class does not foresee: an entry of a
// table, which grows by doubling.
const attributeBytes = 128

type attrEntry struct {
	shape  *shape
	module *Module // instead of a shape, when slot is a module's
	slot   *Slot   // the class member, nil when the class has none
	field  int     // position among the instance's fields, -1 when none
}

// maxMisses ends caching at a place that sees many classes, where storing costs
// more than looking up.
const maxMisses = 64

func (c *AttrCache) find(class *Class, name string) (*Slot, int) {
	sh := class.shape()
	if c == nil {
		return sh.find(name)
	}
	if e := c.p.Load(); e != nil && e.shape == sh {
		return e.slot, e.field
	}
	slot, field := sh.find(name)
	if c.misses.Load() < maxMisses {
		c.misses.Add(1)
		c.p.Store(&attrEntry{shape: sh, slot: slot, field: field})
	}
	return slot, field
}

// global is what a module has under a name, nil when that is unbound.
func (c *AttrCache) global(m *Module, name string) Value {
	if c == nil {
		return m.Get(name)
	}
	if e := c.p.Load(); e != nil && e.module == m {
		return e.slot.Load()
	}
	i, ok := m.index[name]
	if ok && c.misses.Load() < maxMisses {
		c.misses.Add(1)
		c.p.Store(&attrEntry{module: m, slot: m.slots[i]})
	}
	return m.Get(name)
}

func (sh *shape) find(name string) (*Slot, int) {
	field, ok := sh.fields[name]
	if !ok {
		field = -1
	}
	return sh.members[name], field
}

// GetAttr is `v.name`.
func GetAttr(th *Thread, v Value, name string) (Value, error) {
	return (*AttrCache)(nil).Get(th, v, name)
}

// Get is `v.name` at the cache's place.
func (c *AttrCache) Get(th *Thread, v Value, name string) (Value, error) {
	found, err := c.lookup(th, v, name)
	if found == nil && err == nil {
		return nil, noAttribute(v, name)
	}
	return found, err
}

// Find is `v.name`, nil when there is no such attribute.
func Find(th *Thread, v Value, name string) (Value, error) {
	found, err := (*AttrCache)(nil).lookup(th, v, name)
	if e, ok := err.(*Exception); ok && e.IsA(AttributeError) { //nolint:errorlint // never wrapped here
		return nil, nil
	}
	return found, err
}

func (c *AttrCache) lookup(th *Thread, v Value, name string) (Value, error) {
	switch x := v.(type) {
	case *Class:
		return classAttr(th, x, name)
	case *Module:
		v := c.global(x, name)
		if g, ok := v.(*Getter); ok { // a native module's, computed at each look
			return g.Get(th, x)
		}
		return v, nil
	case *Super:
		return x.attr(th, name)
	}
	class := v.Class()
	slot, field := c.find(class, name)
	var member Value
	if slot != nil {
		member = slot.Load()
	}
	if o := object(v); o != nil {
		if member != nil && isData(member) {
			return bindMember(th, member, v, class)
		}
		if class.perUser {
			var err error
			if o, err = th.own(o); err != nil {
				return nil, err
			}
		}
		if field >= 0 {
			if own := o.at(field); own != nil {
				return own, nil
			}
		} else if o.extra != nil {
			if own := o.get(name); own != nil {
				return own, nil
			}
		}
	} else if fn, ok := v.(*Function); ok {
		if own := fn.attr(name); own != nil {
			return own, nil
		}
	}
	if member != nil {
		return bindMember(th, member, v, class)
	}
	if slot = class.shape().members["__getattr__"]; slot != nil {
		return callMethod(th, v, slot.Load(), Str(name))
	}
	return nil, nil
}

// LoadMethod prepares `v.name(…)`: when self is true, v is to be passed as the first
// argument, which spares making a bound method.
func (c *AttrCache) LoadMethod(th *Thread, v Value, name string) (fn Value, self bool, err error) {
	switch v.(type) {
	case *Class, *Module, *Super:
		fn, err = c.Get(th, v, name)
		return fn, false, err
	}
	slot, field := c.find(v.Class(), name)
	if slot != nil {
		member := slot.Load()
		if o := object(v); o == nil || o.class.perUser || field < 0 && o.extra == nil || field >= 0 && o.at(field) == nil {
			switch m := member.(type) {
			case *Function:
				return m, true, nil
			case *Native:
				if m.owner != nil {
					return m, true, nil
				}
			}
		}
	}
	fn, err = c.Get(th, v, name)
	return fn, false, err
}

// isData tells descriptors that win over the instance's own attribute.
func isData(member Value) bool {
	switch m := member.(type) {
	case *Property, *Getter:
		return true
	case *Object:
		return m.class.Lookup("__set__") != nil || m.class.Lookup("__delete__") != nil
	}
	return false
}

// bindMember is what a class member becomes when it is read through self.
func bindMember(th *Thread, member, self Value, class *Class) (Value, error) {
	switch m := member.(type) {
	case *Function:
		return &BoundMethod{self, m}, nil
	case *Native:
		if m.owner != nil {
			return &BoundMethod{self, m}, nil
		}
	case *Getter:
		return m.Get(th, self)
	case *Property:
		if m.get == None {
			return nil, Errorf(AttributeError, "property of '%s' object has no getter", class.Name)
		}
		return Call(th, m.get, self)
	case *ClassMethod:
		return &BoundMethod{class, m.Fn}, nil
	case *StaticMethod:
		return m.Fn, nil
	case *Object:
		if get := m.class.Lookup("__get__"); get != nil {
			return callMethod(th, m, get, self, class)
		}
	}
	return member, nil
}

// classAttr is an attribute of a class itself.
func classAttr(th *Thread, c *Class, name string) (Value, error) {
	meta := c.Class()
	if slot := meta.shape().members[name]; slot != nil {
		if m := slot.Load(); isData(m) {
			return bindMember(th, m, c, meta)
		}
	}
	if slot := c.shape().members[name]; slot != nil {
		if m := slot.Load(); m != nil {
			switch m := m.(type) {
			case *ClassMethod:
				return &BoundMethod{c, m.Fn}, nil
			case *StaticMethod:
				return m.Fn, nil
			case *Object:
				if get := m.class.Lookup("__get__"); get != nil {
					return callMethod(th, m, get, None, c)
				}
			}
			return m, nil
		}
	}
	if slot := meta.shape().members[name]; slot != nil {
		return bindMember(th, slot.Load(), c, meta)
	}
	if m := c.metaMember("__getattr__"); m != nil {
		return callMethod(th, c, m, Str(name))
	}
	return nil, nil
}

// attr looks past the class in the MRO of self.
func (s *Super) attr(th *Thread, name string) (Value, error) {
	start, class := s.self.Class(), s.self.Class()
	inClass := false
	if k, ok := s.self.(*Class); ok && k.Is(s.after) {
		start, inClass = k, true
	}
	past := false
	for _, k := range start.mro {
		if !past {
			past = k == s.after
			continue
		}
		m := k.Own(name)
		if m == nil {
			continue
		}
		switch m := m.(type) {
		case *ClassMethod:
			return &BoundMethod{start, m.Fn}, nil
		case *Native:
			if name == "__new__" {
				return m, nil
			}
		}
		if inClass {
			return m, nil
		}
		return bindMember(th, m, s.self, class)
	}
	if name == "__class__" {
		return superClass, nil
	}
	return nil, nil
}

func noAttribute(v Value, name string) error {
	var e *Exception
	switch x := v.(type) {
	case *Class:
		e = Errorf(AttributeError, "type object '%s' has no attribute '%s'", x.Name, name)
	case *Module:
		e = Errorf(AttributeError, "module '%s' has no attribute '%s'", x.Name, name)
	default:
		e = Errorf(AttributeError, "'%s' object has no attribute '%s'", v.Class().Name, name)
	}
	e.hint = func() string { return nearest(name, Dir(v)) }
	return e
}

// SetAttr is `v.name = x`.
func SetAttr(th *Thread, v Value, name string, x Value) error {
	return (*AttrCache)(nil).Set(th, v, name, x)
}

// Set is `v.name = x` at the cache's place.
func (c *AttrCache) Set(th *Thread, v Value, name string, x Value) error {
	switch t := v.(type) {
	case *Class:
		if m := t.metaMember("__setattr__"); m != nil {
			_, err := callMethod(th, v, m, Str(name), x)
			return err
		}
		if t.builtin || t.frozen {
			return Errorf(TypeError, "cannot set '%s' attribute of immutable type '%s'", name, t.fullName())
		}
		t.SetMember(name, x)
		return nil
	case *Module:
		t.Set(name, x)
		return nil
	case *Function:
		return t.attributes().Set(th, Str(name), x)
	}
	o := object(v)
	if o == nil {
		if g, ok := v.Class().Lookup(name).(*Getter); ok && g.set != nil {
			return g.set(th, v, x)
		}
		return readOnly(v, name)
	}
	if m := o.class.Lookup("__setattr__"); m != nil && m != objectSetAttr {
		_, err := callMethod(th, v, m, Str(name), x)
		return err
	}
	return c.store(th, v, o, name, x)
}

// readOnly is the error for a value without attributes of its own.
func readOnly(v Value, name string) error {
	if v.Class().Lookup(name) == nil {
		return noAttribute(v, name)
	}
	if _, ok := v.Class().Lookup(name).(*Getter); ok {
		return Errorf(AttributeError, "attribute '%s' of '%s' objects is not writable", name, v.Class().Name)
	}
	return Errorf(AttributeError, "'%s' object attribute '%s' is read-only", v.Class().Name, name)
}

// store is object.__setattr__.
func (c *AttrCache) store(th *Thread, v Value, o *Object, name string, x Value) error {
	slot, field := c.find(o.class, name)
	if slot != nil {
		switch m := slot.Load().(type) {
		case *Property:
			if m.set == None {
				return Errorf(AttributeError, "property '%s' of '%s' object has no setter", name, o.class.Name)
			}
			_, err := Call(th, m.set, v, x)
			return err
		case *Getter:
			if m.set != nil {
				return m.set(th, v, x)
			}
			return Errorf(AttributeError, "attribute '%s' of '%s' objects is not writable", name, o.class.Name)
		case *Object:
			if set := m.class.Lookup("__set__"); set != nil {
				_, err := callMethod(th, m, set, v, x)
				return err
			}
			if m.class.Lookup("__delete__") != nil {
				return Errorf(AttributeError, "__set__")
			}
		}
	}
	if o.class.builtin && o.class != ObjectClass && field < 0 && !o.class.Is(BaseException) {
		return noAttribute(v, name)
	}
	if o.class == ObjectClass {
		return noAttribute(v, name)
	}
	if o.class.perUser {
		var err error
		if o, err = th.own(o); err != nil {
			return err
		}
	}
	if field >= 0 {
		o.put(field, x)
		return nil
	}
	if o.class.slots != nil && !o.class.slots[name] {
		return o.class.refuseSlot(v, name)
	}
	if err := th.Alloc(attributeBytes + len(name)); err != nil {
		return err
	}
	o.set(name, x)
	return nil
}

// DelAttr is `del v.name`.
func DelAttr(th *Thread, v Value, name string) error {
	switch t := v.(type) {
	case *Class:
		if m := t.metaMember("__delattr__"); m != nil {
			_, err := callMethod(th, v, m, Str(name))
			return err
		}
		if t.builtin || t.frozen {
			return Errorf(TypeError, "cannot set '%s' attribute of immutable type '%s'", name, t.fullName())
		}
		if t.deleteMember(name) {
			return nil
		}
		return noAttribute(v, name)
	case *Module:
		if t.Get(name) == nil {
			return noAttribute(v, name)
		}
		if i, ok := t.index[name]; ok {
			t.slots[i].Store(nil)
			return nil
		}
		t.extra.deleteStr(name)
		return nil
	case *Function:
		if t.attributes().deleteStr(name) {
			return nil
		}
		return noAttribute(v, name)
	}
	o := object(v)
	if o == nil {
		return readOnly(v, name)
	}
	if m := o.class.Lookup("__delattr__"); m != nil && m != ObjectClass.Own("__delattr__") {
		_, err := callMethod(th, v, m, Str(name))
		return err
	}
	switch m := o.class.Lookup(name).(type) {
	case *Property:
		if m.del == None {
			return Errorf(AttributeError, "property '%s' of '%s' object has no deleter", name, o.class.Name)
		}
		_, err := Call(th, m.del, v)
		return err
	case *Getter:
		if m.set != nil {
			return Errorf(AttributeError, "can't delete attribute")
		}
	case *Object:
		if del := m.class.Lookup("__delete__"); del != nil {
			_, err := callMethod(th, m, del, v)
			return err
		}
		if m.class.Lookup("__set__") != nil {
			return Errorf(AttributeError, "__delete__")
		}
	}
	if o.class.perUser {
		var err error
		if o, err = th.own(o); err != nil {
			return err
		}
	}
	if o.remove(name) {
		return nil
	}
	return noAttribute(v, name)
}

// CallSpecial calls a special method, which is looked up on the class alone; found
// is false when the class has none.
func CallSpecial(th *Thread, v Value, name string, args ...Value) (r Value, found bool, err error) {
	m := v.Class().Lookup(name)
	if m == nil {
		return nil, false, nil
	}
	r, err = callMethod(th, v, m, args...)
	return r, true, err
}

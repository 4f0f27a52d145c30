package runtime

func makeType(th *Thread, _ *Class, a Args) (Value, error) {
	switch len(a.Vals) {
	case 1:
		return a.Vals[0].Class(), nil
	case 3:
		name, ok := AsStr(a.Vals[0])
		bases, ok2 := a.Vals[1].(*Tuple)
		ns, ok3 := a.Vals[2].(*Dict)
		if !ok || !ok2 || !ok3 {
			return nil, Errorf(TypeError, "type.__new__() arguments must be str, tuple and dict")
		}
		return BuildClass(th, ClassSpec{Module: "__main__", Name: name, QualName: name, Bases: bases.Items, Names: ns.copy()})
	}
	return nil, Errorf(TypeError, "type() takes 1 or 3 arguments")
}

// ClassSpec is what a class statement leaves behind.
type ClassSpec struct {
	Module, Name, QualName string
	Bases                  []Value
	Names                  *Dict // what the body bound
	Keywords               []Kwarg
	Cell                   *Slot // __class__ of the methods, or nil
}

// implicit are the methods that a class statement wraps by itself.
var implicit = map[string]func(fn Value) Value{
	"__new__":           func(fn Value) Value { return &StaticMethod{fn} },
	"__init_subclass__": func(fn Value) Value { return &ClassMethod{fn} },
	"__class_getitem__": func(fn Value) Value { return &ClassMethod{fn} },
}

// BuildClass makes a class of what its body bound.
func BuildClass(th *Thread, spec ClassSpec) (Value, error) {
	if err := th.Alloc(1024); err != nil {
		return nil, err
	}
	for _, b := range spec.Bases {
		if builder, ok := b.(ClassBuilder); ok {
			return builder.BuildClass(th, spec)
		}
	}
	bases, err := baseClasses(spec.Bases)
	if err != nil {
		return nil, err
	}
	members, order := Members{}, make([]string, 0, spec.Names.Len())
	for k, v := range spec.Names.All() {
		name, ok := AsStr(k)
		if !ok {
			continue
		}
		if wrap := implicit[name]; wrap != nil && v.Class() == functionClass {
			v = wrap(v)
		}
		members[name] = v
		order = append(order, name)
	}
	if members["__eq__"] != nil && members["__hash__"] == nil {
		members["__hash__"] = None
		order = append(order, "__hash__")
	}
	c, err := NewClass(spec.Module, spec.Name, bases, nil)
	if err != nil {
		return nil, err
	}
	for _, name := range order { // a native that a script puts here stays a function
		c.put(name, members[name])
	}
	c.qual = spec.QualName
	if err := c.setSlots(th); err != nil {
		return nil, err
	}
	if spec.Cell != nil {
		spec.Cell.Store(c)
	}
	return c, c.finish(th, spec.Keywords)
}

func baseClasses(bases []Value) ([]*Class, error) {
	classes := make([]*Class, 0, len(bases))
	for _, b := range bases {
		if alias, ok := b.(*Alias); ok {
			b = alias.Origin
		}
		c, ok := b.(*Class)
		if !ok {
			return nil, Errorf(TypeError, "a base of a class must be a class, not '%s'", b.Class().Name)
		}
		classes = append(classes, c)
	}
	return classes, nil
}

// finish runs the hooks of a new class: __set_name__, then __init_subclass__.
func (c *Class) finish(th *Thread, kwargs []Kwarg) error {
	for _, n := range c.Names() {
		if o, ok := c.Own(n).(*Object); ok {
			if m := o.class.Lookup("__set_name__"); m != nil {
				if _, err := callMethod(th, o, m, c, Str(n)); err != nil {
					cause := asException(err)
					if !cause.Catchable() {
						return err
					}
					e := Errorf(RuntimeError, "Error calling __set_name__ on '%s' instance '%s' in '%s'", o.class.BareName(), n, c.Name)
					e.Cause, e.Context = cause, cause
					return e
				}
			}
		}
	}
	if c.subclassed != nil {
		if err := c.subclassed(th, c); err != nil {
			return err
		}
	}
	hook, err := (&Super{after: c, self: c}).attr(th, "__init_subclass__")
	if err != nil {
		return err
	}
	if hook == nil {
		if len(kwargs) > 0 {
			return Errorf(TypeError, "%s.__init_subclass__() takes no keyword arguments", c.Name)
		}
		return nil
	}
	a := Args{}
	for _, k := range kwargs {
		a.Vals, a.Names = append(a.Vals, k.Value), append(a.Names, k.Name)
	}
	_, err = CallArgs(th, hook, a)
	return err
}

package runtime

// operatorMembers are the special methods that a script can reach by name, mostly
// through super(), on the built-in classes that can be inherited from.
func operatorMembers(c *Class) Members {
	m := Members{"__new__": newMethod(c)}
	two := func(name string, f func(th *Thread, self, x Value) (Value, error)) {
		m[name] = NewNative(name+"(self, other, /)", func(th *Thread, a Args) (Value, error) { return f(th, a.Vals[0], a.Vals[1]) })
	}
	one := func(name string, f func(th *Thread, self Value) (Value, error)) {
		m[name] = NewNative(name+"(self, /)", func(th *Thread, a Args) (Value, error) { return f(th, a.Vals[0]) })
	}
	one("__repr__", func(th *Thread, v Value) (Value, error) { s, err := Repr(th, base(v)); return Str(s), err })
	one("__str__", func(th *Thread, v Value) (Value, error) { s, err := baseText(th, v); return Str(s), err })
	two("__eq__", func(th *Thread, v, x Value) (Value, error) {
		if c == ObjectClass {
			if v == x {
				return True, nil
			}
			return NotImplemented, nil
		}
		same, err := equal(th, native(v), native(x))
		return NewBool(same), err
	})
	two("__ne__", func(th *Thread, v, x Value) (Value, error) {
		same, err := Equal(th, native(v), native(x))
		return NewBool(!same), err
	})
	if m["__hash__"] == nil && c.attrs["__hash__"] == nil {
		one("__hash__", func(th *Thread, v Value) (Value, error) {
			if n := base(v); n != v {
				h, err := Hash(th, n)
				return NewInt(h), err
			}
			return NewInt(address(v) >> 4), nil
		})
	}
	m["__format__"] = NewNative("__format__(self, spec, /)", func(th *Thread, a Args) (Value, error) {
		s, err := Format(th, base(a.Vals[0]), selfStr(a.Vals[1]))
		return Str(s), err
	})
	switch c {
	case ObjectClass:
		m["__delattr__"] = NewNative("__delattr__(self, name, /)", func(_ *Thread, a Args) (Value, error) {
			name := selfStr(a.Vals[1])
			if o := object(a.Vals[0]); o != nil && o.remove(name) {
				return None, nil
			}
			return nil, noAttribute(a.Vals[0], name)
		})
		m["__getattribute__"] = NewNative("__getattribute__(self, name, /)", func(th *Thread, a Args) (Value, error) {
			return GetAttr(th, a.Vals[0], selfStr(a.Vals[1]))
		})
		return m
	case BaseException, TypeClass:
		delete(m, "__format__")
		return m
	}
	for op := range Op(len(opNames)) {
		if n := &opNames[op]; supports(c, op) {
			two(n.left, func(th *Thread, v, x Value) (Value, error) {
				return orNotImplemented(arith(th, op, native(v), native(x)))
			})
			two(n.right, func(th *Thread, v, x Value) (Value, error) {
				return orNotImplemented(arith(th, op, native(x), native(v)))
			})
		}
	}
	for op := Lt; op <= Ge && c != DictClass; op++ {
		two(cmpNames[op].method, func(th *Thread, v, x Value) (Value, error) {
			known, r, err := order(th, op, native(v), native(x))
			if !known && err == nil {
				return NotImplemented, nil
			}
			return NewBool(r), err
		})
	}
	if c == IntClass || c == FloatClass {
		return m
	}
	one("__len__", func(th *Thread, v Value) (Value, error) { n, err := Len(th, native(v)); return NewInt(int64(n)), err })
	one("__iter__", func(th *Thread, v Value) (Value, error) { return Iter(th, native(v)) })
	two("__contains__", func(th *Thread, v, x Value) (Value, error) {
		ok, err := Contains(th, native(v), x)
		return NewBool(ok), err
	})
	if c == SetClass || c == FrozenSetClass {
		return m
	}
	two("__getitem__", func(th *Thread, v, k Value) (Value, error) { return GetItem(th, native(v), k) })
	if c == ListClass || c == DictClass {
		m["__setitem__"] = NewNative("__setitem__(self, key, value, /)", func(th *Thread, a Args) (Value, error) {
			return None, SetItem(th, native(a.Vals[0]), a.Vals[1], a.Vals[2])
		})
		two("__delitem__", func(th *Thread, v, k Value) (Value, error) { return None, DelItem(th, native(v), k) })
	}
	return m
}

func orNotImplemented(v Value, err error) (Value, error) {
	if v == nil && err == nil {
		return NotImplemented, nil
	}
	return v, err
}

// supports tells which operators a built-in class has.
func supports(c *Class, op Op) bool {
	switch c {
	case IntClass:
		return op != MatMul
	case FloatClass:
		return op <= Pow && op != MatMul || op == FloorDiv
	case StrClass, BytesClass:
		return op == Add || op == Mul || op == Mod
	case ListClass, TupleClass:
		return op == Add || op == Mul
	case DictClass:
		return op == Or
	}
	return op == Or || op == And || op == Xor || op == Sub
}

// newMethod is the __new__ of a built-in class.
func newMethod(c *Class) Value {
	return &StaticMethod{NewRaw("__new__", func(th *Thread, a Args) (Value, error) {
		if len(a.Vals) == 0 {
			return nil, Errorf(TypeError, "%s.__new__(): not enough arguments", c.Name)
		}
		cls, ok := a.Vals[0].(*Class)
		if !ok {
			return nil, Errorf(TypeError, "%s.__new__(X): X is not a type object (%s)", c.Name, a.Vals[0].Class().Name)
		}
		if !cls.Is(c) {
			return nil, Errorf(TypeError, "%s.__new__(%s): %s is not a subtype of %s", c.Name, cls.Name, cls.Name, c.Name)
		}
		if cls.make == nil {
			return nil, Errorf(TypeError, "cannot create '%s' instances", cls.fullName())
		}
		return cls.make(th, cls, Args{Vals: a.Vals[1:], Names: a.Names})
	})}
}

// base is what a special method of a built-in class works on: the data within an
// instance, or an instance without its class's overrides.
func base(v Value) Value {
	if o, ok := v.(*Object); ok && o.native == nil {
		return bare{o}
	}
	if e, ok := v.(*Exception); ok {
		return &Exception{Object: Object{class: e.class.solidException()}, Args: e.args()}
	}
	return native(v)
}

// solidException is the built-in exception class below which c stands.
func (c *Class) solidException() *Class {
	for _, k := range c.mro {
		if k.builtin {
			return k
		}
	}
	return BaseException
}

func baseText(th *Thread, v Value) (string, error) {
	switch v := v.(type) {
	case *Exception:
		return exceptionText(th, v)
	case *Object:
		if v.native == nil { // object.__str__ is repr, as overridden
			return Repr(th, v)
		}
	}
	return ToStr(th, native(v))
}

// bare shows an instance as object.__repr__ does.
type bare struct{ o *Object }

// Class implements Value.
func (b bare) Class() *Class { return ObjectClass }

// Repr implements the text of any value.
func (b bare) Repr(*Thread) (string, error) { return plainRepr(b.o), nil }

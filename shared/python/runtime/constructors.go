package runtime

import "strings"

// wrap puts a built-in value into an instance when the class asked for inherits
// from the built-in one.
func wrap(cls *Class, v Value, err error) (Value, error) {
	if err != nil || cls.builtin {
		return v, err
	}
	return &Object{class: cls, native: v}, nil
}

func makeObject(_ *Thread, cls *Class, a Args) (Value, error) {
	if cls == ObjectClass && len(a.Vals) > 0 {
		return nil, Errorf(TypeError, "object() takes no arguments")
	}
	if len(cls.abstract) > 0 {
		return nil, cls.errAbstract()
	}
	return NewObject(cls), nil
}

// only checks the count of arguments of a constructor without keywords.
func only(name string, a Args, most int) error {
	if len(a.Names) > 0 {
		return Errorf(TypeError, "%s() takes no keyword arguments", name)
	}
	if len(a.Vals) > most {
		return Errorf(TypeError, "%s expected at most %d argument%s, got %d", name, most, plural(most), len(a.Vals))
	}
	return nil
}

func makeBool(th *Thread, _ *Class, a Args) (Value, error) {
	if err := only("bool", a, 1); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return False, nil
	}
	ok, err := Truth(th, a.Vals[0])
	return NewBool(ok), err
}

func makeStr(th *Thread, cls *Class, a Args) (Value, error) {
	pos := a.Pos()
	v := a.Kw("object")
	if len(pos) > 0 {
		v = pos[0]
	}
	if v == nil {
		return wrap(cls, Str(""), nil)
	}
	encoding := a.Kw("encoding")
	if len(pos) > 1 {
		encoding = pos[1]
	}
	if encoding != nil {
		b, ok := native(v).(Bytes)
		if !ok {
			return nil, Errorf(TypeError, "decoding to str: need a bytes-like object, %s found", v.Class().Name)
		}
		s, err := decode(th, string(b), encoding, a.Kw("errors"))
		return wrap(cls, s, err)
	}
	s, err := ToStr(th, v)
	return wrap(cls, Str(s), err)
}

func makeBytes(th *Thread, cls *Class, a Args) (Value, error) {
	pos := a.Pos()
	if len(pos) == 0 {
		return wrap(cls, Bytes(""), nil)
	}
	switch v := native(pos[0]).(type) {
	case Bytes:
		return wrap(cls, v, nil)
	case Str:
		encoding := a.Kw("encoding")
		if len(pos) > 1 {
			encoding = pos[1]
		}
		if encoding == nil {
			return nil, Errorf(TypeError, "string argument without an encoding")
		}
		b, err := encode(th, string(v), encoding, a.Kw("errors"))
		return wrap(cls, b, err)
	case Int:
		if v < 0 {
			return nil, Errorf(ValueError, "negative count")
		}
		s, err := repeatString(th, "\x00", int64(v))
		return wrap(cls, Bytes(s), err)
	}
	var b []byte
	err := Iterate(th, pos[0], func(x Value) error {
		n, err := Index(x)
		if err != nil {
			return err
		}
		if n < 0 || n > 255 {
			return Errorf(ValueError, "bytes must be in range(0, 256)")
		}
		b = append(b, byte(n))
		return th.Alloc(1)
	})
	if e, ok := err.(*Exception); ok && strings.HasSuffix(e.Message(), "is not iterable") { //nolint:errorlint // never wrapped here
		return nil, Errorf(TypeError, "cannot convert '%s' object to bytes", pos[0].Class().Name)
	}
	return wrap(cls, Bytes(b), err)
}

func makeTuple(th *Thread, cls *Class, a Args) (Value, error) {
	if err := only("tuple", a, 1); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return wrap(cls, emptyTuple, nil)
	}
	if t, ok := a.Vals[0].(*Tuple); ok {
		return wrap(cls, t, nil)
	}
	vs, err := Collect(th, a.Vals[0])
	return wrap(cls, NewTuple(vs...), err)
}

func makeList(th *Thread, cls *Class, a Args) (Value, error) {
	if !cls.builtin {
		return &Object{class: cls, native: NewList()}, nil
	}
	if err := only("list", a, 1); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return NewList(), nil
	}
	vs, err := Collect(th, a.Vals[0])
	return NewList(vs...), err
}

func makeDict(th *Thread, cls *Class, a Args) (Value, error) {
	d := NewDict()
	if !cls.builtin {
		return &Object{class: cls, native: d}, nil
	}
	return d, fillDict(th, d, "dict", a)
}

func makeSlice(_ *Thread, _ *Class, a Args) (Value, error) {
	if err := only("slice", a, 3); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return nil, Errorf(TypeError, "slice expected at least 1 argument, got 0")
	}
	parts := [3]Value{None, None, None}
	copy(parts[:], a.Vals)
	if len(a.Vals) == 1 {
		parts[0], parts[1] = None, parts[0]
	}
	return &Slice{parts[0], parts[1], parts[2]}, nil
}

func makeProperty(_ *Thread, _ *Class, a Args) (Value, error) {
	vals := make([]Value, 4)
	if err := NewSignature("property", "fget=None, fset=None, fdel=None, doc=None").Bind("property", a, vals); err != nil {
		return nil, err
	}
	return &Property{vals[0], vals[1], vals[2], vals[3]}, nil
}

func makeStaticMethod(_ *Thread, _ *Class, a Args) (Value, error) {
	if len(a.Vals) != 1 {
		return nil, Errorf(TypeError, "staticmethod expected 1 argument, got %d", len(a.Vals))
	}
	return &StaticMethod{a.Vals[0]}, nil
}

func makeClassMethod(_ *Thread, _ *Class, a Args) (Value, error) {
	if len(a.Vals) != 1 {
		return nil, Errorf(TypeError, "classmethod expected 1 argument, got %d", len(a.Vals))
	}
	return &ClassMethod{a.Vals[0]}, nil
}

func makeSuper(_ *Thread, _ *Class, a Args) (Value, error) {
	if len(a.Vals) != 2 {
		return nil, Errorf(RuntimeError, "super(): no arguments")
	}
	return NewSuper(a.Vals[0], a.Vals[1])
}

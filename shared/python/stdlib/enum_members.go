package stdlib

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var generatorLike = runtime.NewIteratorClass("builtins", "generator")

// metaMembers are what an enumeration itself can do.
func (e *enumModule) metaMembers() runtime.Members {
	self := func(a args) *runtime.Class { return a.Vals[0].(*runtime.Class) }
	list := func(c *runtime.Class, backward bool) value {
		names := slices.Clone(listMember(c).Items())
		if backward {
			slices.Reverse(names)
		}
		all, i := dictMember(c, memberMap), 0
		return runtime.NewIterator(generatorLike, func(*thread) (value, error) {
			if i >= len(names) {
				return nil, nil
			}
			i++
			name, _ := runtime.AsStr(names[i-1])
			return all.GetStr(name), nil
		}, all)
	}
	m := members(
		define("__call__(cls, value, names=None, *, module=None, qualname=None, type=None, start=1, boundary=None)",
			func(th *thread, a args) (value, error) {
				if a.Vals[2] == runtime.None {
					return e.find(th, self(a), a.Vals[1])
				}
				return e.functional(th, self(a), a.Vals)
			}),
		define("__getitem__(self, name, /)", func(th *thread, a args) (value, error) {
			m, err := dictMember(self(a), memberMap).Get(th, a.Vals[1])
			if m == nil && err == nil {
				return nil, runtime.NewException(runtime.KeyError, a.Vals[1])
			}
			return m, err
		}),
		define("__iter__(self, /)", func(_ *thread, a args) (value, error) { return list(self(a), false), nil }),
		define("__reversed__(self, /)", func(_ *thread, a args) (value, error) { return list(self(a), true), nil }),
		define("__len__(self, /)", func(_ *thread, a args) (value, error) {
			return runtime.NewInt(int64(listMember(self(a)).Len())), nil
		}),
		define("__contains__(self, member, /)", func(_ *thread, a args) (value, error) {
			c := a.Vals[1].Class()
			if !c.Is(e.enum) {
				return nil, runtime.Errorf(runtime.TypeError, "unsupported operand type(s) for 'in': '%s' and '%s'", c.QualName(), e.meta.Name)
			}
			name, _ := runtime.AsStr(orNone(runtime.OwnAttribute(a.Vals[1], memberName)))
			return runtime.NewBool(c.Is(self(a)) && dictMember(self(a), memberMap).GetStr(name) != nil), nil
		}),
		define("__getattr__(self, name, /)", func(_ *thread, a args) (value, error) {
			return nil, runtime.NewException(runtime.AttributeError, a.Vals[1])
		}),
		define("__setattr__(self, name, value, /)", func(_ *thread, a args) (value, error) {
			name, _ := runtime.AsStr(a.Vals[1])
			if dictMember(self(a), memberMap).GetStr(name) != nil {
				return nil, runtime.Errorf(runtime.AttributeError, "cannot reassign member %s", runtime.Quote(name))
			}
			if self(a).Module == "enum" {
				return nil, runtime.Errorf(runtime.TypeError, "cannot set '%s' attribute of immutable type '%s'", name, self(a).Name)
			}
			self(a).SetMember(name, a.Vals[2])
			return runtime.None, nil
		}),
		define("__delattr__(self, name, /)", func(_ *thread, a args) (value, error) {
			name, _ := runtime.AsStr(a.Vals[1])
			if dictMember(self(a), memberMap).GetStr(name) != nil {
				return nil, runtime.Errorf(runtime.AttributeError, "%s cannot delete member %s.", runtime.Quote(self(a).Name), runtime.Quote(name))
			}
			if self(a).Module == "enum" || self(a).Own(name) == nil {
				return nil, runtime.Errorf(runtime.AttributeError, "type object '%s' has no attribute '%s'", self(a).Name, name)
			}
			runtime.DropMember(self(a), name)
			return runtime.None, nil
		}),
		define("__repr__(self, /)", func(_ *thread, a args) (value, error) {
			what := "enum"
			if self(a).Is(e.flag) {
				what = "flag"
			}
			return runtime.Str("<" + what + " " + runtime.Quote(self(a).Name) + ">"), nil
		}),
	)
	m["__members__"] = runtime.Attribute("__members__", func(_ *thread, v value) (value, error) {
		return &mappingProxy{dictMember(v.(*runtime.Class), memberMap)}, nil
	}, nil)
	return m
}

// find is Color(value).
func (e *enumModule) find(th *thread, c *runtime.Class, v value) (value, error) {
	if v.Class() == c {
		return v, nil
	}
	if m, err := e.byValue(th, c, v); m != nil || err != nil {
		return m, err
	}
	if dictMember(c, memberMap).Len() == 0 {
		text, err := runtime.Repr(th, c)
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.TypeError, "%s has no members defined", text)
	}
	text, err := runtime.Repr(th, v)
	if err != nil {
		return nil, err
	}
	invalid := runtime.Errorf(runtime.ValueError, "%s is not a valid %s", text, c.QualName())
	missing, err := runtime.GetAttr(th, c, "_missing_")
	if err != nil {
		return nil, err
	}
	m, err := runtime.Call(th, missing, v)
	switch {
	case err != nil:
		failed := runtime.AsException(err)
		if !failed.IsA(runtime.ValueError) && failed.Catchable() {
			failed.Context = invalid
		}
		return nil, failed
	case m.Class().Is(c):
		return m, nil
	case m == runtime.None:
		return nil, invalid
	}
	text, err = runtime.Repr(th, m)
	if err != nil {
		return nil, err
	}
	wrong := runtime.Errorf(runtime.TypeError, "error in %s._missing_: returned %s instead of None or a valid member", c.Name, text)
	wrong.Context = invalid
	return nil, wrong
}

// enumMembers are what each member can do.
func (e *enumModule) enumMembers() runtime.Members {
	fixed := func(name, from string) *runtime.Getter {
		return runtime.Attribute(name, func(_ *thread, v value) (value, error) {
			return orNone(runtime.OwnAttribute(v, from)), nil
		}, func(*thread, value, value) error {
			return runtime.Errorf(runtime.AttributeError, "<enum 'Enum'> cannot set attribute '%s'", name)
		})
	}
	same := func(_ *thread, a args) (value, error) { return a.Vals[0], nil }
	m := members(
		runtime.NewRaw("__init__", func(*thread, args) (value, error) { return runtime.None, nil }),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			c := a.Vals[0].Class()
			s, err := runtime.Repr(th, orNone(runtime.OwnAttribute(a.Vals[0], memberValue)))
			name, ok := runtime.AsStr(orNone(runtime.OwnAttribute(a.Vals[0], memberName)))
			if ok {
				name = "." + name
			}
			return runtime.Str("<" + c.Name + name + ": " + s + ">"), err
		}),
		define("__str__(self, /)", func(th *thread, a args) (value, error) {
			name, ok := runtime.AsStr(orNone(runtime.OwnAttribute(a.Vals[0], memberName)))
			if ok {
				return runtime.Str(a.Vals[0].Class().Name + "." + name), nil
			}
			s, err := runtime.Repr(th, orNone(runtime.OwnAttribute(a.Vals[0], memberValue)))
			return runtime.Str(a.Vals[0].Class().Name + "(" + s + ")"), err
		}),
		define("__format__(self, spec, /)", func(th *thread, a args) (value, error) {
			text, err := runtime.ToStr(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			spec, _ := runtime.AsStr(a.Vals[1])
			s, err := runtime.Format(th, runtime.Str(text), spec)
			return runtime.Str(s), err
		}),
		define("__hash__(self, /)", func(th *thread, a args) (value, error) {
			h, err := runtime.Hash(th, orNone(runtime.OwnAttribute(a.Vals[0], memberName)))
			return runtime.NewInt(h), err
		}),
		define("__copy__(self, /)", same),
		define("__deepcopy__(self, memo, /)", same),
	)
	m["name"], m["value"] = fixed("name", memberName), fixed("value", memberValue)
	m[nextValue] = &runtime.StaticMethod{Fn: define("_generate_next_value_(name, start, count, last_values, /)", afterLast)}
	m["_missing_"] = &runtime.ClassMethod{Fn: define("_missing_(cls, value, /)", func(*thread, args) (value, error) { return runtime.None, nil })}
	return m
}

// flagMembers are what the members of a Flag can do besides.
func (e *enumModule) flagMembers() runtime.Members {
	m := members(
		define("__contains__(self, other, /)", func(_ *thread, a args) (value, error) {
			c := a.Vals[0].Class()
			if !a.Vals[1].Class().Is(c) {
				return nil, runtime.Errorf(runtime.TypeError, "unsupported operand type(s) for 'in': '%s' and '%s'", a.Vals[1].Class().QualName(), c.QualName())
			}
			return runtime.NewBool(memberBits(a.Vals[1])&^memberBits(a.Vals[0]) == 0), nil
		}),
		define("__iter__(self, /)", func(th *thread, a args) (value, error) {
			return runtime.Iter(th, runtime.NewTuple(e.parts(a.Vals[0].Class(), memberBits(a.Vals[0]))...))
		}),
		define("__len__(self, /)", func(_ *thread, a args) (value, error) {
			return runtime.NewInt(int64(bits.OnesCount64(uint64(memberBits(a.Vals[0]))))), nil
		}),
		define("__bool__(self, /)", func(_ *thread, a args) (value, error) { return runtime.NewBool(memberBits(a.Vals[0]) != 0), nil }),
		define("__invert__(self, /)", func(th *thread, a args) (value, error) {
			c, n := a.Vals[0].Class(), memberBits(a.Vals[0])
			if c.Is(e.intFlag) {
				return e.find(th, c, runtime.NewInt(^n))
			}
			return e.find(th, c, runtime.NewInt(e.mask(c, true)&^n))
		}),
	)
	for name, f := range map[string]func(x, y int64) int64{
		"or": func(x, y int64) int64 { return x | y }, "and": func(x, y int64) int64 { return x & y }, "xor": func(x, y int64) int64 { return x ^ y },
	} {
		op := func(th *thread, a args) (value, error) {
			var other int64
			c := a.Vals[0].Class()
			n, isInt := runtime.AsInt(a.Vals[1])
			switch {
			case a.Vals[1].Class().Is(c):
				other = memberBits(a.Vals[1])
			case c.Lookup(memberType) == value(runtime.IntClass) && isInt:
				other = n
			default:
				return runtime.NotImplemented, nil
			}
			return e.find(th, c, runtime.NewInt(f(memberBits(a.Vals[0]), other)))
		}
		m["__"+name+"__"], m["__r"+name+"__"] = define("__"+name+"__(self, other, /)", op), define("__r"+name+"__(self, other, /)", op)
	}
	m["_missing_"] = &runtime.ClassMethod{Fn: define("_missing_(cls, value, /)", e.compose)}
	m[nextValue] = &runtime.StaticMethod{Fn: define("_generate_next_value_(name, start, count, last_values, /)", nextFlag)}
	for name, v := range e.enumMembers() {
		if name == "__repr__" || name == "__str__" {
			m[name] = v
		}
	}
	return m
}

func memberBits(v value) int64 {
	n, _ := runtime.AsInt(orNone(runtime.OwnAttribute(v, memberValue)))
	return n
}

// mask is all bits that have a member, or one of their own.
func (e *enumModule) mask(c *runtime.Class, single bool) int64 {
	var all int64
	for _, m := range dictMember(c, memberMap).All() {
		if n := runtime.OwnAttribute(m, memberValue); n != nil && (!single || singleBit(n)) {
			all |= memberBits(m)
		}
	}
	return all
}

// parts are the members of a combination, by value unless they were defined otherwise.
func (e *enumModule) parts(c *runtime.Class, n int64) []value {
	var out []value
	for _, name := range listMember(c).Items() {
		text, _ := runtime.AsStr(name)
		if m := dictMember(c, memberMap).GetStr(text); m != nil && memberBits(m)&n != 0 {
			out = append(out, m)
		}
	}
	return out
}

// nextFlag is the default value of auto() in a Flag: the next higher bit.
func nextFlag(th *thread, a args) (value, error) {
	last, ok := a.Vals[3].(*runtime.List)
	if !ok || last.Len() == 0 {
		return a.Vals[1], nil
	}
	var highest int64
	for _, v := range last.Items() {
		n, ok := runtime.AsInt(v)
		if !ok {
			text, err := runtime.Repr(th, v)
			if err != nil {
				return nil, err
			}
			return nil, runtime.Errorf(runtime.TypeError, "invalid flag value %s", text)
		}
		highest = max(highest, n)
	}
	return runtime.Binary(th, runtime.LShift, one, runtime.NewInt(int64(bits.Len64(uint64(highest)))))
}

// compose makes the member that a combination of flags is; it is made once.
func (e *enumModule) compose(th *thread, a args) (value, error) {
	c, ok := a.Vals[0].(*runtime.Class)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "_missing_() needs a class")
	}
	n, isInt := runtime.AsInt(a.Vals[1])
	if !isInt {
		text, err := runtime.Repr(th, a.Vals[1])
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.ValueError, "%s is not a valid %s", text, c.QualName())
	}
	n, err := e.inRange(th, c, n)
	if err != nil {
		return nil, err
	}
	v := runtime.NewInt(n)
	var m value = runtime.NewObject(c)
	if data, ok := c.Lookup(memberType).(*runtime.Class); ok && data != runtime.ObjectClass {
		if m, err = runtime.Make(th, c, args{Vals: []value{v}}); err != nil {
			return nil, err
		}
	}
	name, unknown, err := e.composedName(th, c, n)
	if err != nil {
		return nil, err
	}
	if err := runtime.SetOwn(th, m, memberValue, v); err != nil {
		return nil, err
	}
	if err := runtime.SetOwn(th, m, memberName, name); err != nil {
		return nil, err
	}
	if unknown { // not one of finitely many
		return m, nil
	}
	return dictMember(c, valueMap).SetDefault(th, v, m)
}

// inRange refuses bits without a member, which an IntFlag keeps, and makes negative
// numbers the bits they leave.
func (e *enumModule) inRange(th *thread, c *runtime.Class, n int64) (int64, error) {
	mask := e.mask(c, false)
	all := int64(1)<<bits.Len64(uint64(mask)) - 1
	if (n < ^all || n > all || n&(all^mask) != 0) && !c.Is(e.intFlag) {
		text, err := runtime.Repr(th, c)
		if err != nil {
			return 0, err
		}
		width := max(bitLen(n), bitLen(mask))
		return 0, runtime.Errorf(runtime.ValueError, "%s invalid value %d\n    given %s\n  allowed %s", text, n, signedBits(n, width), signedBits(mask, width))
	}
	if n < 0 {
		n += max(all+1, 1<<bitLen(n))
	}
	return n, nil
}

// bitLen is int.bit_length().
func bitLen(n int64) int {
	if n < 0 {
		n = -n
	}
	return bits.Len64(uint64(n))
}

// signedBits is n in two's complement after its sign bit, as in "0b1 0101".
func signedBits(n int64, width int) string {
	sign := "0"
	if n < 0 {
		sign = "1"
	}
	text := make([]byte, width)
	for i := range text {
		text[width-1-i] = '0' + byte(n>>i&1)
	}
	return "0b" + sign + " " + string(text)
}

// composedName joins the names of the members in n; unknown tells of bits without one.
func (e *enumModule) composedName(th *thread, c *runtime.Class, n int64) (name value, unknown bool, err error) {
	if n == 0 {
		return runtime.None, false, nil
	}
	known := e.parts(c, n&e.mask(c, true))
	var names []string
	var combined int64
	take := func(m value) {
		name, _ := runtime.AsStr(orNone(runtime.OwnAttribute(m, memberName)))
		names = append(names, name)
		combined |= memberBits(m)
	}
	for _, m := range known {
		take(m)
	}
	if n&^e.mask(c, true) != 0 {
		for _, m := range dictMember(c, memberMap).All() {
			if b := memberBits(m); b != 0 && b&n == b && !slices.Contains(known, m) {
				take(m)
			}
		}
	}
	left := n ^ combined
	switch {
	case combined == 0:
		return runtime.None, left != 0, nil
	case left != 0 && !c.Is(e.intFlag):
		text, err := runtime.Repr(th, c)
		if err != nil {
			return nil, false, err
		}
		return nil, false, runtime.Errorf(runtime.ValueError, "%s: no members with value %d", text, left)
	case left != 0:
		names = append(names, runtime.FormatInt(int(left)))
	}
	return runtime.Str(strings.Join(names, "|")), left != 0, nil
}

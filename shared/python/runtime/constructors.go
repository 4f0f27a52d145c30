package runtime

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode"
)

// wrap puts a built-in value into an instance when the class asked for inherits
// from the built-in one.
func wrap(cls *Class, v Value, err error) (Value, error) {
	if err != nil || cls.builtin {
		return v, err
	}
	return &Object{class: cls, native: v}, nil
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

func makeInt(th *Thread, cls *Class, a Args) (Value, error) {
	base := a.Kw("base")
	pos := a.Pos()
	for _, n := range a.Names {
		if n != "base" {
			return nil, Errorf(TypeError, "'%s' is an invalid keyword argument for int()", n)
		}
	}
	if len(pos) > 1 {
		base = pos[1]
	}
	if len(pos) > 2 {
		return nil, Errorf(TypeError, "int() takes at most 2 arguments (%d given)", len(pos))
	}
	if len(pos) == 0 {
		return wrap(cls, NewInt(0), nil)
	}
	v := pos[0]
	if base != nil {
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "int() can't convert non-string with explicit base")
		}
		b, err := Index(base)
		if err != nil {
			return nil, err
		}
		if b != 0 && (b < 2 || b > 36) {
			return nil, Errorf(ValueError, "int() base must be >= 2 and <= 36, or 0")
		}
		n, err := parseInt(s, int(b), quote(s, false))
		return wrap(cls, n, err)
	}
	n, err := toInt(th, v)
	return wrap(cls, n, err)
}

func toInt(th *Thread, v Value) (Value, error) {
	switch x := native(v).(type) {
	case Int, *BigInt:
		return x, nil
	case Bool:
		n, _ := AsInt(x)
		return NewInt(n), nil
	case Float:
		return FloatToInt(float64(x))
	case Str:
		return parseInt(string(x), 10, quote(string(x), false))
	case Bytes:
		return parseInt(string(x), 10, quoteBytes(string(x)))
	}
	for _, name := range []string{"__int__", "__index__", "__trunc__"} {
		if m := v.Class().Lookup(name); m != nil {
			r, err := callMethod(th, v, m)
			if err != nil {
				return nil, err
			}
			if AsBig(r) == nil {
				return nil, Errorf(TypeError, "%s returned non-int (type %s)", name, r.Class().Name)
			}
			return r, nil
		}
	}
	return nil, Errorf(TypeError, "int() argument must be a string, a bytes-like object or a real number, not '%s'", v.Class().Name)
}

// FloatToInt is int(f).
func FloatToInt(f float64) (Value, error) {
	switch {
	case math.IsNaN(f):
		return nil, Errorf(ValueError, "cannot convert float NaN to integer")
	case math.IsInf(f, 0):
		return nil, Errorf(OverflowError, "cannot convert float infinity to integer")
	case math.Abs(f) < 1<<62:
		return NewInt(int64(f)), nil
	}
	n, _ := big.NewFloat(f).Int(nil)
	return NewBigInt(n), nil
}

// parseInt reads an integer literal as int() does; shown is how errors quote it.
func parseInt(text string, base int, shown string) (Value, error) {
	bad := func() error {
		return Errorf(ValueError, "invalid literal for int() with base %d: %s", base, shown)
	}
	s := asciiDigits(strings.TrimFunc(text, unicode.IsSpace))
	digits := strings.TrimLeft(s, "+-")
	if len(s)-len(digits) > 1 || digits == "" || strings.HasPrefix(digits, "_") || strings.HasSuffix(digits, "_") || strings.Contains(digits, "__") {
		return nil, bad()
	}
	b := base
	if len(digits) > 1 && digits[0] == '0' {
		prefix := map[byte]int{'x': 16, 'o': 8, 'b': 2}[digits[1]|0x20]
		if prefix != 0 && (base == 0 || base == prefix) {
			b, digits = prefix, strings.TrimPrefix(digits[2:], "_")
		} else if base == 0 && strings.Trim(digits, "0_") != "" {
			return nil, bad()
		}
	}
	if b == 0 {
		b = 10
	}
	digits = strings.ReplaceAll(digits, "_", "")
	if strings.HasPrefix(s, "-") {
		digits = "-" + digits
	}
	if n, err := strconv.ParseInt(digits, b, 64); err == nil {
		return NewInt(n), nil
	}
	if len(digits) > maxDigits && b&(b-1) != 0 {
		return nil, Errorf(ValueError,
			"Exceeds the limit (%d digits) for integer string conversion: value has %d digits; use sys.set_int_max_str_digits() to increase the limit",
			maxDigits, len(strings.TrimPrefix(digits, "-")))
	}
	n, ok := new(big.Int).SetString(digits, b)
	if !ok || strings.ContainsAny(digits, "+ ") {
		return nil, bad()
	}
	return NewBigInt(n), nil
}

// asciiDigits replaces the decimal digits of other scripts.
func asciiDigits(s string) string {
	if isASCII(s) {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r < 0x80 || !unicode.IsDigit(r) {
			return r
		}
		for zero := r; ; zero-- { // the digits of a script are ten in a row
			if !unicode.IsDigit(zero-1) || r-zero == 9 {
				return '0' + r - zero
			}
		}
	}, s)
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

func makeFloat(th *Thread, cls *Class, a Args) (Value, error) {
	if err := only("float", a, 1); err != nil {
		return nil, err
	}
	if len(a.Vals) == 0 {
		return wrap(cls, Float(0), nil)
	}
	f, err := toFloatValue(th, a.Vals[0])
	return wrap(cls, Float(f), err)
}

func toFloatValue(th *Thread, v Value) (float64, error) {
	switch x := native(v).(type) {
	case Float, Int, Bool, *BigInt:
		return toFloat(x)
	case Str:
		return parseFloat(string(x), quote(string(x), false))
	case Bytes:
		return parseFloat(string(x), quoteBytes(string(x)))
	}
	if m := v.Class().Lookup("__float__"); m != nil {
		r, err := callMethod(th, v, m)
		if err != nil {
			return 0, err
		}
		if f, ok := r.(Float); ok {
			return float64(f), nil
		}
		return 0, Errorf(TypeError, "%s.__float__ returned non-float (type %s)", v.Class().Name, r.Class().Name)
	}
	if v.Class().Lookup("__index__") != nil {
		n, err := Index(v)
		return float64(n), err
	}
	return 0, Errorf(TypeError, "float() argument must be a string or a real number, not '%s'", v.Class().Name)
}

func parseFloat(text, shown string) (float64, error) {
	s := strings.ToLower(asciiDigits(strings.TrimFunc(text, unicode.IsSpace)))
	f, err := strconv.ParseFloat(s, 64)
	plain := strings.TrimLeft(s, "+-")
	if strings.HasPrefix(plain, "0x") || strings.Contains(s, "_") && !goodUnderscores(s) {
		return 0, Errorf(ValueError, "could not convert string to float: %s", shown)
	}
	if err != nil && strings.Contains(s, "_") {
		f, err = strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
	}
	if err != nil && !math.IsInf(f, 0) {
		return 0, Errorf(ValueError, "could not convert string to float: %s", shown)
	}
	return f, nil
}

func goodUnderscores(s string) bool {
	for i := range len(s) {
		if s[i] == '_' && (i == 0 || i == len(s)-1 || s[i-1] < '0' || s[i-1] > '9' || s[i+1] < '0' || s[i+1] > '9') {
			return false
		}
	}
	return true
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

// fillDict is dict() and dict.update().
func fillDict(th *Thread, d *Dict, name string, a Args) error {
	pos := a.Pos()
	if len(pos) > 1 {
		return Errorf(TypeError, "%s expected at most 1 argument, got %d", name, len(pos))
	}
	if len(pos) == 1 {
		if err := MergeInto(th, d, pos[0]); err != nil {
			return err
		}
	}
	for i, n := range a.Names {
		if err := d.Set(th, Str(n), a.Vals[len(pos)+i]); err != nil {
			return err
		}
	}
	return nil
}

// MergeInto adds the entries of a mapping, or of a sequence of pairs.
func MergeInto(th *Thread, d *Dict, from Value) error {
	if src, ok := native(from).(*Dict); ok {
		return d.update(th, src)
	}
	if from.Class().Lookup("keys") != nil {
		return mergeKeys(th, d, from)
	}
	i := 0
	return Iterate(th, from, func(x Value) error {
		pair, err := Collect(th, x)
		if err != nil {
			return Errorf(TypeError, "cannot convert dictionary update sequence element #%d to a sequence", i)
		}
		if len(pair) != 2 {
			return Errorf(ValueError, "dictionary update sequence element #%d has length %d; 2 is required", i, len(pair))
		}
		i++
		return d.Set(th, pair[0], pair[1])
	})
}

// mergeKeys adds the entries of any value with keys().
func mergeKeys(th *Thread, d *Dict, from Value) error {
	keys, err := CallAttr(th, from, "keys")
	if err != nil {
		return err
	}
	return Iterate(th, keys, func(k Value) error {
		v, err := GetItem(th, from, k)
		if err != nil {
			return err
		}
		return d.Set(th, k, v)
	})
}

// CallAttr is `v.name(args…)`.
func CallAttr(th *Thread, v Value, name string, args ...Value) (Value, error) {
	m, err := GetAttr(th, v, name)
	if err != nil {
		return nil, err
	}
	return Call(th, m, args...)
}

func makeSlice(_ *Thread, _ *Class, a Args) (Value, error) {
	if len(a.Vals) == 0 || len(a.Vals) > 3 {
		return nil, Errorf(TypeError, "slice expected 1 to 3 arguments, got %d", len(a.Vals))
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
	c, err := NewClass(spec.Module, spec.Name, bases, members)
	if err != nil {
		return nil, err
	}
	c.qual, c.order = spec.QualName, order
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
					return err
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

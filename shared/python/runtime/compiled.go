package runtime

import (
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
)

// What compiled code needs of the runtime and scripts do not see.

// Handling is the exception that an except clause is handling, or nil.
func (th *Thread) Handling() *Exception { return th.handling }

// NewDictSize makes an empty dict with room for n entries.
func NewDictSize(n int) *Dict { return newDictSize(n) }

// Add adds a member.
func (s *Set) Add(th *Thread, v Value) error { return s.add(th, v) }

// Push appends v and charges it.
func (l *List) Push(th *Thread, v Value) error { return l.append(th, v) }

// IsMapping tells what `**` accepts.
func IsMapping(v Value) bool {
	if _, ok := native(v).(*Dict); ok {
		return true
	}
	return v.Class().Lookup("keys") != nil
}

// NotIterable tells whether err says that v itself cannot be iterated.
func NotIterable(err error, v Value) bool {
	e := asException(err)
	return e.class == TypeError && e.untraced() && len(e.Args) == 1 &&
		e.Args[0] == Str("'"+v.Class().Name+"' object is not iterable")
}

// FunctionTitle is how errors about `*` arguments name the function.
func FunctionTitle(fn Value) string {
	switch fn := fn.(type) {
	case *Function:
		return fn.Globals.Name + "." + fn.Code.QualName + "()"
	case *BoundMethod:
		return FunctionTitle(fn.Fn)
	case *Native:
		return fn.title() + "()"
	case *Class:
		return fn.fullName() + "()"
	}
	return fn.Class().Name + " object"
}

// SpreadKeywords adds the entries of a `**` argument.
func SpreadKeywords(th *Thread, fn, v Value, names *[]string, vals *[]Value) error {
	if !IsMapping(v) {
		return Errorf(TypeError, "%s argument after ** must be a mapping, not %s", FunctionTitle(fn), v.Class().Name)
	}
	d := NewDict()
	if err := MergeInto(th, d, v); err != nil {
		return err
	}
	before := *names // those of one mapping differ
	if err := th.work(d.Len() * (len(before) + 1) * len("name")); err != nil {
		return err
	}
	for k, x := range d.All() {
		name, ok := AsStr(k)
		if !ok {
			return Errorf(TypeError, "keywords must be strings")
		}
		if slices.Contains(before, name) {
			return givenTwice(fn, name)
		}
		*names, *vals = append(*names, name), append(*vals, x)
	}
	return nil
}

// NewKeyword refuses a keyword argument that a `**` argument before it has, too.
func NewKeyword(th *Thread, fn Value, name string, before []string) error {
	if err := th.work(len(before) * len("name")); err != nil {
		return err
	}
	if slices.Contains(before, name) {
		return givenTwice(fn, name)
	}
	return nil
}

func givenTwice(fn Value, name string) error {
	return Errorf(TypeError, "%s got multiple values for keyword argument '%s'", FunctionTitle(fn), name)
}

// Annotate records the annotation of a class attribute as its source text.
func Annotate(names *Dict, name, text string) {
	notes, ok := names.GetStr("__annotations__").(*Dict)
	if !ok {
		notes = NewDict()
		names.SetStr("__annotations__", notes)
	}
	notes.SetStr(name, Str(text))
}

// Enter calls the __enter__ of a context manager.
func Enter(th *Thread, manager Value, async bool) (Value, error) {
	enter, exit := "__enter__", "__exit__"
	protocol := "context manager"
	if async {
		enter, exit, protocol = "__aenter__", "__aexit__", "asynchronous context manager"
	}
	class := manager.Class()
	if class.Lookup(enter) == nil {
		return nil, Errorf(TypeError, "'%s' object does not support the %s protocol", class.Name, protocol)
	}
	if class.Lookup(exit) == nil {
		return nil, Errorf(TypeError, "'%s' object does not support the %s protocol (missed %s method)", class.Name, protocol, exit)
	}
	v, _, err := CallSpecial(th, manager, enter)
	if err != nil || !async {
		return v, err
	}
	return Await(th, v)
}

// Exit calls the __exit__ of a context manager; e is nil when the body ended well.
func Exit(th *Thread, manager Value, e *Exception, async bool) (swallowed bool, err error) {
	name := "__exit__"
	if async {
		name = "__aexit__"
	}
	args := []Value{None, None, None}
	if e != nil {
		args[0], args[1] = e.class, e
	}
	v, _, err := CallSpecial(th, manager, name, args...)
	if err == nil && async {
		v, err = Await(th, v)
	}
	if err != nil || e == nil {
		return false, err
	}
	return Truth(th, v)
}

// Constructor gives a native class the function that makes its instances; that
// function names the class it was called for, which may inherit from c.
func Constructor(c *Class, construct func(th *Thread, cls *Class, a Args) (Value, error)) *Class {
	c.make, c.solid = construct, true
	return c
}

// Callable tells what a call accepts.
func Callable(v Value) bool {
	switch v := v.(type) {
	case *Function, *Native, *BoundMethod, *Class, *Alias:
		return true
	case *Object:
		return v.class.Lookup("__call__") != nil
	case interface {
		Call(th *Thread, a Args) (Value, error)
	}:
		return true
	}
	return false
}

// ID is a number that no other living object has.
func ID(v Value) int64 { return address(v) & (1<<47 - 1) }

// FormatInt is the decimal text of n.
func FormatInt(n int) string { return strconv.Itoa(n) }

// StopOf is the StopIteration of an iterator that ended.
func StopOf(v Value) error {
	stop := NewException(StopIteration)
	if g, ok := v.(*Generator); ok && g.returns != nil && g.returns != None {
		stop.Args = []Value{g.returns}
	}
	return stop
}

// Dir is the sorted names of the attributes of v.
func Dir(v Value) []string {
	names := map[string]bool{}
	class := v.Class()
	switch v := v.(type) {
	case *Class:
		class = v
	case *Module:
		for _, n := range v.Names() {
			names[n] = true
		}
		return slices.Sorted(maps.Keys(names))
	}
	for n, s := range class.shape().members {
		if s.Load() != nil {
			names[n] = true
		}
	}
	if o := object(v); o != nil && !class.perUser {
		for k := range o.attributes().All() {
			names[string(k.(Str))] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}

// Round is round(v, digits); digits may be None.
func Round(th *Thread, v, digits Value) (Value, error) {
	if m := v.Class().script("__round__"); m != nil {
		if digits == None {
			return callMethod(th, v, m)
		}
		return callMethod(th, v, m, digits)
	}
	if f, ok := native(v).(Float); ok {
		if digits == None {
			return FloatToInt(math.RoundToEven(float64(f)))
		}
		n, err := Index(digits)
		if err != nil {
			return nil, err
		}
		return Float(roundFloat(float64(f), n)), nil
	}
	n := AsBig(v)
	if m := v.Class().Lookup("__round__"); n == nil && m != nil { // a native type's
		return callMethod(th, v, m, digits)
	}
	if n == nil {
		return nil, Errorf(TypeError, "type %s doesn't define __round__ method", v.Class().Name)
	}
	if digits == None {
		return NewBigInt(n), nil
	}
	d, err := Index(digits)
	if err != nil || d >= 0 {
		return NewBigInt(n), err
	}
	if -d > int64(n.BitLen()) {
		return NewInt(0), nil
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(-d), nil)
	q, m := new(big.Int), new(big.Int)
	floorDivMod(q, m, n, unit)
	if c := m.Lsh(m, 1).Cmp(unit); c > 0 || c == 0 && q.Bit(0) == 1 {
		q.Add(q, big.NewInt(1))
	}
	return NewBigInt(q.Mul(q, unit)), nil
}

// roundFloat rounds the exact decimal value of f, as CPython does.
func roundFloat(f float64, digits int64) float64 {
	if digits > 323 || math.IsInf(f, 0) || math.IsNaN(f) || f == 0 {
		return f
	}
	if digits < -308 {
		return math.Copysign(0, f)
	}
	if digits >= 0 {
		r, _ := strconv.ParseFloat(strconv.FormatFloat(f, 'f', int(digits), 64), 64)
		return r
	}
	unit := math.Pow(10, float64(-digits))
	return math.RoundToEven(f/unit) * unit
}

// AsMethod makes a native a method of a class, so that it binds its self.
func AsMethod(n *Native, c *Class) *Native {
	n.join(c)
	return n
}

// DropMember removes a class attribute.
func DropMember(c *Class, name string) { c.deleteMember(name) }

// SetOwn is object.__setattr__(v, name, x).
func SetOwn(th *Thread, v Value, name string, x Value) error {
	o := object(v)
	if o == nil {
		return noAttribute(v, name)
	}
	return (*AttrCache)(nil).store(th, v, o, name, x)
}

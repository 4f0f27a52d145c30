package stdlib

import (
	"math/bits"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// subclassed turns the names that a class body bound into members.
func (e *enumModule) subclassed(th *thread, c *runtime.Class) error {
	for _, k := range c.MRO()[1:] {
		if k.Is(e.enum) && listMember(k).Len() > 0 {
			old, err := runtime.Repr(th, k)
			if err != nil {
				return err
			}
			return runtime.Errorf(runtime.TypeError, "<enum %s> cannot extend %s", runtime.Quote(c.Name), old)
		}
	}
	bases := c.Bases()
	first := bases[len(bases)-1]
	if !first.Is(e.enum) {
		return runtime.Errorf(runtime.TypeError, "new enumerations should be created as `EnumName([mixin_type, ...] [data_type,] enum_type)`")
	}
	data := e.dataType(c)
	names := runtime.NewList()
	if own, ok := c.Own(memberNames).(*runtime.List); ok {
		names = own
	}
	c.SetMember(memberNames, runtime.NewList())
	c.SetMember(memberMap, runtime.NewDict())
	c.SetMember(valueMap, runtime.NewDict())
	c.SetMember(memberType, data)
	e.inheritText(c, first)
	maker := c.Own("__new__")
	if maker == nil {
		maker = c.Lookup("__new_member__")
	} else {
		c.SetMember("__new_member__", maker)
	}
	for _, n := range slices.Clone(names.Items()) {
		name, _ := runtime.AsStr(n)
		if err := e.addMember(th, c, data, maker, name, c.Own(name)); err != nil {
			return err
		}
	}
	return nil
}

func listMember(c *runtime.Class) *runtime.List {
	if l, ok := c.Own(memberNames).(*runtime.List); ok {
		return l
	}
	return runtime.NewList()
}

// dataType is the type whose values the members are besides.
func (e *enumModule) dataType(c *runtime.Class) *runtime.Class {
	var candidate *runtime.Class
	for _, k := range c.MRO()[1:] {
		switch {
		case k == runtime.ObjectClass:
		case k.Is(e.enum):
			if t, ok := k.Own(memberType).(*runtime.Class); ok && t != runtime.ObjectClass {
				return t
			}
			candidate = nil
		default:
			if candidate == nil {
				candidate = k
			}
			if k.Own("__new__") != nil || k.Own("__init__") != nil {
				return candidate
			}
		}
	}
	return runtime.ObjectClass
}

// inheritText keeps a mixed-in type from hiding how members are shown.
func (e *enumModule) inheritText(c, first *runtime.Class) {
	names := []string{"__repr__", "__str__", "__format__"}
	if c.Is(e.flag) {
		names = append(names, "__or__", "__and__", "__xor__", "__ror__", "__rand__", "__rxor__", "__invert__")
	}
	for i, name := range names {
		for _, k := range c.MRO() {
			if k.Own(name) == nil {
				continue
			}
			if k.Builtin() {
				from := first
				if i > 2 {
					from = e.flag
				}
				c.SetMember(name, from.Lookup(name))
			}
			break
		}
	}
}

// addMember makes the member name of what the body bound to it.
func (e *enumModule) addMember(th *thread, c, data *runtime.Class, maker value, name string, v value) error {
	in := []value{v}
	if t, ok := v.(*runtime.Tuple); ok && data != runtime.TupleClass {
		in = t.Items
	}
	m, err := e.makeMember(th, c, data, maker, in, v)
	if err != nil {
		return err
	}
	v = runtime.OwnAttribute(m, memberValue)
	if err := runtime.SetOwn(th, m, memberName, runtime.Str(name)); err != nil {
		return err
	}
	if err := runtime.SetOwn(th, m, "__objclass__", c); err != nil {
		return err
	}
	if init := c.Lookup("__init__"); init != nil {
		if _, err := runtime.CallSelf(th, init, m, args{Vals: in}); err != nil {
			return err
		}
	}
	if err := runtime.SetOwn(th, m, "_sort_order_", runtime.NewInt(int64(listMember(c).Len()))); err != nil {
		return err
	}
	old, err := e.byValue(th, c, v)
	if err != nil {
		return err
	}
	switch {
	case old != nil:
		m = old
	case !c.Is(e.flag) || singleBit(v):
		if err := listMember(c).Push(th, runtime.Str(name)); err != nil {
			return err
		}
	}
	c.SetMember(name, m)
	dictMember(c, memberMap).SetStr(name, m)
	if old == nil {
		if err := dictMember(c, valueMap).Set(th, v, m); err != nil && !runtime.AsException(err).IsA(runtime.TypeError) {
			return err
		}
	}
	return th.Alloc(512)
}

// makeMember makes the instance and its _value_.
func (e *enumModule) makeMember(th *thread, c, data *runtime.Class, maker value, in []value, v value) (value, error) {
	var m value
	var err error
	if s, ok := maker.(*runtime.StaticMethod); ok {
		m, err = runtime.CallSelf(th, s.Fn, c, args{Vals: in})
	} else {
		if isText(c) {
			if err := checkText(th, in); err != nil {
				return nil, err
			}
		}
		given := args{Vals: in}
		if !data.Builtin() {
			given = args{}
		}
		if data == runtime.ObjectClass {
			m = runtime.NewObject(c)
		} else {
			m, err = runtime.Make(th, c, given)
		}
	}
	if err != nil {
		return nil, err
	}
	if !m.Class().Is(c) {
		return nil, runtime.Errorf(runtime.TypeError, "_value_ not set in __new__, unable to create it")
	}
	if runtime.OwnAttribute(m, memberValue) != nil {
		return m, nil
	}
	if data != runtime.ObjectClass {
		made, err := runtime.Call(th, data, in...)
		if err != nil {
			failed := runtime.Errorf(runtime.TypeError, "_value_ not set in __new__, unable to create it")
			failed.Cause = runtime.AsException(err)
			return nil, failed
		}
		v = made
	}
	return m, runtime.SetOwn(th, m, memberValue, v)
}

// isText tells the classes below StrEnum, whose values must be strings.
func isText(c *runtime.Class) bool {
	return slices.ContainsFunc(c.MRO(), func(k *runtime.Class) bool { return k.Name == "StrEnum" && k.Module == "enum" })
}

func checkText(th *thread, in []value) error {
	for i, v := range in[:min(len(in), 3)] {
		if _, ok := runtime.AsStr(v); ok {
			continue
		}
		text, err := runtime.Repr(th, v)
		if err != nil {
			return err
		}
		what := [...]string{"%s is not a string", "encoding must be a string, not %s", "errors must be a string, not %s"}[i]
		return runtime.Errorf(runtime.TypeError, what, text)
	}
	if len(in) > 3 {
		text, err := runtime.Repr(th, runtime.NewTuple(in...))
		if err != nil {
			return err
		}
		return runtime.Errorf(runtime.TypeError, "too many arguments for str(): %s", text)
	}
	return nil
}

// byValue is the member of a value, nil without. Values that cannot be hashed are
// compared one by one.
func (e *enumModule) byValue(th *thread, c *runtime.Class, v value) (value, error) {
	m, err := dictMember(c, valueMap).Get(th, v)
	if err == nil || !runtime.AsException(err).IsA(runtime.TypeError) {
		return m, err
	}
	for _, m := range dictMember(c, memberMap).All() {
		if err := th.Step(); err != nil {
			return nil, err
		}
		if same, err := runtime.Equal(th, orNone(runtime.OwnAttribute(m, memberValue)), v); same || err != nil {
			return m, err
		}
	}
	return nil, nil
}

func singleBit(v value) bool {
	n, ok := runtime.AsInt(v)
	return ok && n > 0 && bits.OnesCount64(uint64(n)) == 1
}

// functional is Enum("Name", "A B C"): a class without a class statement.
func (e *enumModule) functional(th *thread, base *runtime.Class, a []value) (value, error) {
	name, ok := runtime.AsStr(a[1])
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "type.__new__() argument 1 must be str, not %s", a[1].Class().Name)
	}
	if err := th.Alloc(8 << 10); err != nil { // a class with its tables
		return nil, err
	}
	bases := []value{base}
	if a[5] != runtime.None {
		bases = []value{a[5], base}
	}
	body := runtime.NewDict()
	head := runtime.NewTuple(bases...)
	next := base.Lookup(nextValue)
	if s, ok := next.(*runtime.StaticMethod); ok {
		next = s.Fn
	}
	last := runtime.NewList()
	add := func(item value) error {
		var err error
		pair := tupleItems(item)
		if len(pair) != 2 {
			if l, ok := item.(*runtime.List); ok {
				pair = l.Items()
			}
		}
		name, isName := runtime.AsStr(item)
		var v value
		switch {
		case isName:
			if v, err = runtime.Call(th, next, item, a[6], runtime.NewInt(int64(last.Len())), last); err != nil {
				return err
			}
		case len(pair) == 2:
			name, _ = runtime.AsStr(pair[0])
			v = pair[1]
		default:
			return runtime.Errorf(runtime.TypeError, "cannot unpack non-iterable %s object", item.Class().Name)
		}
		if err := last.Push(th, v); err != nil {
			return err
		}
		return runtime.BindInClass(th, head, body, name, v)
	}
	names := a[2]
	if text, ok := runtime.AsStr(names); ok {
		fields, err := fieldNames(th, runtime.Str(text))
		if err != nil {
			return nil, err
		}
		list := runtime.NewList()
		for _, f := range fields {
			list.Append(runtime.Str(f))
		}
		names = list
	}
	if d := dictOf(names); d != nil {
		list := runtime.NewList()
		for k, v := range d.All() {
			list.Append(runtime.NewTuple(k, v))
		}
		names = list
	}
	if err := runtime.Iterate(th, names, add); err != nil {
		return nil, err
	}
	module := "__main__"
	if m, ok := runtime.AsStr(a[3]); ok {
		module = m
	}
	qual := name
	if q, ok := runtime.AsStr(a[4]); ok {
		qual = q
	}
	return runtime.BuildClass(th, runtime.ClassSpec{Module: module, Name: name, QualName: qual, Bases: bases, Names: body})
}

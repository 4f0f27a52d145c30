package stdlib

import (
	"maps"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The class attributes in which an enumeration keeps its members, as in CPython.
const (
	memberNames = "_member_names_"
	memberMap   = "_member_map_"
	valueMap    = "_value2member_map_"
	memberType  = "_member_type_"
	nextValue   = "_generate_next_value_"
	memberName  = "_name_"
	memberValue = "_value_"
)

// enumModule is the classes of one enum module; each needs others.
type enumModule struct {
	meta, enum, flag, intFlag, auto *runtime.Class
}

// autoValue is what auto() gives until the class body gives it to a name.
type autoValue struct {
	class *runtime.Class
	given []value // one value, nil unless auto() was given it
}

// Class implements runtime.Value.
func (a *autoValue) Class() *runtime.Class { return a.class }

// saidMember is member(v) or nonmember(v): whether v makes a member is said, not found out.
type saidMember struct {
	class  *runtime.Class
	v      value
	member bool
}

// Class implements runtime.Value.
func (w *saidMember) Class() *runtime.Class { return w.class }

// newEnum makes the enum module.
func newEnum(Host) *runtime.Module {
	e := &enumModule{}
	e.meta = runtime.NewType("enum", "EnumType", runtime.TypeClass, nil, e.metaMembers())
	e.enum = runtime.NewFrozenClass("enum", "Enum", nil, e.enumMembers())
	e.seed(e.enum, runtime.ObjectClass)
	hooks := runtime.Hooks{Meta: e.meta, Bind: e.bind, Subclassed: e.subclassed}
	e.enum.SetHooks(hooks)
	below := func(name string, data *runtime.Class, m runtime.Members, bases ...*runtime.Class) *runtime.Class {
		c := runtime.NewFrozenClass("enum", name, bases, m)
		e.seed(c, data)
		return c.SetHooks(hooks)
	}
	repr := below("ReprEnum", runtime.ObjectClass, nil, e.enum)
	e.flag = below("Flag", runtime.ObjectClass, e.flagMembers(), e.enum)
	m := runtime.Members{
		"Enum": e.enum, "ReprEnum": repr, "Flag": e.flag, "EnumType": e.meta, "EnumMeta": e.meta,
		"IntEnum": below("IntEnum", runtime.IntClass, e.shownAsData(), runtime.IntClass, repr),
		"unique":  define("unique(enumeration)", unique),
	}
	asText := e.shownAsData()
	asText[nextValue] = &runtime.StaticMethod{Fn: define("_generate_next_value_(name, start, count, last_values, /)",
		func(th *thread, a args) (value, error) { return runtime.CallAttr(th, a.Vals[0], "lower") })}
	m["StrEnum"] = below("StrEnum", runtime.StrClass, asText, runtime.StrClass, repr)
	bits := e.flagMembers()
	maps.Copy(bits, e.shownAsData())
	e.intFlag = below("IntFlag", runtime.IntClass, bits, runtime.IntClass, repr, e.flag)
	m["IntFlag"] = e.intFlag
	e.auto = runtime.NewType("enum", "auto", nil, func(_ *thread, c *runtime.Class, a args) (value, error) {
		vals := make([]value, 1)
		return &autoValue{c, vals}, runtime.NewSignature("__init__", "value=").Bind("auto.__init__", a, vals)
	}, nil)
	m["auto"] = e.auto
	for name, isMember := range map[string]bool{"member": true, "nonmember": false} {
		m[name] = runtime.NewType("enum", name, nil, func(_ *thread, c *runtime.Class, a args) (value, error) {
			if len(a.Vals) != 1 {
				return nil, runtime.Errorf(runtime.TypeError, "%s.__init__() missing 1 required positional argument: 'value'", name)
			}
			return &saidMember{c, a.Vals[0], isMember}, nil
		}, nil)
	}
	return runtime.NewModule("enum", m)
}

// shownAsData is how members that are values of another type are shown.
func (e *enumModule) shownAsData() runtime.Members {
	m := members(
		define("__str__(self, /)", func(th *thread, a args) (value, error) {
			s, err := runtime.ToStr(th, runtime.Data(a.Vals[0]))
			return runtime.Str(s), err
		}),
		define("__format__(self, spec, /)", func(th *thread, a args) (value, error) {
			spec, _ := runtime.AsStr(a.Vals[1])
			s, err := runtime.Format(th, runtime.Data(a.Vals[0]), spec)
			return runtime.Str(s), err
		}),
	)
	m["__repr__"] = e.enumMembers()["__repr__"]
	return m
}

// seed gives a class of the module the attributes of an enumeration without members.
func (e *enumModule) seed(c *runtime.Class, data *runtime.Class) {
	runtime.DefineMembers(c, runtime.Members{
		memberNames: runtime.NewList(), memberMap: runtime.NewDict(), valueMap: runtime.NewDict(), memberType: data,
	})
}

// bind sees the names of a class body: plain values become members, auto() a value.
func (e *enumModule) bind(th *thread, base *runtime.Class, names *runtime.Dict, name string, v value) (value, error) {
	switch {
	case isDunder(name) || strings.HasPrefix(name, "__"):
		return v, nil
	case isSunder(name):
		return v, e.checkSunder(names, name)
	}
	members, ok := names.GetStr(memberNames).(*runtime.List)
	if !ok {
		members = runtime.NewList()
		names.SetStr(memberNames, members)
	}
	w, isWrapped := v.(*saidMember)
	old := names.GetStr(name)
	isMember := false
	for _, n := range members.Items() {
		isMember = isMember || n == value(runtime.Str(name))
	}
	switch {
	case isMember:
	case isWrapped && !w.member:
		return w.v, nil
	case !isWrapped && isDescriptor(v):
		return v, nil
	}
	if old != nil {
		text, err := runtime.Repr(th, old)
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.TypeError, "%s already defined as %s", runtime.Quote(name), text)
	}
	if isWrapped {
		v = w.v
	}
	v, err := e.resolveAuto(th, base, names, members, name, v)
	if err != nil {
		return nil, err
	}
	return v, members.Push(th, runtime.Str(name))
}

func isDunder(s string) bool {
	return len(s) > 4 && strings.HasPrefix(s, "__") && strings.HasSuffix(s, "__") && s[2] != '_' && s[len(s)-3] != '_'
}

func isSunder(s string) bool {
	return len(s) > 2 && s[0] == '_' && s[len(s)-1] == '_' && s[1] != '_' && s[len(s)-2] != '_'
}

func (e *enumModule) checkSunder(names *runtime.Dict, name string) error {
	switch name {
	case "_order_", nextValue, "_numeric_repr_", "_missing_", "_iter_member_":
		members, ok := names.GetStr(memberNames).(*runtime.List)
		if name == nextValue && ok && members.Len() > 0 {
			return runtime.Errorf(runtime.TypeError, "_generate_next_value_ must be defined before members")
		}
		return nil
	}
	return runtime.Errorf(runtime.ValueError, "_sunder_ names, such as %s, are reserved for future Enum use", runtime.Quote(name))
}

// isDescriptor tells class attributes that are no members: methods and the like.
func isDescriptor(v value) bool {
	switch v.(type) {
	case *runtime.Function, *runtime.Property, *runtime.ClassMethod, *runtime.StaticMethod, *runtime.Getter:
		return true
	}
	c := v.Class()
	return c.Lookup("__get__") != nil || c.Lookup("__set__") != nil || c.Lookup("__delete__") != nil
}

// resolveAuto gives an auto(), also within a tuple, its value.
func (e *enumModule) resolveAuto(th *thread, base *runtime.Class, names *runtime.Dict, members *runtime.List, name string, v value) (value, error) {
	if t, ok := v.(*runtime.Tuple); ok {
		items := append([]value(nil), t.Items...)
		changed := false
		for i, x := range items {
			if _, ok := x.(*autoValue); !ok {
				continue
			}
			var err error
			if items[i], err = e.resolveAuto(th, base, names, members, name, x); err != nil {
				return nil, err
			}
			changed = true
		}
		if changed {
			return runtime.NewTuple(items...), nil
		}
	}
	a, ok := v.(*autoValue)
	if !ok {
		return v, nil
	}
	if a.given[0] != nil {
		return a.given[0], nil
	}
	last := runtime.NewList()
	for _, n := range members.Items() {
		text, _ := runtime.AsStr(n)
		if err := last.Push(th, names.GetStr(text)); err != nil {
			return nil, err
		}
	}
	next := names.GetStr(nextValue)
	if next == nil {
		next = base.Lookup(nextValue)
	}
	if s, ok := next.(*runtime.StaticMethod); ok {
		next = s.Fn
	}
	return runtime.Call(th, next, runtime.Str(name), one, runtime.NewInt(int64(members.Len())), last)
}

// afterLast is the default value of auto(): one more than the highest.
func afterLast(th *thread, a args) (value, error) {
	last, ok := a.Vals[3].(*runtime.List)
	if !ok || last.Len() == 0 {
		return a.Vals[1], nil
	}
	items := append([]value(nil), last.Items()...)
	newest := items[len(items)-1]
	if err := runtime.SortValues(th, items, runtime.None, runtime.False); err == nil {
		if same, err := runtime.Equal(th, newest, items[len(items)-1]); same || err != nil {
			v, err := runtime.Binary(th, runtime.Add, newest, one)
			if err == nil || !runtime.AsException(err).IsA(runtime.TypeError) {
				return v, err
			}
		}
	}
	for _, v := range last.Items() {
		if n, err := runtime.Binary(th, runtime.Add, v, one); err == nil {
			return n, nil
		} else if !runtime.AsException(err).IsA(runtime.TypeError) {
			return nil, err
		}
	}
	return a.Vals[1], nil
}

func unique(th *thread, a args) (value, error) {
	c, ok := a.Vals[0].(*runtime.Class)
	if !ok {
		return nil, runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute '__members__'", a.Vals[0].Class().Name)
	}
	var aliases []string
	for name, m := range dictMember(c, memberMap).All() {
		n, _ := runtime.AsStr(name)
		canonical, _ := runtime.AsStr(orNone(runtime.OwnAttribute(m, memberName)))
		if n != canonical {
			aliases = append(aliases, n+" -> "+canonical)
		}
	}
	if aliases == nil {
		return c, nil
	}
	text, err := runtime.Repr(th, c)
	if err != nil {
		return nil, err
	}
	return nil, runtime.Errorf(runtime.ValueError, "duplicate values found in %s: %s", text, strings.Join(aliases, ", "))
}

// dictMember is a dict that an enumeration keeps; empty for other classes.
func dictMember(c *runtime.Class, name string) *runtime.Dict {
	if d, ok := c.Lookup(name).(*runtime.Dict); ok {
		return d
	}
	return runtime.NewDict()
}

func orNone(v value) value {
	if v == nil {
		return runtime.None
	}
	return v
}

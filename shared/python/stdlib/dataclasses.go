package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// fieldSpec is what field() gives: how one attribute is set.
type fieldSpec struct {
	name             string
	def, factory     value // nil without
	init, repr, comp bool
	kwOnly           bool
}

var fieldClass = runtime.NewNativeClass("dataclasses", "Field", runtime.Members{
	"name": &runtime.Getter{Name: "name", Get: func(_ *thread, v value) (value, error) { return runtime.Str(v.(*fieldSpec).name), nil }},
	"default": &runtime.Getter{Name: "default", Get: func(_ *thread, v value) (value, error) {
		if d := v.(*fieldSpec).def; d != nil {
			return d, nil
		}
		return runtime.None, nil
	}},
})

// Class implements runtime.Value.
func (*fieldSpec) Class() *runtime.Class { return fieldClass }

// fieldsKey is the class attribute that holds the fields, as in CPython.
const fieldsKey = "__dataclass_fields__"

var frozenError = runtime.NewExceptionClass("dataclasses", "FrozenInstanceError", runtime.AttributeError)

func newDataclasses(Host) *runtime.Module {
	m := members(
		define("dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, "+
			"match_args=True, kw_only=False, slots=False, weakref_slot=False)", dataclass),
		define("field(*, default=, default_factory=, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=False)",
			func(_ *thread, a args) (value, error) {
				if a.Vals[0] != nil && a.Vals[1] != nil {
					return nil, runtime.Errorf(runtime.ValueError, "cannot specify both default and default_factory")
				}
				return &fieldSpec{
					def: a.Vals[0], factory: a.Vals[1], init: a.Vals[2] == runtime.True, repr: a.Vals[3] == runtime.True,
					comp: a.Vals[5] == runtime.True, kwOnly: a.Vals[7] == runtime.True,
				}, nil
			}),
		define("asdict(obj, *, dict_factory=None)", func(th *thread, a args) (value, error) {
			if fieldsOf(a.Vals[0].Class()) == nil {
				return nil, runtime.Errorf(runtime.TypeError, "asdict() should be called on dataclass instances")
			}
			return plain(th, a.Vals[0], true)
		}),
		define("astuple(obj, *, tuple_factory=None)", func(th *thread, a args) (value, error) {
			if fieldsOf(a.Vals[0].Class()) == nil {
				return nil, runtime.Errorf(runtime.TypeError, "astuple() should be called on dataclass instances")
			}
			return plain(th, a.Vals[0], false)
		}),
		define("fields(class_or_instance)", func(_ *thread, a args) (value, error) {
			c, ok := a.Vals[0].(*runtime.Class)
			if !ok {
				c = a.Vals[0].Class()
			}
			fs := fieldsOf(c)
			if fs == nil {
				return nil, runtime.Errorf(runtime.TypeError, "must be called with a dataclass type or instance")
			}
			out := make([]value, len(fs))
			for i, f := range fs {
				out[i] = f
			}
			return runtime.NewTuple(out...), nil
		}),
		define("is_dataclass(obj)", func(_ *thread, a args) (value, error) {
			c, ok := a.Vals[0].(*runtime.Class)
			if !ok {
				c = a.Vals[0].Class()
			}
			return runtime.NewBool(fieldsOf(c) != nil), nil
		}),
		runtime.NewRaw("replace", replaceFields),
	)
	m["FrozenInstanceError"] = frozenError
	return runtime.NewModule("dataclasses", m)
}

// fieldsOf are the fields of a dataclass, nil for other classes.
func fieldsOf(c *runtime.Class) []*fieldSpec {
	d, ok := c.Lookup(fieldsKey).(*runtime.Dict)
	if !ok {
		return nil
	}
	out := []*fieldSpec{}
	for _, v := range d.All() {
		out = append(out, v.(*fieldSpec))
	}
	return out
}

func dataclass(_ *thread, a args) (value, error) {
	kept := append([]value(nil), a.Vals...)
	if kept[0] == runtime.None {
		return define("wrap(cls, /)", func(_ *thread, a args) (value, error) { return process(a.Vals[0], kept) }), nil
	}
	return process(kept[0], kept)
}

func process(v value, opts []value) (value, error) {
	c, ok := v.(*runtime.Class)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "dataclass() should be used on a class")
	}
	on := func(i int) bool { return opts[i] == runtime.True }
	fields, err := collectFields(c, on(8))
	if err != nil {
		return nil, err
	}
	table := runtime.NewDict()
	for _, f := range fields {
		table.SetStr(f.name, f)
	}
	c.SetMember(fieldsKey, table)
	set := func(name string, n *runtime.Native) {
		if c.Own(name) == nil || name == "__eq__" && c.Own(name) == runtime.None {
			c.SetMember(name, runtime.AsMethod(n, c))
		}
	}
	if on(1) {
		init, err := initFor(c, fields)
		if err != nil {
			return nil, err
		}
		set("__init__", init)
	}
	if on(2) {
		set("__repr__", reprFor(fields))
	}
	if on(3) {
		set("__eq__", compareFor("__eq__", runtime.Eq, fields))
	}
	if on(4) {
		set("__lt__", compareFor("__lt__", runtime.Lt, fields))
		set("__le__", compareFor("__le__", runtime.Le, fields))
		set("__gt__", compareFor("__gt__", runtime.Gt, fields))
		set("__ge__", compareFor("__ge__", runtime.Ge, fields))
	}
	switch {
	case on(5) || on(3) && on(6):
		set("__hash__", define("__hash__(self, /)", func(th *thread, a args) (value, error) {
			t, err := compared(th, a.Vals[0], fields)
			if err != nil {
				return nil, err
			}
			h, err := runtime.Hash(th, t)
			return runtime.NewInt(h), err
		}))
	case on(3) && c.Own("__hash__") == nil:
		c.SetMember("__hash__", runtime.None)
	}
	if on(6) {
		freeze(c)
	}
	return c, nil
}

// collectFields are those of the bases, then the annotated names of the class itself.
func collectFields(c *runtime.Class, kwOnly bool) ([]*fieldSpec, error) {
	var out []*fieldSpec
	add := func(f *fieldSpec) {
		for i, old := range out {
			if old.name == f.name {
				out[i] = f
				return
			}
		}
		out = append(out, f)
	}
	mro := c.MRO()
	for i := len(mro) - 1; i > 0; i-- {
		if d, ok := mro[i].Own(fieldsKey).(*runtime.Dict); ok {
			for _, v := range d.All() {
				add(v.(*fieldSpec))
			}
		}
	}
	notes, ok := c.Own("__annotations__").(*runtime.Dict)
	if !ok {
		return out, nil
	}
	for k, note := range notes.All() {
		name, _ := runtime.AsStr(k)
		text, _ := runtime.AsStr(note)
		if strings.HasPrefix(text, "ClassVar") || strings.HasPrefix(text, "typing.ClassVar") {
			continue
		}
		f := &fieldSpec{init: true, repr: true, comp: true}
		switch def := c.Own(name).(type) {
		case nil:
		case *fieldSpec:
			copied := *def
			f = &copied
			if f.def != nil {
				c.SetMember(name, f.def)
			} else {
				runtime.DropMember(c, name)
			}
		case *runtime.List, *runtime.Dict, *runtime.Set:
			return nil, runtime.Errorf(runtime.ValueError,
				"mutable default <class '%s'> for field %s is not allowed: use default_factory", def.Class().Name, name)
		default:
			f.def = def
		}
		f.name = name
		f.kwOnly = f.kwOnly || kwOnly
		add(f)
	}
	return out, nil
}

// initFor makes __init__: positional fields, then keyword-only ones.
func initFor(c *runtime.Class, fields []*fieldSpec) (*runtime.Native, error) {
	var order []*fieldSpec
	params, optional := []string{"self"}, ""
	for _, kw := range []bool{false, true} {
		for _, f := range fields {
			if !f.init || f.kwOnly != kw {
				continue
			}
			p := f.name
			if f.def != nil || f.factory != nil {
				p += "="
				optional = f.name
			} else if optional != "" && !kw {
				return nil, runtime.Errorf(runtime.TypeError, "non-default argument '%s' follows default argument", f.name)
			}
			if kw && (len(order) == 0 || !order[len(order)-1].kwOnly) {
				params = append(params, "*")
			}
			params = append(params, p)
			order = append(order, f)
		}
	}
	sig := runtime.NewSignature("__init__", strings.Join(params, ", "))
	title := c.QualName() + ".__init__"
	return runtime.NewRaw("__init__", func(th *thread, a args) (value, error) {
		vals := th.Reserve(len(order) + 1)
		defer th.Release(vals)
		if err := sig.Bind(title, a, vals); err != nil {
			return nil, err
		}
		self := vals[0]
		for i, f := range order {
			if err := f.set(th, self, vals[i+1]); err != nil {
				return nil, err
			}
		}
		for _, f := range fields {
			if !f.init && (f.def != nil || f.factory != nil) {
				if err := f.set(th, self, nil); err != nil {
					return nil, err
				}
			}
		}
		_, _, err := runtime.CallSpecial(th, self, "__post_init__")
		return runtime.None, err
	}), nil
}

func (f *fieldSpec) set(th *thread, self, v value) error {
	if v == nil {
		v = f.def
		if f.factory != nil {
			var err error
			if v, err = runtime.Call(th, f.factory); err != nil {
				return err
			}
		}
	}
	return runtime.SetOwn(th, self, f.name, v)
}

func reprFor(fields []*fieldSpec) *runtime.Native {
	return define("__repr__(self, /)", func(th *thread, a args) (value, error) {
		var parts []string
		for _, f := range fields {
			if !f.repr {
				continue
			}
			v, err := runtime.GetAttr(th, a.Vals[0], f.name)
			if err != nil {
				return nil, err
			}
			s, err := runtime.Repr(th, v)
			if err != nil {
				return nil, err
			}
			parts = append(parts, f.name+"="+s)
		}
		return runtime.Str(a.Vals[0].Class().QualName() + "(" + strings.Join(parts, ", ") + ")"), nil
	})
}

// compared is the tuple of the fields that take part in comparisons.
func compared(th *thread, self value, fields []*fieldSpec) (value, error) {
	var vs []value
	for _, f := range fields {
		if !f.comp {
			continue
		}
		v, err := runtime.GetAttr(th, self, f.name)
		if err != nil {
			return nil, err
		}
		vs = append(vs, v)
	}
	return runtime.NewTuple(vs...), nil
}

func compareFor(name string, op runtime.CmpOp, fields []*fieldSpec) *runtime.Native {
	return define(name+"(self, other, /)", func(th *thread, a args) (value, error) {
		if a.Vals[0].Class() != a.Vals[1].Class() {
			return runtime.NotImplemented, nil
		}
		x, err := compared(th, a.Vals[0], fields)
		if err != nil {
			return nil, err
		}
		y, err := compared(th, a.Vals[1], fields)
		if err != nil {
			return nil, err
		}
		return runtime.Compare(th, op, x, y)
	})
}

func freeze(c *runtime.Class) {
	refuse := func(name, verb string, params string) {
		c.SetMember(name, runtime.AsMethod(define(name+params, func(_ *thread, a args) (value, error) {
			field, _ := runtime.AsStr(a.Vals[1])
			return nil, runtime.Errorf(frozenError, "cannot %s field '%s'", verb, field)
		}), c))
	}
	refuse("__setattr__", "assign to", "(self, name, value, /)")
	refuse("__delattr__", "delete", "(self, name, /)")
}

// plain is asdict (or astuple): dataclasses within containers too.
func plain(th *thread, v value, dict bool) (value, error) {
	if err := th.Step(); err != nil {
		return nil, err
	}
	if err := th.Enter(); err != nil {
		return nil, err
	}
	defer th.Leave()
	switch x := v.(type) {
	case *runtime.List:
		out := runtime.NewList()
		for _, item := range x.Items() {
			p, err := plain(th, item, dict)
			if err != nil {
				return nil, err
			}
			out.Append(p)
		}
		return out, nil
	case *runtime.Tuple:
		out := make([]value, len(x.Items))
		for i, item := range x.Items {
			p, err := plain(th, item, dict)
			if err != nil {
				return nil, err
			}
			out[i] = p
		}
		return runtime.NewTuple(out...), nil
	case *runtime.Dict:
		out := runtime.NewDict()
		for k, item := range x.All() {
			p, err := plain(th, item, dict)
			if err != nil {
				return nil, err
			}
			if err := out.Set(th, k, p); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	fields := fieldsOf(v.Class())
	if fields == nil {
		return v, nil
	}
	d, vs := runtime.NewDict(), []value{}
	for _, f := range fields {
		x, err := runtime.GetAttr(th, v, f.name)
		if err != nil {
			return nil, err
		}
		p, err := plain(th, x, dict)
		if err != nil {
			return nil, err
		}
		d.SetStr(f.name, p)
		vs = append(vs, p)
	}
	if dict {
		return d, nil
	}
	return runtime.NewTuple(vs...), nil
}

func replaceFields(th *thread, a args) (value, error) {
	if a.NPos() != 1 {
		return nil, runtime.Errorf(runtime.TypeError, "replace() takes 1 positional argument but %d were given", a.NPos())
	}
	fields := fieldsOf(a.Vals[0].Class())
	if fields == nil {
		return nil, runtime.Errorf(runtime.TypeError, "replace() should be called on dataclass instances")
	}
	var call args
	for _, f := range fields {
		if !f.init {
			continue
		}
		v := a.Kw(f.name)
		if v == nil {
			var err error
			if v, err = runtime.GetAttr(th, a.Vals[0], f.name); err != nil {
				return nil, err
			}
		}
		call.Vals, call.Names = append(call.Vals, v), append(call.Names, f.name)
	}
	for i, n := range a.Names {
		if a.Vals[0].Class().Lookup(fieldsKey).(*runtime.Dict).GetStr(n) == nil {
			call.Vals, call.Names = append(call.Vals, a.Vals[1+i]), append(call.Names, n)
		}
	}
	return runtime.CallArgs(th, a.Vals[0].Class(), call)
}

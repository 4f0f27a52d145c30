package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// fieldSpec is what field() gives: how one attribute is set.
type fieldSpec struct {
	name             string
	def, factory     value // nil without
	init, repr, comp bool
	kwOnly           bool
	initVar          bool  // an argument of __init__ that only __post_init__ sees
	hash             value // None: as comp
	metadata, note   value
}

var fieldClass = runtime.NewNativeClass("dataclasses", "Field", runtime.Members{
	"name": &runtime.Getter{Name: "name", Get: func(_ *thread, v value) (value, error) { return runtime.Str(v.(*fieldSpec).name), nil }},
	"default": &runtime.Getter{Name: "default", Get: func(_ *thread, v value) (value, error) {
		if d := v.(*fieldSpec).def; d != nil {
			return d, nil
		}
		return missing, nil
	}},
	"default_factory": &runtime.Getter{Name: "default_factory", Get: func(_ *thread, v value) (value, error) {
		if f := v.(*fieldSpec).factory; f != nil {
			return f, nil
		}
		return missing, nil
	}},
	"type":     &runtime.Getter{Name: "type", Get: func(_ *thread, v value) (value, error) { return orNone(v.(*fieldSpec).note), nil }},
	"hash":     &runtime.Getter{Name: "hash", Get: func(_ *thread, v value) (value, error) { return orNone(v.(*fieldSpec).hash), nil }},
	"metadata": &runtime.Getter{Name: "metadata", Get: func(_ *thread, v value) (value, error) { return orNone(v.(*fieldSpec).metadata), nil }},
	"init":     fieldFlag("init", func(f *fieldSpec) bool { return f.init }),
	"repr":     fieldFlag("repr", func(f *fieldSpec) bool { return f.repr }),
	"compare":  fieldFlag("compare", func(f *fieldSpec) bool { return f.comp }),
	"kw_only":  fieldFlag("kw_only", func(f *fieldSpec) bool { return f.kwOnly }),
})

func fieldFlag(name string, of func(f *fieldSpec) bool) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(_ *thread, v value) (value, error) { return runtime.NewBool(of(v.(*fieldSpec))), nil }}
}

// Class implements runtime.Value.
func (*fieldSpec) Class() *runtime.Class { return fieldClass }

// PublishTo implements runtime.Container.
func (f *fieldSpec) PublishTo(queue []value) []value {
	for _, v := range []value{f.def, f.factory, f.metadata} {
		if v != nil {
			queue = append(queue, v)
		}
	}
	return queue
}

// The marks of the module: MISSING stands for a default that is not there, KW_ONLY
// before the fields that are given by name.
var (
	missing value = runtime.NewObject(runtime.NewNativeClass("dataclasses", "_MISSING_TYPE", nil))
	kwOnly  value = runtime.NewObject(runtime.NewNativeClass("dataclasses", "_KW_ONLY_TYPE", nil))
)

// fieldsKey is the class attribute that holds the fields, as in CPython.
const fieldsKey = "__dataclass_fields__"

var frozenError = runtime.NewExceptionClass("dataclasses", "FrozenInstanceError", runtime.AttributeError)

func newDataclasses(Host) *runtime.Module {
	m := members(
		define("dataclass(cls=None, /, *, init=True, repr=True, eq=True, order=False, unsafe_hash=False, frozen=False, "+
			"match_args=True, kw_only=False, slots=False, weakref_slot=False)", dataclass),
		define("field(*, default=, default_factory=, init=True, repr=True, hash=None, compare=True, metadata=None, kw_only=False)",
			func(_ *thread, a args) (value, error) {
				for i, v := range a.Vals[:2] {
					if v == missing {
						a.Vals[i] = nil
					}
				}
				if a.Vals[0] != nil && a.Vals[1] != nil {
					return nil, runtime.Errorf(runtime.ValueError, "cannot specify both default and default_factory")
				}
				return &fieldSpec{
					def: a.Vals[0], factory: a.Vals[1], init: a.Vals[2] == runtime.True, repr: a.Vals[3] == runtime.True,
					comp: a.Vals[5] == runtime.True, kwOnly: a.Vals[7] == runtime.True, hash: a.Vals[4],
					metadata: readOnlyDict(a.Vals[6]),
				}, nil
			}),
		define("asdict(obj, *, dict_factory=None)", func(th *thread, a args) (value, error) {
			if _, isClass := a.Vals[0].(*runtime.Class); isClass || fieldsOf(a.Vals[0].Class()) == nil {
				return nil, runtime.Errorf(runtime.TypeError, "asdict() should be called on dataclass instances")
			}
			return plain(th, a.Vals[0], true, a.Vals[1])
		}),
		define("astuple(obj, *, tuple_factory=None)", func(th *thread, a args) (value, error) {
			if _, isClass := a.Vals[0].(*runtime.Class); isClass || fieldsOf(a.Vals[0].Class()) == nil {
				return nil, runtime.Errorf(runtime.TypeError, "astuple() should be called on dataclass instances")
			}
			return plain(th, a.Vals[0], false, a.Vals[1])
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
			out := make([]value, 0, len(fs))
			for _, f := range fs {
				if !f.initVar {
					out = append(out, f)
				}
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
	m["FrozenInstanceError"], m["MISSING"], m["KW_ONLY"], m["Field"] = frozenError, missing, kwOnly, fieldClass
	m["InitVar"] = runtime.NewFrozenClass("dataclasses", "InitVar", nil, runtime.Members{"__class_getitem__": subscriptable()})
	return runtime.NewModule("dataclasses", m)
}

func readOnlyDict(v value) value {
	d, ok := v.(*runtime.Dict)
	if !ok {
		d = runtime.NewDict()
	}
	return &mappingProxy{d}
}

// fieldsOf are the fields of a dataclass, InitVars among them, nil for other classes.
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

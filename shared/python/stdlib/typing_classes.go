package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// namedTupleForm is typing.NamedTuple: a class statement below it makes a named tuple.
type namedTupleForm struct{ typingForm }

// BuildClass implements runtime.ClassBuilder.
func (*namedTupleForm) BuildClass(th *thread, spec runtime.ClassSpec) (value, error) {
	var fields []string
	var defaults []value
	if notes, ok := spec.Names.GetStr("__annotations__").(*runtime.Dict); ok {
		for k := range notes.All() {
			name, _ := runtime.AsStr(k)
			def := spec.Names.GetStr(name)
			if def == nil && defaults != nil {
				return nil, runtime.Errorf(runtime.TypeError, "Non-default namedtuple field %s cannot follow default field%s %s",
					name, pluralS(len(defaults)), strings.Join(fields[len(fields)-len(defaults):], ", "))
			}
			if def != nil {
				defaults = append(defaults, def)
			}
			fields = append(fields, name)
		}
	}
	if err := checkFields(spec.Name, fields); err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(fields)+4, 512); err != nil {
		return nil, err
	}
	c, err := newNamedTuple(spec.Module, spec.Name, fields, defaults)
	if err != nil {
		return nil, err
	}
	for k, v := range spec.Names.All() {
		name, _ := runtime.AsStr(k)
		switch name {
		case "__new__", "__init__", "__slots__", "__getnewargs__", "_fields", "_field_defaults", "_make", "_replace", "_asdict":
			return nil, runtime.Errorf(runtime.AttributeError, "Cannot overwrite NamedTuple attribute %s", name)
		}
		if c.Own(name) == nil || name == "__doc__" || name == "__repr__" {
			c.SetMember(name, v)
		}
	}
	if spec.Cell != nil {
		spec.Cell.Store(c)
	}
	return c, nil
}

// Call is NamedTuple("P", [("x", int)]).
func (*namedTupleForm) Call(th *thread, a args) (value, error) {
	if a.NPos() != 2 {
		return nil, runtime.Errorf(runtime.TypeError, "NamedTuple() missing 1 required positional argument: 'typename'")
	}
	name, err := runtime.ToStr(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	pairs := a.Vals[1]
	var fields []string
	err = runtime.Iterate(th, pairs, func(pair value) error {
		var kv [2]value
		if err := runtime.Unpack(th, pair, kv[:], -1); err != nil {
			return err
		}
		field, err := runtime.ToStr(th, kv[0])
		fields = append(fields, field)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := checkFields(name, fields); err != nil {
		return nil, err
	}
	return newNamedTuple("__main__", name, fields, nil)
}

// typedDictForm is typing.TypedDict: classes below it make plain dicts.
type typedDictForm struct{ typingForm }

// BuildClass implements runtime.ClassBuilder.
func (*typedDictForm) BuildClass(th *thread, spec runtime.ClassSpec) (value, error) {
	spec.Bases = []value{runtime.DictClass}
	spec.Keywords = nil // total=False says nothing at run time
	v, err := runtime.BuildClass(th, spec)
	if err != nil {
		return nil, err
	}
	c, ok := v.(*runtime.Class)
	if !ok {
		return v, nil
	}
	plainDicts(c)
	c.SetMember("__init_subclass__", &runtime.ClassMethod{Fn: runtime.NewRaw("__init_subclass__", func(*thread, args) (value, error) {
		return runtime.None, nil // total= again
	})})
	c.SetHooks(runtime.Hooks{Subclassed: func(_ *thread, sub *runtime.Class) error {
		plainDicts(sub)
		return nil
	}})
	return c, nil
}

// plainDicts lets a class make plain dicts.
func plainDicts(c *runtime.Class) {
	runtime.Constructor(c, func(th *thread, _ *runtime.Class, a args) (value, error) {
		return runtime.CallArgs(th, runtime.DictClass, a)
	})
}

// Call is TypedDict("T", {"x": int}).
func (f *typedDictForm) Call(th *thread, a args) (value, error) {
	if a.NPos() == 0 {
		return nil, runtime.Errorf(runtime.TypeError, "TypedDict() missing 1 required positional argument: 'typename'")
	}
	name, err := runtime.ToStr(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	return f.BuildClass(th, runtime.ClassSpec{Module: "__main__", Name: name, QualName: name, Names: runtime.NewDict()})
}

package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

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
		notes = runtime.NewDict()
	}
	marked := false
	for k, note := range notes.All() {
		name, _ := runtime.AsStr(k)
		switch annotated(note) {
		case "ClassVar":
			continue
		case "KW_ONLY":
			if marked {
				return nil, runtime.Errorf(runtime.TypeError, "%s is KW_ONLY, but KW_ONLY has already been specified", runtime.Quote(name))
			}
			marked, kwOnly = true, true
			continue
		}
		f, err := newField(c, name, note)
		if err != nil {
			return nil, err
		}
		f.kwOnly = f.kwOnly || kwOnly
		add(f)
	}
	for _, name := range c.Names() {
		if _, ok := c.Own(name).(*fieldSpec); ok && notes.GetStr(name) == nil {
			return nil, runtime.Errorf(runtime.TypeError, "%s is a field but has no type annotation", runtime.Quote(name))
		}
	}
	return out, nil
}

// annotated is the bare name of an annotation's outermost type.
func annotated(note value) string {
	text, _ := runtime.AsStr(note)
	text, _, _ = strings.Cut(text, "[")
	return text[strings.LastIndexByte(text, '.')+1:]
}

// newField is the field of one annotation; the class keeps its default.
func newField(c *runtime.Class, name string, note value) (*fieldSpec, error) {
	f := &fieldSpec{init: true, repr: true, comp: true, metadata: readOnlyDict(nil)}
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
	default:
		f.def = def
	}
	f.name, f.note, f.initVar = name, note, annotated(note) == "InitVar"
	if f.initVar && f.factory != nil {
		return nil, runtime.Errorf(runtime.TypeError, "field %s cannot have a default factory", name)
	}
	if f.def != nil && f.def.Class().Lookup("__hash__") == runtime.None {
		return nil, runtime.Errorf(runtime.ValueError,
			"mutable default <class '%s'> for field %s is not allowed: use default_factory", f.def.Class().FullName(), name)
	}
	return f, nil
}

// initFor makes __init__: positional fields, then keyword-only ones.
func initFor(c *runtime.Class, fields []*fieldSpec) (init *runtime.Native, order []*fieldSpec, err error) {
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
				return nil, nil, runtime.Errorf(runtime.TypeError, "non-default argument '%s' follows default argument", f.name)
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
		return runtime.None, fill(th, vals[0], fields, order, vals[1:])
	}), order, nil
}

// fill sets the fields of a new instance; vals are the arguments, one for each of order.
func fill(th *thread, self value, fields, order []*fieldSpec, vals []value) error {
	var forPost []value
	for _, f := range fields {
		i := slices.Index(order, f)
		switch {
		case f.initVar:
			v := f.def
			if i >= 0 && vals[i] != nil {
				v = vals[i]
			}
			forPost = append(forPost, orNone(v))
		case i >= 0:
			if err := f.set(th, self, vals[i]); err != nil {
				return err
			}
		case f.factory != nil || f.def != nil && self.Class().Own("__slots__") != nil:
			if err := f.set(th, self, nil); err != nil {
				return err
			}
		}
	}
	_, _, err := runtime.CallSpecial(th, self, "__post_init__", forPost...)
	return err
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

package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

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
	return tupleOf(th, self, fields, func(f *fieldSpec) bool { return f.comp })
}

// tupleOf is the tuple of some fields.
func tupleOf(th *thread, self value, fields []*fieldSpec, which func(f *fieldSpec) bool) (value, error) {
	var vs []value
	for _, f := range fields {
		if !which(f) {
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

// freeze refuses changes of the fields, and of any attribute of an instance of c itself.
func freeze(c *runtime.Class, fields []*fieldSpec) {
	refuse := func(name, verb, params string, otherwise func(th *thread, a []value) error) {
		c.SetMember(name, runtime.AsMethod(define(name+params, func(th *thread, a args) (value, error) {
			field, _ := runtime.AsStr(a.Vals[1])
			if a.Vals[0].Class() == c || slices.ContainsFunc(fields, func(f *fieldSpec) bool { return f.name == field }) {
				return nil, runtime.Errorf(frozenError, "cannot %s field %s", verb, runtime.Quote(field))
			}
			return runtime.None, otherwise(th, a.Vals)
		}), c))
	}
	refuse("__setattr__", "assign to", "(self, name, value, /)", func(th *thread, a []value) error {
		name, _ := runtime.AsStr(a[1])
		return runtime.SetOwn(th, a[0], name, a[2])
	})
	refuse("__delattr__", "delete", "(self, name, /)", func(th *thread, a []value) error {
		_, err := runtime.CallAttr(th, runtime.ObjectClass, "__delattr__", a[0], a[1])
		return err
	})
}

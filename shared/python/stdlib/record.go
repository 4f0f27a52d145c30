package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newRecordClass makes a class of tuples whose items have names, as time.struct_time
// is. Scripts cannot make instances unless runtime.Constructor says how.
func newRecordClass(module, name, shown string, fields ...string) *runtime.Class {
	m := runtime.Members{
		"__repr__": method("__repr__(self, /)", func(th *thread, self value, _ []value) (value, error) {
			parts := make([]string, len(fields))
			for i, v := range recordItems(self) {
				s, err := runtime.Repr(th, v)
				if err != nil {
					return nil, err
				}
				parts[i] = fields[i] + "=" + s
			}
			return runtime.Str(shown + "(" + strings.Join(parts, ", ") + ")"), nil
		}),
	}
	for i, field := range fields {
		m[field] = &runtime.Getter{Name: field, Get: func(_ *thread, self value) (value, error) { return recordItems(self)[i], nil }}
	}
	c := runtime.NewFrozenClass(module, name, []*runtime.Class{runtime.TupleClass}, m)
	return runtime.Constructor(c, nil)
}

// newRecord makes an instance with an item for each field.
func newRecord(c *runtime.Class, items ...value) value {
	return runtime.Instance(c, runtime.NewTuple(items...))
}

// recordItems are the items of a record.
func recordItems(v value) []value { return runtime.Data(v).(*runtime.Tuple).Items }

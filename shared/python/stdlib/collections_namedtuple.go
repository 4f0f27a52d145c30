package stdlib

import (
	"slices"
	"strings"
	"unicode"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// keywords are the words that cannot be names.
var keywords = strings.Fields(`False None True and as assert async await break class continue def del elif else except
	finally for from global if import in is lambda nonlocal not or pass raise return try while with yield`)

// isName tells what may stand as a name.
func isName(s string) bool {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && (i == 0 || !unicode.IsDigit(r)) {
			return false
		}
	}
	return s != ""
}

// namedTuple is collections.namedtuple().
func namedTuple(th *thread, a args) (value, error) {
	name, err := runtime.ToStr(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	fields, err := fieldNames(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	rename, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	if rename {
		renameFields(fields)
	}
	if err := checkFields(name, fields); err != nil {
		return nil, err
	}
	var defaults []value
	if a.Vals[3] != runtime.None {
		if defaults, err = runtime.Collect(th, a.Vals[3]); err != nil {
			return nil, err
		}
	}
	if len(defaults) > len(fields) {
		return nil, runtime.Errorf(runtime.TypeError, "Got more default values than field names")
	}
	module, ok := runtime.AsStr(a.Vals[4])
	if !ok {
		module = "__main__"
	}
	if err := th.AllocMany(len(fields)+4, 512); err != nil {
		return nil, err
	}
	return newNamedTuple(module, name, fields, defaults)
}

// fieldBytes is what a field costs: its name, its descriptor, its places in the class.
const fieldBytes = 512

// fieldNames reads "x y", "x, y" or a sequence of names.
func fieldNames(th *thread, v value) ([]string, error) {
	if s, ok := runtime.AsStr(v); ok {
		return strings.Fields(strings.ReplaceAll(s, ",", " ")), th.AllocMany(len(s), fieldBytes/2)
	}
	var fields []string
	err := runtime.Iterate(th, v, func(x value) error {
		s, err := runtime.ToStr(th, x)
		fields = append(fields, s)
		if err == nil {
			err = th.Alloc(fieldBytes)
		}
		return err
	})
	return fields, err
}

// renameFields replaces what cannot be a field by its position.
func renameFields(fields []string) {
	seen := map[string]bool{}
	for i, f := range fields {
		if !isName(f) || slices.Contains(keywords, f) || strings.HasPrefix(f, "_") || seen[f] {
			fields[i] = "_" + runtime.FormatInt(i)
		}
		seen[f] = true
	}
}

func checkFields(name string, fields []string) error {
	for _, n := range append([]string{name}, fields...) {
		if !isName(n) {
			return runtime.Errorf(runtime.ValueError, "Type names and field names must be valid identifiers: %s", runtime.Quote(n))
		}
		if slices.Contains(keywords, n) {
			return runtime.Errorf(runtime.ValueError, "Type names and field names cannot be a keyword: %s", runtime.Quote(n))
		}
	}
	seen := map[string]bool{}
	for i, f := range fields {
		if strings.HasPrefix(f, "_") && f != "_"+runtime.FormatInt(i) {
			return runtime.Errorf(runtime.ValueError, "Field names cannot start with an underscore: %s", runtime.Quote(f))
		}
		if seen[f] {
			return runtime.Errorf(runtime.ValueError, "Encountered duplicate field name: %s", runtime.Quote(f))
		}
		seen[f] = true
	}
	return nil
}

// newNamedTuple makes a class below tuple whose items have names; the last ones
// have the defaults.
func newNamedTuple(module, name string, fields []string, defaults []value) (*runtime.Class, error) {
	names, given := make([]value, len(fields)), runtime.NewDict()
	params := make([]string, len(fields))
	m := runtime.Members{}
	for i, f := range fields {
		names[i] = runtime.Str(f)
		params[i] = ", " + f
		if d := i - len(fields) + len(defaults); d >= 0 {
			params[i] += "="
			given.SetStr(f, defaults[d])
		}
		m[f] = itemGetter(f, i)
	}
	m["_fields"], m["__match_args__"], m["_field_defaults"] = runtime.NewTuple(names...), runtime.NewTuple(names...), given
	m["__doc__"] = runtime.Str(name + "(" + strings.Join(fields, ", ") + ")")
	m["__slots__"] = runtime.NewTuple()
	m["__repr__"] = define("__repr__(self, /)", func(th *thread, a args) (value, error) {
		s, err := namedRepr(th, a.Vals[0].Class().QualName(), fields, tupleItems(a.Vals[0]))
		return runtime.Str(s), err
	})
	m["_asdict"] = define("_asdict(self, /)", func(th *thread, a args) (value, error) {
		d := runtime.NewDict()
		for i, v := range tupleItems(a.Vals[0]) {
			if i < len(names) {
				if err := d.Set(th, names[i], v); err != nil {
					return nil, err
				}
			}
		}
		return d, nil
	})
	m["_replace"] = runtime.NewRaw("_replace", func(th *thread, a args) (value, error) { return replaceNamed(th, fields, a) })
	m["_make"] = &runtime.ClassMethod{Fn: define("_make(cls, iterable, /)", func(th *thread, a args) (value, error) {
		items, err := runtime.Collect(th, a.Vals[1])
		if err != nil {
			return nil, err
		}
		if len(items) != len(fields) {
			return nil, runtime.Errorf(runtime.TypeError, "Expected %d argument%s, got %d", len(fields), pluralS(len(fields)), len(items))
		}
		return runtime.Instance(a.Vals[0].(*runtime.Class), runtime.NewTuple(items...)), nil
	})}
	m["__getnewargs__"] = define("__getnewargs__(self, /)", func(_ *thread, a args) (value, error) { return runtime.Data(a.Vals[0]), nil })
	c, err := runtime.NewClass(module, name, []*runtime.Class{runtime.TupleClass}, m)
	if err != nil {
		return nil, err
	}
	c.Seal()
	sig := runtime.NewSignature("__new__", "_cls"+strings.Join(params, ""))
	runtime.Constructor(c, func(th *thread, cls *runtime.Class, a args) (value, error) {
		vals := make([]value, len(fields)+1)
		call := args{Vals: append([]value{cls}, a.Vals...), Names: a.Names}
		if err := sig.Bind(name+".__new__", call, vals); err != nil {
			return nil, err
		}
		for i := range fields {
			if vals[i+1] == nil {
				vals[i+1] = defaults[i-len(fields)+len(defaults)]
			}
		}
		return runtime.Instance(cls, runtime.NewTuple(vals[1:]...)), th.AllocMany(len(vals), 32)
	})
	c.SetMember("__new__", runtime.NewMethod(c))
	return c, nil
}

func pluralS(n int) string {
	if n == 1 {
		return ""
	}
	return "s"
}

// tupleItems are the items of a tuple or of an instance of a class below tuple.
func tupleItems(v value) []value {
	if t, ok := runtime.Data(v).(*runtime.Tuple); ok {
		return t.Items
	}
	return nil
}

func itemGetter(name string, i int) *runtime.Getter {
	return runtime.Attribute(name, func(_ *thread, v value) (value, error) {
		if items := tupleItems(v); i < len(items) {
			return items[i], nil
		}
		return nil, runtime.Errorf(runtime.IndexError, "tuple index out of range")
	}, func(*thread, value, value) error {
		return runtime.Errorf(runtime.AttributeError, "can't set attribute")
	})
}

// namedRepr is `name(a=1, b=2)`.
func namedRepr(th *thread, name string, fields []string, items []value) (string, error) {
	parts := make([]string, 0, len(fields))
	for i, f := range fields[:min(len(fields), len(items))] {
		s, err := runtime.Repr(th, items[i])
		if err != nil {
			return "", err
		}
		parts = append(parts, f+"="+s)
	}
	text := name + "(" + strings.Join(parts, ", ") + ")"
	return text, th.Alloc(len(text))
}

func replaceNamed(th *thread, fields []string, a args) (value, error) {
	if a.NPos() != 1 {
		return nil, runtime.Errorf(runtime.TypeError, "_replace() takes 1 positional argument but %d were given", a.NPos())
	}
	items := slices.Clone(tupleItems(a.Vals[0]))
	var unknown []value
	for i, n := range a.Names {
		at := slices.Index(fields, n)
		if at < 0 || at >= len(items) {
			unknown = append(unknown, runtime.Str(n))
			continue
		}
		items[at] = a.Vals[1+i]
	}
	if unknown != nil {
		text, err := runtime.Repr(th, runtime.NewList(unknown...))
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.ValueError, "Got unexpected field names: %s", text)
	}
	return runtime.Instance(a.Vals[0].Class(), runtime.NewTuple(items...)), th.AllocMany(len(items), 16)
}

package stdlib

import (
	"math"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// parameters bind arguments with the messages of CPython's functions in C that take
// keywords, which differ from those of runtime.Signature.
type parameters struct {
	function   string // "" where messages say "function"
	names      []string
	positional int // the first ones, which may be given by position
	required   int // the first ones, which must be given
}

// bind has one value for each name, nil for an omitted one.
func (p *parameters) bind(a args) ([]value, error) {
	title, receiver := "function", "this function"
	if p.function != "" {
		title, receiver = p.function+"()", p.function+"()"
	}
	if err := p.count(a, title); err != nil {
		return nil, err
	}
	vals := make([]value, len(p.names))
	copy(vals, a.Pos())
	unknown := ""
	for i, name := range a.Names {
		switch at := slices.Index(p.names, name); {
		case at < 0:
			unknown = name
		case vals[at] != nil:
			return nil, runtime.Errorf(runtime.TypeError, "argument for %s given by name ('%s') and position (%d)", title, name, at+1)
		default:
			vals[at] = a.Vals[a.NPos()+i]
		}
	}
	for i, name := range p.names[:p.required] {
		if vals[i] == nil {
			return nil, runtime.Errorf(runtime.TypeError, "%s missing required argument '%s' (pos %d)", title, name, i+1)
		}
	}
	if unknown != "" {
		return nil, runtime.Errorf(runtime.TypeError, "'%s' is an invalid keyword argument for %s", unknown, receiver)
	}
	return vals, nil
}

func (p *parameters) count(a args, title string) error {
	plural, kind, most, given := "s", "", len(p.names), len(a.Vals)
	if given <= most {
		kind, most, given = "positional ", p.positional, a.NPos()
	}
	if given <= most {
		return nil
	}
	if most == 1 {
		plural = ""
	}
	if a.NPos() == 0 {
		kind = "keyword "
	}
	return runtime.Errorf(runtime.TypeError, "%s takes at most %d %sargument%s (%d given)", title, most, kind, plural, given)
}

// cInt is an argument that CPython reads as a C int; def stands for an omitted one.
func cInt(v value, def int) (int, error) {
	if v == nil {
		return def, nil
	}
	n, err := runtime.Index(v)
	if err != nil {
		if e := runtime.AsException(err); e.IsA(runtime.OverflowError) {
			return 0, runtime.Errorf(runtime.OverflowError, "Python int too large to convert to C long")
		}
		return 0, err
	}
	switch {
	case n > math.MaxInt32:
		return 0, runtime.Errorf(runtime.OverflowError, "signed integer is greater than maximum")
	case n < math.MinInt32:
		return 0, runtime.Errorf(runtime.OverflowError, "signed integer is less than minimum")
	}
	return int(n), nil
}

// textArgument is argument number i of a function, which must be a str.
func textArgument(function string, i int, v value) (string, error) {
	s, ok := runtime.AsStr(v)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "%s() argument %d must be str, not %s", function, i, typeName(v))
	}
	return s, nil
}

// typeName is how messages about arguments name a type.
func typeName(v value) string {
	if v == runtime.None {
		return "None"
	}
	return v.Class().Name
}

// method and attribute shorten the making of native classes' members.
func method(signature string, f func(th *thread, self value, a []value) (value, error)) *runtime.Native {
	return define(signature, func(th *thread, a args) (value, error) { return f(th, a.Vals[0], a.Vals[1:]) })
}

func attribute[T value](name string, get func(self T) value) *runtime.Getter {
	return &runtime.Getter{Name: name, Get: func(_ *thread, self value) (value, error) { return get(self.(T)), nil }}
}

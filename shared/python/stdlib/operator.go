package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newOperator makes the operator module.
func newOperator(Host) *runtime.Module {
	m := runtime.Members{}
	for name, op := range map[string]runtime.Op{
		"add": runtime.Add, "sub": runtime.Sub, "mul": runtime.Mul, "matmul": runtime.MatMul, "truediv": runtime.Div, "mod": runtime.Mod, "pow": runtime.Pow,
		"lshift": runtime.LShift, "rshift": runtime.RShift, "or_": runtime.Or, "xor": runtime.Xor, "and_": runtime.And, "floordiv": runtime.FloorDiv,
	} {
		m[name] = define(name+"(a, b, /)", func(th *thread, a args) (value, error) { return runtime.Binary(th, op, a.Vals[0], a.Vals[1]) })
		inplace := "i" + strings.TrimSuffix(name, "_")
		m[inplace] = define(inplace+"(a, b, /)", func(th *thread, a args) (value, error) { return runtime.InPlace(th, op, a.Vals[0], a.Vals[1]) })
	}
	for name, op := range map[string]runtime.CmpOp{
		"eq": runtime.Eq, "ne": runtime.Ne, "lt": runtime.Lt, "le": runtime.Le, "gt": runtime.Gt, "ge": runtime.Ge,
	} {
		m[name] = define(name+"(a, b, /)", func(th *thread, a args) (value, error) { return runtime.Compare(th, op, a.Vals[0], a.Vals[1]) })
	}
	for name, op := range map[string]rune{"neg": runtime.Neg, "pos": runtime.Plus, "inv": runtime.Invert, "invert": runtime.Invert} {
		m[name] = define(name+"(a, /)", func(th *thread, a args) (value, error) { return runtime.Unary(th, op, a.Vals[0]) })
	}
	m["abs"] = numbers()["abs"]
	for _, n := range operatorFunctions() {
		m[n.Name] = n
	}
	for _, kind := range []lookupKind{itemGetters, attrGetters, methodCallers} {
		m[kind.name] = kind.class()
	}
	return runtime.NewModule("operator", m)
}

func operatorFunctions() []*runtime.Native {
	truth := func(name string, want bool) *runtime.Native {
		return define(name+"(a, /)", func(th *thread, a args) (value, error) {
			ok, err := runtime.Truth(th, a.Vals[0])
			return runtime.NewBool(ok == want), err
		})
	}
	return []*runtime.Native{
		truth("truth", true), truth("not_", false),
		define("is_(a, b, /)", func(_ *thread, a args) (value, error) { return runtime.NewBool(runtime.Is(a.Vals[0], a.Vals[1])), nil }),
		define("is_not(a, b, /)", func(_ *thread, a args) (value, error) { return runtime.NewBool(!runtime.Is(a.Vals[0], a.Vals[1])), nil }),
		define("index(a, /)", func(_ *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[0])
			return runtime.NewInt(n), err
		}),
		define("concat(a, b, /)", func(th *thread, a args) (value, error) {
			if runtime.IsNumber(a.Vals[0]) {
				return nil, runtime.Errorf(runtime.TypeError, "'%s' object can't be concatenated", a.Vals[0].Class().Name)
			}
			return runtime.Binary(th, runtime.Add, a.Vals[0], a.Vals[1])
		}),
		define("contains(a, b, /)", func(th *thread, a args) (value, error) {
			ok, err := runtime.Contains(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(ok), err
		}),
		define("getitem(a, b, /)", func(th *thread, a args) (value, error) { return runtime.GetItem(th, a.Vals[0], a.Vals[1]) }),
		define("setitem(a, b, c, /)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.SetItem(th, a.Vals[0], a.Vals[1], a.Vals[2])
		}),
		define("delitem(a, b, /)", func(th *thread, a args) (value, error) {
			return runtime.None, runtime.DelItem(th, a.Vals[0], a.Vals[1])
		}),
		define("countOf(a, b, /)", func(th *thread, a args) (value, error) {
			n, want := int64(0), a.Vals[1]
			err := runtime.Iterate(th, a.Vals[0], func(v value) error {
				same, err := runtime.Equal(th, v, want)
				if same {
					n++
				}
				return err
			})
			return runtime.NewInt(n), err
		}),
		define("indexOf(a, b, /)", func(th *thread, a args) (value, error) {
			items, err := runtime.Collect(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			for i, v := range items {
				if err := th.Step(); err != nil {
					return nil, err
				}
				if same, err := runtime.Equal(th, v, a.Vals[1]); same || err != nil {
					return runtime.NewInt(int64(i)), err
				}
			}
			return nil, runtime.Errorf(runtime.ValueError, "sequence.index(x): x not in sequence")
		}),
		runtime.NewRaw("call", func(th *thread, a args) (value, error) {
			if a.NPos() == 0 {
				return nil, runtime.Errorf(runtime.TypeError, "call expected at least 1 argument, got 0")
			}
			return runtime.CallArgs(th, a.Vals[0], args{Vals: a.Vals[1:], Names: a.Names})
		}),
	}
}

// lookupKind is itemgetter, attrgetter or methodcaller.
type lookupKind struct {
	name  string
	check func(a args) error
	apply func(th *thread, of value, given args) (value, error)
}

var itemGetters = lookupKind{"itemgetter", func(args) error { return nil }, func(th *thread, of value, given args) (value, error) {
	return each(given.Vals, func(k value) (value, error) { return runtime.GetItem(th, of, k) })
}}

var attrGetters = lookupKind{"attrgetter", func(a args) error {
	for _, v := range a.Vals {
		if _, ok := runtime.AsStr(v); !ok {
			return runtime.Errorf(runtime.TypeError, "attribute name must be a string")
		}
	}
	return nil
}, func(th *thread, of value, given args) (value, error) {
	return each(given.Vals, func(k value) (value, error) {
		path, _ := runtime.AsStr(k)
		v := of
		for name := range strings.SplitSeq(path, ".") {
			err := th.Work(2 << 10) // without a cache
			if err != nil {
				return nil, err
			}
			if v, err = runtime.GetAttr(th, v, name); err != nil {
				return nil, err
			}
		}
		return v, nil
	})
}}

var methodCallers = lookupKind{"methodcaller", func(a args) error {
	if _, ok := runtime.AsStr(a.Vals[0]); !ok {
		return runtime.Errorf(runtime.TypeError, "method name must be a string")
	}
	return nil
}, func(th *thread, of value, given args) (value, error) {
	name, _ := runtime.AsStr(given.Vals[0])
	fn, err := runtime.GetAttr(th, of, name)
	if err != nil {
		return nil, err
	}
	return runtime.CallArgs(th, fn, args{Vals: append([]value(nil), given.Vals[1:]...), Names: given.Names})
}}

// each is f of one key, or a tuple of f of several.
func each(keys []value, f func(k value) (value, error)) (value, error) {
	out := make([]value, len(keys))
	for i, k := range keys {
		var err error
		if out[i], err = f(k); err != nil {
			return nil, err
		}
	}
	if len(out) == 1 {
		return out[0], nil
	}
	return runtime.NewTuple(out...), nil
}

// lookupCall is the data of an itemgetter and its like.
type lookupCall struct {
	class *runtime.Class
	given args
}

// Class implements runtime.Value.
func (l *lookupCall) Class() *runtime.Class { return l.class }

// PublishTo implements runtime.Container.
func (l *lookupCall) PublishTo(queue []value) []value { return append(queue, l.given.Vals...) }

func (k lookupKind) class() *runtime.Class {
	of := func(v value) *lookupCall { return runtime.Data(v).(*lookupCall) }
	class := runtime.NewFrozenClass("operator", "operator."+k.name, nil, members(
		runtime.NewRaw("__call__", func(th *thread, a args) (value, error) {
			if len(a.Names) > 0 {
				return nil, runtime.Errorf(runtime.TypeError, "%s() takes no keyword arguments", k.name)
			}
			if a.NPos() != 2 {
				return nil, runtime.Errorf(runtime.TypeError, "%s expected 1 argument, got %d", k.name, a.NPos()-1)
			}
			return k.apply(th, a.Vals[1], of(a.Vals[0]).given)
		}),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			given := of(a.Vals[0]).given
			p := &partial{pos: given.Pos(), names: given.Names, kw: given.Vals[given.NPos():]}
			if len(p.pos) == 0 {
				return runtime.Str("operator." + k.name + "()"), nil
			}
			p.fn, p.pos = p.pos[0], p.pos[1:]
			s, err := p.text(th)
			return runtime.Str("operator." + k.name + "(" + s + ")"), err
		}),
	))
	return runtime.Constructor(class, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		if a.NPos() == 0 && k.name == methodCallers.name {
			return nil, runtime.Errorf(runtime.TypeError, "methodcaller needs at least one argument, the method name")
		}
		if len(a.Names) > 0 && k.name != methodCallers.name {
			return nil, runtime.Errorf(runtime.TypeError, "%s() takes no keyword arguments", k.name)
		}
		if a.NPos() == 0 {
			return nil, runtime.Errorf(runtime.TypeError, "%s expected 1 argument, got 0", k.name)
		}
		if err := k.check(a); err != nil {
			return nil, err
		}
		given := args{Vals: append([]value(nil), a.Vals...), Names: append([]string(nil), a.Names...)}
		return runtime.Instance(cls, &lookupCall{class, given}), nil
	})
}

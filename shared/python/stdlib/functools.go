package stdlib

import (
	"slices"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newFunctools makes the functools module.
func newFunctools(Host) *runtime.Module {
	m := members(
		define("reduce(function, iterable, initial=, /)", reduce),
		define("update_wrapper(wrapper, wrapped, assigned=, updated=)", func(th *thread, a args) (value, error) {
			return a.Vals[0], updateWrapper(th, a.Vals[0], a.Vals[1], a.Vals[2], a.Vals[3])
		}),
		define("wraps(wrapped, assigned=, updated=)", func(_ *thread, a args) (value, error) {
			wrapped, assigned, updated := a.Vals[0], a.Vals[1], a.Vals[2]
			return define("update_wrapper(wrapper)", func(th *thread, a args) (value, error) {
				return a.Vals[0], updateWrapper(th, a.Vals[0], wrapped, assigned, updated)
			}), nil
		}),
		define("total_ordering(cls)", totalOrdering),
	)
	keyed := runtime.NewSignature("cmp_to_key", "mycmp").Clinic()
	m["cmp_to_key"] = runtime.NewRaw("cmp_to_key", func(_ *thread, a args) (value, error) {
		vals := make([]value, 1)
		if err := keyed.Bind("cmp_to_key", a, vals); err != nil {
			return nil, err
		}
		compare := vals[0]
		return define("K(obj)", func(_ *thread, a args) (value, error) { return &sortKey{compare, a.Vals[0]}, nil }), nil
	})
	m["partial"] = newPartialClass()
	m["partialmethod"] = newPartialMethodClass(m["partial"].(*runtime.Class))
	m["cached_property"] = newCachedPropertyClass()
	m["singledispatch"] = newSingleDispatch()
	addCaches(m)
	m["WRAPPER_ASSIGNMENTS"], m["WRAPPER_UPDATES"] = strTuple(wrapperAssignments), strTuple([]string{"__dict__"})
	return runtime.NewModule("functools", m)
}

var wrapperAssignments = []string{"__module__", "__name__", "__qualname__", "__doc__", "__annotations__"}

func strTuple(names []string) value {
	vs := make([]value, len(names))
	for i, n := range names {
		vs[i] = runtime.Str(n)
	}
	return runtime.NewTuple(vs...)
}

func reduce(th *thread, a args) (value, error) {
	total, fn := a.Vals[2], a.Vals[0]
	if it, err := runtime.Iter(th, a.Vals[1]); err != nil {
		if runtime.NotIterable(err, a.Vals[1]) {
			return nil, runtime.Errorf(runtime.TypeError, "reduce() arg 2 must support iteration")
		}
		return nil, err
	} else if _, ok := runtime.Snapshot(a.Vals[1]); !ok {
		a.Vals[1] = it
	}
	err := runtime.Iterate(th, a.Vals[1], func(v value) (err error) {
		if total == nil {
			total = v
			return nil
		}
		if err := th.Work(2 << 10); err != nil {
			return err
		}
		total, err = runtime.Call(th, fn, total, v)
		return err
	})
	if err == nil && total == nil {
		err = runtime.Errorf(runtime.TypeError, "reduce() of empty iterable with no initial value")
	}
	return total, err
}

// updateWrapper makes wrapper look like wrapped.
func updateWrapper(th *thread, wrapper, wrapped, assigned, updated value) error {
	if assigned == nil {
		assigned = strTuple(wrapperAssignments)
	}
	if updated == nil {
		updated = strTuple([]string{"__dict__"})
	}
	err := runtime.Iterate(th, assigned, func(n value) error {
		name, ok := runtime.AsStr(n)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "attribute name must be string, not '%s'", n.Class().Name)
		}
		v, err := runtime.Find(th, wrapped, name)
		if v == nil || err != nil {
			return err
		}
		return runtime.SetAttr(th, wrapper, name, v)
	})
	if err != nil {
		return err
	}
	err = runtime.Iterate(th, updated, func(n value) error {
		name, _ := runtime.AsStr(n)
		from, err := runtime.Find(th, wrapped, name)
		if err != nil {
			return err
		}
		if d, ok := from.(*runtime.Dict); ok && name == "__dict__" {
			for k, v := range d.All() {
				key, _ := runtime.AsStr(k)
				if slices.Contains(wrapperAssignments, key) {
					continue
				}
				if err := runtime.SetAttr(th, wrapper, key, v); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return runtime.SetAttr(th, wrapper, "__wrapped__", wrapped)
}

// sortKey is a value that a comparison function orders.
type sortKey struct{ compare, obj value }

var sortKeyClass = runtime.NewNativeClass("functools", "functools.KeyWrapper", runtime.Members{
	"obj":      &runtime.Getter{Name: "obj", Get: func(_ *thread, v value) (value, error) { return v.(*sortKey).obj, nil }},
	"__hash__": runtime.None,
})

// Class implements runtime.Value.
func (*sortKey) Class() *runtime.Class { return sortKeyClass }

// PublishTo implements runtime.Container.
func (k *sortKey) PublishTo(queue []value) []value { return append(queue, k.compare, k.obj) }

// CompareTo implements runtime.Comparer.
func (k *sortKey) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	o, ok := other.(*sortKey)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "other argument must be K instance")
	}
	r, err := runtime.Call(th, k.compare, k.obj, o.obj)
	if err != nil {
		return nil, err
	}
	return runtime.Compare(th, op, r, zero)
}

// ordering tells how one comparison follows from another that a class has: its
// negation or not, and what equality adds or takes away.
type ordering struct {
	name    string
	negate  bool
	withEq  bool // or equal
	without bool // and not equal
}

var orderings = map[string][]ordering{
	"__lt__": {{"__gt__", true, false, true}, {"__le__", false, true, false}, {"__ge__", true, false, false}},
	"__le__": {{"__ge__", true, true, false}, {"__lt__", false, false, true}, {"__gt__", true, false, false}},
	"__gt__": {{"__lt__", true, false, true}, {"__ge__", false, true, false}, {"__le__", true, false, false}},
	"__ge__": {{"__le__", true, true, false}, {"__gt__", false, false, true}, {"__lt__", true, false, false}},
}

func totalOrdering(_ *thread, a args) (value, error) {
	c, ok := a.Vals[0].(*runtime.Class)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "total_ordering() needs a class, not '%s'", a.Vals[0].Class().Name)
	}
	defined := func(name string) bool {
		for _, k := range c.MRO() {
			if k.Own(name) != nil {
				return !k.Builtin()
			}
		}
		return false
	}
	for _, root := range []string{"__lt__", "__le__", "__gt__", "__ge__"} {
		if !defined(root) {
			continue
		}
		for _, o := range orderings[root] {
			if !defined(o.name) {
				c.SetMember(o.name, runtime.AsMethod(o.method(root), c))
			}
		}
		return c, nil
	}
	return nil, runtime.Errorf(runtime.ValueError, "must define at least one ordering operation: < > <= >=")
}

// method is the comparison made of the one named root.
func (o ordering) method(root string) *runtime.Native {
	return define(o.name+"(self, other, /)", func(th *thread, a args) (value, error) {
		r, _, err := runtime.CallSpecial(th, a.Vals[0], root, a.Vals[1])
		if err != nil || r == runtime.NotImplemented {
			return r, err
		}
		holds, err := runtime.Truth(th, r)
		if err != nil {
			return nil, err
		}
		holds = holds != o.negate
		if (!o.withEq || holds) && (!o.without || !holds) {
			return runtime.NewBool(holds), nil
		}
		op := runtime.Eq
		if o.without {
			op = runtime.Ne
		}
		return runtime.Compare(th, op, a.Vals[0], a.Vals[1])
	})
}

// partial is the data of a functools.partial: a call with some arguments given.
type partial struct {
	class *runtime.Class
	fn    value
	pos   []value
	names []string
	kw    []value
}

// Class implements runtime.Value.
func (p *partial) Class() *runtime.Class { return p.class }

// PublishTo implements runtime.Container.
func (p *partial) PublishTo(queue []value) []value {
	return slices.Concat(append(queue, p.fn), p.pos, p.kw)
}

// with is the call of the partial with more arguments; a keyword given anew wins.
func (p *partial) with(a args) args {
	out := args{Vals: append(slices.Clone(p.pos), a.Pos()...)}
	for i, n := range p.names {
		v := a.Kw(n)
		if v == nil {
			v = p.kw[i]
		}
		out.Names, out.Vals = append(out.Names, n), append(out.Vals, v)
	}
	for i, n := range a.Names {
		if !slices.Contains(p.names, n) {
			out.Names, out.Vals = append(out.Names, n), append(out.Vals, a.Vals[a.NPos()+i])
		}
	}
	return out
}

// newPartial flattens a partial of a partial.
func newPartial(class *runtime.Class, fn value, given args) *partial {
	if inner, ok := runtime.Data(fn).(*partial); ok {
		given, fn = inner.with(given), inner.fn
	}
	return &partial{class: class, fn: fn, pos: slices.Clone(given.Pos()), names: slices.Clone(given.Names), kw: slices.Clone(given.Vals[given.NPos():])}
}

func newPartialClass() *runtime.Class {
	of := func(v value) *partial { return runtime.Data(v).(*partial) }
	part := func(name string, get func(p *partial) value) *runtime.Getter {
		return &runtime.Getter{Name: name, Get: func(_ *thread, v value) (value, error) { return get(of(v)), nil }}
	}
	class := runtime.NewFrozenClass("functools", "functools.partial", nil, members(
		runtime.NewRaw("__call__", func(th *thread, a args) (value, error) {
			p := of(a.Vals[0])
			return runtime.CallArgs(th, p.fn, p.with(args{Vals: a.Vals[1:], Names: a.Names}))
		}),
		define("__repr__(self, /)", func(th *thread, a args) (value, error) {
			p := of(a.Vals[0])
			s, err := p.text(th)
			return runtime.Str(a.Vals[0].Class().FullName() + "(" + s + ")"), err
		}),
	))
	runtime.DefineMembers(class, runtime.Members{
		"func":              part("func", func(p *partial) value { return p.fn }),
		"args":              part("args", func(p *partial) value { return runtime.NewTuple(p.pos...) }),
		"keywords":          part("keywords", func(p *partial) value { return args{Vals: p.kw, Names: p.names}.KwDict() }),
		"__class_getitem__": subscriptable(),
	})
	return runtime.Constructor(class, func(th *thread, cls *runtime.Class, a args) (value, error) {
		if a.NPos() == 0 {
			return nil, runtime.Errorf(runtime.TypeError, "type 'partial' takes at least one argument")
		}
		if !runtime.Callable(a.Vals[0]) {
			return nil, runtime.Errorf(runtime.TypeError, "the first argument must be callable")
		}
		p := newPartial(class, a.Vals[0], args{Vals: a.Vals[1:], Names: a.Names})
		return runtime.Instance(cls, p), th.AllocMany(len(p.pos)+2*len(p.kw)+8, 16)
	})
}

// text is the function and the arguments.
func (p *partial) text(th *thread) (string, error) {
	if err := th.Enter(); err != nil {
		return "", err
	}
	defer th.Leave()
	parts := []string{}
	for _, v := range append([]value{p.fn}, p.pos...) {
		s, err := runtime.Repr(th, v)
		if err != nil {
			return "", err
		}
		parts = append(parts, s)
	}
	for i, n := range p.names {
		s, err := runtime.Repr(th, p.kw[i])
		if err != nil {
			return "", err
		}
		parts = append(parts, n+"="+s)
	}
	return strings.Join(parts, ", "), nil
}

// newPartialMethodClass makes partialmethod: a partial that binds its self first.
func newPartialMethodClass(partials *runtime.Class) *runtime.Class {
	class := runtime.NewFrozenClass("functools", "functools.partialmethod", nil, members(
		define("__get__(self, obj, cls=None, /)", func(th *thread, a args) (value, error) {
			p := runtime.Data(a.Vals[0]).(*partial)
			bound, err := runtime.Bind(th, p.fn, a.Vals[1], a.Vals[2])
			if err != nil {
				return nil, err
			}
			return runtime.Instance(partials, newPartial(partials, bound, args{Vals: slices.Concat(p.pos, p.kw), Names: p.names})), nil
		}),
	))
	return runtime.Constructor(class, func(th *thread, cls *runtime.Class, a args) (value, error) {
		if a.NPos() == 0 {
			return nil, runtime.Errorf(runtime.TypeError, "partialmethod.__init__() missing 1 required positional argument: 'func'")
		}
		if !runtime.Callable(a.Vals[0]) && a.Vals[0].Class().Lookup("__get__") == nil {
			text, err := runtime.Repr(th, a.Vals[0])
			if err != nil {
				return nil, err
			}
			return nil, runtime.Errorf(runtime.TypeError, "%s is not callable or a descriptor", text)
		}
		return runtime.Instance(cls, newPartial(class, a.Vals[0], args{Vals: a.Vals[1:], Names: a.Names})), nil
	})
}

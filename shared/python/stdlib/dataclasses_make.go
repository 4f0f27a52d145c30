package stdlib

import (
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// The options of dataclass(), by their place in its signature.
const (
	optInit = iota + 1
	optRepr
	optEq
	optOrder
	optUnsafeHash
	optFrozen
	optMatchArgs
	optKwOnly
	optSlots
	optWeakRef
)

// options are those of one dataclass.
type options []value

func (o options) on(i int) bool { return o[i] == runtime.True }

func dataclass(th *thread, a args) (value, error) {
	kept := options(append([]value(nil), a.Vals...))
	if kept[0] == runtime.None {
		return define("wrap(cls, /)", func(th *thread, a args) (value, error) { return process(th, a.Vals[0], kept) }), nil
	}
	return process(th, kept[0], kept)
}

// process makes a dataclass of a class: the class itself, or one with slots in its place.
func process(th *thread, v value, o options) (value, error) {
	c, ok := v.(*runtime.Class)
	if !ok || !c.Scripted() {
		return nil, runtime.Errorf(runtime.TypeError, "dataclass() should be used on a class")
	}
	if err := checkOptions(c, o); err != nil {
		return nil, err
	}
	fields, err := collectFields(c, o.on(optKwOnly))
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(len(fields)+8, 256); err != nil {
		return nil, err
	}
	if o.on(optSlots) {
		if c, err = withSlots(th, c, fields); err != nil {
			return nil, err
		}
	}
	table := runtime.NewDict()
	for _, f := range fields {
		table.SetStr(f.name, f)
	}
	c.SetMember(fieldsKey, table)
	c.SetMember("__dataclass_frozen__", runtime.NewBool(o.on(optFrozen)))
	return c, addMethods(c, fields, o)
}

// checkOptions refuses options that contradict each other, or the bases.
func checkOptions(c *runtime.Class, o options) error {
	bases, frozen := false, false
	for _, b := range c.MRO()[1:] {
		if own := b.Own("__dataclass_frozen__"); own != nil {
			bases, frozen = true, frozen || own == runtime.True
		}
	}
	switch {
	case bases && frozen && !o.on(optFrozen):
		return runtime.Errorf(runtime.TypeError, "cannot inherit non-frozen dataclass from a frozen one")
	case bases && !frozen && o.on(optFrozen):
		return runtime.Errorf(runtime.TypeError, "cannot inherit frozen dataclass from a non-frozen one")
	case o.on(optOrder) && !o.on(optEq):
		return runtime.Errorf(runtime.ValueError, "eq must be true if order is true")
	case o.on(optWeakRef) && !o.on(optSlots):
		return runtime.Errorf(runtime.TypeError, "weakref_slot is True but slots is False")
	case o.on(optSlots) && c.Own("__slots__") != nil:
		return runtime.Errorf(runtime.TypeError, "%s already specifies __slots__", c.Name)
	}
	return nil
}

func addMethods(c *runtime.Class, fields []*fieldSpec, o options) error {
	set := func(name string, n *runtime.Native) {
		if c.Own(name) == nil {
			c.SetMember(name, runtime.AsMethod(n, c))
		}
	}
	init, order, err := initFor(c, fields)
	if err != nil {
		return err
	}
	if o.on(optInit) {
		c.SetMember("__init__", runtime.AsMethod(init, c))
	}
	if o.on(optMatchArgs) && c.Own("__match_args__") == nil {
		var names []string
		for _, f := range order {
			if !f.kwOnly {
				names = append(names, f.name)
			}
		}
		c.SetMember("__match_args__", strTuple(names))
	}
	stored := slices.DeleteFunc(slices.Clone(fields), func(f *fieldSpec) bool { return f.initVar })
	if o.on(optRepr) {
		set("__repr__", reprFor(stored))
	}
	hash, explicitEq := c.Own("__hash__"), c.Own("__eq__") != nil
	if o.on(optEq) {
		set("__eq__", compareFor("__eq__", runtime.Eq, stored))
	}
	if o.on(optOrder) {
		for name, op := range map[string]runtime.CmpOp{"__lt__": runtime.Lt, "__le__": runtime.Le, "__gt__": runtime.Gt, "__ge__": runtime.Ge} {
			if c.Own(name) != nil {
				return runtime.Errorf(runtime.TypeError,
					"Cannot overwrite attribute %s in class %s. Consider using functools.total_ordering", name, c.Name)
			}
			c.SetMember(name, runtime.AsMethod(compareFor(name, op, stored), c))
		}
	}
	if o.on(optFrozen) {
		for _, name := range []string{"__setattr__", "__delattr__"} {
			if c.Own(name) != nil {
				return runtime.Errorf(runtime.TypeError, "Cannot overwrite attribute %s in class %s", name, c.Name)
			}
		}
		freeze(c, stored)
	}
	return addHash(c, stored, o, hash != nil && (hash != runtime.None || !explicitEq))
}

// addHash follows the table of CPython: what is compared is hashed only when it cannot
// change, or when the script insists.
func addHash(c *runtime.Class, fields []*fieldSpec, o options, explicit bool) error {
	switch {
	case o.on(optUnsafeHash) && explicit:
		return runtime.Errorf(runtime.TypeError, "Cannot overwrite attribute __hash__ in class %s", c.Name)
	case explicit || !o.on(optUnsafeHash) && !o.on(optEq):
		return nil
	case !o.on(optUnsafeHash) && !o.on(optFrozen):
		c.SetMember("__hash__", runtime.None)
		return nil
	}
	hashed := func(f *fieldSpec) bool {
		if f.hash == nil || f.hash == runtime.None {
			return f.comp
		}
		return f.hash == runtime.True
	}
	c.SetMember("__hash__", runtime.AsMethod(define("__hash__(self, /)", func(th *thread, a args) (value, error) {
		t, err := tupleOf(th, a.Vals[0], fields, hashed)
		if err != nil {
			return nil, err
		}
		h, err := runtime.Hash(th, t)
		return runtime.NewInt(h), err
	}), c))
	return nil
}

// withSlots is the class made anew, with a slot for each field.
func withSlots(th *thread, c *runtime.Class, fields []*fieldSpec) (*runtime.Class, error) {
	inherited := func(name string) bool {
		return slices.ContainsFunc(c.MRO()[1:], func(b *runtime.Class) bool {
			t, ok := b.Own("__slots__").(*runtime.Tuple)
			return ok && slices.Contains(t.Items, value(runtime.Str(name)))
		})
	}
	var slotNames []string
	names := runtime.NewDict()
	for _, name := range c.Names() {
		if v := c.Own(name); v != nil && !slices.ContainsFunc(fields, func(f *fieldSpec) bool { return f.name == name && !f.initVar }) {
			names.SetStr(name, v)
		}
	}
	for _, f := range fields {
		if !f.initVar && !inherited(f.name) {
			slotNames = append(slotNames, f.name)
		}
	}
	names.SetStr("__slots__", strTuple(slotNames))
	bases := make([]value, len(c.Bases()))
	for i, b := range c.Bases() {
		bases[i] = b
	}
	made, err := runtime.BuildClass(th, runtime.ClassSpec{Module: c.Module, Name: c.Name, QualName: c.QualName(), Bases: bases, Names: names})
	if err != nil {
		return nil, err
	}
	return made.(*runtime.Class), nil
}

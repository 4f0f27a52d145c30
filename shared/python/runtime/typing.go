package runtime

import "strings"

// Alias is `list[int]` and the like: annotations that run-time code may evaluate.
type Alias struct {
	Origin Value
	Args   []Value
}

// Class implements Value.
func (*Alias) Class() *Class { return aliasClass }

// NewAlias subscripts a type; key may be a tuple of arguments.
func NewAlias(origin, key Value) *Alias {
	if t, ok := key.(*Tuple); ok {
		return &Alias{origin, t.Items}
	}
	return &Alias{origin, []Value{key}}
}

// Call makes an instance of the origin.
func (a *Alias) Call(th *Thread, args Args) (Value, error) { return CallArgs(th, a.Origin, args) }

// GetItem subscripts once more.
func (a *Alias) GetItem(_ *Thread, key Value) (Value, error) { return NewAlias(a.Origin, key), nil }

// Repr is the text of the annotation.
func (a *Alias) Repr(th *Thread) (string, error) {
	parts := make([]string, len(a.Args))
	for i, v := range a.Args {
		s, err := typeText(th, v)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	s, err := typeText(th, a.Origin)
	return s + "[" + strings.Join(parts, ", ") + "]", err
}

func typeText(th *Thread, v Value) (string, error) {
	switch v := v.(type) {
	case *Class:
		return v.fullName(), nil
	case EllipsisType:
		return "...", nil
	}
	return Repr(th, v)
}

func aliasMembers() Members {
	return Members{
		"__origin__": getter("__origin__", func(_ *Thread, v Value) (Value, error) { return v.(*Alias).Origin, nil }),
		"__args__":   getter("__args__", func(_ *Thread, v Value) (Value, error) { return NewTuple(v.(*Alias).Args...), nil }),
	}
}

// Union is `int | None`.
type Union struct{ Args []Value }

// Class implements Value.
func (*Union) Class() *Class { return unionClass }

func newUnion(a, b Value) Value {
	u := &Union{}
	for _, v := range []Value{a, b} {
		if inner, ok := v.(*Union); ok {
			u.Args = append(u.Args, inner.Args...)
		} else {
			u.Args = append(u.Args, v)
		}
	}
	return u
}

// Repr joins the alternatives.
func (u *Union) Repr(th *Thread) (string, error) {
	parts := make([]string, len(u.Args))
	for i, v := range u.Args {
		s, err := typeText(th, v)
		if err != nil {
			return "", err
		}
		parts[i] = s
	}
	return strings.Join(parts, " | "), nil
}

// isTypeArg tells what `|` joins to a union.
func isTypeArg(v Value) bool {
	switch v.(type) {
	case *Class, *Alias, *Union, NoneType:
		return true
	}
	return false
}

// IsInstance is isinstance(v, class); class may be a tuple or a union.
func IsInstance(th *Thread, v, class Value) (bool, error) {
	return classTest(th, class, func(c *Class) bool { return v.Class().under(c) },
		"isinstance() arg 2 must be a type, a tuple of types, or a union", 0)
}

// IsSubclass is issubclass(c, class).
func IsSubclass(th *Thread, v, class Value) (bool, error) {
	c, ok := v.(*Class)
	if !ok {
		return false, Errorf(TypeError, "issubclass() arg 1 must be a class")
	}
	return classTest(th, class, c.under, "issubclass() arg 2 must be a class, a tuple of classes, or a union", 0)
}

func classTest(th *Thread, class Value, test func(*Class) bool, message string, depth int) (bool, error) {
	var options []Value
	switch c := class.(type) {
	case *Class:
		return test(c), nil
	case *Tuple:
		options = c.Items
	case *Union:
		options = c.Args
	case NoneType:
		if depth > 0 {
			return test(noneClass), nil
		}
	}
	if options == nil && class != emptyTuple || depth > 50 {
		return false, Errorf(TypeError, "%s", message)
	}
	for _, o := range options {
		if err := th.Step(); err != nil {
			return false, err
		}
		if ok, err := classTest(th, o, test, message, depth+1); ok || err != nil {
			return ok, err
		}
	}
	return false, nil
}

package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// typingForm is Optional, Union and the like: annotations are not evaluated, but
// aliases such as `Json = Dict[str, Any]` are.
type typingForm struct{ name string }

var typingFormClass = runtime.NewNativeClass("typing", "_SpecialForm", nil)

// Class implements runtime.Value.
func (*typingForm) Class() *runtime.Class { return typingFormClass }

// GetItem makes an alias that is never looked into.
func (f *typingForm) GetItem(_ *thread, key value) (value, error) {
	return runtime.NewAlias(f, key), nil
}

// Repr is the qualified name.
func (f *typingForm) Repr(*thread) (string, error) { return "typing." + f.name, nil }

// genericClass is the base of Generic[T] and Protocol.
func genericClass(name string) *runtime.Class {
	subscript := define("__class_getitem__(cls, key, /)", func(_ *thread, a args) (value, error) {
		return runtime.NewAlias(a.Vals[0], a.Vals[1]), nil
	})
	c, err := runtime.NewClass("typing", name, nil, runtime.Members{"__class_getitem__": &runtime.ClassMethod{Fn: subscript}})
	if err != nil {
		panic(err) // object is always an acceptable base
	}
	return c
}

func newTyping(Host) *runtime.Module {
	first := func(_ *thread, a args) (value, error) { return a.Vals[0], nil }
	m := members(
		define("cast(typ, val)", func(_ *thread, a args) (value, error) { return a.Vals[1], nil }),
		define("overload(func)", first), define("final(f)", first), define("no_type_check(arg)", first),
		define("runtime_checkable(cls)", first),
		define("NewType(name, tp)", func(_ *thread, a args) (value, error) { return a.Vals[1], nil }),
		runtime.NewRaw("TypeVar", func(_ *thread, a args) (value, error) {
			name := "T"
			if a.NPos() > 0 {
				name, _ = runtime.AsStr(a.Vals[0])
			}
			return &typingForm{name}, nil
		}),
	)
	for _, name := range []string{
		"Any", "Optional", "Union", "Callable", "Iterable", "Iterator", "Sequence", "Mapping", "MutableMapping", "ClassVar",
		"Final", "Literal", "NoReturn", "Generator", "Awaitable", "Coroutine", "AsyncIterator", "Annotated", "Self", "TypeAlias",
		"Hashable", "Sized", "Collection", "DefaultDict", "OrderedDict", "Deque", "Counter", "Text", "IO", "Never",
	} {
		m[name] = &typingForm{name}
	}
	builtin := runtime.BuiltinClasses()
	for name, class := range map[string]string{"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple", "Type": "type"} {
		m[name] = builtin[class]
	}
	for _, name := range []string{"Generic", "Protocol"} {
		m[name] = genericClass(name)
	}
	m["NamedTuple"], m["TypedDict"] = &namedTupleForm{typingForm{"NamedTuple"}}, &typedDictForm{typingForm{"TypedDict"}}
	m["TYPE_CHECKING"] = runtime.False
	return runtime.NewModule("typing", m)
}

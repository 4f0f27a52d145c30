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

// typingVar is a TypeVar or ParamSpec.
type typingVar struct{ typingForm }

// Repr is the name with the sign of an invariant variable.
func (v *typingVar) Repr(*thread) (string, error) { return "~" + v.name, nil }

func typeVariable(th *thread, name value) (value, error) {
	text, err := runtime.ToStr(th, name)
	return &typingVar{typingForm{text}}, err
}

// runtimeCheckable lets isinstance see what a protocol asks for.
func runtimeCheckable(_ *thread, a args) (value, error) {
	c, ok := a.Vals[0].(*runtime.Class)
	if !ok || !c.Scripted() {
		return nil, runtime.Errorf(runtime.TypeError, "@runtime_checkable can be only applied to protocol classes, got %s", a.Vals[0].Class().Name)
	}
	asked := map[string]bool{}
	for _, k := range c.MRO() {
		if !k.Scripted() || k.Module == "typing" {
			continue
		}
		for _, name := range k.Names() {
			switch name {
			case "__annotations__", "__doc__", "__module__", "__qualname__", "__init__", "__hash__", "__slots__":
			default:
				asked[name] = true
			}
		}
	}
	c.SetHooks(runtime.Hooks{Covers: func(sub *runtime.Class) bool {
		for name := range asked {
			if m := sub.Lookup(name); m == nil || m == runtime.None {
				return false
			}
		}
		return true
	}})
	return c, nil
}

func newTyping(Host) *runtime.Module {
	first := func(_ *thread, a args) (value, error) { return a.Vals[0], nil }
	m := members(
		define("cast(typ, val)", func(_ *thread, a args) (value, error) { return a.Vals[1], nil }),
		define("overload(func)", first), define("final(f)", first), define("no_type_check(arg)", first),
		define("runtime_checkable(cls)", runtimeCheckable),
		define("NewType(name, tp)", func(_ *thread, a args) (value, error) { return a.Vals[1], nil }),
		runtime.NewRaw("TypeVar", func(th *thread, a args) (value, error) {
			if a.NPos() == 0 {
				return nil, runtime.Errorf(runtime.TypeError, "TypeVar.__init__() missing 1 required positional argument: 'name'")
			}
			return typeVariable(th, a.Vals[0])
		}),
		runtime.NewRaw("ParamSpec", func(th *thread, a args) (value, error) {
			if a.NPos() == 0 {
				return nil, runtime.Errorf(runtime.TypeError, "ParamSpec.__init__() missing 1 required positional argument: 'name'")
			}
			return typeVariable(th, a.Vals[0])
		}),
	)
	for _, name := range []string{
		"Any", "Optional", "Union", "Callable", "Iterable", "Iterator", "Sequence", "Mapping", "MutableMapping", "ClassVar",
		"Final", "Literal", "NoReturn", "Generator", "Awaitable", "Coroutine", "AsyncIterator", "Annotated", "Self", "TypeAlias",
		"Hashable", "Sized", "Collection", "DefaultDict", "OrderedDict", "Deque", "Counter", "IO", "Never",
		"Concatenate", "Required", "NotRequired", "AsyncIterable", "AsyncGenerator", "MutableSequence", "MutableSet", "AbstractSet",
		"Reversible", "Container", "ContextManager", "AsyncContextManager", "LiteralString", "SupportsInt", "SupportsFloat",
		"SupportsIndex", "Pattern", "Match", "TypeGuard",
	} {
		m[name] = &typingForm{name}
	}
	builtin := runtime.BuiltinClasses()
	for name, class := range map[string]string{"List": "list", "Dict": "dict", "Set": "set", "FrozenSet": "frozenset", "Tuple": "tuple", "Type": "type", "Text": "str"} {
		m[name] = builtin[class]
	}
	for _, name := range []string{"Generic", "Protocol"} {
		m[name] = genericClass(name)
	}
	m["NamedTuple"], m["TypedDict"] = &namedTupleForm{typingForm{"NamedTuple"}}, &typedDictForm{typingForm{"TypedDict"}}
	m["AnyStr"] = &typingVar{typingForm{"AnyStr"}}
	m["TYPE_CHECKING"] = runtime.False
	return runtime.NewModule("typing", m)
}

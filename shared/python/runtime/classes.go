package runtime

// The built-in classes. Their members are attached below, because a class whose
// methods mention it cannot be written as one initializer.
var (
	ObjectClass    = newRoot()
	TypeClass      = newBuiltin("type")
	noneClass      = newFinal("NoneType")
	ellipsisClass  = newFinal("ellipsis")
	IntClass       = newBuiltin("int")
	BoolClass      = newFinal("bool", IntClass)
	FloatClass     = newBuiltin("float")
	StrClass       = newBuiltin("str")
	BytesClass     = newBuiltin("bytes")
	TupleClass     = newBuiltin("tuple")
	ListClass      = newBuiltin("list")
	DictClass      = newBuiltin("dict")
	SetClass       = newBuiltin("set")
	FrozenSetClass = newBuiltin("frozenset")
	rangeClass     = newFinal("range")
	sliceClass     = newFinal("slice")

	functionClass         = newFinal("function")
	methodClass           = newFinal("method")
	builtinClass          = newFinal("builtin_function_or_method")
	methodDescriptorClass = newFinal("method_descriptor")
	getterClass           = newFinal("getset_descriptor")
	propertyClass         = newBuiltin("property")
	staticMethodClass     = newBuiltin("staticmethod")
	classMethodClass      = newBuiltin("classmethod")
	superClass            = newBuiltin("super")
	moduleClass           = newFinal("module")
	generatorClass        = newFinal("generator")
	coroutineClass        = newFinal("coroutine")
	asyncGeneratorClass   = newFinal("async_generator")
	notImplementedClass   = newFinal("NotImplementedType")
	aliasClass            = newFinal("GenericAlias")
	unionClass            = newFinal("UnionType")

	listIterClass     = newFinal("list_iterator")
	tupleIterClass    = newFinal("tuple_iterator")
	strIterClass      = newFinal("str_iterator")
	bytesIterClass    = newFinal("bytes_iterator")
	rangeIterClass    = newFinal("range_iterator")
	dictKeyIterClass  = newFinal("dict_keyiterator")
	dictItemIterClass = newFinal("dict_itemiterator")
	setIterClass      = newFinal("set_iterator")
	seqIterClass      = newFinal("iterator")
	dictKeysClass     = newFinal("dict_keys")
	dictValuesClass   = newFinal("dict_values")
	dictItemsClass    = newFinal("dict_items")
)

// newFinal makes a class that no other inherits from.
func newFinal(name string, bases ...*Class) *Class {
	c := newBuiltin(name, bases...)
	c.final = true
	return c
}

// NewIteratorClass names the type of a native iterator; the name may be dotted.
func NewIteratorClass(module, name string) *Class {
	c := newFinal(name)
	c.Module, c.qual = module, c.BareName()
	return c.define(iteratorMembers())
}

func iteratorMembers() Members {
	return Members{
		"__iter__": NewNative("__iter__(self, /)", func(_ *Thread, a Args) (Value, error) { return a.Vals[0], nil }),
		"__next__": NewNative("__next__(self, /)", func(th *Thread, a Args) (Value, error) {
			v, err := a.Vals[0].(Iterator).Next(th)
			if v == nil && err == nil {
				return nil, NewException(StopIteration)
			}
			return v, err
		}),
	}
}

// maker builds an instance of cls, which is the class that has the maker or inherits from it.
type maker func(th *Thread, cls *Class, a Args) (Value, error)

//nolint:gochecknoinits // Go allows no cycle between a class and the functions that use it in one initializer
func init() {
	completeClasses()
}

// completeClasses gives the classes above what their own functions make of them; it touches nothing else.
func completeClasses() {
	LocalClass.make = makeLocal
	for c, construct := range makers() {
		c.make = construct
	}
	for _, c := range exceptionClasses {
		c.make = makeException
	}
	for _, c := range []*Class{
		listIterClass, tupleIterClass, strIterClass, bytesIterClass, rangeIterClass,
		dictKeyIterClass, dictItemIterClass, setIterClass, seqIterClass, generatorClass,
	} {
		c.define(iteratorMembers())
	}
	for c, m := range methods() {
		c.define(m)
	}
	for _, c := range []*Class{
		IntClass, FloatClass, StrClass, BytesClass, TupleClass, ListClass, DictClass, SetClass,
		FrozenSetClass, BaseException, ObjectClass, TypeClass,
	} {
		c.define(operatorMembers(c))
	}
}

func makers() map[*Class]maker {
	return map[*Class]maker{
		ObjectClass: makeObject, TypeClass: makeType, superClass: makeSuper,
		IntClass: makeInt, BoolClass: makeBool, FloatClass: makeFloat, StrClass: makeStr, BytesClass: makeBytes,
		TupleClass: makeTuple, ListClass: makeList, DictClass: makeDict,
		SetClass: makeSet(false), FrozenSetClass: makeSet(true),
		rangeClass: makeRange, sliceClass: makeSlice,
		propertyClass: makeProperty, staticMethodClass: makeStaticMethod, classMethodClass: makeClassMethod,
		noneClass: func(*Thread, *Class, Args) (Value, error) { return None, nil },
	}
}

func methods() map[*Class]Members {
	return map[*Class]Members{
		ObjectClass: objectMembers(), TypeClass: typeMembers(),
		IntClass: intMembers(), FloatClass: floatMembers(), StrClass: strMembers(), BytesClass: bytesMembers(),
		TupleClass: tupleMembers(), ListClass: listMembers(), DictClass: dictMembers(),
		SetClass: setMembers(), FrozenSetClass: frozenSetMembers(),
		rangeClass: rangeMembers(), sliceClass: sliceMembers(),
		dictKeysClass: viewMembers(), dictItemsClass: viewMembers(),
		functionClass: functionMembers(), methodClass: methodMembers(), builtinClass: nativeMembers(),
		methodDescriptorClass: nativeMembers(), propertyClass: propertyMembers(), aliasClass: aliasMembers(),
		generatorClass: generatorMembers(), coroutineClass: coroutineMembers(), asyncGeneratorClass: asyncGeneratorMembers(),
		FutureClass: futureMembers(), TaskClass: taskMembers(),
		BaseException: exceptionMembers(), StopIteration: stopIterationMembers(), SystemExit: systemExitMembers(),
		OSError: osErrorMembers(),
	}
}

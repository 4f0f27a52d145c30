package runtime

// The exception hierarchy.
var (
	BaseException      = newBuiltin("BaseException")
	ExceptionClass     = newException("Exception", BaseException)
	generatorExitClass = newException("GeneratorExit", BaseException)
	SystemExit         = newException("SystemExit", BaseException)
	KeyboardInterrupt  = newException("KeyboardInterrupt", BaseException)
	stepLimitClass     = newException("StepLimitExceeded", BaseException)
	cancelledClass     = newException("Cancelled", BaseException)

	ArithmeticError     = newException("ArithmeticError", ExceptionClass)
	FloatingPointError  = newException("FloatingPointError", ArithmeticError)
	OverflowError       = newException("OverflowError", ArithmeticError)
	ZeroDivisionError   = newException("ZeroDivisionError", ArithmeticError)
	AssertionError      = newException("AssertionError", ExceptionClass)
	AttributeError      = newException("AttributeError", ExceptionClass)
	BufferError         = newException("BufferError", ExceptionClass)
	EOFError            = newException("EOFError", ExceptionClass)
	ImportError         = newException("ImportError", ExceptionClass)
	ModuleNotFoundError = newException("ModuleNotFoundError", ImportError)
	LookupError         = newException("LookupError", ExceptionClass)
	IndexError          = newException("IndexError", LookupError)
	KeyError            = newException("KeyError", LookupError)
	MemoryError         = newException("MemoryError", ExceptionClass)
	NameError           = newException("NameError", ExceptionClass)
	UnboundLocalError   = newException("UnboundLocalError", NameError)
	OSError             = newException("OSError", ExceptionClass)
	ConnectionError     = newException("ConnectionError", OSError)
	BrokenPipeError     = newException("BrokenPipeError", ConnectionError)
	ConnRefusedError    = newException("ConnectionRefusedError", ConnectionError)
	ConnResetError      = newException("ConnectionResetError", ConnectionError)
	ConnAbortedError    = newException("ConnectionAbortedError", ConnectionError)
	FileNotFoundError   = newException("FileNotFoundError", OSError)
	FileExistsError     = newException("FileExistsError", OSError)
	PermissionError     = newException("PermissionError", OSError)
	TimeoutError        = newException("TimeoutError", OSError)
	ReferenceError      = newException("ReferenceError", ExceptionClass)
	RuntimeError        = newException("RuntimeError", ExceptionClass)
	NotImplementedError = newException("NotImplementedError", RuntimeError)
	RecursionError      = newException("RecursionError", RuntimeError)
	StopIteration       = newException("StopIteration", ExceptionClass)
	StopAsyncIteration  = newException("StopAsyncIteration", ExceptionClass)
	SyntaxError         = newException("SyntaxError", ExceptionClass)
	SystemError         = newException("SystemError", ExceptionClass)
	TypeError           = newException("TypeError", ExceptionClass)
	ValueError          = newException("ValueError", ExceptionClass)
	UnicodeError        = newException("UnicodeError", ValueError)
	UnicodeDecodeError  = newException("UnicodeDecodeError", UnicodeError)
	UnicodeEncodeError  = newException("UnicodeEncodeError", UnicodeError)
	Warning             = newException("Warning", ExceptionClass)
	UserWarning         = newException("UserWarning", Warning)
	DeprecationWarning  = newException("DeprecationWarning", Warning)
	RuntimeWarning      = newException("RuntimeWarning", Warning)
)

// exceptionClasses are those a script can name.
var exceptionClasses = []*Class{
	BaseException, ExceptionClass, generatorExitClass, SystemExit, KeyboardInterrupt, ArithmeticError, FloatingPointError,
	OverflowError, ZeroDivisionError, AssertionError, AttributeError, BufferError, EOFError, ImportError,
	ModuleNotFoundError, LookupError, IndexError, KeyError, MemoryError, NameError, UnboundLocalError, OSError,
	ConnectionError, BrokenPipeError, ConnRefusedError, ConnResetError, ConnAbortedError, FileNotFoundError,
	FileExistsError, PermissionError, TimeoutError, ReferenceError, RuntimeError, NotImplementedError,
	RecursionError, StopIteration, StopAsyncIteration, SyntaxError, SystemError, TypeError, ValueError, UnicodeError,
	UnicodeDecodeError, UnicodeEncodeError, Warning, UserWarning, DeprecationWarning, RuntimeWarning,
}

func newException(name string, base *Class) *Class { return newBuiltin(name, base) }

// NewExceptionClass makes an exception class of a native module. More bases than
// one must have a consistent order.
func NewExceptionClass(module, name string, bases ...*Class) *Class {
	c := newBuiltin(name, bases...)
	c.Module = module
	if len(bases) > 1 {
		if err := c.linearize(); err != nil {
			panic(err) // a fault of the Go program
		}
	}
	return c
}

// BuiltinClasses are the classes that scripts find without an import, by name.
func BuiltinClasses() Members {
	m := Members{"IOError": OSError, "EnvironmentError": OSError}
	for _, c := range exceptionClasses {
		m[c.Name] = c
	}
	for _, c := range []*Class{
		ObjectClass, TypeClass, IntClass, BoolClass, FloatClass, StrClass, BytesClass, TupleClass,
		ListClass, DictClass, SetClass, FrozenSetClass, rangeClass, sliceClass, propertyClass, staticMethodClass,
		classMethodClass, superClass,
	} {
		m[c.Name] = c
	}
	return m
}

func selfException(v Value) *Exception { return v.(*Exception) }

func exceptionOrNone(e *Exception) Value {
	if e == nil {
		return None
	}
	return e
}

func getter(name string, get func(th *Thread, self Value) (Value, error)) *Getter {
	return &Getter{Name: name, Get: get}
}

func exceptionMembers() Members {
	link := func(pick func(*Exception) **Exception) *Getter {
		return &Getter{
			Get: func(_ *Thread, v Value) (Value, error) {
				e := selfException(v)
				return exceptionOrNone(e.link(pick(e))), nil
			},
			set: func(_ *Thread, self, v Value) error {
				e, ok := v.(*Exception)
				if !ok && v != None {
					return Errorf(TypeError, "exception cause must be None or derive from BaseException")
				}
				x := selfException(self)
				x.setLink(pick(x), e)
				return nil
			},
		}
	}
	return Members{
		"args": &Getter{
			Get: func(_ *Thread, v Value) (Value, error) { return NewTuple(selfException(v).args()...), nil },
			set: func(th *Thread, self, v Value) error {
				vs, err := Collect(th, v)
				if err == nil {
					selfException(self).setArgs(vs)
				}
				return err
			},
		},
		"__cause__":   link(func(e *Exception) **Exception { return &e.Cause }),
		"__context__": link(func(e *Exception) **Exception { return &e.Context }),
		"__suppress_context__": getter("__suppress_context__", func(_ *Thread, v Value) (Value, error) {
			return NewBool(selfException(v).contextHidden()), nil
		}),
		"__traceback__":  getter("__traceback__", func(*Thread, Value) (Value, error) { return None, nil }),
		"with_traceback": NewNative("with_traceback(self, tb, /)", func(_ *Thread, a Args) (Value, error) { return a.Vals[0], nil }),
		"add_note": NewNative("add_note(self, note, /)", func(_ *Thread, a Args) (Value, error) {
			e := selfException(a.Vals[0])
			if _, ok := AsStr(a.Vals[1]); !ok {
				return nil, Errorf(TypeError, "note must be a str, not '%s'", a.Vals[1].Class().Name)
			}
			notes, ok := e.get("__notes__").(*List)
			if !ok {
				notes = NewList()
				e.set("__notes__", notes)
			}
			notes.Append(a.Vals[1])
			return None, nil
		}),
		"__init__": NewRaw("__init__", func(_ *Thread, a Args) (Value, error) {
			if e, ok := a.Vals[0].(*Exception); ok {
				if len(a.Names) > 0 {
					return nil, Errorf(TypeError, "%s() takes no keyword arguments", e.class.Name)
				}
				e.setArgs(append([]Value(nil), a.Vals[1:]...))
			}
			return None, nil
		}),
	}
}

func stopIterationMembers() Members { return Members{"value": firstArg("value")} }
func systemExitMembers() Members    { return Members{"code": firstArg("code")} }

func firstArg(name string) *Getter {
	return getter(name, func(_ *Thread, v Value) (Value, error) {
		if in := selfException(v).args(); len(in) > 0 {
			return in[0], nil
		}
		return None, nil
	})
}

func osErrorMembers() Members {
	part := func(name string, i int) *Getter {
		return getter(name, func(_ *Thread, v Value) (Value, error) {
			if in := selfException(v).args(); len(in) >= 2 {
				return in[i], nil
			}
			return None, nil
		})
	}
	return Members{"errno": part("errno", 0), "strerror": part("strerror", 1)}
}

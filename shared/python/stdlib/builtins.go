package stdlib

import (
	"io"
	"maps"
	"math"
	"math/big"
	"strings"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

type (
	value  = runtime.Value
	thread = runtime.Thread
	args   = runtime.Args
)

// define shortens the making of natives.
var define = runtime.NewNative

// clinic is define for functions whose errors about arguments are those of CPython's
// own C functions that take keywords.
func clinic(signature string, fn runtime.NativeFunc) *runtime.Native {
	name, parameters, _ := strings.Cut(strings.TrimSuffix(signature, ")"), "(")
	sig, n := runtime.NewSignature(name, parameters).Clinic(), strings.Count(parameters, ",")+1
	return runtime.NewRaw(name, func(th *thread, a args) (value, error) {
		vals := th.Reserve(n)
		defer th.Release(vals)
		if err := sig.Bind(name, a, vals); err != nil {
			return nil, err
		}
		return fn(th, args{Vals: vals})
	})
}

// members makes the members of a module from natives, by their own names.
func members(natives ...*runtime.Native) runtime.Members {
	m := runtime.Members{}
	for _, n := range natives {
		m[n.Name] = n
	}
	return m
}

// Builtins are the names found without an import.
func Builtins() runtime.Members {
	m := members(
		runtime.NewRaw("print", printValues),
		define("len(obj, /)", func(th *thread, a args) (value, error) {
			n, err := runtime.Len(th, a.Vals[0])
			return runtime.NewInt(int64(n)), err
		}),
		define("isinstance(obj, cls, /)", func(th *thread, a args) (value, error) {
			ok, err := runtime.IsInstance(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(ok), err
		}),
		define("issubclass(cls, other, /)", func(th *thread, a args) (value, error) {
			ok, err := runtime.IsSubclass(th, a.Vals[0], a.Vals[1])
			return runtime.NewBool(ok), err
		}),
		define("repr(obj, /)", func(th *thread, a args) (value, error) {
			s, err := runtime.Repr(th, a.Vals[0])
			return runtime.Str(s), err
		}),
		define("ascii(obj, /)", func(th *thread, a args) (value, error) {
			s, err := runtime.FormatValue(th, a.Vals[0], 'a', "")
			return runtime.Str(s), err
		}),
		define("format(value, spec='', /)", func(th *thread, a args) (value, error) {
			spec, ok := runtime.AsStr(a.Vals[1])
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "format() argument 2 must be str, not %s", a.Vals[1].Class().Name)
			}
			s, err := runtime.Format(th, a.Vals[0], spec)
			return runtime.Str(s), err
		}),
		define("hash(obj, /)", func(th *thread, a args) (value, error) {
			h, err := runtime.Hash(th, a.Vals[0])
			return runtime.NewInt(h), err
		}),
		define("id(obj, /)", func(_ *thread, a args) (value, error) { return runtime.NewInt(runtime.ID(a.Vals[0])), nil }),
		define("callable(obj, /)", func(_ *thread, a args) (value, error) { return runtime.NewBool(runtime.Callable(a.Vals[0])), nil }),
		define("chr(i, /)", chr), define("ord(c, /)", ord),
		define("hex(n, /)", inBase('x')), define("oct(n, /)", inBase('o')), define("bin(n, /)", inBase('b')),
		define("vars(obj, /)", func(th *thread, a args) (value, error) {
			v, err := runtime.Find(th, a.Vals[0], "__dict__")
			if v == nil && err == nil {
				return nil, runtime.Errorf(runtime.TypeError, "vars() argument must have __dict__ attribute")
			}
			return v, err
		}),
		define("dir(obj, /)", func(_ *thread, a args) (value, error) {
			names := runtime.Dir(a.Vals[0])
			out := make([]value, len(names))
			for i, n := range names {
				out[i] = runtime.Str(n)
			}
			return runtime.NewList(out...), nil
		}),
	)
	for _, group := range []runtime.Members{numbers(), iteration(), attributes(), runtime.BuiltinClasses()} {
		maps.Copy(m, group)
	}
	m["NotImplemented"], m["Ellipsis"], m["__name__"] = runtime.NotImplemented, runtime.Ellipsis, runtime.Str("__main__")
	m["__debug__"] = runtime.True
	return m
}

func printValues(th *thread, a args) (value, error) {
	sep, end := " ", "\n"
	file := runtime.None
	for i, name := range a.Names {
		v := a.Vals[a.NPos()+i]
		text, ok := runtime.AsStr(v)
		switch {
		case name == "file":
			file = v
		case name == "flush":
		case name != "sep" && name != "end":
			return nil, runtime.Errorf(runtime.TypeError, "'%s' is an invalid keyword argument for print()", name)
		case v == runtime.None:
		case !ok:
			return nil, runtime.Errorf(runtime.TypeError, "%s must be None or a string, not %s", name, v.Class().Name)
		case name == "sep":
			sep = text
		default:
			end = text
		}
	}
	var b strings.Builder
	write := func(s string) error {
		if err := th.Alloc(len(s)); err != nil {
			return err
		}
		if file == runtime.None {
			b.WriteString(s)
			return nil
		}
		_, err := runtime.CallAttr(th, file, "write", runtime.Str(s))
		return err
	}
	for i, v := range a.Pos() {
		if i > 0 {
			if err := write(sep); err != nil {
				return nil, err
			}
		}
		s, err := runtime.ToStr(th, v)
		if err != nil {
			return nil, err
		}
		if err := write(s); err != nil {
			return nil, err
		}
	}
	if err := write(end); err != nil {
		return nil, err
	}
	if th.Out != nil && b.Len() > 0 {
		if _, err := io.WriteString(th.Out, b.String()); err != nil {
			return nil, runtime.Errorf(runtime.OSError, "%v", err).WithCause(err)
		}
	}
	return runtime.None, nil
}

func chr(_ *thread, a args) (value, error) {
	n, err := runtime.Index(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if n < 0 || n > utf8.MaxRune {
		return nil, runtime.Errorf(runtime.ValueError, "chr() arg not in range(0x110000)")
	}
	return runtime.Str(rune(n)), nil
}

func ord(_ *thread, a args) (value, error) {
	if b, ok := a.Vals[0].(runtime.Bytes); ok && len(b) == 1 {
		return runtime.NewInt(int64(b[0])), nil
	}
	s, ok := runtime.AsStr(a.Vals[0])
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "ord() expected string of length 1, but %s found", a.Vals[0].Class().Name)
	}
	r, n := utf8.DecodeRuneInString(s)
	if n != len(s) || n == 0 {
		return nil, runtime.Errorf(runtime.TypeError, "ord() expected a character, but string of length %d found", utf8.RuneCountInString(s))
	}
	return runtime.NewInt(int64(r)), nil
}

func inBase(kind byte) runtime.NativeFunc {
	return func(th *thread, a args) (value, error) {
		n := runtime.AsBig(a.Vals[0])
		if n == nil {
			i, err := runtime.Index(a.Vals[0])
			if err != nil {
				return nil, err
			}
			n = big.NewInt(i)
		}
		s, err := runtime.Format(th, runtime.NewBigInt(n), "#"+string(kind))
		return runtime.Str(s), err
	}
}

func numbers() runtime.Members {
	return members(
		define("abs(x, /)", func(th *thread, a args) (value, error) {
			if v, found, err := runtime.CallSpecial(th, a.Vals[0], "__abs__"); found {
				return v, err
			}
			if f, ok := a.Vals[0].(runtime.Float); ok {
				return runtime.Float(math.Abs(float64(f))), nil
			}
			if n := runtime.AsBig(a.Vals[0]); n != nil {
				return runtime.NewBigInt(new(big.Int).Abs(n)), th.Alloc(n.BitLen() / 8)
			}
			return nil, runtime.Errorf(runtime.TypeError, "bad operand type for abs(): '%s'", a.Vals[0].Class().Name)
		}),
		define("divmod(x, y, /)", func(th *thread, a args) (value, error) {
			return runtime.DivMod(th, a.Vals[0], a.Vals[1])
		}),
		define("pow(base, exp, mod=None)", func(th *thread, a args) (value, error) {
			if a.Vals[2] == runtime.None {
				return runtime.Binary(th, runtime.Pow, a.Vals[0], a.Vals[1])
			}
			x, y, m := runtime.AsBig(a.Vals[0]), runtime.AsBig(a.Vals[1]), runtime.AsBig(a.Vals[2])
			if x == nil || y == nil || m == nil {
				return nil, runtime.Errorf(runtime.TypeError, "pow() 3rd argument not allowed unless all arguments are integers")
			}
			return runtime.PowMod(th, x, y, m)
		}),
		define("round(number, ndigits=None)", func(th *thread, a args) (value, error) { return runtime.Round(th, a.Vals[0], a.Vals[1]) }),
		define("sum(iterable, /, start=0)", sum),
		runtime.NewRaw("min", func(th *thread, a args) (value, error) { return extreme(th, "min", runtime.Lt, a) }),
		runtime.NewRaw("max", func(th *thread, a args) (value, error) { return extreme(th, "max", runtime.Gt, a) }),
	)
}

func sum(th *thread, a args) (value, error) {
	total := a.Vals[1]
	if _, ok := total.(runtime.Str); ok {
		return nil, runtime.Errorf(runtime.TypeError, "sum() can't sum strings [use ''.join(seq) instead]")
	}
	err := runtime.Iterate(th, a.Vals[0], func(v value) (err error) {
		total, err = runtime.Binary(th, runtime.Add, total, v)
		return err
	})
	return total, err
}

// extreme is min and max: the first value that no other beats.
func extreme(th *thread, name string, better runtime.CmpOp, a args) (value, error) {
	var key, def value = runtime.None, nil
	for i, n := range a.Names {
		switch n {
		case "key":
			key = a.Vals[a.NPos()+i]
		case "default":
			def = a.Vals[a.NPos()+i]
		default:
			return nil, runtime.Errorf(runtime.TypeError, "%s() got an unexpected keyword argument '%s'", name, n)
		}
	}
	pos := a.Pos()
	if len(pos) == 0 {
		return nil, runtime.Errorf(runtime.TypeError, "%s expected at least 1 argument, got 0", name)
	}
	from := pos[0]
	if len(pos) > 1 {
		if def != nil {
			return nil, runtime.Errorf(runtime.TypeError, "Cannot specify a default for %s() with multiple positional arguments", name)
		}
		from = runtime.NewTuple(append([]value(nil), pos...)...)
	}
	var best, bestKey value
	err := runtime.Iterate(th, from, func(v value) error {
		k := v
		if key != runtime.None {
			var err error
			if k, err = runtime.Call(th, key, v); err != nil {
				return err
			}
		}
		if best == nil {
			best, bestKey = v, k
			return nil
		}
		if err := th.Work(2 << 10); err != nil {
			return err
		}
		r, err := runtime.Compare(th, better, k, bestKey)
		if err != nil {
			return err
		}
		ok, err := runtime.Truth(th, r)
		if ok {
			best, bestKey = v, k
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	if best == nil {
		if def == nil {
			return nil, runtime.Errorf(runtime.ValueError, "%s() arg is an empty sequence", name)
		}
		return def, nil
	}
	return best, nil
}

func attributes() runtime.Members {
	name := func(v value) (string, error) {
		s, ok := runtime.AsStr(v)
		if !ok {
			return "", runtime.Errorf(runtime.TypeError, "attribute name must be string, not '%s'", v.Class().Name)
		}
		return s, nil
	}
	return members(
		define("getattr(obj, name, default=, /)", func(th *thread, a args) (value, error) {
			n, err := name(a.Vals[1])
			if err != nil {
				return nil, err
			}
			if a.Vals[2] == nil {
				return runtime.GetAttr(th, a.Vals[0], n)
			}
			v, err := runtime.Find(th, a.Vals[0], n)
			if v == nil && err == nil {
				return a.Vals[2], nil
			}
			return v, err
		}),
		define("hasattr(obj, name, /)", func(th *thread, a args) (value, error) {
			n, err := name(a.Vals[1])
			if err != nil {
				return nil, err
			}
			v, err := runtime.Find(th, a.Vals[0], n)
			return runtime.NewBool(v != nil), err
		}),
		define("setattr(obj, name, value, /)", func(th *thread, a args) (value, error) {
			n, err := name(a.Vals[1])
			if err != nil {
				return nil, err
			}
			return runtime.None, runtime.SetAttr(th, a.Vals[0], n, a.Vals[2])
		}),
		define("delattr(obj, name, /)", func(th *thread, a args) (value, error) {
			n, err := name(a.Vals[1])
			if err != nil {
				return nil, err
			}
			return runtime.None, runtime.DelAttr(th, a.Vals[0], n)
		}),
	)
}

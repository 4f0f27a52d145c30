package stdlib

import (
	"math"
	"math/big"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func newMath(Host) *runtime.Module {
	m := members(
		real1("sin", math.Sin), real1("cos", math.Cos), real1("tan", math.Tan), real1("asin", math.Asin), real1("acos", math.Acos),
		real1("atan", math.Atan), real1("sinh", math.Sinh), real1("cosh", math.Cosh), real1("tanh", math.Tanh),
		real1("asinh", math.Asinh), real1("acosh", math.Acosh), pole("atanh", math.Atanh),
		real1("exp", math.Exp), real1("exp2", math.Exp2), real1("expm1", math.Expm1), pole("log1p", math.Log1p),
		real1("sqrt", math.Sqrt), real1("cbrt", math.Cbrt), real1("fabs", math.Abs), real1("erf", math.Erf), real1("erfc", math.Erfc),
		real1("gamma", gamma), pole("lgamma", func(x float64) float64 {
			f, _ := math.Lgamma(x)
			if math.IsInf(x, 0) {
				return math.Inf(1)
			}
			return f
		}),
		scale("degrees", 180/math.Pi), scale("radians", math.Pi/180),
		real1("ulp", ulp),
		real2("pow", math.Pow), real2("atan2", math.Atan2), real2("fmod", math.Mod), real2("copysign", math.Copysign),
		real2("remainder", math.Remainder),
		define("nextafter(x, y, /)", func(th *thread, a args) (value, error) {
			x, y, err := twoReals(th, a)
			if x == y {
				return runtime.Float(y), err // also when both are zeros of different sign
			}
			return runtime.Float(math.Nextafter(x, y)), err
		}),
		define("frexp(x, /)", func(th *thread, a args) (value, error) {
			x, err := realNumber(th, a.Vals[0])
			f, e := math.Frexp(x)
			return runtime.NewTuple(runtime.Float(f), runtime.NewInt(int64(e))), err
		}),
		define("ldexp(x, i, /)", ldexp),
		define("modf(x, /)", func(th *thread, a args) (value, error) {
			x, err := realNumber(th, a.Vals[0])
			i, f := math.Modf(x)
			if math.IsInf(x, 0) {
				f = math.Copysign(0, x)
			}
			return runtime.NewTuple(runtime.Float(f), runtime.Float(i)), err
		}),
		whole("floor", "__floor__", math.Floor), whole("ceil", "__ceil__", math.Ceil), define("trunc(x, /)", trunc),
		check("isnan", math.IsNaN), check("isinf", func(x float64) bool { return math.IsInf(x, 0) }),
		check("isfinite", func(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) }),
		runtime.NewRaw("log", mathLog), logarithm("log2", math.Log2), logarithm("log10", math.Log10),
		clinic("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isClose),
		define("factorial(n, /)", func(th *thread, a args) (value, error) { return factorial(th, a.Vals[0]) }),
		define("isqrt(n, /)", isqrt),
		define("comb(n, k, /)", comb), define("perm(n, k=None, /)", perm),
		runtime.NewRaw("gcd", func(th *thread, a args) (value, error) { return foldInts(th, "gcd", a, 0, gcd) }),
		runtime.NewRaw("lcm", func(th *thread, a args) (value, error) { return foldInts(th, "lcm", a, 1, lcm) }),
		runtime.NewRaw("hypot", hypot), define("dist(p, q, /)", dist),
		define("fsum(seq, /)", func(th *thread, a args) (value, error) {
			f, err := fsum(th, a.Vals[0])
			return runtime.Float(f), err
		}),
		clinic("prod(iterable, /, *, start=1)", func(th *thread, a args) (value, error) {
			p := a.Vals[1]
			err := runtime.Iterate(th, a.Vals[0], func(v value) (err error) {
				p, err = runtime.Binary(th, runtime.Mul, p, v)
				return err
			})
			return p, err
		}),
	)
	for name, f := range map[string]float64{"pi": math.Pi, "e": math.E, "tau": 2 * math.Pi, "inf": math.Inf(1), "nan": math.NaN()} {
		m[name] = runtime.Float(f)
	}
	return runtime.NewModule("math", m)
}

// realNumber reads a number as a float.
func realNumber(th *thread, v value) (float64, error) {
	f, ok := runtime.AsFloat(v)
	switch {
	case !ok:
		r, found, err := runtime.CallSpecial(th, v, "__float__")
		if err != nil {
			return 0, err
		}
		x, isFloat := r.(runtime.Float)
		if found && !isFloat {
			return 0, runtime.Errorf(runtime.TypeError, "%s.__float__ returned non-float (type %s)", v.Class().Name, r.Class().Name)
		}
		if found {
			return float64(x), nil
		}
		if n, found, err := runtime.CallSpecial(th, v, "__index__"); found || err != nil {
			if err != nil {
				return 0, err
			}
			f, _ = runtime.AsFloat(n)
			return f, nil
		}
		return 0, runtime.Errorf(runtime.TypeError, "must be real number, not %s", v.Class().Name)
	case math.IsInf(f, 0) && runtime.AsBig(v) != nil:
		return 0, runtime.Errorf(runtime.OverflowError, "int too large to convert to float")
	}
	return f, nil
}

func twoReals(th *thread, a args) (x, y float64, err error) {
	if x, err = realNumber(th, a.Vals[0]); err == nil {
		y, err = realNumber(th, a.Vals[1])
	}
	return x, y, err
}

func domainError() error { return runtime.Errorf(runtime.ValueError, "math domain error") }

// result refuses what the arguments had no right to give.
func result(f float64, in ...float64) (value, error) {
	finite := true
	for _, x := range in {
		if math.IsNaN(x) {
			return runtime.Float(f), nil
		}
		finite = finite && !math.IsInf(x, 0)
	}
	switch {
	case math.IsNaN(f):
		return nil, domainError()
	case math.IsInf(f, 0) && finite:
		return nil, runtime.Errorf(runtime.OverflowError, "math range error")
	}
	return runtime.Float(f), nil
}

func real1(name string, f func(float64) float64) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		x, err := realNumber(th, a.Vals[0])
		if err != nil {
			return nil, err
		}
		return result(f(x), x)
	})
}

// pole is real1 for functions that are infinite at ends of their domain.
func pole(name string, f func(float64) float64) *runtime.Native {
	return real1(name, func(x float64) float64 {
		r := f(x)
		if math.IsInf(r, 0) && math.Abs(x) < 1e17 { // beyond, lgamma grows out of range
			return math.NaN()
		}
		return r
	})
}

// scale multiplies by a constant, and may go out of range.
func scale(name string, by float64) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		x, err := realNumber(th, a.Vals[0])
		return runtime.Float(x * by), err
	})
}

func real2(name string, f func(x, y float64) float64) *runtime.Native {
	return define(name+"(x, y, /)", func(th *thread, a args) (value, error) {
		x, y, err := twoReals(th, a)
		if err != nil {
			return nil, err
		}
		if name == "pow" && x == 0 && y < 0 && !math.IsInf(y, 0) {
			return nil, domainError()
		}
		return result(f(x, y), x, y)
	})
}

// gamma has no value at zero and below at the integers.
func gamma(x float64) float64 {
	if x == 0 {
		return math.NaN()
	}
	return math.Gamma(x)
}

// ulp is the distance to the next greater float; the greatest has that to the one before.
func ulp(x float64) float64 {
	x = math.Abs(x)
	next := math.Nextafter(x, math.Inf(1))
	switch {
	case math.IsInf(x, 0):
		return x
	case math.IsInf(next, 0):
		return x - math.Nextafter(x, 0)
	}
	return next - x
}

func ldexp(th *thread, a args) (value, error) {
	x, err := realNumber(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	n := runtime.AsBig(a.Vals[1])
	if n == nil {
		return nil, runtime.Errorf(runtime.TypeError, "Expected an int as second argument to ldexp.")
	}
	const far = 10_000 // all floats lie within
	e := far * n.Sign()
	if n.IsInt64() {
		e = int(max(-far, min(far, n.Int64())))
	}
	return result(math.Ldexp(x, e), x)
}

func whole(name, special string, f func(float64) float64) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		if n := runtime.AsBig(a.Vals[0]); n != nil {
			return runtime.NewBigInt(new(big.Int).Set(n)), nil
		}
		if r, found, err := runtime.CallSpecial(th, a.Vals[0], special); found {
			return r, err
		}
		x, err := realNumber(th, a.Vals[0])
		if err != nil {
			return nil, err
		}
		return runtime.FloatToInt(f(x))
	})
}

func trunc(th *thread, a args) (value, error) {
	if n := runtime.AsBig(a.Vals[0]); n != nil {
		return runtime.NewBigInt(new(big.Int).Set(n)), nil
	}
	if f, ok := runtime.AsFloat(a.Vals[0]); ok {
		return runtime.FloatToInt(f)
	}
	r, found, err := runtime.CallSpecial(th, a.Vals[0], "__trunc__")
	if !found {
		return nil, runtime.Errorf(runtime.TypeError, "type %s doesn't define __trunc__ method", a.Vals[0].Class().Name)
	}
	return r, err
}

func check(name string, f func(float64) bool) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		x, err := realNumber(th, a.Vals[0])
		return runtime.NewBool(f(x)), err
	})
}

// logOf works beyond the range of a float, where n is m·2^e.
func logOf(th *thread, v value, log func(float64) float64) (float64, error) {
	n := runtime.AsBig(v)
	if n != nil && n.Sign() <= 0 {
		return 0, domainError()
	}
	if n != nil && n.BitLen() > 1024 {
		mantissa := new(big.Float)
		e := new(big.Float).SetPrec(64).SetInt(n).MantExp(mantissa)
		m, _ := mantissa.Float64()
		return log(m) + log(2)*float64(e), nil
	}
	x, err := realNumber(th, v)
	if err != nil {
		return 0, err
	}
	if x <= 0 {
		return 0, domainError()
	}
	return log(x), nil
}

func logarithm(name string, log func(float64) float64) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		x, err := logOf(th, a.Vals[0], log)
		return runtime.Float(x), err
	})
}

func mathLog(th *thread, a args) (value, error) {
	switch {
	case len(a.Names) > 0:
		return nil, runtime.Errorf(runtime.TypeError, "log() takes no keyword arguments")
	case a.NPos() == 0 || a.NPos() > 2:
		return nil, runtime.Errorf(runtime.TypeError, "math.log requires 1 to 2 arguments")
	}
	x, err := logOf(th, a.Vals[0], math.Log)
	if err != nil || a.NPos() == 1 {
		return runtime.Float(x), err
	}
	base, err := logOf(th, a.Vals[1], math.Log)
	if err != nil {
		return nil, err
	}
	if base == 0 {
		return nil, runtime.Errorf(runtime.ZeroDivisionError, "float division by zero")
	}
	return runtime.Float(x / base), nil
}

func isClose(th *thread, a args) (value, error) {
	var v [4]float64
	for i := range v {
		x, err := realNumber(th, a.Vals[i])
		if err != nil {
			return nil, err
		}
		v[i] = x
	}
	if v[2] < 0 || v[3] < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "tolerances must be non-negative")
	}
	if v[0] == v[1] {
		return runtime.True, nil
	}
	if math.IsInf(v[0], 0) || math.IsInf(v[1], 0) {
		return runtime.False, nil
	}
	d := math.Abs(v[0] - v[1])
	return runtime.NewBool(d <= v[2]*math.Max(math.Abs(v[0]), math.Abs(v[1])) || d <= v[3]), nil
}

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
		real1("exp", math.Exp), real1("expm1", math.Expm1), real1("log2", math.Log2), real1("log10", math.Log10), real1("log1p", math.Log1p),
		real1("sqrt", math.Sqrt), real1("cbrt", math.Cbrt), real1("fabs", math.Abs), real1("gamma", math.Gamma), real1("erf", math.Erf),
		real1("degrees", func(x float64) float64 { return x * (180 / math.Pi) }), real1("radians", func(x float64) float64 { return x * (math.Pi / 180) }),
		real2("pow", math.Pow), real2("atan2", math.Atan2), real2("fmod", math.Mod), real2("copysign", math.Copysign),
		whole("floor", "__floor__", math.Floor), whole("ceil", "__ceil__", math.Ceil), whole("trunc", "__trunc__", math.Trunc),
		check("isnan", math.IsNaN), check("isinf", func(x float64) bool { return math.IsInf(x, 0) }),
		check("isfinite", func(x float64) bool { return !math.IsInf(x, 0) && !math.IsNaN(x) }),
		define("log(x, base=, /)", mathLog),
		define("isclose(a, b, *, rel_tol=1e-09, abs_tol=0.0)", isClose),
		define("factorial(n, /)", factorial),
		define("isqrt(n, /)", func(_ *thread, a args) (value, error) {
			n := runtime.AsBig(a.Vals[0])
			if n == nil {
				return nil, notInteger(a.Vals[0])
			}
			if n.Sign() < 0 {
				return nil, runtime.Errorf(runtime.ValueError, "isqrt() argument must be nonnegative")
			}
			return runtime.NewBigInt(new(big.Int).Sqrt(n)), nil
		}),
		define("comb(n, k, /)", func(th *thread, a args) (value, error) { return combine(th, a, true) }),
		define("perm(n, k=None, /)", func(th *thread, a args) (value, error) { return combine(th, a, false) }),
		runtime.NewRaw("gcd", func(_ *thread, a args) (value, error) {
			return foldInts(a, big.NewInt(0), func(x, y *big.Int) *big.Int { return new(big.Int).GCD(nil, nil, x, y) })
		}),
		runtime.NewRaw("lcm", func(_ *thread, a args) (value, error) {
			return foldInts(a, big.NewInt(1), func(x, y *big.Int) *big.Int {
				if x.Sign() == 0 || y.Sign() == 0 {
					return new(big.Int)
				}
				g := new(big.Int).GCD(nil, nil, x, y)
				return g.Mul(g.Div(x, g), y)
			})
		}),
		runtime.NewRaw("hypot", func(_ *thread, a args) (value, error) {
			h := 0.0
			for _, v := range a.Pos() {
				x, err := realNumber(v)
				if err != nil {
					return nil, err
				}
				h = math.Hypot(h, x)
			}
			return runtime.Float(h), nil
		}),
		define("fsum(seq, /)", fsum),
		define("prod(iterable, /, *, start=1)", func(th *thread, a args) (value, error) {
			p := a.Vals[1]
			err := runtime.Iterate(th, a.Vals[0], func(v value) (err error) {
				p, err = runtime.Binary(th, runtime.Mul, p, v)
				return err
			})
			return p, err
		}),
		define("modf(x, /)", func(_ *thread, a args) (value, error) {
			x, err := realNumber(a.Vals[0])
			i, f := math.Modf(x)
			return runtime.NewTuple(runtime.Float(f), runtime.Float(i)), err
		}),
	)
	for name, f := range map[string]float64{"pi": math.Pi, "e": math.E, "tau": 2 * math.Pi, "inf": math.Inf(1), "nan": math.NaN()} {
		m[name] = runtime.Float(f)
	}
	return runtime.NewModule("math", m)
}

func notInteger(v value) error {
	return runtime.Errorf(runtime.TypeError, "'%s' object cannot be interpreted as an integer", v.Class().Name)
}

// realNumber reads a number as a float.
func realNumber(v value) (float64, error) {
	f, ok := runtime.AsFloat(v)
	if !ok {
		return 0, runtime.Errorf(runtime.TypeError, "must be real number, not %s", v.Class().Name)
	}
	if math.IsInf(f, 0) && runtime.AsBig(v) != nil {
		return 0, runtime.Errorf(runtime.OverflowError, "int too large to convert to float")
	}
	return f, nil
}

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
		return nil, runtime.Errorf(runtime.ValueError, "math domain error")
	case math.IsInf(f, 0) && finite:
		return nil, runtime.Errorf(runtime.OverflowError, "math range error")
	}
	return runtime.Float(f), nil
}

func real1(name string, f func(float64) float64) *runtime.Native {
	logarithm := name == "log2" || name == "log10" || name == "log1p" || name == "gamma"
	return define(name+"(x, /)", func(_ *thread, a args) (value, error) {
		x, err := realNumber(a.Vals[0])
		if err != nil {
			return nil, err
		}
		r := f(x)
		if logarithm && math.IsInf(r, 0) && !math.IsInf(x, 0) {
			return nil, runtime.Errorf(runtime.ValueError, "math domain error")
		}
		return result(r, x)
	})
}

func real2(name string, f func(x, y float64) float64) *runtime.Native {
	return define(name+"(x, y, /)", func(_ *thread, a args) (value, error) {
		x, err := realNumber(a.Vals[0])
		if err != nil {
			return nil, err
		}
		y, err := realNumber(a.Vals[1])
		if err != nil {
			return nil, err
		}
		if name == "pow" && x == 0 && y < 0 {
			return nil, runtime.Errorf(runtime.ValueError, "math domain error")
		}
		return result(f(x, y), x, y)
	})
}

func whole(name, special string, f func(float64) float64) *runtime.Native {
	return define(name+"(x, /)", func(th *thread, a args) (value, error) {
		if r, found, err := runtime.CallSpecial(th, a.Vals[0], special); found {
			return r, err
		}
		if n := runtime.AsBig(a.Vals[0]); n != nil {
			return runtime.NewBigInt(n), nil
		}
		x, err := realNumber(a.Vals[0])
		if err != nil {
			return nil, err
		}
		return runtime.FloatToInt(f(x))
	})
}

func check(name string, f func(float64) bool) *runtime.Native {
	return define(name+"(x, /)", func(_ *thread, a args) (value, error) {
		x, err := realNumber(a.Vals[0])
		return runtime.NewBool(f(x)), err
	})
}

// naturalLog works beyond the range of a float.
func naturalLog(v value) (float64, error) {
	if n := runtime.AsBig(v); n != nil && n.Sign() > 0 && n.BitLen() > 1000 {
		shift := n.BitLen() - 64
		top, _ := new(big.Float).SetInt(new(big.Int).Rsh(n, uint(shift))).Float64()
		return math.Log(top) + float64(shift)*math.Ln2, nil
	}
	x, err := realNumber(v)
	if err != nil {
		return 0, err
	}
	if x <= 0 {
		return 0, runtime.Errorf(runtime.ValueError, "math domain error")
	}
	return math.Log(x), nil
}

func mathLog(_ *thread, a args) (value, error) {
	x, err := naturalLog(a.Vals[0])
	if err != nil || a.Vals[1] == nil {
		return runtime.Float(x), err
	}
	b, err := naturalLog(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if b == 0 {
		return nil, runtime.Errorf(runtime.ZeroDivisionError, "float division by zero")
	}
	return runtime.Float(x / b), nil
}

func isClose(_ *thread, a args) (value, error) {
	var v [4]float64
	for i := range v {
		x, err := realNumber(a.Vals[i])
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

// maxFactorial keeps the time of one call within milliseconds.
const maxFactorial = 20_000

func factorial(th *thread, a args) (value, error) {
	n := runtime.AsBig(a.Vals[0])
	if n == nil {
		return nil, notInteger(a.Vals[0])
	}
	if n.Sign() < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "factorial() not defined for negative values")
	}
	if !n.IsInt64() || n.Int64() > maxFactorial {
		return nil, th.OutOfMemory()
	}
	return runtime.NewBigInt(new(big.Int).MulRange(1, n.Int64())), th.Alloc(int(n.Int64()) * 2)
}

func combine(th *thread, a args, unordered bool) (value, error) {
	n := runtime.AsBig(a.Vals[0])
	if n == nil {
		return nil, notInteger(a.Vals[0])
	}
	if a.Vals[1] == runtime.None {
		return factorial(th, a)
	}
	k := runtime.AsBig(a.Vals[1])
	if k == nil {
		return nil, notInteger(a.Vals[1])
	}
	if n.Sign() < 0 || k.Sign() < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "n must be a non-negative integer")
	}
	if n.Cmp(k) < 0 {
		return runtime.NewInt(0), nil
	}
	if !n.IsInt64() || k.Int64() > maxFactorial && (!unordered || new(big.Int).Sub(n, k).Int64() > maxFactorial) {
		return nil, th.OutOfMemory()
	}
	if unordered {
		return runtime.NewBigInt(new(big.Int).Binomial(n.Int64(), k.Int64())), nil
	}
	return runtime.NewBigInt(new(big.Int).MulRange(n.Int64()-k.Int64()+1, n.Int64())), nil
}

func foldInts(a args, start *big.Int, f func(x, y *big.Int) *big.Int) (value, error) {
	out := start
	for _, v := range a.Pos() {
		n := runtime.AsBig(v)
		if n == nil {
			return nil, notInteger(v)
		}
		out = f(out, new(big.Int).Abs(n))
	}
	return runtime.NewBigInt(new(big.Int).Set(out)), nil
}

// fsum adds without losing digits.
func fsum(th *thread, a args) (value, error) {
	total := new(big.Float).SetPrec(2200)
	special := 0.0
	err := runtime.Iterate(th, a.Vals[0], func(v value) error {
		x, err := realNumber(v)
		if err != nil {
			return err
		}
		if math.IsInf(x, 0) || math.IsNaN(x) {
			special += x
			return nil
		}
		total.Add(total, big.NewFloat(x))
		return nil
	})
	if special != 0 || math.IsNaN(special) {
		return runtime.Float(special), err
	}
	f, _ := total.Float64()
	return runtime.Float(f), err
}

package stdlib

import (
	"math"
	"math/big"
	"math/rand/v2"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newRandom makes the random module. Its state belongs to the thread, whom the host
// seeds for each invocation; sequences differ from CPython's.
func newRandom(Host) *runtime.Module {
	m := members(
		define("random()", func(th *thread, _ args) (value, error) { return runtime.Float(th.Random().Float64()), nil }),
		define("seed(a=None, version=2)", seed),
		define("randint(a, b)", func(th *thread, a args) (value, error) { return between(th, a.Vals[0], a.Vals[1], true) }),
		define("randrange(start, stop=None, step=1)", randrange),
		define("getrandbits(k, /)", func(th *thread, a args) (value, error) {
			k, err := runtime.Index(a.Vals[0])
			if err != nil {
				return nil, err
			}
			if k < 0 {
				return nil, runtime.Errorf(runtime.ValueError, "number of bits must be non-negative")
			}
			b, err := randomBytes(th, k/8+min(k%8, 1)) // rounded up, without overflow
			if err != nil {
				return nil, err
			}
			n := new(big.Int).SetBytes(b)
			return runtime.NewBigInt(n.Rsh(n, uint(len(b)*8-int(k)))), nil
		}),
		define("randbytes(n)", func(th *thread, a args) (value, error) {
			n, err := runtime.Index(a.Vals[0])
			if err != nil {
				return nil, err
			}
			b, err := randomBytes(th, max(n, 0))
			return runtime.Bytes(b), err
		}),
		define("choice(seq)", choice),
		define("choices(population, weights=None, *, cum_weights=None, k=1)", choices),
		define("sample(population, k, *, counts=None)", sample),
		define("shuffle(x)", shuffle),
		floats("uniform(a, b)", func(r *rand.Rand, v []float64) float64 { return v[0] + (v[1]-v[0])*r.Float64() }),
		floats("triangular(low=0.0, high=1.0, mode=0.5)", triangular),
		floats("expovariate(lambd=1.0)", func(r *rand.Rand, v []float64) float64 { return r.ExpFloat64() / v[0] }),
		floats("gauss(mu=0.0, sigma=1.0)", normal), floats("normalvariate(mu=0.0, sigma=1.0)", normal),
		floats("lognormvariate(mu=0.0, sigma=1.0)", func(r *rand.Rand, v []float64) float64 { return math.Exp(normal(r, v)) }),
		floats("paretovariate(alpha)", func(r *rand.Rand, v []float64) float64 { return math.Pow(1-r.Float64(), -1/v[0]) }),
		floats("weibullvariate(alpha, beta)", func(r *rand.Rand, v []float64) float64 {
			return v[0] * math.Pow(-math.Log(1-r.Float64()), 1/v[1])
		}),
	)
	return runtime.NewModule("random", m)
}

func normal(r *rand.Rand, v []float64) float64 { return v[0] + v[1]*r.NormFloat64() }

func triangular(r *rand.Rand, v []float64) float64 {
	low, high, mode := v[0], v[1], v[2]
	if high == low {
		return low
	}
	u, c := r.Float64(), (mode-low)/(high-low)
	if u > c {
		u, c, low, high = 1-u, 1-c, high, low
	}
	return low + (high-low)*math.Sqrt(u*c)
}

// floats makes a function of floats.
func floats(signature string, f func(r *rand.Rand, v []float64) float64) *runtime.Native {
	return define(signature, func(th *thread, a args) (value, error) {
		var v [3]float64
		for i, x := range a.Vals {
			n, ok := runtime.AsFloat(x)
			if !ok {
				return nil, runtime.Errorf(runtime.TypeError, "must be real number, not %s", x.Class().Name)
			}
			v[i] = n
		}
		return runtime.Float(f(th.Random(), v[:])), nil
	})
}

func seed(th *thread, a args) (value, error) {
	if a.Vals[0] == runtime.None {
		th.Seed(rand.Uint64(), rand.Uint64()) //nolint:gosec // load data, not secrets
		return runtime.None, nil
	}
	if s, ok := runtime.AsStr(a.Vals[0]); ok {
		h := uint64(14695981039346656037)
		for i := range len(s) {
			h = (h ^ uint64(s[i])) * 1099511628211
		}
		th.Seed(h, uint64(len(s)))
		return runtime.None, nil
	}
	h, err := runtime.Hash(th, a.Vals[0])
	th.Seed(uint64(h), 0)
	return runtime.None, err
}

func randomBytes(th *thread, n int64) ([]byte, error) {
	if err := th.AllocMany(int(n), 1); err != nil {
		return nil, err
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(th.Random().Uint32())
	}
	return b, nil
}

// between is an integer of [lo, hi), or of [lo, hi] when closed.
func between(th *thread, lo, hi value, closed bool) (value, error) {
	a, err := runtime.Index(lo)
	if err != nil {
		return nil, err
	}
	b, err := runtime.Index(hi)
	if err != nil {
		return nil, err
	}
	shown := b
	if closed && b < math.MaxInt64 {
		b++
		shown = b
	}
	if a >= b {
		return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange() (%d, %d, %d)", a, shown, shown-a)
	}
	return runtime.NewInt(a + int64(th.Random().Uint64N(uint64(b)-uint64(a)))), nil
}

func randrange(th *thread, a args) (value, error) {
	if a.Vals[1] == runtime.None {
		n, err := runtime.Index(a.Vals[0])
		if err != nil {
			return nil, err
		}
		if n <= 0 {
			return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange()")
		}
		return runtime.NewInt(th.Random().Int64N(n)), nil
	}
	step, err := runtime.Index(a.Vals[2])
	if err != nil {
		return nil, err
	}
	if step == 1 {
		return between(th, a.Vals[0], a.Vals[1], false)
	}
	start, err := runtime.Index(a.Vals[0])
	if err != nil {
		return nil, err
	}
	stop, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if step == 0 {
		return nil, runtime.Errorf(runtime.ValueError, "zero step for randrange()")
	}
	r := runtime.Range{Start: start, Stop: stop, Step: step}
	if r.Len() <= 0 {
		return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange() (%d, %d, %d)", start, stop, step)
	}
	return runtime.NewInt(r.At(th.Random().Int64N(r.Len()))), nil
}

func choice(th *thread, a args) (value, error) {
	n, err := runtime.Len(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, runtime.Errorf(runtime.IndexError, "Cannot choose from an empty sequence")
	}
	return runtime.GetItem(th, a.Vals[0], runtime.NewInt(int64(th.Random().IntN(n))))
}

func choices(th *thread, a args) (value, error) {
	items, err := runtime.Collect(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	k, err := runtime.Index(a.Vals[3])
	if err != nil {
		return nil, err
	}
	cumulative, err := weights(th, a.Vals[1], a.Vals[2])
	if err != nil {
		return nil, err
	}
	switch {
	case len(items) == 0:
		return nil, runtime.Errorf(runtime.IndexError, "list index out of range")
	case cumulative != nil && len(cumulative) != len(items):
		return nil, runtime.Errorf(runtime.ValueError, "The number of weights does not match the population")
	case len(cumulative) > 0 && cumulative[len(cumulative)-1] <= 0:
		return nil, runtime.Errorf(runtime.ValueError, "Total of weights must be greater than zero")
	}
	if err := th.AllocMany(int(max(k, 0)), 16); err != nil {
		return nil, err
	}
	out := make([]value, max(k, 0))
	for i := range out {
		var at int
		if cumulative == nil {
			at = th.Random().IntN(len(items))
		} else {
			at, _ = slices.BinarySearch(cumulative, math.Nextafter(th.Random().Float64()*cumulative[len(cumulative)-1], math.Inf(1)))
		}
		out[i] = items[min(at, len(items)-1)]
	}
	return runtime.NewList(out...), nil
}

// weights are the running sums, nil without weights.
func weights(th *thread, each, cumulative value) ([]float64, error) {
	from := each
	if each == runtime.None {
		from = cumulative
	} else if cumulative != runtime.None {
		return nil, runtime.Errorf(runtime.TypeError, "Cannot specify both weights and cumulative weights")
	}
	if from == runtime.None {
		return nil, nil
	}
	sums, total := []float64{}, 0.0
	err := runtime.Iterate(th, from, func(v value) error {
		w, ok := runtime.AsFloat(v)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "must be real number, not %s", v.Class().Name)
		}
		if total += w; each == runtime.None {
			total = w
		}
		sums = append(sums, total)
		return th.Alloc(8)
	})
	return sums, err
}

func sample(th *thread, a args) (value, error) {
	if _, ok := a.Vals[0].(*runtime.Set); ok {
		return nil, runtime.Errorf(runtime.TypeError, "Population must be a sequence.  For dicts or sets, use sorted(d).")
	}
	items, err := runtime.Collect(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	k, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if k < 0 || k > int64(len(items)) {
		return nil, runtime.Errorf(runtime.ValueError, "Sample larger than population or is negative")
	}
	for i := range int(k) {
		j := i + th.Random().IntN(len(items)-i)
		items[i], items[j] = items[j], items[i]
	}
	return runtime.NewList(items[:k:k]...), nil
}

func shuffle(th *thread, a args) (value, error) {
	n, err := runtime.Len(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	for i := n - 1; i > 0; i-- {
		j := th.Random().IntN(i + 1)
		x, err := runtime.GetItem(th, a.Vals[0], runtime.NewInt(int64(i)))
		if err != nil {
			return nil, err
		}
		y, err := runtime.GetItem(th, a.Vals[0], runtime.NewInt(int64(j)))
		if err != nil {
			return nil, err
		}
		if err := runtime.SetItem(th, a.Vals[0], runtime.NewInt(int64(i)), y); err != nil {
			return nil, err
		}
		if err := runtime.SetItem(th, a.Vals[0], runtime.NewInt(int64(j)), x); err != nil {
			return nil, err
		}
	}
	return runtime.None, nil
}

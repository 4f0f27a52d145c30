package stdlib

import (
	"math"
	"math/big"
	prng "math/rand/v2"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// randomFunc is a function of the module and a method of its classes.
type randomFunc func(th *thread, r source, a args) (value, error)

// newRandom makes the random module. Its state belongs to the thread, whom the host
// seeds for each invocation. After random.seed(n), and with random.Random(n), the
// numbers are those of CPython.
func newRandom(Host) *runtime.Module {
	m := runtime.Members{}
	for signature, f := range randomFuncs {
		n := define(signature, func(th *thread, a args) (value, error) { return f(th, current(th), a) })
		m[n.Name] = n
	}
	m["seed"] = define("seed(a=None, version=2)", func(th *thread, a args) (value, error) {
		t, err := seeded(a.Vals[0], a.Vals[1])
		if err != nil {
			return nil, err
		}
		if t == nil {
			th.Seed(prng.Uint64(), prng.Uint64()) //nolint:gosec // load data, not secrets
			return runtime.None, nil
		}
		th.SetGenerator(t)
		return runtime.None, th.Alloc(4096)
	})
	m["Random"], m["SystemRandom"] = randomClass, systemRandomClass
	return runtime.NewModule("random", m)
}

// current is the source of the module's own functions.
func current(th *thread) source {
	if t, ok := th.Generator().(*twister); ok {
		return t
	}
	return fast{th.Random()}
}

// generator is an instance of random.Random or SystemRandom.
type generator struct {
	class *runtime.Class
	from  source
}

var (
	randomClass = runtime.NewType("random", "Random", nil, func(th *thread, cls *runtime.Class, a args) (value, error) {
		var v [1]value
		if err := runtime.NewSignature("Random", "x=None").Bind("Random", a, v[:]); err != nil {
			return nil, err
		}
		g := &generator{class: cls}
		if err := g.seed(v[0], runtime.NewInt(2)); err != nil {
			return nil, err
		}
		return runtime.Instance(cls, g), th.Alloc(4096)
	}, generatorMethods())
	systemRandomClass = runtime.NewType("random", "SystemRandom", nil, func(_ *thread, cls *runtime.Class, _ args) (value, error) {
		return runtime.Instance(cls, &generator{class: cls, from: system{}}), nil
	}, generatorMethods())
)

// Class implements runtime.Value.
func (g *generator) Class() *runtime.Class { return g.class }

// PublishTo implements runtime.Container.
func (g *generator) PublishTo(queue []value) []value {
	if t, ok := g.from.(*twister); ok {
		t.Share()
	}
	return queue
}

func (g *generator) seed(v, version value) error {
	if _, ok := g.from.(system); ok {
		return nil
	}
	t, err := seeded(v, version)
	if err != nil {
		return err
	}
	if t == nil {
		t = newTwister([]uint32{prng.Uint32(), prng.Uint32(), prng.Uint32(), prng.Uint32()}) //nolint:gosec // load data, not secrets
	}
	old, ok := g.from.(*twister)
	if !ok {
		g.from = t
		return nil
	}
	old.Lock() // others may be drawing
	defer old.Unlock()
	old.state, old.at, old.kept = t.state, t.at, false
	return nil
}

func generatorMethods() runtime.Members {
	self := func(v value) *generator {
		g, _ := runtime.Data(v).(*generator)
		return g
	}
	m := runtime.Members{}
	for signature, f := range randomFuncs {
		name, rest, _ := strings.Cut(signature, "(")
		n := define(name+"(self, "+rest, func(th *thread, a args) (value, error) {
			return f(th, self(a.Vals[0]).from, args{Vals: a.Vals[1:]})
		})
		m[name] = n
	}
	m["seed"] = define("seed(self, a=None, version=2)", func(_ *thread, a args) (value, error) {
		return runtime.None, self(a.Vals[0]).seed(a.Vals[1], a.Vals[2])
	})
	return m
}

// randomFuncs are the functions, by signature.
var randomFuncs = map[string]randomFunc{
	"random()":                            func(_ *thread, r source, _ args) (value, error) { return runtime.Float(r.float()), nil },
	"getrandbits(k)":                      getRandBits,
	"randbytes(n)":                        randBytes,
	"randint(a, b)":                       randInt,
	"randrange(start, stop=None, step=1)": randRange,
	"choice(seq)":                         choose,
	"choices(population, weights=None, *, cum_weights=None, k=1)": chooseMany,
	"sample(population, k, *, counts=None)":                       sample,
	"shuffle(x)":                                                  shuffle,
	"uniform(a, b)":                                               numbersOf(2, func(r source, v []float64) float64 { return v[0] + (v[1]-v[0])*r.float() }),
	"triangular(low=0.0, high=1.0, mode=None)":                    triangular,
	"gauss(mu=0.0, sigma=1.0)":                                    numbersOf(2, func(r source, v []float64) float64 { return v[0] + gauss(r)*v[1] }),
	"normalvariate(mu=0.0, sigma=1.0)":                            numbersOf(2, normalVariate),
	"lognormvariate(mu, sigma)":                                   numbersOf(2, func(r source, v []float64) float64 { return math.Exp(normalVariate(r, v)) }),
	"expovariate(lambd)":                                          exponential,
	"vonmisesvariate(mu, kappa)":                                  numbersOf(2, vonMises),
	"gammavariate(alpha, beta)":                                   gammaVariate,
	"betavariate(alpha, beta)":                                    betaVariate,
	"paretovariate(alpha)": nonZero(1, 0, func(r source, v []float64) float64 {
		return math.Pow(1-r.float(), -1/v[0])
	}),
	"weibullvariate(alpha, beta)": nonZero(2, 1, func(r source, v []float64) float64 {
		return v[0] * math.Pow(-math.Log(1-r.float()), 1/v[1])
	}),
}

// drawBits is an integer of k random bits, in words of 32 with the lowest first.
func drawBits(th *thread, r source, k int64) (*big.Int, error) {
	if err := th.AllocMany(int(k/8+8), 2); err != nil {
		return nil, err
	}
	b := make([]byte, (k+31)/32*4)
	for at := len(b) - 4; at >= 0; at -= 4 {
		n := min(k, 32)
		w := uint32(r.bits(int(n)))
		k -= n
		b[at], b[at+1], b[at+2], b[at+3] = byte(w>>24), byte(w>>16), byte(w>>8), byte(w)
		if at%4096 == 0 {
			if err := th.Step(); err != nil {
				return nil, err
			}
		}
	}
	return new(big.Int).SetBytes(b), nil
}

// drawBig is an integer of [0, n).
func drawBig(th *thread, r source, n *big.Int) (*big.Int, error) {
	if n.IsUint64() {
		return new(big.Int).SetUint64(r.below(n.Uint64())), nil
	}
	for {
		x, err := drawBits(th, r, int64(n.BitLen()))
		if err != nil || x.Cmp(n) < 0 {
			return x, err
		}
		if err := th.Step(); err != nil {
			return nil, err
		}
	}
}

func getRandBits(th *thread, r source, a args) (value, error) {
	k, err := runtime.Index(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if k < 0 {
		return nil, runtime.Errorf(runtime.ValueError, "number of bits must be non-negative")
	}
	n, err := drawBits(th, r, k)
	if err != nil {
		return nil, err
	}
	return runtime.NewBigInt(n), nil
}

func randBytes(th *thread, r source, a args) (value, error) {
	n, err := runtime.Index(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if n < 0 || n > math.MaxInt64/8 {
		return nil, runtime.Errorf(runtime.ValueError, "number of bits must be non-negative")
	}
	x, err := drawBits(th, r, n*8)
	if err != nil {
		return nil, err
	}
	b := x.FillBytes(make([]byte, n))
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 { // lowest first
		b[i], b[j] = b[j], b[i]
	}
	return runtime.Bytes(b), nil
}

func randInt(th *thread, r source, a args) (value, error) {
	lo, lok := a.Vals[0].(runtime.Int)
	hi, hok := a.Vals[1].(runtime.Int)
	if lok && hok && lo <= hi && uint64(hi)-uint64(lo) != math.MaxUint64 {
		return runtime.NewInt(int64(lo) + int64(r.below(uint64(hi)-uint64(lo)+1))), nil
	}
	end, err := runtime.Binary(th, runtime.Add, a.Vals[1], runtime.NewInt(1))
	if err != nil {
		return nil, err
	}
	return randRange(th, r, args{Vals: []value{a.Vals[0], end, runtime.NewInt(1)}})
}

// wholeArgument reads an argument of randrange; a float that is whole is on its way out.
func wholeArgument(v value) (*big.Int, error) {
	if n := runtime.AsBig(v); n != nil {
		return n, nil
	}
	if f, ok := v.(runtime.Float); ok && float64(f) != math.Trunc(float64(f)) {
		return nil, runtime.Errorf(runtime.ValueError, "non-integer arg 1 for randrange()")
	}
	n, err := runtime.Index(v)
	return big.NewInt(n), err
}

func randRange(th *thread, r source, a args) (value, error) {
	start, err := wholeArgument(a.Vals[0])
	if err != nil {
		return nil, err
	}
	if a.Vals[1] == runtime.None {
		if start.Sign() <= 0 {
			return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange()")
		}
		n, err := drawBig(th, r, start)
		if err != nil {
			return nil, err
		}
		return runtime.NewBigInt(n), nil
	}
	stop, err := wholeArgument(a.Vals[1])
	if err != nil {
		return nil, err
	}
	step, err := wholeArgument(a.Vals[2])
	if err != nil {
		return nil, err
	}
	width, one := new(big.Int).Sub(stop, start), big.NewInt(1)
	count := new(big.Int).Set(width)
	switch {
	case step.Sign() == 0:
		return nil, runtime.Errorf(runtime.ValueError, "zero step for randrange()")
	case step.Cmp(one) == 0 && width.Sign() <= 0:
		return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange() (%v, %v, %v)", start, stop, width)
	case step.Sign() > 0:
		count.Div(count.Sub(count.Add(count, step), one), step)
	default: // as the width, all with the other sign
		count.Neg(count).Sub(count, step).Sub(count, one)
		count.Div(count, new(big.Int).Neg(step))
	}
	if count.Sign() <= 0 {
		return nil, runtime.Errorf(runtime.ValueError, "empty range for randrange()")
	}
	n, err := drawBig(th, r, count)
	if err != nil {
		return nil, err
	}
	return runtime.NewBigInt(n.Add(n.Mul(n, step), start)), nil
}

package stdlib

import (
	"math/big"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// Limits that keep the time of one call within milliseconds.
const (
	maxFactors = 20_000  // of a product
	maxDivided = 1 << 18 // bits of an integer that is divided over and over
)

func notInteger(v value) error {
	return runtime.Errorf(runtime.TypeError, "'%s' object cannot be interpreted as an integer", v.Class().Name)
}

// integer reads an argument that has to be an integer, or something that stands for one.
func integer(th *thread, v value) (*big.Int, error) {
	n := runtime.AsBig(v)
	if n == nil {
		r, _, err := runtime.CallSpecial(th, v, "__index__")
		if err != nil {
			return nil, err
		}
		if r != nil {
			n = runtime.AsBig(r)
		}
	}
	if n == nil {
		return nil, notInteger(v)
	}
	return n, nil
}

func isqrt(th *thread, a args) (value, error) {
	n, err := integer(th, a.Vals[0])
	switch {
	case err != nil:
		return nil, err
	case n.Sign() < 0:
		return nil, runtime.Errorf(runtime.ValueError, "isqrt() argument must be nonnegative")
	case n.BitLen() > 4*maxDivided:
		return nil, th.OutOfMemory()
	}
	if err := th.Work(n.BitLen() * (n.BitLen() >> 13)); err != nil {
		return nil, err
	}
	return runtime.NewBigInt(new(big.Int).Sqrt(n)), th.Alloc(n.BitLen() / 8)
}

func factorial(th *thread, v value) (value, error) {
	n, err := integer(th, v)
	switch {
	case err != nil:
		return nil, err
	case n.Sign() < 0:
		return nil, runtime.Errorf(runtime.ValueError, "factorial() not defined for negative values")
	case !n.IsInt64():
		return nil, runtime.Errorf(runtime.OverflowError, "factorial() argument should not exceed 9223372036854775807")
	}
	return falling(th, n, n)
}

// falling is n·(n-1)···(n-k+1).
func falling(th *thread, n, k *big.Int) (value, error) {
	if !k.IsInt64() || k.Int64() > maxFactors {
		return nil, th.OutOfMemory()
	}
	count := int(k.Int64())
	if err := th.AllocMany(count, n.BitLen()/8+1); err != nil {
		return nil, err
	}
	if err := th.Work(count * n.BitLen() * (1 + count>>10)); err != nil {
		return nil, err
	}
	return runtime.NewBigInt(fallingProduct(n, 0, count)), nil
}

// fallingProduct multiplies n-from to n-to+1 by halves: long factors of like size
// are the fastest.
func fallingProduct(n *big.Int, from, to int) *big.Int {
	switch to - from {
	case 0:
		return big.NewInt(1)
	case 1:
		return new(big.Int).Sub(n, big.NewInt(int64(from)))
	}
	mid := (from + to) / 2
	left := fallingProduct(n, from, mid)
	return left.Mul(left, fallingProduct(n, mid, to))
}

// nAndK reads the arguments of comb and perm.
func nAndK(th *thread, a args) (n, k *big.Int, err error) {
	if n, err = integer(th, a.Vals[0]); err != nil {
		return nil, nil, err
	}
	if k, err = integer(th, a.Vals[1]); err != nil {
		return nil, nil, err
	}
	switch {
	case n.Sign() < 0:
		return nil, nil, runtime.Errorf(runtime.ValueError, "n must be a non-negative integer")
	case k.Sign() < 0:
		return nil, nil, runtime.Errorf(runtime.ValueError, "k must be a non-negative integer")
	}
	return n, k, nil
}

func comb(th *thread, a args) (value, error) {
	n, k, err := nAndK(th, a)
	if err != nil {
		return nil, err
	}
	rest := new(big.Int).Sub(n, k)
	if rest.Sign() < 0 {
		return runtime.NewInt(0), nil
	}
	if rest.Cmp(k) < 0 {
		k = rest
	}
	top, err := falling(th, n, k)
	if err != nil {
		return nil, err
	}
	bottom, err := falling(th, k, k)
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.FloorDiv, top, bottom)
}

func perm(th *thread, a args) (value, error) {
	if a.Vals[1] == runtime.None {
		return factorial(th, a.Vals[0])
	}
	n, k, err := nAndK(th, a)
	if err != nil {
		return nil, err
	}
	if n.Cmp(k) < 0 {
		return runtime.NewInt(0), nil
	}
	return falling(th, n, k)
}

func gcd(x, y *big.Int) *big.Int { return new(big.Int).GCD(nil, nil, x, y) }

func lcm(x, y *big.Int) *big.Int {
	if x.Sign() == 0 || y.Sign() == 0 {
		return new(big.Int)
	}
	g := gcd(x, y)
	return g.Mul(g.Div(x, g), y)
}

func foldInts(th *thread, name string, a args, start int64, f func(x, y *big.Int) *big.Int) (value, error) {
	if len(a.Names) > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "math.%s() takes no keyword arguments", name)
	}
	out := big.NewInt(start)
	for _, v := range a.Pos() {
		n, err := integer(th, v)
		if err != nil {
			return nil, err
		}
		bits := out.BitLen() + n.BitLen()
		if bits > maxDivided {
			return nil, th.OutOfMemory()
		}
		if err := th.Alloc(bits / 8); err != nil {
			return nil, err
		}
		if err := th.Work(bits * (1 + bits>>10)); err != nil {
			return nil, err
		}
		out = f(out, new(big.Int).Abs(n))
	}
	return runtime.NewBigInt(out), nil
}

package stdlib

import (
	"math"
	"math/big"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// exactBits hold any sum of floats: 2098 bits for all their places, and the carries.
const exactBits = 2200

// fsum adds without losing digits.
func fsum(th *thread, seq value) (float64, error) {
	total := new(big.Float).SetPrec(exactBits)
	special, infinities, found := 0.0, 0.0, false
	err := runtime.Iterate(th, seq, func(v value) error {
		if err := th.Work(9 << 10); err != nil { // a sum of two thousand bits
			return err
		}
		x, err := realNumber(th, v)
		switch {
		case err != nil:
			return err
		case math.IsNaN(x):
			special, found = special+x, true
		case math.IsInf(x, 0):
			special, infinities, found = special+x, infinities+x, true
		default:
			total.Add(total, big.NewFloat(x))
		}
		return nil
	})
	switch {
	case err != nil:
		return 0, err
	case math.IsNaN(infinities):
		return 0, runtime.Errorf(runtime.ValueError, "-inf + inf in fsum")
	case found:
		return special, nil
	}
	f, _ := total.Float64()
	if math.IsInf(f, 0) {
		return 0, runtime.Errorf(runtime.OverflowError, "intermediate overflow in fsum")
	}
	return f, nil
}

// norm is the root of the sum of squares, rounded once.
func norm(xs []float64) float64 {
	greatest, nan := 0.0, false
	for _, x := range xs {
		nan = nan || math.IsNaN(x)
		greatest = max(greatest, math.Abs(x)) // NaN, too
		if math.IsInf(x, 0) {
			return math.Inf(1)
		}
	}
	if nan || greatest == 0 {
		return greatest
	}
	const bits = 256 // what is smaller by more than that does not show in 53
	sum := new(big.Float).SetPrec(bits)
	for _, x := range xs {
		square := new(big.Float).SetPrec(bits).SetFloat64(x)
		sum.Add(sum, square.Mul(square, square))
	}
	f, _ := sum.Sqrt(sum).Float64()
	return f
}

func hypot(th *thread, a args) (value, error) {
	if len(a.Names) > 0 {
		return nil, runtime.Errorf(runtime.TypeError, "math.hypot() takes no keyword arguments")
	}
	if err := th.AllocMany(a.NPos(), 8); err != nil {
		return nil, err
	}
	xs := make([]float64, a.NPos())
	for i, v := range a.Pos() {
		if err := th.Step(); err != nil {
			return nil, err
		}
		x, err := realNumber(th, v)
		if err != nil {
			return nil, err
		}
		xs[i] = x
	}
	return runtime.Float(norm(xs)), nil
}

// dist is the distance of two points.
func dist(th *thread, a args) (value, error) {
	p, err := runtime.Collect(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	q, err := runtime.Collect(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	if len(p) != len(q) {
		return nil, runtime.Errorf(runtime.ValueError, "both points must have the same number of dimensions")
	}
	if err := th.AllocMany(len(p), 8); err != nil {
		return nil, err
	}
	xs := make([]float64, len(p))
	for i := range p {
		if err := th.Step(); err != nil {
			return nil, err
		}
		x, y, err := twoReals(th, args{Vals: []value{p[i], q[i]}})
		if err != nil {
			return nil, err
		}
		xs[i] = x - y
	}
	return runtime.Float(norm(xs)), nil
}

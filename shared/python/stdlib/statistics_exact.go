package stdlib

import (
	"math"
	"math/big"

	"github.com/cockroachdb/apd/v3"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// An exactSum adds integers, floats and Decimals, and their squares, without rounding. It keeps one integer for each number of
// places after the point, binary ones, or decimal ones if there are Decimals.
type exactSum struct {
	count    int64
	float    bool           // a float was among them
	module   *decimalModule // of a Decimal that was among them
	sums     map[int]*big.Int
	squares  map[int]*big.Int
	infinite value // the sum of what is not finite, nil without
}

// A figure is an exact result and what it is shown as: a Decimal, a float or an integer.
type figure struct {
	ratio    *big.Rat
	infinite value // instead of ratio, if some number was not finite
	float    bool
	module   *decimalModule
}

func newExactSum() *exactSum { return &exactSum{sums: map[int]*big.Int{}, squares: map[int]*big.Int{}} }

// add adds a number.
func (s *exactSum) add(th *thread, v value) error {
	s.count++
	switch x := runtime.Data(v).(type) {
	case runtime.Float:
		s.float = true
		f := float64(x)
		if math.IsNaN(f) || math.IsInf(f, 0) {
			return s.addInfinite(th, x)
		}
		fraction, exponent := math.Frexp(f)
		n, places := int64(fraction*(1<<53)), 53-exponent
		return s.addScaled(th, big.NewInt(n), places)
	case *decimal:
		s.module = x.m
		if x.d.Form != apd.Finite {
			return s.addInfinite(th, x)
		}
		n := new(big.Int).Set(x.d.Coeff.MathBigInt())
		if x.d.Negative {
			n.Neg(n)
		}
		return s.addScaled(th, n, -int(x.d.Exponent))
	}
	n := runtime.AsBig(v)
	if n == nil {
		return runtime.Errorf(runtime.TypeError, "can't convert type '%s' to numerator/denominator", v.Class().Name)
	}
	return s.addScaled(th, n, 0)
}

func (s *exactSum) addInfinite(th *thread, v value) (err error) {
	if s.infinite == nil {
		s.infinite = zero
	}
	s.infinite, err = runtime.Binary(th, runtime.Add, s.infinite, v)
	return err
}

// addScaled adds n, whose last places digits stand after the point.
func (s *exactSum) addScaled(th *thread, n *big.Int, places int) error {
	if n.BitLen() > maxDivided {
		return th.OutOfMemory()
	}
	size := n.BitLen() / 8
	if err := th.Work(64 + size*(1+size>>8)); err != nil {
		return err
	}
	if s.sums[places] == nil {
		if err := th.Alloc(128 + 4*size); err != nil {
			return err
		}
		s.sums[places], s.squares[places] = new(big.Int), new(big.Int)
	}
	s.sums[places].Add(s.sums[places], n)
	s.squares[places].Add(s.squares[places], new(big.Int).Mul(n, n))
	return nil
}

// exactSteps is the time of adding a number exactly.
const exactSteps = 5

// addAll adds the items of an iterable.
func (s *exactSum) addAll(th *thread, seq value) error {
	return runtime.Iterate(th, seq, func(v value) error {
		if err := th.Steps(exactSteps); err != nil {
			return err
		}
		return s.add(th, v)
	})
}

// figure is what the numbers add up to as ratio, shown as they are.
func (s *exactSum) figure(ratio *big.Rat) (figure, error) {
	if s.float && s.module != nil {
		return figure{}, runtime.Errorf(runtime.TypeError, "don't know how to coerce float and Decimal")
	}
	return figure{ratio: ratio, infinite: s.infinite, float: s.float, module: s.module}, nil
}

// total adds up.
func (s *exactSum) total(th *thread) (figure, error) {
	ratio, err := s.join(th, s.sums, 1)
	if err != nil {
		return figure{}, err
	}
	return s.figure(ratio)
}

// deviations is the sum of the squared distances to the mean: (n·Σx² − (Σx)²)/n.
func (s *exactSum) deviations(th *thread) (figure, error) {
	sum, err := s.join(th, s.sums, 1)
	if err != nil {
		return figure{}, err
	}
	squares, err := s.join(th, s.squares, 2)
	if err != nil {
		return figure{}, err
	}
	if s.count > 0 {
		n := new(big.Rat).SetInt64(s.count)
		squares.Mul(squares, n).Sub(squares, sum.Mul(sum, sum)).Quo(squares, n)
	}
	return s.figure(squares)
}

// join adds the sums of different places; of squares the places count twice.
func (s *exactSum) join(th *thread, sums map[int]*big.Int, times int) (*big.Rat, error) {
	most := 0
	for places := range sums {
		most = max(most, places)
	}
	unit := func(places int) (*big.Int, error) {
		power, bits := places*times, places*times
		if s.module != nil {
			bits = 10 * power / 3
		}
		if bits > maxDivided {
			return nil, th.OutOfMemory()
		}
		if err := th.Alloc(bits / 4); err != nil {
			return nil, err
		}
		if err := chargeDigits(th, bits/3); err != nil {
			return nil, err
		}
		if s.module == nil {
			return new(big.Int).Lsh(big.NewInt(1), uint(power)), nil
		}
		return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(power)), nil), nil
	}
	total := new(big.Int)
	for places, n := range sums {
		factor, err := unit(most - places)
		if err != nil {
			return nil, err
		}
		total.Add(total, factor.Mul(factor, n))
	}
	denominator, err := unit(most)
	if err != nil {
		return nil, err
	}
	return new(big.Rat).SetFrac(total, denominator), nil
}

// over divides.
func (f figure) over(th *thread, n int64) (_ figure, err error) {
	if f.infinite != nil {
		f.infinite, err = runtime.Binary(th, runtime.Div, f.infinite, runtime.NewInt(n))
		return f, err
	}
	f.ratio = new(big.Rat).Quo(f.ratio, new(big.Rat).SetInt64(n))
	return f, nil
}

// value is the figure as the numbers were; integers make a float unless it is whole.
func (f figure) value(th *thread) (value, error) {
	switch {
	case f.infinite != nil:
		return f.infinite, nil
	case f.module == nil && !f.float && f.ratio.IsInt():
		return runtime.NewBigInt(f.ratio.Num()), nil
	case f.module == nil:
		return runtime.Binary(th, runtime.Div, runtime.NewBigInt(f.ratio.Num()), runtime.NewBigInt(f.ratio.Denom()))
	}
	n, err := f.module.fromInt(th, f.ratio.Num())
	if err != nil {
		return nil, err
	}
	d, err := f.module.fromInt(th, f.ratio.Denom())
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.Div, n, d)
}

// root is the square root, rounded once.
func (f figure) root(th *thread) (value, error) {
	switch {
	case f.infinite != nil:
		return nil, runtime.Errorf(runtime.AttributeError, "'%s' object has no attribute 'numerator'", f.infinite.Class().FullName())
	case f.module != nil:
		return f.decimalRoot(th)
	}
	n, d := f.ratio.Num(), f.ratio.Denom()
	const bits = 112 // twice as many as a float has, and some
	shift := (bits - n.BitLen() + d.BitLen()) / 2
	if shift >= 0 {
		n = new(big.Int).Lsh(n, uint(2*shift))
	} else {
		d = new(big.Int).Lsh(d, uint(-2*shift))
	}
	quotient, rest := new(big.Int).QuoRem(n, d, new(big.Int))
	root := new(big.Int).Sqrt(quotient)
	if rest.Sign() != 0 || new(big.Int).Mul(root, root).Cmp(quotient) != 0 {
		root.SetBit(root, 0, 1) // stands for all that was cut off
	}
	one := big.NewInt(1)
	if shift >= 0 {
		return runtime.Binary(th, runtime.Div, runtime.NewBigInt(root), runtime.NewBigInt(one.Lsh(one, uint(shift))))
	}
	return runtime.Binary(th, runtime.Div, runtime.NewBigInt(root.Lsh(root, uint(-shift))), runtime.NewInt(1))
}

// decimalRoot is the root in the digits of the context. The root of the rounded quotient may be one unit off.
func (f figure) decimalRoot(th *thread) (value, error) {
	if f.ratio.Sign() == 0 {
		return f.module.parse(th, "0.0")
	}
	quotient, err := f.value(th)
	if err != nil {
		return nil, err
	}
	v, err := runtime.CallAttr(th, quotient, "sqrt")
	if err != nil {
		return nil, err
	}
	root := v.(*decimal)
	last := int32(int64(root.d.Exponent) + root.d.NumDigits() - int64(f.module.precision.Load()))
	for _, step := range []int64{1, -1} {
		unit := &decimal{m: f.module}
		unit.d.SetFinite(step, last)
		next, err := runtime.Binary(th, runtime.Add, root, unit)
		if err != nil {
			return nil, err
		}
		border := newExactSum() // twice what lies between them
		if err := border.add(th, root); err != nil {
			return nil, err
		}
		if err := border.add(th, next); err != nil {
			return nil, err
		}
		twice, err := border.total(th)
		if err != nil {
			return nil, err
		}
		square := new(big.Rat).Mul(twice.ratio, twice.ratio)
		if new(big.Rat).Mul(f.ratio, big.NewRat(4, 1)).Cmp(square) == int(step) {
			return next, nil
		}
	}
	return root, nil
}

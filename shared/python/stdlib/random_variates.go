package stdlib

import (
	"math"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// floatsOf reads the first n arguments as floats.
func floatsOf(a args, n int) ([]float64, error) {
	out := make([]float64, n)
	for i := range out {
		f, ok := runtime.AsFloat(a.Vals[i])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "must be real number, not %s", a.Vals[i].Class().Name)
		}
		out[i] = f
	}
	return out, nil
}

// numbersOf makes a function of n floats.
func numbersOf(n int, f func(r source, v []float64) float64) randomFunc {
	return func(_ *thread, r source, a args) (value, error) {
		v, err := floatsOf(a, n)
		if err != nil {
			return nil, err
		}
		return runtime.Float(f(r, v)), nil
	}
}

// nonZero is numbersOf for a function that divides by argument i.
func nonZero(n, i int, f func(r source, v []float64) float64) randomFunc {
	return func(_ *thread, r source, a args) (value, error) {
		v, err := floatsOf(a, n)
		if err != nil {
			return nil, err
		}
		if v[i] == 0 {
			return nil, runtime.Errorf(runtime.ZeroDivisionError, "float division by zero")
		}
		return runtime.Float(f(r, v)), nil
	}
}

func exponential(_ *thread, r source, a args) (value, error) {
	v, err := floatsOf(a, 1)
	if err != nil {
		return nil, err
	}
	if v[0] == 0 {
		return nil, runtime.Errorf(runtime.ZeroDivisionError, "float division by zero")
	}
	return runtime.Float(-math.Log(1-r.float()) / v[0]), nil
}

func triangular(_ *thread, r source, a args) (value, error) {
	v, err := floatsOf(a, 2)
	if err != nil {
		return nil, err
	}
	low, high := v[0], v[1]
	u, c := r.float(), 0.5
	if a.Vals[2] != runtime.None {
		mode, ok := runtime.AsFloat(a.Vals[2])
		if !ok {
			return nil, runtime.Errorf(runtime.TypeError, "must be real number, not %s", a.Vals[2].Class().Name)
		}
		if high == low {
			return a.Vals[0], nil
		}
		c = (mode - low) / (high - low)
	}
	if u > c {
		u, c, low, high = 1-u, 1-c, high, low
	}
	return runtime.Float(low + (high-low)*math.Sqrt(u*c)), nil
}

// normalVariate is the method of Kinderman and Monahan.
func normalVariate(r source, v []float64) float64 {
	if z, ok := r.normal(); ok {
		return v[0] + z*v[1]
	}
	scale := 4 * math.Exp(-0.5) / math.Sqrt(2)
	for {
		u1, u2 := r.float(), 1-r.float()
		z := scale * (u1 - 0.5) / u2
		if z*z/4 <= -math.Log(u2) {
			return v[0] + z*v[1]
		}
	}
}

// maxRounds ends a loop whose arguments, as NaN, let no draw pass.
const maxRounds = 100_000

func vonMises(r source, v []float64) float64 {
	mu, kappa := v[0], v[1]
	if kappa <= 1e-6 {
		return 2 * math.Pi * r.float()
	}
	s := 0.5 / kappa
	radius := s + math.Sqrt(1+s*s)
	z := 0.0
	for range maxRounds {
		z = math.Cos(math.Pi * r.float())
		d := z / (radius + z)
		if u := r.float(); u < 1-d*d || u <= (1-d)*math.Exp(d) {
			break
		}
	}
	q := 1 / radius
	angle := math.Acos((q + z) / (1 + q*z))
	if r.float() <= 0.5 {
		angle = -angle
	}
	turn := math.Mod(mu+angle, 2*math.Pi)
	if turn < 0 {
		turn += 2 * math.Pi
	}
	return turn
}

func gammaVariate(_ *thread, r source, a args) (value, error) {
	v, err := floatsOf(a, 2)
	if err != nil {
		return nil, err
	}
	f, err := gammaOf(r, v[0], v[1])
	return runtime.Float(f), err
}

func gammaOf(r source, alpha, beta float64) (float64, error) {
	switch {
	case alpha <= 0 || beta <= 0:
		return 0, runtime.Errorf(runtime.ValueError, "gammavariate: alpha and beta must be > 0.0")
	case alpha > 1:
		a := math.Sqrt(2*alpha - 1)
		b, c := alpha-math.Log(4), alpha+a
		for range maxRounds {
			u1 := r.float()
			if u1 <= 1e-7 || u1 >= 0.9999999 {
				continue
			}
			u2 := 1 - r.float()
			v := math.Log(u1/(1-u1)) / a
			x := alpha * math.Exp(v)
			z, t := u1*u1*u2, b+c*v-x
			if t+1+math.Log(4.5)-4.5*z >= 0 || t >= math.Log(z) {
				return x * beta, nil
			}
		}
	case alpha == 1:
		return -math.Log(1-r.float()) * beta, nil
	default:
		for range maxRounds {
			b := (math.E + alpha) / math.E
			p := b * r.float()
			x := math.Pow(p, 1/alpha)
			if p > 1 {
				x = -math.Log((b - p) / alpha)
			}
			u := r.float()
			if p > 1 && u <= math.Pow(x, alpha-1) || p <= 1 && u <= math.Exp(-x) {
				return x * beta, nil
			}
		}
	}
	return math.NaN(), nil
}

func betaVariate(_ *thread, r source, a args) (value, error) {
	v, err := floatsOf(a, 2)
	if err != nil {
		return nil, err
	}
	y, err := gammaOf(r, v[0], 1)
	if err != nil || y == 0 {
		return runtime.Float(0), err
	}
	z, err := gammaOf(r, v[1], 1)
	return runtime.Float(y / (y + z)), err
}

package stdlib

import (
	"errors"
	"math"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func mean(th *thread, a args) (value, error) {
	s := newExactSum()
	if err := s.addAll(th, a.Vals[0]); err != nil {
		return nil, err
	}
	f, err := s.total(th)
	if err != nil {
		return nil, err
	}
	if s.count == 0 {
		return nil, statisticsErrorf("mean requires at least one data point")
	}
	if f, err = f.over(th, s.count); err != nil {
		return nil, err
	}
	return f.value(th)
}

// floatMean is the mean in floats, each item times its weight if there are weights.
func floatMean(th *thread, data, weights value) (value, error) {
	items, err := runtime.Collect(th, data)
	if err != nil {
		return nil, err
	}
	count := len(items)
	if weights == runtime.None {
		sum, err := fsum(th, runtime.NewList(items...))
		if err != nil {
			return nil, err
		}
		if count == 0 {
			return nil, statisticsErrorf("fmean requires at least one data point")
		}
		return runtime.Float(sum / float64(count)), nil
	}
	factors, err := runtime.Collect(th, weights)
	if err != nil {
		return nil, err
	}
	products := runtime.NewList()
	for i := range min(count, len(factors)) {
		p, err := runtime.Binary(th, runtime.Mul, items[i], factors[i])
		if err != nil {
			return nil, err
		}
		if err := products.Push(th, p); err != nil {
			return nil, err
		}
	}
	sum, err := fsum(th, products)
	if err != nil {
		return nil, err
	}
	if count != len(factors) {
		return nil, statisticsErrorf("data and weights must be the same length")
	}
	weight, err := fsum(th, runtime.NewList(factors...))
	if err != nil {
		return nil, err
	}
	if weight == 0 {
		return nil, statisticsErrorf("sum of weights must be non-zero")
	}
	return runtime.Float(sum / weight), nil
}

func geometricMean(th *thread, a args) (value, error) {
	logs := runtime.NewList()
	err := runtime.Iterate(th, a.Vals[0], func(v value) error {
		x, err := logOf(th, v, math.Log)
		if err != nil {
			return err
		}
		return logs.Push(th, runtime.Float(x))
	})
	var m value
	if err == nil {
		m, err = floatMean(th, logs, runtime.None)
	}
	if e, raised := errors.AsType[*runtime.Exception](err); raised && e.Class().Is(runtime.ValueError) {
		return nil, statisticsErrorf("geometric mean requires a non-empty dataset containing positive numbers")
	}
	if err != nil {
		return nil, err
	}
	return runtime.Float(math.Exp(float64(m.(runtime.Float)))), nil
}

const negativeHarmonic = "harmonic mean does not support negative values"

// notNegative refuses what is below zero.
func notNegative(th *thread, v value) error {
	below, err := less(th, v, zero)
	if err == nil && below {
		err = statisticsErrorf(negativeHarmonic)
	}
	return err
}

func harmonicMean(th *thread, a args) (value, error) {
	items, err := runtime.Collect(th, a.Vals[0])
	switch {
	case err != nil:
		return nil, err
	case len(items) == 0:
		return nil, statisticsErrorf("harmonic_mean requires at least one data point")
	case len(items) == 1 && a.Vals[1] == runtime.None:
		if _, isDecimal := items[0].(*decimal); !isDecimal && !runtime.IsNumber(items[0]) {
			return nil, runtime.Errorf(runtime.TypeError, "unsupported type")
		}
		return items[0], notNegative(th, items[0])
	}
	weights, weight, err := harmonicWeights(th, a.Vals[1], len(items))
	if err != nil {
		return nil, err
	}
	sum := newExactSum()
	for i, v := range items {
		if err := notNegative(th, v); err != nil {
			return nil, err
		}
		err := sum.addShare(th, weights, i, v)
		if e, raised := errors.AsType[*runtime.Exception](err); raised && e.Class().Is(runtime.ZeroDivisionError) {
			return zero, nil
		}
		if err != nil {
			return nil, err
		}
	}
	total, err := sum.total(th)
	if err != nil {
		return nil, err
	}
	if total.infinite != nil || weight.infinite != nil {
		return quotientOf(th, weight, total)
	}
	if total.ratio.Sign() <= 0 {
		return nil, statisticsErrorf("Weighted sum must be positive")
	}
	total.ratio.Quo(weight.ratio, total.ratio)
	return total.value(th)
}

// harmonicWeights are the weights of n items, nil if each counts once, and their sum.
func harmonicWeights(th *thread, v value, n int) ([]value, figure, error) {
	sum := newExactSum()
	if v == runtime.None {
		if err := sum.add(th, runtime.NewInt(int64(n))); err != nil {
			return nil, figure{}, err
		}
		f, err := sum.total(th)
		return nil, f, err
	}
	weights, err := runtime.Collect(th, v)
	if err != nil {
		return nil, figure{}, err
	}
	if len(weights) != n {
		return nil, figure{}, statisticsErrorf("Number of weights does not match data size")
	}
	for _, w := range weights {
		if err := notNegative(th, w); err != nil {
			return nil, figure{}, err
		}
		if err := sum.add(th, w); err != nil {
			return nil, figure{}, err
		}
	}
	f, err := sum.total(th)
	return weights, f, err
}

// addShare adds an item's weight over the item; nothing for a weight of 0.
func (s *exactSum) addShare(th *thread, weights []value, i int, v value) error {
	w := runtime.NewInt(1)
	if weights != nil {
		w = weights[i]
		if some, err := runtime.Truth(th, w); !some || err != nil {
			if err != nil {
				return err
			}
			return s.add(th, zero)
		}
	}
	share, err := runtime.Binary(th, runtime.Div, w, v)
	if err != nil {
		return err
	}
	return s.add(th, share)
}

// quotientOf divides figures that need not be finite.
func quotientOf(th *thread, x, y figure) (value, error) {
	a, err := x.value(th)
	if err != nil {
		return nil, err
	}
	b, err := y.value(th)
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.Div, a, b)
}

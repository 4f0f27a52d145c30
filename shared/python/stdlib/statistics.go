package stdlib

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

var statisticsError = runtime.NewExceptionClass("statistics", "StatisticsError", runtime.ValueError)

func statisticsErrorf(format string, a ...any) error {
	return runtime.Errorf(statisticsError, format, a...)
}

// newStatistics makes the statistics module.
func newStatistics(Host) *runtime.Module {
	m := members(
		define("mean(data)", mean),
		define("fmean(data, weights=None)", func(th *thread, a args) (value, error) { return floatMean(th, a.Vals[0], a.Vals[1]) }),
		define("geometric_mean(data)", geometricMean),
		define("harmonic_mean(data, weights=None)", harmonicMean),
		define("median(data)", median),
		define("median_low(data)", func(th *thread, a args) (value, error) { return middle(th, a.Vals[0], 1) }),
		define("median_high(data)", func(th *thread, a args) (value, error) { return middle(th, a.Vals[0], 0) }),
		define("mode(data)", func(th *thread, a args) (value, error) {
			modes, err := modes(th, a.Vals[0])
			if err == nil && len(modes) == 0 {
				err = statisticsErrorf("no mode for empty data")
			}
			if err != nil {
				return nil, err
			}
			return modes[0], nil
		}),
		define("multimode(data)", func(th *thread, a args) (value, error) {
			modes, err := modes(th, a.Vals[0])
			return runtime.NewList(modes...), err
		}),
		define("quantiles(data, *, n=4, method='exclusive')", quantiles),
		spread("variance(data, xbar=None)", 1, false), spread("stdev(data, xbar=None)", 1, true),
		spread("pvariance(data, mu=None)", 0, false), spread("pstdev(data, mu=None)", 0, true),
	)
	m["StatisticsError"] = statisticsError
	return runtime.NewModule("statistics", m)
}

// sortedData are the items in order.
func sortedData(th *thread, data value) ([]value, error) {
	items, err := runtime.Collect(th, data)
	if err != nil {
		return nil, err
	}
	return items, runtime.SortValues(th, items, runtime.None, runtime.False)
}

// middle is the item in the middle, of an even number the later of two unless back is 1.
func middle(th *thread, data value, back int) (value, error) {
	items, err := sortedData(th, data)
	if err != nil {
		return nil, err
	}
	if len(items) == 0 {
		return nil, statisticsErrorf("no median for empty data")
	}
	return items[(len(items)-back)/2], nil
}

func median(th *thread, a args) (value, error) {
	items, err := sortedData(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	n := len(items)
	switch {
	case n == 0:
		return nil, statisticsErrorf("no median for empty data")
	case n%2 == 1:
		return items[n/2], nil
	}
	sum, err := runtime.Binary(th, runtime.Add, items[n/2-1], items[n/2])
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.Div, sum, runtime.NewInt(2))
}

// modes are the items that come most often, in the order of their first coming.
func modes(th *thread, data value) ([]value, error) {
	counts, most := runtime.NewDict(), int64(0)
	err := runtime.Iterate(th, data, func(v value) error {
		return counts.Change(th, v, func(old value) (value, error) {
			n := int64(1)
			if old != nil {
				before, _ := runtime.AsInt(old)
				n += before
			}
			most = max(most, n)
			return runtime.NewInt(n), nil
		})
	})
	if err != nil {
		return nil, err
	}
	var out []value
	for v, n := range counts.All() {
		if err := th.Step(); err != nil {
			return nil, err
		}
		if times, _ := runtime.AsInt(n); times == most {
			if err := th.Alloc(32); err != nil {
				return nil, err
			}
			out = append(out, v)
		}
	}
	return out, nil
}

// quantileSteps is the time of placing one value between two of the data.
const quantileSteps = 28

// quantiles cut the data into n parts of equal probability.
func quantiles(th *thread, a args) (value, error) {
	tooFew, err := less(th, a.Vals[1], runtime.NewInt(1))
	if err != nil {
		return nil, err
	}
	if tooFew {
		return nil, statisticsErrorf("n must be at least 1")
	}
	items, err := sortedData(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	if len(items) < 2 {
		return nil, statisticsErrorf("must have at least two data points")
	}
	method, _ := runtime.AsStr(a.Vals[2])
	if method != "inclusive" && method != "exclusive" {
		shown, err := runtime.Repr(th, a.Vals[2])
		if err != nil {
			return nil, err
		}
		return nil, runtime.Errorf(runtime.ValueError, "Unknown method: %s", shown)
	}
	n, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	out := runtime.NewList()
	last := int64(len(items) - 1)
	for i := int64(1); i < n; i++ {
		if err := th.Steps(quantileSteps); err != nil {
			return nil, err
		}
		var j, delta int64 // between the items j and j+1, delta n-ths after the first
		if method == "inclusive" {
			j, delta = i*last/n, i*last%n
		} else {
			j = min(max(i*(last+2)/n, 1), last)
			delta = i*(last+2) - j*n
			j--
		}
		cut, err := between(th, items[j], items[j+1], delta, n)
		if err != nil {
			return nil, err
		}
		if err := out.Push(th, cut); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// between is what stands delta n-ths of the way from x to y.
func between(th *thread, x, y value, delta, n int64) (value, error) {
	left, err := runtime.Binary(th, runtime.Mul, x, runtime.NewInt(n-delta))
	if err != nil {
		return nil, err
	}
	right, err := runtime.Binary(th, runtime.Mul, y, runtime.NewInt(delta))
	if err != nil {
		return nil, err
	}
	sum, err := runtime.Binary(th, runtime.Add, left, right)
	if err != nil {
		return nil, err
	}
	return runtime.Binary(th, runtime.Div, sum, runtime.NewInt(n))
}

// spread is a variance, or its root. It is taken over the number of the items less free, and needs one item more than that.
func spread(signature string, free int64, root bool) *runtime.Native {
	var n *runtime.Native
	n = define(signature, func(th *thread, a args) (value, error) {
		s := newExactSum()
		total := s.deviations
		if centre := a.Vals[1]; centre == runtime.None {
			if err := s.addAll(th, a.Vals[0]); err != nil {
				return nil, err
			}
		} else {
			total = s.total
			err := runtime.Iterate(th, a.Vals[0], func(v value) error { return s.addDistance(th, v, centre) })
			if err != nil {
				return nil, err
			}
		}
		f, err := total(th)
		if err != nil {
			return nil, err
		}
		if s.count <= free {
			return nil, statisticsErrorf("%s requires at least %s", n.Name, []string{"one data point", "two data points"}[free])
		}
		if f, err = f.over(th, s.count-free); err != nil {
			return nil, err
		}
		if root {
			return f.root(th)
		}
		return f.value(th)
	})
	return n
}

// addDistance adds the square of the distance between v and the centre.
func (s *exactSum) addDistance(th *thread, v, centre value) error {
	d, err := runtime.Binary(th, runtime.Sub, v, centre)
	if err != nil {
		return err
	}
	square, err := runtime.Binary(th, runtime.Mul, d, d)
	if err != nil {
		return err
	}
	return s.add(th, square)
}

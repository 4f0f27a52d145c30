package stdlib

import (
	"math"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

func choose(th *thread, r source, a args) (value, error) {
	n, err := runtime.Len(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	if n == 0 {
		return nil, runtime.Errorf(runtime.IndexError, "Cannot choose from an empty sequence")
	}
	return runtime.GetItem(th, a.Vals[0], runtime.NewInt(int64(r.below(uint64(n)))))
}

func chooseMany(th *thread, r source, a args) (value, error) {
	population := a.Vals[0]
	n, err := runtime.Len(th, population)
	if err != nil {
		return nil, err
	}
	sums, err := weights(th, a.Vals[1], a.Vals[2])
	if err != nil {
		return nil, err
	}
	k, err := runtime.Index(a.Vals[3])
	if err != nil {
		return nil, err
	}
	total := float64(n)
	if sums != nil {
		if len(sums) != n {
			return nil, runtime.Errorf(runtime.ValueError, "The number of weights does not match the population")
		}
		if n == 0 {
			return nil, runtime.Errorf(runtime.IndexError, "list index out of range")
		}
		total = sums[n-1]
		switch {
		case total <= 0:
			return nil, runtime.Errorf(runtime.ValueError, "Total of weights must be greater than zero")
		case math.IsInf(total, 0) || math.IsNaN(total):
			return nil, runtime.Errorf(runtime.ValueError, "Total of weights must be finite")
		}
	}
	if err := th.AllocMany(int(max(k, 0)), 16); err != nil {
		return nil, err
	}
	out := make([]value, max(k, 0))
	for i := range out {
		if err := th.Step(); err != nil {
			return nil, err
		}
		x := r.float() * total
		at := int64(x)
		if sums != nil {
			at = int64(above(sums[:n-1], x))
		}
		if out[i], err = runtime.GetItem(th, population, runtime.NewInt(at)); err != nil {
			return nil, err
		}
	}
	return runtime.NewList(out...), nil
}

// above is the first place whose sum is greater than x, as bisect finds it.
func above(sums []float64, x float64) int {
	lo, hi := 0, len(sums)
	for lo < hi {
		mid := (lo + hi) / 2
		if x < sums[mid] {
			hi = mid
		} else {
			lo = mid + 1
		}
	}
	return lo
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
	if n, ok := runtime.AsInt(each); ok {
		return nil, runtime.Errorf(runtime.TypeError, "The number of choices must be a keyword argument: k=%d", n)
	}
	sums, total := []float64{}, 0.0
	err := runtime.Iterate(th, from, func(v value) error {
		w, ok := runtime.AsFloat(v)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "unsupported operand type(s) for +: '%s' and 'float'", v.Class().Name)
		}
		if total += w; each == runtime.None {
			total = w
		}
		sums = append(sums, total)
		return th.Alloc(8)
	})
	return sums, err
}

func sample(th *thread, r source, a args) (value, error) {
	population := a.Vals[0]
	switch runtime.Data(population).(type) {
	case *runtime.List, *runtime.Tuple, *runtime.Range, runtime.Str, runtime.Bytes:
	default:
		if population.Class().Lookup("__getitem__") == nil || runtime.IsMapping(population) {
			return nil, runtime.Errorf(runtime.TypeError, "Population must be a sequence.  For dicts or sets, use sorted(d).")
		}
	}
	n, err := runtime.Len(th, population)
	if err != nil {
		return nil, err
	}
	if a.Vals[2] != runtime.None {
		return sampleCounted(th, r, a, n)
	}
	k, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	at, err := places(th, r, n, k)
	if err != nil {
		return nil, err
	}
	out := make([]value, len(at))
	for i, j := range at {
		if out[i], err = runtime.GetItem(th, population, runtime.NewInt(int64(j))); err != nil {
			return nil, err
		}
	}
	return runtime.NewList(out...), nil
}

// sampleCounted draws from a population whose members stand for several each.
func sampleCounted(th *thread, r source, a args, n int) (value, error) {
	var sums []float64
	total := int64(0)
	err := runtime.Iterate(th, a.Vals[2], func(v value) error {
		c, ok := runtime.AsInt(v)
		if !ok {
			return runtime.Errorf(runtime.TypeError, "Counts must be integers")
		}
		total += c
		sums = append(sums, float64(total))
		return th.Alloc(8)
	})
	if err != nil {
		return nil, err
	}
	switch {
	case len(sums) != n:
		return nil, runtime.Errorf(runtime.ValueError, "The number of counts does not match the population")
	case total <= 0:
		return nil, runtime.Errorf(runtime.ValueError, "Total of counts must be greater than zero")
	}
	k, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	at, err := places(th, r, int(total), k)
	if err != nil {
		return nil, err
	}
	out := make([]value, len(at))
	for i, j := range at {
		place := min(above(sums, float64(j)), n-1)
		if out[i], err = runtime.GetItem(th, a.Vals[0], runtime.NewInt(int64(place))); err != nil {
			return nil, err
		}
	}
	return runtime.NewList(out...), nil
}

// places are k different numbers of [0, n), drawn in CPython's way: from a list of
// all when that is small, else until they differ.
func places(th *thread, r source, n int, k int64) ([]int, error) {
	if k < 0 || k > int64(n) {
		return nil, runtime.Errorf(runtime.ValueError, "Sample larger than population or is negative")
	}
	if err := th.AllocMany(int(k), 64); err != nil {
		return nil, err
	}
	out := make([]int, k)
	limit := 21.0
	if k > 5 {
		limit += math.Pow(4, math.Ceil(math.Log(float64(k)*3)/math.Log(4)))
	}
	if float64(n) <= limit {
		if err := th.AllocMany(n, 8); err != nil {
			return nil, err
		}
		pool := make([]int, n)
		for i := range pool {
			pool[i] = i
		}
		for i := range out {
			j := r.below(uint64(n - i))
			out[i], pool[j] = pool[j], pool[n-i-1]
		}
		return out, nil
	}
	taken := make(map[int]bool, k)
	for i := range out {
		for {
			if err := th.Step(); err != nil {
				return nil, err
			}
			if j := int(r.below(uint64(n))); !taken[j] {
				out[i], taken[j] = j, true
				break
			}
		}
	}
	return out, nil
}

func shuffle(th *thread, r source, a args) (value, error) {
	n, err := runtime.Len(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	for i := n - 1; i > 0; i-- {
		if err := th.Work(5 << 10); err != nil { // a number, two items read and two written
			return nil, err
		}
		here, there := runtime.NewInt(int64(i)), runtime.NewInt(int64(r.below(uint64(i+1))))
		x, err := runtime.GetItem(th, a.Vals[0], here)
		if err != nil {
			return nil, err
		}
		y, err := runtime.GetItem(th, a.Vals[0], there)
		if err != nil {
			return nil, err
		}
		if err := runtime.SetItem(th, a.Vals[0], here, y); err != nil {
			return nil, err
		}
		if err := runtime.SetItem(th, a.Vals[0], there, x); err != nil {
			return nil, err
		}
	}
	return runtime.None, nil
}

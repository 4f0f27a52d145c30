package stdlib

import (
	"math"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// picks is an iterator over tuples that are picked from a pool: advance moves the
// indices on and tells whether there is another tuple. A nil advance has none at all.
func picks(c *runtime.Class, pools [][]value, indices []int, n int, advance func() bool) value {
	var held []value
	for _, p := range pools {
		held = append(held, p...)
	}
	started, ended := false, advance == nil
	return runtime.NewIterator(c, func(th *thread) (value, error) {
		if ended {
			return nil, nil
		}
		if started && !advance() {
			ended = true
			return nil, nil
		}
		started = true
		if err := th.AllocMany(n+2, 16); err != nil {
			return nil, err
		}
		out := make([]value, n)
		for i := range out {
			out[i] = pools[i%len(pools)][indices[i]]
		}
		return runtime.NewTuple(out...), nil
	}, held...)
}

// poolAndSize reads an iterable and how many items of it a tuple takes.
func poolAndSize(th *thread, a args) (pool []value, r int, err error) {
	if pool, err = runtime.Collect(th, a.Vals[0]); err != nil {
		return nil, 0, err
	}
	if a.Vals[1] == runtime.None {
		return pool, len(pool), nil
	}
	n, err := runtime.Index(a.Vals[1])
	if err != nil {
		return nil, 0, err
	}
	if n < 0 {
		return nil, 0, runtime.Errorf(runtime.ValueError, "r must be non-negative")
	}
	return pool, int(min(n, math.MaxInt32)), nil
}

func makeCombinations(th *thread, c *runtime.Class, a args) (value, error) {
	pool, r, err := poolAndSize(th, a)
	if err != nil {
		return nil, err
	}
	if r > len(pool) {
		return picks(c, nil, nil, 0, nil), nil
	}
	indices, err := ascending(th, r)
	return picks(c, [][]value{pool}, indices, r, func() bool {
		i := r - 1
		for i >= 0 && indices[i] == i+len(pool)-r {
			i--
		}
		if i < 0 {
			return false
		}
		indices[i]++
		for j := i + 1; j < r; j++ {
			indices[j] = indices[j-1] + 1
		}
		return true
	}), err
}

// ascending is 0 to n-1.
func ascending(th *thread, n int) ([]int, error) {
	if err := th.AllocMany(n, 8); err != nil {
		return nil, err
	}
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out, nil
}

func makeMultisets(th *thread, c *runtime.Class, a args) (value, error) {
	pool, r, err := poolAndSize(th, a)
	if err != nil {
		return nil, err
	}
	if len(pool) == 0 && r > 0 {
		return picks(c, nil, nil, 0, nil), nil
	}
	if err := th.AllocMany(r, 8); err != nil {
		return nil, err
	}
	indices := make([]int, r)
	return picks(c, [][]value{pool}, indices, r, func() bool {
		i := r - 1
		for i >= 0 && indices[i] == len(pool)-1 {
			i--
		}
		if i < 0 {
			return false
		}
		n := indices[i] + 1
		for j := i; j < r; j++ {
			indices[j] = n
		}
		return true
	}), nil
}

func makePermutations(th *thread, c *runtime.Class, a args) (value, error) {
	if a.Vals[1] != runtime.None {
		if _, ok := runtime.AsInt(a.Vals[1]); !ok && runtime.AsBig(a.Vals[1]) == nil {
			return nil, runtime.Errorf(runtime.TypeError, "Expected int as r")
		}
	}
	pool, r, err := poolAndSize(th, a)
	if err != nil {
		return nil, err
	}
	n := len(pool)
	if r > n {
		return picks(c, nil, nil, 0, nil), nil
	}
	indices, err := ascending(th, n)
	if err != nil {
		return nil, err
	}
	left, err := ascending(th, r) // how many more items place i takes
	if err != nil {
		return nil, err
	}
	for i := range left {
		left[i] = n - i
	}
	return picks(c, [][]value{pool}, indices, r, func() bool {
		for i := r - 1; i >= 0; i-- {
			if left[i]--; left[i] == 0 {
				first := indices[i]
				copy(indices[i:], indices[i+1:])
				indices[n-1] = first
				left[i] = n - i
				continue
			}
			j := n - left[i]
			indices[i], indices[j] = indices[j], indices[i]
			return true
		}
		return false
	}), nil
}

func makeProduct(th *thread, c *runtime.Class, a args) (value, error) {
	repeat := int64(1)
	for i, name := range a.Names {
		if name != "repeat" {
			return nil, runtime.Errorf(runtime.TypeError, "'%s' is an invalid keyword argument for product()", name)
		}
		var err error
		if repeat, err = runtime.Index(a.Vals[a.NPos()+i]); err != nil {
			return nil, err
		}
		if repeat < 0 {
			return nil, runtime.Errorf(runtime.ValueError, "repeat argument cannot be negative")
		}
	}
	pools, empty := make([][]value, a.NPos()), false
	for i, v := range a.Pos() {
		var err error
		if pools[i], err = runtime.Collect(th, v); err != nil {
			return nil, err
		}
		empty = empty || len(pools[i]) == 0
	}
	if len(pools) == 0 {
		repeat = 0
	}
	if empty && repeat > 0 {
		return picks(c, nil, nil, 0, nil), nil
	}
	if err := th.AllocMany(len(pools)*8, int(min(repeat, math.MaxInt32))); err != nil {
		return nil, err
	}
	n := len(pools) * int(repeat)
	indices := make([]int, n)
	return picks(c, pools, indices, n, func() bool {
		for i := n - 1; i >= 0; i-- {
			if indices[i]++; indices[i] < len(pools[i%len(pools)]) {
				return true
			}
			indices[i] = 0
		}
		return false
	}), nil
}

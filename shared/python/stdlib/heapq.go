package stdlib

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// newHeapq makes the heapq module. Its functions are as safe under several users as
// their list is, but a heap stays in order only under a lock of the script.
func newHeapq(Host) *runtime.Module {
	return runtime.NewModule("heapq", members(
		define("heapify(heap, /)", func(th *thread, a args) (value, error) {
			h, err := heapOf("heapify() argument", a.Vals[0])
			if err != nil {
				return nil, err
			}
			for i := h.Len()/2 - 1; i >= 0; i-- {
				if err := siftUp(th, h, i); err != nil {
					return nil, err
				}
			}
			return runtime.None, nil
		}),
		define("heappush(heap, item, /)", func(th *thread, a args) (value, error) {
			h, err := heapOf("heappush() argument 1", a.Vals[0])
			if err != nil {
				return nil, err
			}
			if err := h.Push(th, a.Vals[1]); err != nil {
				return nil, err
			}
			return runtime.None, siftDown(th, h, 0, h.Len()-1)
		}),
		define("heappop(heap, /)", func(th *thread, a args) (value, error) {
			h, err := heapOf("heappop() argument", a.Vals[0])
			if err != nil {
				return nil, err
			}
			if h.Len() == 0 {
				return nil, outOfRange()
			}
			last, err := runtime.CallAttr(th, h, "pop")
			if err != nil || h.Len() == 0 {
				return last, err
			}
			return replaceRoot(th, h, last)
		}),
		define("heapreplace(heap, item, /)", func(th *thread, a args) (value, error) {
			h, err := heapOf("heapreplace() argument 1", a.Vals[0])
			if err != nil {
				return nil, err
			}
			return replaceRoot(th, h, a.Vals[1])
		}),
		define("heappushpop(heap, item, /)", func(th *thread, a args) (value, error) {
			h, err := heapOf("heappushpop() argument 1", a.Vals[0])
			if err != nil {
				return nil, err
			}
			root := h.At(0)
			if root == nil {
				return a.Vals[1], nil
			}
			if below, err := less(th, root, a.Vals[1]); !below || err != nil {
				return a.Vals[1], err
			}
			return replaceRoot(th, h, a.Vals[1])
		}),
		define("nlargest(n, iterable, key=None)", func(th *thread, a args) (value, error) { return firstSorted(th, a, runtime.True) }),
		define("nsmallest(n, iterable, key=None)", func(th *thread, a args) (value, error) { return firstSorted(th, a, runtime.False) }),
	))
}

func heapOf(what string, v value) (*runtime.List, error) {
	h, ok := runtime.Data(v).(*runtime.List)
	if !ok {
		return nil, runtime.Errorf(runtime.TypeError, "%s must be list, not %s", what, typeName(v))
	}
	return h, nil
}

func outOfRange() error { return runtime.Errorf(runtime.IndexError, "index out of range") }

func less(th *thread, a, b value) (bool, error) {
	r, err := runtime.Compare(th, runtime.Lt, a, b)
	if err != nil {
		return false, err
	}
	return runtime.Truth(th, r)
}

// replaceRoot puts v in the place of the least item.
func replaceRoot(th *thread, h *runtime.List, v value) (value, error) {
	root := h.At(0)
	if root == nil {
		return nil, outOfRange()
	}
	if err := runtime.SetItem(th, h, zero, v); err != nil {
		return nil, err
	}
	return root, siftUp(th, h, 0)
}

// exchange swaps two items; a comparison may have shortened the list.
func exchange(th *thread, h *runtime.List, i, j int) error {
	x, y := h.At(i), h.At(j)
	if x == nil || y == nil {
		return outOfRange()
	}
	if err := runtime.SetItem(th, h, runtime.NewInt(int64(i)), y); err != nil {
		return err
	}
	return runtime.SetItem(th, h, runtime.NewInt(int64(j)), x)
}

// siftDown moves the item at i towards the root until its parent is not greater.
func siftDown(th *thread, h *runtime.List, start, i int) error {
	for i > start {
		if err := th.Step(); err != nil {
			return err
		}
		parent := (i - 1) / 2
		x, y := h.At(i), h.At(parent)
		if x == nil || y == nil {
			return outOfRange()
		}
		below, err := less(th, x, y)
		if !below || err != nil {
			return err
		}
		if err := exchange(th, h, i, parent); err != nil {
			return err
		}
		i = parent
	}
	return nil
}

// siftUp moves the item at i to a leaf, always past the lesser child, and from there
// to its place: most items belong near the leaves.
func siftUp(th *thread, h *runtime.List, i int) error {
	start := i
	for 2*i+1 < h.Len() {
		if err := th.Step(); err != nil {
			return err
		}
		child := 2*i + 1
		if x, y := h.At(child), h.At(child+1); x != nil && y != nil {
			below, err := less(th, x, y)
			if err != nil {
				return err
			}
			if !below {
				child++
			}
		}
		if err := exchange(th, h, i, child); err != nil {
			return err
		}
		i = child
	}
	return siftDown(th, h, start, i)
}

// firstSorted gives the first n items of all, sorted.
func firstSorted(th *thread, a args, reverse value) (value, error) {
	n, err := runtime.Index(a.Vals[0])
	if err != nil {
		return nil, err
	}
	items, err := runtime.Collect(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	if err := runtime.SortValues(th, items, a.Vals[2], reverse); err != nil {
		return nil, err
	}
	return runtime.NewList(items[:max(0, min(int64(len(items)), n))]...), nil
}

package runtime

// SortValues sorts in place, stably, as list.sort does; key None means the values
// themselves.
func SortValues(th *Thread, vs []Value, key, reverse Value) error {
	if err := th.AllocMany(len(vs), 48); err != nil { // the pairs, and half of them again to merge
		return err
	}
	type keyed struct{ k, v Value }
	items := make([]keyed, len(vs))
	for i, v := range vs {
		items[i] = keyed{v, v}
		if key != None {
			k, err := Call(th, key, v)
			if err != nil {
				return err
			}
			items[i].k = k
		}
	}
	desc, err := Truth(th, reverse)
	if err != nil {
		return err
	}
	err = sortStable(items, make([]keyed, len(items)/2), func(a, b keyed) (bool, error) {
		if desc {
			a, b = b, a
		}
		return before(th, a.k, b.k)
	})
	if err != nil {
		return err
	}
	for i := range items {
		vs[i] = items[i].v
	}
	return nil
}

// fewItems are sorted by insertion.
const fewItems = 8

// sortStable merges sorted halves; spare has room for one half. Unlike the sorts of the
// standard library it ends at the first error of less.
func sortStable[T any](items, spare []T, less func(a, b T) (bool, error)) error {
	if len(items) <= fewItems {
		return insertionSort(items, less)
	}
	mid := len(items) / 2
	if err := sortStable(items[:mid], spare, less); err != nil {
		return err
	}
	if err := sortStable(items[mid:], spare, less); err != nil {
		return err
	}
	if late, err := less(items[mid], items[mid-1]); err != nil || !late {
		return err // in order already
	}
	left, right := spare[:copy(spare, items[:mid])], items[mid:]
	for at := 0; len(left) > 0; at++ {
		if len(right) == 0 {
			copy(items[at:], left)
			return nil
		}
		late, err := less(right[0], left[0])
		if err != nil {
			return err
		}
		if late {
			items[at], right = right[0], right[1:]
		} else {
			items[at], left = left[0], left[1:]
		}
	}
	return nil
}

func insertionSort[T any](items []T, less func(a, b T) (bool, error)) error {
	for i := 1; i < len(items); i++ {
		for j := i; j > 0; j-- {
			late, err := less(items[j], items[j-1])
			if err != nil {
				return err
			}
			if !late {
				break
			}
			items[j], items[j-1] = items[j-1], items[j]
		}
	}
	return nil
}

// before orders by `<` alone, as CPython's sort does.
func before(th *Thread, x, y Value) (bool, error) {
	if err := th.Step(); err != nil {
		return false, err
	}
	switch a := x.(type) {
	case Int:
		if b, ok := y.(Int); ok {
			return a < b, nil
		}
	case Str:
		if b, ok := y.(Str); ok {
			return a < b, nil
		}
	}
	v, err := Compare(th, Lt, x, y)
	if err != nil {
		return false, err
	}
	return Truth(th, v)
}

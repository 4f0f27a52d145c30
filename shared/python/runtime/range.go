package runtime

import "math/bits"

// Range is Python's range within int64.
type Range struct{ Start, Stop, Step int64 }

// Class implements Value.
func (*Range) Class() *Class { return rangeClass }

// Len is the number of items.
func (r *Range) Len() int64 {
	lo, hi, step := r.Start, r.Stop, r.Step
	if step < 0 {
		lo, hi, step = hi, lo, -step
	}
	if lo >= hi {
		return 0
	}
	n, _ := bits.Div64(0, uint64(hi)-uint64(lo)-1, uint64(step))
	return int64(n) + 1
}

// At is item i, which must be below Len.
func (r *Range) At(i int64) int64 { return r.Start + i*r.Step }

func (r *Range) iter() Iterator { return &rangeIterator{left: r.Len(), x: r.Start, step: r.Step} }

type rangeIterator struct {
	guard
	left, x, step int64
}

func (*rangeIterator) Class() *Class { return rangeIterClass }

func (it *rangeIterator) Next(*Thread) (Value, error) {
	it.lock()
	defer it.unlock()
	if it.left <= 0 {
		return nil, nil
	}
	v := NewInt(it.x)
	it.left--
	it.x += it.step
	return v, nil
}

func (it *rangeIterator) publishTo(queue []Value) []Value {
	it.share()
	return queue
}

func (r *Range) contains(n int64) bool {
	if r.Len() == 0 {
		return false
	}
	if r.Step > 0 {
		return n >= r.Start && n < r.Stop && (uint64(n)-uint64(r.Start))%uint64(r.Step) == 0
	}
	return n <= r.Start && n > r.Stop && (uint64(r.Start)-uint64(n))%uint64(-r.Step) == 0
}

func makeRange(_ *Thread, _ *Class, a Args) (Value, error) {
	if len(a.Names) > 0 {
		return nil, Errorf(TypeError, "range() takes no keyword arguments")
	}
	if len(a.Vals) == 0 {
		return nil, Errorf(TypeError, "range expected at least 1 argument, got 0")
	}
	if len(a.Vals) > 3 {
		return nil, Errorf(TypeError, "range expected at most 3 arguments, got %d", len(a.Vals))
	}
	var n [3]int64
	for i, v := range a.Vals {
		x, err := Index(v)
		if err != nil {
			return nil, err
		}
		n[i] = x
	}
	switch len(a.Vals) {
	case 1:
		return &Range{0, n[0], 1}, nil
	case 2:
		return &Range{n[0], n[1], 1}, nil
	}
	if n[2] == 0 {
		return nil, Errorf(ValueError, "range() arg 3 must not be zero")
	}
	return &Range{n[0], n[1], n[2]}, nil
}

// Slice is what `a:b:c` in brackets makes; absent parts are None.
type Slice struct{ Lo, Hi, Step Value }

// Class implements Value.
func (*Slice) Class() *Class { return sliceClass }

// bounds resolves the slice for a sequence of n items: items start, start+step, …
// count of them.
func (s *Slice) bounds(n int) (start, step, count int, err error) {
	r, err := s.resolve(n)
	return int(r.Start), int(r.Step), int(r.Len()), err
}

// resolve gives the positions that the slice picks of n items, as a range.
func (s *Slice) resolve(n int) (r Range, err error) {
	r.Step = 1
	if s.Step != None {
		if r.Step, err = sliceIndex(s.Step); err != nil {
			return Range{Step: 1}, err
		}
		if r.Step == 0 {
			return Range{Step: 1}, Errorf(ValueError, "slice step cannot be zero")
		}
		r.Step = max(-1<<62, min(1<<62, r.Step))
	}
	low, high := int64(0), int64(n)
	r.Start, r.Stop = low, high
	if r.Step < 0 {
		low, high = -1, int64(n)-1
		r.Start, r.Stop = high, low
	}
	if r.Start, err = sliceEdge(s.Lo, r.Start, low, high, n); err != nil {
		return Range{Step: 1}, err
	}
	if r.Stop, err = sliceEdge(s.Hi, r.Stop, low, high, n); err != nil {
		return Range{Step: 1}, err
	}
	return r, nil
}

// sliceEdge is one end of a slice, def when it is absent.
func sliceEdge(v Value, def, low, high int64, n int) (int64, error) {
	if v == None {
		return def, nil
	}
	i, err := sliceIndex(v)
	if i < 0 {
		i = max(i+int64(n), low)
	}
	return min(i, high), err
}

// sliceIndex clips big integers instead of refusing them.
func sliceIndex(v Value) (int64, error) {
	if b, ok := native(v).(*BigInt); ok {
		if b.v.Sign() < 0 {
			return -1 << 62, nil
		}
		return 1 << 62, nil
	}
	if n, ok := AsInt(v); ok {
		return n, nil
	}
	if object(v) != nil && v.Class().Lookup("__index__") != nil {
		return Index(v)
	}
	return 0, Errorf(TypeError, "slice indices must be integers or None or have an __index__ method")
}

// Index is the integer that v stands for as an index or count.
func Index(v Value) (int64, error) {
	if n, ok := AsInt(v); ok {
		return n, nil
	}
	if _, ok := native(v).(*BigInt); ok {
		return 0, Errorf(OverflowError, "Python int too large to convert to C ssize_t")
	}
	if o, ok := v.(*Object); ok {
		if m, ok := o.class.Lookup("__index__").(*Function); ok {
			th := NewThread(Limits{})
			r, err := callMethod(th, v, m)
			if err != nil {
				return 0, err
			}
			if n, ok := AsInt(r); ok {
				return n, nil
			}
			return 0, Errorf(TypeError, "__index__ returned non-int (type %s)", r.Class().Name)
		}
	}
	return 0, Errorf(TypeError, "'%s' object cannot be interpreted as an integer", v.Class().Name)
}

// pick copies count items from start by step.
func pick[T any](items []T, start, step, count int) []T {
	out := make([]T, count)
	if step == 1 {
		copy(out, items[start:])
		return out
	}
	for i := range out {
		out[i] = items[start+i*step]
	}
	return out
}

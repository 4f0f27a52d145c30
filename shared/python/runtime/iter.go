package runtime

// Iterator is a value that yields others. Next gives nil, nil at the end.
type Iterator interface {
	Value
	Next(th *Thread) (Value, error)
}

// NativeIterator is an iterator written in Go. Its state may be shared: threads
// take turns.
type NativeIterator struct {
	class *Class
	next  func(th *Thread) (Value, error)
	holds []Value // what publishing must reach
	held  func() []Value
	turn  turn
}

// NewIterator makes an iterator; holds are the values that next uses.
func NewIterator(class *Class, next func(th *Thread) (Value, error), holds ...Value) *NativeIterator {
	return &NativeIterator{class: class, next: next, holds: holds}
}

// Class implements Value.
func (it *NativeIterator) Class() *Class { return it.class }

// Next implements Iterator.
func (it *NativeIterator) Next(th *Thread) (v Value, err error) {
	shared, err := it.turn.take(th)
	if err != nil {
		return nil, err
	}
	th.quota--                          // the turn and the call
	if err = th.enter(""); err == nil { // an iterator may stand on a million others
		v, err = it.next(th)
		th.leave()
	}
	it.turn.give(shared)
	return v, err
}

func (it *NativeIterator) publishTo(queue []Value) []Value {
	if !it.turn.share() {
		return queue
	}
	if it.held != nil {
		queue = append(queue, it.held()...)
	}
	return append(queue, it.holds...)
}

// objectIterator calls a script's __next__.
type objectIterator struct{ self Value }

func (it *objectIterator) Class() *Class { return it.self.Class() }

func (it *objectIterator) Next(th *Thread) (Value, error) {
	m := it.self.Class().Lookup("__next__")
	if m == nil {
		return nil, Errorf(TypeError, "'%s' object is not an iterator", it.self.Class().Name)
	}
	v, err := callMethod(th, it.self, m)
	if e, ok := err.(*Exception); ok && e.IsA(StopIteration) { //nolint:errorlint // never wrapped here
		return nil, nil
	}
	return v, err
}

func (it *objectIterator) publishTo(queue []Value) []Value { return append(queue, it.self) }

// Iter is iter(v).
func Iter(th *Thread, v Value) (Iterator, error) {
	switch v := v.(type) {
	case *List:
		return &listIterator{l: v}, nil
	case *Tuple:
		return itemsIter(tupleIterClass, v.Items, v), nil
	case *Range:
		return v.iter(), nil
	case *Dict:
		return dictIter(v, dictKeyIterClass, func(e entry) Value { return e.key }), nil
	case Str:
		return strIter(string(v)), nil
	case *Set:
		return dictIter(&v.d, setIterClass, func(e entry) Value { return e.key }), nil
	case Iterator:
		return v, nil
	case Bytes:
		return bytesIter(v), nil
	case interface {
		Iter(th *Thread) (Iterator, error)
	}:
		return v.Iter(th)
	}
	return instanceIter(th, v)
}

func instanceIter(th *Thread, v Value) (Iterator, error) {
	class := v.Class()
	if m := class.Lookup("__iter__"); m != nil && m != None {
		if n, ok := m.(*Native); ok && n.owner != nil && n.owner.builtin {
			if o := object(v); o != nil && o.native != nil {
				return Iter(th, o.native)
			}
		}
		r, err := callMethod(th, v, m)
		if err != nil {
			return nil, err
		}
		if it, ok := r.(Iterator); ok {
			return it, nil
		}
		if r.Class().Lookup("__next__") == nil {
			return nil, Errorf(TypeError, "iter() returned non-iterator of type '%s'", r.Class().Name)
		}
		return &objectIterator{r}, nil
	}
	if o := object(v); o != nil && o.native != nil {
		return Iter(th, o.native)
	}
	if m := class.Lookup("__getitem__"); m != nil && object(v) != nil {
		i := int64(0)
		return NewIterator(seqIterClass, func(th *Thread) (Value, error) {
			x, err := callMethod(th, v, m, NewInt(i))
			i++
			if e, ok := err.(*Exception); ok && (e.IsA(IndexError) || e.IsA(StopIteration)) { //nolint:errorlint // never wrapped here
				return nil, nil
			}
			return x, err
		}, v), nil
	}
	return nil, Errorf(TypeError, "'%s' object is not iterable", class.Name)
}

// listIterator follows a list that may change.
type listIterator struct {
	guard
	l *List
	i int
}

func (*listIterator) Class() *Class { return listIterClass }

func (it *listIterator) Next(*Thread) (Value, error) {
	it.lock()
	v := it.l.At(it.i)
	it.i++
	if v == nil {
		it.i = int(^uint(0) >> 1) // an exhausted iterator stays so
	}
	it.unlock()
	return v, nil
}

func (it *listIterator) publishTo(queue []Value) []Value {
	if !it.share() {
		return queue
	}
	return append(queue, it.l)
}

func itemsIter(class *Class, items []Value, holds ...Value) Iterator {
	i := 0
	return NewIterator(class, func(*Thread) (Value, error) {
		if i >= len(items) {
			return nil, nil
		}
		i++
		return items[i-1], nil
	}, holds...)
}

func strIter(s string) Iterator {
	return NewIterator(strIterClass, func(*Thread) (Value, error) {
		if s == "" {
			return nil, nil
		}
		n := runeLen(s)
		v := Str(s[:n])
		s = s[n:]
		return v, nil
	})
}

func bytesIter(b Bytes) Iterator {
	i := 0
	return NewIterator(bytesIterClass, func(*Thread) (Value, error) {
		if i >= len(b) {
			return nil, nil
		}
		i++
		return NewInt(int64(b[i-1])), nil
	})
}

// dictIter notices a change of size, as CPython does.
func dictIter(d *Dict, class *Class, pick func(entry) Value) Iterator {
	pos, size, what := 0, d.Len(), "dictionary"
	if class == setIterClass {
		what = "Set"
	}
	return NewIterator(class, func(*Thread) (Value, error) {
		if d.Len() != size && pos >= 0 {
			return nil, Errorf(RuntimeError, "%s changed size during iteration", what)
		}
		if pos < 0 {
			return nil, nil
		}
		e, next, ok := d.after(pos)
		if !ok {
			pos = -1
			return nil, nil
		}
		pos = next
		return pick(e), nil
	}, d)
}

// Iterate calls f with each item of v; rounds count as steps.
func Iterate(th *Thread, v Value, f func(Value) error) error {
	switch v := v.(type) {
	case *List:
		for i := 0; ; i++ {
			x := v.At(i)
			if x == nil {
				return nil
			}
			if err := th.Step(); err != nil {
				return err
			}
			if err := f(x); err != nil {
				return err
			}
		}
	case *Tuple:
		for _, x := range v.Items {
			if err := th.Step(); err != nil {
				return err
			}
			if err := f(x); err != nil {
				return err
			}
		}
		return nil
	}
	if items, ok := Snapshot(v); ok {
		v = &Tuple{Items: items}
	}
	it, err := Iter(th, v)
	if err != nil {
		return err
	}
	for {
		x, err := it.Next(th)
		if err != nil || x == nil {
			return err
		}
		th.quota -= 2 // an item takes three times as long as a list's
		if err := th.Step(); err != nil {
			return err
		}
		if err := f(x); err != nil {
			return err
		}
	}
}

// Snapshot is the items of a dict, a view or a set at this moment: like a whole
// operation under CPython's GIL, it does not notice other threads.
func Snapshot(v Value) ([]Value, bool) {
	switch v := v.(type) {
	case *Dict:
		return (&dictView{v, keysView}).values(), true
	case *dictView:
		return v.values(), true
	case *Set:
		return v.Members(), true
	case interface{ Snapshot() []Value }:
		return v.Snapshot(), true
	case *Object:
		if m := v.class.Lookup("__iter__"); v.native != nil && (m == nil || m.Class() != functionClass) {
			return Snapshot(v.native)
		}
	}
	return nil, false
}

// Collect is a new slice of the items of v, charged as it grows.
func Collect(th *Thread, v Value) ([]Value, error) {
	switch v := v.(type) {
	case *List:
		if err := th.AllocMany(v.Len(), 16); err != nil {
			return nil, err
		}
		return v.copyItems(), nil
	case *Tuple:
		if err := th.AllocMany(len(v.Items), 16); err != nil {
			return nil, err
		}
		return append([]Value(nil), v.Items...), nil
	case *Range:
		if err := th.AllocMany(int(v.Len()), 24); err != nil {
			return nil, err
		}
	}
	if items, ok := Snapshot(v); ok {
		return items, th.AllocMany(len(items), 16)
	}
	var out []Value
	err := Iterate(th, v, func(x Value) error {
		if len(out) == cap(out) {
			if err := th.Alloc(len(out)*16 + 64); err != nil {
				return err
			}
		}
		out = append(out, x)
		return nil
	})
	return out, err
}

// Unpack fills out from the items of v, as `a, b = v` does. With star >= 0 that
// place receives a list of what the others leave.
func Unpack(th *Thread, v Value, out []Value, star int) error {
	var items []Value
	switch v := v.(type) {
	case *Tuple:
		items = v.Items
	case *List:
		items = v.Items()
	default:
		return unpackIter(th, v, out, star)
	}
	return unpackItems(th, items, out, star, len(items))
}

func unpackIter(th *Thread, v Value, out []Value, star int) error {
	it, err := Iter(th, v)
	if err != nil {
		if e := asException(err); e.IsA(TypeError) && e.Message() == "'"+v.Class().Name+"' object is not iterable" {
			return Errorf(TypeError, "cannot unpack non-iterable %s object", v.Class().Name)
		}
		return err
	}
	var items []Value
	for star >= 0 || len(items) <= len(out) {
		x, err := it.Next(th)
		if err != nil {
			return err
		}
		if x == nil {
			break
		}
		if err := th.Step(); err != nil {
			return err
		}
		if err := th.Alloc(48); err != nil { // with the growth of both slices
			return err
		}
		items = append(items, x)
	}
	return unpackItems(th, items, out, star, len(items))
}

func unpackItems(th *Thread, items, out []Value, star, n int) error {
	if star < 0 {
		if n > len(out) {
			return Errorf(ValueError, "too many values to unpack (expected %d)", len(out))
		}
		if n < len(out) {
			return Errorf(ValueError, "not enough values to unpack (expected %d, got %d)", len(out), n)
		}
		copy(out, items)
		return nil
	}
	if n < len(out)-1 {
		return Errorf(ValueError, "not enough values to unpack (expected at least %d, got %d)", len(out)-1, n)
	}
	tail := len(out) - 1 - star
	if err := th.AllocMany(n, 16); err != nil {
		return err
	}
	copy(out, items[:star])
	out[star] = NewList(append([]Value(nil), items[star:n-tail]...)...)
	copy(out[star+1:], items[n-tail:])
	return nil
}

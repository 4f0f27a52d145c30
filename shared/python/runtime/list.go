package runtime

import "slices"

// List is Python's list.
type List struct {
	guard
	items []Value
}

// NewList takes ownership of items.
func NewList(items ...Value) *List { return &List{items: items} }

// newListSize makes an empty list with room for n items; a small one in one piece.
func newListSize(n int) *List {
	if n > 4 {
		return &List{items: make([]Value, 0, n)}
	}
	l := &struct {
		List

		room [4]Value
	}{}
	l.items = l.room[:0]
	return &l.List
}

// Class implements Value.
func (l *List) Class() *Class { return ListClass }

// Len is the number of items.
func (l *List) Len() int {
	l.lock()
	defer l.unlock()
	return len(l.items)
}

// Append adds v at the end, without charging a budget: for hosts.
func (l *List) Append(v Value) {
	if l.shared() {
		publish(v)
	}
	l.lock()
	l.items = append(l.items, v)
	l.unlock()
}

// append charges growth before it happens.
func (l *List) append(th *Thread, v Value) error {
	if l.shared() {
		publish(v)
	}
	l.lock()
	defer l.unlock()
	if len(l.items) == cap(l.items) {
		if err := th.Alloc(len(l.items)*16 + 64); err != nil {
			return err
		}
	}
	l.items = append(l.items, v)
	return nil
}

// extend adds vs at the end.
func (l *List) extend(th *Thread, vs []Value) error {
	if err := th.Alloc(len(vs) * 16); err != nil {
		return err
	}
	if l.shared() {
		publish(vs...)
	}
	l.lock()
	l.items = append(l.items, vs...)
	l.unlock()
	return nil
}

// At is item i, nil beyond either end. Negative i does not count from the end.
func (l *List) At(i int) Value {
	l.lock()
	defer l.unlock()
	if i < 0 || i >= len(l.items) {
		return nil
	}
	return l.items[i]
}

// Items is a view of a private list and a copy of a shared one: read it, and
// run no Python code that may change the list meanwhile.
func (l *List) Items() []Value {
	if !l.shared() {
		return l.items
	}
	return l.copyItems()
}

func (l *List) copyItems() []Value {
	l.lock()
	defer l.unlock()
	return slices.Clone(l.items)
}

// setAt replaces item i; false beyond either end.
func (l *List) setAt(i int, v Value) bool {
	if l.shared() {
		publish(v)
	}
	l.lock()
	defer l.unlock()
	if i < 0 {
		i += len(l.items)
	}
	if i < 0 || i >= len(l.items) {
		return false
	}
	l.items[i] = v
	return true
}

// replace sets the whole content; it takes ownership of vs.
func (l *List) replace(vs []Value) {
	if l.shared() {
		publish(vs...)
	}
	l.lock()
	l.items = vs
	l.unlock()
}

// splice replaces items lo to hi by vs.
func (l *List) splice(lo, hi int, vs []Value) {
	if l.shared() {
		publish(vs...)
	}
	l.lock()
	lo = min(lo, len(l.items))
	hi = max(lo, min(hi, len(l.items)))
	l.items = slices.Replace(l.items, lo, hi, vs...)
	l.unlock()
}

// pop removes item i (counted from the end when negative); ok is false beyond
// either end, empty reports an empty list.
func (l *List) pop(i int) (v Value, empty, ok bool) {
	l.lock()
	defer l.unlock()
	n := len(l.items)
	if n == 0 {
		return nil, true, false
	}
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return nil, false, false
	}
	v = l.items[i]
	if i == n-1 {
		l.items[i] = nil
		l.items = l.items[:i]
	} else {
		l.items = slices.Delete(l.items, i, i+1)
	}
	return v, false, true
}

func (l *List) publishTo(queue []Value) []Value {
	if !l.share() {
		return queue
	}
	for _, v := range l.items {
		if isContainer(v) {
			queue = append(queue, v)
		}
	}
	return queue
}

// Set is Python's set and frozenset, in order of insertion.
type Set struct {
	d      Dict
	frozen bool
}

// NewSet makes an empty set or frozenset.
func NewSet(frozen bool) *Set { return &Set{frozen: frozen} }

// Class implements Value.
func (s *Set) Class() *Class {
	if s.frozen {
		return FrozenSetClass
	}
	return SetClass
}

// Len is the number of members.
func (s *Set) Len() int { return s.d.Len() }

func (s *Set) add(th *Thread, v Value) error { return s.d.Set(th, v, None) }

func (s *Set) has(th *Thread, v Value) (bool, error) {
	found, err := s.d.Get(th, v)
	return found != nil, err
}

// Members is a snapshot.
func (s *Set) Members() []Value {
	es := s.d.snapshot()
	out := make([]Value, len(es))
	for i, e := range es {
		out[i] = e.key
	}
	return out
}

func (s *Set) publishTo(queue []Value) []Value { return s.d.publishTo(queue) }

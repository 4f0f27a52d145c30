package stdlib

import (
	"math"
	"slices"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// deque is the data of a collections.deque: a ring of items. Instances of the class
// carry it, so that scripts can inherit from deque.
type deque struct {
	runtime.Guard
	class   *runtime.Class
	ring    []value
	head, n int
	maxlen  int // -1 without
	changes int // counted, so that iterators notice
}

// Class implements runtime.Value.
func (d *deque) Class() *runtime.Class { return d.class }

// PublishTo implements runtime.Container.
func (d *deque) PublishTo(queue []value) []value {
	if !d.Share() {
		return queue
	}
	for i := range d.n {
		queue = append(queue, *d.at(i))
	}
	return queue
}

// at is the place of item i; the lock is held.
func (d *deque) at(i int) *value { return &d.ring[(d.head+i)%len(d.ring)] }

// Len is the number of items.
func (d *deque) Len() int {
	d.Lock()
	defer d.Unlock()
	return d.n
}

// Snapshot is the items at this moment.
func (d *deque) Snapshot() []value {
	d.Lock()
	defer d.Unlock()
	out := make([]value, d.n)
	for i := range out {
		out[i] = *d.at(i)
	}
	return out
}

// items is a charged snapshot.
func (d *deque) items(th *thread) ([]value, error) {
	if err := th.AllocMany(d.Len(), 16); err != nil {
		return nil, err
	}
	return d.Snapshot(), nil
}

// push adds an item at one end; a full deque drops one at the other.
func (d *deque) push(th *thread, v value, left bool) error {
	d.Keep(v)
	d.Lock()
	defer d.Unlock()
	d.changes++
	if d.maxlen == 0 {
		return nil
	}
	if d.n == d.maxlen {
		d.drop(!left)
	}
	if d.n == len(d.ring) {
		if err := d.grow(th); err != nil {
			return err
		}
	}
	if left {
		d.head = (d.head - 1 + len(d.ring)) % len(d.ring)
		d.n++
		*d.at(0) = v
		return nil
	}
	d.n++
	*d.at(d.n - 1) = v
	return nil
}

// grow doubles the ring.
func (d *deque) grow(th *thread) error {
	size := max(8, 2*len(d.ring))
	if err := th.AllocMany(size, 16); err != nil {
		return err
	}
	ring := make([]value, size)
	for i := range d.n {
		ring[i] = *d.at(i)
	}
	d.ring, d.head = ring, 0
	return nil
}

// drop removes an item at one end, which has one; the lock is held.
func (d *deque) drop(left bool) value {
	d.n--
	d.changes++
	i := d.n
	if left {
		i = 0
		defer func() { d.head = (d.head + 1) % len(d.ring) }()
	}
	at := d.at(i)
	v := *at
	*at = nil
	return v
}

// pop removes and gives an item at one end.
func (d *deque) pop(left bool) (value, error) {
	d.Lock()
	defer d.Unlock()
	if d.n == 0 {
		return nil, runtime.Errorf(runtime.IndexError, "pop from an empty deque")
	}
	return d.drop(left), nil
}

// replace sets the whole content.
func (d *deque) replace(items []value) {
	d.Keep(items...)
	d.Lock()
	defer d.Unlock()
	if d.maxlen >= 0 && len(items) > d.maxlen {
		items = items[len(items)-d.maxlen:]
	}
	d.ring, d.head, d.n = items, 0, len(items)
	d.changes++
}

// index reads a position; negative ones count from the end.
func (d *deque) index(key value) (int, error) {
	i, err := runtime.Index(key)
	if err != nil {
		if runtime.AsException(err).IsA(runtime.OverflowError) {
			return 0, runtime.Errorf(runtime.IndexError, "cannot fit 'int' into an index-sized integer")
		}
		return 0, runtime.Errorf(runtime.TypeError, "sequence index must be integer, not '%s'", key.Class().Name)
	}
	n := int64(d.Len())
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return 0, runtime.Errorf(runtime.IndexError, "deque index out of range")
	}
	return int(i), nil
}

// touch works on item i while the lock is held.
func (d *deque) touch(key value, f func(i int)) error {
	i, err := d.index(key)
	if err != nil {
		return err
	}
	d.Lock()
	defer d.Unlock()
	if i >= d.n { // another thread was faster
		return runtime.Errorf(runtime.IndexError, "deque index out of range")
	}
	f(i)
	return nil
}

// remove drops item i.
func (d *deque) remove(i int) {
	items := make([]value, 0, d.n)
	for j := range d.n {
		if j != i {
			items = append(items, *d.at(j))
		}
	}
	d.ring, d.head, d.n = items, 0, len(items)
	d.changes++
}

// rotate moves n items from the right end to the left one.
func (d *deque) rotate(th *thread, n int64) error {
	d.Lock()
	defer d.Unlock()
	if d.n < 2 {
		return nil
	}
	d.changes++
	by := int(n % int64(d.n))
	if by < 0 {
		by += d.n
	}
	if d.n == len(d.ring) {
		d.head = (d.head + d.n - by) % d.n
		return nil
	}
	back := d.n - by
	if err := th.Work(min(by, back) << 9); err != nil {
		return err
	}
	if by > back {
		for range back {
			first := *d.at(0)
			*d.at(0) = nil
			d.head = (d.head + 1) % len(d.ring)
			*d.at(d.n - 1) = first
		}
		return nil
	}
	for range by {
		last := *d.at(d.n - 1)
		*d.at(d.n - 1) = nil
		d.head = (d.head + len(d.ring) - 1) % len(d.ring)
		*d.at(0) = last
	}
	return nil
}

// iterator follows the deque from one end and refuses changes.
func (d *deque) iterator(class *runtime.Class, backward bool) value {
	i := 0
	d.Lock()
	changes := d.changes
	d.Unlock()
	return runtime.NewIterator(class, func(*thread) (value, error) {
		d.Lock()
		defer d.Unlock()
		if d.changes != changes {
			return nil, runtime.Errorf(runtime.RuntimeError, "deque mutated during iteration")
		}
		if i >= d.n {
			return nil, nil
		}
		i++
		if backward {
			return *d.at(d.n - i), nil
		}
		return *d.at(i - 1), nil
	}, d)
}

// find is the position of the first item equal to v within bounds, -1 without.
func (d *deque) find(th *thread, v value, from, to int) (int, error) {
	d.Lock()
	changes := d.changes
	d.Unlock()
	for i := from; i < to; i++ {
		if err := th.Step(); err != nil {
			return 0, err
		}
		d.Lock()
		if d.changes != changes || i >= d.n {
			d.Unlock()
			if i >= d.Len() && d.unchanged(changes) {
				return -1, nil
			}
			return 0, runtime.Errorf(runtime.RuntimeError, "deque mutated during iteration")
		}
		x := *d.at(i)
		d.Unlock()
		same, err := runtime.Equal(th, x, v)
		if same || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func (d *deque) unchanged(changes int) bool {
	d.Lock()
	defer d.Unlock()
	return d.changes == changes
}

// extend pushes what v yields; a deque may extend itself.
func (d *deque) extend(th *thread, v value, left bool) error {
	if runtime.Data(v) == value(d) {
		items, err := d.items(th)
		if err != nil {
			return err
		}
		v = runtime.NewTuple(items...)
	}
	return runtime.Iterate(th, v, func(x value) error { return d.push(th, x, left) })
}

// repeat is the items n times; a bounded deque keeps the last ones.
func (d *deque) repeat(th *thread, n int64) ([]value, error) {
	items, err := d.items(th)
	if err != nil || n <= 0 || len(items) == 0 {
		return nil, err
	}
	if d.maxlen >= 0 {
		n = min(n, int64(d.maxlen/len(items)+1))
	}
	if err := th.AllocMany(int(min(n, math.MaxInt32)), 16*len(items)); err != nil {
		return nil, err
	}
	return slices.Repeat(items, int(n)), nil
}

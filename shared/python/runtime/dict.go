package runtime

import (
	"hash/maphash"
	"slices"
)

// linearMax is the size up to which a dict is searched from its start to its end:
// header dicts and keyword arguments never pay for a table.
const linearMax = 8

// Dict is Python's dict: it keeps the order of insertion.
type Dict struct {
	guard
	entries []entry // with gaps where key is nil
	index   []int32 // open addressing, entry number + 1; nil while linear
	live    int
	raw     string  // of a lazy dict: the JSON object that it stands for; else ""
	owner   *Object // of an instance's __dict__: what is written here is written there
}

// lock unfolds a lazy dict, and then is that of any container.
func (d *Dict) lock() {
	if d.raw != "" {
		d.unfold()
	}
	d.guard.lock()
}

// dictEntryBytes is the memory that an entry takes.
const dictEntryBytes = 40

// entry has a hash once the dict has an index, or when its key is not simple.
type entry struct {
	key, val Value
	hash     uint64
}

// NewDict makes an empty dict.
func NewDict() *Dict { return &Dict{} }

// newDictSize makes an empty dict with room for n entries; a small one in one piece.
func newDictSize(n int) *Dict {
	switch {
	case n == 0:
		return &Dict{}
	case n <= 2:
		d := &struct {
			Dict

			room [2]entry
		}{}
		d.entries = d.room[:0]
		return &d.Dict
	case n <= 4:
		d := &struct {
			Dict

			room [4]entry
		}{}
		d.entries = d.room[:0]
		return &d.Dict
	case n <= linearMax:
		d := &struct {
			Dict

			room [linearMax]entry
		}{}
		d.entries = d.room[:0]
		return &d.Dict
	}
	return &Dict{entries: make([]entry, 0, n)}
}

// Class implements Value.
func (d *Dict) Class() *Class { return DictClass }

// Len is the number of entries.
func (d *Dict) Len() int {
	d.lock()
	defer d.unlock()
	return d.live
}

var hashSeed = maphash.MakeSeed()

// simple tells keys that are compared and hashed without running Python code.
func simple(v Value) bool {
	switch v.(type) {
	case Str, Int, Bool, NoneType, Float, *BigInt, Bytes, *Class, *Function, *Native:
		return true
	}
	return false
}

// hashKey checks that key is hashable; the hash of simple keys waits until needed.
// It may run Python code, so no lock is held.
func hashKey(th *Thread, key Value) (uint64, error) {
	if simple(key) {
		return 0, nil
	}
	h, err := Hash(th, key)
	return uint64(h), err
}

// locate finds the entry of key, -1 when absent. The lock is held, but not while
// Python code compares keys; when the dict changed meanwhile the search starts anew.
func (d *Dict) locate(th *Thread, key Value, hash uint64) (int, error) {
again:
	if d.index == nil {
		for i := range d.entries {
			same, changed, err := d.matches(th, i, key, hash)
			if err != nil || same {
				return i, err
			}
			if changed {
				goto again
			}
		}
		return -1, nil
	}
	if hash == 0 && simple(key) { // the dict grew an index while no lock was held
		hash = simpleHash(key)
	}
	mask := uint64(len(d.index) - 1)
	for p := spread(hash) & mask; d.index[p] != 0; p = (p + 1) & mask {
		i := int(d.index[p]) - 1
		if d.entries[i].key == nil || d.entries[i].hash != hash {
			continue
		}
		same, changed, err := d.matches(th, i, key, hash)
		if err != nil || same {
			return i, err
		}
		if changed {
			goto again
		}
	}
	return -1, nil
}

// comparesItself tells values that may equal one of another type.
func comparesItself(v Value) bool {
	if _, ok := v.(Comparer); ok {
		return true
	}
	return object(v) != nil
}

// matches compares key with that of entry i; changed reports that the entry was
// replaced while Python code ran.
func (d *Dict) matches(th *Thread, i int, key Value, hash uint64) (same, changed bool, err error) {
	e := &d.entries[i]
	if e.key == nil {
		return false, false, nil
	}
	if k, ok := key.(Str); ok {
		if s, ok := e.key.(Str); ok {
			return s == k, false, nil
		}
	}
	if Is(e.key, key) {
		return true, false, nil
	}
	if simple(key) && simple(e.key) {
		return simpleEqual(e.key, key), false, nil
	}
	if d.index == nil && !simple(key) && !simple(e.key) && e.hash != hash {
		return false, false, nil
	}
	if simple(key) != simple(e.key) && !comparesItself(key) && !comparesItself(e.key) {
		return false, false, nil
	}
	other, index := e.key, d.index
	d.unlock()
	same, err = Equal(th, other, key)
	d.lock()
	if i >= len(d.entries) || d.entries[i].key == nil || !Is(d.entries[i].key, other) || (index == nil) != (d.index == nil) {
		return false, true, err
	}
	return same, false, err
}

// spread mixes a hash so that consecutive integers do not cluster.
func spread(h uint64) uint64 {
	h *= 0x9E3779B97F4A7C15
	return h ^ h>>32
}

// Get finds key, nil when absent.
func (d *Dict) Get(th *Thread, key Value) (Value, error) {
	if k, ok := key.(Str); ok {
		return d.GetStr(string(k)), nil
	}
	h, err := hashKey(th, key)
	if err != nil {
		return nil, err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil || i < 0 {
		return nil, err
	}
	return d.entries[i].val, nil
}

// GetStr finds a string key, nil when absent.
func (d *Dict) GetStr(key string) Value {
	if d.raw != "" {
		if v, ok := d.peek(key); ok {
			return v
		}
	}
	d.lock()
	defer d.unlock()
	if i := d.findStr(key); i >= 0 {
		return d.entries[i].val
	}
	return nil
}

// findStr is locate for strings, which need no Python code: an instance of a
// subclass of str counts by its text.
func (d *Dict) findStr(key string) int {
	if d.index == nil {
		for i := range d.entries {
			if s, ok := d.entries[i].key.(Str); ok && string(s) == key || !ok && sameText(d.entries[i].key, key) {
				return i
			}
		}
		return -1
	}
	hash := uint64(hashString(key))
	mask := uint64(len(d.index) - 1)
	for p := spread(hash) & mask; d.index[p] != 0; p = (p + 1) & mask {
		i := int(d.index[p]) - 1
		if d.entries[i].hash == hash && d.entries[i].key != nil && sameText(d.entries[i].key, key) {
			return i
		}
	}
	return -1
}

func sameText(v Value, key string) bool {
	s, ok := AsStr(v)
	return ok && s == key
}

// Set binds key to v.
func (d *Dict) Set(th *Thread, key, v Value) error {
	if d.shared() {
		publish(key, v)
	}
	if d.owner != nil {
		d.owner.mirror(key, v)
	}
	if _, ok := key.(Str); ok {
		return d.setKey(th, key, v)
	}
	h, err := hashKey(th, key)
	if err != nil {
		return err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil {
		return err
	}
	if i >= 0 {
		d.entries[i].val = v
		return nil
	}
	return d.add(th, key, v, h)
}

// SetStr binds a string key; it is for hosts that build a dict of known size.
func (d *Dict) SetStr(key string, v Value) {
	if d.shared() {
		publish(v)
	}
	_ = d.setKey(nil, Str(key), v) // fails only by a thread's byte budget
}

// setKey is Set for a key that is a Str.
func (d *Dict) setKey(th *Thread, key, v Value) error {
	d.lock()
	defer d.unlock()
	if i := d.findStr(string(key.(Str))); i >= 0 {
		d.entries[i].val = v
		return nil
	}
	return d.add(th, key, v, 0)
}

// add appends an entry known to be absent; the lock is held.
func (d *Dict) add(th *Thread, key, v Value, hash uint64) error {
	if len(d.entries) == cap(d.entries) {
		if th != nil {
			if err := th.Alloc(len(d.entries)*64 + 160); err != nil {
				return err
			}
		}
		d.compact()
	}
	if d.index != nil && hash == 0 {
		hash = simpleHash(key)
	}
	d.entries = append(d.entries, entry{key, v, hash})
	d.live++
	switch {
	case d.index == nil && len(d.entries) > linearMax:
		d.reindex()
	case d.index != nil && len(d.entries)*3 > len(d.index)*2:
		d.reindex()
	case d.index != nil:
		d.link(len(d.entries) - 1)
	}
	return nil
}

// compact drops gaps when they are more than half.
func (d *Dict) compact() {
	if d.live*2 >= len(d.entries) {
		return
	}
	d.entries = slices.DeleteFunc(d.entries, func(e entry) bool { return e.key == nil })
	if d.index != nil {
		d.reindex()
	}
}

func (d *Dict) reindex() {
	if d.index == nil {
		for i := range d.entries {
			if e := &d.entries[i]; e.key != nil && e.hash == 0 {
				e.hash = simpleHash(e.key)
			}
		}
	}
	size := 32
	for size < len(d.entries)*3 {
		size *= 2
	}
	d.index = make([]int32, size)
	for i := range d.entries {
		if d.entries[i].key != nil {
			d.link(i)
		}
	}
}

func (d *Dict) link(i int) {
	mask := uint64(len(d.index) - 1)
	p := spread(d.entries[i].hash) & mask
	for d.index[p] != 0 {
		p = (p + 1) & mask
	}
	d.index[p] = int32(i + 1) // entries are bounded by the byte budget
}

// Delete removes key and gives its value, nil when absent.
func (d *Dict) Delete(th *Thread, key Value) (Value, error) {
	if d.owner != nil {
		d.owner.mirror(key, nil)
	}
	h, err := hashKey(th, key)
	if err != nil {
		return nil, err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil || i < 0 {
		return nil, err
	}
	return d.drop(i), nil
}

func (d *Dict) deleteStr(key string) bool {
	d.lock()
	defer d.unlock()
	i := d.findStr(key)
	if i >= 0 {
		d.drop(i)
	}
	return i >= 0
}

// drop empties entry i; the index keeps pointing at the gap. The lock is held.
func (d *Dict) drop(i int) Value {
	v := d.entries[i].val
	d.entries[i] = entry{} // a gap at the start uses the hash: see first
	d.live--
	if d.live == 0 {
		d.entries, d.index = d.entries[:0], nil
	}
	return v
}

// popLast removes the newest entry. A gap at the very end remembers in its hash from
// where to search on.
func (d *Dict) popLast() (k, v Value, ok bool) {
	if d.owner != nil {
		defer func() {
			if ok {
				d.owner.mirror(k, nil)
			}
		}()
	}
	d.lock()
	defer d.unlock()
	if d.live == 0 {
		return nil, nil, false
	}
	end := len(d.entries) - 1
	i := end
	if e := &d.entries[end]; e.key == nil && e.hash != 0 {
		i = int(e.hash) - 1
	}
	for d.entries[i].key == nil {
		i--
	}
	k = d.entries[i].key
	v = d.drop(i)
	switch {
	case d.live == 0:
	case d.index == nil:
		d.entries = d.entries[:i]
	default:
		d.entries[end].hash = uint64(i)
	}
	return k, v, true
}

// Clear removes all entries.
func (d *Dict) Clear() {
	if d.owner != nil {
		for k := range d.All() {
			d.owner.mirror(k, nil)
		}
	}
	d.lock()
	defer d.unlock()
	d.entries, d.index, d.live = nil, nil, 0
}

// after gives the first entry at position pos or later and the position after it.
func (d *Dict) after(pos int) (e entry, next int, ok bool) {
	d.lock()
	defer d.unlock()
	for ; pos < len(d.entries); pos++ {
		if d.entries[pos].key != nil {
			return d.entries[pos], pos + 1, true
		}
	}
	return entry{}, pos, false
}

// snapshot is the live entries at this moment.
func (d *Dict) snapshot() []entry {
	d.lock()
	defer d.unlock()
	out := make([]entry, 0, d.live)
	for _, e := range d.entries {
		if e.key != nil {
			out = append(out, e)
		}
	}
	return out
}

// All yields key and value of each entry in order, as a host wants them.
func (d *Dict) All() func(yield func(k, v Value) bool) {
	return func(yield func(k, v Value) bool) {
		for pos := 0; ; {
			e, next, ok := d.after(pos)
			if !ok || !yield(e.key, e.val) {
				return
			}
			pos = next
		}
	}
}

// copy is a private dict with the same entries.
func (d *Dict) copy() *Dict {
	d.lock()
	defer d.unlock()
	c := &Dict{entries: slices.Clone(d.entries), index: slices.Clone(d.index), live: d.live}
	return c
}

// update sets all of other's entries.
func (d *Dict) update(th *Thread, other *Dict) error {
	for _, e := range other.snapshot() {
		if err := d.Set(th, e.key, e.val); err != nil {
			return err
		}
	}
	return nil
}

func (d *Dict) publishTo(queue []Value) []Value {
	if d.raw != "" {
		d.unfold()
	}
	if !d.share() {
		return queue
	}
	if d.owner != nil {
		queue = append(queue, d.owner)
	}
	for _, e := range d.entries {
		if e.key != nil {
			queue = append(queue, e.key, e.val)
		}
	}
	return queue
}

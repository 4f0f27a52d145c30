package runtime

// What the classes of the collections module need of a dict.

// SetDefault gives the value of key, after setting it to def when it is absent.
func (d *Dict) SetDefault(th *Thread, key, def Value) (Value, error) {
	return d.setDefault(th, key, def)
}

// FillDict is dict.__init__ for a class below dict.
func FillDict(th *Thread, d *Dict, name string, a Args) error { return fillDict(th, d, name, a) }

// Change sets key to what f makes of its value, nil standing for none. When another
// thread changes the entry meanwhile, f is called anew: no change is lost.
func (d *Dict) Change(th *Thread, key Value, f func(old Value) (Value, error)) error {
	for {
		old, err := d.Get(th, key)
		if err != nil {
			return err
		}
		made, err := f(old)
		if err != nil {
			return err
		}
		if ok, err := d.exchange(th, key, old, made); ok || err != nil {
			return err
		}
		if err := th.Step(); err != nil {
			return err
		}
	}
}

// exchange sets key to v if its value is still old, nil standing for none.
func (d *Dict) exchange(th *Thread, key, old, v Value) (bool, error) {
	if d.shared() {
		publish(key, v)
	}
	h, err := hashKey(th, key)
	if err != nil {
		return false, err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil {
		return false, err
	}
	if i < 0 {
		if old != nil {
			return false, nil
		}
		return true, d.add(th, key, v, h)
	}
	if old == nil || !Is(d.entries[i].val, old) {
		return false, nil
	}
	d.entries[i].val = v
	return true, nil
}

// Pop removes the newest entry, or the oldest one.
func (d *Dict) Pop(last bool) (k, v Value, ok bool) {
	if last {
		return d.popLast()
	}
	d.lock()
	defer d.unlock()
	i := d.first()
	if i < 0 {
		return nil, nil, false
	}
	k = d.entries[i].key
	v = d.drop(i)
	if len(d.entries) > 0 {
		d.entries[0].hash = uint64(i + 1)
	}
	return k, v, true
}

// first is the oldest entry, -1 without; the lock is held. A gap at the very start
// remembers in its hash how far the gaps reach at least, so that a dict used as a
// queue is not searched from its start each time.
func (d *Dict) first() int {
	if d.live == 0 {
		return -1
	}
	if d.entries[0].key != nil {
		return 0
	}
	i := int(d.entries[0].hash)
	for d.entries[i].key == nil {
		i++
	}
	d.entries[0].hash = uint64(i)
	return i
}

// Move makes the entry of key the newest, or the oldest one; false when it is absent.
func (d *Dict) Move(th *Thread, key Value, last bool) (bool, error) {
	h, err := hashKey(th, key)
	if err != nil {
		return false, err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil || i < 0 {
		return false, err
	}
	e := d.entries[i]
	if last {
		if i == len(d.entries)-1 {
			return true, nil
		}
		d.drop(i)
		return true, d.add(th, e.key, e.val, e.hash)
	}
	if d.first() == i {
		return true, nil
	}
	if err := th.AllocMany(len(d.entries), 64); err != nil {
		return true, err
	}
	moved := make([]entry, 1, len(d.entries))
	moved[0] = e
	for j, o := range d.entries {
		if j != i && o.key != nil {
			moved = append(moved, o)
		}
	}
	d.entries = moved
	if d.index != nil {
		d.reindex()
	}
	return true, nil
}

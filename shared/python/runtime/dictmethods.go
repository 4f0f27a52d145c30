package runtime

func selfDict(v Value) *Dict { return native(v).(*Dict) }

func dictMembers() Members {
	view := func(name string, kind viewKind) *Native {
		return NewNative(name+"(self, /)", func(_ *Thread, a Args) (Value, error) {
			return &dictView{selfDict(a.Vals[0]), kind}, nil
		})
	}
	return Members{
		"keys": view("keys", keysView), "values": view("values", valuesView), "items": view("items", itemsView),
		"get": NewNative("get(self, key, default=None, /)", func(th *Thread, a Args) (Value, error) {
			v, err := selfDict(a.Vals[0]).Get(th, a.Vals[1])
			if v == nil && err == nil {
				return a.Vals[2], nil
			}
			return v, err
		}),
		"setdefault": NewNative("setdefault(self, key, default=None, /)", func(th *Thread, a Args) (Value, error) {
			return selfDict(a.Vals[0]).setDefault(th, a.Vals[1], a.Vals[2])
		}),
		"pop": NewNative("pop(self, key, default=, /)", func(th *Thread, a Args) (Value, error) {
			v, err := selfDict(a.Vals[0]).Delete(th, a.Vals[1])
			if v != nil || err != nil {
				return v, err
			}
			if a.Vals[2] == nil {
				return nil, NewException(KeyError, a.Vals[1])
			}
			return a.Vals[2], nil
		}),
		"popitem": NewNative("popitem(self, /)", func(_ *Thread, a Args) (Value, error) {
			k, v, ok := selfDict(a.Vals[0]).popLast()
			if !ok {
				return nil, NewException(KeyError, Str("popitem(): dictionary is empty"))
			}
			return NewTuple(k, v), nil
		}),
		"update": NewRaw("update", func(th *Thread, a Args) (Value, error) {
			return None, fillDict(th, selfDict(a.Vals[0]), "update", Args{Vals: a.Vals[1:], Names: a.Names})
		}),
		"clear": NewNative("clear(self, /)", func(_ *Thread, a Args) (Value, error) {
			selfDict(a.Vals[0]).Clear()
			return None, nil
		}),
		"copy": NewNative("copy(self, /)", func(th *Thread, a Args) (Value, error) {
			d := selfDict(a.Vals[0])
			if err := th.AllocMany(d.Len(), 64); err != nil {
				return nil, err
			}
			return d.copy(), nil
		}),
		"fromkeys": &ClassMethod{NewNative("fromkeys(cls, iterable, value=None, /)", func(th *Thread, a Args) (Value, error) {
			d := NewDict()
			return d, Iterate(th, a.Vals[1], func(k Value) error { return d.Set(th, k, a.Vals[2]) })
		})},
		"__hash__": None,
		"__init__": NewRaw("__init__", func(th *Thread, a Args) (Value, error) {
			return None, fillDict(th, selfDict(a.Vals[0]), "dict", Args{Vals: a.Vals[1:], Names: a.Names})
		}),
	}
}

// setDefault is one step for other threads.
func (d *Dict) setDefault(th *Thread, key, def Value) (Value, error) {
	if d.shared() {
		publish(key, def)
	}
	if d.owner != nil {
		if v, err := d.Get(th, key); v != nil || err != nil {
			return v, err
		}
		return def, d.Set(th, key, def)
	}
	h, err := hashKey(th, key)
	if err != nil {
		return nil, err
	}
	d.lock()
	defer d.unlock()
	i, err := d.locate(th, key, h)
	if err != nil {
		return nil, err
	}
	if i >= 0 {
		return d.entries[i].val, nil
	}
	return def, d.add(th, key, def, h)
}

type viewKind uint8

const (
	keysView viewKind = iota
	valuesView
	itemsView
)

// dictView is dict.keys(), values() and items(): it follows the dict.
type dictView struct {
	d    *Dict
	kind viewKind
}

// Class implements Value.
func (v *dictView) Class() *Class {
	return [...]*Class{dictKeysClass, dictValuesClass, dictItemsClass}[v.kind]
}

// Len is the number of entries of the dict.
func (v *dictView) Len() int { return v.d.Len() }

func (v *dictView) pick(e entry) Value {
	switch v.kind {
	case keysView:
		return e.key
	case valuesView:
		return e.val
	}
	return NewTuple(e.key, e.val)
}

// Iter yields keys, values or pairs.
func (v *dictView) Iter(*Thread) (Iterator, error) {
	class := dictKeyIterClass
	if v.kind == itemsView {
		class = dictItemIterClass
	}
	return dictIter(v.d, class, v.pick), nil
}

// Contains looks keys and pairs up.
func (v *dictView) Contains(th *Thread, x Value) (bool, error) {
	switch v.kind {
	case keysView:
		found, err := v.d.Get(th, x)
		return found != nil, err
	case itemsView:
		t, ok := x.(*Tuple)
		if !ok || len(t.Items) != 2 {
			return false, nil
		}
		found, err := v.d.Get(th, t.Items[0])
		if found == nil || err != nil {
			return false, err
		}
		return Equal(th, found, t.Items[1])
	}
	for _, x2 := range v.values() {
		if same, err := Equal(th, x2, x); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (v *dictView) values() []Value {
	es := v.d.snapshot()
	out := make([]Value, len(es))
	for i, e := range es {
		out[i] = v.pick(e)
	}
	return out
}

func (v *dictView) asSet() (*Set, error) {
	s := NewSet(false)
	th := NewThread(Limits{})
	for _, x := range v.values() {
		if err := s.add(th, x); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (v *dictView) publishTo(queue []Value) []Value { return append(queue, v.d) }

func viewMembers() Members {
	return Members{"isdisjoint": setTest("isdisjoint", func(th *Thread, x, y *Set) bool {
		both, err := setOp(th, And, x, y)
		return err == nil && both.Len() == 0
	})}
}

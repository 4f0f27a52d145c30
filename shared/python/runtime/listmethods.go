package runtime

import (
	"maps"
	"slices"
)

func selfList(v Value) *List { return native(v).(*List) }

func listMembers() Members {
	m := sequenceMembers()
	maps.Copy(m, Members{
		"append": NewNative("append(self, item, /)", func(th *Thread, a Args) (Value, error) {
			return None, selfList(a.Vals[0]).append(th, a.Vals[1])
		}),
		"extend": NewNative("extend(self, iterable, /)", func(th *Thread, a Args) (Value, error) {
			vs, err := Collect(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			return None, selfList(a.Vals[0]).extend(th, vs)
		}),
		"insert": NewNative("insert(self, index, item, /)", func(th *Thread, a Args) (Value, error) {
			i, err := Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			l := selfList(a.Vals[0])
			n := int64(l.Len())
			if i < 0 {
				i = max(0, i+n)
			}
			i = min(i, n)
			l.splice(int(i), int(i), []Value{a.Vals[2]})
			return None, th.Alloc(16)
		}),
		"pop": NewNative("pop(self, index=-1, /)", func(_ *Thread, a Args) (Value, error) {
			i, err := Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			v, empty, ok := selfList(a.Vals[0]).pop(int(i))
			if empty {
				return nil, Errorf(IndexError, "pop from empty list")
			}
			if !ok {
				return nil, Errorf(IndexError, "pop index out of range")
			}
			return v, nil
		}),
		"remove": NewNative("remove(self, value, /)", func(th *Thread, a Args) (Value, error) {
			return None, selfList(a.Vals[0]).remove(th, a.Vals[1])
		}),
		"clear": NewNative("clear(self, /)", func(_ *Thread, a Args) (Value, error) {
			selfList(a.Vals[0]).replace(nil)
			return None, nil
		}),
		"copy": NewNative("copy(self, /)", func(th *Thread, a Args) (Value, error) {
			vs, err := Collect(th, selfList(a.Vals[0]))
			return NewList(vs...), err
		}),
		"reverse": NewNative("reverse(self, /)", func(_ *Thread, a Args) (Value, error) {
			l := selfList(a.Vals[0])
			l.lock()
			slices.Reverse(l.items)
			l.unlock()
			return None, nil
		}),
		"sort": NewNative("sort(self, /, *, key=None, reverse=False)", func(th *Thread, a Args) (Value, error) {
			l := selfList(a.Vals[0])
			vs := l.copyItems()
			if err := SortValues(th, vs, a.Vals[1], a.Vals[2]); err != nil {
				return nil, err
			}
			l.replace(vs)
			return None, nil
		}),
		"__hash__": None,
		"__init__": NewRaw("__init__", func(th *Thread, a Args) (Value, error) {
			l := selfList(a.Vals[0])
			l.replace(nil)
			if len(a.Vals) < 2 {
				return None, nil
			}
			vs, err := Collect(th, a.Vals[1])
			if err != nil {
				return nil, err
			}
			return None, l.extend(th, vs)
		}),
	})
	return m
}

// remove deletes the first item equal to v.
func (l *List) remove(th *Thread, v Value) error {
	for i := 0; ; i++ {
		x := l.At(i)
		if x == nil {
			return Errorf(ValueError, "list.remove(x): x not in list")
		}
		if err := th.Step(); err != nil {
			return err
		}
		same, err := Equal(th, x, v)
		if err != nil {
			return err
		}
		if same {
			if l.deleteAt(i, x) {
				return nil
			}
			i = -1 // another thread changed the list: look again
		}
	}
}

// deleteAt deletes item i if that is still x.
func (l *List) deleteAt(i int, x Value) bool {
	l.lock()
	defer l.unlock()
	if i >= len(l.items) || !Is(l.items[i], x) {
		return false
	}
	l.items = slices.Delete(l.items, i, i+1)
	return true
}

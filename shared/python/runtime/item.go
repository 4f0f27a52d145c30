package runtime

import (
	"math"
	"strings"
	"unicode/utf8"
)

// GetItem is `v[key]`.
func GetItem(th *Thread, v, key Value) (Value, error) {
	switch v := v.(type) {
	case *Dict:
		found, err := v.Get(th, key)
		if found == nil && err == nil {
			return nil, NewException(KeyError, key)
		}
		return found, err
	case *List:
		if i, ok := AsInt(key); ok {
			if i < 0 {
				i += int64(v.Len())
			}
			if x := v.At(clampInt(i)); x != nil {
				return x, nil
			}
			return nil, Errorf(IndexError, "list index out of range")
		}
		if s, ok := key.(*Slice); ok {
			items, err := sliceItems(th, v.Items(), s)
			return NewList(items...), err
		}
		i, err := sequenceIndex(key, "list")
		if err != nil {
			return nil, err
		}
		return GetItem(th, v, NewInt(i))
	case *Tuple:
		if s, ok := key.(*Slice); ok {
			items, err := sliceItems(th, v.Items, s)
			return NewTuple(items...), err
		}
		i, err := position(key, len(v.Items), "tuple")
		if err != nil {
			return nil, err
		}
		return v.Items[i], nil
	case Str:
		return stringItem(th, string(v), key)
	case Bytes:
		if s, ok := key.(*Slice); ok {
			start, step, n, err := s.bounds(len(v))
			if err != nil {
				return nil, err
			}
			return Bytes(pick([]byte(v), start, step, n)), th.Alloc(n)
		}
		i, err := position(key, len(v), "byte")
		if err != nil {
			if e := asException(err); e.IsA(IndexError) {
				return nil, Errorf(IndexError, "index out of range")
			}
			return nil, err
		}
		return NewInt(int64(v[i])), nil
	case *Range:
		return rangeItem(v, key)
	case *Class:
		return classItem(th, v, key)
	case *Object:
		return instanceItem(th, v, key)
	case interface {
		GetItem(th *Thread, key Value) (Value, error)
	}:
		return v.GetItem(th, key)
	}
	return nil, Errorf(TypeError, "'%s' object is not subscriptable", v.Class().Name)
}

func clampInt(i int64) int {
	if i < 0 || i > math.MaxInt32*1024 {
		return -1
	}
	return int(i)
}

func instanceItem(th *Thread, o *Object, key Value) (Value, error) {
	if m := o.class.script("__getitem__"); m != nil {
		return callMethod(th, o, m, key)
	}
	if d, ok := o.native.(*Dict); ok {
		found, err := d.Get(th, key)
		if found != nil || err != nil {
			return found, err
		}
		if m := o.class.Lookup("__missing__"); m != nil {
			return callMethod(th, o, m, key)
		}
		return nil, NewException(KeyError, key)
	}
	if o.native != nil {
		return GetItem(th, o.native, key)
	}
	return nil, Errorf(TypeError, "'%s' object is not subscriptable", o.class.Name)
}

// classItem is `list[int]` and the like, which annotations use at run time.
func classItem(th *Thread, c *Class, key Value) (Value, error) {
	if c.meta != nil {
		if m := c.meta.Lookup("__getitem__"); m != nil {
			return callMethod(th, c, m, key)
		}
	}
	if m := c.Lookup("__class_getitem__"); m != nil {
		if cm, ok := m.(*ClassMethod); ok {
			m = cm.Fn
		}
		return CallSelf(th, m, c, Args{Vals: []Value{key}})
	}
	switch c {
	case ListClass, DictClass, TupleClass, SetClass, FrozenSetClass, TypeClass:
		return NewAlias(c, key), nil
	}
	return nil, Errorf(TypeError, "type '%s' is not subscriptable", c.Name)
}

func sequenceIndex(key Value, what string) (int64, error) {
	i, err := Index(key)
	if e, ok := err.(*Exception); ok && e.IsA(OverflowError) { //nolint:errorlint // just made
		return 0, Errorf(IndexError, "cannot fit 'int' into an index-sized integer")
	}
	if err != nil {
		if what == "string" {
			return 0, Errorf(TypeError, "string indices must be integers, not '%s'", key.Class().Name)
		}
		return 0, Errorf(TypeError, "%s indices must be integers or slices, not %s", what, key.Class().Name)
	}
	return i, nil
}

func position(key Value, n int, what string) (int, error) {
	i, err := sequenceIndex(key, what)
	if err != nil {
		return 0, err
	}
	if i < 0 {
		i += int64(n)
	}
	if i < 0 || i >= int64(n) {
		return 0, Errorf(IndexError, "%s index out of range", what)
	}
	return int(i), nil
}

func sliceItems(th *Thread, items []Value, s *Slice) ([]Value, error) {
	start, step, n, err := s.bounds(len(items))
	if err != nil {
		return nil, err
	}
	if err := th.AllocMany(n, 16); err != nil {
		return nil, err
	}
	return pick(items, start, step, n), nil
}

// shortScan is how many characters an index may look at without counting as work.
const shortScan = 1024

func stringItem(th *Thread, v string, key Value) (Value, error) {
	s, isSlice := key.(*Slice)
	if i, ok := key.(Int); ok && i >= 0 && int64(i) < int64(len(v)) && i < shortScan && isASCII(v[:i+1]) {
		return Str(v[i : i+1]), nil
	}
	if err := th.work(len(v)); err != nil {
		return nil, err
	}
	if isASCII(v) {
		if isSlice {
			start, step, n, err := s.bounds(len(v))
			if err != nil {
				return nil, err
			}
			if step == 1 {
				return Str(v[start : start+n]), nil
			}
			return Str(pick([]byte(v), start, step, n)), th.Alloc(n)
		}
		i, err := position(key, len(v), "string")
		if err != nil {
			return nil, err
		}
		return Str(v[i : i+1]), nil
	}
	if err := th.AllocMany(len(v), 4); err != nil {
		return nil, err
	}
	runes := []rune(v)
	if isSlice {
		start, step, n, err := s.bounds(len(runes))
		if err != nil {
			return nil, err
		}
		return Str(pick(runes, start, step, n)), nil
	}
	i, err := position(key, len(runes), "string")
	if err != nil {
		return nil, err
	}
	return Str(runes[i]), nil
}

func isASCII(s string) bool {
	for ; len(s) >= 8; s = s[8:] {
		if s[0]|s[1]|s[2]|s[3]|s[4]|s[5]|s[6]|s[7] >= utf8.RuneSelf {
			return false
		}
	}
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func runeLen(s string) int {
	_, n := utf8.DecodeRuneInString(s)
	return n
}

func rangeItem(r *Range, key Value) (Value, error) {
	if s, ok := key.(*Slice); ok {
		at, err := s.resolve(int(r.Len()))
		if err != nil {
			return nil, err
		}
		return &Range{r.At(at.Start), r.At(at.Stop), r.Step * at.Step}, nil
	}
	i, err := Index(key)
	if err != nil {
		return nil, Errorf(TypeError, "range indices must be integers or slices, not %s", key.Class().Name)
	}
	if i < 0 {
		i += r.Len()
	}
	if i < 0 || i >= r.Len() {
		return nil, Errorf(IndexError, "range object index out of range")
	}
	return NewInt(r.At(i)), nil
}

// SetItem is `v[key] = x`.
func SetItem(th *Thread, v, key, x Value) error {
	switch v := v.(type) {
	case *Dict:
		return v.Set(th, key, x)
	case *List:
		if s, ok := key.(*Slice); ok {
			return setSlice(th, v, s, x)
		}
		i, err := sequenceIndex(key, "list")
		if err != nil {
			return err
		}
		if !v.setAt(int(i), x) {
			return Errorf(IndexError, "list assignment index out of range")
		}
		return nil
	case *Object:
		if m := v.class.script("__setitem__"); m != nil {
			_, err := callMethod(th, v, m, key, x)
			return err
		}
		if v.native != nil {
			if err := SetItem(th, v.native, key, x); err == nil || !strings.HasSuffix(err.Error(), "item assignment") {
				return err
			}
		}
	case interface {
		SetItem(th *Thread, key, x Value) error
	}:
		return v.SetItem(th, key, x)
	}
	return Errorf(TypeError, "'%s' object does not support item assignment", v.Class().Name)
}

func setSlice(th *Thread, l *List, s *Slice, x Value) error {
	vs, err := Collect(th, x)
	if err != nil {
		if e := asException(err); e.IsA(TypeError) {
			return Errorf(TypeError, "can only assign an iterable")
		}
		return err
	}
	start, step, n, err := s.bounds(l.Len())
	if err != nil {
		return err
	}
	if step == 1 {
		l.splice(start, start+n, vs)
		return nil
	}
	if len(vs) != n {
		return Errorf(ValueError, "attempt to assign sequence of size %d to extended slice of size %d", len(vs), n)
	}
	for i, v := range vs {
		l.setAt(start+i*step, v)
	}
	return nil
}

// DelItem is `del v[key]`.
func DelItem(th *Thread, v, key Value) error {
	switch v := v.(type) {
	case *Dict:
		old, err := v.Delete(th, key)
		if old == nil && err == nil {
			return NewException(KeyError, key)
		}
		return err
	case *List:
		if s, ok := key.(*Slice); ok {
			return delSlice(v, s)
		}
		i, err := sequenceIndex(key, "list")
		if err != nil {
			return err
		}
		if _, _, ok := v.pop(int(i)); !ok {
			return Errorf(IndexError, "list assignment index out of range")
		}
		return nil
	case *Object:
		if m := v.class.script("__delitem__"); m != nil {
			_, err := callMethod(th, v, m, key)
			return err
		}
		if v.native != nil {
			return DelItem(th, v.native, key)
		}
	case interface {
		DelItem(th *Thread, key Value) error
	}:
		return v.DelItem(th, key)
	}
	verb := "does not"
	if _, ok := v.(*Range); ok || isSequence(v) {
		verb = "doesn't"
	}
	return Errorf(TypeError, "'%s' object %s support item deletion", v.Class().Name, verb)
}

func delSlice(l *List, s *Slice) error {
	items := l.copyItems()
	start, step, n, err := s.bounds(len(items))
	if err != nil {
		return err
	}
	drop := make(map[int]bool, n)
	for i := range n {
		drop[start+i*step] = true
	}
	kept := items[:0]
	for i, v := range items {
		if !drop[i] {
			kept = append(kept, v)
		}
	}
	l.replace(kept)
	return nil
}

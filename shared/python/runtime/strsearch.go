package runtime

import (
	"strings"
	"unicode/utf8"
)

// window cuts s to the characters from start to end, and tells where it begins.
func window(s string, start, end Value) (part string, offset int, ok bool, err error) {
	if start == None && end == None {
		return s, 0, true, nil
	}
	n := utf8.RuneCountInString(s)
	sl := &Slice{start, end, None}
	lo, _, count, err := sl.bounds(n)
	if err != nil {
		return "", 0, false, err
	}
	if i, isInt := AsInt(start); isInt && i > int64(n) {
		return "", 0, false, nil
	}
	from := runeOffset(s, lo)
	return s[from : from+runeOffset(s[from:], count)], lo, true, nil
}

// runeOffset is the byte offset of character n.
func runeOffset(s string, n int) int {
	if isASCII(s) {
		return min(n, len(s))
	}
	for i := range s {
		if n == 0 {
			return i
		}
		n--
	}
	return len(s)
}

func affix(name string, has func(s, part string) bool) *Native {
	return NewNative(name+"(self, prefix, start=None, end=None, /)", func(_ *Thread, a Args) (Value, error) {
		s, _, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
		if err != nil {
			return nil, err
		}
		if t, isTuple := a.Vals[1].(*Tuple); isTuple {
			for _, v := range t.Items {
				p, isStr := AsStr(v)
				if !isStr {
					return nil, Errorf(TypeError, "tuple for %s must only contain str, not %s", name, v.Class().Name)
				}
				if ok && has(s, p) {
					return True, nil
				}
			}
			return False, nil
		}
		p, isStr := AsStr(a.Vals[1])
		if !isStr {
			return nil, Errorf(TypeError, "%s first arg must be str or a tuple of str, not %s", name, a.Vals[1].Class().Name)
		}
		return NewBool(ok && has(s, p)), nil
	})
}

func finder(name string, index func(s, sub string) int, strict bool) *Native {
	return NewNative(name+"(self, sub, start=None, end=None, /)", func(_ *Thread, a Args) (Value, error) {
		sub, isStr := AsStr(a.Vals[1])
		if !isStr {
			return nil, Errorf(TypeError, "must be str, not %s", a.Vals[1].Class().Name)
		}
		s, offset, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
		if err != nil {
			return nil, err
		}
		if i := index(s, sub); ok && i >= 0 {
			return NewInt(int64(offset + utf8.RuneCountInString(s[:i]))), nil
		}
		if strict {
			return nil, Errorf(ValueError, "substring not found")
		}
		return NewInt(-1), nil
	})
}

func strCount(_ *Thread, a Args) (Value, error) {
	sub, ok := AsStr(a.Vals[1])
	if !ok {
		return nil, Errorf(TypeError, "must be str, not %s", a.Vals[1].Class().Name)
	}
	s, _, ok, err := window(selfStr(a.Vals[0]), a.Vals[2], a.Vals[3])
	if err != nil || !ok {
		return NewInt(0), err
	}
	return NewInt(int64(strings.Count(s, sub))), nil
}

func strReplace(th *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	from, err := wantStr("replace() argument 1", a.Vals[1])
	if err != nil {
		return nil, err
	}
	to, err := wantStr("replace() argument 2", a.Vals[2])
	if err != nil {
		return nil, err
	}
	n, err := Index(a.Vals[3])
	if err != nil {
		return nil, err
	}
	hits := strings.Count(s, from)
	if n >= 0 {
		hits = min(hits, int(n))
	}
	if err := th.AllocMany(hits, len(to)); err != nil {
		return nil, err
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	return Str(strings.Replace(s, from, to, hits)), nil
}

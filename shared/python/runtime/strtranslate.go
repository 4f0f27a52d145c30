package runtime

import (
	"strings"
	"unicode/utf8"
)

func strTranslate(th *Thread, a Args) (Value, error) {
	var b strings.Builder
	for _, r := range selfStr(a.Vals[0]) {
		v, err := GetItem(th, a.Vals[1], NewInt(int64(r)))
		if err != nil {
			if !asException(err).IsA(LookupError) {
				return nil, err
			}
			v = Str(r)
		}
		if n, ok := AsInt(v); ok {
			v = Str(rune(n))
		}
		if v == None {
			continue
		}
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "character mapping must return integer, None or str")
		}
		if err := th.Alloc(len(s)); err != nil {
			return nil, err
		}
		b.WriteString(s)
	}
	return Str(b.String()), nil
}

func strMakeTrans(th *Thread, a Args) (Value, error) {
	d := NewDict()
	if a.Vals[1] == nil {
		src, ok := native(a.Vals[0]).(*Dict)
		if !ok {
			return nil, Errorf(TypeError, "if you give only one argument to maketrans it must be a dict")
		}
		for k, v := range src.All() {
			if s, ok := AsStr(k); ok {
				if utf8.RuneCountInString(s) != 1 {
					return nil, Errorf(ValueError, "string keys in translate table must be of length 1")
				}
				r, _ := utf8.DecodeRuneInString(s)
				k = NewInt(int64(r))
			}
			if err := d.Set(th, k, v); err != nil {
				return nil, err
			}
		}
		return d, nil
	}
	x, y := []rune(selfStr(a.Vals[0])), []rune(selfStr(a.Vals[1]))
	if len(x) != len(y) {
		return nil, Errorf(ValueError, "the first two maketrans arguments must have equal length")
	}
	for i, r := range x {
		if err := d.Set(th, NewInt(int64(r)), NewInt(int64(y[i]))); err != nil {
			return nil, err
		}
	}
	if a.Vals[2] != nil {
		for _, r := range selfStr(a.Vals[2]) {
			if err := d.Set(th, NewInt(int64(r)), None); err != nil {
				return nil, err
			}
		}
	}
	return d, nil
}

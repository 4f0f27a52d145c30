package runtime

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Contains is `x in v`.
func Contains(th *Thread, v, x Value) (bool, error) {
	switch v := v.(type) {
	case *Dict:
		found, err := v.Get(th, x)
		return found != nil, err
	case *Set:
		if s, ok := x.(*Set); ok && !s.frozen { // CPython looks a set up as if frozen
			x, _ = setOf(th, s, true)
		}
		return v.has(th, x)
	case Str:
		s, ok := AsStr(x)
		if !ok {
			return false, Errorf(TypeError, "'in <string>' requires string as left operand, not %s", x.Class().Name)
		}
		return strings.Contains(string(v), s), th.work(len(v))
	case Bytes:
		if err := th.work(len(v)); err != nil {
			return false, err
		}
		if b, ok := native(x).(Bytes); ok {
			return strings.Contains(string(v), string(b)), nil
		}
		n, ok := AsInt(x)
		if !ok {
			return false, Errorf(TypeError, "a bytes-like object is required, not '%s'", x.Class().Name)
		}
		if n < 0 || n > 255 {
			return false, Errorf(ValueError, "byte must be in range(0, 256)")
		}
		return strings.IndexByte(string(v), byte(n)) >= 0, nil
	case *Range:
		if n, ok := AsInt(x); ok {
			return v.contains(n), nil
		}
	case *Object:
		if m := v.class.script("__contains__"); m != nil {
			r, err := callMethod(th, v, m, x)
			if err != nil {
				return false, err
			}
			return Truth(th, r)
		}
		if v.native != nil && v.class.script("__iter__") == nil {
			return Contains(th, v.native, x)
		}
	case *Class:
		if v.meta != nil {
			if m := v.meta.Lookup("__contains__"); m != nil {
				r, err := callMethod(th, v, m, x)
				return r == True, err
			}
		}
	case interface {
		Contains(th *Thread, x Value) (bool, error)
	}:
		return v.Contains(th, x)
	}
	return containsByIteration(th, v, x)
}

var errFound = errors.New("found")

func containsByIteration(th *Thread, v, x Value) (bool, error) {
	err := Iterate(th, v, func(item Value) error {
		same, err := Equal(th, item, x)
		if same && err == nil {
			return errFound
		}
		return err
	})
	if errors.Is(err, errFound) {
		return true, nil
	}
	if err != nil && asException(err).IsA(TypeError) && len(asException(err).trace) == 0 &&
		asException(err).Message() == "'"+v.Class().Name+"' object is not iterable" {
		return false, Errorf(TypeError, "argument of type '%s' is not iterable", v.Class().Name)
	}
	return false, err
}

// Len is len(v).
func Len(th *Thread, v Value) (int, error) {
	switch v := v.(type) {
	case Str:
		return utf8.RuneCountInString(string(v)), th.work(len(v))
	case Bytes:
		return len(v), nil
	case *Tuple:
		return len(v.Items), nil
	case *Range:
		return int(v.Len()), nil
	case *Object:
		if m := v.class.script("__len__"); m != nil {
			return instanceLen(th, v, m)
		}
		if v.native != nil {
			return Len(th, v.native)
		}
	case *Class:
		if v.meta != nil {
			if m := v.meta.Lookup("__len__"); m != nil {
				return instanceLen(th, v, m)
			}
		}
	case interface{ Len() int }:
		return v.Len(), nil
	}
	return 0, Errorf(TypeError, "object of type '%s' has no len()", v.Class().Name)
}

func instanceLen(th *Thread, v, m Value) (int, error) {
	r, err := callMethod(th, v, m)
	if err != nil {
		return 0, err
	}
	n, ok := AsInt(r)
	if !ok {
		return 0, Errorf(TypeError, "'%s' object cannot be interpreted as an integer", r.Class().Name)
	}
	if n < 0 {
		return 0, Errorf(ValueError, "__len__() should return >= 0")
	}
	return int(n), nil
}

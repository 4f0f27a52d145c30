package runtime

import (
	"strings"
	"unicode"
)

// parts makes a list of strings.
func parts(th *Thread, ss []string) (Value, error) {
	if err := th.AllocMany(len(ss), 32); err != nil {
		return nil, err
	}
	vs := make([]Value, len(ss))
	for i, s := range ss {
		vs[i] = Str(s)
	}
	return NewList(vs...), nil
}

// separator reads split's arguments; sep is "" for white space.
func separator(a Args) (sep string, most int, err error) {
	if a.Vals[1] != None {
		if sep, err = wantStr("sep", a.Vals[1]); err != nil {
			return "", 0, Errorf(TypeError, "must be str or None, not %s", a.Vals[1].Class().Name)
		}
		if sep == "" {
			return "", 0, Errorf(ValueError, "empty separator")
		}
	}
	n, err := Index(a.Vals[2])
	return sep, int(n), err
}

func strSplit(th *Thread, a Args) (Value, error) {
	sep, most, err := separator(a)
	if err != nil {
		return nil, err
	}
	s := selfStr(a.Vals[0])
	if sep != "" {
		if err := th.AllocMany(strings.Count(s, sep)+1, 16); err != nil {
			return nil, err
		}
		if most < 0 {
			return parts(th, strings.Split(s, sep))
		}
		return parts(th, strings.SplitN(s, sep, most+1))
	}
	if err := th.AllocMany(len(s), 8); err != nil {
		return nil, err
	}
	if most < 0 {
		return parts(th, strings.Fields(s))
	}
	var out []string
	for s = strings.TrimLeftFunc(s, unicode.IsSpace); s != ""; s = strings.TrimLeftFunc(s, unicode.IsSpace) {
		i := strings.IndexFunc(s, unicode.IsSpace)
		if i < 0 || len(out) == most {
			out = append(out, s)
			break
		}
		out, s = append(out, s[:i]), s[i:]
	}
	return parts(th, out)
}

func strRSplit(th *Thread, a Args) (Value, error) {
	sep, most, err := separator(a)
	if err != nil {
		return nil, err
	}
	if most < 0 {
		return strSplit(th, a)
	}
	s := selfStr(a.Vals[0])
	if err := th.AllocMany(len(s), 8); err != nil {
		return nil, err
	}
	var out []string
	for len(out) < most {
		if sep == "" {
			s = strings.TrimRightFunc(s, unicode.IsSpace)
		}
		i, n := strings.LastIndex(s, sep), len(sep)
		if sep == "" {
			if i = strings.LastIndexFunc(s, unicode.IsSpace); i >= 0 {
				n = runeLen(s[i:])
			}
		}
		if i < 0 {
			break
		}
		out, s = append(out, s[i+n:]), s[:i]
	}
	if sep == "" {
		s = strings.TrimRightFunc(s, unicode.IsSpace)
	}
	if sep != "" || strings.TrimSpace(s) != "" {
		out = append(out, s)
	}
	for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
		out[i], out[j] = out[j], out[i]
	}
	return parts(th, out)
}

func strSplitLines(th *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	keep, err := Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	if err := th.Alloc(len(s)); err != nil {
		return nil, err
	}
	var out []string
	for s != "" {
		i := strings.IndexAny(s, "\n\r\v\f\x1c\x1d\x1e\u0085\u2028\u2029")
		if i < 0 {
			out = append(out, s)
			break
		}
		end := i + runeLen(s[i:])
		if s[i] == '\r' && end < len(s) && s[end] == '\n' {
			end++
		}
		if keep {
			out = append(out, s[:end])
		} else {
			out = append(out, s[:i])
		}
		s = s[end:]
	}
	return parts(th, out)
}

func strPartition(_ *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	sep, err := partSeparator(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if before, after, ok := strings.Cut(s, sep); ok {
		return NewTuple(Str(before), Str(sep), Str(after)), nil
	}
	return NewTuple(Str(s), Str(""), Str("")), nil
}

func strRPartition(_ *Thread, a Args) (Value, error) {
	s := selfStr(a.Vals[0])
	sep, err := partSeparator(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if i := strings.LastIndex(s, sep); i >= 0 {
		return NewTuple(Str(s[:i]), Str(sep), Str(s[i+len(sep):])), nil
	}
	return NewTuple(Str(""), Str(""), Str(s)), nil
}

func partSeparator(v Value) (string, error) {
	sep, ok := AsStr(v)
	if !ok {
		return "", Errorf(TypeError, "must be str, not %s", v.Class().Name)
	}
	if sep == "" {
		return "", Errorf(ValueError, "empty separator")
	}
	return sep, nil
}

func strJoin(th *Thread, a Args) (Value, error) {
	sep := selfStr(a.Vals[0])
	var items []Value
	switch v := a.Vals[1].(type) {
	case *List:
		items = v.Items()
	case *Tuple:
		items = v.Items
	default:
		var err error
		if items, err = Collect(th, v); err != nil {
			if e := asException(err); e.IsA(TypeError) && len(e.trace) == 0 {
				return nil, Errorf(TypeError, "can only join an iterable")
			}
			return nil, err
		}
	}
	size := len(sep) * max(0, len(items)-1)
	for i, v := range items {
		s, ok := AsStr(v)
		if !ok {
			return nil, Errorf(TypeError, "sequence item %d: expected str instance, %s found", i, v.Class().Name)
		}
		size += len(s)
	}
	if err := th.Alloc(size); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.Grow(size)
	for i, v := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(selfStr(v))
	}
	return Str(b.String()), nil
}

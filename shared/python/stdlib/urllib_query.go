package stdlib

import (
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// formEncoder makes the parts of a query string.
type formEncoder struct {
	th                   *thread
	safe, encoding, errs value
	via                  value // nil is quote_plus
	out                  strings.Builder
}

func (f *formEncoder) quoted(v value) (string, error) {
	_, isBytes := bytesOf(v)
	if !isBytes {
		s, err := runtime.ToStr(f.th, v)
		if err != nil {
			return "", err
		}
		v = runtime.Str(s)
	}
	var q value
	var err error
	switch {
	case f.via == nil && isBytes:
		q, err = quotePlus(f.th, v, f.safe, runtime.None, runtime.None)
	case f.via == nil:
		q, err = quotePlus(f.th, v, f.safe, f.encoding, f.errs)
	case isBytes:
		q, err = runtime.Call(f.th, f.via, v, f.safe)
	default:
		q, err = runtime.Call(f.th, f.via, v, f.safe, f.encoding, f.errs)
	}
	if err != nil {
		return "", err
	}
	s, ok := runtime.AsStr(q)
	if !ok {
		return "", runtime.Errorf(runtime.TypeError, "quote_via must return str, not %s", q.Class().Name)
	}
	return s, nil
}

func (f *formEncoder) add(key string, v value) error {
	text, err := f.quoted(v)
	if err != nil {
		return err
	}
	if f.out.Len() > 0 {
		f.out.WriteByte('&')
	}
	f.out.WriteString(key)
	f.out.WriteByte('=')
	f.out.WriteString(text)
	return f.th.Alloc(len(key) + len(text) + 2)
}

// addAll adds a parameter for each item of a sequence, and one for any other value.
func (f *formEncoder) addAll(key string, v value) error {
	_, isBytes := bytesOf(v)
	_, isText := runtime.AsStr(v)
	if isBytes || isText {
		return f.add(key, v)
	}
	if _, err := runtime.Len(f.th, v); err != nil {
		if !runtime.AsException(err).IsA(runtime.TypeError) {
			return err
		}
		return f.add(key, v)
	}
	return runtime.Iterate(f.th, v, func(item value) error { return f.add(key, item) })
}

// pairsOf is what urlencode iterates: the items of a mapping, or a sequence of pairs.
func pairsOf(th *thread, query value) (value, error) {
	items, err := runtime.Find(th, query, "items")
	if err != nil {
		return nil, err
	}
	if items != nil {
		return runtime.Call(th, items)
	}
	refuse := func(cause error) error {
		e := runtime.Errorf(runtime.TypeError, "not a valid non-string sequence or mapping object")
		if cause != nil {
			e.Cause = runtime.AsException(cause)
		}
		return e
	}
	n, err := runtime.Len(th, query)
	if err == nil && n > 0 {
		var first value
		if first, err = runtime.GetItem(th, query, runtime.NewInt(0)); err == nil {
			if _, ok := runtime.Data(first).(*runtime.Tuple); !ok {
				err = runtime.NewException(runtime.TypeError)
			}
		}
	}
	if err != nil {
		if runtime.AsException(err).IsA(runtime.TypeError) {
			return nil, refuse(err)
		}
		return nil, err
	}
	return query, nil
}

func urlencode(th *thread, a args) (value, error) {
	pairs, err := pairsOf(th, a.Vals[0])
	if err != nil {
		return nil, err
	}
	doseq, err := runtime.Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	f := formEncoder{th: th, safe: a.Vals[2], encoding: a.Vals[3], errs: a.Vals[4], via: a.Vals[5]}
	err = runtime.Iterate(th, pairs, func(pair value) error {
		var kv [2]value
		if err := runtime.Unpack(th, pair, kv[:], -1); err != nil {
			return err
		}
		key, err := f.quoted(kv[0])
		if err != nil {
			return err
		}
		if doseq {
			return f.addAll(key, kv[1])
		}
		return f.add(key, kv[1])
	})
	return runtime.Str(f.out.String()), err
}

// parsePairs reads a query string; what went in as bytes comes out as bytes.
func parsePairs(th *thread, a args) ([][2]value, error) {
	qs, isBytes := bytesOf(a.Vals[0])
	if isBytes && !isASCII(qs) {
		_, err := runtime.CallAttr(th, runtime.Bytes(qs), "decode", runtime.Str("ascii"), runtime.Str("strict"))
		return nil, err
	}
	if !isBytes {
		var err error
		if qs, err = wantURL(a.Vals[0]); err != nil {
			return nil, err
		}
	}
	sep, ok := runtime.AsStr(a.Vals[6])
	if !ok {
		sep, _ = bytesOf(a.Vals[6])
	}
	if sep == "" {
		return nil, runtime.Errorf(runtime.ValueError, "Separator must be of type string or bytes.")
	}
	blank, err := runtime.Truth(th, a.Vals[1])
	if err != nil {
		return nil, err
	}
	strict, err := runtime.Truth(th, a.Vals[2])
	if err != nil {
		return nil, err
	}
	if a.Vals[5] != runtime.None {
		most, err := runtime.Index(a.Vals[5])
		if err != nil {
			return nil, err
		}
		if fields := int64(strings.Count(qs, sep) + 1); qs != "" && most < fields || most < 0 {
			return nil, runtime.Errorf(runtime.ValueError, "Max number of fields exceeded")
		}
	}
	if qs == "" {
		return nil, nil
	}
	if err := th.AllocMany(strings.Count(qs, sep)+1, 64); err != nil {
		return nil, err
	}
	var out [][2]value
	for field := range strings.SplitSeq(qs, sep) {
		if err := th.Step(); err != nil {
			return nil, err
		}
		name, text, found := strings.Cut(field, "=")
		switch {
		case field == "" && !strict:
			continue
		case !found && strict:
			return nil, runtime.Errorf(runtime.ValueError, "bad query field: %s", shown(runtime.Str(field)))
		case !found && !blank, text == "" && !blank:
			continue
		}
		pair, err := decodePair(th, a, isBytes, name, text)
		if err != nil {
			return nil, err
		}
		out = append(out, pair)
	}
	return out, nil
}

func decodePair(th *thread, a args, isBytes bool, parts ...string) (pair [2]value, err error) {
	for i, s := range parts {
		pair[i], err = unquoteValue(th, runtime.Str(strings.ReplaceAll(s, "+", " ")), a.Vals[3], a.Vals[4])
		if err != nil {
			return pair, err
		}
		if isBytes {
			if pair[i], err = runtime.CallAttr(th, pair[i], "encode", runtime.Str("ascii"), runtime.Str("strict")); err != nil {
				return pair, err
			}
		}
	}
	return pair, nil
}

func parseQS(th *thread, a args) (value, error) {
	pairs, err := parsePairs(th, a)
	if err != nil {
		return nil, err
	}
	d := runtime.NewDict()
	for _, p := range pairs {
		old, err := d.Get(th, p[0])
		if err != nil {
			return nil, err
		}
		if l, ok := old.(*runtime.List); ok {
			err = l.Push(th, p[1])
		} else {
			err = d.Set(th, p[0], runtime.NewList(p[1]))
		}
		if err != nil {
			return nil, err
		}
	}
	return d, nil
}

package scenario

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// pairs calls add for each key and value of a mapping, or of a list of pairs.
func (b *requestBuilder) pairs(what string, v runtime.Value, add func(key, value runtime.Value) error) {
	if b.err != nil {
		return
	}
	if d, ok := v.(*runtime.Dict); ok {
		for k, v := range d.All() {
			if b.err = add(k, v); b.err != nil {
				return
			}
		}
		return
	}
	list, ok := b.entries(v)
	if !ok {
		b.fail(runtime.TypeError, "%s must be a dict or a list of pairs, not %s", what, v.Class().Name)
	}
	for _, item := range list {
		pair, ok := b.items(item)
		if !ok || len(pair) != 2 {
			b.fail(runtime.TypeError, "%s must be a dict or a list of pairs, which %s is not", what, kind(item))
			return
		}
		if b.err = add(pair[0], pair[1]); b.err != nil {
			return
		}
	}
}

// isMapping reports whether a value is a dict, or has items as one.
func isMapping(th *runtime.Thread, v runtime.Value) bool {
	if _, ok := v.(*runtime.Dict); ok {
		return true
	}
	method, err := runtime.Find(th, v, "items")
	return err == nil && method != nil
}

// entries are the pairs of a mapping that is no plain dict, or the items of a list.
func (b *requestBuilder) entries(v runtime.Value) (items []runtime.Value, ok bool) {
	if !isMapping(b.th, v) {
		return b.items(v)
	}
	pairs, err := runtime.CallAttr(b.th, v, "items")
	if err == nil {
		items, err = runtime.Collect(b.th, pairs)
	}
	b.err = err
	return items, err == nil
}

// items are those of a list or tuple; ok is false for anything else.
func (b *requestBuilder) items(v runtime.Value) (items []runtime.Value, ok bool) {
	switch v.(type) {
	case *runtime.List, *runtime.Tuple:
		items, b.err = runtime.Collect(b.th, v)
		return items, b.err == nil
	}
	return nil, false
}

// A query is what a form or the query of a URL holds, encoded as it grows.
type query struct {
	th   *runtime.Thread
	text strings.Builder
}

func (q *query) add(key, value string) error {
	if err := q.th.Alloc(len(key) + len(value)); err != nil {
		return err
	}
	if q.text.Len() > 0 {
		q.text.WriteByte('&')
	}
	q.text.WriteString(url.QueryEscape(key) + "=" + url.QueryEscape(value))
	return nil
}

// form encodes the pairs of a mapping; a list or tuple repeats its key.
func (b *requestBuilder) form(v runtime.Value) string {
	q := query{th: b.th}
	b.pairs("data", v, func(k, v runtime.Value) error {
		key, err := b.formText(k)
		if err != nil {
			return err
		}
		return b.each(v, func(value string) error { return q.add(key, value) })
	})
	return q.text.String()
}

// each calls add with the text of a value, or of each item of a list or tuple.
func (b *requestBuilder) each(v runtime.Value, add func(value string) error) error {
	one := func(v runtime.Value) error {
		s, err := b.formText(v)
		if err != nil {
			return err
		}
		return add(s)
	}
	switch v.(type) {
	case *runtime.List, *runtime.Tuple:
		return runtime.Iterate(b.th, v, one)
	}
	return one(v)
}

// params encodes params= as httpx does: the values of one key stand together, at its
// first place.
func (b *requestBuilder) params(v runtime.Value) string {
	var keys []string
	values := map[string][]string{}
	add := func(key, value string) {
		if _, known := values[key]; !known {
			keys = append(keys, key)
		}
		values[key] = append(values[key], value)
	}
	switch text := runtime.Data(v).(type) {
	case runtime.Str:
		parseQuery(string(text), add)
	case runtime.Bytes:
		parseQuery(string(text), add)
	default:
		b.pairParams(v, add)
	}
	q := query{th: b.th}
	for _, key := range keys {
		for _, value := range values[key] {
			if b.err == nil {
				b.err = q.add(key, value)
			}
		}
	}
	return q.text.String()
}

// pairParams adds the pairs of a mapping, whose lists repeat their key, or of a list.
func (b *requestBuilder) pairParams(v runtime.Value, add func(key, value string)) {
	mapping := isMapping(b.th, v)
	b.pairs("params", v, func(k, v runtime.Value) error {
		key, err := runtime.ToStr(b.th, k)
		if err != nil {
			return err
		}
		if mapping {
			return b.each(v, func(value string) error { add(key, value); return nil })
		}
		value, err := b.formText(v)
		add(key, value)
		return err
	})
}

// parseQuery takes the query of a URL apart.
func parseQuery(text string, add func(key, value string)) {
	unescape := func(s string) string {
		if plain, err := url.QueryUnescape(s); err == nil {
			return plain
		}
		return strings.ReplaceAll(s, "+", " ")
	}
	for part := range strings.SplitSeq(text, "&") {
		if part != "" {
			key, value, _ := strings.Cut(part, "=")
			add(unescape(key), unescape(value))
		}
	}
}

// formText writes a value as httpx does in forms and queries.
func (b *requestBuilder) formText(v runtime.Value) (string, error) {
	switch v := v.(type) {
	case runtime.NoneType:
		return "", nil
	case runtime.Bool:
		return strconv.FormatBool(bool(v)), nil
	}
	return runtime.ToStr(b.th, v)
}

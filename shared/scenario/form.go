package scenario

import (
	"net/url"
	"strconv"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// pairs calls add for each key and value of a dict, or of a list of pairs.
func (b *requestBuilder) pairs(what string, v runtime.Value, add func(key, value runtime.Value) error) {
	if d, ok := v.(*runtime.Dict); ok {
		for k, v := range d.All() {
			if b.err = add(k, v); b.err != nil {
				return
			}
		}
		return
	}
	list, ok := b.items(v)
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

// items are those of a list or tuple; ok is false for anything else.
func (b *requestBuilder) items(v runtime.Value) (items []runtime.Value, ok bool) {
	switch v.(type) {
	case *runtime.List, *runtime.Tuple:
		items, b.err = runtime.Collect(b.th, v)
		return items, b.err == nil
	}
	return nil, false
}

// form encodes pairs as the query of a URL; a list or tuple repeats its key.
func (b *requestBuilder) form(what string, v runtime.Value) string {
	var out strings.Builder
	add := func(key string, v runtime.Value) error {
		s, err := b.formText(v)
		if err != nil {
			return err
		}
		if out.Len() > 0 {
			out.WriteByte('&')
		}
		out.WriteString(url.QueryEscape(key) + "=" + url.QueryEscape(s))
		return nil
	}
	b.pairs(what, v, func(k, v runtime.Value) error {
		key, err := b.formText(k)
		if err != nil {
			return err
		}
		switch v.(type) {
		case *runtime.List, *runtime.Tuple:
			return runtime.Iterate(b.th, v, func(item runtime.Value) error { return add(key, item) })
		}
		return add(key, v)
	})
	return out.String()
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

package scenario

import (
	"iter"
	"strings"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// headers are the header fields of a response. Names are found whatever their case;
// a name that came more than once has its values joined by commas.
type headers struct {
	fields []Field
}

var headersClass = runtime.NewNativeClass("loadpilot", "Headers", runtime.Members{
	"get":    runtime.NewNative("get(self, key, default=None)", getHeader),
	"keys":   headersMethod("keys(self)", func(f Field) runtime.Value { return runtime.Str(strings.ToLower(f.Name)) }),
	"values": headersMethod("values(self)", func(f Field) runtime.Value { return runtime.Str(f.Value) }),
	"items": headersMethod("items(self)", func(f Field) runtime.Value {
		return runtime.NewTuple(runtime.Str(strings.ToLower(f.Name)), runtime.Str(f.Value))
	}),
})

// Class implements runtime.Value.
func (*headers) Class() *runtime.Class { return headersClass }

// collectHeaders copies what a response offers.
func collectHeaders(all iter.Seq2[string, string]) *headers {
	h := &headers{}
	if all == nil {
		return h
	}
	for name, value := range all {
		if at := h.find(name); at != nil {
			at.Value += ", " + value
		} else {
			h.fields = append(h.fields, Field{strings.Clone(name), strings.Clone(value)})
		}
	}
	return h
}

func (h *headers) find(name string) *Field {
	for i := range h.fields {
		if equalFold(h.fields[i].Name, name) {
			return &h.fields[i]
		}
	}
	return nil
}

// lookup finds the value for a key, nil when absent.
func (h *headers) lookup(key runtime.Value) runtime.Value {
	if name, ok := runtime.AsStr(key); ok {
		if f := h.find(name); f != nil {
			return runtime.Str(f.Value)
		}
	}
	return nil
}

// GetItem is headers[key].
func (h *headers) GetItem(_ *runtime.Thread, key runtime.Value) (runtime.Value, error) {
	if v := h.lookup(key); v != nil {
		return v, nil
	}
	return nil, runtime.NewException(runtime.KeyError, key)
}

// Contains is `key in headers`.
func (h *headers) Contains(_ *runtime.Thread, key runtime.Value) (bool, error) {
	return h.lookup(key) != nil, nil
}

// Len is len(headers).
func (h *headers) Len() int { return len(h.fields) }

// Iter goes through the names, in lower case.
func (h *headers) Iter(th *runtime.Thread) (runtime.Iterator, error) {
	return runtime.Iter(th, h.list(func(f Field) runtime.Value { return runtime.Str(strings.ToLower(f.Name)) }))
}

// Repr is how scripts print headers.
func (h *headers) Repr(th *runtime.Thread) (string, error) {
	s, err := runtime.Repr(th, h.dict())
	return "Headers(" + s + ")", err
}

func (h *headers) list(of func(Field) runtime.Value) *runtime.List {
	out := runtime.NewList()
	for _, f := range h.fields {
		out.Append(of(f))
	}
	return out
}

// dict is a new dict of the fields.
func (h *headers) dict() *runtime.Dict {
	d := runtime.NewDict()
	for _, f := range h.fields {
		d.SetStr(strings.ToLower(f.Name), runtime.Str(f.Value))
	}
	return d
}

func getHeader(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
	if v := a.Vals[0].(*headers).lookup(a.Vals[1]); v != nil { //nolint:forcetypeassert // the engine checks self
		return v, nil
	}
	return a.Vals[2], nil
}

func headersMethod(signature string, of func(Field) runtime.Value) *runtime.Native {
	return runtime.NewNative(signature, func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return a.Vals[0].(*headers).list(of), nil //nolint:forcetypeassert // the engine checks self
	})
}

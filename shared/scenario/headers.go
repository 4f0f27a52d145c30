package scenario

import (
	"iter"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// headers is httpx.Headers: header fields whose names are found whatever their case. The
// values of a name that stands there more than once are joined by commas. Users may
// share one.
type headers struct {
	mu     sync.Mutex
	fields []Field
}

var headersClass = runtime.Constructor(runtime.NewNativeClass("httpx", "Headers", runtime.Members{
	"get":         runtime.NewNative("get(self, key, default=None)", withHeaders((*headers).getOr)),
	"get_list":    runtime.NewNative("get_list(self, key, split_commas=False)", withHeaders((*headers).getList)),
	"pop":         runtime.NewNative("pop(self, key, default=, /)", withHeaders((*headers).pop)),
	"setdefault":  runtime.NewNative("setdefault(self, key, default=None)", withHeaders((*headers).setDefault)),
	"update":      runtime.NewNative("update(self, headers=None)", withHeaders((*headers).updateWith)),
	"clear":       runtime.NewNative("clear(self)", withHeaders((*headers).clear)),
	"copy":        runtime.NewNative("copy(self)", withHeaders((*headers).copy)),
	"keys":        headersView("keys"),
	"values":      headersView("values"),
	"items":       headersView("items"),
	"multi_items": headersList("multi_items", func(s string) runtime.Value { return runtime.Str(s) }, strings.ToLower),
	"raw": runtime.Attribute("raw", func(_ *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return self.(*headers).list(func(s string) runtime.Value { return runtime.Bytes(s) }, strings.Clone), nil //nolint:forcetypeassert // the engine checks self
	}, nil),
}), makeHeaders)

// Class implements runtime.Value.
func (*headers) Class() *runtime.Class { return headersClass }

func makeHeaders(th *runtime.Thread, _ *runtime.Class, a runtime.Args) (runtime.Value, error) {
	vals := []runtime.Value{nil, nil}
	if err := headersSignature.Bind("Headers", a, vals); err != nil {
		return nil, err
	}
	h := &headers{}
	err := h.update(th, vals[0])
	return h, err
}

var headersSignature = runtime.NewSignature("Headers", "headers=None, encoding=None")

// withHeaders is a method of Go as one of Python.
func withHeaders(call func(*headers, *runtime.Thread, []runtime.Value) (runtime.Value, error)) runtime.NativeFunc {
	return func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return call(a.Vals[0].(*headers), th, a.Vals[1:]) //nolint:forcetypeassert // the engine checks self
	}
}

// collectHeaders copies what a response offers.
func collectHeaders(all iter.Seq2[string, string]) *headers {
	h := &headers{}
	if all != nil {
		for name, value := range all {
			h.fields = append(h.fields, Field{strings.Clone(name), strings.Clone(value)})
		}
	}
	return h
}

// newField makes a header field of a script's values, in which httpx takes ASCII alone.
func newField(th *runtime.Thread, name, value runtime.Value) (Field, error) {
	if n, ok := name.(runtime.Str); ok && isToken(string(n)) {
		if v, ok := value.(runtime.Str); ok && isPlainValue(string(v)) {
			return Field{string(n), string(v)}, nil
		}
	}
	n, err := headerText(th, "name", name)
	if err != nil {
		return Field{}, err
	}
	v, err := headerText(th, "value", value)
	switch {
	case err != nil:
		return Field{}, err
	case !isToken(n):
		return Field{}, illegal(th, "name", n)
	case !isFieldValue(v):
		return Field{}, illegal(th, "value", v)
	}
	return Field{n, v}, nil
}

func headerText(th *runtime.Thread, part string, v runtime.Value) (string, error) {
	switch text := runtime.Data(v).(type) {
	case runtime.Str:
		if !isASCII(string(text)) {
			_, err := runtime.CallAttr(th, text, "encode", runtime.Str("ascii"))
			return "", err
		}
		return string(text), nil
	case runtime.Bytes:
		return string(text), nil
	}
	class, err := runtime.Repr(th, v.Class())
	if err != nil {
		return "", err
	}
	return "", runtime.Errorf(runtime.TypeError, "Header %s must be str or bytes, not %s", part, class)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func illegal(th *runtime.Thread, part, text string) error {
	repr, err := runtime.Repr(th, runtime.Bytes(text))
	if err != nil {
		return err
	}
	return runtime.Errorf(localProtocol, "Illegal header %s %s", part, repr)
}

// inToken tells which bytes may stand in the name of a header field.
var inToken = printable("\"(),/:;<=>?@[\\]{}")

// isToken reports whether a text may be the name of a header field.
func isToken(s string) bool {
	for i := range len(s) {
		if !inToken[s[i]] {
			return false
		}
	}
	return s != ""
}

// isFieldValue reports whether a text may be the value of a header field.
func isFieldValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c == '\r' || c == '\n' || c == 0 {
			return false
		}
	}
	return s == "" || !isBlank(s[0]) && !isBlank(s[len(s)-1])
}

// isPlainValue reports whether a text is the value of a header field and in ASCII, with nothing to look at twice.
func isPlainValue(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' {
			return false
		}
	}
	return s == "" || s[0] != ' ' && s[len(s)-1] != ' '
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// all is a copy of the fields.
func (h *headers) all() []Field {
	h.mu.Lock()
	defer h.mu.Unlock()
	return slices.Clone(h.fields)
}

// values are those of a name.
func (h *headers) values(name string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, f := range h.fields {
		if equalFold(f.Name, name) {
			out = append(out, f.Value)
		}
	}
	return out
}

// get is the value for a name.
func (h *headers) get(name string) (value string, ok bool) {
	values := h.values(name)
	return strings.Join(values, ", "), len(values) > 0
}

// set gives a name one value, at the place of the first it had.
func (h *headers) set(f Field) {
	h.mu.Lock()
	defer h.mu.Unlock()
	at := slices.IndexFunc(h.fields, func(g Field) bool { return equalFold(f.Name, g.Name) })
	if at < 0 {
		h.fields = append(h.fields, f)
		return
	}
	h.fields = append(h.fields[:at+1:at+1], without(slices.Clone(h.fields[at+1:]), f.Name)...)
	h.fields[at] = f
}

// drop removes a name and reports whether it was there.
func (h *headers) drop(name string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	before := len(h.fields)
	h.fields = without(slices.Clone(h.fields), name)
	return len(h.fields) < before
}

// update takes over fields in any of the forms that httpx takes.
func (h *headers) update(th *runtime.Thread, v runtime.Value) error {
	if !given(v) {
		return nil
	}
	b := requestBuilder{th: th}
	fields := b.fields(v, nil)
	if b.err != nil {
		return b.err
	}
	if err := th.AllocMany(len(fields), 48); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	kept := slices.Clone(h.fields)
	for _, f := range fields {
		kept = without(kept, f.Name)
	}
	h.fields = slices.Concat(kept, fields)
	return nil
}

// replace takes the fields of o instead of its own.
func (h *headers) replace(o *headers) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fields = o.fields
}

func (h *headers) getOr(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	if name, ok := runtime.AsStr(args[0]); ok {
		if value, ok := h.get(name); ok {
			return runtime.Str(value), nil
		}
	}
	return args[1], nil
}

func (h *headers) getList(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	name, _ := runtime.AsStr(args[0])
	split, err := runtime.Truth(th, args[1])
	if err != nil {
		return nil, err
	}
	out := runtime.NewList()
	for _, value := range h.values(name) {
		if !split {
			out.Append(runtime.Str(value))
			continue
		}
		for part := range strings.SplitSeq(value, ",") {
			out.Append(runtime.Str(strings.TrimSpace(part)))
		}
	}
	return out, nil
}

func (h *headers) pop(_ *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	if name, ok := runtime.AsStr(args[0]); ok {
		if value, ok := h.get(name); ok {
			h.drop(name)
			return runtime.Str(value), nil
		}
	}
	if args[1] == nil {
		return nil, runtime.NewException(runtime.KeyError, args[0])
	}
	return args[1], nil
}

func (h *headers) setDefault(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	if name, ok := runtime.AsStr(args[0]); ok {
		if value, ok := h.get(name); ok {
			return runtime.Str(value), nil
		}
	}
	return args[1], h.SetItem(th, args[0], args[1])
}

func (h *headers) updateWith(th *runtime.Thread, args []runtime.Value) (runtime.Value, error) {
	return runtime.None, h.update(th, args[0])
}

func (h *headers) clear(*runtime.Thread, []runtime.Value) (runtime.Value, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fields = nil
	return runtime.None, nil
}

func (h *headers) copy(*runtime.Thread, []runtime.Value) (runtime.Value, error) {
	return &headers{fields: h.all()}, nil
}

// GetItem is headers[key].
func (h *headers) GetItem(_ *runtime.Thread, key runtime.Value) (runtime.Value, error) {
	if name, ok := runtime.AsStr(key); ok {
		if value, ok := h.get(name); ok {
			return runtime.Str(value), nil
		}
	}
	return nil, runtime.NewException(runtime.KeyError, key)
}

// SetItem is headers[key] = value.
func (h *headers) SetItem(th *runtime.Thread, key, value runtime.Value) error {
	f, err := newField(th, key, value)
	if err == nil {
		err = th.Alloc(len(f.Name) + len(f.Value) + 32)
	}
	if err == nil {
		h.set(f)
	}
	return err
}

// DelItem is del headers[key].
func (h *headers) DelItem(_ *runtime.Thread, key runtime.Value) error {
	if name, ok := runtime.AsStr(key); ok && h.drop(name) {
		return nil
	}
	return runtime.NewException(runtime.KeyError, key)
}

// Contains is `key in headers`.
func (h *headers) Contains(_ *runtime.Thread, key runtime.Value) (bool, error) {
	name, ok := runtime.AsStr(key)
	if ok {
		_, ok = h.get(name)
	}
	return ok, nil
}

// Len is len(headers).
func (h *headers) Len() int { return len(h.all()) }

// Iter goes through the names, in lower case.
func (h *headers) Iter(th *runtime.Thread) (runtime.Iterator, error) {
	return runtime.Iter(th, h.dict())
}

// CompareTo is headers == other, which may be of any form that httpx takes.
func (h *headers) CompareTo(th *runtime.Thread, op runtime.CmpOp, other runtime.Value) (runtime.Value, error) {
	if op != runtime.Eq {
		return nil, nil
	}
	o := &headers{}
	if err := o.update(th, other); err != nil {
		return runtime.False, nil //nolint:nilerr // what makes no headers equals none
	}
	key := func(a, b Field) int { return strings.Compare(a.Name+"\x00"+a.Value, b.Name+"\x00"+b.Value) }
	sorted := func(fields []Field) []Field {
		for i := range fields {
			fields[i].Name = strings.ToLower(fields[i].Name)
		}
		slices.SortFunc(fields, key)
		return fields
	}
	return runtime.NewBool(slices.Equal(sorted(h.all()), sorted(o.all()))), nil
}

// Repr is how scripts print headers. As in httpx it keeps credentials to itself.
func (h *headers) Repr(th *runtime.Thread) (string, error) {
	fields := h.all()
	d, list := runtime.NewDict(), runtime.NewList()
	for _, f := range fields {
		name, value := runtime.Str(strings.ToLower(f.Name)), runtime.Str(f.Value)
		if name == "authorization" || name == "proxy-authorization" {
			value = "[secure]"
		}
		d.SetStr(string(name), value)
		list.Append(runtime.NewTuple(name, value))
	}
	var shown runtime.Value = d
	if d.Len() < len(fields) {
		shown = list
	}
	s, err := runtime.Repr(th, shown)
	return "Headers(" + s + ")", err
}

// dict is a new dict of the fields.
func (h *headers) dict() *runtime.Dict {
	d := runtime.NewDict()
	for _, f := range h.all() {
		name := strings.ToLower(f.Name)
		if have, ok := d.GetStr(name).(runtime.Str); ok {
			d.SetStr(name, have+", "+runtime.Str(f.Value))
		} else {
			d.SetStr(name, runtime.Str(f.Value))
		}
	}
	return d
}

// list is the fields as pairs.
func (h *headers) list(of func(string) runtime.Value, name func(string) string) *runtime.List {
	out := runtime.NewList()
	for _, f := range h.all() {
		out.Append(runtime.NewTuple(of(name(f.Name)), of(f.Value)))
	}
	return out
}

func headersList(method string, of func(string) runtime.Value, name func(string) string) *runtime.Native {
	return runtime.NewNative(method+"(self)", withHeaders(func(h *headers, _ *runtime.Thread, _ []runtime.Value) (runtime.Value, error) {
		return h.list(of, name), nil
	}))
}

func headersView(method string) *runtime.Native {
	return runtime.NewNative(method+"(self)", withHeaders(func(h *headers, th *runtime.Thread, _ []runtime.Value) (runtime.Value, error) {
		return runtime.CallAttr(th, h.dict(), method)
	}))
}

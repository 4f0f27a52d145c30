package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// mappingProxy is a read-only view of a dict.
type mappingProxy struct{ d *runtime.Dict }

var mappingProxyClass = runtime.NewNativeClass("builtins", "mappingproxy", proxyMembers())

// proxyMembers are the methods of dict that only read.
func proxyMembers() runtime.Members {
	m := runtime.Members{"__hash__": runtime.None}
	for _, name := range []string{"keys", "values", "items", "get", "copy", "__contains__", "__len__", "__iter__", "__getitem__"} {
		m[name] = runtime.NewRaw(name, func(th *thread, a args) (value, error) {
			fn, err := runtime.GetAttr(th, a.Vals[0].(*mappingProxy).d, name)
			if err != nil {
				return nil, err
			}
			return runtime.CallArgs(th, fn, args{Vals: a.Vals[1:], Names: a.Names})
		})
	}
	return m
}

// Class implements runtime.Value.
func (*mappingProxy) Class() *runtime.Class { return mappingProxyClass }

// PublishTo implements runtime.Container.
func (p *mappingProxy) PublishTo(queue []value) []value { return append(queue, p.d) }

// GetItem is p[key].
func (p *mappingProxy) GetItem(th *thread, key value) (value, error) {
	return runtime.GetItem(th, p.d, key)
}

// Iter yields the keys.
func (p *mappingProxy) Iter(th *thread) (runtime.Iterator, error) { return runtime.Iter(th, p.d) }

// Len is the number of entries.
func (p *mappingProxy) Len() int { return p.d.Len() }

// Contains is key in p.
func (p *mappingProxy) Contains(th *thread, key value) (bool, error) {
	return runtime.Contains(th, p.d, key)
}

// CompareTo implements runtime.Comparer.
func (p *mappingProxy) CompareTo(th *thread, op runtime.CmpOp, other value) (value, error) {
	if op != runtime.Eq {
		return nil, nil
	}
	if o, ok := other.(*mappingProxy); ok {
		other = o.d
	}
	same, err := runtime.Equal(th, p.d, other)
	return runtime.NewBool(same), err
}

// Str is the dict's.
func (p *mappingProxy) Str(th *thread) (string, error) { return runtime.ToStr(th, p.d) }

// Repr shows the dict.
func (p *mappingProxy) Repr(th *thread) (string, error) {
	s, err := runtime.Repr(th, p.d)
	return "mappingproxy(" + s + ")", err
}

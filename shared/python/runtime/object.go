package runtime

// Object is an instance of a script's class. Its attributes stand in slots whose
// positions the class knows.
type Object struct {
	guard
	class  *Class
	fields []Value
	extra  *Dict // attributes beyond maxFields
	native Value // the data of a built-in type the class inherits from
}

// NewObject makes an instance without calling __init__.
func NewObject(c *Class) *Object { return &Object{class: c} }

// Class implements Value.
func (o *Object) Class() *Class { return o.class }

// object gives the attribute storage of any instance, nil for other values.
func object(v Value) *Object {
	switch v := v.(type) {
	case *Object:
		return v
	case *Exception:
		return &v.Object
	}
	return nil
}

// at is field i, nil when unset.
func (o *Object) at(i int) (v Value) {
	o.lock()
	if i < len(o.fields) {
		v = o.fields[i]
	}
	o.unlock()
	return v
}

// get is the instance's own attribute, nil when unset.
func (o *Object) get(name string) Value {
	if i, ok := o.class.shape().fields[name]; ok {
		return o.at(i)
	}
	o.lock()
	extra := o.extra
	o.unlock()
	if extra != nil {
		return extra.GetStr(name)
	}
	return nil
}

// put sets field i.
func (o *Object) put(i int, v Value) {
	if o.shared() {
		publish(v)
	}
	o.lock()
	for len(o.fields) <= i {
		if o.fields == nil {
			o.fields = make([]Value, 0, max(4, i+1))
		}
		o.fields = append(o.fields, nil)
	}
	o.fields[i] = v
	o.unlock()
}

// set sets the instance's own attribute.
func (o *Object) set(name string, v Value) {
	if i := o.class.field(name); i >= 0 {
		o.put(i, v)
		return
	}
	o.lock()
	if o.extra == nil {
		o.extra = NewDict()
		if o.shared() {
			publish(o.extra)
		}
	}
	extra := o.extra
	o.unlock()
	extra.SetStr(name, v)
}

// remove deletes the instance's own attribute and tells whether it was set.
func (o *Object) remove(name string) bool {
	if i, ok := o.class.shape().fields[name]; ok {
		o.lock()
		defer o.unlock()
		if i >= len(o.fields) || o.fields[i] == nil {
			return false
		}
		o.fields[i] = nil
		return true
	}
	return o.extra != nil && o.extra.deleteStr(name)
}

// mirror sets the attribute that a key of the instance's __dict__ names; nil removes it.
func (o *Object) mirror(key, v Value) {
	name, ok := AsStr(key)
	switch {
	case !ok:
	case v == nil:
		o.remove(name)
	default:
		o.set(name, v)
	}
}

// attributes is a snapshot of the instance's own attributes.
func (o *Object) attributes() *Dict {
	d := NewDict()
	fields := o.class.shape().fields
	names := make([]string, len(fields))
	for name, i := range fields {
		names[i] = name
	}
	for i, name := range names {
		if v := o.at(i); v != nil {
			d.SetStr(name, v)
		}
	}
	if o.extra != nil {
		for _, e := range o.extra.snapshot() {
			d.SetStr(string(e.key.(Str)), e.val)
		}
	}
	return d
}

func (o *Object) publishTo(queue []Value) []Value {
	if !o.share() {
		return queue
	}
	queue = append(queue, o.class)
	for _, v := range o.fields {
		if v != nil {
			queue = append(queue, v)
		}
	}
	if o.extra != nil {
		queue = append(queue, o.extra)
	}
	if o.native != nil {
		queue = append(queue, o.native)
	}
	return queue
}

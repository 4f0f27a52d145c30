package stdlib

import (
	"sync"
	"sync/atomic"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// lruCache is the data of a cached function. The table is in the order of use; a
// shared one has its lock, and two users that miss at once both call the function.
type lruCache struct {
	class        *runtime.Class
	fn           value
	maxsize      int64 // -1: unbounded
	typed        bool
	table        *runtime.Dict
	hits, misses atomic.Int64
}

// Class implements runtime.Value.
func (c *lruCache) Class() *runtime.Class { return c.class }

// PublishTo implements runtime.Container.
func (c *lruCache) PublishTo(queue []value) []value { return append(queue, c.fn, c.table) }

// keywordMark separates positional from keyword arguments in a key.
var keywordMark value = runtime.NewObject(runtime.ObjectClass)

// key is one value for all arguments.
func (c *lruCache) key(th *thread, a args) (value, error) {
	if len(a.Vals) == 1 && len(a.Names) == 0 && !c.typed {
		switch v := a.Vals[0].(type) {
		case runtime.Int, runtime.Str, *runtime.BigInt:
			return v, nil
		}
	}
	if err := th.AllocMany(2*len(a.Vals)+len(a.Names)+1, 16); err != nil {
		return nil, err
	}
	parts := append([]value(nil), a.Pos()...)
	if len(a.Names) > 0 {
		parts = append(parts, keywordMark)
		for i, n := range a.Names {
			parts = append(parts, runtime.Str(n), a.Vals[a.NPos()+i])
		}
	}
	if c.typed {
		for _, v := range a.Vals {
			parts = append(parts, v.Class())
		}
	}
	return runtime.NewTuple(parts...), nil
}

func (c *lruCache) call(th *thread, a args) (value, error) {
	if c.maxsize == 0 {
		c.misses.Add(1)
		return runtime.CallArgs(th, c.fn, a)
	}
	key, err := c.key(th, a)
	if err != nil {
		return nil, err
	}
	v, err := c.table.Get(th, key)
	if err != nil {
		return nil, err
	}
	if v != nil {
		c.hits.Add(1)
		if c.maxsize > 0 {
			_, err = c.table.Move(th, key, true)
		}
		return v, err
	}
	c.misses.Add(1)
	if v, err = runtime.CallArgs(th, c.fn, a); err != nil {
		return nil, err
	}
	if _, err := c.table.SetDefault(th, key, v); err != nil {
		return nil, err
	}
	for c.maxsize > 0 && int64(c.table.Len()) > c.maxsize {
		c.table.Pop(false)
	}
	return v, nil
}

// addCaches adds lru_cache and cache.
func addCaches(m runtime.Members) {
	of := func(v value) *lruCache { return runtime.Data(v).(*lruCache) }
	info, err := newNamedTuple("functools", "CacheInfo", []string{"hits", "misses", "maxsize", "currsize"}, nil)
	if err != nil {
		panic(err) // the names are right
	}
	size := func(c *lruCache) value {
		if c.maxsize < 0 {
			return runtime.None
		}
		return runtime.NewInt(c.maxsize)
	}
	class := runtime.NewFrozenClass("functools", "functools._lru_cache_wrapper", nil, members(
		runtime.NewRaw("__call__", func(th *thread, a args) (value, error) {
			return of(a.Vals[0]).call(th, args{Vals: a.Vals[1:], Names: a.Names})
		}),
		define("__get__(self, obj, cls=None, /)", func(_ *thread, a args) (value, error) {
			if a.Vals[1] == runtime.None {
				return a.Vals[0], nil
			}
			return &runtime.BoundMethod{Self: a.Vals[1], Fn: a.Vals[0]}, nil
		}),
		define("cache_info(self, /)", func(th *thread, a args) (value, error) {
			c := of(a.Vals[0])
			return runtime.Call(th, info, runtime.NewInt(c.hits.Load()), runtime.NewInt(c.misses.Load()), size(c), runtime.NewInt(int64(c.table.Len())))
		}),
		define("cache_clear(self, /)", func(_ *thread, a args) (value, error) {
			c := of(a.Vals[0])
			c.table.Clear()
			c.hits.Store(0)
			c.misses.Store(0)
			return runtime.None, nil
		}),
		define("cache_parameters(self, /)", func(_ *thread, a args) (value, error) {
			d := runtime.NewDict()
			d.SetStr("maxsize", size(of(a.Vals[0])))
			d.SetStr("typed", runtime.NewBool(of(a.Vals[0]).typed))
			return d, nil
		}),
		define("__copy__(self, /)", func(_ *thread, a args) (value, error) { return a.Vals[0], nil }),
		define("__deepcopy__(self, memo, /)", func(_ *thread, a args) (value, error) { return a.Vals[0], nil }),
	))
	wrap := func(th *thread, fn value, maxsize int64, typed bool) (value, error) {
		if !runtime.Callable(fn) {
			return nil, runtime.Errorf(runtime.TypeError, "the first argument must be callable")
		}
		v := runtime.Instance(class, &lruCache{class: class, fn: fn, maxsize: maxsize, typed: typed, table: runtime.NewDict()})
		return v, updateWrapper(th, v, fn, nil, nil)
	}
	m["cache"] = define("cache(user_function)", func(th *thread, a args) (value, error) { return wrap(th, a.Vals[0], -1, false) })
	m["lru_cache"] = define("lru_cache(maxsize=128, typed=False)", func(th *thread, a args) (value, error) {
		typed, err := runtime.Truth(th, a.Vals[1])
		if err != nil {
			return nil, err
		}
		maxsize := int64(-1)
		if n, ok := runtime.AsInt(a.Vals[0]); ok {
			maxsize = max(n, 0)
		} else if runtime.Callable(a.Vals[0]) {
			return wrap(th, a.Vals[0], 128, typed)
		} else if a.Vals[0] != runtime.None {
			return nil, runtime.Errorf(runtime.TypeError, "Expected first argument to be an integer, a callable, or None")
		}
		return define("decorating_function(user_function)", func(th *thread, a args) (value, error) {
			return wrap(th, a.Vals[0], maxsize, typed)
		}), nil
	})
}

// cachedProperty is the data of a cached_property: computed once for an instance.
type cachedProperty struct {
	class *runtime.Class
	fn    value
	mu    sync.Mutex // guards name
	name  string
}

// Class implements runtime.Value.
func (p *cachedProperty) Class() *runtime.Class { return p.class }

// PublishTo implements runtime.Container.
func (p *cachedProperty) PublishTo(queue []value) []value { return append(queue, p.fn) }

// called sets the name under which the class has the property.
func (p *cachedProperty) called(name string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.name != "" && p.name != name {
		return runtime.Errorf(runtime.TypeError, "Cannot assign the same cached_property to two different names (%s and %s).",
			runtime.Quote(p.name), runtime.Quote(name))
	}
	p.name = name
	return nil
}

func (p *cachedProperty) attribute() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.name
}

func newCachedPropertyClass() *runtime.Class {
	of := func(v value) *cachedProperty { return runtime.Data(v).(*cachedProperty) }
	class := runtime.NewFrozenClass("functools", "functools.cached_property", nil, members(
		define("__set_name__(self, owner, name, /)", func(_ *thread, a args) (value, error) {
			name, _ := runtime.AsStr(a.Vals[2])
			return runtime.None, of(a.Vals[0]).called(name)
		}),
		define("__get__(self, obj, cls=None, /)", func(th *thread, a args) (value, error) {
			self, obj := of(a.Vals[0]), a.Vals[1]
			if obj == runtime.None {
				return a.Vals[0], nil
			}
			name := self.attribute()
			if name == "" {
				return nil, runtime.Errorf(runtime.TypeError, "Cannot use cached_property instance without calling __set_name__ on it.")
			}
			if d, err := runtime.Find(th, obj, "__dict__"); d == nil || err != nil {
				if err == nil {
					err = runtime.Errorf(runtime.TypeError, "No '__dict__' attribute on %s instance to cache %s property.",
						runtime.Quote(obj.Class().Name), runtime.Quote(name))
				}
				return nil, err
			}
			v, err := runtime.Call(th, self.fn, obj)
			if err != nil {
				return nil, err
			}
			if first := runtime.OwnAttribute(obj, name); first != nil { // another thread was faster
				return first, nil
			}
			return v, runtime.SetOwn(th, obj, name, v)
		}),
	))
	runtime.DefineMembers(class, runtime.Members{
		"func": &runtime.Getter{Name: "func", Get: func(_ *thread, v value) (value, error) { return of(v).fn, nil }},
		"attrname": &runtime.Getter{Name: "attrname", Get: func(_ *thread, v value) (value, error) {
			if n := of(v).attribute(); n != "" {
				return runtime.Str(n), nil
			}
			return runtime.None, nil
		}},
	})
	return runtime.Constructor(class, func(_ *thread, cls *runtime.Class, a args) (value, error) {
		vals := make([]value, 2)
		err := runtime.NewSignature("__init__", "self, func").Bind("cached_property.__init__", args{Vals: append([]value{cls}, a.Vals...), Names: a.Names}, vals)
		return runtime.Instance(cls, &cachedProperty{class: class, fn: vals[1]}), err
	})
}

// dispatcher is the data of a singledispatch function: one function for each class
// of the first argument.
type dispatcher struct {
	class *runtime.Class
	name  string
	table *runtime.Dict
}

// Class implements runtime.Value.
func (d *dispatcher) Class() *runtime.Class { return d.class }

// PublishTo implements runtime.Container.
func (d *dispatcher) PublishTo(queue []value) []value { return append(queue, d.table) }

// find is the function for a class.
func (d *dispatcher) find(th *thread, c *runtime.Class) (value, error) {
	for _, k := range c.MRO() {
		if fn, err := d.table.Get(th, k); fn != nil || err != nil {
			return fn, err
		}
		if k == runtime.ObjectClass {
			break
		}
	}
	return d.table.Get(th, runtime.ObjectClass)
}

func newSingleDispatch() value {
	of := func(v value) *dispatcher { return runtime.Data(v).(*dispatcher) }
	class := runtime.NewFrozenClass("builtins", "function", nil, members(
		runtime.NewRaw("__call__", func(th *thread, a args) (value, error) {
			d := of(a.Vals[0])
			if a.NPos() < 2 {
				return nil, runtime.Errorf(runtime.TypeError, "%s requires at least 1 positional argument", d.name)
			}
			fn, err := d.find(th, a.Vals[1].Class())
			if err != nil {
				return nil, err
			}
			return runtime.CallArgs(th, fn, args{Vals: a.Vals[1:], Names: a.Names})
		}),
		define("register(self, cls, func=None)", func(th *thread, a args) (value, error) {
			d := of(a.Vals[0])
			c, ok := a.Vals[1].(*runtime.Class)
			if !ok {
				text, err := runtime.Repr(th, a.Vals[1])
				if err != nil {
					return nil, err
				}
				return nil, runtime.Errorf(runtime.TypeError, "Invalid first argument to `register()`: %s. "+
					"Use either `@register(some_class)` or plain `@register` on an annotated function.", text)
			}
			if a.Vals[2] != runtime.None {
				return a.Vals[2], d.table.Set(th, c, a.Vals[2])
			}
			return define("register(func)", func(th *thread, a args) (value, error) { return a.Vals[0], d.table.Set(th, c, a.Vals[0]) }), nil
		}),
		define("dispatch(self, cls, /)", func(th *thread, a args) (value, error) {
			c, ok := a.Vals[1].(*runtime.Class)
			if !ok {
				c = a.Vals[1].Class()
			}
			return of(a.Vals[0]).find(th, c)
		}),
	))
	runtime.DefineMembers(class, runtime.Members{
		"registry": &runtime.Getter{Name: "registry", Get: func(_ *thread, v value) (value, error) { return &mappingProxy{of(v).table}, nil }},
	})
	return define("singledispatch(func)", func(th *thread, a args) (value, error) {
		d := &dispatcher{class: class, name: "singledispatch function", table: runtime.NewDict()}
		if n, err := runtime.Find(th, a.Vals[0], "__name__"); err == nil {
			if s, ok := n.(runtime.Str); ok {
				d.name = string(s)
			}
		}
		v := runtime.Instance(class, d)
		if err := d.table.Set(th, runtime.ObjectClass, a.Vals[0]); err != nil {
			return nil, err
		}
		return v, updateWrapper(th, v, a.Vals[0], nil, nil)
	})
}

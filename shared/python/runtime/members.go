package runtime

import (
	"math"
	"math/big"
	"slices"
	"strings"
)

func objectMembers() Members {
	return Members{
		"__init__":    objectInit,
		"__setattr__": objectSetAttr,
		"__class__":   &Getter{Name: "__class__", Get: func(_ *Thread, v Value) (Value, error) { return v.Class(), nil }},
		"__dict__": getter("__dict__", func(th *Thread, v Value) (Value, error) {
			switch t := v.(type) {
			case *Class:
				d := NewDict()
				for _, n := range t.Names() {
					if m := t.Own(n); m != nil {
						d.SetStr(n, m)
					}
				}
				return d, nil
			case *Function:
				return t.attributes(), nil
			}
			if o := object(v); o != nil && !o.class.builtin && o.class.slots == nil {
				var err error
				if o.class.perUser {
					if o, err = th.own(o); err != nil {
						return nil, err
					}
				}
				d := o.attributes()
				d.owner = o
				return d, th.work(d.live)
			}
			return nil, noAttribute(v, "__dict__")
		}),
		"__doc__": &Getter{Name: "__doc__", Get: func(_ *Thread, v Value) (Value, error) {
			switch t := v.(type) {
			case *Class:
				if d := t.Own("__doc__"); d != nil {
					return d, nil
				}
			case *Function:
				if t.Code.Doc != nil {
					return t.Code.Doc, nil
				}
			case *Object:
				if d := t.get("__doc__"); d != nil {
					return d, nil
				}
			}
			return None, nil
		}, set: func(_ *Thread, self, v Value) error {
			o := object(self)
			if o == nil || o.class.builtin {
				return Errorf(AttributeError, "'%s' object attribute '__doc__' is read-only", self.Class().Name)
			}
			o.set("__doc__", v)
			return nil
		}},
		"__init_subclass__": &ClassMethod{NewRaw("__init_subclass__", func(_ *Thread, a Args) (Value, error) {
			if len(a.Names) > 0 {
				return nil, Errorf(TypeError, "%s.__init_subclass__() takes no keyword arguments", a.Vals[0].(*Class).Name)
			}
			return None, nil
		})},
	}
}

// objectInit accepts what __new__ let through; its identity tells that a class has
// no __init__ of its own.
var objectInit = NewRaw("__init__", func(_ *Thread, a Args) (Value, error) {
	if len(a.Vals) > 1 && a.Vals[0].Class().Lookup("__new__") == nil {
		return nil, Errorf(TypeError, "%s.__init__() takes exactly one argument (the instance to initialize)", a.Vals[0].Class().Name)
	}
	return None, nil
})

var objectSetAttr = NewNative("__setattr__(self, name, value, /)", func(th *Thread, a Args) (Value, error) {
	name, err := wantStr("attribute name", a.Vals[1])
	if err != nil {
		return nil, err
	}
	o := object(a.Vals[0])
	if o == nil {
		return nil, noAttribute(a.Vals[0], name)
	}
	return None, (*AttrCache)(nil).store(th, a.Vals[0], o, name, a.Vals[2])
})

func classGetter(name string, get func(c *Class) Value) *Getter {
	return getter(name, func(_ *Thread, v Value) (Value, error) { return get(v.(*Class)), nil })
}

func classTuple(cs []*Class) Value {
	vs := make([]Value, len(cs))
	for i, c := range cs {
		vs[i] = c
	}
	return NewTuple(vs...)
}

func typeMembers() Members {
	return Members{
		"__name__":     classGetter("__name__", func(c *Class) Value { return Str(c.BareName()) }),
		"__qualname__": classGetter("__qualname__", func(c *Class) Value { return Str(c.qual) }),
		"__module__":   classGetter("__module__", func(c *Class) Value { return Str(c.Module) }),
		"__bases__":    classGetter("__bases__", func(c *Class) Value { return classTuple(c.bases) }),
		"__base__": classGetter("__base__", func(c *Class) Value {
			if len(c.bases) == 0 {
				return None
			}
			return c.bases[0]
		}),
		"__mro__":             classGetter("__mro__", func(c *Class) Value { return classTuple(c.mro) }),
		"__abstractmethods__": getter("__abstractmethods__", abstractMethods),
		"mro": NewNative("mro(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewList(classTuple(a.Vals[0].(*Class).mro).(*Tuple).Items...), nil
		}),
		"__subclasses__": NewNative("__subclasses__(self, /)", func(_ *Thread, a Args) (Value, error) {
			c := a.Vals[0].(*Class)
			c.mu.Lock()
			defer c.mu.Unlock()
			out := NewList()
			for _, p := range c.subs {
				if s := p.Value(); s != nil && slices.Contains(s.bases, c) {
					out.Append(s)
				}
			}
			return out, nil
		}),
		"__or__": NewNative("__or__(self, other, /)", func(_ *Thread, a Args) (Value, error) { return newUnion(a.Vals[0], a.Vals[1]), nil }),
	}
}

func intMembers() Members {
	same := func(_ *Thread, v Value) (Value, error) { return NewBigInt(AsBig(v)), nil }
	return Members{
		"bit_length": NewNative("bit_length(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewInt(int64(AsBig(a.Vals[0]).BitLen())), nil
		}),
		"bit_count": NewNative("bit_count(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewInt(int64(strings.Count(AsBig(a.Vals[0]).Text(2), "1"))), nil
		}),
		"to_bytes": NewNative("to_bytes(self, length=1, byteorder='big', *, signed=False)", intToBytes),
		"from_bytes": &StaticMethod{NewNative("from_bytes(bytes, byteorder='big', *, signed=False)", func(_ *Thread, a Args) (Value, error) {
			s, err := wantBytes(a.Vals[0])
			if err != nil {
				return nil, err
			}
			b := []byte(s)
			switch order, _ := AsStr(a.Vals[1]); order {
			case "big":
			case "little":
				slices.Reverse(b)
			default:
				return nil, Errorf(ValueError, "byteorder must be either 'little' or 'big'")
			}
			n := new(big.Int).SetBytes(b)
			if a.Vals[2] == True && len(b) > 0 && b[0]&0x80 != 0 {
				n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(b)*8)))
			}
			return NewBigInt(n), nil
		})},
		"conjugate": NewNative("conjugate(self, /)", func(_ *Thread, a Args) (Value, error) { return NewBigInt(AsBig(a.Vals[0])), nil }),
		"real":      getter("real", same), "numerator": getter("numerator", same),
		"imag":        getter("imag", func(*Thread, Value) (Value, error) { return NewInt(0), nil }),
		"denominator": getter("denominator", func(*Thread, Value) (Value, error) { return NewInt(1), nil }),
		"as_integer_ratio": NewNative("as_integer_ratio(self, /)", func(_ *Thread, a Args) (Value, error) {
			return NewTuple(NewBigInt(AsBig(a.Vals[0])), NewInt(1)), nil
		}),
	}
}

func intToBytes(th *Thread, a Args) (Value, error) {
	n := AsBig(a.Vals[0])
	size, err := Index(a.Vals[1])
	if err != nil {
		return nil, err
	}
	if size < 0 {
		return nil, Errorf(ValueError, "length argument must be non-negative")
	}
	if err := th.Alloc(int(min(size, math.MaxInt32*64))); err != nil {
		return nil, err
	}
	signed := a.Vals[3] == True
	if n.Sign() < 0 && !signed {
		return nil, Errorf(OverflowError, "can't convert negative int to unsigned")
	}
	limit := int(size) * 8
	if signed {
		limit--
	}
	if n.Sign() >= 0 && n.BitLen() > limit || n.Sign() < 0 && new(big.Int).Not(n).BitLen() > limit {
		return nil, Errorf(OverflowError, "int too big to convert")
	}
	if n.Sign() < 0 {
		n = new(big.Int).Add(n, new(big.Int).Lsh(big.NewInt(1), uint(size*8)))
	}
	b := n.FillBytes(make([]byte, size))
	switch order, _ := AsStr(a.Vals[2]); order {
	case "big":
	case "little":
		slices.Reverse(b)
	default:
		return nil, Errorf(ValueError, "byteorder must be either 'little' or 'big'")
	}
	return Bytes(b), nil
}

func floatMembers() Members {
	return Members{
		"is_integer": NewNative("is_integer(self, /)", func(_ *Thread, a Args) (Value, error) {
			f, _ := AsFloat(a.Vals[0])
			return NewBool(f == math.Trunc(f) && !math.IsInf(f, 0)), nil
		}),
		"as_integer_ratio": NewNative("as_integer_ratio(self, /)", func(_ *Thread, a Args) (Value, error) {
			f, _ := AsFloat(a.Vals[0])
			r := new(big.Rat).SetFloat64(f)
			if math.IsNaN(f) {
				return nil, Errorf(ValueError, "cannot convert NaN to integer ratio")
			}
			if r == nil {
				return nil, Errorf(OverflowError, "cannot convert Infinity to integer ratio")
			}
			return NewTuple(NewBigInt(r.Num()), NewBigInt(r.Denom())), nil
		}),
		"hex": NewNative("hex(self, /)", func(_ *Thread, a Args) (Value, error) {
			f, _ := AsFloat(a.Vals[0])
			return Str(floatHex(f)), nil
		}),
		"fromhex":   &ClassMethod{NewNative("fromhex(cls, string, /)", floatFromHex)},
		"conjugate": NewNative("conjugate(self, /)", func(_ *Thread, a Args) (Value, error) { return native(a.Vals[0]), nil }),
		"real":      getter("real", func(_ *Thread, v Value) (Value, error) { return native(v), nil }),
		"imag":      getter("imag", func(*Thread, Value) (Value, error) { return Float(0), nil }),
	}
}

func tupleMembers() Members { return sequenceMembers() }
func rangeMembers() Members {
	m := sequenceMembers()
	part := func(name string, pick func(*Range) int64) *Getter {
		return getter(name, func(_ *Thread, v Value) (Value, error) { return NewInt(pick(v.(*Range))), nil })
	}
	m["start"] = part("start", func(r *Range) int64 { return r.Start })
	m["stop"] = part("stop", func(r *Range) int64 { return r.Stop })
	m["step"] = part("step", func(r *Range) int64 { return r.Step })
	return m
}

// sequenceMembers are count and index.
func sequenceMembers() Members {
	return Members{
		"count": NewNative("count(self, value, /)", func(th *Thread, a Args) (Value, error) {
			n, want := int64(0), a.Vals[1]
			err := Iterate(th, native(a.Vals[0]), func(v Value) error {
				same, err := Equal(th, v, want)
				if same {
					n++
				}
				return err
			})
			return NewInt(n), err
		}),
		"index": NewNative("index(self, value, start=0, stop=9223372036854775807, /)", func(th *Thread, a Args) (Value, error) {
			self := native(a.Vals[0])
			items, err := Collect(th, self)
			if err != nil {
				return nil, err
			}
			start, step, n, err := (&Slice{a.Vals[2], a.Vals[3], None}).bounds(len(items))
			if err != nil {
				return nil, err
			}
			for i := start; i < start+n; i += step {
				if err := th.Step(); err != nil {
					return nil, err
				}
				same, err := Equal(th, items[i], a.Vals[1])
				if same || err != nil {
					return NewInt(int64(i)), err
				}
			}
			if _, ok := self.(*List); ok {
				text, err := Repr(th, a.Vals[1])
				if err != nil {
					return nil, err
				}
				return nil, Errorf(ValueError, "%s is not in list", text)
			}
			return nil, Errorf(ValueError, "tuple.index(x): x not in tuple")
		}),
	}
}

func sliceMembers() Members {
	part := func(name string, pick func(*Slice) Value) *Getter {
		return getter(name, func(_ *Thread, v Value) (Value, error) { return pick(v.(*Slice)), nil })
	}
	return Members{
		"start": part("start", func(s *Slice) Value { return s.Lo }),
		"stop":  part("stop", func(s *Slice) Value { return s.Hi }),
		"step":  part("step", func(s *Slice) Value { return s.Step }),
		"indices": NewNative("indices(self, length, /)", func(_ *Thread, a Args) (Value, error) {
			n, err := Index(a.Vals[1])
			if err != nil {
				return nil, err
			}
			start, step, count, err := a.Vals[0].(*Slice).bounds(int(n))
			return NewTuple(NewInt(int64(start)), NewInt(int64(start+count*step)), NewInt(int64(step))), err
		}),
	}
}

func functionMembers() Members {
	part := func(name string, pick func(*Function) Value) *Getter {
		return &Getter{Name: name, Get: func(_ *Thread, v Value) (Value, error) {
			fn := v.(*Function)
			if own := fn.attr(name); own != nil {
				return own, nil
			}
			return pick(fn), nil
		}}
	}
	return Members{
		"__name__":     part("__name__", func(fn *Function) Value { return Str(fn.Code.Name) }),
		"__qualname__": part("__qualname__", func(fn *Function) Value { return Str(fn.Code.QualName) }),
		"__module__":   part("__module__", func(fn *Function) Value { return Str(fn.Globals.Name) }),
		"__defaults__": part("__defaults__", func(fn *Function) Value {
			if len(fn.Defaults) == 0 {
				return None
			}
			return NewTuple(fn.Defaults...)
		}),
	}
}

func methodMembers() Members {
	through := func(name string) *Getter {
		return getter(name, func(th *Thread, v Value) (Value, error) { return GetAttr(th, v.(*BoundMethod).Fn, name) })
	}
	return Members{
		"__self__": getter("__self__", func(_ *Thread, v Value) (Value, error) { return v.(*BoundMethod).Self, nil }),
		"__func__": getter("__func__", func(_ *Thread, v Value) (Value, error) { return v.(*BoundMethod).Fn, nil }),
		"__name__": through("__name__"), "__qualname__": through("__qualname__"),
		"__getattr__": NewNative("__getattr__(self, name, /)", func(th *Thread, a Args) (Value, error) {
			return GetAttr(th, a.Vals[0].(*BoundMethod).Fn, selfStr(a.Vals[1]))
		}),
	}
}

func nativeMembers() Members {
	of := func(v Value) *Native {
		if m, ok := v.(*BoundMethod); ok {
			v = m.Fn
		}
		return v.(*Native)
	}
	return Members{
		"__name__":     getter("__name__", func(_ *Thread, v Value) (Value, error) { return Str(of(v).Name), nil }),
		"__qualname__": getter("__qualname__", func(_ *Thread, v Value) (Value, error) { return Str(of(v).qualName()), nil }),
		"__module__": getter("__module__", func(_ *Thread, v Value) (Value, error) {
			if m := of(v).module; m != "" {
				return Str(m), nil
			}
			return Str("builtins"), nil
		}),
		"__self__": getter("__self__", func(_ *Thread, v Value) (Value, error) {
			if m, ok := v.(*BoundMethod); ok {
				return m.Self, nil
			}
			return None, nil
		}),
	}
}

func propertyMembers() Members {
	with := func(name string, change func(p *Property, fn Value)) *Native {
		return NewNative(name+"(self, fn, /)", func(_ *Thread, a Args) (Value, error) {
			p := *a.Vals[0].(*Property)
			change(&p, a.Vals[1])
			return &p, nil
		})
	}
	return Members{
		"getter":  with("getter", func(p *Property, fn Value) { p.get = fn }),
		"setter":  with("setter", func(p *Property, fn Value) { p.set = fn }),
		"deleter": with("deleter", func(p *Property, fn Value) { p.del = fn }),
		"fget":    getter("fget", func(_ *Thread, v Value) (Value, error) { return v.(*Property).get, nil }),
		"fset":    getter("fset", func(_ *Thread, v Value) (Value, error) { return v.(*Property).set, nil }),
		"fdel":    getter("fdel", func(_ *Thread, v Value) (Value, error) { return v.(*Property).del, nil }),
		"__doc__": getter("__doc__", func(th *Thread, v Value) (Value, error) {
			p := v.(*Property)
			if p.doc != None || p.get == None {
				return p.doc, nil
			}
			return GetAttr(th, p.get, "__doc__")
		}),
	}
}

func generatorMembers() Members {
	return Members{
		"send": NewNative("send(self, value, /)", func(th *Thread, a Args) (Value, error) {
			return a.Vals[0].(*Generator).Send(th, a.Vals[1])
		}),
		"throw": NewRaw("throw", func(th *Thread, a Args) (Value, error) {
			if len(a.Vals) < 2 {
				return nil, Errorf(TypeError, "throw expected at least 1 argument, got 0")
			}
			return a.Vals[0].(*Generator).Throw(th, RaiseValue(th, a.Vals[1]))
		}),
		"close": NewNative("close(self, /)", func(th *Thread, a Args) (Value, error) {
			return None, a.Vals[0].(*Generator).Close(th)
		}),
	}
}

// coroutineMembers let scripts drive a coroutine by hand, as an event loop would.
func coroutineMembers() Members {
	return Members{
		"send": NewNative("send(self, value, /)", func(th *Thread, a Args) (Value, error) {
			v, err := a.Vals[0].(*Coroutine).Await(th)
			if err != nil {
				return nil, err
			}
			stop := NewException(StopIteration)
			if v != None {
				stop.Args = []Value{v}
			}
			return nil, stop
		}),
		"close": NewNative("close(self, /)", func(_ *Thread, a Args) (Value, error) {
			a.Vals[0].(*Coroutine).used.Store(true)
			return None, nil
		}),
	}
}

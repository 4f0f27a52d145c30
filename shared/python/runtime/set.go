package runtime

// asSet views sets and the set-like views of dicts as a set.
func asSet(v Value) (*Set, bool) {
	switch v := v.(type) {
	case *Set:
		return v, true
	case *dictView:
		if v.kind != valuesView {
			s, err := v.asSet()
			return s, err == nil
		}
	}
	return nil, false
}

func subset(th *Thread, x, y *Set) bool {
	for _, m := range x.Members() {
		if ok, err := y.has(th, m); !ok || err != nil {
			return false
		}
	}
	return true
}

// setOp is the operators of sets; the result has the type of the left one.
func setOp(th *Thread, op Op, x, y *Set) (*Set, error) {
	out := NewSet(x.frozen)
	take := func(from, other *Set, want bool) error {
		for _, m := range from.Members() {
			has := false
			var err error
			if other != nil {
				has, err = other.has(th, m)
			}
			if err == nil && (other == nil || has == want) {
				err = out.add(th, m)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	var err error
	switch op {
	case Or:
		if err = take(x, nil, true); err == nil {
			err = take(y, nil, true)
		}
	case And:
		err = take(x, y, true)
	case Sub:
		err = take(x, y, false)
	default:
		if err = take(x, y, false); err == nil {
			err = take(y, x, false)
		}
	}
	return out, err
}

// assign replaces the members by those of other, which is given up.
func (s *Set) assign(other *Set) {
	for _, m := range other.Members() {
		if s.d.shared() {
			publish(m)
		}
	}
	s.d.lock()
	s.d.entries, s.d.index, s.d.live = other.d.entries, other.d.index, other.d.live
	s.d.unlock()
}

// hashSteps is the time of finding the place of a value in a table.
const hashSteps = 3

// setOf makes a set of what v yields.
func setOf(th *Thread, v Value, frozen bool) (*Set, error) {
	out := NewSet(frozen)
	err := Iterate(th, v, func(x Value) error {
		th.quota -= hashSteps
		return out.add(th, x)
	})
	return out, err
}

func makeSet(frozen bool) maker {
	name := "set"
	if frozen {
		name = "frozenset"
	}
	return func(th *Thread, cls *Class, a Args) (Value, error) {
		s := NewSet(frozen)
		if !cls.builtin && !frozen {
			return &Object{class: cls, native: s}, nil
		}
		if len(a.Names) > 0 {
			return nil, Errorf(TypeError, "%s() takes no keyword arguments", name)
		}
		if len(a.Vals) > 1 {
			return nil, Errorf(TypeError, "%s expected at most 1 argument, got %d", name, len(a.Vals))
		}
		if len(a.Vals) == 1 {
			var err error
			if s, err = setOf(th, a.Vals[0], frozen); err != nil {
				return nil, err
			}
		}
		if !cls.builtin {
			return &Object{class: cls, native: s}, nil
		}
		return s, nil
	}
}

func selfSet(v Value) *Set {
	s, _ := asSet(native(v))
	return s
}

// eachSet runs f for every argument, made a set.
func eachSet(th *Thread, args []Value, f func(*Set) error) error {
	for _, v := range args {
		s, ok := asSet(native(v))
		if !ok {
			var err error
			if s, err = setOf(th, v, true); err != nil {
				return err
			}
		}
		if err := f(s); err != nil {
			return err
		}
	}
	return nil
}

// setCombine is union and its like: a new set.
func setCombine(name string, op Op) *Native {
	return NewRaw(name, func(th *Thread, a Args) (Value, error) {
		out := selfSet(a.Vals[0])
		out, err := setOp(th, Or, out, NewSet(true))
		if err != nil {
			return nil, err
		}
		err = eachSet(th, a.Vals[1:], func(s *Set) (err error) {
			out, err = setOp(th, op, out, s)
			return err
		})
		return out, err
	})
}

// setChange is update and its like: in place.
func setChange(name string, op Op) *Native {
	return NewRaw(name, func(th *Thread, a Args) (Value, error) {
		self := selfSet(a.Vals[0])
		return None, eachSet(th, a.Vals[1:], func(s *Set) error {
			if op == Or {
				for _, m := range s.Members() {
					if err := self.add(th, m); err != nil {
						return err
					}
				}
				return nil
			}
			r, err := setOp(th, op, self, s)
			if err == nil {
				self.assign(r)
			}
			return err
		})
	})
}

// setTest is issubset and its like.
func setTest(name string, test func(th *Thread, x, y *Set) bool) *Native {
	return NewNative(name+"(self, other, /)", func(th *Thread, a Args) (Value, error) {
		var r bool
		err := eachSet(th, a.Vals[1:2], func(s *Set) error {
			r = test(th, selfSet(a.Vals[0]), s)
			return nil
		})
		return NewBool(r), err
	})
}

func frozenSetMembers() Members {
	return Members{
		"union": setCombine("union", Or), "intersection": setCombine("intersection", And),
		"difference": setCombine("difference", Sub), "symmetric_difference": setCombine("symmetric_difference", Xor),
		"issubset":   setTest("issubset", subset),
		"issuperset": setTest("issuperset", func(th *Thread, x, y *Set) bool { return subset(th, y, x) }),
		"isdisjoint": setTest("isdisjoint", func(th *Thread, x, y *Set) bool {
			for _, m := range x.Members() {
				if ok, err := y.has(th, m); ok || err != nil {
					return false
				}
			}
			return true
		}),
		"copy": NewNative("copy(self, /)", func(th *Thread, a Args) (Value, error) {
			return setOp(th, Or, selfSet(a.Vals[0]), NewSet(true))
		}),
	}
}

func setMembers() Members {
	m := frozenSetMembers()
	m["update"] = setChange("update", Or)
	m["intersection_update"] = setChange("intersection_update", And)
	m["difference_update"] = setChange("difference_update", Sub)
	m["symmetric_difference_update"] = setChange("symmetric_difference_update", Xor)
	m["add"] = NewNative("add(self, item, /)", func(th *Thread, a Args) (Value, error) {
		return None, selfSet(a.Vals[0]).add(th, a.Vals[1])
	})
	m["discard"] = NewNative("discard(self, item, /)", func(th *Thread, a Args) (Value, error) {
		_, err := selfSet(a.Vals[0]).d.Delete(th, a.Vals[1])
		return None, err
	})
	m["remove"] = NewNative("remove(self, item, /)", func(th *Thread, a Args) (Value, error) {
		v, err := selfSet(a.Vals[0]).d.Delete(th, a.Vals[1])
		if v == nil && err == nil {
			return nil, NewException(KeyError, a.Vals[1])
		}
		return None, err
	})
	m["pop"] = NewNative("pop(self, /)", func(_ *Thread, a Args) (Value, error) {
		k, _, ok := selfSet(a.Vals[0]).d.popLast()
		if !ok {
			return nil, NewException(KeyError, Str("pop from an empty set"))
		}
		return k, nil
	})
	m["clear"] = NewNative("clear(self, /)", func(_ *Thread, a Args) (Value, error) {
		selfSet(a.Vals[0]).d.Clear()
		return None, nil
	})
	m["__hash__"] = None
	m["__init__"] = NewRaw("__init__", func(th *Thread, a Args) (Value, error) {
		s := selfSet(a.Vals[0])
		s.d.Clear()
		if len(a.Vals) < 2 {
			return None, nil
		}
		return None, Iterate(th, a.Vals[1], func(x Value) error { return s.add(th, x) })
	})
	return m
}

package compiler

import (
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// target compiles the left side of an assignment.
func (c *function) target(t syntax.Expr) store {
	switch t := t.(type) {
	case *syntax.Name:
		set := c.assign(t.ID)
		if p, _ := c.where(t.ID); p != inClass {
			return set
		}
		at := c.span(t)
		return func(f *frame, v value) error {
			if err := set(f, v); err != nil { // a native base may refuse the name
				return f.Fail(err, at)
			}
			return nil
		}
	case *syntax.Attribute:
		of, at, name := c.expr(t.Value), c.span(t), t.Attr
		cache := &runtime.AttrCache{}
		return func(f *frame, v value) error {
			o, err := of(f)
			if err != nil {
				return err
			}
			if err := cache.Set(f.Thread, o, name, v); err != nil {
				return f.Fail(err, at)
			}
			return nil
		}
	case *syntax.Subscript:
		of, key, at := c.expr(t.Value), c.expr(t.Index), c.span(t)
		return func(f *frame, v value) error {
			o, err := of(f)
			if err != nil {
				return err
			}
			k, err := key(f)
			if err != nil {
				return err
			}
			if err := runtime.SetItem(f.Thread, o, k, v); err != nil {
				return f.Fail(err, at)
			}
			return nil
		}
	case *syntax.Tuple:
		return c.unpack(t, t.Elts)
	case *syntax.List:
		return c.unpack(t, t.Elts)
	}
	c.refuse(t, "cannot assign to this expression")
	return nil
}

func (c *function) unpack(t syntax.Expr, elts []syntax.Expr) store {
	stores, star, at := make([]store, len(elts)), -1, c.span(t)
	for i, e := range elts {
		if s, ok := e.(*syntax.Starred); ok {
			star, e = i, s.Value
		}
		stores[i] = c.target(e)
	}
	return func(f *frame, v value) error {
		parts := f.Thread.Reserve(len(stores))
		defer f.Thread.Release(parts)
		if err := runtime.Unpack(f.Thread, v, parts, star); err != nil {
			return f.Fail(err, at)
		}
		for i, s := range stores {
			if err := s(f, parts[i]); err != nil {
				return err
			}
		}
		return nil
	}
}

func (c *function) assignment(s *syntax.Assign) stmt {
	val := c.expr(s.Value)
	stores := make([]store, len(s.Targets))
	for i, t := range s.Targets {
		stores[i] = c.target(t)
	}
	if len(stores) == 1 {
		set := stores[0]
		return func(f *frame) (flow, error) {
			v, err := val(f)
			if err != nil {
				return next, err
			}
			return next, set(f, v)
		}
	}
	return func(f *frame) (flow, error) {
		v, err := val(f)
		if err != nil {
			return next, err
		}
		for _, set := range stores {
			if err := set(f, v); err != nil {
				return next, err
			}
		}
		return next, nil
	}
}

// augmented compiles `target op= value`: the target's parts are evaluated once.
func (c *function) augmented(s *syntax.AugAssign) stmt {
	val, at, op := c.expr(s.Value), c.span(s), runtime.Op(s.Op)
	change := func(f *frame, old value) (value, error) {
		v, err := val(f)
		if err != nil {
			return nil, err
		}
		if v, err = runtime.InPlace(f.Thread, op, old, v); err != nil {
			return nil, f.Fail(err, at)
		}
		return v, nil
	}
	switch t := s.Target.(type) {
	case *syntax.Attribute:
		return c.augmentAttribute(t, change)
	case *syntax.Subscript:
		return c.augmentItem(t, change)
	}
	name := s.Target.(*syntax.Name)
	load, set := c.load(name), c.assign(name.ID)
	return func(f *frame) (flow, error) {
		old, err := load(f)
		if err != nil {
			return next, err
		}
		v, err := change(f, old)
		if err != nil {
			return next, err
		}
		return next, set(f, v)
	}
}

func (c *function) augmentAttribute(t *syntax.Attribute, change func(*frame, value) (value, error)) stmt {
	of, at, name := c.expr(t.Value), c.span(t), t.Attr
	get, set := &runtime.AttrCache{}, &runtime.AttrCache{}
	return func(f *frame) (flow, error) {
		o, err := of(f)
		if err != nil {
			return next, err
		}
		old, err := get.Get(f.Thread, o, name)
		if err != nil {
			return next, f.Fail(err, at)
		}
		v, err := change(f, old)
		if err != nil {
			return next, err
		}
		if err := set.Set(f.Thread, o, name, v); err != nil {
			return next, f.Fail(err, at)
		}
		return next, nil
	}
}

func (c *function) augmentItem(t *syntax.Subscript, change func(*frame, value) (value, error)) stmt {
	of, key, at := c.expr(t.Value), c.expr(t.Index), c.span(t)
	return func(f *frame) (flow, error) {
		o, err := of(f)
		if err != nil {
			return next, err
		}
		k, err := key(f)
		if err != nil {
			return next, err
		}
		old, err := runtime.GetItem(f.Thread, o, k)
		if err != nil {
			return next, f.Fail(err, at)
		}
		v, err := change(f, old)
		if err != nil {
			return next, err
		}
		if err := runtime.SetItem(f.Thread, o, k, v); err != nil {
			return next, f.Fail(err, at)
		}
		return next, nil
	}
}

func (c *function) delete(s *syntax.Delete) stmt {
	var list []stmt
	var add func(t syntax.Expr)
	add = func(t syntax.Expr) {
		switch t := t.(type) {
		case *syntax.Name:
			list = append(list, c.remove(t))
		case *syntax.Attribute:
			of, at, name := c.expr(t.Value), c.span(t), t.Attr
			list = append(list, func(f *frame) (flow, error) {
				o, err := of(f)
				if err != nil {
					return next, err
				}
				if err := runtime.DelAttr(f.Thread, o, name); err != nil {
					return next, f.Fail(err, at)
				}
				return next, nil
			})
		case *syntax.Subscript:
			of, key, at := c.expr(t.Value), c.expr(t.Index), c.span(t)
			list = append(list, func(f *frame) (flow, error) {
				o, err := of(f)
				if err != nil {
					return next, err
				}
				k, err := key(f)
				if err != nil {
					return next, err
				}
				if err := runtime.DelItem(f.Thread, o, k); err != nil {
					return next, f.Fail(err, at)
				}
				return next, nil
			})
		case *syntax.Tuple:
			for _, e := range t.Elts {
				add(e)
			}
		case *syntax.List:
			for _, e := range t.Elts {
				add(e)
			}
		}
	}
	for _, t := range s.Targets {
		add(t)
	}
	return sequence(list)
}

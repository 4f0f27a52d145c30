package runtime

import (
	"maps"
	"slices"
	"strings"
)

// IsAbstract tells whether a class member stands for one that a class below must give.
func IsAbstract(v Value) bool {
	switch v := v.(type) {
	case *Function:
		return v.attr("__isabstractmethod__") == True
	case *Property:
		return IsAbstract(v.get) || IsAbstract(v.set) || IsAbstract(v.del)
	case *ClassMethod:
		return IsAbstract(v.Fn)
	case *StaticMethod:
		return IsAbstract(v.Fn)
	}
	return false
}

// SetAbstract finds the methods that a new class leaves abstract.
func SetAbstract(c *Class) {
	missing := map[string]bool{}
	for _, name := range c.abstract { // a native class's own
		missing[name] = true
	}
	for _, name := range c.Names() {
		if IsAbstract(c.Own(name)) {
			missing[name] = true
		}
	}
	for _, b := range c.bases {
		for _, name := range b.abstract {
			if IsAbstract(c.Lookup(name)) || c.inheritsAbstract(name) {
				missing[name] = true
			}
		}
	}
	c.abstract = slices.Sorted(maps.Keys(missing))
}

// Abstract makes a native class one that needs methods of the classes below it.
func (c *Class) Abstract(names ...string) *Class {
	c.abstract = slices.Sorted(slices.Values(names))
	return c
}

// inheritsAbstract tells whether the first class along the MRO that knows the method
// is one that only asks for it.
func (c *Class) inheritsAbstract(name string) bool {
	for _, k := range c.mro {
		if (k.builtin || k.frozen) && k != c && slices.Contains(k.abstract, name) && k.Own(name) == nil {
			return true
		}
		if k.Own(name) != nil {
			return false
		}
	}
	return true
}

// abstractMethods is the attribute of classes that may be abstract.
func abstractMethods(th *Thread, v Value) (Value, error) {
	c := v.(*Class)
	if c.Class() == TypeClass && len(c.abstract) == 0 {
		return nil, Errorf(AttributeError, "__abstractmethods__")
	}
	out := NewSet(true)
	for _, name := range c.abstract {
		if err := out.Add(th, Str(name)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (c *Class) errAbstract() error {
	return Errorf(TypeError, "Can't instantiate abstract class %s with abstract method%s %s",
		c.Name, plural(len(c.abstract)), strings.Join(c.abstract, ", "))
}

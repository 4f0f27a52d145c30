package stdlib

import "github.com/loadpilot/loadpilot/shared/python/runtime"

// newABC makes the abc module. Classes below ABC cannot be instantiated while a
// method is abstract.
func newABC(Host) *runtime.Module {
	m := members(define("abstractmethod(funcobj)", func(th *thread, a args) (value, error) {
		return a.Vals[0], runtime.SetAttr(th, a.Vals[0], "__isabstractmethod__", runtime.True)
	}))
	m["ABC"] = runtime.NewFrozenClass("abc", "ABC", nil, nil).SetHooks(abstractHooks())
	return runtime.NewModule("abc", m)
}

// abstractHooks finds what each class below leaves abstract.
func abstractHooks() runtime.Hooks {
	return runtime.Hooks{
		Meta: runtime.NewType("abc", "ABCMeta", runtime.TypeClass, nil, nil),
		Subclassed: func(_ *thread, c *runtime.Class) error {
			runtime.SetAbstract(c)
			return nil
		},
	}
}

package runtime

// What tools need that look at a program without running it.

// Misfit is the TypeError with which fn would refuse these arguments, whatever they are;
// nil if it takes them, or if only the call can tell.
func Misfit(fn Value, a Args) error {
	switch fn := fn.(type) {
	case *Native:
		if fn.sig != nil {
			return fn.sig.Bind(fn.title(), a, make([]Value, len(fn.sig.params)))
		}
	case *Function:
		return fn.bind(NewThread(Limits{}), a, make([]Value, max(fn.Code.NLocals, len(fn.Code.Params)+2)))
	case *BoundMethod:
		a.Vals = append([]Value{fn.Self}, a.Vals...)
		return Misfit(fn.Fn, a)
	}
	return nil
}

// Parameters are the names by which arguments can be given to fn, as far as they are known.
func Parameters(fn Value) []string {
	switch fn := fn.(type) {
	case *Native:
		if fn.sig != nil {
			return fn.sig.params[fn.sig.posOnly:]
		}
	case *Function:
		return fn.Code.Params[fn.Code.PosOnly:]
	}
	return nil
}

// Nearest is the candidate that a mistyped name was probably meant to be, "" if none is
// near: the one that CPython suggests.
func Nearest(name string, candidates []string) string { return nearest(name, candidates) }

package runtime

// AsyncGenerator is what a call of an async function with yields makes. Its awaits
// happen within the body, so that it is a generator whose steps are awaited.
type AsyncGenerator struct{ steps Generator }

// Class implements Value.
func (*AsyncGenerator) Class() *Class { return asyncGeneratorClass }

func (g *AsyncGenerator) publishTo(queue []Value) []Value { return g.steps.publishTo(queue) }

// next gives the next value, nil at the end.
func (g *AsyncGenerator) next(th *Thread, sent Value, thrown error) (Value, error) {
	v, err := g.steps.Resume(th, sent, thrown)
	if err == nil {
		return v, nil
	}
	e := asException(err)
	if e.class == ValueError && e.untraced() {
		return nil, Errorf(RuntimeError, "anext(): asynchronous generator is already running")
	}
	if thrown == nil && e.IsA(StopAsyncIteration) {
		wrapped := Errorf(RuntimeError, "async generator raised StopAsyncIteration")
		wrapped.Cause, wrapped.Context, wrapped.trace = e, e, e.points()
		return nil, wrapped
	}
	return nil, err
}

// stepBytes is what the coroutine of a step takes.
const stepBytes = 96

// step is the coroutine of one call of __anext__, asend or athrow.
func (g *AsyncGenerator) step(sent Value, thrown error) Value {
	return NewCoroutine("async_generator_asend", func(th *Thread) (Value, error) {
		v, err := g.next(th, sent, thrown)
		if v == nil && err == nil {
			err = NewException(StopAsyncIteration)
		}
		return v, err
	})
}

func asyncGeneratorMembers() Members {
	self := func(a Args) *AsyncGenerator { return a.Vals[0].(*AsyncGenerator) }
	return Members{
		"__aiter__": NewNative("__aiter__(self, /)", func(_ *Thread, a Args) (Value, error) { return a.Vals[0], nil }),
		"__anext__": NewNative("__anext__(self, /)", func(th *Thread, a Args) (Value, error) {
			return self(a).step(None, nil), th.Alloc(stepBytes)
		}),
		"asend": NewNative("asend(self, value, /)", func(th *Thread, a Args) (Value, error) {
			return self(a).step(a.Vals[1], nil), th.Alloc(stepBytes)
		}),
		"athrow": NewNative("athrow(self, exc, /)", func(th *Thread, a Args) (Value, error) {
			return self(a).step(None, RaiseValue(th, a.Vals[1])), nil
		}),
		"aclose": NewNative("aclose(self, /)", func(_ *Thread, a Args) (Value, error) {
			g := self(a)
			return NewCoroutine("async_generator_athrow", func(th *Thread) (Value, error) {
				err := g.steps.Close(th)
				if err != nil && asException(err).IsA(StopAsyncIteration) {
					err = nil
				}
				return None, err
			}), nil
		}),
	}
}

// asyncIterator is what `async for` goes through.
type asyncIterator struct {
	Value
	next func(th *Thread) (Value, error)
}

// Next implements Iterator.
func (it asyncIterator) Next(th *Thread) (Value, error) { return it.next(th) }

// AsyncIter is the iterator of `async for`.
func AsyncIter(th *Thread, v Value) (Iterator, error) {
	switch v := v.(type) {
	case *AsyncGenerator:
		return &asyncIterator{v, func(th *Thread) (Value, error) { return v.next(th, None, nil) }}, nil
	case *asyncIterator:
		return v, nil
	}
	class := v.Class()
	if class.Lookup("__aiter__") == nil {
		return nil, Errorf(TypeError, "'async for' requires an object with __aiter__ method, got %s", class.Name)
	}
	it, _, err := CallSpecial(th, v, "__aiter__")
	if err != nil {
		return nil, err
	}
	if g, ok := it.(*AsyncGenerator); ok {
		return AsyncIter(th, g)
	}
	if class = it.Class(); class.Lookup("__anext__") == nil {
		return nil, Errorf(TypeError, "'async for' received an object from __aiter__ that does not implement __anext__: %s", class.Name)
	}
	return &asyncIterator{it, func(th *Thread) (Value, error) {
		v, _, err := CallSpecial(th, it, "__anext__")
		if err == nil {
			v, err = Await(th, v)
		}
		if e, ok := err.(*Exception); ok && e.IsA(StopAsyncIteration) { //nolint:errorlint // never wrapped here
			return nil, nil
		}
		return v, err
	}}, nil
}

package python_test

import (
	"context"
	"errors"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
)

// TestNativesNeverPanic calls all that scripts can call with odd arguments.
func TestNativesNeverPanic(t *testing.T) {
	t.Parallel()
	mod, _ := load(t, `
from dataclasses import dataclass
class Plain: pass
class Odd:
    def __len__(self): return -5
    def __iter__(self): return 5
    def __getitem__(self, k): raise KeyError(k)
    def __hash__(self): return 2 ** 70
    def __eq__(self, o): raise ValueError("eq")
    def __bool__(self): return 3
    def __index__(self): return "x"
    def __str__(self): return 7
    def __call__(self, *a): return None
class MyDict(dict): pass
class MyStr(str): pass
@dataclass
class Point:
    x: int = 1
def gen():
    yield 1
VALUES = [Plain(), Odd(), MyDict(a=1), MyStr("s"), Point(), gen(), Plain, Odd, gen, lambda *a, **k: a, ValueError("v"), Point.__init__,
          slice(1, None, -1), range(3), iter([1]), {1: 2}.items(), property(gen), 1 .__add__, list[int], int | str, ..., NotImplemented,
          zip([1]), super(Plain, Plain()), staticmethod(gen), classmethod(gen), frozenset([1]), {1}, (1, "a"), [3, "b", None]]
`)
	values := []runtime.Value{
		runtime.None, runtime.True, runtime.NewInt(0), runtime.NewInt(-1), runtime.NewInt(3), runtime.NewInt(math.MaxInt64), runtime.NewInt(math.MinInt64),
		runtime.NewBigInt(new(big.Int).Lsh(big.NewInt(1), 200)), runtime.Float(1.5), runtime.Float(math.NaN()), runtime.Float(math.Inf(-1)), runtime.Float(1e300),
		runtime.Str(""), runtime.Str("a"), runtime.Str("é{}%s"), runtime.Str("\xff"), runtime.Bytes("x\xff"), runtime.NewTuple(), runtime.NewList(), runtime.NewDict(), runtime.NewSet(false),
	}
	for v := range mod.Get("VALUES").(*runtime.List).Len() {
		values = append(values, mod.Get("VALUES").(*runtime.List).At(v))
	}
	rng := rand.New(rand.NewPCG(1, 2))
	anything := func() runtime.Value { return values[rng.IntN(len(values))] }
	th := runtime.NewThread(runtime.Limits{Steps: 20_000, Bytes: 1 << 20})
	calls := 0
	try := func(name string, fn runtime.Value, args []runtime.Value, kwargs ...runtime.Kwarg) {
		calls++
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond) // for what waits
		defer cancel()
		v, err := th.Call(ctx, fn, args, kwargs...)
		var e *runtime.Exception
		if errors.As(err, &e) && e.IsA(runtime.SystemError) {
			t.Errorf("%s%v: %v", name, args, e.Unwrap())
		}
		if err == nil && v == nil {
			t.Errorf("%s%v gave no value", name, args)
		}
		if err == nil {
			_, _ = runtime.Repr(th, v)
			_, _ = runtime.Hash(th, v)
			_, _ = runtime.Equal(th, v, v)
		}
	}
	torture := func(name string, fn runtime.Value) {
		if name == "time.sleep" || !runtime.Callable(fn) {
			return
		}
		try(name, fn, nil)
		for range 150 {
			args := make([]runtime.Value, 1+rng.IntN(4))
			for i := range args {
				args[i] = anything()
			}
			try(name, fn, args)
		}
		try(name, fn, []runtime.Value{anything()}, runtime.Kwarg{Name: "key", Value: anything()}, runtime.Kwarg{Name: "zz", Value: anything()})
	}
	builtins := stdlib.Builtins()
	for _, name := range slices.Sorted(maps.Keys(builtins)) {
		v := builtins[name]
		torture(name, v)
		if c, ok := v.(*runtime.Class); ok {
			for _, m := range runtime.Dir(c) {
				if f, err := runtime.GetAttr(th, c, m); err == nil {
					torture(name+"."+m, f)
				}
			}
		}
	}
	modules := stdlib.Modules()
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name](stdlib.Host{})
		for _, n := range m.Names() {
			torture(name+"."+n, m.Get(n))
		}
	}
	for _, v := range values {
		for _, n := range runtime.Dir(v) {
			f, err := runtime.Find(th, v, n)
			if err != nil || f == nil {
				continue
			}
			torture(v.Class().Name+"."+n, f)
		}
	}
	if calls < 100_000 {
		t.Errorf("only %d calls: the table of natives was not found", calls)
	}
}

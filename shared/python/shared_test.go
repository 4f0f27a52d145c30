package python_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestClassHoldsItself: what a new attribute of a shared class leads to may be the
// class again.
func TestClassHoldsItself(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
class S: pass
def task():
    s = S()
    S.last = s
    S.all = [s]
    S.me = S
    type(s).again = (s, S)
    s.own = S
    del S.last
    S.last = {"k": s}
    return S.last["k"].me is S
`)
	var users sync.WaitGroup
	for range 4 {
		users.Go(func() {
			v, err := runtime.NewThread(runtime.Limits{}).Call(t.Context(), m.Get("task"), nil)
			if err != nil || v != runtime.True {
				t.Errorf("got %v, %v", v, err)
			}
		})
	}
	users.Wait()
}

// TestSharedException: users raise one instance, chain to it, change and print it.
func TestSharedException(t *testing.T) {
	t.Parallel()
	m := loadModule(t, `
ERR = ValueError("shared", 1)
ERR.tag = "mine"
def inner(n):
    try:
        dict()[n]
    except KeyError as k:
        if n % 2:
            raise ERR from k
        raise ERR
def task(n):
    try:
        inner(n)
    except ValueError as e:
        ERR.args = (n, [n])
        str(e), repr(e), e.__cause__, e.__context__, e.__suppress_context__, e.args
        same = e is ERR and e.tag == "mine"
    try:
        ERR.__cause__ = None
        ERR.__init__("again")
        raise KeyError(n) from ERR
    except KeyError:
        pass
    if not same:
        return False
    raise ERR
`)
	var users sync.WaitGroup
	for u := range 4 {
		users.Go(func() {
			th := runtime.NewThread(runtime.Limits{})
			for i := range 200 {
				_, err := th.Call(t.Context(), m.Get("task"), []runtime.Value{runtime.NewInt(int64(u + i))})
				var e *runtime.Exception
				if !errors.As(err, &e) || !e.IsA(runtime.ValueError) {
					t.Errorf("got %v", err)
					return
				}
				if text := e.Traceback(); strings.Count(text, "\n") > 400 {
					t.Errorf("the traceback of a shared exception grows: %d lines", strings.Count(text, "\n"))
					return
				}
			}
		})
	}
	users.Wait()
}

// TestCancelReachesNatives: long work within native code hears a cancel, and pays
// steps for its length.
func TestCancelReachesNatives(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ setup, body string }{
		"in":         {"L = [0] * 10**6", "5 in L"},
		"in tuple":   {"L = (0,) * 10**6", "5 in L"},
		"min":        {"L = [0] * 10**6", "min(L)"},
		"index":      {"L = [0] * 10**6 + [1]", "L.index(1)"},
		"count":      {"L = [0] * 10**6", "L.count(1)"},
		"str index":  {"L = 'a' * 10**7", "L[5]"},
		"wide index": {"L = 'ä' * 10**6", "L[5]"},
		"str slice":  {"L = 'a' * 10**7", "L[5:6]"},
		"str find":   {"L = 'a' * 10**7", "L.find('b')"},
		"str find 2": {"L = 'a' * 10**7", "L.find('b', 5)"},
		"str count":  {"L = 'a' * 10**7", "L.count('b')"},
		"str in":     {"L = 'a' * 10**7", "'b' in L"},
		"str len":    {"L = 'ä' * 10**7", "len(L)"},
		"str strip":  {"L = ' ' * 10**7", "L.strip()"},
		"str test":   {"L = '1' * 10**7", "L.isdigit()"},
		"partition":  {"L = 'a' * 10**7", "L.partition('b')"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := loadModule(t, c.setup+"\ndef task():\n  while True: "+c.body+"\n")
			th := runtime.NewThread(runtime.Limits{Steps: 30_000, Bytes: 1 << 40})
			if _, err := th.Call(t.Context(), m.Get("task"), nil); !errors.Is(err, runtime.ErrStepLimit) {
				t.Errorf("got %v, want the step limit", err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			th = runtime.NewThread(runtime.Limits{Steps: 1 << 60, Bytes: 1 << 60})
			if _, err := th.Call(ctx, m.Get("task"), nil); !errors.Is(err, runtime.ErrCancelled) {
				t.Errorf("got %v, want a cancel", err)
			}
		})
	}
}

// loadModule runs a file and gives its module.
func loadModule(t *testing.T, src string) *runtime.Module {
	t.Helper()
	prog, err := python.Compile("shared.py", []byte(src), python.Config{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := prog.Load(t.Context(), runtime.NewThread(runtime.Limits{}))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

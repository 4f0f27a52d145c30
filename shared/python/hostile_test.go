package python_test

import (
	"context"
	"fmt"
	"maps"
	goruntime "runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestHostileScriptsEnd: each costs its own invocation only. They run one by one, and alone
// in this process, so that its memory is theirs.
func TestHostileScriptsEnd(t *testing.T) { //nolint:paralleltest // the heap is measured
	scripts := hostileLanguage()
	maps.Copy(scripts, hostileModules())
	for _, name := range slices.Sorted(maps.Keys(scripts)) { //nolint:paralleltest // as above
		t.Run(name, func(t *testing.T) {
			c := scripts[name]
			n := startNeighbour(t)
			before := heapInUse(true)
			begin := time.Now()
			limits := runtime.Limits{Steps: 3_000_000, Bytes: 64 << 20}
			switch c.want {
			case steps: // nothing but the count ends it
				limits.Steps = 250_000
			case "": // the count may end it, or what it asks for
				limits.Steps = 500_000
			}
			out := run(t, "hostile.py", []byte(c.src), limits)
			took := time.Since(begin)
			n.stop(t, before)
			t.Logf("%v, the heap grew to %d MB", took.Round(time.Millisecond), (max(n.peak, before)-before)>>20)
			if after := heapInUse(true); after > before+keptBytes+uint64(len(out)) {
				t.Errorf("%d MB are left in use", (after-before)>>20)
			}
			last := out[strings.LastIndexByte(strings.TrimSuffix(out, "\n"), '\n')+1:]
			if !strings.Contains(last, c.want) || !strings.Contains(out, "Traceback") {
				t.Errorf("got %.300q, want %s", last, c.want)
			}
		})
	}
}

const (
	// A script of 64 MB may hold twice that at the worst moment of a copy, and the
	// collector lets a heap double before it looks.
	peakBytes = 320 << 20
	// What stays in use when a script has ended: caches and pools.
	keptBytes = 8 << 20
)

// neighbour is another user of the process, who works while the hostile one does.
type neighbour struct {
	halt, done chan struct{}
	rounds     int
	wrong      string
	peak       uint64
}

func startNeighbour(t *testing.T) *neighbour {
	t.Helper()
	m := loadModule(t, `
import json
BASE = {"a": [1, 2, 3]}
def task(n):
    body = json.loads('{"items": [{"id": %d}, {"id": 2}]}' % n)
    return f"{sum(i['id'] for i in body['items'])}:{json.dumps(BASE)}:{sorted([3, n, 1])[0]}"
`)
	n := &neighbour{halt: make(chan struct{}), done: make(chan struct{})}
	ready := make(chan struct{})
	go func() {
		defer close(n.done)
		th := runtime.NewThread(runtime.Limits{})
		for {
			v, err := th.Call(t.Context(), m.Get("task"), []runtime.Value{runtime.NewInt(40)})
			if got, _ := v.(runtime.Str); err != nil || got != `42:{"a": [1, 2, 3]}:1` {
				n.wrong = fmt.Sprintf("%v, %v", v, err)
				return
			}
			n.peak = max(n.peak, heapInUse(false))
			if n.rounds++; n.rounds == 1 {
				close(ready)
			}
			select {
			case <-n.halt:
				return
			default:
				goruntime.Gosched()
			}
		}
	}()
	select {
	case <-ready:
	case <-n.done:
	}
	return n
}

// stop ends the neighbour, who must have got right answers only and seen no more
// memory in use than a limit allows.
func (n *neighbour) stop(t *testing.T, before uint64) {
	t.Helper()
	close(n.halt)
	<-n.done
	if n.wrong != "" || n.rounds == 0 {
		t.Errorf("the neighbour's round %d gave %s", n.rounds, n.wrong)
	}
	if n.peak > before+peakBytes {
		t.Errorf("%d MB were in use", (n.peak-before)>>20)
	}
}

// heapInUse is the bytes of objects on the heap, those that are garbage too unless
// collected first.
func heapInUse(collect bool) uint64 {
	if collect {
		goruntime.GC()
	}
	s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}

// FuzzProgram runs whole programs: none may panic, hang or go beyond its limits.
func FuzzProgram(f *testing.F) {
	for _, seed := range []string{
		flow, "print(1)", "def f(a, *b, c=1, **d):\n  yield from b\nprint(list(f(1, 2)))",
		"class A(dict):\n  def __missing__(self, k): return k\nprint(A()[1], f'{1:>{5}}', '%5d' % 3)",
		"try:\n  1/0\nexcept ZeroDivisionError as e:\n  raise ValueError from e\nfinally:\n  print([*range(3)][::-1])",
		"import json, math, random, uuid, time\nprint(json.dumps({'a': [1.5, None]}, indent=1), math.sqrt(2))",
		"from dataclasses import dataclass\n@dataclass\nclass P:\n  x: int = 1\nprint(P(2), {P.x: (lambda *a: a)(*'ab')})",
		"x = [i for i in range(10) if i % 2]\nwith open as f: pass",
		"import asyncio\nasync def g():\n  yield 1\nasync def f(x):\n  async for i in g(): await asyncio.sleep(0)\n  return await asyncio.gather(f(1), asyncio.create_task(f(2)), return_exceptions=True)\nasyncio.run(f(0))",
		"import threading\nclass L(threading.local):\n  def __init__(self, a): self.a = a\nwith threading.RLock() as l: print(L(1).a, L.__mro__)",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		prog, err := python.Compile("fuzz.py", src, python.Config{})
		if err != nil {
			return
		}
		th := runtime.NewThread(runtime.Limits{Steps: 20_000, Bytes: 4 << 20})
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond) // for what waits
		defer cancel()
		if _, err := prog.Load(ctx, th); err != nil {
			e := runtime.AsException(err)
			if e.IsA(runtime.SystemError) {
				t.Fatalf("panic: %v", e.Unwrap())
			}
			_ = e.Traceback()
		}
	})
}

// TestLongLines: the time of a compilation follows the length of the file, also
// where all of it is one line.
func TestLongLines(t *testing.T) {
	t.Parallel()
	const n = 50_000
	for name, c := range map[string]struct{ src, want string }{
		"and":           {"y = 1\nx = y" + strings.Repeat(" and y", n), ""},
		"compare":       {"y = 1\nx = y" + strings.Repeat("<y", n), ""},
		"subscripts":    {"y = 1\nx = lambda: [y" + strings.Repeat(",y[0]", n) + "]", ""},
		"sums":          {"y = 1\nx = [y" + strings.Repeat(",y+y", n) + "]", ""},
		"comprehension": {"x = lambda: [1" + strings.Repeat(" for a in [1]", n) + "]", ""},
		"with":          {"a = 1\nwith a" + strings.Repeat(",a", n) + ": pass", "too many statically nested blocks"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if out := run(t, "long.py", []byte(c.src), runtime.Limits{}); !strings.Contains(out, c.want) || c.want == "" && out != "" {
				t.Errorf("got %.300q, want %q", out, c.want)
			}
		})
	}
}

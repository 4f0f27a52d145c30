package python_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
	"github.com/loadpilot/loadpilot/shared/python/stdlib"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// response is a native type as a host writes them.
type response struct {
	status int64
	body   []byte
}

var responseClass = runtime.NewNativeClass("host", "Response", runtime.Members{
	"status_code": &runtime.Getter{Name: "status_code", Get: func(_ *runtime.Thread, self runtime.Value) (runtime.Value, error) {
		return runtime.NewInt(self.(*response).status), nil
	}},
	"json": runtime.NewNative("json(self, /)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		return runtime.ParseJSON(th, a.Vals[0].(*response).body)
	}),
})

func (*response) Class() *runtime.Class { return responseClass }

// client answers each request with the same body.
type client struct{ answer *response }

var clientClass = runtime.NewNativeClass("host", "Client", runtime.Members{
	"get": runtime.NewNative("get(self, path, *, headers=None)", func(_ *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		if _, ok := runtime.AsStr(a.Vals[1]); !ok {
			return nil, runtime.Errorf(runtime.TypeError, "path must be str, not %s", a.Vals[1].Class().Name)
		}
		return a.Vals[0].(*client).answer, nil
	}),
})

func (*client) Class() *runtime.Class { return clientClass }

// hostModule has decorators that leave marks, as the scenario package's do.
func hostModule(stdlib.Host) *runtime.Module {
	task := runtime.NewNative("task(weight=1)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
		weight := a.Vals[0]
		return runtime.NewNative("mark(fn, /)", func(th *runtime.Thread, a runtime.Args) (runtime.Value, error) {
			return a.Vals[0], runtime.SetAttr(th, a.Vals[0], "__weight__", weight)
		}), nil
	})
	vuser, err := runtime.NewClass("host", "VUser", nil, nil)
	if err != nil {
		panic(err)
	}
	return runtime.NewModule("host", runtime.Members{"task": task, "VUser": vuser, "Client": clientClass})
}

func load(tb testing.TB, src string) (*runtime.Module, *runtime.Thread) {
	tb.Helper()
	prog, err := python.Compile("flow.py", []byte(src), python.Config{Modules: map[string]stdlib.Factory{"host": hostModule}})
	if err != nil {
		tb.Fatal(err)
	}
	th := runtime.NewThread(runtime.Limits{})
	mod, err := prog.Load(context.Background(), th)
	if err != nil {
		tb.Fatal(err)
	}
	return mod, th
}

const flow = `
from host import task, VUser

class Flow(VUser):
    base = "/api"

    def on_start(self, client):
        self.token = "t0k"

    @task(weight=3)
    def browse(self, client):
        h = {"Authorization": f"Bearer {self.token}", "X-User": f"user-{self.token}"}
        r = client.get(f"{self.base}/items", headers=h)
        body = r.json()
        assert r.status_code == 200
        assert body["ok"] is True
        assert len(body["items"]) == 2
        assert body["items"][0]["id"] == 42
        return body["items"][1]["name"]

    @task()
    async def slow(self, client):
        return client.get("/x").status_code

    def check_browse(self, status_code, body):
        assert status_code == 999, "unexpected"
`

const body = `{"ok": true, "items": [{"id": 42, "name": "first", "price": 10.5}, {"id": 43, "name": "second", "price": 7}], "total": 2, "next": null, "page": "abc"}`

func TestHostFindsAndCallsWhatAScriptDefines(t *testing.T) {
	t.Parallel()
	mod, th := load(t, flow)
	class := mod.Get("Flow").(*runtime.Class)
	weights := map[string]any{}
	for _, name := range class.Names() {
		if w, err := runtime.Find(th, class.Own(name), "__weight__"); err == nil && w != nil {
			weights[name], _ = runtime.ToGo(w)
		}
	}
	if diff := cmp.Diff(map[string]any{"browse": int64(3), "slow": int64(1)}, weights); diff != "" {
		t.Errorf("marks (-want +got):\n%s", diff)
	}
	user, err := th.Call(t.Context(), class, nil)
	if err != nil {
		t.Fatal(err)
	}
	c := &client{&response{200, []byte(body)}}
	call := func(name string, args ...runtime.Value) (runtime.Value, error) {
		m, err := runtime.GetAttr(th, user, name)
		if err != nil {
			t.Fatal(err)
		}
		return th.Call(t.Context(), m, args)
	}
	if _, err := call("on_start", c); err != nil {
		t.Fatal(err)
	}
	if v, err := call("browse", c); err != nil || v != runtime.Str("second") {
		t.Errorf("browse = %v, %v", v, err)
	}
	if v, err := call("slow", c); err != nil || v != runtime.NewInt(200) {
		t.Errorf("an async task is awaited: %v, %v", v, err)
	}
	_, err = call("check_browse", runtime.NewInt(200), runtime.None)
	var e *runtime.Exception
	if !errors.As(err, &e) {
		t.Fatalf("check_browse: %v", err)
	}
	want := "Traceback (most recent call last):\n  File \"flow.py\", line 26, in check_browse\n" +
		"    assert status_code == 999, \"unexpected\"\n           ^^^^^^^^^^^^^^^^^^\nAssertionError: unexpected\n"
	if diff := cmp.Diff(want, e.Traceback()); diff != "" {
		t.Errorf("traceback (-want +got):\n%s", diff)
	}
	if c := e.Comparison(); c == nil || c.Op != "==" || c.Left != runtime.NewInt(200) || c.Right != runtime.NewInt(999) {
		t.Errorf("comparison = %+v", c)
	}
}

func TestRefusedAtLoad(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		"x = 1\neval('1')\n":                    "line 2\n    eval('1')\n    ^^^^\nSyntaxError: eval is not available: a scenario cannot run code it makes itself",
		"def f():\n  open('x')\n":               "line 2\n    open('x')\n    ^^^^\nSyntaxError: open is not available: a scenario has no files; for data shipped with the run use loadpilot.data(\"users.csv\")",
		"exec('1')":                             "exec is not available",
		"compile('1', '', 'exec')":              "compile is not available",
		"__import__('os')":                      "use an import statement",
		"input()":                               "input is not available",
		"import requests":                       "No module named 'requests': use the client that the task is given: client.get(…)",
		"def f():\n  import subprocess":         "No module named 'subprocess': a scenario cannot start programs",
		"from math import nope":                 "cannot import name 'nope' from 'math'",
		"from . import x":                       "relative imports are not available",
		"async def g():\n  yield 1\n  return 2": "'return' with value in async generator",
		"def f():\n  nonlocal q":                "no binding for nonlocal 'q' found",
		"def f(a, a): pass":                     "duplicate argument 'a' in function definition",
		"def f():\n  x = 1\n  global x":         "name 'x' is assigned to before global declaration",
		"def f():\n  yield 1 if (yield) else 2": "assign its value to a name first",
	} {
		_, err := python.Compile("flow.py", []byte(src), python.Config{})
		var e *syntax.Error
		if !errors.As(err, &e) || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\ngot  %v\nwant %s", src, err, want)
		}
	}
	if _, err := python.Compile("flow.py", []byte("open = 1\nprint(open)\n"), python.Config{}); err != nil {
		t.Errorf("a name the file defines itself is its own: %v", err)
	}
}

// TestSharedStateIsSafe runs eight users that change class attributes, shared lists,
// dicts, sets, iterators and closures; the race detector watches.
func TestSharedStateIsSafe(t *testing.T) {
	t.Parallel()
	mod, _ := load(t, `
from dataclasses import dataclass

USERS = list(range(1000))
SEEN = {}
TAGS = set()
COUNTS = {"n": 0, "nested": {"list": []}}

def ids():
    n = 0
    while True:
        n += 1
        yield n

IDS = ids()
PAIRS = zip(range(100000), ids())
total = 0

def closure():
    log = []
    def add(x):
        nonlocal log
        log.append(x)
        if len(log) > 50:
            log = []
        return len(log)
    return add

LOG = closure()

class Shared:
    hits = 0
    pool = []
    table = {}

@dataclass
class Point:
    x: int
    y: int = 0

P = Point(1)

class User:
    def __init__(self):
        self.mine = []

    def work(self, k):
        global total
        total += 1
        Shared.hits += 1
        Shared.pool.append([k])
        Shared.pool[-1].append({"k": k})
        Shared.table.setdefault(k % 7, []).append(k)
        Shared.last = self
        USERS.append(USERS.pop())
        SEEN[k] = (k, [k])
        SEEN[k][1].append(1)
        TAGS.add(k % 5)
        COUNTS["nested"]["list"].append(k)
        COUNTS["nested"]["list"] = COUNTS["nested"]["list"][-10:]
        COUNTS.update({"n": k})
        next(PAIRS)
        P.x += 1
        P.extra = [k]
        LOG(k)
        self.mine.append(k)
        self.fresh = {k: Shared.last.mine[:1]}
        setattr(Shared, "dyn%d" % (k % 3), [k])
        for x in list(SEEN)[:3]:
            SEEN.get(x)
        sorted(Shared.pool, key=lambda p: p[0])
        return next(IDS), len(repr(SEEN)) > 0, sum(len(v) for v in list(Shared.table.values())) > 0
`)
	class := mod.Get("User")
	const users, rounds = 8, 60
	ids := make([]map[runtime.Value]bool, users)
	var wg sync.WaitGroup
	for u := range users {
		wg.Go(func() {
			th := runtime.NewThread(runtime.Limits{})
			ids[u] = map[runtime.Value]bool{}
			user, err := th.Call(context.Background(), class, nil)
			if err != nil {
				t.Error(err)
				return
			}
			for k := range rounds {
				m, err := runtime.GetAttr(th, user, "work")
				if err != nil {
					t.Error(err)
					return
				}
				v, err := th.Call(context.Background(), m, []runtime.Value{runtime.NewInt(int64(u*rounds + k))})
				if err != nil {
					t.Error(err)
					return
				}
				ids[u][v.(*runtime.Tuple).Items[0]] = true
			}
		})
	}
	wg.Wait()
	all := map[runtime.Value]bool{}
	for _, m := range ids {
		for id := range m {
			all[id] = true
		}
	}
	if len(all) != users*rounds {
		t.Errorf("a shared generator gave %d different ids of %d", len(all), users*rounds)
	}
	pool, _ := runtime.GetAttr(nil, mod.Get("Shared"), "pool")
	if n := pool.(*runtime.List).Len(); n != users*rounds {
		t.Errorf("%d of %d appends to a shared list arrived", n, users*rounds)
	}
}

func TestCancelReachesSleepAndLoops(t *testing.T) {
	t.Parallel()
	for name, src := range map[string]string{
		"sleep":             "import time\nclass U:\n  def run(self):\n    started()\n    time.sleep(1000)\n",
		"loop":              "class U:\n  def run(self):\n    started()\n    while True: pass\n",
		"loop that catches": "class U:\n  def run(self):\n    started()\n    while True:\n      try:\n        while True: pass\n      except BaseException: pass\n      except: pass\n",
		"stubborn finally":  "class U:\n  def run(self):\n    started()\n    while True:\n      try:\n        while True: pass\n      finally:\n        while True: pass\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancel(t.Context())
			host := func(stdlib.Host) *runtime.Module {
				return runtime.NewModule("host", runtime.Members{"started": runtime.NewNative("started()", func(*runtime.Thread, runtime.Args) (runtime.Value, error) {
					cancel()
					return runtime.None, nil
				})})
			}
			prog, err := python.Compile("u.py", []byte("from host import started\n"+src), python.Config{Modules: map[string]stdlib.Factory{"host": host}})
			if err != nil {
				t.Fatal(err)
			}
			th := runtime.NewThread(runtime.Limits{Steps: 1 << 60})
			mod, err := prog.Load(t.Context(), th)
			if err != nil {
				t.Fatal(err)
			}
			user, err := th.Call(t.Context(), mod.Get("U"), nil)
			if err != nil {
				t.Fatal(err)
			}
			run, err := runtime.GetAttr(th, user, "run")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := th.Call(ctx, run, nil); !errors.Is(err, runtime.ErrCancelled) {
				t.Errorf("got %v", err)
			}
			if _, err := th.Call(t.Context(), mod.Get("U"), nil); err != nil {
				t.Errorf("the thread serves the next invocation: %v", err)
			}
		})
	}
}

func TestPanicOfANativeIsASystemError(t *testing.T) {
	t.Parallel()
	host := func(stdlib.Host) *runtime.Module {
		return runtime.NewModule("host", runtime.Members{"bad": runtime.NewNative("bad()", func(*runtime.Thread, runtime.Args) (runtime.Value, error) {
			panic("out of order")
		})})
	}
	prog, err := python.Compile("u.py", []byte("import host\ndef f(*a):\n  def g(): host.bad()\n  return g()\n"), python.Config{Modules: map[string]stdlib.Factory{"host": host}})
	if err != nil {
		t.Fatal(err)
	}
	th := runtime.NewThread(runtime.Limits{})
	mod, err := prog.Load(t.Context(), th)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the stack is whole again each time
		_, err = th.Call(t.Context(), mod.Get("f"), []runtime.Value{runtime.True})
		var e *runtime.Exception
		if !errors.As(err, &e) || !e.IsA(runtime.SystemError) || e.Message() != "out of order" {
			t.Errorf("got %v", err)
		}
	}
}

func TestConversion(t *testing.T) {
	t.Parallel()
	in := map[string]any{"a": int64(1), "b": []any{true, nil, 1.5, "x"}, "c": map[string]any{"d": []byte("y")}}
	v, err := runtime.FromGo(in)
	if err != nil {
		t.Fatal(err)
	}
	out, err := runtime.ToGo(v)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("there and back (-want +got):\n%s", diff)
	}
	if _, err := runtime.FromGo(time.Second); err == nil {
		t.Error("a duration is no plain data")
	}
	loop := runtime.NewList()
	loop.Append(loop)
	if _, err := runtime.ToGo(loop); err == nil {
		t.Error("a list within itself has no end")
	}
}

func TestSeedRepeatsRandom(t *testing.T) {
	t.Parallel()
	mod, th := load(t, "import random\ndef f(): return [random.randint(1, 10**9) for _ in range(3)]\n")
	draw := func() string {
		th.Seed(7, 9)
		v, err := th.Call(t.Context(), mod.Get("f"), nil)
		if err != nil {
			t.Fatal(err)
		}
		s, _ := runtime.Repr(th, v)
		return s
	}
	if a, b := draw(), draw(); a != b {
		t.Errorf("%s, then %s", a, b)
	}
}

// BenchmarkTask is the body that the engine is measured by: two f-string headers,
// a request, 150 bytes of JSON, four asserts.
func BenchmarkTask(b *testing.B) {
	mod, th := load(b, flow)
	ctx := context.Background()
	user, err := th.Call(ctx, mod.Get("Flow"), nil)
	if err != nil {
		b.Fatal(err)
	}
	c := &client{&response{200, []byte(body)}}
	for _, name := range []string{"on_start", "browse"} {
		m, err := runtime.GetAttr(th, user, name)
		if err != nil {
			b.Fatal(err)
		}
		args := []runtime.Value{c}
		if name == "on_start" {
			if _, err := th.Call(ctx, m, args); err != nil {
				b.Fatal(err)
			}
			continue
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := th.Call(ctx, m, args); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// BenchmarkLoop is a thousand rounds of a loop with arithmetic.
func BenchmarkLoop(b *testing.B) {
	mod, th := load(b, "def f():\n  t = 0\n  for i in range(1000):\n    t += i % 7\n  return t\n")
	b.ReportAllocs()
	for b.Loop() {
		if _, err := th.Call(context.Background(), mod.Get("f"), nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall is one call of a method with an argument.
func BenchmarkCall(b *testing.B) {
	mod, th := load(b, "class A:\n  def m(self, x): return x\n  def f(self):\n    for i in range(1000): self.m(i)\nA1 = A()\n")
	m, err := runtime.GetAttr(th, mod.Get("A1"), "f")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := th.Call(context.Background(), m, nil); err != nil {
			b.Fatal(err)
		}
	}
}

func ExampleCompile() {
	prog, err := python.Compile("hello.py", []byte("def greet(name):\n    return f'hello {name}'\n"), python.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, th := context.Background(), runtime.NewThread(runtime.Limits{})
	mod, err := prog.Load(ctx, th)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := th.Call(ctx, mod.Get("greet"), []runtime.Value{runtime.Str("you")})
	fmt.Println(v, err)
	// Output: hello you <nil>
}

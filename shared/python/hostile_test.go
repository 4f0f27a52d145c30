package python_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/runtime"
)

// TestHostileScriptsEndWithAnException: each must cost its own invocation only.
func TestHostileScriptsEndWithAnException(t *testing.T) {
	t.Parallel()
	const memory, steps, deep = "MemoryError", "StepLimitExceeded", "RecursionError"
	for name, c := range map[string]struct{ src, want string }{
		"endless loop":         {"while True: pass", steps},
		"endless catching":     {"while True:\n  try:\n    while True: pass\n  except BaseException: pass", steps},
		"endless finally":      {"def f():\n  try:\n    while True: pass\n  finally:\n    while True: pass\nf()", steps},
		"endless generator":    {"def g():\n  while True: yield 1\nsum(g())", steps},
		"endless iter":         {"list(iter(int, 1))", ""},
		"endless any":          {"def g():\n  while True: yield 0\nany(g())", steps},
		"endless filter":       {"def g():\n  while True: yield 0\nnext(filter(None, g()))", steps},
		"str repeat":           {"'x' * 10**10", memory},
		"str repeat doubled":   {"s = 'x'\nwhile True: s += s", memory},
		"bytes repeat":         {"b'x' * 10**12", memory},
		"list repeat":          {"[0] * 10**10", memory},
		"tuple repeat":         {"(0,) * 2**62", memory},
		"list repeat again":    {"a = [0]\nwhile True: a *= 2", memory},
		"range to list":        {"list(range(10**12))", memory},
		"range to set":         {"set(range(10**12))", ""},
		"range sum":            {"sum(range(10**15))", steps},
		"join":                 {"s = 'x' * 10**6\ns.join([s] * 10**4)", memory},
		"replace":              {"('a' * 10**6).replace('a', 'b' * 10**6)", memory},
		"format width":         {"'{:>1000000000}'.format(1)", memory},
		"format precision":     {"'{:.1000000000f}'.format(1.0)", memory},
		"f-string width":       {"f'{1:{10**9}}'", memory},
		"percent width":        {"'%1000000000d' % 1", memory},
		"percent star":         {"'%*d' % (10**9, 1)", memory},
		"ljust":                {"'a'.ljust(10**12)", memory},
		"center":               {"'a'.center(10**9)", memory},
		"zfill":                {"'1'.zfill(10**9)", memory},
		"expandtabs":           {"'\\t'.expandtabs(10**12)", memory},
		"power":                {"9 ** 9 ** 9", memory},
		"power again":          {"x = 3\nwhile True: x = x * x", memory},
		"power mod":            {"pow(3, 10**100000, 10**100000)", memory},
		"shift":                {"1 << 10**12", memory},
		"factorial":            {"import math\nmath.factorial(10**7)", memory},
		"to_bytes":             {"(1).to_bytes(10**12, 'big')", memory},
		"bytes of size":        {"bytes(10**12)", memory},
		"random bytes":         {"import random\nrandom.randbytes(10**12)", memory},
		"random bits":          {"import random\nrandom.getrandbits(2**63 - 1)", memory},
		"remove a NaN":         {"x = [float('nan')]\nx.remove(x[0])\nx[0]", "IndexError"},
		"choices":              {"import random\nrandom.choices([1], k=10**12)", memory},
		"recursion":            {"def f(): return f()\nf()", deep},
		"recursion of repr":    {"class A:\n  def __repr__(self): return repr(self)\nrepr(A())", deep},
		"recursion of args":    {"e = ValueError()\ne.args = (e,)\nstr(e)", deep},
		"recursion of key":     {"e = KeyError()\ne.args = (e,)\nrepr(e)", deep},
		"recursion uncaught":   {"e = ValueError()\ne.args = (e,)\nraise e", "<exception str() failed>"},
		"recursion of getattr": {"class A:\n  def __getattr__(self, n): return self.x\nA().y", deep},
		"recursion of call":    {"class A: pass\na = A()\nA.__call__ = a\na()", deep},
		"recursion of eq":      {"a = []\nb = [a]\na.append(b)\na == b", deep},
		"recursion of hash":    {"t = ()\nfor i in range(2000): t = (t,)\nhash(t)", deep},
		"nested repr":          {"l = []\nfor i in range(5000): l = [l]\nrepr(l)", deep},
		"nested json":          {"import json\nl = []\nfor i in range(5000): l = [l]\njson.dumps(l)", deep},
		"nested json text":     {"import json\njson.loads('[' * 10**6)", deep},
		"recursive generator":  {"def g():\n  yield from g()\nlist(g())", deep},
		"recursive sort":       {"class A:\n  def __lt__(self, o): return sorted([self, o])[0] is o\nsorted([A(), A()])", deep},
		"recursive property":   {"class A:\n  @property\n  def x(self): return self.x\nA().x", deep},
		"recursive asdict":     {"from dataclasses import dataclass, asdict\n@dataclass\nclass A:\n  x: object\na = A(1)\na.x = a\nasdict(a)", deep},
		"attributes":           {"class A: pass\na = A()\ni = 0\nwhile True:\n  setattr(a, 'a' * 50 + str(i), i)\n  i += 1", ""},
		"classes":              {"while True:\n  class A: pass", ""},
		"closures":             {"fs = []\nwhile True: fs.append(lambda: fs)", ""},
		"dict growth":          {"d = {}\ni = 0\nwhile True:\n  d[i] = d\n  i += 1", ""},
		"append growth":        {"l = []\nwhile True: l.append(l)", ""},
		"exception chain":      {"e = None\nwhile True:\n  try:\n    raise ValueError(e) from e\n  except ValueError as x: e = x", ""},
		"huge digits":          {"int('9' * 10**6)", "ValueError"},
		"huge digits back":     {"str(1 << 4000000)", "ValueError"},
		"slice assignment":     {"l = [0]\nl[:] = range(10**12)", memory},
		"str of split":         {"('a ' * 10**7).split() * 100", memory},
		"print":                {"print(*range(10**12))", memory},
		"star call":            {"def f(*a): pass\nf(*range(10**12))", memory},
		"unpack":               {"a, *b = range(10**12)", ""},
		"comprehension":        {"[0 for _ in range(10**12)]", ""},
		"dict comprehension":   {"{i: 0 for i in range(10**12)}", ""},
		"zip":                  {"list(zip(*[range(10**12)] * 100))", memory},
		"negated integers":     {"x = 1 << 4000000\nl = []\nwhile True: l.append(-x)", memory},
		"inverted integers":    {"x = 1 << 4000000\nl = []\nwhile True: l.append(~x)", memory},
		"positive integers":    {"x = 1 << 4000000\nl = []\nwhile True: l.append(+x)", memory},
		"absolute integers":    {"x = -(1 << 4000000)\nl = []\nwhile True: l.append(abs(x))", memory},
		"shifted integers":     {"x = 1 << 4000000\nl = []\nwhile True: l.append(x >> 1)", memory},
		"divided integers":     {"x = (1 << 4000000) - 1\ny = (1 << 3999999) + 1\nwhile True: x / y", memory},
		"json indent":          {"import json\njson.dumps([0] * 30, indent='x' * 10**7)", memory},
		"json separator":       {"import json\njson.dumps([0] * 30, separators=(',' * 10**7, ':'))", memory},
		"json key separator":   {"import json\njson.dumps({i: 0 for i in range(30)}, separators=(',', ':' * 10**7))", memory},
		"maps of maps":         {"it = iter([1])\nfor i in range(100000): it = map(str, it)\nnext(it)", deep},
		"enumerated maps":      {"it = iter([1])\nfor i in range(100000): it = enumerate(zip(it))\nlist(it)", deep},
		"annotations nested":   {"t = list\nfor i in range(100000): t = list[t]\nrepr(t)", deep},
		"tuples doubled":       {"def f():\n  t = ([],)\n  for i in range(60): t = (t, t)\n  global T\n  T = t\n  hash(T)\nf()", "TypeError"},
		"str of itself":        {"e = ValueError()\ne.args = (e,)\nstr(e)", deep},
		"repr of itself":       {"e = ValueError()\ne.args = (e,)\nrepr(e)", deep},
		"doubled hash":         {"t = (1,)\nfor i in range(60): t = (t, t)\nhash(t)", steps},
		"doubled isinstance":   {"t = (str, str)\nfor i in range(40): t = (t, t)\nisinstance(1, t)", steps},
		"doubled issubclass":   {"t = (str, str)\nfor i in range(40): t = (t, t)\nissubclass(int, t)", steps},
		"doubled repr":         {"a = []\nfor i in range(60): a = [a, a]\nrepr(a)", ""},
		"doubled json":         {"import json\na = []\nfor i in range(60): a = [a, a]\njson.dumps(a)", ""},
		"strip of many":        {"s = ''.join(map(chr, range(256, 50000)))\nwhile True: (s * 2).strip(s)", ""},
		"tasks without end":    {"import asyncio\nasync def f():\n  while True: asyncio.create_task(f())\nasyncio.run(f())", memory},
		"tasks of tasks":       {"import asyncio\nasync def f():\n  while True:\n    asyncio.create_task(f())\n    await asyncio.sleep(0)\nasyncio.run(f())", ""},
		"gathered thousands":   {"import asyncio\nasync def f(): await asyncio.sleep(0)\nasync def main():\n  await asyncio.gather(*[f() for _ in range(100000)])\nasyncio.run(main())", memory},
		"gathered depths":      {"import asyncio\nasync def f(n):\n  if n: return await f(n - 1)\n  await asyncio.Event().wait()\nasync def main():\n  await asyncio.gather(*[f(300) for _ in range(2000)])\nasyncio.run(main())", memory},
		"endless coroutine":    {"import asyncio\nasync def f():\n  while True: await asyncio.sleep(0)\nasyncio.run(f())", steps},
		"task that survives":   {"import asyncio\nasync def f():\n  while True:\n    try: await asyncio.sleep(0)\n    except BaseException: pass\nasync def main():\n  asyncio.create_task(f())\n  await asyncio.sleep(0)\nasyncio.run(main())", steps},
		"coroutine recursion":  {"async def f(): await f()\nimport asyncio\nasyncio.run(f())", deep},
		"endless async for":    {"import asyncio\nasync def g():\n  while True: yield 1\nasync def f(): return [x async for x in g()]\nasyncio.run(f())", ""},
		"bytes join":           {"s = b'x' * 10**6\ns.join([s] * 10**4)", memory},
		"bytes replace":        {"(b'a' * 10**6).replace(b'a', b'b' * 10**6)", memory},
		"bytes center":         {"b'a'.center(10**12)", memory},
		"bytes zfill":          {"b'1'.zfill(10**12)", memory},
		"bytes hex":            {"b = b'x' * 10**6\nl = []\nwhile True: l.append(b.hex())", memory},
		"bytes upper":          {"b = b'x' * 10**6\nl = []\nwhile True: l.append(b.upper())", memory},
		"bytes split":          {"b = b'x ' * 10**6\nl = []\nwhile True: l.append(b.split())", memory},
		"bytes decode":         {"b = b'x' * 10**6\nl = []\nwhile True: l.append(b.decode())", memory},
		"bytes find":           {"b = b'x' * 10**6\nwhile True: b.find(b'y')", steps},
		"bytes in":             {"b = b'x' * 10**6\nwhile True: b'y' in b", steps},
		"big floor division":   {"x = (1 << 4000000) - 1\ny = (1 << 2000000) + 1\nwhile True: x // y", ""},
		"big modulo":           {"x = (1 << 4000000) - 1\ny = (1 << 2000000) + 1\nwhile True: x % y", ""},
		"big product":          {"x = (1 << 4000000) - 1\nwhile True: x * x", ""},
		"sort that never ends": {"class A:\n  def __lt__(self, o):\n    while True: pass\nsorted([A(), A()])", steps},
		"sort that grows":      {"l = list(range(1000))\nclass A:\n  def __lt__(self, o):\n    while True: l.append(1)\nsorted([A(), A()])", ""},
		"swallowed limits":     {"def f():\n  while True:\n    try: f()\n    except BaseException: f()\nf()", ""},
		"print flood":          {"while True: print('x' * 10**5)", memory},
		"getattr of itself":    {"class A:\n  def __getattr__(self, n): return getattr(self, n + 'x')\nA().x", ""},
		"lock twice in a task": {"import threading\nl = threading.Lock()\nl.acquire()\nwhile not l.acquire(False): pass", steps},
		"percent precision":    {"'%.1000000000f' % 1.5", memory},
		"dict of endless":      {"def g():\n  while True: yield (1, 2)\ndict(g())", steps},
		"set of endless":       {"def g():\n  while True: yield 1\nset(g())", steps},
		"sorted endless":       {"def g():\n  while True: yield 1\nsorted(g())", ""},
		"max of endless":       {"def g():\n  while True: yield 1\nmax(g())", steps},
		"step in except":       {"def f():\n  try:\n    f()\n  except RecursionError:\n    f()\nf()", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out := run(t, "hostile.py", []byte(c.src), runtime.Limits{Steps: 2_000_000, Bytes: 64 << 20})
			last := out[strings.LastIndexByte(strings.TrimSuffix(out, "\n"), '\n')+1:]
			if !strings.Contains(last, c.want) || !strings.Contains(out, "Traceback") {
				t.Errorf("got %.300q, want %s", last, c.want)
			}
		})
	}
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

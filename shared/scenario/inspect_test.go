package scenario

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// inspect inspects a script below the usual imports.
func inspect(t *testing.T, script string) *Inspection {
	t.Helper()
	found, err := Inspect(t.Context(), "script.py", []byte("import random, time\n"+prelude+script), Options{})
	require.NoError(t, err)
	return found
}

// shop is a scenario with this body beside a task that is right.
func shop(body string) string {
	return "@scenario\nclass Shop(VUser):\n    @task\n    def fine(self, client): client.get('/')\n" + body
}

// findings are what was found, as "marked text: severity: message" with the hint in brackets.
func findings(i *Inspection) []string {
	var out []string
	for _, f := range i.Findings {
		severity := "warning"
		if f.Error {
			severity = "error"
		}
		line := []rune(f.Text)
		marked := ""
		if f.Col > 0 {
			marked = string(line[f.Col-1 : min(max(f.EndCol-1, f.Col), len(line))])
		}
		text := fmt.Sprintf("%s: %s: %s", marked, severity, f.Message)
		if f.Hint != "" {
			text += " [" + f.Hint + "]"
		}
		out = append(out, text)
	}
	return out
}

// Each script has mistakes, and these are found, no others.
func TestMistakes(t *testing.T) {
	t.Parallel()
	task := func(lines ...string) string {
		return shop("    @task\n    def t(self, client):\n        " + strings.Join(lines, "\n        ") + "\n")
	}
	for label, tt := range map[string]struct {
		script string
		want   []string
	}{
		"unknown name": {
			task("client.get(pth)", "path = 1"),
			[]string{"pth: error: name 'pth' is not defined [did you mean 'path'?]"},
		},
		"name of another function": {
			task("client.get('/')") + "def f():\n    inner = 1\n    return inner\ndef g(): return inner\n",
			[]string{"inner: error: name 'inner' is not defined [did you mean 'iter'?]"},
		},
		"name of another branch": {
			task("if client:", "    x = 1", "else:", "    print(x)"),
			[]string{"x: error: local variable 'x' has no value here: line 10, which binds it, does not run before"},
		},
		"name of one branch": {
			task("if self:", "    x = 1", "client.get(x)"),
			[]string{"x: warning: local variable 'x' may have no value here: line 10, which binds it, does not always run"},
		},
		"name of a body that may raise": {
			task("try:", "    x = client.get('/').json()", "except ValueError:", "    print('no')", "print(x)"),
			[]string{"x: warning: local variable 'x' may have no value here: line 10, which binds it, does not always run"},
		},
		"exception after its handler": {
			task("try:", "    client.get('/')", "except ValueError as e:", "    pass", "print(e)"),
			[]string{"e: error: local variable 'e' has no value here: line 11, which binds it, does not run before"},
		},
		"deleted": {
			task("x = 1", "del x", "print(x)"),
			[]string{"x: error: local variable 'x' has no value here: line 9, which binds it, does not run before"},
		},
		"variable of a comprehension": {
			task("print([i for i in range(3)], i)"),
			[]string{"i: error: name 'i' is not defined [did you mean 'id'?]"},
		},
		"branch of the file": {
			"if 1 > 2:\n    X = 1\n" + task("client.get(X)"),
			[]string{"X: warning: name 'X' has no value: line 4, which binds it, was not reached when the file was loaded"},
		},
		"caught anyway": {
			task("try:", "    client.get(pth)", "except Exception:", "    pass"),
			[]string{"pth: warning: name 'pth' is not defined"},
		},
		"function of a module": {
			task("random.choise([1])"),
			[]string{"choise: error: module 'random' has no attribute 'choise' [did you mean 'choice'?]"},
		},
		"module under another name": {
			"import math as m\n" + task("import json as j", "m.sqr(2), j.load5()"),
			[]string{
				"sqr: error: module 'math' has no attribute 'sqr' [did you mean 'sqrt'?]",
				"load5: error: module 'json' has no attribute 'load5' [did you mean 'load'?]",
			},
		},
		"method of the client": {
			task("client.gett('/')", "c = client", "c.puts"),
			[]string{
				"gett: error: 'LoadClient' object has no attribute 'gett' [did you mean 'get'?]",
				"puts: error: 'LoadClient' object has no attribute 'puts' [did you mean 'put'?]",
			},
		},
		"attribute of a response": {
			task("r = client.get('/')", "r = client.get('/b')", "print(r.staus_code)", "client.post('/').txt"),
			[]string{
				"staus_code: error: 'ResponseWrapper' object has no attribute 'staus_code' [did you mean 'status_code'?]",
				"txt: error: 'ResponseWrapper' object has no attribute 'txt' [did you mean 'text'?]",
			},
		},
		"attribute of a response of a batch": {
			task("for r in client.batch([]): print(r.txt)", "a, b = client.batch([])", "print(a.statuscode, client.batch([])[0].jso)"),
			[]string{
				"txt: error: 'ResponseWrapper' object has no attribute 'txt' [did you mean 'text'?]",
				"statuscode: error: 'ResponseWrapper' object has no attribute 'statuscode' [did you mean 'status_code'?]",
				"jso: error: 'ResponseWrapper' object has no attribute 'jso' [did you mean 'json'?]",
			},
		},
		"method of a text": {
			task("f'{client}'.uper()"),
			[]string{"uper: error: 'str' object has no attribute 'uper' [did you mean 'upper'?]"},
		},
		"attribute of self": {
			shop("    def on_start(self, client): self.token = 'a'\n    @task\n    def t(self, client): client.get(self.tokn)\n"),
			[]string{"tokn: error: 'Shop' object has no attribute 'tokn': nothing in the class or its bases assigns it [did you mean 'token'?]"},
		},
		"attribute of another class": {
			"class Other:\n    def __init__(self): self.token = 1\n" + task("client.get(self.token)"),
			[]string{"token: error: 'Shop' object has no attribute 'token': nothing in the class or its bases assigns it"},
		},
		"client of self": {
			task("self.client.get('/')"),
			[]string{"client: error: 'Shop' object has no attribute 'client': nothing in the class or its bases assigns it [the client is a parameter of tasks and hooks]"},
		},
		"attribute of an instance": {
			"class Pool:\n    def take(self): return 1\npool = Pool()\n" + task("pool.tke()"),
			[]string{"tke: error: 'Pool' object has no attribute 'tke': nothing in the class or its bases assigns it [did you mean 'take'?]"},
		},
		"keyword of the client": {
			task("client.get('/', heders={})"),
			[]string{"heders: error: LoadClient.get() got an unexpected keyword argument 'heders' [did you mean 'headers'?]"},
		},
		"arguments of a native": {
			task("random.choice()", "time.sleep(1, 2)"),
			[]string{
				"random.choice(): error: choice() missing 1 required positional argument: 'seq'",
				"time.sleep(1, 2): error: time.sleep() takes exactly one argument (2 given)",
			},
		},
		"arguments of functions": {
			"def f(a, *, b=1): return a\nclass C:\n    def __init__(self, x): self.x = x\n" +
				task("f()", "f(1, 2)", "f(1, c=2)", "C()", "self.m(1, 2)") + "    def m(self, a): return a\n    @staticmethod\n    def s(): pass\n    def u(self): self.s(1)\n",
			[]string{
				"f(): error: f() missing 1 required positional argument: 'a'",
				"f(1, 2): error: f() takes 1 positional argument but 2 were given",
				"c: error: f() got an unexpected keyword argument 'c'",
				"C(): error: __init__() missing 1 required positional argument: 'x'",
				"self.m(1, 2): error: m() takes 2 positional arguments but 3 were given",
				"self.s(1): error: s() takes 0 positional arguments but 1 was given",
			},
		},
		"missing self": {
			task("self.m(client)") + "    def m(client): return client.get('/')\n    def n(): pass\n",
			[]string{
				"self.m(client): error: m() takes 1 positional argument but 2 were given [is 'self' missing from its parameters?]",
				"client: warning: the first parameter of a method is the instance, not the client [write def m(self, client)]",
				"n: warning: a method without parameters cannot be called on an instance [write def n(self)]",
			},
		},
		"status and text": {
			task("r = client.get('/')", "assert r.status_code == '200'", "if r.status_code != 'ok': pass") +
				"    def check_t(self, status_code, body): assert status_code in ('200', '201')\n",
			[]string{
				"'200': error: a status is a number: it never equals a text [write 200 without quotes]",
				"'ok': warning: a status is a number: it never equals a text",
				"'200': error: a status is a number: it never equals a text [write 200 without quotes]",
			},
		},
		"assertion of a tuple": {
			task("assert (client, 'msg')"),
			[]string{"(client, 'msg'): warning: this assertion never fails: a tuple is always true [take the parentheses away]"},
		},
		"nothing done": {
			task("r = client.get('/')", "r.status_code == 200", "r.raise_for_status", "self.later()") + "    async def later(self): pass\n",
			[]string{
				"r.status_code == 200: warning: the result of this comparison is dropped [put assert before it]",
				"r.raise_for_status: warning: this does nothing: .raise_for_status is not called [add ()]",
				"self.later(): warning: this does nothing: the coroutine is never awaited [put await before it]",
			},
		},
		"calls that are none, and none that are": {
			task("r = client.get('/')", "r.json['a']", "r.text()"),
			[]string{
				"r.json['a']: error: 'builtin_function_or_method' object is not subscriptable [write .json()[...]]",
				"r.text(): error: 'str' object is not callable [write .text without parentheses]",
			},
		},
		"unreachable": {
			task("return", "client.get('/')"),
			[]string{"client.get('/'): warning: this can never run: what stands before it leaves"},
		},
		"defined twice": {
			task("client.get('/')") + "    @task\n    def t(self, client): client.get('/b')\n",
			[]string{"t: warning: t is defined again: the one in line 8 is lost"},
		},
		"checks that never run": {
			task("time.sleep(1)") + "    def check_t(self, status_code, body): pass\n    def check_other(self, status_code, body): pass\n" +
				"@scenario\nclass Two(VUser):\n    @task\n    def other(self, client): client.get('/')\n",
			[]string{
				"check_t: warning: this check never runs: task t sends no request",
				"check_other: warning: this check never runs: Shop has no task other [did you mean 'check_fine'?]",
			},
		},
		"hooks and tasks that nothing calls": {
			shop("    def on_startt(self, client): pass\n    def buy(self, client): client.get('/')\n    def chek_fine(self, status_code, body): pass\n"),
			[]string{
				"on_startt: warning: nothing calls on_startt [did you mean 'on_start'?]",
				"buy: warning: nothing calls buy [is it a task? put @task before it]",
				"chek_fine: warning: nothing calls chek_fine [did you mean 'check_fine'?]",
			},
		},
		"parameter of @scenario": {
			"@scenario(rsp=5)\nclass Shop(VUser):\n    @task\n    def t(self, client): client.get('/')\n",
			[]string{"5: error: rsp: @scenario has no such parameter; it has rps, duration, ramp_up, mode, steps, thresholds, users, max_users, max_lag, timeout, graceful_stop and warmup [did you mean 'rps'?]"},
		},
		"syntax": {"x = = 1\n", []string{"=: error: invalid syntax"}},
		"all that a file is refused for": {
			"@scenario(\n    rsp=5,\n    duration=3,\n    thresholds={\n        'p98_ms': 1,\n        'p99_ms': 'x',\n        'nobody:p99_ms': 5,\n    },\n)\n" +
				"class Shop(VUser):\n    @task(weight=0)\n    def t(self, client): client.head('/'), client.gett('/')\n" +
				"    @task\n    def u(self): pass\n    def check_u(self): pass\n    def check_v(self, status_code, body): pass\n" +
				"@scenario(users=-1)\nclass Empty(VUser): pass\n",
			[]string{
				"5: error: rsp: @scenario has no such parameter; it has rps, duration, ramp_up, mode, steps, thresholds, users, max_users, max_lag, timeout, graceful_stop and warmup [did you mean 'rps'?]",
				"3: error: duration: a value of type int is not a duration such as \"2m30s\"",
				"'p98_ms': error: thresholds: unknown key \"p98_ms\": use one of p50_ms, p90_ms, p95_ms, p99_ms, max_ms, mean_ms, error_rate, rps_min, service_p50_ms, service_p90_ms, service_p95_ms, service_p99_ms, service_max_ms, service_mean_ms, or a task's as \"task:p99_ms\"",
				"'p99_ms': error: thresholds: p99_ms: \"x\" is not a number",
				"'nobody:p99_ms': error: thresholds: \"nobody:p99_ms\": the scenario has no task or measure \"nobody\" that stands in the script as a literal, only task t, task u",
				"0: error: weight: 0 must be above 0",
				"head: error: method: HEAD is not one of GET, POST, PUT, PATCH, DELETE",
				"gett: error: 'LoadClient' object has no attribute 'gett' [did you mean 'get'?]",
				"u: error: u: it is called with (self, client), which its parameters do not fit",
				"check_u: error: check_u: it is called with (self, status_code, body), which its parameters do not fit",
				"check_v: error: check_v: no task has that check's name; scenario Shop has t, u",
				"Empty: error: task: scenario Empty has none: put @task on a method",
			},
		},
		"parameters of a file that does not load": {
			"LIMIT = 5\nimport nothing\n@scenario(\n    rps='x',\n    durations=LIMIT,\n    ramp_up=LIMIT,\n    thresholds={'p98_ms': 1, 'p99_ms': LIMIT},\n)\nclass Shop(VUser):\n    @task\n    def t(self, client): client.gett('/')\n",
			[]string{
				"nothing: error: No module named 'nothing'",
				"'x': error: rps: \"x\" is not a number",
				"LIMIT: error: durations: @scenario has no such parameter; it has rps, duration, ramp_up, mode, steps, thresholds, users, max_users, max_lag, timeout, graceful_stop and warmup [did you mean 'duration'?]",
				"'p98_ms': error: thresholds: unknown key \"p98_ms\": use one of p50_ms, p90_ms, p95_ms, p99_ms, max_ms, mean_ms, error_rate, rps_min, service_p50_ms, service_p90_ms, service_p95_ms, service_p99_ms, service_max_ms, service_mean_ms, or a task's as \"task:p99_ms\"",
				"gett: error: 'LoadClient' object has no attribute 'gett' [did you mean 'get'?]",
			},
		},
		"exception at the top": {
			"random.choise([1])\n",
			[]string{"choise: error: AttributeError: module 'random' has no attribute 'choise' [did you mean 'choice'?]"},
		},
	} {
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			require.Empty(t, cmp.Diff(tt.want, findings(inspect(t, tt.script))))
		})
	}
}

// Nothing is wrong with these.
func TestNoFalseAlarms(t *testing.T) {
	t.Parallel()
	for label, body := range map[string]string{
		"attribute set by name":        "    def on_start(self, client): setattr(self, 'a', 1)\n    @task\n    def t(self, client): client.get(self.a)\n",
		"attribute of a computed name": "    def on_start(self, client):\n        for k in 'ab': setattr(self, k, 1)\n    @task\n    def t(self, client): client.get(self.a)\n",
		"__getattr__":                  "    def __getattr__(self, name): return name\n    @task\n    def t(self, client): client.get(self.a)\n",
		"__dict__":                     "    def on_start(self, client): self.__dict__.update(a=1)\n    @task\n    def t(self, client): client.get(self.a)\n",
		"hasattr":                      "    @task\n    def t(self, client):\n        if hasattr(self, 'a'): client.get(self.a)\n",
		"getattr":                      "    @task\n    def t(self, client): client.get(getattr(self, 'a', '/'))\n",
		"set from outside":             "    def on_start(self, client): fill(self)\n    @task\n    def t(self, client): client.get(self.outside)\n",
		"set through the class":        "    @task\n    def t(self, client): client.get(self.shared)\n",
		"set in a closure":             "    def on_start(self, client):\n        def later(): self.a = 1\n        later()\n    @task\n    def t(self, client): client.get(self.a)\n",
		"set by unpacking":             "    def on_start(self, client): self.a, (self.b, *self.c) = 1, (2, 3)\n    @task\n    def t(self, client): client.get(self.a, params={'b': self.b, 'c': self.c})\n",
		"set by for and with":          "    def on_start(self, client):\n        for self.a in '12': pass\n    @task\n    def t(self, client): client.get(self.a)\n",
		"property":                     "    @property\n    def a(self): return 1\n    @a.setter\n    def a(self, v): pass\n    @task\n    def t(self, client): client.get(self.a)\n",
		"inherited from VUser":         "    def on_start(self, client): super().on_start(client)\n    def on_stop(self, client): self.on_start(client)\n",
		"class and doc":                "    @task\n    def t(self, client): client.get(self.__class__.__name__, params={'d': self.__doc__})\n",
		"class method":                 "    n = 0\n    @classmethod\n    def make(cls, a=1): cls.n += a\n    @task\n    def t(self, client): self.make(2); Shop.make()\n",
		"static method":                "    @staticmethod\n    def make(a): return a\n    @task\n    def t(self, client): self.make(2); Shop.make(1)\n",
		"decorated method":             "    @twice\n    def m(self): return 1\n    @task\n    def t(self, client): self.m(1, 2, 3)\n",
		"spread arguments":             "    @task\n    def t(self, client):\n        args, kw = ('/',), {'headers': {}}\n        client.get(*args, **kw)\n        helper(*args, **kw)\n",
		"conditions that belong together": "    @task\n    def t(self, client):\n        if client: x = 1\n        if client: print(x)\n" +
			"        try: y = 1\n        except ValueError: return\n        print(y)\n        for z in '12': last = z\n        print(last, z)\n",
		"condition that leaves":     "    @task\n    def t(self, client):\n        if client: x = 1\n        if not client: return\n        print(x)\n",
		"exhaustive":                "    @task\n    def t(self, client):\n        if client: x = 1\n        elif self: x = 2\n        else: raise ValueError\n        print(x)\n",
		"chain":                     "    @task\n    def t(self, client):\n        k = random.choice('ab')\n        if k == 'a': x = 1\n        elif k == 'b': x = 2\n        print(x)\n",
		"endless loop":              "    @task\n    def t(self, client):\n        while True:\n            try:\n                r = client.get('/')\n                break\n            except ValueError: continue\n        print(r.ok)\n",
		"round before":              "    @task\n    def t(self, client):\n        for i in range(3):\n            if i: print(last)\n            last = i\n",
		"walrus":                    "    @task\n    def t(self, client):\n        if (r := client.get('/')).ok and (n := len(r.text)) > 1: print(n)\n        print(r.ok, [y := 1, y], y)\n",
		"nonlocal":                  "    @task\n    def t(self, client):\n        def set():\n            nonlocal x\n            x = 1\n        x = 0\n        set()\n        print(x)\n",
		"nested function":           "    @task\n    def t(self, client):\n        def show(): return x + y\n        x = y = 1\n        print(show(), (lambda: x)())\n",
		"global":                    "    @task\n    def t(self, client):\n        global late\n        late = 1\n    @task\n    def u(self, client): print(late)\n",
		"comprehensions":            "    @task\n    def t(self, client):\n        rows = [(i, j) for i in range(3) for j in range(i) if j]\n        print({k: v for k, v in rows}, {a for a, _ in rows}, sum(b for _, b in rows))\n",
		"match of exceptions":       "    @task\n    def t(self, client):\n        try: client.get('/')\n        except (ValueError, KeyError) as e: print(e)\n        finally: print('end')\n",
		"expected exceptions":       "    @task\n    def t(self, client):\n        try: print(unknown, client.nope, len())\n        except (NameError, AttributeError, TypeError): pass\n",
		"response or None":          "    @task\n    def t(self, client):\n        r = None\n        try: r = client.get('/')\n        finally: print(r and r.whatever)\n",
		"other variables called r":  "    @task\n    def t(self, client):\n        r = client.get('/')\n        r = r.json()\n        print(r.whatever)\n",
		"status as a number":        "    @task\n    def t(self, client):\n        r = client.get('/')\n        assert r.status_code == 200 and r.status_code in (200, '201') and str(r.status_code) == '200'\n",
		"annotations":               "    def m(self, a: 'Nothing', b: Unknown = 1) -> Missing: return a\n    @task\n    def t(self, client):\n        x: Whatever = 1\n        print(x, self.m(1))\n",
		"awaited":                   "    async def a(self): return 1\n    @task\n    async def t(self, client):\n        r = await client.get('/')\n        await self.a()\n        print(r.ok)\n",
		"strings of a class":        "    names = ['a']\n    names.append('b')\n    size = len(names)\n    @task\n    def t(self, client): client.get(self.names[self.size - 1].upper())\n",
		"called by a name":          "    def buy(self, client): client.get('/')\n    @task\n    def t(self, client): self.buy(client)\n",
		"task of lambda":            "    t = task(lambda self, client: client.get('/'))\n",
		"class in a function":       "    @task\n    def t(self, client):\n        class Local:\n            x = 1\n            def m(self): return self.x + self.y\n        Local().y = 2\n",
		"mixins":                    "    pass\nclass Mixin:\n    def show(self): return self.token\n@scenario\nclass Both(Mixin, Shop):\n    def on_start(self, client): self.token = 1\n    @task\n    def t(self, client): self.show()\n",
		"dataclass":                 "    @task\n    def t(self, client): print(Row(1, b=2).a)\n",
		"unknown base":              "    @task\n    def t(self, client): print(Odd().whatever)\n",
		"enum and exception":        "    @task\n    def t(self, client):\n        try: raise Wrong('a')\n        except Wrong as e: print(e.args, e.code, str(e))\n",
		"function of several names": "    @task\n    def t(self, client): pick(1, 2)\n",
		"module attribute":          "    @task\n    def t(self, client): print(time.time(), random.random(), os.path if False else os.environ)\n",
	} {
		const top = `import os
from dataclasses import dataclass
@dataclass
class Row:
    a: int
    b: int = 0
class Odd(dict):
    pass
class Wrong(Exception):
    code = 1
def twice(f): return lambda *a, **k: f(a[0])
def fill(user): user.outside = 1
def helper(path, headers=None): return path
def pick(a): return a
if os: pick = lambda a, b: a
`
		t.Run(label, func(t *testing.T) {
			t.Parallel()
			if label == "module attribute" {
				body = strings.Replace(body, "os.path if False else ", "", 1)
			}
			script := top + shop(body) + "Shop.shared = 1\n"
			require.Empty(t, findings(inspect(t, script)))
		})
	}
}

// The files that come with LoadPilot are without findings.
func TestFilesHaveNoFindings(t *testing.T) {
	t.Parallel()
	for _, pattern := range []string{"testdata/docs/*.py", "../../scenarios/*.py"} {
		files, err := filepath.Glob(pattern)
		require.NoError(t, err)
		require.NotEmpty(t, files)
		for _, file := range files {
			source, err := os.ReadFile(file)
			require.NoError(t, err)
			opts := Options{Files: dataBeside(t, file, source)}
			found, err := Inspect(t.Context(), filepath.Base(file), source, opts)
			require.NoError(t, err)
			require.Empty(t, findings(found), file)
			require.NotEmpty(t, found.Scenarios, file)
		}
	}
}

// dataBeside reads the data files that a scenario file names.
func dataBeside(t *testing.T, file string, source []byte) map[string]string {
	t.Helper()
	names, err := DataFiles(filepath.Base(file), source)
	require.NoError(t, err)
	files := map[string]string{}
	for _, name := range names {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(name)))
		require.NoError(t, err)
		files[name] = string(text)
	}
	return files
}

func TestInspectDescribes(t *testing.T) {
	t.Parallel()
	found := inspect(t, `
@scenario(rps=10, duration="10s", mode="constant", thresholds={"p99_ms": 500})
class Shop(VUser):
    def on_start(self, client):
        self.token = "abc"
        self.auth = {"A": self.token}

    @task(weight=3)
    def a(self, client):
        client.get("/", headers={"A": self.token})

    def check_a(self, status_code, body):
        assert status_code == 200

    @task
    def b(self, client):
        client.get("/", params={"n": random.randint(1, 9)})

    def check_b(self, status_code, body):
        assert body

    @task
    def c(self, client):
        cart = client.get("/cart").json()["items"]

    @task
    def d(self, client):
        client.get("/", headers=self.auth)
        time.sleep(1)

    @task
    def e(self, client):
        client.get("/", headers=self.auth)

    @task
    def f(self, client):
        client.get(self.path)
        self.path = "/b"
    path = "/"
`)
	require.Empty(t, findings(found))
	require.Len(t, found.Scenarios, 1)
	s := found.Scenarios[0]
	require.True(t, s.Start)
	require.False(t, s.Stop)
	require.EqualValues(t, 100, s.Iterations)
	want := []TaskSummary{
		{Name: "a", Weight: 3, Share: 37.5, Static: true, Reads: []string{"token"}, Check: true},
		{Name: "b", Weight: 1, Share: 12.5, Reason: Reason{19, "random.randint(1, 9) changes with each arrival"}, Check: true, ReadsBody: true},
		{Name: "c", Weight: 1, Share: 12.5, Reason: Reason{26, `the answer of client.get("/cart") is used`}},
		{Name: "d", Weight: 1, Share: 12.5, Reason: Reason{31, "time.sleep(1) is more than a request"}},
		{Name: "e", Weight: 1, Share: 12.5, Reason: Reason{8, "self.auth holds neither a text nor a number"}},
		{Name: "f", Weight: 1, Share: 12.5, Reason: Reason{39, "self.path is written after on_start"}},
	}
	require.Empty(t, cmp.Diff(want, s.Tasks))
}

package python_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/loadpilot/loadpilot/shared/python"
	"github.com/loadpilot/loadpilot/shared/python/syntax"
)

// TestRefusedWithPlace asserts the place and the text of what a file may not contain.
func TestRefusedWithPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		src       string
		line, col int
		msg       string
	}{
		{"match x:\n    case 1:\n        pass\n", 1, 1, "the match statement is not supported; use if and elif"},
		{"class A(metaclass=type): pass\n", 1, 9, "metaclasses are not supported; use a class decorator or a base class"},
		{"class A:\n    def __getattribute__(self, n): pass\n", 2, 9, "__getattribute__ is not called here: use __getattr__, or a property"},
		{"from math import *\n", 1, 18, "import * is not supported; name what you import"},
		{"x = open('x')\n", 1, 5, "open is not available: a scenario has no files; for data shipped with the run use loadpilot.data(\"users.csv\")"},
		{"exec('1')\n", 1, 1, "exec is not available: a scenario cannot run code it makes itself"},
		{"globals()\n", 1, 1, "globals is not available: use a dict of your own"},
		{"locals()\n", 1, 1, "locals is not available: use a dict of your own"},
		{"breakpoint()\n", 1, 1, "breakpoint is not available: use print()"},
		{"input()\n", 1, 1, "input is not available: nobody can answer; use os.environ"},
		{"bytearray(3)\n", 1, 1, "bytearray is not available: use bytes, or a list of integers"},
		{"complex(1)\n", 1, 1, "complex is not available: use two floats"},
		{"memoryview(b'')\n", 1, 1, "memoryview is not available: use bytes"},
		{"import nowhere\n", 1, 8, "No module named 'nowhere'"},
		{"from math import nope\n", 1, 18, "cannot import name 'nope' from 'math'"},
		{"from . import x\n", 1, 1, "relative imports are not available: a scenario is one file"},
		{"from threading import Thread\n", 1, 23, "cannot import name 'Thread' from 'threading'"},
		{"import re\nre.compile('(?=a)')\n", 2, 12, "in the pattern at position 0: look-ahead (?= is not supported"},
		{"try:\n    pass\nexcept* ValueError:\n    pass\n", 3, 7, "except* is not supported; use except"},
		{"def f():\n    await g()\n", 2, 5, "'await' outside async function"},
		{"def f():\n    async for x in g(): pass\n", 2, 5, "'async for' outside async function"},
		{"async def f():\n    yield 1\n    return 2\n", 3, 5, "'return' with value in async generator"},
		{"async def f():\n    yield from g()\n", 2, 5, "'yield from' inside async function"},
		{"[(yield 1) for x in y]\n", 1, 3, "'yield' inside list comprehension"},
		{"yield 1\n", 1, 1, "'yield' outside function"},
		{"class A:\n    return 1\n", 2, 5, "'return' outside function"},
		{"break\n", 1, 1, "'break' outside loop"},
		{"continue\n", 1, 1, "'continue' not properly in loop"},
		{"nonlocal x\n", 1, 1, "nonlocal declaration not allowed at module level"},
		{"def f(x):\n    global x\n", 2, 5, "name 'x' is parameter and global"},
		{"def f(a, a): pass\n", 1, 10, "duplicate argument 'a' in function definition"},
		{"def f(a=1, b): pass\n", 1, 12, "non-default argument follows default argument"},
		{"f() = 1\n", 1, 1, "cannot assign to function call here. Maybe you meant '==' instead of '='?"},
		{"None = 1\n", 1, 1, "cannot assign to None"},
		{"for 1 in x: pass\n", 1, 5, "cannot assign to literal"},
		{"del f()\n", 1, 5, "cannot delete function call"},
		{"f(a=1, a=2)\n", 1, 8, "keyword argument repeated: a"},
		{"f(a=1, 2)\n", 1, 9, "positional argument follows keyword argument"},
		{"a, *b, *c = x\n", 1, 1, "multiple starred expressions in assignment"},
		{"if x = 1: pass\n", 1, 4, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?"},
		{"x = (1, 2\n", 1, 5, "'(' was never closed"},
		{"x = 'abc\n", 1, 5, "unterminated string literal (detected at line 1)"},
	} {
		_, err := python.Compile("flow.py", []byte(c.src), python.Config{})
		var e *syntax.Error
		if !errors.As(err, &e) {
			t.Errorf("%q: got %v, want a refusal", c.src, err)
			continue
		}
		if e.Line != c.line || e.Col != c.col || !strings.HasPrefix(e.Msg, c.msg) {
			t.Errorf("%q:\ngot  %d:%d %s\nwant %d:%d %s", c.src, e.Line, e.Col, e.Msg, c.line, c.col, c.msg)
		}
	}
}

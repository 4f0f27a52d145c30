"""Each construct of the language at least once; the trees are compared with CPython's."""
from __future__ import annotations
import os, os.path as path
from . import sibling
from .. import (parent as p, other,)
from ...far.away import thing
import json as j

@decorator
@module.decorator(1, *args, key=2, **kwargs)
class Shop(Base, Mixin, flag=True, **options):
    """Doc."""
    count: int = 0
    name: "str"
    (spaced): int = 1
    here.there: int
    table[0]: float = .5

    def plain(self): pass
    def full(self, a, b: int = 1, /, c=2, *args: tuple, d, e: str = 'x', **kw: dict) -> None: return
    def bare(self, *, key): return key,
    async def fetch(self):
        await self.get()
        async with a as b, c: pass
        async for x in y:
            continue
        else:
            pass
        return [x async for x in y if await z]

def generator():
    x = yield
    y = yield 1, *rest
    z = yield from inner()
    yield
    (yield)

numbers = [0, 00, 0_0, 1_000, 0x_ff, 0o17, 0b1_01, 1., .1, 1e5, 1E-5, 1_0.0_1e+1_0, 9223372036854775807, 9223372036854775808, 10**30, 1e400]
texts = ['a', "b", '''c
d''', r'\n', b'bytes\x00\377', rb'\x', Rb"q", u'u', 'one' "two"
         'three', '\x41\u00e9\U0001F600\101\
\'\"\\', 'é' 'ü']
other = [None, True, False, ..., (), (1,), (1, 2), [], [1, *rest], {}, {1}, {1, *rest}, {1: 2, **more, 'x': y}]
calls = f(), f(1), f(a, b=1), f(*a, *b, **c, **d), f(x for x in y), f((x for x in y), 1), f(a := 1), f(a)(b)[c].d, f(a=1, *b)
comps = [x for x in y], {x for x, in y if z if not w}, {k: v for k, v in m.items()}, [a for b in c for a in b], (x for x in (lambda: y)())
items = a[0], a[1:2], a[:], a[::2], a[1:], a[:2], a[1:2:3], a[1, 2], a[1:2, ...], a[*b], a[x := 1], a[-1]
ops = a + b - c * d / e // f % g @ h ** i ** -j, -a ** b, ~a & b | c ^ d << e >> f, not a and b or c and not d
tests = a < b <= c > d >= e == f != g, a is b, a is not b, a in b, a not in b, not a in b
choice = a if b else c if d else (lambda x, *y, z=1, **w: x)
nothing = lambda: (yield)
f_strings = f'a{b}c', f"{a!r:>{width}}" 'tail', f'{x=}', rf'\d{a}', f'''{
    a + b}''', f'{{}}', f'{a:%Y-%m-%d}', f'{lambda_(1)!s}', F'{a["b"]}', f'{x:{y}.{z}}', f'' 'plain'

a = b = c = 1
a, b = b, a
(a, b), [c, *d] = e
*a, = b
[a, b] = c
a.b = c[d] = e
a += 1; b -= 2; c *= 3; d /= 4; e //= 5; f %= 6; g **= 7; h >>= 8; i <<= 9; j &= 10; k |= 11; l ^= 12; m @= 13
x: int
x = *a, b
for x, (y, z) in pairs: print(x)
for x in 1, 2, *rest:
    if x:
        break
    elif y:
        continue
    elif (z := w):
        pass
    else:
        del x, y[0], (z, w.v)
else:
    assert x, 'message'
while x < 1: x += 1
while True:
    break
else:
    pass
with a: pass
with a as b, c as (d, e): pass
with (a, b): pass
with (a as b, c,): pass
with (a): pass
with (a).b as c: pass
with (yield_ for x in y) as g: pass
try:
    raise
except (A, B) as e:
    raise X from e
except C:
    raise X
except:
    pass
else:
    pass
finally:
    pass
try: pass
finally: pass
def outer():
    global g
    n = 1
    def inner():
        nonlocal n
        return n
    return inner
if True:
	tabbed = 1
	if tabbed:
		pass
match = case = type = 1
match.x
match[case]
match (case)
print(match, -case); print (1); exec(1)
ünïcödé = 'ﬁ'; ﬁ = 1
long = a + \
    b
if (a and
    # a comment
    b):

    # another
    pass
  # a comment at no level
end = 1  # no newline
a, b = b, a = 1, 2
print(a, b)
(a, b), c = "xy", 3; print(a, b, c)
[a, [b, c]] = [1, [2, 3]]; print(a, b, c)
a, *b = [1]; print(a, b)
*a, b, c = range(5); print(a, b, c)
a, (b, *c), d = 1, (2, 3, 4), 5; print(a, b, c, d)
for i, (x, y) in enumerate([(1, 2), (3, 4)]): print(i, x, y)
print([a + b for a, b in [(1, 2), (3, 4)]], {k: v for k, v in {"a": 1}.items()}, [x for x, *_ in ["abc", "de"]])
def f(*args, **kwargs): return args, kwargs
print(f(*"ab", *[1], **{"x": 1}, **{"y": 2}), f(*(), **{}), f(*{"k": 1}), f(*range(2), 5, k=1))
print([*"ab", *(1, 2)], (*"ab",), {*"a", *"a"}, {**{"a": 1}, **{"a": 2}}, [*[], *[]])
x = [1, 2, 3]; x[0], x[1] = x[1], x[0]; print(x)
class P: pass
p = P(); p.a, p.b = 1, 2; print(p.a, p.b)
d = {}; d["x"], d["y"] = "ab"; print(d)
a = b = c = []; a.append(1); print(b is c, c)
a, b, c = c, b, a
def multi(): return 1, "two", [3]
n, s, l = multi(); print(n, s, l)
_, *mid, _ = "hello"; print(mid)
(q), = [5]; print(q)
def gen():
    yield 1
    yield 2
u, w = gen(); print(u, w)
a, b = {"k1": 1, "k2": 2}; print(a, b)
for t in ["a, b = 1", "a, b = 1, 2, 3", "a, *b, c = [1]", "[a] = []"]: print(t)
for fn in [lambda: unp2(1), lambda: unp2((1, 2, 3)), lambda: unp2(()), lambda: unp2("abc"), lambda: unp2(None), lambda: unpstar([1])]:
    def unp2(v):
        a, b = v
    def unpstar(v):
        a, b, *c = v
    try: fn()
    except Exception as e: print(type(e).__name__, e)

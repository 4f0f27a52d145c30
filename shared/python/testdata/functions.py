def f(a, b=2, *args, c, d=4, **kw):
    return a, b, args, c, d, kw


print(f(1, c=3), f(1, 5, 6, 7, c=3, e=9), f(*[1, 2], **{"c": 3, "z": 4}), f(1, *[2, 3], c=0, **{"q": 1}, w=2))


def pos(a, b, /, c, *, d):
    return a, b, c, d


print(pos(1, 2, 3, d=4), pos(1, 2, c=3, d=4))


def none():
    pass


print(none(), (lambda: 5)(), (lambda x, y=2, *z, k=3: (x, y, z, k))(1, k=9))


def mutable(x, acc=[]):
    acc.append(x)
    return acc


print(mutable(1), mutable(2))


def outer():
    n = 0
    fs = []
    for i in range(3):
        fs.append(lambda i=i: (i, n))
    n = 10

    def inc(by=1):
        nonlocal n
        n += by
        return n
    return fs, inc


fs, inc = outer()
print([g() for g in fs], inc(), inc(5), [g() for g in fs])
late = [lambda: k for k in range(3)]
print([g() for g in late])
G = 1


def setg():
    global G, NEW
    G += 1
    NEW = "new"


setg()
print(G, NEW)


def deco(prefix):
    def wrap(fn):
        def inner(*a, **k):
            return prefix + str(fn(*a, **k))
        inner.orig = fn
        return inner
    return wrap


def twice(fn):
    return lambda *a: fn(fn(*a))


@deco("<")
@deco(">")
def dd(x, y=1):
    return x + y


@twice
def plus1(x):
    return x + 1


print(dd(1), dd(1, y=5), dd.orig.orig(2), plus1(5))


def rec(n):
    return 1 if n <= 1 else n * rec(n - 1)


print(rec(20), rec(50))


def annotated(a: int, b: "str" = "x", *c: float) -> int:
    v: int = 5
    w: Undefined2
    return a, b, v


print(annotated(1))


def one(a): pass
def two(a, b): pass
def three(a, b, c): pass
def dflt(a, b=1): pass
def kwonly(a, *, k): pass
def kwonly2(a, *, k, j): pass
def noargs(): pass
def star(*a): pass
def posonly(a, /): pass
def kws(**k): pass


class K:
    def m(self, a): pass
    @staticmethod
    def s(a): pass
    @classmethod
    def c(cls, a): pass


for i, t in enumerate([lambda: one(), lambda: one(1, 2), lambda: two(), lambda: two(1), lambda: three(), lambda: two(1, 2, 3), lambda: dflt(), lambda: dflt(1, 2, 3), lambda: kwonly(1), lambda: kwonly(1, 2), lambda: kwonly2(1), lambda: kwonly(1, 2, k=3), lambda: noargs(1), lambda: noargs(1, 2), lambda: one(a=1, b=2), lambda: one(1, a=2), lambda: star(x=1), lambda: posonly(a=1), lambda: posonly(), lambda: K().m(), lambda: K().m(1, 2), lambda: K.s(), lambda: K.c(), lambda: K.m(1), lambda: one(*5), lambda: one(**5), lambda: kws(**{1: 2}), lambda: one(*[1, 2]), lambda: one(**{"a": 1, "b": 2}), lambda: one(1, **{"a": 1}), lambda: kws(a=1, **{"a": 2}), lambda: (lambda x: x)(), lambda: undefined, lambda: none()(), lambda: len(), lambda: len(1, 2), lambda: len(x=1), lambda: isinstance(1), lambda: getattr(1), lambda: print(1, x=2), lambda: int(x=1), lambda: [].append(x=1), lambda: K(1), lambda: K(x=1), lambda: abs(), lambda: abs(1, 2), lambda: zip(1), lambda: ord(), lambda: {}.get(1, 2, 3), lambda: "a".split(1, 2, 3) if False else 1, lambda: max(1, key=5) if False else 1]):
    try:
        print(i, "ok", t())
    except Exception as e:
        print(i, type(e).__name__, "|", e)


def unbound():
    print(q)
    q = 1


def unbound2():
    def inner():
        return zz
    if False:
        zz = 1
    return inner()


def deleted():
    w = 1
    del w
    return w


for t in [unbound, unbound2, deleted]:
    try:
        t()
    except NameError as e:
        print(type(e).__name__, e)
print((lambda *a, **k: (a, k))(*range(3), **dict(x=1)), [*range(2), *"ab"], {*[1], *[1]}, (*[1], 2), {**{"a": 1}, "b": 2, **{"a": 3}})
if (n := 10) > 5 and (m := n * 2):
    print(n, m)
print([last := v for v in range(3)], last)
print(one.__name__, K.m.__qualname__, outer.__qualname__, fs[0].__qualname__, deco("x")(one).__qualname__)
x = 5 if G else 6
print(x, 1 if not G else 2, "a" or "b", "" or "b", 0 and 1, None and 2, 1 and 2, not None)
print(1 < 2 < 3, 1 < 3 < 2, 1 == 1 != 2, 3 > 2 >= 2, 1 is None, None is None, 1 is not None, 2 in [1, 2] == True)
del x
try:
    x
except NameError as e:
    print(e)

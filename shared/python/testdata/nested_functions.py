def memo(fn):
    cache = {}
    def inner(*a):
        if a not in cache:
            cache[a] = fn(*a)
        return cache[a]
    inner.cache = cache
    return inner
@memo
def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(80), len(fib.cache))
def compose(*fs):
    def run(x):
        for f in reversed(fs): x = f(x)
        return x
    return run
print(compose(str, lambda x: x * 2, abs)(-4))
def curry(f, *a): return lambda *b, **k: f(*a, *b, **k)
print(curry(max, 3)(1, 2), curry(sorted, [2, 1])(reverse=True))
class Reg:
    handlers = {}
    @classmethod
    def on(cls, name):
        def wrap(fn):
            cls.handlers.setdefault(name, []).append(fn)
            return fn
        return wrap
    def fire(self, name, *a): return [h(*a) for h in self.handlers.get(name, [])]
@Reg.on("x")
@Reg.on("y")
def handler(v): return v + 1
@Reg.on("x")
def handler2(v): return v * 10
print(Reg().fire("x", 5), Reg().fire("y", 1), Reg().fire("z"), handler(1))
class Timer:
    def __init__(self, fn): self.fn, self.n = fn, 0
    def __call__(self, *a): self.n += 1; return self.fn(*a)
@Timer
def t(x): return -x
t(1); print(t(5), t.n)
def outer(a):
    def mid(b):
        def inner(c):
            nonlocal a
            a += b + c
            return a
        return inner
    return mid
f = outer(1)(10); f(100); print(f(100))
def gen_closure():
    for i in range(3):
        yield lambda: i
fs = list(gen_closure()); print([f() for f in fs])
def default_late(x=None, *, y=lambda: 5): return x or y()
print(default_late(), default_late(1), default_late(y=lambda: 6))
print((lambda f: f(f, 5))(lambda self, n: 1 if n == 0 else n * self(self, n - 1)))
def kwargs_order(**k): return list(k)
print(kwargs_order(z=1, a=2, m=3), (lambda **k: k)(b=1, a=2))
class Meth:
    def go(self, x): return x
m = Meth().go; print(m(3), list(map(m, [1, 2])), Meth.go(None, 4))
print(list(map(lambda p: p[0] + p[1], zip([1, 2], [3, 4]))), sorted("b a C".split(), key=str.lower), list(filter(str.isdigit, "a1b2")), list(map(str.upper, "ab")), list(map(int.__add__, [1], [2])))

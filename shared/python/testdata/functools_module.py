import functools
from functools import (
    WRAPPER_ASSIGNMENTS, WRAPPER_UPDATES, cache, cached_property, cmp_to_key, lru_cache, partial, partialmethod, reduce, singledispatch, total_ordering, update_wrapper, wraps,
)

# reduce
print(reduce(lambda a, b: a + b, [1, 2, 3]), reduce(lambda a, b: a * b, range(1, 6), 10), reduce(max, (3, 9, 2)), reduce(lambda a, b: b + a, "abc"), reduce(lambda a, b: a, [], "empty"))

# partial


def f(a, b=2, *args, c=3, **kw):
    return (a, b, args, c, kw)


p = partial(f, 1, c=30)
print(p(), p(5), p(5, 6, 7), p(c=1), p(b=9, z=5), p.args, p.keywords, p.func is f)
q = partial(p, 2, x=0)
print(q(), q.args, q.keywords, q.func is f, partial(int, base=2)("101"), list(map(partial(pow, 2), range(4))))
print(repr(partial(print, 1, "a", sep="-")), repr(partial(int)), callable(p), type(p), isinstance(p, partial))
p.note = "mine"
print(p.note, partial(str.upper)("x"))


class Sub(partial):
    def twice(self):
        return self(), self()


print(Sub(f, 1).twice())

# wraps


def deco(fn):
    @wraps(fn)
    def inner(*a, **k):
        """inner doc"""
        return ("wrapped", fn(*a, **k))

    return inner


@deco
def greet(name, greeting="hi"):
    """Greets."""
    return f"{greeting} {name}"


print(greet("bob"), greet.__name__, greet.__doc__, greet.__wrapped__("x"), greet.__qualname__, greet.__module__, WRAPPER_ASSIGNMENTS, WRAPPER_UPDATES)


def marked():
    pass


marked.weight = 5
other = update_wrapper(lambda: None, marked)
print(other.weight, other.__name__)


def retry(times):
    def decorate(fn):
        @functools.wraps(fn)
        def run(*args, **kwargs):
            for i in range(times):
                try:
                    return fn(*args, **kwargs)
                except ValueError as e:
                    last = e
            raise last

        return run

    return decorate


calls = []


@retry(3)
def flaky():
    calls.append(1)
    if len(calls) < 3:
        raise ValueError(len(calls))
    return "done"


print(flaky(), len(calls), flaky.__name__)

# caches


@lru_cache(maxsize=2)
def square(n):
    print("computing", n)
    return n * n


print(square(2), square(2), square(3), square(2), square(4), square(3), square.cache_info())
square.cache_clear()
print(square.cache_info(), square.cache_info().hits, square.cache_parameters(), square.__name__, square.__wrapped__(9))


@lru_cache
def plain(a, b=0, **k):
    return (a, b, k)


print(plain(1), plain(1), plain(1, b=0), plain(a=1), plain(1.0), plain(True), plain(1, x=[1][0]), plain.cache_info())


@lru_cache(typed=True)
def typed(x):
    return type(x).__name__


print(typed(1), typed(1.0), typed(True), typed.cache_info())


@cache
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


print(fib(80), fib.cache_info(), fib.cache_info().currsize)


@lru_cache(None)
def none():
    return 5


@lru_cache(maxsize=0)
def never(x):
    return x


@lru_cache(maxsize=-5)
def negative(x):
    return x


print(none(), none(), none.cache_info(), never(1), never(1), never.cache_info(), negative(1), negative.cache_info())


class Service:
    made = 0

    def __init__(self, base):
        self.base = base

    @lru_cache(maxsize=None)
    def price(self, n):
        Service.made += 1
        return self.base * n

    @staticmethod
    @cache
    def rate(x):
        return x / 2

    @cached_property
    def token(self):
        Service.made += 100
        return f"tok-{self.base}"

    def scaled(self, factor, n=1):
        return self.base * factor * n

    double = partialmethod(scaled, 2)
    triple = partialmethod(scaled, factor=3)


s = Service(5)
print(s.price(2), s.price(2), Service(7).price(2), Service.made, Service.rate(3), Service.price.cache_info())
print(s.token, s.token, Service.made, "token" in s.__dict__, s.double(), s.double(10), s.triple(n=2), s.triple())
del s.token
print(s.token, Service.made, Service.token.attrname, isinstance(Service.token, cached_property))
s.token = "set"
print(s.token, Service.token.func(s))

# ordering


@total_ordering
class Version:
    def __init__(self, *parts):
        self.parts = parts

    def __eq__(self, other):
        if not isinstance(other, Version):
            return NotImplemented
        return self.parts == other.parts

    def __lt__(self, other):
        if not isinstance(other, Version):
            return NotImplemented
        return self.parts < other.parts


a, b = Version(1, 2), Version(1, 10)
print(a < b, a <= b, a > b, a >= b, a <= Version(1, 2), a >= Version(1, 2), a != b, sorted([b, a])[0] is a, max(a, b) is b)
for root in ("__le__", "__gt__", "__ge__"):
    ops = {"__le__": lambda s, o: s.v <= o.v, "__gt__": lambda s, o: s.v > o.v, "__ge__": lambda s, o: s.v >= o.v}
    C = total_ordering(type("C", (), {"__init__": lambda s, v: setattr(s, "v", v), "__eq__": lambda s, o: s.v == o.v, root: ops[root]}))
    print(root, [(C(x) < C(y), C(x) <= C(y), C(x) > C(y), C(x) >= C(y)) for x, y in ((1, 2), (2, 2), (3, 2))])
print(sorted([3, 1, 2], key=cmp_to_key(lambda x, y: y - x)), sorted(["bb", "a"], key=cmp_to_key(lambda x, y: len(x) - len(y))), max([1, 5, 3], key=cmp_to_key(lambda x, y: x - y)))
K = cmp_to_key(lambda x, y: (x > y) - (x < y))
print(K(1) < K(2), K(1) == K(1), K(3).obj, K(2) >= K(5), [k.obj for k in sorted(map(K, [3, 1]))])

# single dispatch


@singledispatch
def show(x, *rest):
    return f"object {x}"


@show.register(int)
def _(x, *rest):
    return f"int {x} {rest}"


@show.register(list)
@show.register(tuple)
def _(x):
    return f"seq {len(x)}"


show.register(str, lambda x: f"str {x}")


class Base:
    pass


class Child(Base):
    pass


show.register(Base, lambda x: "base")
print(show(1.5), show(1, 2), show([1]), show((1, 2)), show("s"), show(True), show(Child()), show(None), show.dispatch(Child)(0), show.__name__, sorted(c.__name__ for c in show.registry), show.dispatch(float)(1))

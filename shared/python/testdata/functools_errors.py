from functools import cache, cached_property, cmp_to_key, lru_cache, partial, partialmethod, reduce, singledispatch, total_ordering, update_wrapper, wraps


@lru_cache
def cached(x):
    return 1 // x


@singledispatch
def show(x):
    return x


def bad_order():
    @total_ordering
    class A:
        pass


def slots():
    class A:
        __slots__ = ("x",)

        @cached_property
        def y(self):
            return 1

    return A().y


def two_names():
    class A:
        @cached_property
        def y(self):
            return 1

        z = y


def incomparable():
    @total_ordering
    class A:
        def __lt__(self, other):
            return NotImplemented

    return A() >= 5


TRIES = [
    lambda: reduce(lambda a, b: a, []), lambda: reduce(max, 5), lambda: reduce(max), lambda: reduce(), lambda: reduce(max, [], 1, 2), lambda: reduce(5, [1, 2]), lambda: reduce(lambda a: a, [1, 2]),
    lambda: reduce(lambda a, b: 1 // 0, [1, 2]), lambda: partial(), lambda: partial(5), lambda: partial(int, "x")(), lambda: partial(lambda a: a)(), lambda: partial(int).foo, lambda: partial(func=int),
    lambda: cached([]), lambda: cached({}), lambda: cached(0), lambda: cached(), lambda: cached(1, 2), lambda: lru_cache("x"), lambda: lru_cache(1.5), lambda: lru_cache(5)(5), lambda: cache(5), lambda: cache(),
    lambda: cached.foo, lambda: cached.cache_info(1), lambda: lru_cache(1, 2, 3), bad_order, slots, two_names, incomparable, lambda: cmp_to_key(), lambda: cmp_to_key(1, 2),
    lambda: sorted([1, 2], key=cmp_to_key(5)), lambda: sorted([1, 2], key=cmp_to_key(lambda a, b: "x")), lambda: cmp_to_key(max)(1) < 5, lambda: hash(cmp_to_key(max)(1)), lambda: show(),
    lambda: show.register(5), lambda: wraps(), lambda: update_wrapper(5, max), lambda: partialmethod(), lambda: partialmethod(5), lambda: cached_property(), lambda: singledispatch(),
]
for i, f in enumerate(TRIES):
    try:
        print(i, "no error:", f())
    except Exception as e:
        print(i, type(e).__name__, e)

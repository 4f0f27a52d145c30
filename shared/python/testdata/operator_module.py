import operator
from operator import attrgetter, itemgetter, methodcaller

pairs = {
    "add": (1, 2), "sub": (5, 3), "mul": (2, 3), "truediv": (1, 2), "floordiv": (7, 2), "mod": (7, 3), "pow": (2, 5), "lshift": (1, 4), "rshift": (16, 2), "and_": (6, 3), "or_": (6, 3), "xor": (6, 3),
    "eq": (1, 1), "ne": (1, 1), "lt": (1, 2), "le": (2, 2), "gt": (1, 2), "ge": (2, 3), "is_": (None, None), "is_not": (None, 1), "concat": ([1], [2]), "contains": ([1, 2], 2), "countOf": ([1, 1, 2], 1), "indexOf": ("abc", "c"), "getitem": ({"a": 5}, "a"),
    "iadd": ([1], [2]), "isub": (5, 2), "imul": ([1], 2), "itruediv": (1, 4), "ifloordiv": (9, 2), "imod": (9, 5), "ipow": (2, 3), "ilshift": (1, 2), "irshift": (8, 1), "iand": (6, 2), "ior": ({1}, {2}), "ixor": (6, 2),
}
for name, (a, b) in pairs.items():
    f = getattr(operator, name)
    print(name, f(a, b), f.__name__)
print(operator.neg(5), operator.pos(-5), operator.inv(5), operator.invert(0), operator.abs(-3), operator.not_([]), operator.truth("x"), operator.index(True), operator.call(max, 1, 2), operator.call(dict, a=1))
d = {}
operator.setitem(d, "k", 1)
print(d, operator.delitem(d, "k"), d)


class M:
    def __matmul__(self, o):
        return ("mat", o)


print(operator.matmul(M(), 2), operator.imatmul(M(), 3))
rows = [{"u": "b", "ms": 5}, {"u": "a", "ms": 9}]
print(sorted(rows, key=itemgetter("ms")), itemgetter(1)("abc"), itemgetter(0, 2)("abc"), itemgetter(slice(1, None))([1, 2, 3]), list(map(itemgetter("u"), rows)), max({"a": 1, "b": 3}.items(), key=itemgetter(1)))


class P:
    def __init__(self, x, child=None):
        self.x = x
        self.child = child

    def shift(self, by, scale=1):
        return (self.x + by) * scale


p = P(1, P(2))
print(attrgetter("x")(p), attrgetter("child.x")(p), attrgetter("x", "child.x")(p), methodcaller("shift", 2)(p), methodcaller("shift", 2, scale=3)(p), methodcaller("upper")("abc"), [q.x for q in sorted([P(3), P(1)], key=attrgetter("x"))])
print(itemgetter(1, "a"), attrgetter("a", "b.c"), methodcaller("f", 1, k=2), methodcaller("f"), type(itemgetter(1)), type(attrgetter("x")).__name__, isinstance(itemgetter(0), itemgetter), callable(methodcaller("x")))
TRIES = [
    lambda: itemgetter(), lambda: attrgetter(), lambda: methodcaller(), lambda: attrgetter(1), lambda: methodcaller(1), lambda: itemgetter(5)("a"), lambda: itemgetter("a")({}), lambda: attrgetter("zz")(1), lambda: methodcaller("zz")(1),
    lambda: operator.add(1, "a"), lambda: operator.add(1), lambda: operator.lt(1, "a"), lambda: operator.index("a"), lambda: operator.concat(1, 2), lambda: operator.indexOf([1], 2), lambda: operator.getitem({}, 1), lambda: operator.neg("a"),
    lambda: itemgetter(1)(), lambda: itemgetter(1, k=2), lambda: operator.truediv(1, 0), lambda: operator.contains(1, 2), lambda: operator.nope, lambda: operator.iadd((1,), [2]),
]
for i, f in enumerate(TRIES):
    try:
        print(i, "no error", f())
    except Exception as e:
        print(i, type(e).__name__, e)

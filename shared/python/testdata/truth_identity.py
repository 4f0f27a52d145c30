for v in [0, 1, -1, 0.0, 0.1, "", " ", [], [0], (), (0,), {}, {0: 0}, set(), {0}, None, True, False, range(0), range(1), b"", b"0", float("nan"), 10 ** 30, lambda: 0, int, object(), print, iter([]), frozenset()]:
    print(bool(v), not v, end=" ")
print()
class E:
    def __len__(self): return 0
class B:
    def __bool__(self): return False
class X:
    def __bool__(self): return "no"
print(bool(E()), bool(B()), "t" if E() else "f")
try: bool(X())
except TypeError as e: print(e)
a = [1]; b = a; c = [1]
print(a is b, a is c, a == c, a is not c, None is None, type(a) is list, type(a) == type(c), isinstance(True, int), type(True) is bool, issubclass(bool, int))
print(isinstance(1, (str, int)), isinstance("a", str), isinstance([], (list, tuple)), isinstance(None, type(None)), isinstance(int, type), isinstance(1.0, (int, float)), isinstance(lambda: 0, type(lambda: 0)))
print(type(1), type(1.0), type("a"), type(b"a"), type([]), type(()), type({}), type(set()), type(frozenset()), type(None), type(True), type(range(1)), type(slice(1)), type(lambda: 0), type(print), type(type), type(object()), type(...), type(NotImplemented), type(iter([])), type(iter({})), type({}.keys()), type(x for x in []), type(zip()), type(map(int, [])), type(enumerate([])), type(ValueError()), type(Exception), type(a.append), type(str.upper), type(iter(())), type(iter(range(0))), type(iter(set())), type({}.items()), type({}.values()), type(property()), type(staticmethod(int)), type(reversed([])) is not None)
print(int, str, list, ValueError, type, object, E, E.__name__, repr(E), str(E), [int, E])
print(id(a) == id(b), id(a) != id(c), hash(1) == hash(1.0) == hash(True), hash("a") == hash("a"), hash((1, 2)) == hash((1, 2)), hash(None) == hash(None), hash(5), hash(-1), hash(2 ** 61 - 1), hash(2 ** 61), hash(1.0), hash(True), hash(10 ** 20))

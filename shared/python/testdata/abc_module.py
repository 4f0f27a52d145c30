import abc
import collections.abc
from abc import ABC, abstractmethod
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import (
    AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Container, Coroutine, Generator, Hashable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, MutableSet, Reversible, Sequence, Set, Sized,
)


class Shape(ABC):
    @abstractmethod
    def area(self):
        """area"""

    @property
    @abstractmethod
    def name(self):
        ...

    @classmethod
    @abstractmethod
    def make(cls):
        ...

    def describe(self):
        return f"{self.name}: {self.area()}"


class Half(Shape):
    def area(self):
        return 1


class Square(Half):
    name = "square"

    def __init__(self, n):
        self.n = n

    @classmethod
    def make(cls):
        return cls(2)

    def area(self):
        return super().area() * self.n ** 2


print(Square.make().describe(), isinstance(Square(1), Shape), issubclass(Square, ABC), Square(3).area(), abc.ABC is ABC)


class One(abc.ABC):
    @abc.abstractmethod
    def go(self):
        pass


class Plain(ABC):
    pass


print(type(Plain()).__name__)
for c in (Shape, Half, One, Mapping, Sequence, MutableMapping, Iterator, Iterable, Callable):
    try:
        c()
    except TypeError as e:
        print(e)
kinds = [AsyncIterable, AsyncIterator, Awaitable, Callable, Collection, Container, Coroutine, Generator, Hashable, Iterable, Iterator, Mapping, MutableMapping, MutableSequence, MutableSet, Reversible, Sequence, Set, Sized]


def gen():
    yield 1


class It:
    def __iter__(self):
        return self

    def __next__(self):
        raise StopIteration


class Box:
    def __len__(self):
        return 0

    def __contains__(self, x):
        return False

    def __iter__(self):
        return iter(())

    def __call__(self):
        pass


for v in (1, "s", b"b", [1], (1,), {1: 2}, {1}, frozenset(), range(3), gen(), iter([]), len, gen, It(), Box(), int, None, {}.keys(), {}.values(), {}.items(), deque(), Counter(), OrderedDict(), defaultdict(), Square(1).area, object()):
    print(type(v).__name__, [k.__name__ for k in kinds if isinstance(v, k)])
print(issubclass(dict, Mapping), issubclass(list, Mapping), collections.abc.Mapping is Mapping, Mapping.__name__, Mapping.__module__, issubclass(Mapping, Collection), issubclass(MutableMapping, Iterable))


class Headers(MutableMapping):
    def __init__(self, **kw):
        self._d = {}
        self.update(kw)

    def __getitem__(self, k):
        return self._d[k.lower()]

    def __setitem__(self, k, v):
        self._d[k.lower()] = v

    def __delitem__(self, k):
        del self._d[k.lower()]

    def __iter__(self):
        return iter(self._d)

    def __len__(self):
        return len(self._d)


h = Headers(Accept="json")
h["X-A"] = "1"
print(h["ACCEPT"], "accept" in h, "nope" in h, h.get("zz"), h.get("zz", 5), list(h), dict(h), len(h), list(h.keys()), list(h.values()), list(h.items()), h.pop("x-a"), h.pop("none", 0), h.setdefault("t", 9), h == {"accept": "json", "t": 9}, isinstance(h, Mapping))
h.update({"b": 2}, c=3)
print(sorted(h.items()), h.popitem(), {**h})
h.clear()
print(len(h), bool(h))


class Names(Sequence):
    def __init__(self, *n):
        self.n = n

    def __getitem__(self, i):
        return self.n[i]

    def __len__(self):
        return len(self.n)


n = Names("a", "b", "a")
print(list(n), "b" in n, n.index("b"), n.count("a"), list(reversed(n)), n[0:2], isinstance(n, Sequence))


class Stack(MutableSequence):
    def __init__(self):
        self.d = []

    def __getitem__(self, i):
        return self.d[i]

    def __setitem__(self, i, v):
        self.d[i] = v

    def __delitem__(self, i):
        del self.d[i]

    def __len__(self):
        return len(self.d)

    def insert(self, i, v):
        self.d.insert(i, v)


s = Stack()
s.append(1)
s.extend([2, 3])
s += [4]
print(list(s), s.pop(), s.pop(0), s.remove(2), list(s))
s.clear()
print(len(s))


class Tags(Set):
    def __init__(self, it=()):
        self.d = list(dict.fromkeys(it))

    def __contains__(self, x):
        return x in self.d

    def __iter__(self):
        return iter(self.d)

    def __len__(self):
        return len(self.d)


x, y = Tags("abc"), Tags("bcd")
print(sorted(x & y), sorted(x | y), sorted(x - y), sorted(x ^ y), x == Tags("cba"), x < Tags("abcd"), x <= x, x > y, x.isdisjoint(Tags("z")), type(x & y).__name__)


class Countdown(Iterator):
    def __init__(self, n):
        self.n = n

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


print(list(Countdown(3)), isinstance(Countdown(1), Iterable))


class Bad(Mapping):
    def __len__(self):
        return 0


try:
    Bad()
except TypeError as e:
    print(e)


def typed(f: Callable[[int], str], xs: Iterable[int]) -> Mapping[str, int]:
    return f


print(typed(5, []), Mapping[str, int], Callable[[int], str] is not None)

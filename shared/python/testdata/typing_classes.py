from typing import Any, Dict, Generic, List, NamedTuple, Optional, Protocol, TypedDict, TypeVar


class Point(NamedTuple):
    """A point."""

    x: int
    y: int = 0

    def norm(self) -> float:
        return (self.x ** 2 + self.y ** 2) ** 0.5

    @property
    def swapped(self) -> "Point":
        return Point(self.y, self.x)


p = Point(3, y=4)
print(p, p.x, p.norm(), p.swapped, Point(1), p == (3, 4), p._asdict(), p._replace(x=0), Point._fields, Point._field_defaults, isinstance(p, tuple), Point.__doc__, Point.__name__, type(p))
a, b = p
print(a + b, [*p], Point(*[1, 2]), {p: 1}[(3, 4)])
Pair = NamedTuple("Pair", [("l", int), ("r", str)])
print(Pair(1, "a"), Pair._fields)
for f in (lambda: Point(), lambda: Point(1, 2, 3), lambda: Point(z=1), lambda: setattr(p, "x", 1), lambda: p.zz):
    try:
        f()
    except Exception as e:
        print(type(e).__name__, e)
try:
    class Bad(NamedTuple):
        x: int = 0
        y: int
except TypeError as e:
    print(e)
try:
    class Bad2(NamedTuple):
        x: int

        def _replace(self):
            pass
except AttributeError as e:
    print(e)


class Movie(TypedDict):
    title: str
    year: int


class More(Movie, total=False):
    stars: float


m = Movie(title="x", year=1)
n: More = {"title": "y", "year": 2, "stars": 1.5}
print(m, type(m), n, More(title="z"), Movie.__name__, m["title"], Movie({"title": "q", "year": 3}))
T = TypeVar("T")


class Stack(Generic[T]):
    def __init__(self) -> None:
        self.items: List[T] = []

    def push(self, v: T) -> None:
        self.items.append(v)


s: Stack[int] = Stack()
s.push(1)
print(s.items, Stack[int]().items)


class Sized(Protocol):
    def size(self) -> int:
        ...


class Impl(Sized):
    def size(self) -> int:
        return 5


def use(x: Optional[Sized], opts: Dict[str, Any] = {}) -> int:
    return x.size() if x else 0


print(use(Impl()), use(None))

from dataclasses import dataclass, field, asdict, astuple, replace, fields, FrozenInstanceError, is_dataclass
from typing import List, Optional, ClassVar


@dataclass
class Item:
    name: str
    qty: int = 1
    tags: List[str] = field(default_factory=list)
    total: ClassVar[int] = 0
    secret: str = field(default="s", repr=False, compare=False)

    def cost(self, unit: float) -> float:
        return self.qty * unit

    def __post_init__(self):
        self.upper = self.name.upper()


a = Item("a")
b = Item("a", 1, [])
print(a, a == b, a != Item("b"), a.cost(2.5), a.upper, Item.total, a.tags is b.tags, asdict(a), astuple(a), replace(a, qty=5), [f.name for f in fields(Item)], is_dataclass(a))


@dataclass(order=True, frozen=True)
class V:
    x: int
    y: int = 0


print(V(1) < V(2), V(1, 2) > V(1, 1), sorted([V(2), V(1, 5), V(1)]), hash(V(1)) == hash(V(1)), {V(1): "k"}[V(1, 0)], len({V(1), V(1), V(2)}))


@dataclass
class Sub(Item):
    extra: Optional[int] = None


print(Sub("n", extra=3), Sub("n") == Item("n"))


@dataclass
class Nest:
    items: list
    v: V


print(asdict(Nest([Item("z")], V(1))))
for t in [lambda: Item(), lambda: Item("a", 1, [], "s", 5), lambda: Item("a", foo=1), lambda: V(), lambda: a < b, lambda: hash(a), lambda: V(1).__setattr__("x", 2)]:
    try:
        print(t())
    except Exception as e:
        print(type(e).__name__, e)
v = V(1)
try:
    v.x = 5
except FrozenInstanceError as e:
    print(type(e).__name__, e)
try:
    @dataclass
    class Bad:
        x: list = []
except ValueError as e:
    print(e)
try:
    @dataclass
    class Bad2:
        x: int = 1
        y: int
except TypeError as e:
    print(e)

"""Dataclasses with order, frozen ones, fields of all kinds, and what their mistakes say."""
from __future__ import annotations

from dataclasses import FrozenInstanceError, asdict, astuple, dataclass, field, fields, replace
from typing import ClassVar, NamedTuple, Optional, Protocol, TypedDict, runtime_checkable

from loadpilot import LoadClient, VUser, scenario, task


@dataclass(frozen=True, order=True)
class Product:
    sort_key: float = field(init=False, repr=False)
    id: int
    name: str = field(compare=False)
    price: float = 0.0
    tags: tuple[str, ...] = ()
    known: ClassVar[int] = 3

    def __post_init__(self):
        object.__setattr__(self, "sort_key", -self.price)

    @classmethod
    def parse(cls, raw: dict) -> Product:
        wanted = {f.name for f in fields(cls) if f.init}
        return cls(**{k: tuple(v) if isinstance(v, list) else v for k, v in raw.items() if k in wanted})


@dataclass
class Cart:
    owner: str
    products: list[Product] = field(default_factory=list)
    note: Optional[str] = None

    def __len__(self):
        return len(self.products)

    def __add__(self, other: Product) -> Cart:
        return replace(self, products=[*self.products, other]) if isinstance(other, Product) else NotImplemented

    @property
    def total(self) -> float:
        return sum(p.price for p in self.products)


class Point(NamedTuple):
    x: int
    y: int = 0

    def norm(self):
        return abs(self.x) + abs(self.y)


class Line(TypedDict, total=False):
    id: int
    qty: int


@runtime_checkable
class HasTotal(Protocol):
    total: float


@scenario(rps=3)
class Records(VUser):
    @task
    def fill(self, client: LoadClient):
        products = sorted(map(Product.parse, client.get("/api/products").json()))
        cart = sum(products[:2], start=Cart("ada", note="x"))
        print([p.name for p in products], products[0])
        print(cart.total, len(cart), bool(Cart("bo")), asdict(cart)["products"][1], astuple(products[2]), sep=" / ")
        client.post("/orders", json={"lines": [Line(id=p.id, qty=i) for i, p in enumerate(products)], "at": Point(3)._asdict()})
        print(Point(3, -4).norm(), Point(x=1), Point(1)._replace(y=9), isinstance(cart, HasTotal), Point(1) < (1, 1))

    @task
    def mistakes(self, client):
        p = Product(1, "Mug", tags=("a",))
        for make in (lambda: setattr(p, "price", 1), lambda: Cart(), lambda: Product(1), lambda: Product(1, "a", sort_key=2),
                     lambda: Point(), lambda: p < 3, lambda: Cart("x") + 1, lambda: hash(Cart("y")), lambda: replace(p, none=1)):
            try:
                print(make())
            except (FrozenInstanceError, TypeError, ValueError) as e:
                print(type(e).__name__, e, sep=": ")
        print(p == Product(1, "Cup", tags=("a",)), hash(p) == hash(replace(p, name="Cup")), p.__class__.known)
        del p.name

"""Page objects: properties, class methods, operators, containers and descriptors of one's own."""
from functools import cached_property, total_ordering

from loadpilot import LoadClient, VUser, scenario, task


class Positive:
    """A descriptor that checks what is assigned."""

    def __set_name__(self, owner, name):
        self.name = "_" + name

    def __get__(self, obj, owner=None):
        return self if obj is None else getattr(obj, self.name, 0)

    def __set__(self, obj, value):
        if value < 0:
            raise ValueError(f"{self.name[1:]} must not be negative: {value}")
        setattr(obj, self.name, value)


@total_ordering
class Money:
    __slots__ = ("cents",)

    def __init__(self, cents):
        self.cents = cents

    @classmethod
    def parse(cls, text):
        euros, _, cents = str(text).partition(".")
        return cls(int(euros) * 100 + int(cents.ljust(2, "0")[:2] or 0))

    def __add__(self, other):
        return Money(self.cents + other.cents) if isinstance(other, Money) else NotImplemented

    def __radd__(self, other):
        return self if other == 0 else NotImplemented

    def __mul__(self, n):
        return Money(self.cents * n)

    __rmul__ = __mul__

    def __eq__(self, other):
        return isinstance(other, Money) and self.cents == other.cents

    def __lt__(self, other):
        return self.cents < other.cents

    def __hash__(self):
        return hash(self.cents)

    def __repr__(self):
        return f"Money({self.cents // 100}.{self.cents % 100:02})"


class CartPage:
    count = Positive()

    def __init__(self, client):
        self.client, self.count = client, 0

    @cached_property
    def raw(self):
        self.count += 1
        return self.client.get("/cart").json()

    @property
    def total(self):
        """What is to be paid."""
        return sum(i["qty"] * Money.parse(i["price"]) for i in self.raw["items"])

    @total.setter
    def total(self, value):
        raise PermissionError("the total is computed")

    def __len__(self):
        return len(self.raw["items"])

    def __iter__(self):
        yield from self.raw["items"]

    def __contains__(self, number):
        return any(i["id"] == number for i in self)

    def __getitem__(self, key):
        return [self.raw["items"][i] for i in range(*key.indices(len(self)))] if isinstance(key, slice) else self.raw["items"][key]


@scenario(rps=5)
class Pages(VUser):
    @task
    def cart(self, client: LoadClient):
        page = CartPage(client)
        print(page.total, len(page), 12 in page, 99 in page, page.count, [i["id"] for i in page[::-1]], page[-1]["qty"])
        print(max(Money(3), Money(5)), Money(3) >= Money(4), len({Money(1), Money.parse("0.01")}), "raw" in vars(page))

    @task
    def refused(self, client):
        page = CartPage(client)
        for change in (lambda: setattr(page, "count", -1), lambda: setattr(page, "total", 1), lambda: delattr(page, "total"), lambda: Money(1) + 1,
                       lambda: Money(1).euros, lambda: setattr(Money(1), "euros", 2), lambda: page["x"], lambda: Money(1) < 3, lambda: page(1)):
            try:
                change()
            except (ValueError, OSError, AttributeError, TypeError) as e:
                print(type(e).__name__, e, sep=": ")
        page[7]

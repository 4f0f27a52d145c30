import dataclasses
from collections import namedtuple
from dataclasses import (KW_ONLY, MISSING, Field, FrozenInstanceError, InitVar, asdict, astuple, dataclass, field, fields, is_dataclass,
                         replace)
from typing import ClassVar, Dict, List, Optional


@dataclass
class Order:
    sku: str
    count: int = 1
    _: KW_ONLY
    note: str = ""
    tags: List[str] = field(default_factory=list, metadata={"unit": "tag"})
    rate: InitVar[float] = 2.0
    total: float = field(init=False)
    kind: ClassVar[str] = "order"
    hidden: int = field(default=7, repr=False, compare=False)
    fixed: int = field(default=9, init=False)

    def __post_init__(self, rate):
        self.total = self.count * rate


a = Order("a", 3, note="n", rate=1.5)
print(a, a.kind, a.hidden, a.fixed, Order.__match_args__)
print([f.name for f in fields(a)], [f.name for f in fields(Order) if f.default is MISSING and f.default_factory is MISSING])
f = {f.name: f for f in fields(Order)}
print(f["tags"].metadata["unit"], f["tags"].default_factory is list, f["count"].default, f["note"].kw_only, f["count"].kw_only, f["hidden"].compare,
      f["hidden"].repr, f["total"].init, f["hidden"].hash, isinstance(f["sku"], Field), len(f["sku"].metadata), f["sku"].init)
print(asdict(a), astuple(a))
print(replace(a, count=10, rate=1.0), a == replace(a, hidden=0, rate=1.5), vars(a))
print(is_dataclass(Order), is_dataclass(a), is_dataclass(5), is_dataclass(int))


@dataclass(frozen=True, order=True)
class Version:
    major: int
    minor: int = 0
    label: str = field(default="", compare=False)


print(sorted([Version(2), Version(1, 5), Version(1)]), Version(1) == Version(1, label="x"), hash(Version(1)) == hash(Version(1, label="y")))
print(Version(1) <= Version(1), Version(3) > Version(2, 9), {Version(1): "one"}[Version(1, 0)])


@dataclass(frozen=True)
class Tagged(Version):
    tag: str = "t"
    minor: int = 5


print(Tagged(1), Tagged(1) == Version(1, 5), Tagged.__match_args__)


class Loose(Version):
    def __init__(self):
        super().__init__(1)
        self.extra = 1
        del self.extra


print(Loose(), hasattr(Loose(), "extra"))


@dataclass(frozen=True)
class Derived:
    raw: str
    size: int = field(init=False)

    def __post_init__(self):
        object.__setattr__(self, "size", len(self.raw))


print(Derived("abc"))


@dataclass(slots=True)
class Slotted:
    x: int
    y: list = field(default_factory=list)
    z: int = 3

    def norm(self):
        return self.x + self.z


s = Slotted(1)
print(s, Slotted.__slots__, s.norm(), hasattr(s, "__dict__"), s == Slotted(1), replace(s, z=0), asdict(s))


@dataclass(kw_only=True)
class Options:
    retries: int = 3
    timeout: float


print(Options(timeout=1.0), Options.__match_args__)


@dataclass(eq=False)
class Identity:
    x: int


print(Identity(1) == Identity(1), isinstance(hash(Identity(1)), int))


@dataclass(unsafe_hash=True)
class Hashed:
    x: int
    y: list = field(default_factory=list, hash=False)


print(hash(Hashed(1)) == hash(Hashed(1, [2])), Hashed(1) == Hashed(1, [2]))


@dataclass(init=False, repr=False)
class Manual:
    x: int

    def __init__(self):
        self.x = 42

    def __repr__(self):
        return f"<Manual {self.x}>"


print(Manual())
P = namedtuple("P", "x y")


@dataclass
class Tree:
    value: object
    kids: list = field(default_factory=list)
    by: dict = field(default_factory=dict)


t = Tree(P(1, Tree(2)), [Tree(3), (Tree(4),)], {"k": Tree(5)})
print(asdict(t))
print(astuple(t))
print(asdict(Tree(1), dict_factory=lambda pairs: [k for k, _ in pairs]), astuple(Tree(1), tuple_factory=list))
d = asdict(t)
d["kids"].append(1)
print(len(t.kids))


def attempt(f):
    try:
        print(f())
    except Exception as e:
        print(type(e).__name__, e)


def bad_mutable():
    @dataclass
    class Bad:
        x: list = field(default=[])


def bad_mutable_instance():
    @dataclass
    class Bad:
        x: Tree = {}


def bad_order():
    @dataclass
    class Bad:
        a: int = 0
        b: int


def bad_inherited():
    @dataclass
    class Bad(Tree):
        c: int


def bad_plain():
    @dataclass
    class Bad:
        a = field(default=1)


def bad_eq():
    @dataclass(eq=False, order=True)
    class Bad:
        a: int


def bad_lt():
    @dataclass(order=True)
    class Bad:
        a: int

        def __lt__(self, o):
            return True


def bad_frozen():
    @dataclass(frozen=True)
    class Bad(Tree):
        pass


def bad_thaw():
    @dataclass
    class Bad(Version):
        pass


def bad_setattr():
    @dataclass(frozen=True)
    class Bad:
        def __setattr__(self, k, v):
            pass


def bad_hash():
    @dataclass(unsafe_hash=True)
    class Bad:
        def __hash__(self):
            return 1


def bad_slots():
    @dataclass(slots=True)
    class Bad:
        __slots__ = ("a",)
        a: int


def bad_kw():
    @dataclass
    class Bad:
        _: KW_ONLY
        a: int
        __: KW_ONLY


def freeze_delete():
    v = Version(1)
    del v.major


def freeze_assign():
    Version(1).new = 1


for fn in [bad_mutable, bad_mutable_instance, bad_order, bad_inherited, bad_plain, bad_eq, bad_lt, bad_frozen, bad_thaw, bad_setattr, bad_hash,
           bad_slots, bad_kw, freeze_delete, freeze_assign]:
    attempt(fn)
attempt(lambda: field(default=1, default_factory=list))
attempt(lambda: Order())
attempt(lambda: Order("a", 1, "n"))
attempt(lambda: Order("a", bad=1))
attempt(lambda: Options())
attempt(lambda: hash(Tree(1)))
attempt(lambda: Tree(1) < Tree(2))
attempt(lambda: replace(a, fixed=1))
attempt(lambda: replace(a, nothing=1))
attempt(lambda: replace(5))
attempt(lambda: replace(Tree, value=1))
attempt(lambda: asdict(5))
attempt(lambda: asdict(Tree))
attempt(lambda: astuple(Tree))
attempt(lambda: fields(5))
attempt(lambda: setattr(s, "other", 1))
attempt(lambda: issubclass(FrozenInstanceError, AttributeError))
print(dataclasses.dataclass is dataclass, field(default=MISSING).default is MISSING)

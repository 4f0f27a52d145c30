import enum
import json
from enum import Enum, EnumMeta, EnumType, Flag, IntEnum, IntFlag, ReprEnum, StrEnum, auto, member, nonmember, unique


class Color(Enum):
    """Primary colours."""

    RED = 1
    GREEN = 2
    BLUE = 3
    CRIMSON = 1

    @property
    def hex(self):
        return {1: "f00", 2: "0f0", 3: "00f"}[self.value]

    def shout(self, mark="!"):
        return self.name + mark

    @classmethod
    def default(cls):
        return cls.GREEN

    @staticmethod
    def helper():
        return "help"


print(Color.RED, repr(Color.RED), Color["RED"], Color(1), Color.RED.name, Color.RED.value, str(Color.RED), f"{Color.RED}", f"{Color.BLUE!r:>20}", f"{Color.RED:>12}|", "%s" % Color.RED, "{}".format(Color.RED))
print(list(Color), len(Color), [c.name for c in Color], Color.RED in Color, Color.CRIMSON is Color.RED, Color.CRIMSON, Color(Color.BLUE), Color.RED == Color.RED, Color.RED == 1, Color.RED != Color.BLUE, Color.RED is Color(1))
print(Color.__members__, list(Color.__members__.items())[:2], Color.__members__["GREEN"], "RED" in Color.__members__, len(Color.__members__))
print(Color.RED.hex, Color.RED.shout(), Color.BLUE.shout("?"), Color.default(), Color.helper(), Color.RED.helper(), Color.__name__, Color.__doc__, Color.RED.default())
print(Color, type(Color), type(Color.RED), isinstance(Color.RED, Color), isinstance(Color.RED, Enum), issubclass(Color, Enum), isinstance(Color, EnumMeta), EnumMeta is EnumType, isinstance(1, Color))
print({Color.RED: "r", Color.BLUE: "b"}[Color.RED], {Color.RED, Color.CRIMSON}, hash(Color.RED) == hash("RED"), bool(Color.RED), sorted(Color, key=lambda c: -c.value), list(reversed(Color)), Color.RED.__class__ is Color)
print([Color(n) for n in (1, 2, 3)], max(Color, key=lambda c: c.value), dict((c, c.value) for c in Color), Color.RED in {Color.RED}, Color.RED in [Color.BLUE], 1 in [c.value for c in Color], Color._value2member_map_[2], Color._member_names_, Color._member_map_["CRIMSON"])


class Auto(Enum):
    A = auto()
    B = auto()
    C = 10
    D = auto()
    E = (auto(), "x")


print(list(Auto))


class Named(Enum):
    def _generate_next_value_(name, start, count, last_values):
        return f"{name.lower()}-{count}-{len(last_values)}"

    ONE = auto()
    TWO = auto()


print(list(Named), Named("one-0-0"))


class Status(IntEnum):
    OK = 200
    NOT_FOUND = 404

    @property
    def good(self):
        return self < 400


print(Status.OK, repr(Status.OK), Status.OK + 1, Status.OK == 200, Status(404), f"{Status.OK}", f"{Status.OK:05d}", Status.OK.good, Status.NOT_FOUND.good, Status.OK < Status.NOT_FOUND, sorted([404, Status.OK]), json.dumps([Status.OK, {"s": Status.NOT_FOUND}]), isinstance(Status.OK, int), {200: "x"}[Status.OK], int(Status.OK), Status.OK in (200,), 404 in [s for s in Status], hash(Status.OK) == hash(200), [10, 20, 30][Status.OK - 199], "%d %s" % (Status.OK, Status.OK), str(Status.OK), range(Status.OK)[-1], Status.OK * 2, -Status.OK, Status.OK | 1)


class Region(StrEnum):
    EU_WEST = auto()
    US = "us-east-1"


print(Region.EU_WEST, repr(Region.EU_WEST), Region.US == "us-east-1", Region("us-east-1"), Region.US.upper(), f"/{Region.US}/x", f"{Region.US:>12}", json.dumps({"r": Region.US, Region.EU_WEST: 1}), "-".join(Region), isinstance(Region.US, str), Region.US + "!", {"us-east-1": 5}[Region.US], len(Region.US), Region.US.name, Region.US.value, [r for r in Region], "east" in Region.US, Region.US[0:2])


class Mixed(str, Enum):
    A = "a"
    B = "b"


print(Mixed.A, repr(Mixed.A), Mixed.A == "a", f"{Mixed.A}", f"{Mixed.A:>10}", Mixed("b"), Mixed.A.value, json.dumps(Mixed.A), "x" + Mixed.A, str(Mixed.A), "%s" % Mixed.A, Mixed.A.upper(), Mixed.A < Mixed.B)


class Level(int, Enum):
    LOW = 1
    HIGH = 5


print(Level.LOW, repr(Level.LOW), Level.LOW + 1, f"{Level.LOW}", Level.HIGH > Level.LOW, sum(Level), json.dumps(Level.HIGH), str(Level.HIGH), int(Level.HIGH))


class Perm(Flag):
    R = auto()
    W = auto()
    X = auto()
    RW = R | W


p = Perm.R | Perm.W
print(p, repr(p), p is Perm.RW, Perm.R in p, Perm.X in p, p & Perm.R, p ^ Perm.R, ~Perm.R, list(p), len(p), bool(Perm(0)), Perm(0), repr(Perm(0)), list(Perm), Perm.RW.value, Perm["RW"], Perm(3), Perm(7), repr(Perm(5)), p.name, p.value, (Perm.R | Perm.X).name, Perm(0).name, Perm, type(Perm), ~Perm(0), p | Perm.X == Perm(7), Perm.R < 5 if False else "-", len(Perm), Perm.__members__)
perms = Perm.R
perms |= Perm.X
print(perms, perms & ~Perm.R, [f.name for f in perms], Perm.R & Perm.W, not (Perm.R & Perm.W))


class Mode(IntFlag):
    A = 1
    B = 2
    C = 4


m = Mode.A | Mode.C
print(m, repr(m), m == 5, m + 1, Mode.A | 2, repr(Mode.A | 8), Mode.B in m, repr(~Mode.A), json.dumps(m), list(m), f"{m}", Mode(0), repr(Mode(0)), repr(Mode(3)), 1 | Mode.B, repr(Mode.A & 3), Mode.C ^ 1, isinstance(m, int), m & Mode.A == Mode.A, int(m))


class Planet(Enum):
    MERCURY = (3.303e23, 2.4397e6)
    EARTH = (5.976e24, 6.37814e6)

    def __init__(self, mass, radius):
        self.mass = mass
        self.radius = radius

    @property
    def gravity(self):
        return round(6.67300e-11 * self.mass / self.radius ** 2, 3)


print(Planet.EARTH, Planet.EARTH.mass, Planet.EARTH.gravity, Planet.EARTH.value, Planet((3.303e23, 2.4397e6)))


class Endpoint(Enum):
    LOGIN = ("POST", "/login", 5)
    ITEMS = ("GET", "/items", 20)

    def __new__(cls, method, path, weight):
        obj = object.__new__(cls)
        obj._value_ = path
        obj.method = method
        obj.weight = weight
        return obj

    def __str__(self):
        return f"{self.method} {self.value}"


print(Endpoint.LOGIN, repr(Endpoint.LOGIN), Endpoint("/items").method, [e.weight for e in Endpoint], f"{Endpoint.ITEMS}", f"{Endpoint.ITEMS:>15}")


class Handler(Enum):
    def double(x):
        return x * 2

    TEN = 10
    Inner = nonmember(5)
    FN = member(len)


print(Handler.TEN, Handler.Inner, Handler.FN.value("abc"), list(Handler)[0], len(Handler))


class Fallback(Enum):
    A = 1
    UNKNOWN = -1

    @classmethod
    def _missing_(cls, value):
        if value == "boom":
            raise KeyError("in missing")
        if value == "odd":
            return 5
        return cls.UNKNOWN if value != 9 else None


print(Fallback(1), Fallback(77))


class Unhashable(Enum):
    L = [1, 2]
    D = {"k": 1}


print(Unhashable([1, 2]), Unhashable({"k": 1}), Unhashable.L.value)


class Base(Enum):
    def describe(self):
        return f"{type(self).__name__}.{self.name}={self.value!r}"


class Derived(Base):
    X = "x"
    Y = None
    Z = 1.5


print([d.describe() for d in Derived], Derived(None))


class Ordered(Enum):
    LOW = 1
    HIGH = 2

    def __lt__(self, other):
        return self.value < other.value

    def __eq__(self, other):
        return isinstance(other, Ordered) and self.value == other.value

    def __hash__(self):
        return hash(self.value)


print(sorted([Ordered.HIGH, Ordered.LOW]), min(Ordered), {Ordered.LOW: 1}[Ordered.LOW], Ordered.LOW == Ordered.LOW)


@unique
class U(Enum):
    A = 1
    B = 2


print(U, list(U))
Fun = Enum("Fun", "A B C")
Fun2 = Enum("Fun2", ["X", "Y"], start=10)
Fun3 = IntEnum("Fun3", {"P": 5, "Q": 6})
Fun4 = Enum("Fun4", [("M", 1), ("N", "n")])
Fun5 = Enum("Fun5", "U, V", type=str) if False else Enum("Fun5", "U, V")
print(list(Fun), list(Fun2), list(Fun3), Fun3.P + 1, list(Fun4), Fun5.U, Fun)


class Job:
    state = Color.RED

    def advance(self):
        self.state = Color(self.state.value % 3 + 1)
        return self.state


j = Job()
print(j.advance(), j.advance(), j.state is Color.BLUE, Job.state)
Color.RED.note = "mine"
print(Color.RED.note, Color(1).note, enum.Enum is Enum, issubclass(IntEnum, ReprEnum), issubclass(IntFlag, Flag))
for c in Color:
    if c is Color.RED:
        print("red")
    elif c == Color.GREEN:
        print("green")
    else:
        print("other", c.value)

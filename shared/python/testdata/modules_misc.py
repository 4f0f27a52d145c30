import math, os, string, time, uuid, random
import os as operating
from typing import Any, Dict, List, Optional, Union, Callable, TypeVar, Generic, NamedTuple
from math import sqrt as root, pi
from random import choice, randint
from uuid import uuid4, UUID

print(os.environ["REGION"], os.getenv("REGION"), os.getenv("NOPE_X"), os.getenv("NOPE_X", "d"), os.environ.get("NOPE_X", 5), "REGION" in os.environ, operating is os)
print(string.ascii_lowercase, string.ascii_uppercase, string.digits, string.hexdigits, string.punctuation, repr(string.whitespace), string.ascii_letters == string.ascii_lowercase + string.ascii_uppercase, string.capwords("hello world"))
print(math.pi, math.e, math.inf, math.sqrt(16), math.floor(-1.5), math.ceil(1.2), math.trunc(-1.7), math.pow(2, 3), math.log(math.e), math.log(8, 2), math.log10(1000), math.log2(8), math.gcd(12, 18), math.factorial(10), math.isclose(0.1 + 0.2, 0.3), math.hypot(3, 4), math.comb(5, 2), math.perm(5, 2), math.degrees(math.pi), math.isnan(math.nan), math.isinf(-math.inf), math.fabs(-2), math.copysign(1, -0.0), math.fmod(-7, 3), math.prod([1, 2, 3]), math.fsum([0.1] * 10), math.isqrt(17), math.lcm(4, 6), math.modf(1.5), math.sin(0), math.cos(0), math.atan2(1, 1), root(9), pi)
for t in [lambda: math.sqrt(-1), lambda: math.log(0), lambda: math.log(-1), lambda: math.factorial(-1), lambda: math.sqrt("a"), lambda: math.floor("a"), lambda: math.exp(1000), lambda: math.gcd(1.5), lambda: math.factorial(1.5), lambda: math.pow(0, -1), lambda: math.floor(math.inf), lambda: math.acos(2)]:
    try:
        print(t())
    except Exception as e:
        print(type(e).__name__, e)
random.seed(5)
a = [random.random() for _ in range(3)]
random.seed(5)
print(a == [random.random() for _ in range(3)], all(0 <= x < 1 for x in a), all(1 <= randint(1, 6) <= 6 for _ in range(100)), {randint(1, 2) for _ in range(50)} == {1, 2}, choice([7]), choice("a"), random.choice((1, 2)) in (1, 2), sorted(random.sample(range(10), 10)) == list(range(10)), len(random.choices("ab", k=5)), random.choices([1, 2], weights=[0, 1], k=3), 2 <= random.uniform(2, 3) <= 3, random.randrange(5) < 5, random.randrange(0, 10, 5) in (0, 5), type(random.gauss(0, 1)).__name__, random.getrandbits(8) < 256)
l = list(range(20)); random.shuffle(l); print(sorted(l) == list(range(20)))
for t in [lambda: random.choice([]), lambda: random.randint(2, 1), lambda: random.randrange(0), lambda: random.sample([1], 2), lambda: random.choices([1], weights=[1, 2]), lambda: random.randint(1.5, 2) if False else 1, lambda: random.choice(5), lambda: random.randrange(5, 1)]:
    try:
        print(t())
    except Exception as e:
        print(type(e).__name__, e)
u = uuid4()
print(len(str(u)), u.version, type(u).__name__, u == UUID(str(u)), u != uuid4(), len(u.hex), len({uuid4(), uuid4(), u, u}), uuid.UUID("12345678-1234-5678-1234-567812345678"), repr(uuid.UUID(int=1)), uuid.uuid5(uuid.NAMESPACE_DNS, "python.org"), uuid.uuid3(uuid.NAMESPACE_DNS, "python.org"), str(uuid.uuid1())[14])
try:
    UUID("zz")
except ValueError as e:
    print(e)
t = time.time(); time.sleep(0.001); print(time.time() > t, time.perf_counter() > 0, type(time.time_ns()).__name__, time.monotonic() <= time.monotonic(), time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(0)), time.gmtime(86400 * 59)[:6], time.gmtime(0).tm_year)
try:
    time.sleep(-1)
except ValueError as e:
    print(e)
Json = Dict[str, Any]
Opt = Optional[int]
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, v: T): self.v = v
print(Box(5).v, Box[int](6).v, list[int], dict[str, int], int | None, isinstance(5, int | str), tuple[int, ...])
try:
    math.nope
except AttributeError as e:
    print(e)
try:
    os.environ["NOPE_Y"]
except KeyError as e:
    print(repr(e))

# Names of modules that other scripts do not mention.
import datetime
import math
import os
import string
import typing
import uuid
from typing import (
    IO, TYPE_CHECKING, Annotated, AsyncIterator, Awaitable, Collection, Coroutine, DefaultDict, Deque, Final, FrozenSet,
    Generator, Hashable, Iterable, Iterator, Literal, Mapping, MutableMapping, Never, NewType, NoReturn, Protocol,
    Sequence, Set, Sized, Text, Tuple, Type, TypeAlias, TypedDict, cast, final, no_type_check, overload, runtime_checkable,
)

for name in ("asin", "atan", "cbrt", "cosh", "erf", "expm1", "log1p", "radians", "sinh", "tan", "tanh"):
    print(name, f"{getattr(math, name)(0.5):.12g}")
print(f"{math.asin(1):.6f} {math.atan(1):.6f} {math.cbrt(27):.6f} {math.cosh(0):.1f} {math.erf(0):.1f} {math.expm1(0):.1f}")
print(f"{math.log1p(0):.1f} {math.radians(180):.6f} {math.sinh(0):.1f} {math.tan(0):.1f} {math.tanh(0):.1f} {math.tau:.6f}")
print(math.isfinite(1.0), math.isfinite(math.inf), math.isfinite(math.nan))
print(datetime.MINYEAR, datetime.MAXYEAR)
print(type(os.getpid()).__name__, repr(os.linesep))
print(uuid.uuid5(uuid.NAMESPACE_OID, "a"), uuid.uuid3(uuid.NAMESPACE_URL, "b"))
print(string.octdigits, repr(string.printable))
print(string.Template("$who owes ${what}, $$5").substitute(who="Ann", what="thanks"))
print(string.Template("$a $b").safe_substitute(a=1))

UserId = NewType("UserId", int)
print(UserId(5), cast(int, "5"), TYPE_CHECKING)


class Point(TypedDict):
    x: int
    y: int


def norm(p: Point, title: Text = "norm"):
    print(title, p["x"] + p["y"])


norm({"x": 1, "y": 2})


@runtime_checkable
class Closable(Protocol):
    def close(self): ...


class File:
    def close(self):
        return "closed"


print(File().close(), isinstance(1, Closable))


@final
class Leaf:
    @overload
    def pick(self, a: int) -> int: ...
    @overload
    def pick(self, a: str) -> str: ...
    @no_type_check
    def pick(self, a):
        return a


print(Leaf().pick(1), Leaf().pick("a"))
LIMIT: Final = 10
Name: TypeAlias = str


def typed(
    a: Annotated[int, "small"], b: Collection[int], c: DefaultDict[str, int], d: Deque[int], e: FrozenSet[int],
    f: Hashable, g: Iterable[int], h: Literal["a", "b"], i: Mapping[str, int], j: MutableMapping[str, int],
    k: Sequence[int], m: Set[int], n: Sized, o: Tuple[int, ...], p: Type[int], q: IO[str],
) -> NoReturn:
    raise ValueError(len([a, b, c, d, e, f, g, h, i, j, k, m, n, o, p, q]))


try:
    typed(*range(16))
except ValueError as e:
    print(e, LIMIT, Name)


def numbers() -> Generator[int, None, None]:
    yield 1


def several() -> Iterator[int]:
    yield from numbers()


async def waits(a: Awaitable[int], b: Coroutine, c: AsyncIterator[int], d: Never) -> int:
    return await a


print(list(several()), typing.cast(str, 1))

import typing
from typing import (IO, AbstractSet, Annotated, Any, AnyStr, AsyncContextManager, AsyncGenerator, AsyncIterable, AsyncIterator, Awaitable,
                    Callable, ClassVar, Collection, Concatenate, Container, ContextManager, Coroutine, Counter, DefaultDict, Deque, Dict,
                    Final, FrozenSet, Generator, Generic, Hashable, Iterable, Iterator, List, Literal, LiteralString, Mapping, Match,
                    MutableMapping, MutableSequence, MutableSet, NamedTuple, Never, NewType, NoReturn, NotRequired, Optional, OrderedDict,
                    ParamSpec, Pattern, Protocol, Required, Reversible, Self, Sequence, Set, Sized, SupportsFloat, SupportsIndex,
                    SupportsInt, Text, Tuple, Type, TypeAlias, TypedDict, TypeGuard, TypeVar, Union, cast, final, no_type_check, overload,
                    runtime_checkable, TYPE_CHECKING)

T = TypeVar("T")
P = ParamSpec("P")
print(T, P, AnyStr, Text is str, TYPE_CHECKING, cast(int, "x"), cast("List[int]", [1]))
Json = Dict[str, Any]
Pair = Tuple[int, ...]
Maybe = Optional[Union[int, str]]
Fn = Callable[[int], str]
UserId = NewType("UserId", int)
print(UserId(5), isinstance([], List), isinstance({}, Dict), isinstance((), Tuple), isinstance({1}, Set), isinstance(frozenset(), FrozenSet), isinstance(int, Type))


class Stack(Generic[T]):
    items: ClassVar[List[T]]
    limit: Final[int] = 3

    def __init__(self) -> None:
        self.data: List[T] = []

    def push(self, v: T) -> Self:
        self.data.append(v)
        return self


print(Stack[int]().push(1).push(2).data, Stack().push("s").data)


@runtime_checkable
class Sender(Protocol):
    def send(self, body: bytes) -> int: ...

    def close(self) -> None: ...


class Socket:
    def send(self, body):
        return len(body)

    def close(self):
        pass


class Half:
    def send(self, body):
        return 0


print(isinstance(Socket(), Sender), isinstance(Half(), Sender), isinstance(5, Sender), issubclass(Socket, Sender))


@final
class Leaf:
    @overload
    def get(self, k: int) -> int: ...

    @overload
    def get(self, k: str) -> str: ...

    @no_type_check
    def get(self, k):
        return k


print(Leaf().get(1), Leaf().get("a"))


class Row(NamedTuple):
    name: str
    count: int = 0


class Movie(TypedDict, total=False):
    title: Required[str]
    year: NotRequired[int]


print(Row("a"), Movie(title="t"))


def typed(a: Iterable[int], b: Iterator[int], c: Sequence[int], d: Mapping[str, int], e: MutableMapping[str, int], f: Literal["a", "b"],
          g: Annotated[int, "m"] = 1, h: "Undefined" = None, *args: P.args, **kw: P.kwargs) -> Union[NoReturn, Never]:
    local: TypeAlias = "int"
    return g


print(typed(1, 2, 3, 4, 5, 6))
for alias in [Awaitable[int], Coroutine[Any, Any, int], AsyncIterator[int], AsyncIterable[int], AsyncGenerator[int, None], Generator[int, None, None],
              Collection[int], Container[int], Reversible[int], AbstractSet[int], MutableSet[int], MutableSequence[int], ContextManager[int],
              AsyncContextManager[int], Counter[str], DefaultDict[str, int], Deque[int], OrderedDict[str, int], IO[str], Pattern[str], Match[str],
              TypeGuard[int], Concatenate[int, P], Json, Pair, Maybe, Fn]:
    assert alias is not None
print(Any, Optional, Union, Callable, Literal, Final, ClassVar, NoReturn, Never, Self, Annotated is not None, LiteralString, TypeAlias, Hashable, Sized)
print(SupportsInt is not None, SupportsFloat is not None, SupportsIndex is not None, Concatenate, Required, NotRequired, TypeGuard)
print(int | None, isinstance(5, int | str), isinstance(None, int | None), isinstance(1.5, int | str))
print(Optional[int] is not None, typing.Any is Any)

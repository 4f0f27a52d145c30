from contextlib import AbstractContextManager, ExitStack, asynccontextmanager, closing, contextmanager, nullcontext, suppress
import asyncio


def attempt(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e, "|", repr(e.__cause__))


@contextmanager
def never():
    if False:
        yield


@contextmanager
def twice():
    yield 1
    yield 2


@contextmanager
def stubborn():
    try:
        yield 1
    except ValueError:
        yield 2


@contextmanager
def plain():
    return None


@contextmanager
def stops():
    yield


def use(cm, error=None):
    with cm as v:
        if error:
            raise error
        return v


attempt(use, never())
attempt(use, twice())
attempt(use, stubborn(), ValueError("v"))
attempt(use, plain())
attempt(use, stops(), StopIteration("s"))
once = stops()
attempt(use, once)
attempt(use, once)
attempt(stops, 1)
attempt(contextmanager)
attempt(closing)
attempt(use, closing(5))
attempt(nullcontext, 1, 2)
attempt(suppress, x=1)
attempt(use, suppress(5), ValueError("v"))
attempt(ExitStack().enter_context, 5)
attempt(ExitStack().callback)
attempt(ExitStack().push)
attempt(AbstractContextManager)
attempt(use, 5)


class OnlyEnter:
    def __enter__(self):
        return 1


attempt(ExitStack().enter_context, OnlyEnter())


def pushed():
    with ExitStack() as stack:
        stack.push(5)


attempt(pushed)


@asynccontextmanager
async def anever():
    if False:
        yield


@asynccontextmanager
async def atwice():
    yield 1
    yield 2


@asynccontextmanager
async def astubborn():
    try:
        yield 1
    except ValueError:
        yield 2


async def ause(cm, error=None):
    async with cm as v:
        if error:
            raise error
        return v


attempt(lambda: asyncio.run(ause(anever())))
attempt(lambda: asyncio.run(ause(atwice())))
attempt(lambda: asyncio.run(ause(astubborn(), ValueError("v"))))


def deep():
    raise LookupError("not handled")


with stops():
    deep()

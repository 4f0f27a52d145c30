import asyncio
import contextlib
from contextlib import (AbstractAsyncContextManager, AbstractContextManager, ContextDecorator, ExitStack, aclosing,
                        asynccontextmanager, closing, contextmanager, nullcontext, suppress)

log = []


@contextmanager
def timed(name, *, swallow=()):
    """Times a block."""
    log.append(f"+{name}")
    try:
        yield name.upper()
    except swallow as e:
        log.append(f"swallowed {e!r}")
    finally:
        log.append(f"-{name}")


def flush():
    print(log)
    log.clear()


with timed("a") as got:
    print(got)
flush()
with timed("b", swallow=ValueError):
    raise ValueError("inside")
flush()
try:
    with timed("c", swallow=ValueError):
        raise KeyError("k")
except KeyError as e:
    print("out", repr(e))
flush()
print(timed.__name__, timed.__doc__, timed.__wrapped__.__name__)


@timed("deco")
def work(x, y=2):
    "Works."
    log.append("work")
    return x + y


print(work(1), work(1, y=5), work.__name__, work.__doc__)
flush()


class Api:
    def __init__(self):
        self.depth = 0

    @contextmanager
    def session(self, n=1):
        self.depth += n
        try:
            yield self
        finally:
            self.depth -= n

    @timed("method")
    def call(self, v):
        return (self.depth, v)


api = Api()
with api.session() as s, s.session(5):
    print(api.depth, s is api)
print(api.depth, api.call(3))
flush()


@contextmanager
def translate():
    try:
        yield
    except KeyError as e:
        raise RuntimeError("translated") from e


try:
    with translate():
        {}["x"]
except RuntimeError as e:
    print(e, repr(e.__cause__))


def loop():
    for i in range(5):
        with suppress(ZeroDivisionError):
            if i == 1:
                continue
            if i == 4:
                return "left"
            print(i, 1 / (i - 2))


print(loop())
with suppress(KeyError, IndexError):
    [][1]
with suppress():
    print("nothing to suppress")
with nullcontext() as n, nullcontext(5) as five:
    print(n, five, nullcontext(7).enter_result)


class Conn:
    def close(self):
        log.append("closed")

    async def aclose(self):
        log.append("aclosed")


with closing(Conn()) as c:
    print(type(c).__name__)
try:
    with closing(Conn()):
        raise ValueError("v")
except ValueError as e:
    print(e)
flush()

with ExitStack() as stack:
    names = [stack.enter_context(timed(n)) for n in "xyz"]
    stack.callback(log.append, "callback")
    fn = stack.callback(lambda *a, **k: log.append((a, k)), 1, k=2)
    stack.push(lambda *a: log.append([x is None for x in a]))
    print(names, callable(fn))
flush()
with ExitStack() as stack:
    stack.push(timed("p", swallow=ValueError).__class__ and (lambda t, v, tb: log.append(repr(v)) or True))
    stack.callback(log.append, "before")
    raise ValueError("gone")
flush()
with ExitStack() as stack:
    stack.callback(log.append, "kept")
    later = stack.pop_all()
print(log, type(later).__name__)
later.close()
flush()


@ExitStack().push
def unused(*a):
    pass


def boom(text):
    raise KeyError(text)


try:
    with ExitStack() as stack:
        stack.callback(boom, "one")
        stack.callback(boom, "two")
        raise ValueError("body")
except KeyError as e:
    print(repr(e), repr(e.__context__), repr(e.__context__.__context__))


class track(ContextDecorator):
    def __enter__(self):
        log.append("enter")
        return self

    def __exit__(self, *exc):
        log.append(exc[0])
        return exc[0] is ValueError


@track()
def raises(kind):
    raise kind("x")


print(raises(ValueError))
try:
    raises(KeyError)
except KeyError as e:
    print("key", e)
flush()


class Managed(AbstractContextManager):
    def __exit__(self, *exc):
        log.append("exit")


with Managed() as m:
    print(type(m).__name__, isinstance(m, AbstractContextManager), isinstance(api, AbstractContextManager), issubclass(track, AbstractContextManager))
flush()


@asynccontextmanager
async def aconn(name):
    log.append("+" + name)
    try:
        yield name
    except ValueError as e:
        log.append(str(e))
    finally:
        await asyncio.sleep(0)
        log.append("-" + name)


class AManaged(AbstractAsyncContextManager):
    async def __aexit__(self, *exc):
        log.append("aexit")


async def agen():
    try:
        yield 1
        yield 2
    finally:
        log.append("agen closed")


async def main():
    async with aconn("db") as name:
        print(name)
    async with aconn("bad"):
        raise ValueError("async body")
    try:
        async with aconn("key"):
            raise KeyError("k")
    except KeyError as e:
        print(repr(e))
    async with aclosing(Conn()), nullcontext(3) as three:
        print(three)
    async with aclosing(agen()) as values:
        async for v in values:
            print(v)
            break
    async with AManaged() as m:
        print(type(m).__name__)


asyncio.run(main())
flush()
print(contextlib.suppress is suppress, contextlib.suppress.__name__, ExitStack.__module__)

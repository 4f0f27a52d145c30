import asyncio


async def numbers(n):
    try:
        for i in range(n):
            await asyncio.sleep(0)
            yield i
    finally:
        print("numbers end")


async def double(x):
    await asyncio.sleep(0)
    return x * 2


class Pages:
    """An asynchronous iterator as a class."""

    def __init__(self, last):
        self.page, self.last = 0, last

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.page == self.last:
            raise StopAsyncIteration
        self.page += 1
        await asyncio.sleep(0)
        return {"page": self.page}


class Manager:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    async def __aenter__(self):
        await asyncio.sleep(0)
        print("enter", self.name)
        return self

    async def __aexit__(self, kind, error, trace):
        await asyncio.sleep(0)
        print("exit", self.name, kind and kind.__name__)
        return self.swallow


class Later:
    def __await__(self):
        yield
        return "from __await__"


async def loops():
    async for x in numbers(3):
        print("x", x)
    else:
        print("else")
    async for p in Pages(5):
        if p["page"] == 2:
            continue
        if p["page"] == 4:
            break
        print(p)
    else:
        print("not reached")
    print([x async for x in numbers(3) if x != 1])
    print({x: await double(x) for x in range(3)}, {await double(x) for x in (1, 1)})
    print([[y async for y in numbers(x)] async for x in numbers(3)])
    lazy = (await double(x) async for x in numbers(3))
    async for x in lazy:
        print("lazy", x)
    print(type(lazy).__name__)
    for wrong in ([1], 5):
        try:
            async for x in wrong:
                pass
        except TypeError as e:
            print(e)


async def by_hand():
    g = numbers(2)
    print(await g.__anext__(), await g.asend(None))
    try:
        await g.__anext__()
    except StopAsyncIteration as e:
        print("stop", e.args)

    async def echo():
        got = None
        while True:
            try:
                got = yield got
            except KeyError as e:
                got = repr(e)

    e = echo()
    print(await e.asend(None), await e.asend("hello"), await e.athrow(KeyError("k")))
    await e.aclose()
    g = numbers(5)
    await g.__anext__()
    await g.aclose()

    async def broken():
        yield 1
        raise StopAsyncIteration

    try:
        async for x in broken():
            print(x)
    except RuntimeError as e:
        print(repr(e), repr(e.__cause__))


async def managers():
    async with Manager("a") as a, Manager("b"):
        print("in", a.name)
    async with Manager("swallows", True):
        raise KeyError("x")
    try:
        async with Manager("passes"):
            raise ValueError("y")
    except ValueError as e:
        print("out", e)
    for wrong in (5, "text"):
        try:
            async with wrong:
                pass
        except TypeError as e:
            print(e)


async def awaits():
    print(await Later())
    for wrong in (5, "x", None, double, {}, (1,), Pages(1)):
        try:
            await wrong
        except TypeError as e:
            print(e)
    c = double(4)
    print(await c)
    try:
        await c
    except RuntimeError as e:
        print(e)
    return await double(await double(1)) + (await double(5) if True else 0)


async def main():
    await loops()
    await by_hand()
    await managers()
    print(await awaits())


asyncio.run(main())

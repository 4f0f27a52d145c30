import json


async def inner(x):
    return x * 2


async def outer():
    a = await inner(2)
    b = await inner(a)
    try:
        await bad()
    except ValueError as e:
        print("caught", e)
    return a + b


async def bad():
    raise ValueError("async bad")


class AC:
    async def __aenter__(self):
        print("aenter")
        return self

    async def __aexit__(self, *a):
        print("aexit", a[0])
        return True

    async def method(self, v):
        return v


async def ctx():
    async with AC() as c:
        print(await c.method(5))
        raise KeyError("x")
    return "done"


def drive(coro):
    try:
        coro.send(None)
    except StopIteration as s:
        return s.value


print(drive(outer()), drive(ctx()))
print(type(inner(1)).__name__ == "coroutine")
drive(bad())

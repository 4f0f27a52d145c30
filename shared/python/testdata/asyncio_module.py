import asyncio
from asyncio import gather, sleep


async def worker(name, delay):
    print("start", name)
    await asyncio.sleep(delay)
    print("end", name)
    return name


async def fail(delay=0):
    await sleep(delay)
    raise ValueError("failed after a sleep")


async def long(name="long"):
    try:
        await asyncio.sleep(100)
    except asyncio.CancelledError as e:
        print(name, "cancelled", e.args)
        raise
    finally:
        print(name, "finally")


async def gathering():
    print(await asyncio.gather(worker(1, 0.06), worker(2, 0.02), worker(3, 0.04)))
    print(await gather())
    print(await gather(worker(6, 0), fail(), return_exceptions=True))
    try:
        await gather(worker(7, 0.01), fail())
    except ValueError as e:
        print("caught", e)
    await sleep(0.03)
    c = worker("once", 0)
    print(await gather(c, c))
    try:
        await gather(1, 2)
    except TypeError as e:
        print(e)
    outer = gather(long("a"), long("b"))
    await sleep(0)
    print(outer.cancel(), outer.done())
    try:
        await outer
    except asyncio.CancelledError:
        print("gather cancelled", outer.cancelled())
    nested = await gather(gather(worker("x", 0), worker("y", 0)), worker("z", 0))
    print(nested)


async def tasks():
    t = asyncio.create_task(worker(4, 0.01))
    print(t.done(), t.cancelled(), isinstance(t, asyncio.Task), isinstance(t, asyncio.Future))
    try:
        t.result()
    except asyncio.InvalidStateError as e:
        print(repr(e))
    print(await t, t.done(), t.result(), t.exception(), t.cancel())
    t = asyncio.create_task(fail(), name="failing")
    print(t.get_name())
    t.set_name("other")
    print(t.get_name())
    for _ in range(2):
        try:
            await t
        except ValueError as e:
            print("caught", e, t.done(), repr(t.exception()))
    t = asyncio.create_task(long())
    await asyncio.sleep(0)
    print(t.cancel("please"))
    try:
        await t
    except asyncio.CancelledError as e:
        print("caught", type(e).__name__, t.cancelled())
    never = asyncio.create_task(worker("never", 0))
    print(never.cancel())
    try:
        await never
    except asyncio.CancelledError:
        print("never began")
    order = []

    async def note(n):
        for i in range(3):
            order.append((n, i))
            await asyncio.sleep(0)

    ts = [asyncio.create_task(note(n)) for n in "abc"]
    print(len(asyncio.all_tasks()), asyncio.current_task() in asyncio.all_tasks(), order)
    for t in ts:
        await t
    print(order)
    f = asyncio.ensure_future(worker("ensured", 0))
    print(await f, asyncio.ensure_future(f) is f)

    async def suppress():
        try:
            await sleep(10)
        except asyncio.CancelledError:
            return "survived"

    t = asyncio.create_task(suppress())
    await sleep(0)
    t.cancel()
    print(await t, t.cancelled())


async def waiting():
    try:
        await asyncio.wait_for(worker(5, 10), timeout=0.01)
    except asyncio.TimeoutError as e:
        print("timeout", repr(e), repr(e.__cause__), asyncio.TimeoutError is TimeoutError)
    print(await asyncio.wait_for(worker(6, 0), 5), await asyncio.wait_for(worker(7, 0), None))
    try:
        await asyncio.wait_for(long("zero"), 0)
    except TimeoutError:
        print("no time at all")
    try:
        await asyncio.wait_for(fail(), 5)
    except ValueError as e:
        print("error passes", e)
    a, b = asyncio.create_task(worker("a", 0.01)), asyncio.create_task(worker("b", 0.08))
    done, pending = await asyncio.wait({a, b}, return_when=asyncio.FIRST_COMPLETED)
    print(done == {a}, pending == {b})
    done, pending = await asyncio.wait([a, b])
    print(len(done), len(pending), asyncio.ALL_COMPLETED, asyncio.FIRST_EXCEPTION)
    done, pending = await asyncio.wait([asyncio.create_task(long("w"))], timeout=0.01)
    print(len(done), len(pending))
    for t in pending:
        t.cancel()
    for bad in ([], [worker(1, 0)]):
        try:
            await asyncio.wait(bad)
        except (ValueError, TypeError) as e:
            print(type(e).__name__, e)


async def locks():
    sem = asyncio.Semaphore(2)
    running = most = 0

    async def limited(i):
        nonlocal running, most
        async with sem:
            running += 1
            most = max(most, running)
            print("in", i)
            await asyncio.sleep(0.1 * i * (i % 2))
            running -= 1
        print("out", i)

    await gather(*[limited(i) for i in range(5)])
    print("most", most, sem.locked())
    lock = asyncio.Lock()

    async def exclusive(i):
        print(i, "wants", lock.locked())
        async with lock:
            await sleep(0)
            print(i, "has", lock.locked())

    await gather(*(exclusive(i) for i in range(3)))
    print(await lock.acquire(), lock.locked())
    lock.release()
    for broken in (lock, asyncio.BoundedSemaphore(1)):
        try:
            broken.release()
        except (RuntimeError, ValueError) as e:
            print(type(e).__name__, e)
    event = asyncio.Event()

    async def waiter(i):
        print(i, await event.wait())

    ts = [asyncio.create_task(waiter(i)) for i in range(2)]
    await sleep(0)
    print(event.is_set())
    event.set()
    await gather(*ts)
    print(event.is_set(), await event.wait())
    event.clear()
    print(event.is_set())


async def main():
    for part in (gathering, tasks, waiting, locks):
        print("--", part.__name__, asyncio.iscoroutinefunction(part), asyncio.iscoroutinefunction(print))
        await part()
    c = fail()
    print(asyncio.iscoroutine(c))
    c.close()
    left = asyncio.create_task(long("left behind"))
    await sleep(0)
    try:
        asyncio.run(main())
    except RuntimeError as e:
        print(e)
    return "done"


print(asyncio.run(main()))
for wrong in (5, main):
    try:
        asyncio.run(wrong)
    except ValueError as e:
        print(str(e)[:28])
try:
    asyncio.create_task(fail())
except RuntimeError as e:
    print(e)

"""Asynchronous users: semaphores, time-outs, async generators and comprehensions, batch."""
import asyncio
from dataclasses import dataclass

from loadpilot import LoadClient, VUser, scenario, task


@dataclass
class Page:
    number: int
    ids: list[int]


class Pager:
    def __init__(self, client, limit):
        self.client, self.left = client, limit

    def __aiter__(self):
        return self

    async def __anext__(self) -> Page:
        if self.left == 0:
            raise StopAsyncIteration
        self.left -= 1
        body = self.client.get("/api/search", params={"page": self.left}).json()
        await asyncio.sleep(0)
        return Page(self.left, [i["id"] for i in body["items"]])


async def ticker(n):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    finally:
        print("ticker ends")


@scenario(rps=5)
class AsyncLoad(VUser):
    async def on_start(self, client):
        self.gate, self.log = None, []

    async def limited(self, gate, name, turns):
        async with gate:
            self.log.append(f"{name}+")
            for _ in range(turns):
                await asyncio.sleep(0)
            self.log.append(f"{name}-")
        if name == "c":
            raise ValueError(name)
        return name.upper()

    @task(weight=2)
    async def crowd(self, client: LoadClient):
        gate = asyncio.Semaphore(2)
        done = await asyncio.gather(*(self.limited(gate, n, t) for n, t in zip("abcd", [3, 1, 1, 0])), return_exceptions=True)
        print(done, self.log)
        self.log.clear()
        print([p.ids[p.number] async for p in Pager(client, 2)], {i: i * i async for i in ticker(3) if i % 2})

    async def check_crowd(self, status_code, body):
        await asyncio.sleep(0)
        assert body["page"] == 2, f"page {body['page']}"

    @task
    async def late(self, client):
        try:
            await asyncio.wait_for(asyncio.Event().wait(), timeout=0.001)
        except asyncio.TimeoutError as e:
            print("late", repr(e), isinstance(e, TimeoutError))
        first, second = asyncio.create_task(self.limited(asyncio.Lock(), "x", 50)), asyncio.create_task(asyncio.sleep(0, "y"))
        print(await second, first.done(), first.cancel())
        try:
            await first
        except asyncio.CancelledError:
            print("cancelled", first.cancelled(), self.log)
        ok, bad = client.batch([{"path": "/health"}, {"method": "post", "path": "/none", "json": [1]}])
        print(ok.status_code, bad.ok)
        await self.limited(asyncio.Lock(), "c", 0)

    def on_stop(self, client):
        self.log = None
        print(asyncio.iscoroutinefunction(self.crowd), asyncio.run(self.limited(asyncio.Semaphore(1), "z", 1)))

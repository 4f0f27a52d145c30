"""Coroutines: awaited one after the other, and gathered."""
import asyncio

from loadpilot import LoadClient, VUser, scenario, task


async def fetch(client: LoadClient, path: str, delay: float = 0.0):
    await asyncio.sleep(delay)
    return client.get(path).json()


class Timer:
    def __init__(self, name):
        self.name = name

    async def __aenter__(self):
        print("enter", self.name)
        return self

    async def __aexit__(self, kind, value, traceback):
        print("exit", self.name, kind.__name__ if kind else None)
        return False


@scenario(rps=12)
class Async(VUser):
    async def helper(self, n):
        await asyncio.sleep(0)
        if n == 2:
            raise ValueError(f"bad {n}")
        return n * n

    @task(weight=2)
    async def one_by_one(self, client: LoadClient):
        user = await fetch(client, "/api/user")
        cart = await fetch(client, "/cart", 0.001)
        print(user["id"], cart["currency"])

    def check_one_by_one(self, status_code, body):
        assert body["currency"] == "USD", "wrong currency"

    @task
    async def together(self, client: LoadClient):
        async with Timer("gather"):
            results = await asyncio.gather(*(self.helper(n) for n in range(4)), return_exceptions=True)
            print([r if isinstance(r, int) else repr(r) for r in results])
        later = asyncio.create_task(fetch(client, "/health", 0.01))
        sooner = asyncio.create_task(fetch(client, "/orders"))
        print(sorted((await sooner)["orders"][0]), (await later)["status"])

    @task
    async def fails(self, client: LoadClient):
        async with Timer("failing"):
            await asyncio.gather(self.helper(1), self.helper(2))

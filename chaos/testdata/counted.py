import loadpilot
from loadpilot import LoadClient, VUser, scenario, task


def numbered():
    return {"X-Iteration": str(loadpilot.iteration)}


@scenario(rps=60, duration="6s", mode="constant", graceful_stop="2s", timeout="2s")
class Counted(VUser):
    """Sends the number of each iteration, for a target that keeps a record."""

    @task(weight=5)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers=numbered())

    @task(weight=1)
    def purchase(self, client: LoadClient):
        client.post("/api/orders", json={"product_id": 42, "qty": 1}, headers=numbered())

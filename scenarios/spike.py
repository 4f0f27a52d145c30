"""A rush: a third of the time at 20 %, a third at full rate, a third at 20 % again.

    loadpilot run scenarios/spike.py --demo
"""

from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=300, duration="1m30s", mode="spike", thresholds={"p95_ms": 400, "error_rate": 2.0})
class Rush(VUser):
    @task(weight=3)
    def health(self, client: LoadClient):
        client.get("/health")

    @task(weight=1)
    def products(self, client: LoadClient):
        client.get("/api/products", params={"limit": 10})

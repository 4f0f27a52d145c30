import loadpilot
from loadpilot import LoadClient, VUser, event, scenario, task


@scenario(
    rps=40, duration="3s", mode="constant", max_lag="5s",
    thresholds={"work:max_ms": 120, "work:error_rate": 26, "orders:count_min": 60, "item:error_rate": 1},
)
class Measured(VUser):
    """Measures known numbers: those of its 120 iterations."""

    def on_start(self, client: LoadClient):
        loadpilot.counter("users")

    @task
    def shop(self, client: LoadClient):
        n = loadpilot.iteration
        event("work", n, ok=n % 4 > 0)
        loadpilot.gauge("number", n - 60)
        client.get(f"/api/products/{n}", name="item")

    def check_shop(self, status_code, body):
        loadpilot.counter("orders", 0.5)

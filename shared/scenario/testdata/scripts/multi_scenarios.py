"""Several scenarios in one file that share helpers, settings and a count; tasks without checks."""
import os
import time

import loadpilot
from loadpilot import LoadClient, VUser, scenario, task

REGION = os.environ["REGION"]
TIER = os.environ.get("TIER", "basic")
BASE = {"eu": "/api", "us": "/us/api"}[REGION]
THINK = 0.001
started = 0


def tag(**labels):
    return ",".join(f"{k}={v}" for k, v in sorted(labels.items()))


class Shared(VUser):
    """Not a scenario by itself."""

    kind = None

    def on_start(self, client):
        global started
        started = max(started, 1) << 1
        print("user", type(self).kind or "none", type(self).on_start is Shared.on_start)

    def think(self, factor=1):
        time.sleep(THINK * factor)


@scenario(rps=50, duration="5m", ramp_up="30s", thresholds={"p95_ms": 200})
class Readers(Shared):
    kind = "reader"

    @task(weight=4)
    def list_products(self, client: LoadClient):
        r = client.get(f"{BASE}/products", headers={"X-Tags": tag(region=REGION, tier=TIER)})
        loadpilot.counter("products_seen", len(r.json()))
        self.think()

    @task(weight=2)
    def one_product(self, client: LoadClient):
        number = 1 + loadpilot.iteration % 3
        client.get(f"{BASE}/products/{number}", name=f"{BASE}/products/:id")
        self.think(factor=2)


@scenario(rps=2, mode="spike", duration="90s")
class Writers(Shared):
    kind = "writer"

    def on_start(self, client):
        super().on_start(client)
        self.version = client.get("/health").json()["version"]
        major, minor, patch = map(int, self.version.split("."))
        self.modern = (major, minor) >= (1, 4)
        loadpilot.gauge("server_minor", minor)

    @task
    def update(self, client: LoadClient):
        method = client.patch if self.modern else client.put
        resp = method(f"{BASE}/user", json={"name": "Ada", "version": self.version})
        loadpilot.event("update", 12, ok=resp.ok)

    @task
    def nothing(self, client: LoadClient):
        loadpilot.counter("idle")


@scenario
class Broken(Shared):
    def on_start(self, client):
        super().on_start(client)
        self.token = client.post("/auth/login", data={"user": ""}).json()["acces_token"]

    @task
    def needs_token(self, client: LoadClient):
        client.get("/cart", headers={"Authorization": self.token})

    def on_stop(self, client):
        print("stopped", started > 1, hasattr(self, "token"))

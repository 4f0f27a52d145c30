"""A shop on a busy day: each user logs in once, then five browse for one who buys.

    loadpilot run scenarios/checkout.py --demo
"""

import random

from loadpilot import LoadClient, VUser, scenario, task


@scenario(
    rps=200,
    duration="1m",
    ramp_up="15s",
    thresholds={"p95_ms": 300, "p99_ms": 500, "error_rate": 1.0, "purchase:p99_ms": 800},
)
class CheckoutFlow(VUser):
    def on_start(self, client: LoadClient):
        resp = client.post("/auth/login", json={"username": "test", "password": "secret"})
        resp.raise_for_status()
        self.token = resp.json()["access_token"]

    def _auth(self):
        return {"Authorization": f"Bearer {self.token}"}

    @task(weight=5)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers=self._auth())

    def check_browse(self, status_code: int, body) -> None:
        assert status_code == 200
        assert isinstance(body, list) and body

    @task(weight=1)
    def purchase(self, client: LoadClient):
        order = {"product_id": random.randint(1, 100), "qty": 1}
        client.post("/api/orders", json=order, headers=self._auth())

    def check_purchase(self, status_code: int, body) -> None:
        assert status_code in (200, 201)
        assert "id" in body

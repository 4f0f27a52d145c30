"""A journey of several steps, each built on the answer before it.

    loadpilot run scenarios/journey.py --demo

Each request is measured by itself; the check sees the last one.
"""

import random

from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=40, duration="1m", ramp_up="10s", thresholds={"p99_ms": 800, "error_rate": 1.0})
class Journey(VUser):
    def on_start(self, client: LoadClient):
        resp = client.post("/auth/login", json={"username": "test", "password": "secret"})
        self.headers = {"Authorization": f"Bearer {resp.json()['access_token']}"}

    @task
    def shop(self, client: LoadClient):
        products = client.get("/api/products", params={"limit": 20}, headers=self.headers).json()
        product = random.choice(products)
        client.get(f"/api/products/{product['id']}", headers=self.headers).raise_for_status()

        cart = client.get("/cart", headers=self.headers).json()
        item = cart["items"][0]
        client.post("/orders", json={"item_id": item["id"], "qty": 1}, headers=self.headers)

    def check_shop(self, status_code: int, body) -> None:
        assert status_code in (200, 201), f"order refused: {body}"

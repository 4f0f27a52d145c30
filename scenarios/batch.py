"""Requests that a page sends at the same time.

    loadpilot run scenarios/batch.py --demo
"""

from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=50, duration="30s", mode="constant", thresholds={"p99_ms": 500})
class Profile(VUser):
    def on_start(self, client: LoadClient):
        resp = client.post("/auth/login", json={"username": "test", "password": "secret"})
        self.token = resp.json()["access_token"]

    @task
    def profile(self, client: LoadClient):
        auth = {"Authorization": f"Bearer {self.token}"}
        user, orders, cart = client.batch([
            {"path": "/api/user", "headers": auth},
            {"path": "/api/orders", "headers": auth},
            {"path": "/api/cart", "headers": auth},
        ])
        assert user.ok and orders.ok and cart.ok

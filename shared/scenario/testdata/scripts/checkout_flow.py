"""A shop: log in once, browse often, buy now and then."""
import random
import time

from loadpilot import LoadClient, VUser, scenario, task

CATEGORIES = ["kitchen", "garden", "office"]
PAGE_SIZE = 20


def total(items):
    return sum(float(item["price"]) * item["qty"] for item in items)


@scenario(rps=100, duration="2m", ramp_up="15s", thresholds={"p99_ms": 500, "error_rate": 1.0})
class CheckoutFlow(VUser):
    currency = "EUR"

    def on_start(self, client: LoadClient):
        resp = client.post("/auth/login", json={"username": "test", "password": "secret"})
        self.token = resp.json()["access_token"]
        self.roles = set(resp.json()["user"]["roles"])
        self.bought = []

    def _auth(self, **more) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}", **more}

    @task(weight=5)
    def browse(self, client: LoadClient):
        category = CATEGORIES[random.randrange(len(CATEGORIES))]
        assert category in CATEGORIES
        products = client.get("/api/products", params={"size": PAGE_SIZE, "sort": ["price", "name"]}, headers=self._auth()).json()
        cheap = sorted((p for p in products if p["stock"] > 0), key=lambda p: p["price"])
        print(f"cheapest: {cheap[0]['name']:>8} at {cheap[0]['price']:.2f}, {len(cheap)} of {len(products)} in stock")

    def check_browse(self, status_code: int, body) -> None:
        assert status_code == 200
        assert isinstance(body, list) and len(body) == 3, f"got {len(body)}"
        assert all({"id", "name"} <= p.keys() for p in body)

    @task(weight=1)
    def checkout(self, client: LoadClient):
        time.sleep(0.001)
        cart = client.get("/cart", headers=self._auth()).json()
        print(f"cart: {total(cart['items']):,.2f} {cart['currency']}")
        for item in cart["items"]:
            if item["qty"] < 2:
                continue
            order = client.post("/orders", json={"item_id": item["id"], "qty": item["qty"]}, headers=self._auth(**{"X-Try": "1"}))
            self.bought.append(order.json()["order_id"])

    def check_checkout(self, status_code: int, body) -> None:
        assert status_code in (200, 201)
        assert body["total"] > 50, "the order is too small"

    def on_stop(self, client: LoadClient):
        print("bought", self.bought, "admin" in self.roles)
        client.post("/auth/logout", headers=self._auth())

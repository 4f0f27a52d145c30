from loadpilot import LoadClient, VUser, scenario, task


# >>> several tasks
@scenario(rps=100, duration="2m")
class CheckoutFlow(VUser):
    @task(weight=5)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers=self._auth())

    @task(weight=1)
    def purchase(self, client: LoadClient):
        client.post("/api/orders", json={"product_id": 42, "qty": 1},
                    headers=self._auth())
    # <<<

    # >>> several requests
    @task(weight=1)
    def checkout(self, client: LoadClient):
        cart = client.get("/cart", headers=self._auth())
        item_id = cart.json()["items"][0]["id"]
        client.post("/orders", json={"item_id": item_id, "qty": 1}, headers=self._auth())

    def check_checkout(self, status_code: int, body) -> None:
        assert status_code in (200, 201)
    # <<<

    def on_start(self, client: LoadClient):
        self.token = client.post("/auth/login", json={"username": "test", "password": "secret"}).json()["access_token"]

    def _auth(self):
        return {"Authorization": f"Bearer {self.token}"}

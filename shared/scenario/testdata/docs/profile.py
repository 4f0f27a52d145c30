from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1)
class Profile(VUser):
    def on_start(self, client: LoadClient):
        self.token = client.post("/auth/login", json={"username": "test", "password": "secret"}).json()["access_token"]

    # >>> batch
    @task(weight=1)
    def fetch_profile(self, client: LoadClient):
        auth = {"Authorization": f"Bearer {self.token}"}
        responses = client.batch([
            {"method": "GET", "path": "/api/user", "headers": auth},
            {"method": "GET", "path": "/api/orders", "headers": auth},
            {"method": "GET", "path": "/api/cart", "headers": auth},
        ])
        # responses is a list of ResponseWrapper in dispatch order
    # <<<

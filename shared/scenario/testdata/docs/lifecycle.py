from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1)
class Lifecycle(VUser):
    # >>> on_start
    def on_start(self, client: LoadClient):
        resp = client.post("/auth/login", json={"username": "test", "password": "secret"})
        self.token = resp.json()["access_token"]
    # <<<

    def _auth(self):
        return {"Authorization": f"Bearer {self.token}"}

    # >>> check
    @task(weight=1)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers=self._auth())

    def check_browse(self, status_code: int, body) -> None:
        assert status_code == 200
        assert isinstance(body, list)
    # <<<

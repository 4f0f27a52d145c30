"""What LoadPilot is asked to do; k6.js asks the same of k6."""

import loadpilot
from loadpilot import LoadClient, VUser, scenario, task


@scenario(mode="constant")
class Static(VUser):
    @task
    def get(self, client: LoadClient):
        client.get("/", headers={"Authorization": "Bearer bench-token"})


@scenario(mode="constant")
class Scripted(VUser):
    def on_start(self, client: LoadClient):
        response = client.post("/login", json={"username": "bench", "password": "secret"})
        response.raise_for_status()
        self.token = response.json()["access_token"]

    @task
    def product(self, client: LoadClient):
        number = loadpilot.iteration % 1000
        client.get(
            f"/products/{number}",
            headers={"Authorization": f"Bearer {self.token}", "X-Request-Id": f"bench-{loadpilot.iteration}"},
        )

    def check_product(self, status_code, body):
        assert status_code == 200
        assert body["currency"] == "EUR"
        assert body["stock"] > 0
        assert len(body["tags"]) == 3


@scenario(mode="constant")
class SlowStatic(VUser):
    @task
    def get(self, client: LoadClient):
        client.get("/slow", headers={"Authorization": "Bearer bench-token"})


@scenario(mode="constant")
class SlowBatch(VUser):
    @task
    def five(self, client: LoadClient):
        auth = {"Authorization": "Bearer bench-token"}
        client.batch([
            {"path": "/slow", "headers": auth},
            {"path": "/slow", "headers": auth},
            {"path": "/slow", "headers": auth},
            {"path": "/slow", "headers": auth},
            {"path": "/slow", "headers": auth},
        ])


@scenario(mode="constant")
class SlowSequential(VUser):
    @task
    def five(self, client: LoadClient):
        auth = {"Authorization": "Bearer bench-token"}
        client.get("/slow", headers=auth)
        client.get("/slow", headers=auth)
        client.get("/slow", headers=auth)
        client.get("/slow", headers=auth)
        client.get("/slow", headers=auth)

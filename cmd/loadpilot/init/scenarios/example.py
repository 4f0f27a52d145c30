"""A load test to begin with. It fits the sample shop; make it fit your service.

    loadpilot check scenarios/example.py
    loadpilot run scenarios/example.py --demo
    loadpilot run scenarios/example.py --target https://staging.example.com --rps 20 --duration 30s
"""

from loadpilot import LoadClient, VUser, scenario, task


# 50 iterations begin each second, however slow the answers are. The run fails if one of the thresholds is broken.
@scenario(rps=50, duration="1m", ramp_up="10s", thresholds={"p99_ms": 500, "error_rate": 1.0})
class Example(VUser):
    # Once for each user, before the first task.
    def on_start(self, client: LoadClient):
        response = client.post("/auth/login", json={"username": "test", "password": "secret"})
        response.raise_for_status()
        self.headers = {"Authorization": f"Bearer {response.json()['access_token']}"}

    # Five iterations of this task …
    @task(weight=5)
    def browse(self, client: LoadClient):
        client.get("/api/products", headers=self.headers)

    # … whose answers are checked here …
    def check_browse(self, status_code, body):
        assert status_code == 200
        assert isinstance(body, list)

    # … for one of this.
    @task(weight=1)
    def purchase(self, client: LoadClient):
        client.post("/api/orders", json={"product_id": 42, "qty": 1}, headers=self.headers)

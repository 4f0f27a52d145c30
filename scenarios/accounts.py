"""Users with accounts of their own, who look for what others have looked for.

    loadpilot run scenarios/accounts.py --demo
"""

import loadpilot
from loadpilot import LoadClient, VUser, scenario, task

ACCOUNTS = loadpilot.data("accounts.csv", order="user", columns=["username", "password"])
SEARCHES = loadpilot.data("searches.jsonl")


@scenario(rps=50, duration="30s", mode="constant", thresholds={"p99_ms": 500, "error_rate": 1})
class Accounts(VUser):
    def on_start(self, client: LoadClient):
        account = ACCOUNTS.row()
        resp = client.post("/auth/login", json={"username": account["username"], "password": account["password"]})
        resp.raise_for_status()
        self.token = resp.json()["access_token"]

    @task(weight=4)
    def search(self, client: LoadClient):
        search = SEARCHES.row()
        client.get("/api/products", params={"limit": search["limit"]}, headers={"Accept-Language": search["language"]})

    @task
    def orders(self, client: LoadClient):
        client.get("/api/orders", headers={"Authorization": f"Bearer {self.token}"})

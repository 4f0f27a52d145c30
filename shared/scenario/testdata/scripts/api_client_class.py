"""A small API client of one's own around the client that tasks are given."""
import json
from dataclasses import dataclass, field
from typing import Any, Optional

from loadpilot import LoadClient, VUser, scenario, task


class ApiError(Exception):
    def __init__(self, status: int, detail: str = "") -> None:
        super().__init__(f"{status}: {detail or 'no detail'}")
        self.status = status


@dataclass
class Api:
    client: LoadClient
    token: Optional[str] = None
    calls: dict[str, int] = field(default_factory=dict)

    def request(self, method: str, path: str, **options: Any) -> Any:
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        if self.token is not None:
            headers["Authorization"] = "Bearer " + self.token
        self.calls[method] = self.calls.get(method, 0) + 1
        resp = getattr(self.client, method.lower())(path, headers=headers, **options)
        if not resp.ok:
            raise ApiError(resp.status_code, resp.json().get("detail", ""))
        return resp.json() if resp.text else None

    def __getitem__(self, path: str) -> Any:
        return self.request("GET", path)


@scenario(rps=20, duration="30s", mode="constant")
class Wrapped(VUser):
    def on_start(self, client):
        self.token = Api(client).request("POST", "/auth/login", json={"username": "ada", "remember": True, "ttl": None})["access_token"]

    @task(weight=2)
    def read(self, client):
        api = Api(client, self.token)
        user, orders = api["/api/user"], api["/orders"]["orders"]
        print(user["name"].split()[-1], *[f"{o['order_id']}={o['state']}" for o in orders], sep="; ")
        print(json.dumps(api.calls, sort_keys=True))

    @task
    def conflict(self, client):
        api = Api(client, self.token)
        try:
            api.request("PATCH", "/api/user", json={"name": "Zoë", "tags": ["a", 1, 2.5]})
        except ApiError as e:
            print("refused:", e, e.status, repr(e), sep=" | ")
        else:
            raise AssertionError("a conflict was expected")
        finally:
            print("calls", api.calls)

    @task
    def missing(self, client):
        Api(client, self.token).request("DELETE", "/api/none/1", headers={"X-Reason": "cleanup"})

    def check_missing(self, status_code, body):
        print("never called", status_code)

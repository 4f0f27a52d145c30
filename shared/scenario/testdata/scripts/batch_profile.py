"""Several requests at the same time, and what comes back in order."""
from operator import attrgetter, itemgetter

from loadpilot import LoadClient, VUser, counter, event, gauge, scenario, task

PATHS = ("/api/user", "/cart", "/orders", "/api/none")


def requests_for(paths, **headers):
    return [{"method": "GET", "path": p, "headers": {"X-N": str(i), **headers}} for i, p in enumerate(paths)]


@scenario(rps=40, duration="1m30s", mode="constant", thresholds={"fetch:p99_ms": 800})
class Profile(VUser):
    def on_start(self, client: LoadClient) -> None:
        self.token = client.post("/auth/login", auth=("ada", "lovelace")).json()["access_token"]

    @task(weight=2)
    def fetch(self, client: LoadClient):
        responses = client.batch(requests_for(PATHS, Authorization=f"Bearer {self.token}"))
        codes = list(map(attrgetter("status_code"), responses))
        bodies = [r.json() for r in responses if r.ok]
        counter("bodies", len(bodies))
        gauge("keys", max(len(b) for b in bodies))
        event("profile", 12.5 * len(codes), ok=404 not in codes)
        print(codes, sorted(map(len, bodies)), [*map(itemgetter("name"), bodies[:1])])

    def check_fetch(self, status_code, body):
        assert status_code == 404 and body["detail"] == "Not Found"

    @task
    def mixed(self, client: LoadClient):
        first, *others, last = client.batch([
            {"path": "/health"},
            {"method": "POST", "path": "/orders", "json": {"items": [], "note": None, "express": False}},
            {"method": "put", "path": "/api/user", "data": {"name": "Ada L."}},
            {"method": "DELETE", "path": "/cart/items/11"},
        ])
        assert first.json()["checks"]["db"] is True
        print(last.status_code, repr(last.text), *(r.json() for r in others))
        counter("mixed")

    def check_mixed(self, status_code, body):
        assert body is None, body

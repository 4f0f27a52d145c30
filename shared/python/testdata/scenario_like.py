import json
import random
import time


class VUser:
    pass


def scenario(**options):
    def wrap(cls):
        cls._options = options
        return cls
    return wrap


def task(weight=1):
    def wrap(fn):
        fn._weight = weight
        return fn
    return wrap


class Resp:
    def __init__(self, status_code, data):
        self.status_code, self._data = status_code, data

    def json(self):
        return json.loads(json.dumps(self._data))

    @property
    def ok(self):
        return self.status_code < 400


class Client:
    def __init__(self):
        self.calls = []

    def request(self, method, path, **kw):
        self.calls.append((method, path, sorted(kw)))
        return Resp(200, {"items": [{"id": i} for i in range(3)], "access_token": "tok"})

    def get(self, path, **kw):
        return self.request("GET", path, **kw)

    def post(self, path, **kw):
        return self.request("POST", path, **kw)

    def batch(self, requests):
        return [self.request(r.get("method", "GET"), r["path"]) for r in requests]


@scenario(rps=100, duration="2m", thresholds={"p99_ms": 500, "error_rate": 1.0})
class CheckoutFlow(VUser):
    users = [{"name": f"user{i}", "password": "p"} for i in range(3)]
    started = 0

    def on_start(self, client):
        CheckoutFlow.started += 1
        self.user = self.users.pop()
        resp = client.post("/auth/login", json=self.user)
        self.token = resp.json()["access_token"]

    def _auth(self):
        return {"Authorization": f"Bearer {self.token}"}

    @task(weight=5)
    def browse(self, client):
        client.get("/api/products", headers=self._auth(), params={"page": random.randint(1, 1)})

    @task()
    def checkout(self, client):
        cart = client.get("/cart", headers=self._auth())
        item_id = cart.json()["items"][0]["id"]
        client.post("/orders", json={"item_id": item_id, "qty": 1}, headers=self._auth())

    @task(weight=2)
    async def profile(self, client):
        auth = self._auth()
        responses = client.batch([{"method": "GET", "path": p, "headers": auth} for p in ("/user", "/orders")])
        assert all(r.ok for r in responses)

    def check_browse(self, status_code, body):
        assert status_code == 200
        assert isinstance(body, dict), f"body is {type(body)}"


tasks = sorted(n for n in dir(CheckoutFlow) if hasattr(getattr(CheckoutFlow, n), "_weight"))
print(tasks, [getattr(CheckoutFlow, n)._weight for n in tasks], CheckoutFlow._options)
client = Client()
vu = CheckoutFlow()
vu.on_start(client)
for n in tasks:
    r = getattr(vu, n)(client)
    if n == "profile":
        try:
            r.send(None)
        except StopIteration:
            pass
print(client.calls)
print(CheckoutFlow.started, vu.user, len(CheckoutFlow.users))
vu.check_browse(200, {})
vu.check_browse(500, {})

"""Credentials from a pool that all users share, under a lock."""
import threading
from collections import Counter, defaultdict, deque

from loadpilot import LoadClient, VUser, scenario, task

USERS = deque([f"user{n:03}" for n in range(1, 6)], maxlen=5)
LOCK = threading.Lock()


class Stats:
    """Counts that several users write."""

    lock = threading.RLock()
    calls: Counter = Counter()
    errors = defaultdict(list)

    @classmethod
    def add(cls, name: str, amount: int = 1) -> None:
        with cls.lock:
            cls.calls[name] += amount

    @staticmethod
    def report() -> str:
        with Stats.lock, Stats.lock:
            return ", ".join(f"{name}={n}" for name, n in Stats.calls.most_common())


@scenario(rps=30, users=5)
class Pool(VUser):
    free = USERS

    def on_start(self, client: LoadClient):
        with LOCK:
            self.name = self.free.popleft()
        client.post("/auth/login", json={"username": self.name})
        Stats.add("login")

    @task(weight=2)
    def work(self, client: LoadClient):
        Stats.add("work")
        client.get("/api/user", headers={"X-User": self.name})

    def check_work(self, status_code, body):
        if body["id"] != 8:
            Stats.errors[self.name].append(body["id"])

    @task
    def report(self, client: LoadClient):
        client.get("/health")
        print(Stats.report(), dict(Stats.errors), list(self.free), LOCK.locked())

    def on_stop(self, client: LoadClient):
        with LOCK:
            self.free.append(self.name)
        print("back:", list(USERS), +Counter(a=2, b=-1), Stats.calls.total())

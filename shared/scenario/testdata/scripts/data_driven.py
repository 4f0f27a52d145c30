"""Rows of a file, each task going through them by itself."""
import loadpilot
from loadpilot import LoadClient, VUser, scenario, task

USERS = loadpilot.data("users.csv")
EVENTS = loadpilot.data("events.jsonl")
REQUIRED = {"name", "password"}
assert REQUIRED <= set(USERS.columns), USERS.columns


def initials(full: str) -> str:
    return "".join(part[0].upper() for part in full.split() if part)


@scenario(rps=10, duration="10s")
class Data(VUser):
    seen: list = []

    @task(weight=2)
    def login(self, client: LoadClient):
        row = USERS.row()
        self.seen.append(row["name"])
        row["name"] = "changed here only"
        client.post("/auth/login", data={"u": USERS.row()["name"], "p": row["password"]}, name="login")
        print(f"{loadpilot.iteration:>3} {initials(USERS.row()['full name']):<4}|", row.get("none", "-"))

    def check_login(self, status_code, body):
        assert body["expires_in"] >= 60 * 60

    @task
    def publish(self, client: LoadClient):
        event = EVENTS.row()
        kind, payload = event["kind"], event.get("payload", {})
        client.post("/orders", json={"kind": kind, **payload})
        if not payload:
            raise LookupError(f"{kind} has no payload")

    @task
    def whole(self, client: LoadClient):
        client.get("/health")
        names = [r["name"] for r in USERS]
        print(len(USERS), names, USERS[0]["password"], USERS[-1]["name"], len(EVENTS))
        print(sorted({k for e in EVENTS for k in e}), "seen", len(self.seen))

    def on_stop(self, client: LoadClient):
        print("seen", self.seen)

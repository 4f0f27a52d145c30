"""A user walks through states, as an enum and a table of transitions."""
from enum import Enum, IntEnum, auto, unique

from loadpilot import LoadClient, VUser, scenario, task


@unique
class State(Enum):
    ANONYMOUS = auto()
    LOGGED_IN = auto()
    ORDERING = auto()
    DONE = auto()

    @property
    def final(self) -> bool:
        return self is State.DONE

    def __str__(self) -> str:
        return self.name.lower().replace("_", " ")


class Priority(IntEnum):
    LOW = 1
    HIGH = 10


TRANSITIONS = {State.ANONYMOUS: State.LOGGED_IN, State.LOGGED_IN: State.ORDERING, State.ORDERING: State.DONE}


@scenario(rps=15)
class Walk(VUser):
    def on_start(self, client):
        self.state, self.history = State.ANONYMOUS, []

    def _advance(self) -> None:
        self.history.append(self.state)
        if (nxt := TRANSITIONS.get(self.state)) is None:
            raise RuntimeError(f"nothing after {self.state}")
        self.state = nxt

    @task(weight=3)
    def step(self, client: LoadClient):
        if self.state is State.ANONYMOUS:
            client.post("/auth/login", json={"user": "ada", "priority": Priority.HIGH})
        elif self.state == State.LOGGED_IN:
            client.get("/cart", headers={"X-State": str(self.state)})
        else:
            client.post("/orders", data={"state": self.state.name, "n": len(self.history)})
        self._advance()
        print(f"now {self.state} {self.state.value} {self.state!r} final={self.state.final}")

    def check_step(self, status_code, body):
        assert State["DONE"] in State and State(1) is State.ANONYMOUS
        assert status_code < 300

    @task
    def summary(self, client: LoadClient):
        client.get("/health", name="health")
        print([s.name for s in self.history], len(State), sorted(Priority), Priority.HIGH > Priority.LOW)
        print(State.__members__.keys() - {"DONE"} == {s.name for s in State if not s.final})

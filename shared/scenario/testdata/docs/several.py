from loadpilot import LoadClient, scenario, task
from loadpilot import VUser as User


class VUser(User):  # stands in for what the document leaves out
    @task
    def health(self, client: LoadClient):
        client.get("/health")


# >>> several scenarios
@scenario(rps=30, duration="1m")
class LightFlow(VUser): ...


@scenario(rps=100, duration="2m", mode="spike")
class HeavyFlow(VUser): ...
# <<<


# >>> profiles
@scenario(rps=100, duration="2m", ramp_up="15s", mode="ramp")  # default
# <<<
class Ramp(VUser): ...


# >>> profiles
@scenario(rps=100, duration="2m", mode="constant")
# <<<
class Constant(VUser): ...


# >>> profiles
@scenario(rps=100, duration="2m30s", mode="step", steps=5)
# <<<
class Step(VUser): ...


# >>> profiles
@scenario(rps=100, duration="2m", mode="spike")
# <<<
class Spike(VUser): ...


# >>> thresholds
@scenario(
    rps=100,
    duration="2m",
    thresholds={
        "p99_ms": 500,  # p99 latency must be < 500ms
        "p95_ms": 300,
        "error_rate": 1.0,  # error rate must be < 1%
    },
)
# <<<
class Limits(VUser): ...

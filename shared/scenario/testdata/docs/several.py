from loadpilot import LoadClient, VUser, scenario, task


class Flow(VUser):
    @task
    def health(self, client: LoadClient):
        client.get("/health")


@scenario(rps=30, duration="1m")
class LightFlow(Flow): ...


@scenario(rps=100, duration="2m", mode="spike")
class HeavyFlow(Flow): ...


@scenario(rps=100, duration="2m", ramp_up="15s", mode="ramp")  # default
class Ramp(Flow): ...


@scenario(rps=100, duration="2m", mode="constant")
class Constant(Flow): ...


@scenario(rps=100, duration="2m30s", mode="step", steps=5)
class Step(Flow): ...


@scenario(rps=100, duration="2m", mode="spike")
class Spike(Flow): ...


@scenario(
    rps=100,
    duration="2m",
    thresholds={
        "p99_ms": 500,  # p99 latency must be < 500ms
        "p95_ms": 300,
        "error_rate": 1.0,  # error rate must be < 1%
    },
)
class Limits(Flow): ...

"""The smallest scenario: one request, again and again.

    loadpilot run scenarios/health.py --demo
"""

from loadpilot import LoadClient, VUser, scenario, task


@scenario(
    rps=50,
    duration="30s",
    ramp_up="5s",
    thresholds={"p99_ms": 500, "error_rate": 1.0},
)
class Health(VUser):
    @task
    def health(self, client: LoadClient):
        client.get("/health")

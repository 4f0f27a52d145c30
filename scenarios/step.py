"""Where is the knee? The rate rises in equal steps until the service gives in.

    loadpilot run scenarios/step.py --demo
"""

from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1000, duration="2m30s", mode="step", steps=5, max_users=2000)
class Capacity(VUser):
    @task
    def health(self, client: LoadClient):
        client.get("/health")

import loadpilot
from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=40, duration="4s", mode="constant")
class Fleet(VUser):
    @task()
    def visit(self, client: LoadClient):
        client.get("/", headers={"X-Iteration": str(loadpilot.iteration)})

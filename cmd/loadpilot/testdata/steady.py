from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=50, duration="3s", mode="constant")
class Steady(VUser):
    """Asks for the same thing again and again."""

    @task
    def look(self, client: LoadClient):
        client.get("/health")


@scenario(rps=50, duration="3s", mode="constant")
class Members(VUser):
    """Does so when it has introduced itself."""

    def on_start(self, client: LoadClient):
        client.post("/login", json={"name": "Ada"})

    @task
    def look(self, client: LoadClient):
        client.get("/health")

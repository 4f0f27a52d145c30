from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=10, duration="2s", mode="constant", max_lag="5s")
class Light(VUser):
    @task
    def look(self, client: LoadClient):
        client.get("/health")


@scenario(rps=20, duration="2s", mode="spike", max_lag="5s")
class Heavy(VUser):
    @task
    def look(self, client: LoadClient):
        client.get("/health")

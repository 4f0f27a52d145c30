from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1)
class Client(VUser):
    @task
    async def methods(self, client: LoadClient):
        path, kwargs = "/health", {"headers": {"X-Test": "1"}, "params": {"q": "a b"}, "timeout": 5}
        # >>> client
        client.get(path, **kwargs)
        client.post(path, **kwargs)
        client.put(path, **kwargs)
        client.patch(path, **kwargs)
        client.delete(path, **kwargs)
        # <<<

    @task
    async def answers(self, client: LoadClient):
        client.post("/health", json={"a": 1})
        client.put("/health", data={"a": "1", "b": ["2", "3"]})
        client.patch("/health", data="text")
        resp = client.delete("/health")
        assert (resp.status_code, resp.ok) == (200, True)
        assert resp.text and resp.headers["content-type"] == resp.headers.get("CONTENT-TYPE")
        assert resp.json() and resp.elapsed_ms > 0
        assert resp.raise_for_status() is resp

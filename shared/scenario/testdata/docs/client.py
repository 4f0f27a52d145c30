from loadpilot import LoadClient, VUser, scenario, task


@scenario(rps=1)
class Client(VUser):
    @task
    async def methods(self, client: LoadClient):
        path, kwargs = "/health", {"headers": {"X-Test": "1"}, "params": {"q": "a b"}, "timeout": 5}
        client.get(path, **kwargs)
        client.post(path, json={"a": 1}, **kwargs)
        client.put(path, data={"a": "1", "b": ["2", "3"]}, **kwargs)
        client.patch(path, data="text", **kwargs)
        resp = client.delete(path, **kwargs)
        assert (resp.status_code, resp.ok) == (200, True)
        assert resp.text and resp.headers["content-type"] == resp.headers.get("CONTENT-TYPE")
        assert resp.json() and resp.elapsed_ms > 0
        assert resp.raise_for_status() is resp

"""Requests signed with HMAC, the way webhooks and clouds want it."""
import base64
import hashlib
import hmac
import json
from functools import lru_cache

from loadpilot import LoadClient, VUser, scenario, task

SECRET = b"not-so-secret"
ALGORITHMS = {"sha256": hashlib.sha256, "sha1": hashlib.sha1, "md5": hashlib.md5}


@lru_cache(maxsize=8)
def canonical(method: str, path: str) -> bytes:
    print("canonical", method, path)
    return "\n".join([method.upper(), path, "v1"]).encode("utf-8")


def sign(method: str, path: str, body: bytes = b"", algorithm: str = "sha256") -> dict[str, str]:
    mac = hmac.new(SECRET, canonical(method, path), ALGORITHMS[algorithm])
    mac.update(body)
    digest = hashlib.new(algorithm, body).digest()
    return {
        "X-Signature": f"{algorithm}={mac.hexdigest()}",
        "Digest": f"{algorithm.upper()}={base64.b64encode(digest).decode('ascii')}",
    }


@scenario(rps=50, mode="step", steps=3, duration="1m")
class Signed(VUser):
    @task(3)
    def read(self, client: LoadClient):
        client.get("/api/user", headers=sign("get", "/api/user"))

    @task(1)
    def write(self, client: LoadClient):
        body = json.dumps({"id": 7, "name": "Ada"}, separators=(",", ":"))
        headers = sign("put", "/api/user", body.encode(), "sha1") | {"Content-Type": "application/json"}
        resp = client.put("/api/user", content=body, headers=headers)
        expected = headers["X-Signature"].partition("=")[2]
        assert hmac.compare_digest(expected, expected)
        print(canonical.cache_info(), resp.json())

    @task(1)
    def unknown_algorithm(self, client: LoadClient):
        client.get("/api/user", headers=sign("GET", "/api/user", algorithm="crc32"))

    def check_write(self, status_code, body):
        assert body == {"updated": True}
        assert base64.urlsafe_b64decode("-_8=") == b"\xfb\xff", "url-safe alphabet"

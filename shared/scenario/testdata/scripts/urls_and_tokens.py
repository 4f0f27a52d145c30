"""Builds URLs and tokens by hand: urllib.parse, base64, a JWT of one's own, checks of random ids."""
import base64
import hashlib
import hmac
import json
import re
import secrets
import uuid
from urllib.parse import parse_qs, parse_qsl, quote_plus, unquote_plus, urlencode, urljoin, urlsplit, urlunsplit

from loadpilot import LoadClient, VUser, scenario, task

KEY = b"key of the test system"
UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jwt(**claims) -> str:
    parts = [b64(json.dumps(p, separators=(",", ":")).encode()) for p in ({"alg": "HS256", "typ": "JWT"}, claims)]
    parts.append(b64(hmac.new(KEY, ".".join(parts).encode(), hashlib.sha256).digest()))
    return ".".join(parts)


def with_query(url: str, **changes) -> str:
    parts = urlsplit(url)
    query = {k: v[-1] for k, v in parse_qs(parts.query, keep_blank_values=True).items()} | changes
    return urlunsplit(parts._replace(query=urlencode({k: v for k, v in query.items() if v is not None}), fragment=""))


@scenario(rps=20)
class Tokens(VUser):
    @task
    def signed(self, client: LoadClient):
        token = jwt(sub="ada", exp=1700000000, roles=["a", "ü"])
        client.get("/api/user", headers={"Authorization": f"Bearer {token}"})
        head, body, _ = (unb64(p) for p in token.split("."))
        print(json.loads(head)["alg"], json.loads(body), len(token))
        print(hmac.compare_digest(token, jwt(sub="ada", exp=1700000000, roles=["a", "ü"])), token == jwt(sub="bob"))

    def check_signed(self, status_code, body):
        unb64(body["name"])
        unb64("a")

    @task
    def urls(self, client):
        url = with_query("https://shop.test:8443/a%20b/search?q=red+mug&page=2&empty=#top", page="3", sort="-price", q=None)
        parts = urlsplit(url)
        print(url, parts.hostname, parts.port, parts.path, parts)
        client.get(f"/api/search?{parts.query}", name="/api/search")
        client.get("/api/products", params={"q": "ä&b=c", "tags": ["x y", "z/1"], "limit": 10, "all": True, "none": None})
        print(parse_qsl("a=1&b=%C3%BC&a=2&c"), quote_plus("a b/ü&"), unquote_plus("a+b%2f"), urljoin("/a/b/c?x=1", "../d"))
        print(urlencode([("k", "v 1"), ("k", ("a", "b"))], doseq=True), urljoin("http://h/x/", "//other/y"))

    @task
    def ids(self, client):
        n, token = uuid.uuid4(), secrets.token_urlsafe(16)
        print(bool(UUID4.fullmatch(str(n))), n.version, uuid.UUID(n.hex) == n, len(token), set(token) <= set("-_" + b64(bytes(range(192))) + "0123456789"))
        print(uuid.uuid5(uuid.NAMESPACE_URL, "https://shop.test/"), len(secrets.token_hex(8)), secrets.randbelow(1))
        client.get(f"/api/products/{n.int % 1 + 2}", name="/api/products/{id}")
        uuid.UUID("not-an-id")

"""Templates of payloads, copied deep and filled in; walks over JSON of any shape."""
import copy
import json
from datetime import date, datetime
from decimal import Decimal

from loadpilot import LoadClient, VUser, scenario, task

TEMPLATE = {
    "customer": {"id": None, "address": {"city": "Köln", "lines": ["Street 1", ""]}},
    "items": [{"sku": "A", "qty": 1, "options": {}}],
    "meta": {"created": None, "flags": [True, False, None]},
}


def walk(node, path="$"):
    """Yields path and value of each leaf."""
    if isinstance(node, dict):
        for key in node:
            yield from walk(node[key], f"{path}.{key}")
    elif isinstance(node, list):
        for i, child in enumerate(node):
            yield from walk(child, f"{path}[{i}]")
    else:
        yield path, node


def put(node, path, value):
    *parents, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    for p in parents:
        node = node[p]
    node[last] = value


def depth(node):
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else None
    return 0 if children is None else 1 + max(map(depth, children), default=0)


def encode(value):
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"no JSON for {type(value).__name__}")


@scenario(rps=8)
class Templates(VUser):
    @task(weight=2)
    def order(self, client: LoadClient):
        payload = copy.deepcopy(TEMPLATE)
        put(payload, "customer.id", 7)
        put(payload, "items.0.qty", 3)
        payload["items"].append(dict(payload["items"][0], sku="B"))
        client.post("/orders", json=payload, headers={"Content-Type": "application/vnd.shop+json"})
        print(payload == TEMPLATE, TEMPLATE["customer"]["id"], depth(payload), payload["items"][0]["options"] is payload["items"][1]["options"])

    def check_order(self, status_code, body):
        (key, value), *rest = walk(body)
        assert len(rest) == 2 and key == "$.order_id", f"{key}={value} {rest}"
        assert dict(walk(body))["$.items[0].sku"] == "A"

    @task
    def encoded(self, client):
        text = json.dumps({"b": date(2024, 2, 29), "a": [Decimal("1.10"), "Zoë"], 1: {"x": ()}, None: 1.0}, default=encode, indent=2)
        print(text)
        print(json.dumps(TEMPLATE, sort_keys=True, ensure_ascii=False, separators=(", ", ":")))
        print(*(f"{k}={v!r}" for k, v in walk(json.loads(text, parse_float=Decimal)) if v), sep="\n")
        client.put("/api/user", content=json.dumps({1, 2}, default=encode))

    @task
    def broken(self, client):
        try:
            client.get("/broken").json()
        except json.JSONDecodeError as e:
            print(e.msg, e.pos, e.lineno, e.colno, isinstance(e, ValueError), sep="; ")
        put(TEMPLATE, "customer.none.deep", 1)

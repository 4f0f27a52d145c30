"""Scenarios as data: steps in a list, captures by path, assertions by operator names."""
import operator
import re
from functools import reduce, singledispatch

from loadpilot import LoadClient, VUser, scenario, task

OPS = {"==": operator.eq, "!=": operator.ne, "<": operator.lt, ">=": operator.ge, "in": lambda a, b: a in b, "is": isinstance}
HOLE = re.compile(r"\$\{(\w+)(?::([^}]*))?\}")
STEPS = [
    {"POST": "/auth/login", "json": {"user": "${user:ada}", "n": 1}, "capture": {"token": "access_token", "role": "user.roles.1"}},
    {"GET": "/api/products", "auth": True, "capture": {"first": "0.id", "all": "*.name"}, "expect": [("all", "in", [["Mug"], ["Mug", "Lamp", "Chair"]])]},
    {"GET": "/api/products/${first}", "expect": [("status", "==", 200), ("price", "<", 50), ("seller.rating", "is", float)]},
    {"DELETE": "/cart/items/${first}", "auth": True, "expect": [("status", "!=", 204)]},
]


class Expectation(AssertionError):
    pass


@singledispatch
def fill(value, names):
    return value


@fill.register(str)
def _(value, names):
    return HOLE.sub(lambda m: str(names[m[1]] if m[1] in names else m[2] if m[2] is not None else m[0]), value)


@fill.register(dict)
def _(value, names):
    return {k: fill(v, names) for k, v in value.items()}


@fill.register(list)
def _(value, names):
    return [fill(v, names) for v in value]


def dig(value, path):
    def step(v, key):
        match_all = key == "*"
        return v if match_all else [dig(x, key) for x in v] if isinstance(v, list) and not key.isdigit() else v[int(key) if key.isdigit() else key]
    return reduce(step, path.split("."), value)


def run(step, client, names):
    (method, path), *_ = [(k, v) for k, v in step.items() if k.isupper()]
    headers = {"Authorization": f"Bearer {names['token']}"} if step.get("auth") else None
    options = {k: fill(step[k], names) for k in ("json", "params") if k in step}
    resp = getattr(client, method.lower())(fill(path, names), headers=headers, name=path if "$" in path else None, **options)
    body = resp.json() if resp.text else {}
    names.update({k: dig(body, p) for k, p in step.get("capture", {}).items()}, status=resp.status_code)
    for left, op, right in step.get("expect", ()):
        actual = names[left] if left in names else dig(body, left)
        if not OPS[op](actual, right):
            raise Expectation(f"{left}: {actual!r} {op} {right!r}")


@scenario(rps=7)
class Flow(VUser):
    @task
    def whole(self, client: LoadClient):
        names = {}
        for step in STEPS:
            try:
                run(step, client, names)
            finally:
                print({k: v for k, v in names.items() if k != "token"})

    @task
    def typo(self, client):
        print(fill({"a": ["${x}", 1, ("${x}",)], "b": "${y:}-${y:2}-${z}"}, {"x": 5}))
        run({"GET": "/cart", "expect": [("items.0.price", "=", 3)]}, client, {"items": 1})

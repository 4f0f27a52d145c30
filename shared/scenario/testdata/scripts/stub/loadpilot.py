"""What scenario files import, for CPython: requests are printed, answers come from routes.json."""
import base64
import csv
import json
import os
import sys
from http.client import responses
from urllib.parse import urlencode

HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "routes.json"), encoding="utf-8") as f:
    ROUTES = json.load(f)

scenarios = []
state = {"iteration": -1, "ordinal": -1}


def __getattr__(name):
    if name == "iteration":
        return state["iteration"]
    raise AttributeError(f"module 'loadpilot' has no attribute '{name}'")


def scenario(cls=None, **parameters):
    if cls is None:
        return lambda c: scenario(c)
    scenarios.append(cls)
    return cls


def task(function=None, *, weight=1):
    if function is None:
        return lambda f: task(f, weight=weight)
    if isinstance(function, int):
        return lambda f: task(f, weight=function)
    function.loadpilot_weight = weight
    return function


class VUser:
    def on_start(self, client):
        pass

    def on_stop(self, client):
        pass


class Headers:
    def __init__(self, fields):
        self.fields = {k.lower(): v for k, v in fields.items()}

    def __getitem__(self, key):
        return self.fields[key.lower()]

    def __contains__(self, key):
        return key.lower() in self.fields

    def get(self, key, default=None):
        return self.fields.get(key.lower(), default)


class ResponseWrapper:
    def __init__(self, method, url, answer):
        self.status_code = answer["status"]
        self.url = url
        self.content = answer["body"].encode()
        self.text = answer["body"]
        self.headers = Headers({"Content-Type": answer["type"]} if answer["type"] else {})
        self.elapsed_ms = 0.0

    ok = property(lambda self: self.status_code < 400)
    is_success = property(lambda self: 200 <= self.status_code < 300)
    is_error = property(lambda self: self.status_code >= 400)
    reason_phrase = property(lambda self: responses[self.status_code])

    def json(self):
        return json.loads(self.text)

    def raise_for_status(self):
        import httpx
        if self.status_code >= 400:
            kind = "Client" if self.status_code < 500 else "Server"
            raise httpx.HTTPStatusError(
                f"{kind} error '{self.status_code} {self.reason_phrase}' for url '{self.url}'\n"
                f"For more information check: https://developer.mozilla.org/en-US/docs/Web/HTTP/Status/{self.status_code}", self)
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass


def find(method, path):
    exact = ROUTES.get(f"{method} {path}")
    if exact:
        return exact
    for key, answer in ROUTES.items():
        if key.endswith("/") and f"{method} {path}".startswith(key):
            return answer
    return {"status": 404, "type": "application/json", "body": "{\"detail\": \"Not Found\"}"}


class LoadClient:
    def get(self, path, **options):
        return self.send("GET", path, **options)

    def post(self, path, **options):
        return self.send("POST", path, **options)

    def put(self, path, **options):
        return self.send("PUT", path, **options)

    def patch(self, path, **options):
        return self.send("PATCH", path, **options)

    def delete(self, path, **options):
        return self.send("DELETE", path, **options)

    def batch(self, requests):
        return [self.send(r.get("method", "GET").upper(), **{k: v for k, v in r.items() if k != "method"}) for r in requests]

    def send(self, method, path, headers=None, params=None, json=None, data=None, content=None, auth=None,
             timeout=None, follow_redirects=None, name=None):
        fields = list(headers.items()) if headers else []
        url, body = path, ""
        if params is not None:
            url = url.split("?")[0] + "?" + urlencode([(k, "" if x is None else str(x).lower() if isinstance(x, bool) else x)
                                                       for k, v in params.items() for x in (v if isinstance(v, (list, tuple)) else [v])])
        implied = None
        if json is not None:
            body, implied = dumps(json), "application/json"
        elif isinstance(data, dict):
            body, implied = urlencode([(k, x) for k, v in data.items() for x in (v if isinstance(v, (list, tuple)) else [v])]), "application/x-www-form-urlencoded"
        elif data is not None or content is not None:
            body = data if data is not None else content
        if implied and not any(k.lower() == "content-type" for k, _ in fields):
            fields.append(("Content-Type", implied))
        if auth:
            fields.append(("Authorization", "Basic " + base64.b64encode(":".join(auth).encode()).decode()))
        print(f"> {method} {url}" + (f" [{name}]" if name else ""))
        for k, v in sorted(fields, key=lambda f: f[0].lower()):
            print(f">   {k.lower()}: {v}")
        if body:
            print(f">   {body}")
        return ResponseWrapper(method, url, find(method, url.split("?")[0]))


def dumps(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def event(name, ms, ok=True):
    print(f"~ event {name} {float(ms):.3f} {bool(ok)}")


def counter(name, value=1):
    print(f"~ counter {name} {float(value):.3f}")


def gauge(name, value):
    print(f"~ gauge {name} {float(value):.3f}")


class data:
    def __init__(self, file):
        folder = os.path.dirname(os.path.abspath(sys.argv[1]))
        with open(os.path.join(folder, file), encoding="utf-8", newline="") as f:
            self.rows = list(csv.DictReader(f)) if file.endswith(".csv") else [json.loads(line) for line in f]
        self.columns = list(self.rows[0])

    def row(self):
        return dict(self.rows[state["ordinal"] % len(self.rows)])

    def __len__(self):
        return len(self.rows)

    def __iter__(self):
        return (dict(r) for r in self.rows)

    def __getitem__(self, i):
        return dict(self.rows[i])

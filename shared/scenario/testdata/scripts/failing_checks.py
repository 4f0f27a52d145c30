"""Checks that fail in every way an ordinary mistake can, with Python's own texts."""
from loadpilot import LoadClient, VUser, scenario, task

MISTAKES = {
    "key": lambda body: body["prize"],
    "index": lambda body: body["tags"][5],
    "attribute": lambda body: body.price,
    "none": lambda body: body.get("none").lower(),
    "none_item": lambda body: body.get("none")["x"],
    "concat": lambda body: "price: " + body["price"],
    "compare": lambda body: body["name"] < body["price"],
    "call": lambda body: body["price"](),
    "unpack": lambda body: [a for a, b in body.items() for c, d in [(1, 2, 3)]],
    "few": lambda body: dict([("a", 1), ("b",)]),
    "iterate": lambda body: [x for x in body["price"]],
    "arguments": lambda body: mistake("x", 1, 2),
    "keyword": lambda body: mistake(named="x"),
    "index_type": lambda body: body["name"]["first"],
    "hash": lambda body: {body: 1},
    "convert": lambda body: int(body["name"]),
    "zero": lambda body: body["price"] / (len(body["seller"]) - 2),
    "length": lambda body: len(body["id"]),
    "immutable": lambda body: body["name"].__setitem__(0, "x"),
    "sum": lambda body: sum(body.values()),
    "sort": lambda body: sorted(body.values(), key=lambda v: v),
    "missing_name": lambda body: undefined_name + 1,
    "remove": lambda body: [1].remove(2),
    "pop": lambda body: [].pop(),
    "index_of": lambda body: (1, 2).index(3),
    "encode": lambda body: body["seller"]["name"].encode("ascii"),
    "decode": lambda body: b"\xff".decode(),
    "next": lambda body: next(iter(())),
}


def mistake(name):
    return MISTAKES[name]


@scenario(rps=1)
class Mistakes(VUser):
    names = sorted(MISTAKES)

    @task(weight=10)
    def product(self, client: LoadClient):
        client.get("/api/products/2")

    def check_product(self, status_code, body):
        self.tried = getattr(self, "tried", -1) + 1
        mistake(self.names[self.tried % len(self.names)])(body)

    @task(weight=3)
    def text(self, client):
        client.get("/report.csv")

    def check_text(self, status_code, body):
        header, *lines, _ = body.split("\n")
        assert header == "name;score", header.split(",")
        assert lines

    @task(weight=2)
    def empty(self, client):
        client.post("/auth/logout")

    def check_empty(self, status_code, body):
        assert body is None and status_code == 204
        body["x"] = 1

    @task
    def all_of_them(self, client):
        for name, run in MISTAKES.items():
            try:
                run({"id": 2, "name": "Lamp", "price": 40, "tags": [], "seller": {"name": "Zoë", "rating": 4.75}})
            except Exception as e:
                print(f"{name:>12}: {type(e).__name__}: {e}")

"""Transactions as context managers: classes, generators, stacks and the order in which they end."""
from contextlib import ExitStack, closing, contextmanager, nullcontext, suppress

from loadpilot import LoadClient, VUser, scenario, task


class Transaction:
    depth = 0

    def __init__(self, name, swallow=()):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("  " * Transaction.depth + f"begin {self.name}")
        Transaction.depth += 1
        return self

    def __exit__(self, kind, error, traceback):
        Transaction.depth -= 1
        state = "commit" if kind is None else f"rollback ({kind.__name__}: {error})"
        print("  " * Transaction.depth + state, self.name)
        return kind is not None and issubclass(kind, self.swallow)


@contextmanager
def cart_item(client, product):
    item = client.post("/cart/items", json={"product": product}).json()
    try:
        yield item["id"]
    except LookupError as e:
        print("lookup failed:", e)
        raise RuntimeError("cart is broken") from e
    finally:
        client.delete(f"/cart/items/{item['id']}", name="/cart/items/{id}")


class Connection:
    def close(self):
        print("closed")


@scenario(rps=3)
class Managed(VUser):
    @task
    def nested(self, client: LoadClient):
        with Transaction("outer"), Transaction("inner", (ZeroDivisionError,)) as t:
            client.get("/health")
            print(t.name, 1 // Transaction.depth % 0)
        with suppress(KeyError, IndexError):
            [][0]
        with cart_item(client, 2) as number, closing(Connection()) as c, nullcontext(7) as seven:
            print(number, type(c).__name__, seven)

    @task
    def stacked(self, client):
        with ExitStack() as stack:
            names = [stack.enter_context(Transaction(n)).name for n in "abc"]
            stack.callback(print, "callback", names, sep=": ")
            client.get("/cart")

    @task
    def chained(self, client):
        try:
            with cart_item(client, 3) as number:
                {}[number]
        except RuntimeError as e:
            print(repr(e), repr(e.__cause__), e.__cause__ is e.__context__)
            raise

    @task
    def not_a_manager(self, client):
        with client.get("/page") as page:
            print(page.ok, len(page.text))
        with page.text as text:
            print(text)

"""A hierarchy of exceptions, chains of causes, else and finally in all orders."""
import traceback

import httpx
from loadpilot import LoadClient, VUser, scenario, task


class ShopError(Exception):
    code = 1

    def __str__(self):
        return f"[{self.code}] " + super().__str__()


class Temporary(ShopError):
    code = 2


class Refused(Temporary, ConnectionError):
    code = 3

    def __init__(self, response, *notes):
        super().__init__(f"{response.status_code} {response.reason_phrase}", *notes)
        self.response = response


def fetch(client, path):
    try:
        resp = client.get(path)
        resp.raise_for_status()
    except httpx.HTTPStatusError as e:
        print(str(e).splitlines()[0])
        raise Refused(e.response) from e
    else:
        return resp.json()
    finally:
        print("fetched", path)


def order_of_things(log):
    for n in range(4):
        try:
            log.append(n)
            if n == 1:
                continue
            if n == 2:
                raise KeyError(n)
            if n == 3:
                return "returned"
        except KeyError:
            log.append("except")
            break
        else:
            log.append("else")
        finally:
            log.append("finally")
    else:
        log.append("loop else")
    return "after"


@scenario(rps=4)
class Errors(VUser):
    @task
    def refused(self, client: LoadClient):
        try:
            fetch(client, "/slow")
        except Temporary as e:
            chain, node = [], e
            while node is not None:
                chain.append(type(node).__name__)
                node = node.__cause__ or node.__context__
            print(chain, isinstance(e, OSError), e.response.json()["retry_after"], [c.__name__ for c in Refused.__mro__[:4]])
            e.add_note("tried once")
            print(e.__notes__, traceback.format_exc().splitlines()[-2:])
            raise ShopError("gave up", e.code) from None

    @task
    def fine(self, client):
        log = []
        print(fetch(client, "/health")["status"], order_of_things(log), log)
        try:
            raise ShopError
        except (ValueError, ShopError) as e:
            print(repr(e), e, e.args, e.__suppress_context__)
        raise Temporary("a", "b") from KeyError("c")

    @task
    def hidden(self, client):
        try:
            try:
                int(client.get("/page").text[:6])
            finally:
                {}["x"]
        except KeyError as e:
            print(type(e.__context__).__name__, e.__context__)
        e

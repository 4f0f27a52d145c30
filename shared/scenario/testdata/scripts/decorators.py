"""Decorators of one's own: retry with backoff, call log, limits; with and without arguments."""
import functools
import logging

from loadpilot import LoadClient, VUser, scenario, task

log = logging.getLogger("load")


class Overloaded(Exception):
    """The server asks us to go away."""

    def __init__(self, path, *, retry_after=0):
        super().__init__(path, retry_after)
        self.retry_after = retry_after


def retry(*exceptions, attempts=3, backoff=2.0):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            delay = 0.5
            for attempt in range(1, attempts + 1):
                try:
                    result = function(*args, **kwargs)
                except exceptions as e:
                    log.warning("attempt %d: %s", attempt, e)
                    print(f"{function.__name__} {attempt=} {delay=:g} {e.retry_after=}")
                    if attempt == attempts:
                        raise
                    delay *= backoff
                else:
                    wrapper.good += 1
                    return result
        wrapper.good = 0
        return wrapper
    return decorate


def traced(function):
    """Prints what goes in and out."""
    @functools.wraps(function)
    def wrapper(self, *args, **kwargs):
        shown = ", ".join([repr(a) for a in args if not hasattr(a, "get")] + ["%s=%r" % kv for kv in sorted(kwargs.items())])
        print(f"-> {function.__qualname__}({shown})")
        try:
            return function(self, *args, **kwargs)
        finally:
            print("<-", function.__name__)
    return wrapper


@scenario(rps=10)
class Decorated(VUser):
    @traced
    @retry(Overloaded, KeyError, attempts=2, backoff=3)
    def fetch(self, client, path, *, name=None):
        """Fetches a path."""
        resp = client.get(path, name=name)
        if resp.status_code == 503:
            raise Overloaded(path, retry_after=resp.json()["retry_after"])
        return resp.json()

    @task(weight=2)
    @traced
    def good(self, client: LoadClient):
        print(self.fetch(client, "/health", name="ok")["version"], Decorated.fetch.__doc__, self.fetch.__name__)
        print(Decorated.fetch.__wrapped__.good, callable(Decorated.good), Decorated.good.__name__)

    @task
    def slow(self, client):
        self.fetch(client, "/slow")

    @task
    def wrong(self, client):
        retry(ValueError)(lambda: print("called"))()
        self.fetch(client)

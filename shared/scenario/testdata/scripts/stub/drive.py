"""Runs a scenario file in CPython as the test runs it in the engine: two cycles of its tasks by one user."""
import asyncio
import contextlib
import importlib.util
import inspect
import math
import sys

import loadpilot


def call(what, function, *args):
    try:
        result = function(*args)
        if inspect.iscoroutine(result):
            asyncio.run(result)
        return True
    except Exception as e:
        print(f"! {what}: {type(e).__name__}: {e}".split("\n")[0])
        return False


def cycle(weights):
    """Smooth weighted round robin."""
    divisor = math.gcd(*weights)
    total, credit, order = sum(weights) // divisor, [0] * len(weights), []
    for _ in range(total):
        for i, w in enumerate(weights):
            credit[i] += w // divisor
        best = credit.index(max(credit))
        credit[best] -= total
        order.append(best)
    return order


def body_of(response):
    if not response.content:
        return None
    try:
        return response.json()
    except ValueError:
        return response.text


class Client(loadpilot.LoadClient):
    last = None

    def send(self, *args, **options):
        Client.last = super().send(*args, **options)
        return Client.last


def main():
    spec = importlib.util.spec_from_file_location("__main__", sys.argv[1])
    module = importlib.util.module_from_spec(spec)
    sys.modules["__main__"], driver = module, sys.modules["__main__"]  # dataclasses look there
    spec.loader.exec_module(module)
    for cls in loadpilot.scenarios:
        print(f"== {cls.__name__}")
        client, user = Client(), cls()
        call("on_start", user.on_start, client)
        tasks = [n for n in sorted(dir(cls)) if hasattr(getattr(cls, n), "loadpilot_weight")]
        order = cycle([getattr(cls, n).loadpilot_weight for n in tasks])
        counts = [0] * len(tasks)
        for k, i in enumerate(order * 2):
            loadpilot.state.update(iteration=k, ordinal=counts[i])
            counts[i] += 1
            name, Client.last = tasks[i], None
            print(f"-- {name}")
            check = getattr(user, "check_" + name, None)
            if call(name, getattr(user, name), client) and check and Client.last:
                call("check_" + name, check, Client.last.status_code, body_of(Client.last))
        loadpilot.state.update(iteration=-1, ordinal=-1)
        call("on_stop", user.on_stop, client)


with contextlib.redirect_stderr(sys.stdout):  # what is logged is compared, too
    main()

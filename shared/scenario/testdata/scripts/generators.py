"""Users that are generators: scripts of steps, send(), yield from, and closures that count."""
from loadpilot import LoadClient, VUser, scenario, task

total = 0


def counter(start=0, step=1):
    value = start

    def advance(by=None):
        nonlocal value, step
        global total
        if by:
            step = by
        value, total = value + step, total + 1
        return value
    return advance


def browse(client):
    """A step at a time; what is sent in says where to go next."""
    try:
        while True:
            path = yield "where?"
            status = client.get(path).status_code
            ok = yield status
            print("told", ok, path)
    finally:
        print("browse ends")


def flatten(tree):
    for node in tree:
        if isinstance(node, (list, tuple)):
            yield from flatten(node)
        else:
            yield node


def averaging():
    count, acc = 0, 0.0
    while (x := (yield acc / count if count else None)) is not None:
        count, acc = count + 1, acc + x
    return acc / count


def report(out):
    result = yield from averaging()
    out.append(round(result, 3))


@scenario(rps=6)
class Steps(VUser):
    def on_start(self, client):
        self.walk = browse(client)
        self.counts = [counter(), counter(10, -3)]
        print(next(self.walk))

    @task
    def step(self, client: LoadClient):
        status = self.walk.send("/api/products/2")
        print(status, self.walk.send(status == 200), [c() for c in self.counts], total)

    @task
    def average(self, client):
        out, gen = [], None
        gen = report(out)
        print(next(gen), [gen.send(float(x)) for x in flatten([1, [2, (4, [8])], ()])])
        try:
            gen.send(None)
        except StopIteration as stop:
            print("stopped with", stop.value, out, self.counts[0](by=5))
        next(gen)

    def on_stop(self, client):
        self.walk.close()
        print(list(self.walk), (lambda *a, k=2, **kw: (a, k, kw))(*range(3), k=9, z=1))
        self.walk.throw(ValueError("over"))

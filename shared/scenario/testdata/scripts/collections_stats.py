"""Statistics in plain collections: Counter, ChainMap, OrderedDict, namedtuple, sets and sorted keys."""
from collections import ChainMap, Counter, OrderedDict, defaultdict, deque, namedtuple
from functools import cmp_to_key, partial
from operator import attrgetter, itemgetter, methodcaller

from loadpilot import LoadClient, VUser, scenario, task

Sample = namedtuple("Sample", "path status ms", defaults=[0.0])
DEFAULTS = {"size": 20, "sort": "name", "verbose": False}


class LRU(OrderedDict):
    def __init__(self, limit):
        super().__init__()
        self.limit = limit

    def __missing__(self, key):
        self[key] = f"made {key}"
        if len(self) > self.limit:
            self.popitem(last=False)
        return self[key]


def percentile(values, p):
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * p // 100) - 1)]


def worst_first(a, b):
    return (a.status < b.status) - (a.status > b.status) or (a.path > b.path) - (a.path < b.path)


@scenario(rps=6)
class Stats(VUser):
    def on_start(self, client):
        self.samples = []
        self.window = deque(maxlen=3)

    @task(weight=2)
    def collect(self, client: LoadClient):
        for i, path in enumerate(["/health", "/slow", "/cart", "/none"]):
            s = Sample(path, client.get(path).status_code)._replace(ms=i * 1.5)
            self.samples.append(s)
            self.window.appendleft(s.path)
        grouped = defaultdict(lambda: [0, 0.0])
        for path, status, ms in self.samples:
            grouped[status // 100][0] += 1
            grouped[status // 100][1] += ms
        print(dict(grouped), list(self.window), percentile([s.ms for s in self.samples], 95))

    def check_collect(self, status_code, body):
        missing = {"detail", "code"} - body.keys()
        assert not missing, f"without {sorted(missing)}"

    @task
    def summary(self, client):
        counts = Counter(s.status for s in self.samples)
        print(counts, counts.most_common(1), counts - Counter({200: 1}), sum(counts.values()), counts[418])
        print(sorted(self.samples, key=cmp_to_key(worst_first))[0], sorted({*self.samples}, key=itemgetter(1, 0))[0].path)
        print(max(self.samples, key=attrgetter("ms")), list(map(methodcaller("upper"), "ab")), partial(percentile, p=50)([3, 1, 2]))
        cache = LRU(2)
        print([cache[k] for k in "abac"], list(cache), cache)
        options = ChainMap({"size": 5}, DEFAULTS)
        options["verbose"] = True
        client.get("/api/products", params=dict(sorted(options.items())))
        print(options.maps[0], options["sort"], DEFAULTS["verbose"], {1, 2} ^ {2, 3} == {1, 3}, {"a": 1} | {"b": 2}, {**DEFAULTS, "size": 1})
        print(Sample("x"))

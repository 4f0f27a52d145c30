"""Random traffic that is the same each time: a generator of one's own, seeded."""
import random
import math

from loadpilot import LoadClient, VUser, scenario, task

RNG = random.Random(42)
PATHS = {"/api/products": 6, "/cart": 3, "/health": 1}
WORDS = "red blue mug lamp chair table wood metal small large".split()


def think(rng: random.Random) -> float:
    return round(min(rng.expovariate(1 / 0.02), 0.05), 4)


def weighted(rng, table):
    return rng.choices(list(table), weights=table.values(), k=1)[0]


class Zipf:
    """Few products are asked for often."""

    def __init__(self, n, s=1.1):
        self.cumulative, acc = [], 0.0
        for k in range(1, n + 1):
            acc += 1 / k ** s
            self.cumulative.append(acc)

    def draw(self, rng):
        x = rng.random() * self.cumulative[-1]
        return next(i for i, c in enumerate(self.cumulative, 1) if x <= c)


ZIPF = Zipf(20)


@scenario(rps=9)
class Seeded(VUser):
    def on_start(self, client):
        self.rng = random.Random("user-1")
        print(self.rng.random(), RNG.getrandbits(70), random.Random(3.5).randint(1, 10**30))

    @task(weight=3)
    def traffic(self, client: LoadClient):
        path = weighted(self.rng, PATHS)
        client.get(path, params={"q": self.rng.sample(WORDS, 2), "n": self.rng.randrange(0, 100, 7)})
        print(think(self.rng), ZIPF.draw(self.rng), self.rng.uniform(-1, 1), self.rng.triangular(0, 10, 3))

    def check_traffic(self, status_code, body):
        assert "status" not in body, body["status"]

    @task
    def distributions(self, client):
        deck = list(range(10))
        RNG.shuffle(deck)
        print(deck, RNG.gauss(0, 1), RNG.normalvariate(10, 2), RNG.betavariate(1, 2), RNG.randbytes(4).hex())
        times = [RNG.lognormvariate(3, 0.5) for _ in range(200)]
        ordered = sorted(times)
        print(f"{math.fsum(times) / len(times):.6f} {(ordered[99] + ordered[100]) / 2:.6f} p90={ordered[int(len(ordered) * .9)]:.3f}")
        print(f"{math.sqrt(math.fsum(t * t for t in times) / 200):.6f}", max(set("abb"), key="abb".count))
        RNG.seed(b"again")
        print([RNG.randrange(-5, 5) for _ in range(8)], RNG.choices("ab", cum_weights=[1, 3], k=4))
        client.get("/health")
        RNG.choice([])

import random
from random import Random, SystemRandom


def show(name, f, *a, **k):
    try:
        print(name, f(*a, **k))
    except (ValueError, TypeError, IndexError, ZeroDivisionError) as e:
        print(name, type(e).__name__, e)


def draws(r):
    print([r.random() for _ in range(3)], [r.randint(1, 6) for _ in range(5)], r.randrange(10), r.randrange(5, 50, 5), r.randrange(10, 0, -3), r.randrange(-5, 5))
    print(r.getrandbits(5), r.getrandbits(32), r.getrandbits(33), r.getrandbits(100), r.getrandbits(0), r.randbytes(7), r.randbytes(0))
    print(r.choice("abcdef"), r.choice([1, 2, 3]), r.choice(range(1000)), r.choices("abc", k=5), r.choices([1, 2, 3], weights=[1, 5, 2], k=6), r.choices("xyz", cum_weights=[1, 2, 10], k=4))
    print(r.sample(range(1000), 5), r.sample(range(30), 10), r.sample("abcdef", k=6), r.sample(["a", "b"], counts=[3, 4], k=5), r.sample([], 0))
    x = list(range(10))
    print(r.shuffle(x), x, r.uniform(1, 10), r.uniform(5, -5), r.triangular(), r.triangular(1, 10, 3), r.triangular(2, 2, 2))
    print(r.randint(10 ** 20, 10 ** 21), r.randrange(2 ** 70), r.randint(-2 ** 63, 2 ** 63 - 1))
    for v in [r.gauss(), r.gauss(10, 2), r.gauss(mu=1, sigma=0), r.normalvariate(), r.normalvariate(5, 3), r.lognormvariate(0, 1), r.expovariate(2), r.expovariate(lambd=-1.5),
              r.vonmisesvariate(1, 4), r.vonmisesvariate(0, 0), r.gammavariate(2, 3), r.gammavariate(0.5, 1), r.gammavariate(1, 2), r.betavariate(2, 3), r.paretovariate(3), r.weibullvariate(1, 2)]:
        print(f"{v:.10g}", end=" ")
    print()


for seed in [42, 0, -7, 2 ** 100 + 12345, "text", "é", b"bytes", 1.5, -0.1, 1e300, True, ""]:
    random.seed(seed)
    draws(random)
    draws(Random(seed))
r = Random(5)
first = r.random()
r.seed(5)
print(first == r.random(), Random(5).random() == first, Random(x=5).random() == first)
random.seed(9)
a = [random.random() for _ in range(1000)]
random.seed(9)
print(a == [random.random() for _ in range(1000)])
random.seed()
print(0 <= random.random() < 1, random.randint(3, 3), random.choice([1]), random.sample([1], 1), sorted(random.sample(range(5), 5)))
s = SystemRandom()
print(0 <= s.random() < 1, s.randint(4, 4), s.seed(1), len(s.choices("ab", k=3)), s.getrandbits(1) in (0, 1), type(s.gauss()).__name__)


class Loaded(Random):
    def roll(self):
        return self.randint(1, 6)


print(Loaded(42).roll(), isinstance(Loaded(), Random))
show("randint", random.randint, 5, 1)
show("randrange", random.randrange, 0)
show("randrange", random.randrange, -5)
show("randrange", random.randrange, 5, 5)
show("randrange", random.randrange, 5, 1)
show("randrange", random.randrange, 1, 5, 0)
show("randrange", random.randrange, 1, 5, -1)
show("choice", random.choice, [])
show("choice", random.choice, 5)
show("choices", random.choices, [])
show("choices", random.choices, [1, 2], [1])
show("choices", random.choices, [1, 2], [0, 0])
show("choices", random.choices, [1, 2], [1, 1], cum_weights=[1, 2])
show("choices", random.choices, [1, 2], 3)
show("choices", random.choices, [1, 2], [1, float("inf")])
show("choices", random.choices, [1, 2], k=0)
show("sample", random.sample, [1, 2], 3)
show("sample", random.sample, [1, 2], -1)
show("sample", random.sample, {1, 2}, 1)
show("sample", random.sample, {1: 2}, 1)
show("sample", random.sample, [1, 2], 1, counts=[1])
show("sample", random.sample, [1, 2], 1, counts=[0, 0])
show("shuffle", random.shuffle, (1, 2))
show("shuffle", random.shuffle, "ab")
show("getrandbits", random.getrandbits, -1)
show("getrandbits", random.getrandbits, "x")
show("seed", random.seed, [1])
show("seed", random.seed, (1, 2))
show("expovariate", random.expovariate, 0)
show("gamma", random.gammavariate, 0, 1)
show("pareto", random.paretovariate, 0)

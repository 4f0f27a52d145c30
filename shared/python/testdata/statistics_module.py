import math
import random
import statistics
from decimal import Decimal as D
from statistics import StatisticsError


def show(name, *args, **kwargs):
    try:
        result = getattr(statistics, name)(*args, **kwargs)
        if name == "geometric_mean":  # the logarithms of two libraries differ in the last digit
            result = f"{result:.12g}"
        print(name, type(result).__name__, repr(result))
    except Exception as e:
        if "coerce" in str(e):  # which type comes first is chance
            print(name, type(e).__name__, sorted(str(e).split()))
        else:
            print(name, type(e).__name__, str(e))


NAMES = [
    "mean", "fmean", "geometric_mean", "harmonic_mean", "median", "median_low", "median_high", "mode", "multimode",
    "quantiles", "variance", "stdev", "pvariance", "pstdev",
]
DATA = [
    [], [7], [7.5], [1, 2], [1, 2, 3, 4], [1, 2, 3, 4, 4], [2.75, 1.75, 1.25, 0.25, 0.5, 1.25, 3.5], (3, 1, 2), range(10),
    [True, False, True], [1, 2.5], [0.1] * 10, [1e50, 1, -1e50] * 3, [10**30, 10**30 + 1, 5], [1e308, 1e308], [1e-300, 3e-300],
    [10**400, 1], [0, 0], [0.0, -0.0], [-1, -2, -3], [-1, 4], [0, -1], [0, 5], [1, "a"], ["b", "a", "b"], [None], "aabbc", 5, None,
    [math.inf, 1], [math.nan, 1.0, 2.0], [math.inf, -math.inf], [2, 2.0, 3], [[1], [1]], {3: 1, 4: 1},
    [D("0.5"), D("0.75"), D("0.625"), D("0.375")], [D("27.5"), D("30.25"), D("30.25"), D("34.5"), D("41.75")], [D("1.10")],
    [D(1), 2], [D(3), 1, 1], [D("1e-30"), D("3e-30")], [D("Infinity"), D(1)], [D("NaN")], [D(0), D(0)], [D("1.1"), D("1.1")],
]
for data in DATA:
    print("--", data if not isinstance(data, set) else "set")
    for name in NAMES:
        show(name, data)
        if isinstance(data, list):
            show(name, iter(data))

random.seed(12)
for n in (2, 3, 5, 10, 101):
    floats = [random.uniform(-50, 100) for _ in range(n)]
    ints = [random.randrange(1, 10**9) for _ in range(n)]
    small = [random.random() * 10 ** random.randrange(-12, 12) for _ in range(n)]
    money = [D(random.randrange(1, 10**7)) / 100 for _ in range(n)]
    for data in (floats, ints, small, money):
        for name in ("mean", "median", "median_low", "median_high", "variance", "stdev", "pvariance", "pstdev", "quantiles"):
            show(name, data)
    for data in (floats, ints, small):
        show("fmean", data)
    for data in (ints, small, money):
        show("harmonic_mean", data)

for _ in range(200):
    data = [random.uniform(40, 160) for _ in range(7)]
    print(statistics.stdev(data), statistics.pstdev(data), statistics.mean(data), statistics.pvariance(data))
for _ in range(100):
    data = [D(random.randrange(10**12)) / 10 ** random.randrange(8) for _ in range(5)]
    print(statistics.stdev(data), statistics.pstdev(data))

for n in (1, 2, 4, 10, 100):
    for method in ("exclusive", "inclusive"):
        show("quantiles", [105, 129, 87, 86, 111, 111, 89, 81, 108, 92, 110], n=n, method=method)
        show("quantiles", [1.5, 2.25], n=n, method=method)
        show("quantiles", [D(1), D(4), D(9)], n=n, method=method)
for kwargs in ({"n": 0}, {"n": -3}, {"n": 2.5}, {"n": "a"}, {"n": 4, "method": "other"}, {"method": 3}, {"n": True}):
    show("quantiles", [1, 2, 3], **kwargs)
show("quantiles", ["a", "b"])
show("quantiles", [1, 2], 4)

show("fmean", [1, 2, 3], [1, 0, 2])
show("fmean", [1, 2, 3], weights=iter([1, 0.5, 2]))
show("fmean", [1, 2, 3], [1, 2])
show("fmean", [1, 2], [1, 2, 3])
show("fmean", [1, 2], [0, 0])
show("fmean", [1, "a"], [1, 2])
show("fmean", [1, None], [1, 2])
show("fmean", (x * x for x in range(5)))
show("harmonic_mean", [40, 60], weights=[5, 30])
show("harmonic_mean", [40, 60], [1])
show("harmonic_mean", [40, 60], [-1, 2])
show("harmonic_mean", [40, 0], [1, 0])
show("harmonic_mean", [40, 60], [0, 0])
show("harmonic_mean", [40, 60], [1, "b"])
show("harmonic_mean", [40.5, 60], (D(1), 2))
show("harmonic_mean", [D(40), D(60)], [1, D("0.5")])
show("harmonic_mean", [math.inf, 1])
show("harmonic_mean", [4], [2])
show("harmonic_mean", ["a"])
show("harmonic_mean", [-4])
show("harmonic_mean", 3)
for name in ("variance", "stdev", "pvariance", "pstdev"):
    show(name, [1, 2, 4], 2)
    show(name, [1, 2, 4.5], 2.5)
    show(name, [D(1), D(2)], D("1.5"))
    show(name, [1], 2)
    show(name, [], 2)
    show(name, [1, 2], "a")
    show(name, [1, D(2)], 1)
    show(name)
    show(name, [1, 2], 1, 2)
    show(name, data=[1, 2, 3])
show("variance", [1, 2], xbar=1)
show("pvariance", [1, 2], mu=1)
show("mean")
show("mean", 1, 2)
show("mode", 5)
show("median", data=[1])
print(StatisticsError, StatisticsError.__mro__, issubclass(statistics.StatisticsError, ValueError))
try:
    raise StatisticsError("x", 1)
except ValueError as e:
    print(repr(e))


class Cents(int):
    pass


print(statistics.mean([Cents(2), Cents(3)]), statistics.median([Cents(2), Cents(8)]), statistics.stdev([Cents(2), Cents(3)]))

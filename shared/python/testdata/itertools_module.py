import itertools
from itertools import (
    accumulate, chain, combinations, combinations_with_replacement, compress, count, cycle, dropwhile,
    filterfalse, groupby, islice, pairwise, permutations, product, repeat, starmap, takewhile, tee, zip_longest,
)

# count
c = count()
print(next(c), next(c), c)
print(count(10), count(1, 5), count(2.5, 0.5), count(step=3), count(start=4), count(7, 1.0))
print(list(islice(count(10, -3), 4)), list(islice(count(0.5, 0.25), 3)))
print(list(islice(count(2**63 - 2), 4)))
print(list(zip(count(1), "abc")))

# cycle
cy = cycle([1, 2, 3])
print([next(cy) for _ in range(7)])
print(list(cycle([])), next(cycle(""), "nothing"))
print(list(islice(cycle(x * x for x in range(3)), 8)))

# repeat
print(list(repeat("x", 3)), repeat(5), repeat(5, 2), repeat("a", times=4), list(repeat(1, -5)), repeat(1, -5))
print(list(map(pow, range(5), repeat(2))))
r = repeat("z", 2)
next(r)
print(r)

# accumulate
print(list(accumulate([1, 2, 3, 4])), list(accumulate([1, 2, 3], lambda a, b: a * b)))
print(list(accumulate([3, 1, 2], max)), list(accumulate([], initial=9)), list(accumulate([1, 2], initial=100)))
print(list(accumulate("abc")), list(accumulate([1, 2, 3], func=lambda a, b: a - b, initial=10)))
print(list(accumulate([[1], [2]], lambda a, b: a + b)))

# chain
print(list(chain("ab", [1, 2], (), {"k": 1})), list(chain()), list(chain.from_iterable(["ab", "cd"])))
print(list(chain.from_iterable(range(n) for n in range(4))))
lazy = chain([1], (1 // x for x in [1, 0]))
print(next(lazy), next(lazy))
try:
    next(lazy)
except ZeroDivisionError as e:
    print("chain:", e)

# combinatorics
print(list(combinations("abcd", 2)), list(combinations([1, 2], 3)), list(combinations([1, 2], 0)))
print(list(combinations_with_replacement("ab", 3)), list(combinations_with_replacement("", 2)), list(combinations_with_replacement("", 0)))
print(list(permutations([1, 2, 3])), list(permutations("abc", 2)), list(permutations([1], 2)), list(permutations([])))
print(len(list(permutations(range(6)))), sum(1 for _ in combinations(range(12), 5)))
print(list(product("ab", [1, 2])), list(product([0, 1], repeat=3)), list(product()), list(product("ab", [])), list(product(repeat=2)), list(product("ab", repeat=0)))
print(list(product("ab", "xy", repeat=2))[:5])
print(["".join(p) for p in product("01", repeat=3)])

# selecting
print(list(compress("ABCDEF", [1, 0, 1, 0, 1, 1])), list(compress("abc", [1])), list(compress(data="ab", selectors=[0, 1])))
print(list(dropwhile(lambda x: x < 3, [1, 2, 3, 1])), list(takewhile(lambda x: x < 3, [1, 2, 3, 1])))
print(list(filterfalse(lambda x: x % 2, range(6))), list(filterfalse(None, [0, 1, "", "a", None])))
t = takewhile(str.isdigit, iter("12a34"))
print(list(t), list(t))
print(list(islice("abcdef", 3)), list(islice("abcdef", 2, 4)), list(islice("abcdef", 1, None, 2)), list(islice("abc", None)), list(islice("abc", 0)), list(islice("abc", 1, 100)))
it = iter(range(10))
print(list(islice(it, 3)), list(islice(it, 1, 5, 2)), list(it))
print(list(pairwise([1, 2, 3, 4])), list(pairwise([1])), list(pairwise("")))
print(list(starmap(pow, [(2, 5), (3, 2)])), list(starmap(lambda *a: a, ["ab", (1,), []])))

# grouping
for k, g in groupby("AAABBC"):
    print(k, list(g))
rows = [{"s": 200, "u": "/a"}, {"s": 200, "u": "/b"}, {"s": 500, "u": "/c"}]
print({k: [r["u"] for r in g] for k, g in groupby(rows, key=lambda r: r["s"])})
groups = list(groupby([1, 1, 2]))
print([k for k, _ in groups], [list(g) for _, g in groups])
g = groupby([1, 1, 1, 2, 2, 3])
k, first = next(g)
print(k, next(first))
k, second = next(g)
print(k, list(first), list(second), next(g)[0], next(g, "end"))

# tee
a, b = tee([1, 2, 3])
print(next(a), next(a), next(b), list(a), list(b))
x, y, z = tee("ab", 3)
print(list(x), list(y), list(z), tee([1], 0), len(tee([1], 1)))
gen = (n * n for n in range(4))
p, q = tee(gen)
print(list(zip(p, q)))

# zip_longest
print(list(zip_longest("ab", [1, 2, 3])), list(zip_longest("ab", "c", fillvalue="-")), list(zip_longest()), list(zip_longest([], [1])))

# types and protocol
for thing in (count(), cycle([1]), repeat(1), accumulate([]), chain(), compress([], []), dropwhile(bool, []), filterfalse(None, []),
              groupby([]), islice([], 1), pairwise([]), permutations([]), combinations([], 0), combinations_with_replacement([], 0), product(),
              starmap(pow, []), takewhile(bool, []), tee([])[0], zip_longest()):
    print(type(thing).__name__, type(thing).__module__, iter(thing) is thing, type(thing))
print(isinstance(count(), count), isinstance(chain(), itertools.cycle))


class Flaky:
    def __iter__(self):
        return self

    def __init__(self):
        self.n = 0

    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration
        return self.n


print(list(chain(Flaky(), Flaky())), list(accumulate(Flaky())), list(islice(cycle(Flaky()), 5)))


class Pool:
    ids = itertools.count(100)
    turn = itertools.cycle(["eu", "us"])

    def take(self):
        return f"{next(self.ids)}-{next(self.turn)}"


print([Pool().take() for _ in range(3)])

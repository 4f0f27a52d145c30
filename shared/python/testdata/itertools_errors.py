from itertools import (
    accumulate, chain, combinations, combinations_with_replacement, compress, count, cycle, dropwhile,
    filterfalse, groupby, islice, pairwise, permutations, product, repeat, starmap, takewhile, tee, zip_longest,
)


def boom(*a):
    raise ValueError("boom")


TRIES = [
    lambda: count("a"), lambda: count(1, "x"), lambda: count(1, 2, 3), lambda: count(foo=1),
    lambda: cycle(), lambda: cycle(5), lambda: cycle([1], 2), lambda: cycle(iterable=[1]),
    lambda: repeat(), lambda: repeat(1, "x"), lambda: repeat(1, 2, 3), lambda: repeat(1, 1.5),
    lambda: accumulate(), lambda: accumulate(5), lambda: list(accumulate([1, "a"])), lambda: list(accumulate([1, 2], boom)), lambda: list(accumulate([1, 2], 5)),
    lambda: chain(1), lambda: list(chain(1)), lambda: chain.from_iterable(), lambda: chain.from_iterable(5), lambda: list(chain.from_iterable([1])), lambda: chain(x=1),
    lambda: combinations(), lambda: combinations("ab"), lambda: combinations("ab", -1), lambda: combinations("ab", "x"), lambda: combinations(5, 1), lambda: combinations("a", 1, 2),
    lambda: combinations_with_replacement("ab", -1), lambda: combinations_with_replacement(r=2),
    lambda: permutations(), lambda: permutations("ab", -1), lambda: permutations("ab", "x"), lambda: permutations("ab", 1.0),
    lambda: product(1), lambda: product("a", repeat=-1), lambda: product("a", repeat="x"), lambda: product("a", times=1),
    lambda: compress("a"), lambda: compress("a", 5),
    lambda: dropwhile(), lambda: dropwhile(None), lambda: list(dropwhile(None, [1])), lambda: list(dropwhile(boom, [1])), lambda: dropwhile(bool, 5),
    lambda: list(takewhile(5, [1])), lambda: list(takewhile(boom, [1])), lambda: takewhile(bool),
    lambda: list(filterfalse(boom, [1])), lambda: filterfalse(None),
    lambda: groupby(), lambda: groupby(5), lambda: list(groupby([1], 5)), lambda: list(groupby([1, 2], boom)), lambda: groupby([1], k=1),
    lambda: islice(), lambda: islice("a"), lambda: islice("a", -1), lambda: islice("a", "b"), lambda: islice("a", 1, -1), lambda: islice("a", -1, 1),
    lambda: islice("a", 1, 2, 0), lambda: islice("a", 1, 2, -1), lambda: islice("a", 1, 2, 3, 4), lambda: islice(5, 1), lambda: islice("a", stop=1),
    lambda: pairwise(), lambda: pairwise(5), lambda: pairwise([1], 2),
    lambda: starmap(), lambda: starmap(pow), lambda: list(starmap(pow, [1])), lambda: list(starmap(pow, [(1, "a")])), lambda: list(starmap(5, [()])),
    lambda: tee(), lambda: tee(5), lambda: tee([1], -1), lambda: tee([1], "x"),
    lambda: zip_longest(1), lambda: zip_longest("a", fill=1), lambda: next(count), lambda: count().foo,
    lambda: next(iter(chain())), lambda: len(chain()), lambda: chain()[0],
]
for i, f in enumerate(TRIES):
    try:
        print(i, "no error:", type(f()).__name__)
    except Exception as e:
        print(i, type(e).__name__, e)

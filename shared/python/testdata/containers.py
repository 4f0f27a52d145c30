l = [3, 1, 2]
l.append(4); l.extend([5, 6]); l.insert(0, 0); l.insert(-1, 9); l.insert(100, 7)
print(l, l.pop(), l.pop(0), l.pop(-2), l.index(2), l.count(1), 3 in l, l[1:3], l[-2:], l[::-1], l[::2])
l.sort(); print(l); l.sort(reverse=True); print(l); l.reverse(); print(l); l.remove(3); print(l, len(l))
l[0] = 99; l[1:3] = [7, 8, 9]; print(l); l[::2] = [0] * len(l[::2]); print(l); del l[0]; del l[1:2]; print(l); l.clear(); print(l, [1] * 3, [1] + [2], [[0] * 2 for _ in range(2)])
c = [1, [2]]; d = c.copy(); d[1].append(3); print(c, d, c == d, c is d, [1, 2] < [1, 3], [1] < [1, 0], [] < [1], [1, 2] == (1, 2))
words = ["banana", "Apple", "cherry"]
print(sorted(words), sorted(words, key=str.lower), sorted(words, key=len, reverse=True), sorted([(2, "b"), (1, "z"), (2, "a")]), sorted({"b": 1, "a": 2}))
t = (1, 2, 3)
print(t, t[0], t[-1], t[1:], t + (4,), t * 2, (1,), (), 1 in t, t.index(2), t.count(1), len(t), tuple([1, 2]), hash(t) == hash((1, 2, 3)), t < (1, 2, 4))
x, y = 1, 2; x, y = y, x; print(x, y)
a, *b, c = range(6); print(a, b, c); *a, b = "xyz"; print(a, b); (a, b), [c, d] = (1, 2), (3, 4); print(a, b, c, d); a = b = c = 5; print(a, b, c)
first, *_ = [1]; print(first, _)
d = {"a": 1, "b": 2}
d["c"] = 3; d.update({"d": 4}, e=5); d.setdefault("f", 6); d.setdefault("a", 100)
print(d, d.get("z"), d.get("z", 0), d.pop("a"), d.pop("zz", None), len(d), "b" in d, 1 in d, list(d), list(d.keys()), list(d.values()), list(d.items()), d.popitem())
print(d.keys(), d.values(), d.items(), dict(a=1), dict([("x", 1)]), dict({"y": 2}, z=3), dict.fromkeys("ab", 0), {**d, "q": 1}, d | {"r": 2}, dict(zip("ab", [1, 2])), {1: "a", 1.0: "b", True: "c"})
del d["b"]; print(d, d == {"c": 3, "d": 4, "e": 5}, {"a": 1, "b": 2} == {"b": 2, "a": 1}, {} == {}, not {}, sorted(d.items(), key=lambda kv: -kv[1]))
for k, v in d.items():
    print(k, v, end="; ")
print()
big = {i: i * i for i in range(20)}
for i in range(0, 20, 2):
    del big[i]
big[0] = "again"
print(big, big[3], 4 in big, len(big), list(reversed(big)))
d.clear(); print(d)
print({"k": (1, 2), (1, 2): "t", None: 0, 1.5: "f", "nested": {"x": [1]}, frozenset([1]): 2})
s = {1, 2}
s.add(3); s.discard(1); s.discard(10); s.update([4, 5]); s.remove(4)
print(sorted(s), len(s), 2 in s, sorted(s | {9}), sorted(s & {2, 3}), sorted(s - {2}), sorted(s ^ {2, 9}), s <= {2, 3, 5, 6}, s < s, s == {5, 3, 2}, s.issubset({2, 3, 5}), s.isdisjoint({1}), sorted(s.union([7], [8])), sorted(s.intersection([2])), sorted(s.difference([2])), set(), {1}, frozenset([1]), frozenset())
s |= {10}; s &= {2, 10}; s -= {2}; s ^= {3}
print(sorted(s), type(s), s.pop() in (3, 10), {1, 2} == frozenset([2, 1]), hash(frozenset([1, 2])) == hash(frozenset([2, 1])), {x % 3 for x in range(9)} == {0, 1, 2})
print(range(5), list(range(2, 10, 3)), list(range(5, 0, -2)), len(range(0, 10, 3)), 4 in range(0, 10, 2), 5 in range(0, 10, 2), range(10)[2:5], range(10)[-1], list(range(0)), range(1, 5) == range(1, 5), range(0, 5, 2).step, range(3).count(1), range(5).index(3), list(reversed(range(4))), bool(range(0)))
print(list(zip([1, 2], "ab", (True, False))), list(zip()), list(enumerate("ab")), list(map(lambda a, b: a + b, [1, 2], [3, 4])), list(filter(None, [0, 1, "", "a"])), list(filter(lambda v: v > 1, [1, 2, 3])), any([0, 1]), all([]), all([1, 0]), list(reversed([1, 2])), next(iter([5])), next(iter([]), "def"), list(iter([1, 2])), sum(map(int, "123")))
m = [[1, 2], [3, 4]]
print([x for row in m for x in row], [[row[i] for row in m] for i in range(2)], {x: y for x, y in m}, {x for row in m for x in row if x > 1} == {2, 3, 4}, list(x * 2 for x in [1, 2]), [(i, j) for i in range(3) if i for j in range(i)], [y := 5, y ** 2], [z for z in "ab"][::-1])
print(slice(1, 2), slice(None, 5, 2), [1, 2, 3, 4][slice(1, 3)], slice(1, None).indices(5))
tests = [lambda: [1][5], lambda: [][0], lambda: [1]["a"], lambda: [].pop(), lambda: [1].pop(5), lambda: [1].remove(2), lambda: [1].index(2), lambda: {}["a"], lambda: {}[1, 2], lambda: {}.pop("x"), lambda: {}.popitem(), lambda: {[]: 1}, lambda: {1: 2}[{}], lambda: {[]}, lambda: set().pop(), lambda: {1}.remove(2), lambda: (1,)[3], lambda: (1, 2).index(3), lambda: [1, 2].foo, lambda: {}.foo, lambda: ().append, lambda: [3, "a"].sort(), lambda: sorted([1, None]), lambda: list(5), lambda: dict(5), lambda: dict([1]), lambda: dict([(1, 2, 3)]), lambda: set(5), lambda: tuple(None), lambda: range(1.5), lambda: range(), lambda: range(1, 2, 0), lambda: range(3)[5], lambda: iter(5), lambda: next([]), lambda: next(iter([])), lambda: list(zip([1], 5)), lambda: enumerate(5), lambda: reversed({1}), lambda: reversed(5), lambda: map(5), lambda: list(map(5, [1])), lambda: [1, 2] + (3,), lambda: len(None), lambda: [].append(), lambda: [].append(1, 2), lambda: [].insert(1), lambda: {}.get(), lambda: {}.update(5), lambda: [].extend(5), lambda: [].sort(5), lambda: hash([]), lambda: hash({}), lambda: hash((1, [])), lambda: min(5), lambda: sum(5), lambda: "a" in None, lambda: None[0], lambda: 5[0], lambda: (lambda: 1)[0], lambda: 1(), lambda: "a"(), lambda: None(), lambda: isinstance(1, 1), lambda: issubclass(1, int), lambda: next(5), lambda: [1, 2, 3][::0], lambda: {1, 2}[0], lambda: [].count(), lambda: list(1, 2), lambda: frozenset([1]).add(2), lambda: dict(a=1)["b"], lambda: list(zip([1], [1, 2], strict=True)), lambda: [0] * "a", lambda: getattr(1, 5), lambda: getattr(1, "zz"), lambda: setattr(1, "a", 2), lambda: vars(1), lambda: sorted(1), lambda: int.foo]
for i, f in enumerate(tests):
    try:
        print(i, "ok", f())
    except Exception as e:
        print(i, type(e).__name__, "|", e)
def unpack(v):
    a, b = v
for v in [(1,), (1, 2, 3), 5, "abc", [], None, {}, iter([1]), range(10)]:
    try:
        unpack(v)
    except Exception as e:
        print(type(e).__name__, e)
try:
    a, b, *c = [1]
except ValueError as e:
    print(e)
try:
    for k in big:
        big["x"] = 1
except RuntimeError as e:
    print(e)
try:
    for k in s:
        s.add(99)
except RuntimeError as e:
    print(e)
z = [1, 2, 3]
for q in z:
    if q == 1:
        z.append(4)
print(z)
z += (5,); z *= 2; print(z)
rec = [1]; rec.append(rec); print(rec); rd = {}; rd["self"] = rd; print(rd)

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
import collections
import json

# deque
d = deque([1, 2, 3])
d.append(4)
d.appendleft(0)
print(d, len(d), d[0], d[-1], d.pop(), d.popleft(), d, bool(d), bool(deque()))
d.extend("ab")
d.extendleft([9, 8])
print(d, list(d), list(reversed(d)), 2 in d, "z" in d, d.count("a"), d.index(3), d.index("a", 2), d.index("b", -1))
d.rotate(2)
print(d)
d.rotate(-3)
print(d)
d.rotate()
d.reverse()
d.remove("a")
d.insert(1, "new")
d.insert(-1, "last")
d.insert(100, "end")
d[0] = "first"
del d[2]
print(d, d.copy() == d, d.copy() is d, d.maxlen)
d.clear()
print(d, deque(maxlen=3), deque([1, 2, 3, 4], 2), deque("abc", maxlen=2).maxlen)
m = deque(maxlen=3)
for i in range(6):
    m.append(i)
m.appendleft("x")
m.extend([7, 8])
print(m, m + deque([1]), deque([1]) + m, m * 2, deque([1, 2]) * 2, 2 * deque([3]))
m += [5]
n = deque([1])
n *= 3
print(m, n, deque([1, 2]) == deque([1, 2]), deque([1, 2]) == [1, 2], deque([1]) != deque([2]), deque([1, 2]) < deque([1, 3]), deque([2]) >= deque([1, 5]))
a, *b = deque([1, 2, 3])
print(a, b, [x * 2 for x in deque([1, 2])], sum(deque([1, 2])), max(deque([3, 9, 4])), sorted(deque([3, 1])), tuple(deque("ab")), "-".join(deque("xy")))
print(deque([deque([1]), {"k": 2}]), str(deque(["a"])), f"{deque([1])}", deque(range(3)), type(d).__name__, type(d), deque([None, 1.5]))
w = deque([1, 2, 3])
while w:
    print(w.popleft(), end=" ")
print()
for i in range(20):
    w.append(i)
    if i % 3 == 0:
        w.popleft()
print(w, w[5], w[-5])
w.rotate(4)
print(w)
e = deque([1])
e.extend(e)
print(e, isinstance(e, deque), isinstance([], deque))


class Recent(deque):
    def __init__(self, size):
        super().__init__(maxlen=size)
        self.dropped = 0

    def append(self, item):
        if len(self) == self.maxlen:
            self.dropped += 1
        super().append(item)

    def newest(self):
        return self[-1]


r = Recent(2)
for x in "abcd":
    r.append(x)
print(r, r.dropped, r.newest(), len(r), list(r), r.maxlen, "c" in r, r == deque("cd"))

# defaultdict
dd = defaultdict(list)
dd["a"].append(1)
dd["b"]
dd["a"].append(2)
print(dd, dict(dd), dd["zz"], len(dd), dd.get("q"), "q" in dd, dd.default_factory)
ints = defaultdict(int, {"x": 5}, y=6)
ints["z"] += 1
ints["x"] += 1
print(ints, sorted(ints.items()), sum(ints.values()), json.dumps(ints))
print(defaultdict(lambda: "?", a=1)["nope"], defaultdict(), defaultdict(None, a=1), defaultdict(set)["s"])
nested = defaultdict(lambda: defaultdict(int))
nested["eu"]["ok"] += 2
nested["us"]["bad"] += 1
print({k: dict(v) for k, v in nested.items()})
c = dd.copy()
c["new"].append(0)
print("new" in dd, type(c).__name__, c.default_factory is list, dd == {"a": [1, 2], "b": [], "zz": []})
dd.default_factory = int
print(dd["n"], dd.pop("a"), dd.setdefault("m", 4), dd.popitem(), list(dd), dd | {"k": 1}, {"k": 1} | dd)
dd.update(z=1)
dd |= {"w": 2}
print(dd, isinstance(dd, dict), type(dd), type(dd).__name__, defaultdict.fromkeys("ab", 0))


class Tree(defaultdict):
    def __init__(self):
        super().__init__(Tree)

    def depth(self):
        return 1 + max((v.depth() for v in self.values()), default=0)


t = Tree()
t["a"]["b"]["c"]
print(t.depth(), "b" in t["a"], list(t), t)


class Upper(defaultdict):
    def __missing__(self, key):
        self[key] = value = key.upper()
        return value


u = Upper()
print(u["abc"], u)

# Counter
c = Counter("abracadabra")
print(c, c["a"], c["zz"], "zz" in c, len(c), c.total(), c.most_common(), c.most_common(2), c.most_common(0), c.most_common(100) == c.most_common(None))
print(sorted(c.elements()), Counter(a=2, b=0, c=-1), list(Counter(a=2, b=0, c=-1).elements()), Counter(), Counter(["x", "y", "x"]), Counter({"k": 3}, j=1))
c.update("aaz")
c.update({"b": 10})
c.update(q=2)
print(c)
c.subtract("ab")
c.subtract({"q": 5})
c.subtract(z=1)
print(c, +c, -c, c["q"])
x, y = Counter(a=3, b=1), Counter(a=1, b=2, c=5)
print(x + y, x - y, x & y, x | y, x == y, x != y, x <= y, x < x + y, x + y >= y, Counter(a=1) == Counter(a=1, b=0), x > y)
x += y
print(x)
x -= Counter(a=1)
x &= Counter(a=10, b=1)
x |= Counter(z=1)
print(x)
del x["a"]
del x["missing"]
x["n"] = 7
x["n"] += 1
print(x, dict(x), x.pop("n"), list(x), list(x.items()), json.dumps(x), x.copy(), type(x.copy()).__name__, type(x))
print(Counter(w % 3 for w in range(10)), max(Counter("aab").items(), key=lambda kv: kv[1]), Counter(a=1) == {"a": 1}, Counter([1, 1, 2])[1], bool(Counter()))
print(Counter({1: 2, "x": 2.5}), Counter({"a": "text"}), isinstance(Counter(), dict), {**Counter("ab")}, Counter([(1, 2), (1, 2)]))
status = Counter()
for code in [200, 200, 404, 500, 200]:
    status[code] += 1
print(status, status.most_common(1)[0][0])


class Tally(Counter):
    def top(self):
        return self.most_common(1)[0]


print(Tally("aab").top(), Tally("ab"), Tally("a") + Tally("b"))

# OrderedDict
o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
print(o, list(o))
o.move_to_end("c", last=False)
print(o, o.popitem(), o.popitem(last=False), o, len(o))
o["z"] = 0
o.update(y=1)
print(o == OrderedDict(b=2, z=0, y=1), o == OrderedDict(y=1, b=2, z=0), o == {"y": 1, "b": 2, "z": 0}, o != OrderedDict(), list(reversed(o)), o.copy(), OrderedDict(), OrderedDict(a=1))
print(o | {"n": 1}, {"n": 1} | o, OrderedDict.fromkeys("ab"), OrderedDict.fromkeys("ab", 0), type(o), json.dumps(o), o.pop("z"), o.setdefault("q", 5), list(o.items()), isinstance(o, dict))
o |= {"m": 3}
print(o, list(o.keys()), list(o.values()))


class LRU(OrderedDict):
    def __init__(self, size):
        super().__init__()
        self.size = size

    def __getitem__(self, key):
        self.move_to_end(key)
        return super().__getitem__(key)

    def __setitem__(self, key, value):
        super().__setitem__(key, value)
        if len(self) > self.size:
            self.popitem(last=False)


lru = LRU(2)
lru["a"] = 1
lru["b"] = 2
lru["a"]
lru["c"] = 3
print(list(lru.items()), "b" in lru)
q = OrderedDict((i, i) for i in range(40))
for i in range(35):
    q.popitem(last=False)
q[99] = 1
for i in range(3):
    q.popitem()
print(q, q.popitem(last=False), q.popitem(last=False), list(q))
for i in range(30):
    q[i] = i
    q.move_to_end(i, last=i % 2 == 0)
print(list(q))

# namedtuple
P = namedtuple("P", "x y")
p = P(1, y=2)
print(p, p.x, p.y, p[0], p[-1], len(p), p == (1, 2), (1, 2) == p, p == P(1, 2), hash(p) == hash((1, 2)), p < (1, 3), list(p), P._fields, p._asdict(), p._replace(x=9), P._make([5, 6]))
x, y = p
print(x, y, p + (3,), p * 2, 1 in p, p.index(2), p.count(1), isinstance(p, tuple), isinstance(p, P), type(p), P.__name__, P.__doc__, p[0:1], {p: "key"}[(1, 2)], json.dumps(p), "%s-%s" % p)
D = namedtuple("D", ["host", "port", "tls"], defaults=[443, True])
print(D("h"), D("h", 80), D("h", tls=False), D._field_defaults, D._fields)
print(namedtuple("R", "a class a _b", rename=True)._fields, namedtuple("E", "")(), namedtuple("C", "a, b, c")(1, 2, 3), namedtuple("T", ("q",))(1))


class Point(namedtuple("Point", "x y")):
    __slots__ = ()

    def norm(self):
        return (self.x ** 2 + self.y ** 2) ** 0.5

    @property
    def flipped(self):
        return self._replace(x=self.y, y=self.x)

    def __str__(self):
        return f"<{self.x},{self.y}>"


pt = Point(3, 4)
print(pt, repr(pt), pt.norm(), pt.flipped, repr(pt.flipped), type(pt.flipped).__name__, Point._make("ab"), sorted([Point(2, 1), Point(1, 5)]))


class Base(namedtuple("Base", "a b c")):
    def __new__(cls, a, b=2):
        return super().__new__(cls, a, b, a + b)


print(Base(1), Base(1, 5).c, max([P(1, 2), P(0, 9)]), P(*[7, 8]), P(**{"x": 1, "y": 2}))
users = [P(n, n * n) for n in range(3)]
print([u.y for u in users], sum(u.x for u in users), [x + y for x, y in users])


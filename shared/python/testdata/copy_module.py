import copy
from collections import Counter, OrderedDict, defaultdict, deque, namedtuple
from dataclasses import dataclass, field
from enum import Enum


class Color(Enum):
    RED = 1


nested = {"a": [1, {"b": (1, [2])}], "s": {1, 2}}
c = copy.copy(nested)
d = copy.deepcopy(nested)
nested["a"][1]["b"][1].append(3)
nested["s"].add(9)
print(c, d, c["a"] is nested["a"], d["a"] is nested["a"], c == nested, d == nested)
for v in (1, "s", 2.5, None, True, (1, 2), frozenset([1]), b"x", len, int, print, Color.RED, range(3), 10**30, ...):
    print(copy.copy(v) is v, copy.deepcopy(v) is v, end=" ")
print()
t = (1, [2])
print(copy.copy(t) is t, copy.deepcopy(t) is t, copy.deepcopy(t), copy.deepcopy((1, (2, 3))) == (1, (2, 3)))
cyc = [1]
cyc.append(cyc)
cc = copy.deepcopy(cyc)
print(cc is not cyc, cc[1] is cc, len(cc))
dd = {}
dd["self"] = dd
ee = copy.deepcopy(dd)
print(ee["self"] is ee, ee is not dd)
shared = [1]
pair = copy.deepcopy([shared, shared, {"k": shared}])
print(pair[0] is pair[1], pair[2]["k"] is pair[0], pair[0] is not shared)


class Node:
    kind = "node"

    def __init__(self, v, nxt=None):
        self.v = v
        self.nxt = nxt
        self.tags = []


n = Node(1, Node(2))
n.nxt.nxt = n
m = copy.deepcopy(n)
s = copy.copy(n)
print(m.nxt.nxt is m, m.nxt is not n.nxt, s.nxt is n.nxt, s.tags is n.tags, m.tags is not n.tags, type(m).__name__, m.kind, m.__dict__.keys() == n.__dict__.keys())


class Custom:
    def __init__(self, v):
        self.v = v

    def __copy__(self):
        return Custom(("copied", self.v))

    def __deepcopy__(self, memo):
        return Custom(("deep", copy.deepcopy(self.v, memo), type(memo).__name__))


print(copy.copy(Custom([1])).v, copy.deepcopy([Custom([1])])[0].v)


@dataclass
class Point:
    x: int
    tags: list = field(default_factory=list)


p = Point(1, ["a"])
q, r = copy.copy(p), copy.deepcopy(p)
p.tags.append("b")
print(q, r, q == p, r == p)
N = namedtuple("N", "a b")
print(copy.copy(N(1, [2])), copy.deepcopy(N(1, [2])), type(copy.deepcopy(N(1, 2))).__name__)
dq = deque([[1], 2], maxlen=5)
dq2 = copy.deepcopy(dq)
dq[0].append(9)
print(copy.copy(dq), dq2, dq2.maxlen, copy.copy(dq) is dq)
dd = defaultdict(list, a=[1])
de = copy.deepcopy(dd)
de["b"].append(1)
dd["a"].append(2)
print(dd, de, copy.copy(dd), copy.deepcopy(Counter("aab")), copy.copy(Counter("ab")), copy.deepcopy(OrderedDict(z=[1])))


class L(list):
    pass


l = L([1, [2]])
l.note = ["n"]
k = copy.deepcopy(l)
print(k, type(k).__name__, k.note, k.note is not l.note, copy.copy(l).note is l.note, copy.copy(l))
print(copy.deepcopy(n.__init__).__self__ is not n, copy.deepcopy({(1, 2): [3]}), copy.deepcopy({frozenset([1])}))
memo = {}
copy.deepcopy([1, [2]], memo)
print(len(memo) > 0, issubclass(copy.Error, Exception), copy.error is copy.Error)
e = copy.copy(ValueError("x", 1))
print(repr(e), repr(copy.deepcopy(KeyError(["k"]))))
for bad in ((x for x in [1]),):
    try:
        copy.copy(bad)
    except TypeError as err:
        print(err)
    try:
        copy.deepcopy([bad])
    except TypeError as err:
        print(err)
deep = []
for _ in range(5000):
    deep = [deep]
try:
    copy.deepcopy(deep)
except RecursionError as err:
    print("RecursionError")
for f in (lambda: copy.copy(), lambda: copy.deepcopy(), lambda: copy.copy(1, 2)):
    try:
        f()
    except TypeError as err:
        print(err)

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

P = namedtuple("P", "x y")
TRIES = [
    lambda: deque().pop(), lambda: deque().popleft(), lambda: deque([1])[5], lambda: deque([1])["a"], lambda: deque(5), lambda: deque([], -1), lambda: deque([], "x"),
    lambda: deque([], 1.5), lambda: deque([1]).remove(2), lambda: deque([1]).index(2), lambda: deque([1], 1).insert(0, 2), lambda: deque([1]).rotate("x"), lambda: deque() + [1],
    lambda: [1] + deque(), lambda: deque() * "a", lambda: deque() < [1], lambda: hash(deque()), lambda: deque([1])[0:1], lambda: deque().append(), lambda: deque().append(1, 2),
    lambda: deque().foo, lambda: deque(1, 2, 3), lambda: deque(bad=1), lambda: deque().extend(5), lambda: [x for d in [deque([1, 2])] for x in d if d.append(3) is None],
    lambda: deque().__setitem__(0, 1), lambda: deque().__delitem__(0), lambda: deque().insert("a", 1), lambda: deque().extend(),
    lambda: setattr(deque([1]), "maxlen", 5),
    lambda: defaultdict(5), lambda: defaultdict()["a"], lambda: defaultdict(None)["a"], lambda: defaultdict(int)[[]], lambda: defaultdict(lambda: 1 / 0)["k"], lambda: defaultdict(int, 5),
    lambda: defaultdict(int, {}, {}), lambda: hash(defaultdict()), lambda: defaultdict(int).foo, lambda: defaultdict(lambda x: x)["a"],
    lambda: Counter(5), lambda: Counter([[]]), lambda: Counter.fromkeys("ab"), lambda: Counter("a", "b"), lambda: Counter(a="x") + Counter(a=1), lambda: Counter() + 5, lambda: Counter() - {},
    lambda: Counter(a=1).most_common("x"), lambda: list(Counter(a="x").elements()), lambda: Counter(a="b").total(), lambda: hash(Counter()), lambda: Counter().foo, lambda: Counter().update(1),
    lambda: Counter() < 5, lambda: Counter().pop("a"), lambda: Counter().subtract("a", "b"),
    lambda: OrderedDict().popitem(), lambda: OrderedDict().popitem(last=False), lambda: OrderedDict().move_to_end("x"), lambda: OrderedDict(5), lambda: OrderedDict()["a"], lambda: OrderedDict([1]),
    lambda: OrderedDict().pop("k"), lambda: hash(OrderedDict()), lambda: OrderedDict() < OrderedDict(), lambda: OrderedDict() | 5, lambda: OrderedDict({}, {}),
    lambda: P(1), lambda: P(), lambda: P(1, 2, 3), lambda: P(1, 2, z=3), lambda: P(1, x=2), lambda: P._make([1]), lambda: P(1, 2)._replace(z=1), lambda: P(1, 2)._replace(z=1, w=2), lambda: P(1, 2).z,
    lambda: setattr(P(1, 2), "x", 5), lambda: setattr(P(1, 2), "new", 5), lambda: P(1, 2)[5], lambda: P(1, 2) + 5, lambda: P(1, []).__hash__(), lambda: P(1, 2) < 5, lambda: P._make(5),
    lambda: namedtuple("1a", "x"), lambda: namedtuple("A", "x x"), lambda: namedtuple("A", "_x"), lambda: namedtuple("A", "class"), lambda: namedtuple("A", "x-y"), lambda: namedtuple("A"),
    lambda: namedtuple("A", "x", defaults=[1, 2]), lambda: namedtuple("A", 5), lambda: namedtuple("A", "x", foo=1), lambda: namedtuple("for", "x"), lambda: delattr(P(1, 2), "x"), lambda: P(1, 2).__dict__,
]
for i, f in enumerate(TRIES):
    try:
        r = f()
        print(i, "no error:", r)
    except Exception as e:
        print(i, type(e).__name__, e, type(e.__cause__).__name__)


def fail_in_new():
    return P(1)


fail_in_new()

class A:
    x = 1
    items = []

    def __init__(self, v):
        self.v = v

    def who(self):
        return "A"

    def __repr__(self):
        return f"{type(self).__name__}({self.v!r})"

    def __eq__(self, o):
        if not isinstance(o, A):
            return NotImplemented
        return self.v == o.v

    def __lt__(self, o):
        return self.v < o.v

    def __hash__(self):
        return hash(self.v)

    def __add__(self, o):
        return A(self.v + (o.v if isinstance(o, A) else o))

    def __radd__(self, o):
        return A(o + self.v)

    def __iadd__(self, o):
        self.v += o
        return self

    def __len__(self):
        return self.v

    def __getitem__(self, i):
        if i >= 3:
            raise IndexError(i)
        return i * self.v

    def __contains__(self, x):
        return x == self.v

    def __call__(self, *a, **k):
        return (a, k)

    def __bool__(self):
        return self.v > 0

    def __neg__(self):
        return A(-self.v)

    def __format__(self, spec):
        return f"<{spec}>"

    def __str__(self):
        return f"str{self.v}"

    def __enter__(self):
        return self

    def __exit__(self, t, v, tb):
        print("exit", t and t.__name__, v)
        return False


a = A(3)
print(a, repr(a), [a], {a: 1}, a == A(3), a != A(3), a == 3, a < A(4), a > A(1), sorted([A(3), A(1)]), a + 1, 1 + a, a + a, len(a), a[1], list(a), 3 in a, 4 in a, a(1, k=2), bool(A(0)), -a, f"{a:xyz}", f"{a}", "%s" % a, {a: "x"}[A(3)], max([A(1), A(5)]))
a += 10
print(a.v, a.x, A.x, a.who(), A.who(a), a.__class__, type(a) is A, isinstance(a, A), a.__dict__, A.__name__, A.__mro__, A.__bases__, hasattr(a, "v"), getattr(a, "zz", "def"))
with a as q:
    print(q is a)
try:
    with a:
        raise KeyError("k")
except KeyError as e:
    print("caught", e)


class B(A):
    def __init__(self, v, w):
        super().__init__(v)
        self.w = w

    def who(self):
        return "B" + super().who()

    x = 2


class C(A):
    def who(self):
        return "C" + super().who()


class D(B, C):
    def who(self):
        return "D" + super().who()


d = D(1, 2)
print(d.who(), D.__mro__, d, d.w, issubclass(D, A), isinstance(d, C), isinstance(d, (int, B)), D.x, super(B, d).who())
A.items.append(1)
print(B.items, d.items is A.items)
A.x = 50
print(A.x, B.x, C.x)
d.x = "own"
print(d.x, D.x)
del d.x
print(d.x)
B.newm = lambda self: "new" + str(self.v)
print(d.newm())


class P:
    def __init__(self):
        self._t = 0

    @property
    def t(self):
        "doc t"
        return self._t

    @t.setter
    def t(self, v):
        if v < 0:
            raise ValueError("neg")
        self._t = v

    @t.deleter
    def t(self):
        print("del t")

    @property
    def ro(self):
        return 1

    @staticmethod
    def s(x):
        return x * 2

    @classmethod
    def c(cls, x=1):
        return cls.__name__, x

    class Inner:
        z = 5

    def __getattr__(self, n):
        if n.startswith("dyn_"):
            return n[4:]
        raise AttributeError(n)


p = P()
p.t = 5
print(p.t, P.s(2), p.s(3), P.c(), p.c(x=4), P.Inner.z, p.dyn_abc, P.Inner.__qualname__)
del p.t
for f in [lambda: setattr(p, "t", -1), lambda: setattr(p, "ro", 1), lambda: delattr(p, "ro"), lambda: p.nope, lambda: P.nope, lambda: P(1), lambda: A(), lambda: A(1, 2), lambda: B(1), lambda: object().x, lambda: setattr(object(), "x", 1), lambda: A.who(), lambda: P.c(y=1), lambda: a + "x", lambda: a < 5, lambda: len(P()), lambda: P()[0], lambda: P()(), lambda: iter(P()), lambda: P() + 1, lambda: -P(), lambda: P() < P(), lambda: "a" in P(), lambda: setattr(int, "x", 1), lambda: int.zz, lambda: hash(E()), lambda: del_missing(p)]:
    try:
        print("ok", f())
    except Exception as e:
        print(type(e).__name__, "|", e)


class E:
    def __eq__(self, o):
        return True


try:
    hash(E())
except TypeError as e:
    print(e)
print(E() == 1, E() != 1, E() in [1, 2])


class It:
    def __init__(self, n):
        self.n = n

    def __iter__(self):
        return self

    def __next__(self):
        if self.n == 0:
            raise StopIteration
        self.n -= 1
        return self.n


print(list(It(3)), sum(It(4)), [*It(2)], max(It(3)), dict(zip("ab", It(2))), 1 in It(3))
x, y = It(2)
print(x, y)


class Meta:
    registry = []

    def __init_subclass__(cls, tag=None, **kw):
        super().__init_subclass__(**kw)
        cls.tag = tag
        Meta.registry.append(cls.__name__)


class M1(Meta, tag="one"):
    pass


class M2(M1):
    pass


print(Meta.registry, M1.tag, M2.tag)


class Desc:
    def __set_name__(self, owner, name):
        self.name = name

    def __get__(self, obj, owner):
        return f"get {self.name}" if obj else self

    def __set__(self, obj, v):
        print("set", self.name, v)


class HasDesc:
    f = Desc()


h = HasDesc()
h.f = 5
print(h.f, type(HasDesc.f).__name__)


class New:
    def __new__(cls, *a):
        o = super().__new__(cls)
        o.made = a
        return o

    def __init__(self, *a):
        self.init = a


print(New(1, 2).made, New(1).init)


class Chain:
    def __init__(self):
        self.ops = []

    def add(self, x):
        self.ops.append(x)
        return self


print(Chain().add(1).add(2).ops)
T = type("T", (A,), {"k": 1})
print(T(1), T.k, type(T), type(1), type("a"), type(None), type([]), type(print), type(lambda: 1), type(A), type(a.who).__name__)
try:
    class Bad(B, A, B):
        pass
except TypeError as e:
    print(e)
try:
    class Bad2(A, B):
        pass
except TypeError as e:
    print(e)
print(vars(p), callable(a), callable(5), callable(A), callable(a.who), object.__name__)
print([n for n in dir(p) if not n.startswith("__")])
a.new_attr = 1
a.__dict__
print(sorted(a.__dict__), a.who.__name__, A.who.__qualname__, a.who.__self__ is a, a.who == a.who)

class Base:
    count = 0

    def __init__(self, name="x"):
        self.name = name
        Base.count += 1

    def greet(self, other="you"):
        return f"hi {other} from {self.name}"

    @property
    def upper(self):
        return self.name.upper()

    @staticmethod
    def add(a, b=2):
        return a + b

    @classmethod
    def make(cls, name):
        return cls(name)


class Child(Base):
    def greet(self, other="all"):
        return super().greet(other) + "!"


c = Child.make("bob")
print(c.greet(), c.upper, c.add(1), Child.add(3, 4), Base.count)
h = {"Authorization": f"Bearer {c.name}", "X": f"{1 + 1:>4}|{3.14159:.2f}"}
print(h, len(h), h["X"], h.get("Y"), list(h.items()))


def f(a, b=1, *args, c, d=4, **kw):
    return (a, b, args, c, d, kw)


print(f(1, c=3), f(1, 2, 3, 4, c=5, e=6))
print([x * y for x in range(3) for y in range(3) if x != y])
print({k: v for k, v in zip("abc", range(3))}, {1, 2, 3}, (1,), [], {})


def gen(n):
    for i in range(n):
        got = yield i
        if got:
            print("got", got)
    return "done"


g = gen(3)
print(next(g), g.send("hello"), next(g))
try:
    next(g)
except StopIteration as e:
    print("stop", e.value)
print(sum(x for x in gen(10)), list(gen(3)), max(3, 1, 2), sorted([3, 1, 2], reverse=True))
try:
    {}["a"]
except KeyError as e:
    print(repr(e), e)
try:
    None.foo
except AttributeError as e:
    print(e)
finally:
    print("finally")
x = 0
while x < 5:
    x += 1
    if x == 2:
        continue
    if x == 4:
        break
else:
    print("no")
print(x, 10 ** 30, 7 // 2, -7 // 2, -7 % 3, 2 ** -1, 1 / 3)
a, *b = 1, 2, 3
print(a, b, a < 2 < 3, "x" in "xyz", not a, a and b, None or "d")
print("%s %5d %-5s| %r" % ("a", 3, "b", "c"), "{:>5} {x}".format(1, x=2))


def counter():
    n = 0

    def inc():
        nonlocal n
        n += 1
        return n
    return inc


i = counter()
i()
print(i(), (lambda z: z + 1)(4))
with_ok = []


class CM:
    def __enter__(self):
        with_ok.append("enter")
        return self

    def __exit__(self, *exc):
        with_ok.append(exc[0])
        return True


with CM() as cm:
    raise ValueError("x")
print(with_ok)
print(c.missing)

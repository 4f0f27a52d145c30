class Stack(list):
    def push(self, x):
        self.append(x)
        return self

    def __getitem__(self, i):
        return ("got", super().__getitem__(i))


s = Stack([1, 2])
s.push(3)
print(s, len(s), s[0], list(s), s == [1, 2, 3], isinstance(s, list), 2 in s, s + [4], type(s).__name__, bool(Stack()), sorted(s), sum(s), s.count(1))


class Counter(dict):
    def __missing__(self, k):
        return 0

    def inc(self, k):
        self[k] = self[k] + 1


c = Counter(a=5)
c.inc("a"); c.inc("b")
print(c, c["zz"], c.get("zz"), len(c), list(c.items()), "a" in c, isinstance(c, dict), {**c}, dict(c), c == {"a": 6, "b": 1})


class D2(dict):
    def __init__(self, *a, **k):
        super().__init__(*a, **k)
        self.extra = 1

    def __setitem__(self, k, v):
        super().__setitem__(k, v * 2)


d = D2({"x": 1}, y=2)
d["z"] = 5
print(d, d.extra)


class Name(str):
    def shout(self):
        return self.upper() + "!"


n = Name("bob")
print(n, n.shout(), n + "x", len(n), n == "bob", {n: 1}["bob"], {"bob": 2}[n], isinstance(n, str), n[0], f"{n:>5}", n in ["bob"], repr(n), "%s" % n, n.join(["a", "b"]))


class Num(int):
    def __add__(self, o):
        return Num(int(self) + int(o) + 100)

    def double(self):
        return Num(self * 2)


x = Num(5)
print(x, x + 1, x.double(), x * 3, x == 5, x < 6, hash(x) == hash(5), [1, 2, 3, 4, 5, 6][x], range(x), type(x + 1).__name__, int(x), float(x), f"{x:03d}", -x, abs(x))


class Point(tuple):
    def __new__(cls, x, y):
        return super().__new__(cls, (x, y))

    @property
    def x(self):
        return self[0]


p = Point(1, 2)
print(p, p.x, p == (1, 2), len(p), p + (3,), [*p])
a, b = p
print(a, b)


class F(float):
    pass


print(F(1.5), F(1.5) + 1, round(F(2.567), 1), F("2"))


class S(set):
    pass


st = S([1, 2])
st.add(3)
print(sorted(st), len(st), 1 in st, sorted(st | {9}))


class MyErr(ValueError):
    code = 7

    def __init__(self, msg, extra=None):
        super().__init__(msg)
        self.extra = extra


class StrErr(Exception):
    def __str__(self):
        return "custom " + str(self.args)


try:
    raise MyErr("bad", extra=3)
except ValueError as e:
    print(type(e).__name__, e, e.args, e.extra, e.code, repr(e), isinstance(e, MyErr))
try:
    raise StrErr(1, 2)
except Exception as e:
    print(e, repr(e), e.args)
print(str(ValueError()), str(ValueError(1)), str(ValueError(1, 2)), repr(ValueError("a", 1)), str(KeyError("a")), str(KeyError()), repr(KeyError("k")), ValueError("a").args, OSError(2, "No such file").errno, str(OSError(2, "No such file")))

class Num:
    def __init__(self, v):
        self.v = v

    def __repr__(self):
        return f"Num({self.v})"

    def __add__(self, o):
        return Num(self.v + (o.v if isinstance(o, Num) else o)) if isinstance(o, (Num, int)) else NotImplemented

    __radd__ = __add__

    def __rsub__(self, o):
        return ("rsub", o)

    def __rmul__(self, o):
        return ("rmul", o)

    def __rtruediv__(self, o):
        return ("rtruediv", o)

    def __rpow__(self, o):
        return ("rpow", o)

    def __rmod__(self, o):
        return ("rmod", o)

    def __rlshift__(self, o):
        return ("rlshift", o)

    def __ror__(self, o):
        return ("ror", o)

    def __rmatmul__(self, o):
        return ("rmatmul", o)

    def __iadd__(self, o):
        self.v += 100
        return self

    def __neg__(self):
        return Num(-self.v)

    def __pos__(self):
        return "pos"

    def __invert__(self):
        return "invert"

    def __abs__(self):
        return "abs"

    def __index__(self):
        return self.v

    def __float__(self):
        return float(self.v)

    def __round__(self, n=None):
        return ("round", n)

    def __format__(self, spec):
        return f"<{spec}>"

    def __bool__(self):
        return self.v != 0

    def __call__(self, *a, **k):
        return a, k

    def __len__(self):
        return self.v

    def __contains__(self, x):
        return x == self.v

    def __reversed__(self):
        return iter(["r"])

    def __lt__(self, o):
        return self.v < o.v

    def __eq__(self, o):
        return isinstance(o, Num) and self.v == o.v

    def __hash__(self):
        return hash(self.v)

    def __del__(self):
        pass


n = Num(2)
print(n + 1, 1 + n, n + Num(3), sum([Num(1), Num(2)]))
print(5 - n, 5 * n, 5 / n, 5 ** n, 5 % n, 5 << n, 5 | n, 5 @ n)
n += 1
print(n, -n, +n, ~n, abs(n), float(n), round(n), round(n, 2))
print(f"{n:>10}", format(n, "x"), "{:abc}".format(n), "{0!r:>10}".format(n))
print(bool(Num(0)), n(1, k=2), len(Num(4)), 4 in Num(4), list(reversed(n)))
print([10, 20, 30, 40][Num(2)], "x" * Num(3), list(range(Num(3))), hex(Num(255)), int(Num(7)))
print(sorted([Num(3), Num(1)]), max(Num(1), Num(5)), {Num(1): "one"}[Num(1)])
for bad in (lambda: n + "x", lambda: "x" + n, lambda: n - 1, lambda: n <= 3, lambda: n[0], lambda: n @ 2, lambda: iter(n)):
    try:
        print(bad())
    except TypeError as e:
        print(e)


class Missing(dict):
    def __missing__(self, key):
        self[key] = key * 2
        return self[key]


m = Missing()
print(m["ab"], m, m.get("zz"))


class Seq:
    def __getitem__(self, i):
        if isinstance(i, slice):
            return (i.start, i.stop, i.step)
        if i > 3:
            raise IndexError(i)
        return i * i


print(list(Seq()), 4 in Seq(), Seq()[1:2], Seq()[::3], [*Seq()])


class Ctx:
    def __enter__(self):
        print("enter")
        return self

    def __exit__(self, kind, value, tb):
        print("exit", kind.__name__ if kind else None, value)
        return kind is KeyError


with Ctx() as c, Ctx():
    raise KeyError("k")
print("on")


class It:
    def __init__(self):
        self.n = 0

    def __iter__(self):
        return self

    def __next__(self):
        self.n += 1
        if self.n > 3:
            raise StopIteration
        return self.n


print(list(It()), dict(zip("ab", It())), max(It()), tuple(It()), sum(It()), iter(It()) is not None)

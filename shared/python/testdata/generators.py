def count(n):
    i = 0
    while i < n:
        x = yield i
        if x is not None:
            print("recv", x)
            i = x
        else:
            i += 1
    return "total"


g = count(5)
print(next(g), next(g), g.send(3), next(g))
try:
    next(g)
except StopIteration as e:
    print("done", e.value)
print(list(count(3)), list(g), next(g, "empty"))


def sub():
    r = yield from count(2)
    print("sub got", r)
    yield from "ab"
    yield from [1, 2]
    return r


print(list(sub()))


def tryer():
    for i in range(3):
        try:
            yield i
        except ValueError as e:
            print("caught", e)
            yield "handled"
        finally:
            print("fin", i)


t = tryer()
print(next(t), t.throw(ValueError("v")), next(t))
try:
    t.throw(KeyError("z"))
except KeyError as e:
    print("escaped", e)
print(list(t))


def withgen():
    class C:
        def __enter__(self):
            print("in")
            return 5

        def __exit__(self, *a):
            print("out", a[0])

    with C() as c:
        yield c
        yield c + 1
    yield "after"


print(list(withgen()))


def branches(n):
    if n > 1:
        yield "big"
        if n > 2:
            yield "bigger"
        else:
            yield "two"
    elif n == 1:
        yield "one"
    else:
        yield "zero"
    for a in range(2):
        for b in range(2):
            if a == b:
                continue
            yield (a, b)
        else:
            yield "else"
    while n:
        n -= 1
        yield n
        if n == 1:
            break
    else:
        yield "while-else"


for n in range(4):
    print(list(branches(n)))


def expr():
    x = (yield 1) + (yield 2)
    print("sum", x)
    y = [(yield 3), 4, (yield 5)]
    print(y)
    print("call", (yield 6), sep=":")
    z = yield
    print("z", z)
    d = f"{(yield 7)}!"
    return d


e = expr()
print(next(e), e.send(10), e.send(20), e.send("a"), e.send("b"), e.send("c"), e.send("zz"))
try:
    e.send("last")
except StopIteration as s:
    print(s.value)


def fib():
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


f = fib()
print([next(f) for _ in range(10)])


def take(n, it):
    for i, v in enumerate(it):
        if i >= n:
            return
        yield v


print(list(take(5, fib())), sum(x * x for x in range(5)), list(x for x in "abc" if x != "b"), max(len(w) for w in ["a", "bbb"]), dict((k, v) for k, v in [("a", 1)]), any(x > 2 for x in range(5)))
gg = (x for x in range(3))
print(next(gg), list(gg), list(gg), type(gg).__name__)


def raises():
    yield 1
    raise ValueError("boom")


try:
    for x in raises():
        print(x)
except ValueError as e:
    print(e)


def stop():
    yield 1
    raise StopIteration


try:
    list(stop())
except RuntimeError as e:
    print(e, repr(e.__cause__))
try:
    count(1).send(5)
except TypeError as e:
    print(e)


def selfref():
    yield next(me)


me = selfref()
try:
    next(me)
except ValueError as e:
    print(e)


class Tree:
    def __init__(self, v, kids=()):
        self.v, self.kids = v, kids

    def __iter__(self):
        yield self.v
        for k in self.kids:
            yield from k


print(list(Tree(1, [Tree(2, [Tree(3)]), Tree(4)])))


def closer():
    try:
        while True:
            yield 1
    finally:
        print("cleanup")


c = closer()
next(c)
c.close()
print(next(c, "closed"))


def fin_yield():
    try:
        yield 1
        raise ValueError("x")
    finally:
        yield "in finally"


try:
    for v in fin_yield():
        print(v)
except ValueError as err:
    print("then", err)


def ret_in_try():
    try:
        yield 1
        return "r"
    finally:
        print("f")


try:
    r = ret_in_try()
    next(r)
    next(r)
except StopIteration as s:
    print(s.value)


def aug():
    total = 0
    total += yield total
    total += yield total
    assert (yield total) == "ok"
    del total
    yield "end"


a = aug()
print(next(a), a.send(5), a.send(6), a.send("ok"))

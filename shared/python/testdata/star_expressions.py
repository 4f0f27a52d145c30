def pair(*rest):
    return *rest, "end"


print(pair(1, 2), pair())
a = [1, 2]
for x in *a, 3:
    print(x, end=" ")
print()
t = *a, *"xy"
print(t, [*a, *a], {*a, 9}, {**{"k": 1}, "j": 2})
first, *middle, last = range(5)
print(first, middle, last)
(p, *q), [r, *s] = "abc", (1, 2, 3)
print(p, q, r, s)
*only, = "hi"
print(only)
d = {}
d["a"], *d["rest"] = 1, 2, 3
print(d)


def f(*args, k=0, **kw):
    return args, k, kw


print(f(*a, *a, k=1, **{"z": 1}, **{"y": 2}))
print(f(0, *a, 5, **{}))


def gen():
    yield *a, 3
    return *a, 4


g = gen()
print(next(g))
try:
    next(g)
except StopIteration as e:
    print(e.value)
for bad in (lambda: f(*3), lambda: f(**[1]), lambda: f(**{1: 2})):
    try:
        bad()
    except TypeError as e:
        print(e)
for left, value in (("a, b", (1,)), ("a, b", (1, 2, 3)), ("a, *b, c", (1,)), ("a, b", 5), ("a, b", None)):
    try:
        if left == "a, b":
            x, y = value
        else:
            x, *y, z = value
    except (TypeError, ValueError) as e:
        print(left, type(e).__name__, e)
i = [0]
i[0], j = 1, i[0]
print(i, j)
m = n = [1]
m += [2]
print(n)

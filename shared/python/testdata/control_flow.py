def log(tag, value):
    print(tag, end=" ")
    return value


def finally_return():
    try:
        return log("try", 1)
    finally:
        print("finally")


def finally_wins():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                break
            print("body", i)
        finally:
            print("f", i)
    else:
        print("not reached")
    try:
        raise ValueError("lost")
    finally:
        return "won"


def nested():
    try:
        try:
            raise KeyError("a")
        except KeyError as e:
            raise ValueError("b") from e
        finally:
            print("inner")
    except ValueError as e:
        print(repr(e), repr(e.__cause__), repr(e.__context__), e.__suppress_context__)
    else:
        print("no")
    finally:
        print("outer")


print(finally_return(), finally_wins())
nested()
print(log("a", 1) < log("b", 3) > log("c", 2) == log("d", 2))
print(log("a", 5) < log("b", 3) < log("never", 1))
while True:
    try:
        break
    finally:
        print("loop finally")
for i in []:
    pass
else:
    print("empty else")
try:
    raise ValueError("x") from None
except ValueError as e:
    print(e.__cause__, e.__suppress_context__)
    e.add_note("note one")
    e.add_note("note two")
    print(e.__notes__)
try:
    e
except NameError as err:
    print(err)
total = 0
if (n := 5) > 3 and (m := n * 2):
    total = n + m
print(total, [y := 1, y ** 2], [last := x for x in range(3)], last)
global total2
total2 = 4
print(total2)


class Body:
    squares = []
    for k in range(3):
        squares.append(k * k)
    if len(squares) == 3:
        even = [s for s in squares if s % 2 == 0]
    else:
        even = None
    del k
    table = {name: len(name) for name in ("ab", "c")}

    def method(self, x=squares):
        return x


print(Body.squares, Body.even, Body.table, hasattr(Body, "k"), Body().method())


def positional(a, b=2, /, c=3, *, d, e=5):
    return a, b, c, d, e


print(positional(1, d=4), positional(1, 9, c=8, d=7, e=6))
for call in (lambda: positional(1), lambda: positional(a=1, d=2), lambda: positional(1, 2, 3, 4, d=1), lambda: positional(d=1), lambda: positional(1, d=1, z=2)):
    try:
        call()
    except TypeError as e:
        print(e)
deco = [lambda f: f, lambda f: lambda: f() * 2]


@deco[1]
@(lambda f: lambda: f() + 1)
def decorated():
    return 10


print(decorated())
x = [1, 2, 3, 4]
del x[0], x[-1]
print(x)
del (x)
try:
    x
except NameError as e:
    print(e)
print("a", "b", sep="-", end="!\n")
print(*[1, 2], sep="\n")
print(int("１２"), float(" 1_0.5 "), int("-0b11", 0), "٣".isdigit())
print(sorted([(1, "b"), (0, "z"), (1, "a")], key=lambda p: p[0]), sorted("bAc", key=str.lower, reverse=True))
